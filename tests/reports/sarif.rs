//! `sarif`, valid by the standard's schema and by the rules of the SDK's validator (the standard's and GitHub's), and what
//! GitHub's documentation asks for beyond them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::consumers::{ENVS, content, node, python, report, report_with};
use crate::hostile;
use crate::projected::{earlier, findings, project, stored, texts, waived, with};

/// Their runs, which both validators are content with, and GitHub takes. Of many at once: the validator is slow to start.
#[track_caller]
fn valid<const N: usize>(reports: [&Path; N]) -> [Value; N] {
    content(&mut python("sarif.py"), reports);
    content(&mut node("sarif_validate.js"), reports);
    reports.map(|path| {
        let text = std::fs::read_to_string(path).expect("the report");
        let log: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(log["version"], "2.1.0");
        assert!(log["$schema"].as_str().expect("GitHub wants it").contains("sarif-2.1.0"));
        let [run] = log["runs"].as_array().expect("runs").as_slice() else { panic!("one run a report") };
        taken_by_github(run);
        run.clone()
    })
}

/// "SARIF support for code scanning": required, unique, within limits.
#[track_caller]
fn taken_by_github(run: &Value) {
    let text =
        |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).expect("not empty").to_owned();
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let mut ids = BTreeSet::new();
    for rule in rules {
        assert!(ids.insert(text(&rule["id"])), "a rule twice");
        for name in ["shortDescription", "fullDescription"] {
            assert!(text(&rule[name]["text"]).chars().count() <= 1024);
        }
        text(&rule["help"]["text"]);
        assert!(["note", "warning", "error"].contains(&&*text(&rule["defaultConfiguration"]["level"])));
        let score = &rule["properties"]["security-severity"];
        let score = score.as_str().map_or(0.1, |score| score.parse::<f64>().expect("a number"));
        assert!(score > 0.0 && score <= 10.0);
        let tags = rule["properties"]["tags"].as_array().expect("tags");
        assert!(tags.len() <= 10 && tags.contains(&json!("security")));
    }
    let results = run["results"].as_array().expect("results, even if there are none");
    assert!(results.len() <= 25_000 && rules.len() <= 25_000);
    let mut fingerprints = BTreeSet::new();
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[rule]["id"], result["ruleId"]);
        text(&result["message"]["text"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert!(!text(&place["artifactLocation"]["uri"]).starts_with('/'));
        for column in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["region"][column].as_u64().expect("a number") > 0);
        }
        let hash = text(&result["partialFingerprints"]["primaryLocationLineHash"]);
        assert!(fingerprints.insert((rule, hash)), "two findings would be one alert");
    }
    let category = text(&run["automationDetails"]["id"]);
    assert!(category.starts_with("stacks-audit/") && category.ends_with('/'), "{category}");
}

fn count(run: &Value, member: &str, value: &str) -> usize {
    run["results"].as_array().expect("results").iter().filter(|result| result[member] == value).count()
}

#[test]
fn no_verdict_is_told_of_the_execution() {
    let mut run = stored("dev");
    run["no_verdict"] = "the facts are recorded".into();
    let [told] = valid([&project(&run, None, "sarif").path]);
    let notification = &told["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(
        (&notification["level"], &notification["descriptor"]["id"]),
        (&json!("error"), &json!("no-verdict"))
    );
    assert_eq!(notification["message"]["text"], "This is no verdict: the facts are recorded.");
}

#[test]
fn failures_and_doubts_are_results() {
    let reports = ENVS.map(|env| report(env, "sarif"));
    for (env, run) in ENVS.into_iter().zip(valid(reports.each_ref().map(|report| report.path.as_path()))) {
        let mut stored = stored(env);
        let mut status = |status: &str| findings(&mut stored).filter(|f| f["status"] == status).count();
        assert_eq!(count(&run, "kind", "fail"), status("FAIL"), "{env}");
        assert_eq!(count(&run, "kind", "open"), status("UNKNOWN"), "{env}");
        assert_eq!(run["results"].as_array().expect("results").len(), status("FAIL") + status("UNKNOWN"));
        assert_eq!(run["properties"]["summary"]["pass"], status("PASS"), "{env}");
        let judged: BTreeSet<String> =
            findings(&mut stored).map(|f| f["check"].as_str().expect("text").to_owned()).collect();
        let verdicts = run["properties"]["verdicts"].as_object().expect("verdicts");
        assert!(verdicts.keys().eq(&judged), "{env}");
    }
}

