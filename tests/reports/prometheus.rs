//! `prometheus`, read by promtool, by the strict parser of `OpenMetrics`, and by a server that scrapes it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::consumers::{ENVS, content, python, report, report_with};
use crate::scraped::scraped;

/// `promtool check metrics`, lints included.
fn promtool(text: &str) -> Output {
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

/// Every sample as the strict parser reads it: name, labels, value.
#[track_caller]
fn samples(path: &Path) -> Vec<(String, Value, f64)> {
    serde_json::from_str(&content(&mut python("openmetrics.py"), [path])).expect("samples")
}

#[track_caller]
fn accepted(path: &Path, text: &str) -> Vec<(String, Value, f64)> {
    let Output { status, stdout, stderr } = promtool(text);
    let said = [stdout, stderr].concat();
    assert!(status.success() && said.is_empty(), "{}", String::from_utf8_lossy(&said));
    samples(path)
}

#[test]
fn promtool_and_a_strict_parser_take_every_env() {
    for env in ENVS {
        let metrics = report(env, "prometheus");
        let samples = accepted(&metrics.path, &metrics.text());
        assert!(samples.iter().all(|(_, labels, _)| labels["env"] == env));
        assert!(samples.iter().any(|(name, ..)| name == "stacks_audit_findings"));
    }
}

#[test]
fn what_is_broken_is_refused() {
    let metrics = report("dev", "prometheus");
    let text = metrics.text();
    let broken = [
        text.replacen("{env=\"dev\"", "{env=\"d\"ev\"", 1),
        text.replacen("# TYPE stacks_audit_status gauge", "# TYPE stacks_audit_status mood", 1),
        // The older format knows no end.
        format!("{text}stacks_audit_status{{env=\"other\",status=\"PASS\"}} 1\n"),
    ];
    for (n, broken) in broken.iter().enumerate() {
        assert_eq!(promtool(broken).status.success(), n == 2, "{broken}");
        std::fs::write(&metrics.path, broken).expect("a file");
        let read = python("openmetrics.py").arg(&metrics.path).output().expect("it starts");
        assert!(!read.status.success(), "{broken}");
    }
    let unit = text.replace("_duration_seconds", "_duration_milliseconds");
    assert!(!promtool(&unit).status.success(), "lints count");
}

#[test]
fn a_server_scrapes_every_env_and_counts_as_the_report_does() {
    let metrics: Vec<_> = ENVS.iter().map(|env| report(env, "prometheus")).collect();
    let each = "sum by (job, env, status) (stacks_audit_findings)";
    let verdicts = "stacks_audit_status == 1";
    let fresh = "time() - stacks_audit_captured_timestamp_seconds > 0";
    let answers = scraped(&[each, verdicts, fresh], &metrics);

    for env in ENVS {
        let report: Value = serde_json::from_str(&report(env, "json").text()).expect("a report");
        for job in ["openmetrics", "text"] {
            for (status, key) in [
                ("PASS", "pass"),
                ("FAIL", "fail"),
                ("UNKNOWN", "unknown"),
                ("NOT_APPLICABLE", "not_applicable"),
            ] {
                let here = json!({ "job": job, "env": env, "status": status });
                let found = answers[0].iter().find(|answer| answer["metric"] == here).expect("a count");
                assert_eq!(found["value"][1], report["summary"][key].to_string(), "{here}");
            }
            let of = |answer: &&Value| answer["metric"]["env"] == env && answer["metric"]["job"] == job;
            let verdict: Vec<_> = answers[1].iter().filter(of).collect();
            assert_eq!(verdict.len(), 1, "{verdict:?}");
            assert_eq!(verdict[0]["metric"]["status"], report["status"]);
        }
    }
    assert_eq!(answers[2].len(), 2 * ENVS.len());
}

/// Named by somebody who would like to end the file, to close a label, and to write on the terminal.
const HOSTILE: &str = "x\"} 1\n# EOF\n\\\u{1b}[2J\u{2028}\u{202e},a=\"=cmd";

#[test]
fn hostile_names_stay_in_their_label() {
    let folder = TempDir::new().expect("a folder");
    let quoted = serde_json::to_string(HOSTILE).expect("a string");
    let snapshot = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/aws-ecs-fargate/snapshot.ndjson");
    let recorded = std::fs::read_to_string(snapshot).expect("the snapshot");
    let account = recorded
        .replace(r#""name":"backend","scope""#, &format!(r#""name":{quoted},"scope""#))
        .replace(r#""name":"dev-public-a""#, &format!(r#""name":{quoted}"#));
    assert_ne!(account, recorded);
    std::fs::write(folder.path().join("account.ndjson"), account).expect("a file");
    // TOML reads the escapes of JSON's strings.
    let config = format!(
        "[env.{quoted}]\nname = \"dev\"\nfrom = \"account.ndjson\"\n[env.{quoted}.design.aws-ecs-fargate]\n\
         hosts = [\"app.dev.example.com\"]\nrepositories = [\"app/backend\", \"app/frontend\"]\n"
    );
    let path = folder.path().join("stacks-audit.toml");
    std::fs::write(&path, config).expect("a file");
    let metrics = report_with(&["--config", path.to_str().expect("text"), "--env", HOSTILE], "prometheus");
    let text = metrics.text();
    assert_eq!(text.matches("\n# EOF").count(), 1);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    let samples = accepted(&metrics.path, &text);
    assert!(
        samples
            .iter()
            .all(|(_, labels, _)| labels["env"] == r#"x"} 1\n# EOF\n\\u{1b}[2J\u{2028}\u{202e},a="=cmd"#)
    );
}
