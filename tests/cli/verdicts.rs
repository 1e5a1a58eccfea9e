//! What is no verdict looks like none, wherever it is read: somebody may see a report and no exit code.

use crate::harness::{Place, refused, stderr, stdout};

#[test]
fn facts_that_were_to_be_live_are_nowhere_green() {
    const WHY: &str =
        "there is no verdict: the facts are recorded, and --require-live asks for the account itself";
    let place = Place::new();
    for (format, said, green) in [
        ("table", "No verdict: the facts are recorded", "✓ PASS  dev "),
        ("markdown", "**This is no verdict: ", "dev is PASS"),
        ("html", "This is no verdict: ", "as far as that was assessed"),
        ("svg", "This is no verdict: ", "stacks-audit: dev: PASS"),
        ("mermaid", "UNKNOWN", "aws-ecs-fargate: PASS"),
        ("junit", "<error type=\"no verdict\"", "errors=\"0\" time"),
        ("sarif", "This is no verdict: ", "\"noVerdict\":null"),
        ("prometheus", "stacks_audit_no_verdict{env=\"dev\"} 1", "stacks_audit_no_verdict{env=\"dev\"} 0"),
        ("json", "\"no_verdict\": \"the facts are recorded", "\"no_verdict\": null"),
    ] {
        let output = place.check(&["--require-live", "--output", format]);
        assert_eq!(output.status.code(), Some(4), "{format}");
        assert!(stderr(&output).contains(WHY), "{}", stderr(&output));
        let text = stdout(&output);
        assert!(text.contains(said), "{format}: {said}\n{text}");
        assert!(!text.contains(green), "{format}: {green}\n{text}");
        // Without the demand it is a verdict, and green.
        let output = place.check(&["--output", format]);
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert!(!stdout(&output).contains(said) && stdout(&output) != text, "{format}");
    }
}

#[test]
fn what_became_of_the_baseline_is_told_in_a_terminal() {
    let place = Place::new();
    let earlier = place.check(&["--output", "json=earlier.json"]);
    assert_eq!(earlier.status.code(), Some(0), "{}", stderr(&earlier));
    let table = place.check(&["--baseline", "earlier.json"]);
    assert!(stdout(&table).contains(": 0 new, 0 changed, 0 as before, 0 gone"), "{}", stdout(&table));

    let text = std::fs::read_to_string(place.path("earlier.json")).expect("there");
    let mut earlier: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let findings = earlier["audits"][0]["findings"].as_array_mut().expect("findings");
    let mut gone = findings.iter().find(|it| it["check"] == "aws-ecs-fargate/node.vpc").expect("one").clone();
    (gone["id"], gone["status"], gone["subject"]["name"]) = ("gone".into(), "FAIL".into(), "old-one".into());
    findings.push(gone);
    let place = place.write("earlier.json", earlier.to_string());
    let table = place.check(&["--baseline", "earlier.json"]);
    assert_eq!(table.status.code(), Some(0), "{}", stderr(&table));
    let told = stdout(&table);
    assert!(told.contains(", 1 gone") && told.contains("aws-ecs-fargate/node.vpc  old-one"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_link_to_stdout_is_stdout() {
    let place = Place::new();
    std::os::unix::fs::symlink("/dev/stdout", place.path("link")).expect("linked");
    refused(&place.check(&["--output", "json=link", "--output", "table"]), 2, &["more than one report"]);
    refused(&place.check(&["--output", "json=below/"]), 2, &["below/ names a folder"]);

    // Redirected to a file, which others write to as well.
    let mut file = std::fs::File::create(place.path("all")).expect("made");
    std::io::Write::write_all(&mut file, b"before\n").expect("written");
    let mut program = place.program(&["check", "--env", "dev", "--output", "json=link"]);
    let ended = program.stdout(file).status().expect("it starts");
    assert_eq!(ended.code(), Some(0));
    let all = std::fs::read_to_string(place.path("all")).expect("there");
    let report = all.strip_prefix("before\n").expect("what was there stays");
    serde_json::from_str::<serde_json::Value>(report).expect("the report, whole");
    assert!(place.path("link").is_symlink());
}
