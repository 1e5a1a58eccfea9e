//! `collect`, `record` and `bind` of an account with a cluster.

use crate::emulator::Emulator;
use crate::program::{CONFIG, Program, files};
use crate::recordings::shows_nothing;

const DESIGN: &str = "[env.dev-eks.design.aws-eks-rest-api]";

#[test]
fn a_snapshot_of_account_and_cluster_judges_as_they_did() {
    let emulator = Emulator::with("eks-broken");
    let program = Program::on_eks(&emulator);
    let live = program.check(&["--level", "hardening"]);
    assert_eq!(live.code, 1);
    for file in ["facts.ndjson", "facts.ndjson.zst"] {
        program.done(&["collect", "--env", "dev-eks", "-o", file]);
        let judged = program.check(&["--level", "hardening", "--from", file]);
        assert_eq!((judged.code, judged.verdicts()), (1, live.verdicts()), "{file}");
    }
    let facts = std::fs::read_to_string(program.path("facts.ndjson")).expect("a snapshot");
    assert!(facts.contains("k8s.pod") && !facts.contains("emulated-secret-value"));
}

#[test]
fn a_recording_shows_no_secret_no_token_and_no_address_of_its_making() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    for (way, folder) in [
        (r#"context = "viewer""#, "by-token"),
        (r#"context = "admin""#, "by-certificate"),
        (r#"eks = "example-stacks-nonprod-ew2-eks""#, "by-eks"),
    ] {
        program.enter(way);
        program.done(&["record", "--env", "dev-eks", "-o", folder]);
        let folder = program.path(folder);
        shows_nothing(&folder);
        let files = files(&folder);
        assert!(files.iter().any(|(path, _)| path.to_string_lossy().contains("k8s")), "{way}");
        for (name, text) in files {
            for mark in ["emulated-secret-value", "emulated-viewer", "127.0.0.1", "localhost", "k8s-aws-v1"] {
                assert!(!text.contains(mark), "{way}: {} holds {mark}", name.display());
            }
        }
    }
}

#[test]
fn bind_says_how_to_find_a_cluster_that_is_tagged_otherwise() {
    let emulator = Emulator::with("eks");
    let program = Program::on_eks(&emulator);
    let told = program.done(&["bind", "--env", "dev-eks"]);
    assert!(!told.contains("This would bind more"), "{told}");

    // The same account, where no cluster has the tag that the env's is told by: of two, the API server is one's.
    program.configure(&CONFIG.replace(DESIGN, &format!("{DESIGN}\ncore_env = \"staging\"")));
    let blind = program.check(&[]);
    assert_eq!(blind.code, 1);
    assert!(blind.with("FAIL").contains("node.cluster"), "{:?}", blind.checks());
    let told = program.done(&["bind", "--env", "dev-eks"]);
    let (_, proposal) =
        told.split_once("This would bind more").unwrap_or_else(|| panic!("no proposal: {told}"));
    let (_, lines) = proposal.split_once('\n').expect("more lines");
    let ours = r#"cluster = 'r.name == "example-stacks-nonprod-ew2-eks"'"#;
    assert!(lines.contains(ours), "{lines}");

    let config = std::fs::read_to_string(program.path("stacks-audit.toml")).expect("a configuration");
    program.configure(&format!("{config}\n{lines}"));
    let seeing = program.check(&[]);
    assert_eq!(seeing.code, 0, "{:?}\n{told}", seeing.checks());
}
