use super::*;
use crate::model::run::Baseline;
use crate::report::sample;
use crate::report::text::hidden;

fn written(run: &Run) -> Value {
    written_by(&Sarif::default(), run)
}

fn written_by(sarif: &Sarif, run: &Run) -> Value {
    let mut bytes = Vec::new();
    sarif.write(run, &mut bytes).expect("memory takes every byte");
    let log: Value = serde_json::from_slice(&bytes).expect("JSON");
    log["runs"][0].clone()
}

fn result<'v>(run: &'v Value, check: &str) -> &'v Value {
    let results = run["results"].as_array().expect("results");
    results.iter().find(|r| r["ruleId"] == format!("aws-ecs-fargate/{check}")).expect("it is told")
}

#[test]
fn what_fails_or_is_not_known_is_told_and_nothing_else() {
    let run = written(&sample::run());
    let kinds: Vec<&str> =
        run["results"].as_array().expect("results").iter().filter_map(|r| r["kind"].as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "fail").count(), 7);
    assert_eq!(kinds.iter().filter(|kind| **kind == "open").count(), 2);
    assert_eq!(kinds.len(), 9);
    assert_eq!(run["properties"]["verdicts"]["aws-ecs-fargate/node.vpc"], "PASS");
    assert_eq!(run["properties"]["verdicts"]["aws-ecs-fargate/edge.task-registry"], "NOT_APPLICABLE");
    assert_eq!(run["results"][0]["properties"]["severity"], "high", "the worst first");
}

#[test]
fn unknown_has_no_level_of_its_own_so_that_it_is_none_or_the_rules() {
    let run = written(&sample::run());
    let open = result(&run, "node.database");
    assert_eq!(open["kind"], "open");
    assert_eq!(open.get("level"), None);
    assert!(open["message"]["text"].as_str().expect("text").starts_with("UNKNOWN: database"));
    assert_eq!(result(&run, "node.nat")["level"], "error");
}

#[test]
fn a_waiver_is_a_suppression_and_said() {
    let run = written(&sample::run());
    let waived = result(&run, "node.database/private");
    assert_eq!(waived["kind"], "fail");
    assert_eq!(waived["suppressions"][0]["status"], "accepted");
    let why = waived["suppressions"][0]["justification"].as_str().expect("text");
    assert!(why.contains("OPS-412") && why.contains("data@example.com") && why.contains("2027-01-31"));
    assert!(waived["message"]["text"].as_str().expect("text").contains("OPS-412"));
    assert_eq!(result(&run, "node.nat")["suppressions"], json!([]), "all or none have them");
}

#[test]
fn findings_of_one_line_stay_apart() {
    let run = written(&sample::run());
    let results = run["results"].as_array().expect("results");
    let mut hashes: Vec<&str> =
        results.iter().filter_map(|r| r["partialFingerprints"]["primaryLocationLineHash"].as_str()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), results.len());
}

#[test]
fn nothing_in_a_message_is_a_link_or_an_argument() {
    assert_eq!(
        literal("[free](https://evil.example) {0} {a} {12}"),
        "[free] (https://evil.example) {{0}} {a} {{12}}"
    );
    let mut run = sample::run();
    for finding in &mut run.audits[0].findings {
        finding.subject.name = "\u{0}\u{202e}[x](y)".repeat(1 << 16);
        finding.evidence =
            vec![sample::evidence("fact", json!("v".repeat(1 << 16)), "", "ec2:DescribeVpcs"); 99];
    }
    let run = written(&run);
    let told = result(&run, "node.nat");
    assert!(!told["message"]["text"].as_str().expect("text").contains("]("));
    assert_eq!(told["properties"]["evidence"].as_array().expect("facts").len(), FACTS);
    assert_eq!(told["properties"]["evidenceLeftOut"], 99 - FACTS);
    assert!(run.to_string().len() < 300_000, "{}", run.to_string().len());
}

#[test]
fn beside_a_baseline_every_result_has_a_state() {
    let mut run = sample::run();
    for finding in &mut run.audits[0].findings {
        finding.change = Some(if finding.status == Status::Pass { Change::Updated } else { Change::New });
    }
    let mut gone = sample::finding("node.gone", "aws.vpc", "vpc-gone", "gone");
    gone.status = Status::Fail;
    run.baseline = Some(Baseline {
        env: "dev".into(),
        captured_at: sample::time(),
        snapshot_digest: String::new(),
        absent: vec![gone],
    });
    let run = written(&run);
    assert_eq!(result(&run, "node.gone")["baselineState"], "absent");
    assert_eq!(result(&run, "node.nat")["baselineState"], "new");
    let mended = result(&run, "node.vpc");
    assert_eq!((&mended["kind"], &mended["level"]), (&json!("pass"), &json!("none")));
    assert_eq!(mended["baselineState"], "updated");
    assert_eq!(result(&written(&sample::run()), "node.nat").get("baselineState"), None);
}

#[test]
fn what_github_would_refuse_is_left_out_and_counted() {
    let run = written_by(&Sarif { results: 4 }, &sample::run());
    assert_eq!(run["results"].as_array().expect("results").len(), 4);
    let said = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str();
    assert!(said.expect("text").starts_with("5 results"), "{said:?}");
    assert!((0..4).all(|n| run["results"][n]["kind"] == "fail"), "the worst stay");
}

#[test]
fn no_field_hides_what_it_says() {
    let (run, fields) = sample::saying("\u{1b}]0;\u{7}\u{202e}\u{2066}\u{200b}\u{2028}\u{fffe}");
    assert!(fields > 150, "only {fields} fields take text");
    let mut bytes = Vec::new();
    Sarif::default().write(&run, &mut bytes).expect("memory takes every byte");
    let text = String::from_utf8(bytes).expect("text");
    assert_eq!(text.find(|c| c != '\n' && hidden(c)), None, "{text}");
    serde_json::from_str::<Value>(&text).expect("JSON");
}