#[test]
fn what_was_denied_or_is_not_judged_is_a_notification() {
    let [run] = valid([&report("denied", "sarif").path]);
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
    let says = |id: &str, words: &str| {
        told.iter().any(|n| {
            n["descriptor"]["id"] == id && n["message"]["text"].as_str().expect("text").contains(words)
        })
    };
    assert!(says("unread", "ec2:DescribeNatGateways"));
    assert!(says("unassessed", "GitHub repository"));
    let open = run["results"].as_array().expect("results").iter().find(|result| result["kind"] == "open");
    // The standard takes `none`, GitHub the rule's level.
    assert_eq!(open.expect("a doubt").get("level"), None);
}

#[test]
fn what_is_waived_is_suppressed_and_still_there() {
    let broken = stored("broken");
    let whole = project(&broken, None, "sarif");
    let [whole, run] = valid([&whole.path, &project(&waived(broken, "FAIL"), None, "sarif").path]);
    assert_eq!(count(&run, "kind", "fail"), count(&whole, "kind", "fail"));
    for result in run["results"].as_array().expect("results") {
        let [suppression] = result["suppressions"].as_array().expect("a list").as_slice() else {
            panic!("one suppression")
        };
        let why = suppression["justification"].as_str().expect("text");
        assert!(why.contains("Moves in OPS-412") && why.contains("2027-01-31"), "{why}");
    }
}

#[test]
fn hostile_text_is_text() {
    let texts = texts();
    let accounts = [0, 1, 2, 3].map(|n| hostile::account(&texts[n]));
    let accounts = accounts.map(|account| report_with(&account.arguments(), "sarif"));
    valid(accounts.each_ref().map(|report| report.path.as_path()));
    report_with(&hostile::account(&hostile::long()).arguments(), "sarif");

    let broken = stored("broken");
    let runs = [0, 1, 2, 3, 4].map(|n| project(&with(broken.clone(), &texts[n]), None, "sarif"));
    valid(runs.each_ref().map(|run| run.path.as_path()));
    for run in runs {
        let written = run.text();
        assert!(written.chars().all(|c| c == '\n' || !c.is_control()));
        assert!(written.len() < 1_000_000, "{}", written.len());
    }
}

#[test]
fn beside_a_baseline_results_have_states() {
    let broken = stored("broken");
    let run = project(&broken, Some(&earlier("denied")), "sarif");
    let mended = project(&stored("dev"), Some(&earlier("broken")), "sarif");
    let same = project(&broken, Some(&broken), "sarif");
    let [run, mended, same] = valid([&run.path, &mended.path, &same.path]);
    let results = run["results"].as_array().expect("results");
    assert!(results.iter().all(|result| result["baselineState"].is_string()));
    for state in ["new", "updated", "absent"] {
        assert!(count(&run, "baselineState", state) > 0, "{state}");
    }
    // What failed and passes now is told, though a pass is no result otherwise.
    assert!(count(&mended, "kind", "pass") > 0);
    assert_eq!(
        count(&same, "baselineState", "unchanged"),
        same["results"].as_array().expect("results").len()
    );
}

#[test]
fn a_broken_file_is_refused() {
    let whole = project(&stored("broken"), None, "sarif");
    for (what, by, reader) in [
        ("\"kind\":\"fail\"", "\"kind\":\"bad\"", python("sarif.py")),
        ("\"startLine\":", "\"startLine\":-", node("sarif_validate.js")),
        ("\"ruleIndex\":", "\"ruleIndex\":9", node("sarif_validate.js")),
    ] {
        let text = whole.text();
        let broken = text.replacen(what, by, 1);
        assert_ne!(broken, text);
        let mut reader = reader;
        let said = reader.arg(whole.other(&broken)).output().expect("it starts");
        assert!(!said.status.success(), "{by}");
    }
}
