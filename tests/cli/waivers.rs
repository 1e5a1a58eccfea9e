//! Deviations that somebody accepts, and what keeps that from becoming a habit.

use serde_json::Value;

use crate::harness::{CONFIG, Place, SNAPSHOT, findings, place_of, refused, stderr, stdout};

/// Today, for all these tests.
const TODAY: &str = "2026-12-01";

/// A waivers file whose last waiver is gone.
const NONE: &str = "waiver = []\n";

const WAIVER: &str = r#"[[waiver]]
check = "aws-ecs-fargate/node.secret_github"
reason = "Moves to OPS-412"
owner = "data@example.com"
approved_by = "secops@example.com"
created = 2026-11-01
expires = 2026-12-31
"#;

/// An account that lacks the secret that the waiver is about, with waivers.
fn place(waivers: &str) -> Place {
    let account = SNAPSHOT.replace(r#""name":"github""#, r#""name":"gitlab""#);
    Place::with(CONFIG).write("account.ndjson", account).write("policies/waivers.toml", waivers)
}

fn report(waivers: &str, arguments: &[&str]) -> (Value, i32) {
    place(waivers).report(&[&["--policies", "policies", "--as-of", TODAY], arguments].concat())
}

#[test]
fn without_one_the_deviation_fails() {
    let (report, code) = report(NONE, &[]);
    assert_eq!(code, 1);
    assert_eq!(findings(&report, "node.secret_github")[0]["status"], "FAIL");
    assert_eq!(report["summary"]["fail"], 1);
}

#[test]
fn what_is_waived_is_accepted_and_still_fails() {
    let (report, code) = report(WAIVER, &[]);
    assert_eq!(code, 0);
    let finding = findings(&report, "node.secret_github")[0];
    assert_eq!(finding["status"], "FAIL");
    assert_eq!(finding["disposition"]["owner"], "data@example.com", "{}", finding["disposition"]);
    assert_eq!(report["status"], "FAIL");
    assert_eq!(report["summary"]["waived"], 1);
    let table = place(WAIVER).check(&["--policies", "policies", "--as-of", TODAY]);
    let table = stdout(&table);
    for shown in ["FAIL waived", "Moves to OPS-412", "until 2026-12-31", "approved by secops@example.com"] {
        assert!(table.contains(shown), "{shown}\n{table}");
    }
}

#[test]
fn an_expired_one_resurfaces_and_is_listed() {
    let last = &["--as-of", "2026-12-31"];
    let place = place(WAIVER);
    let on = |day: &[&str]| place.report(&[&["--policies", "policies"], day].concat());
    assert_eq!(on(last).1, 0, "it holds on its last day");
    let (report, code) = on(&["--as-of", "2027-01-01"]);
    assert_eq!(code, 1);
    assert!(findings(&report, "node.secret_github")[0]["disposition"].is_null());
    assert!(report["waivers"]["expired"][0].as_str().is_some_and(|told| told.contains("node.secret_github")));
    let table = place.check(&["--policies", "policies", "--as-of", "2027-01-01"]);
    assert!(stdout(&table).contains("expired"), "{}", stdout(&table));
}

#[test]
fn one_that_is_yet_to_begin_covers_nothing() {
    let on = |day| place(WAIVER).report(&["--policies", "policies", "--as-of", day]);
    assert_eq!(on("2026-11-01").1, 0, "it holds from its first day on");
    let (report, code) = on("2026-10-31");
    assert_eq!(code, 1);
    assert_eq!(report["waivers"]["unused"].as_array().map(Vec::len), Some(1));
}

#[test]
fn one_that_covers_nothing_is_listed() {
    let unused = WAIVER.replace("node.secret_github", "node.vpc");
    let (report, code) = report(&unused, &[]);
    assert_eq!(code, 1);
    assert!(report["waivers"]["unused"][0].as_str().is_some_and(|told| told.contains("node.vpc")));
    let table = place(&unused).check(&["--policies", "policies", "--as-of", TODAY]);
    assert!(stdout(&table).contains("match nothing"), "{}", stdout(&table));
}

#[test]
fn another_envs_waiver_is_none_of_this_one() {
    let (report, code) = report(&WAIVER.replace("reason", "env = \"test\"\nreason"), &[]);
    assert_eq!(code, 1);
    assert_eq!(report["waivers"]["unused"].as_array().map(Vec::len), Some(0));
}

#[test]
fn one_for_an_env_that_there_is_not_is_doubted() {
    let config = CONFIG.replace("[env.dev]", "[env.test]\nname = \"dev\"").replace("[env.dev.", "[env.test.");
    let said = |env: &str| {
        let waiver = WAIVER.replace("reason", &format!("env = \"{env}\"\nreason"));
        let account = SNAPSHOT.replace(r#""name":"github""#, r#""name":"gitlab""#);
        let place =
            Place::with(&config).write("account.ndjson", account).write("policies/waivers.toml", waiver);
        let output = place.run(&["check", "--env", "test", "--policies", "policies", "--as-of", TODAY]);
        (output.status.code(), stderr(&output).to_owned())
    };
    assert_eq!(said("dev"), (Some(0), String::new()));
    for (env, meant) in [("dve", "did you mean `dev`?"), ("test", "[env.test] goes by `dev`")] {
        let (code, told) = said(env);
        assert_eq!(code, Some(1));
        let doubt =
            format!("policies/waivers.toml:2: waives for env `{env}`, and none goes by that name: {meant}");
        assert!(told.contains(&doubt), "{told}");
    }
}

#[test]
fn a_condition_narrows_it() {
    let sg = |name: &str| {
        let rule =
            "[rule.\"acme/named\"]\nfor = \"vpc\"\nassert = 'r.name == \"x\"'\nmessage = '\"wrong name\"'\n";
        let rule = format!("policy = 1\nextends = \"aws-ecs-fargate\"\n{rule}");
        let waiver = WAIVER
            .replace("node.secret_github\"", &format!("rule.acme/named\"\nmatch = 'r.name == \"{name}\"'"));
        Place::new().write("policies/rule.toml", rule).write("policies/waivers.toml", waiver)
    };
    let code = |place: &Place| place.report(&["--policies", "policies", "--as-of", TODAY]).1;
    assert_eq!(code(&sg("dev-app")), 0);
    assert_eq!(code(&sg("other")), 1);
}

#[test]
fn unknown_is_waived_by_name_alone() {
    // The list of secrets was denied: it can't be told whether there is one.
    let denied = SNAPSHOT.lines().filter(|line| !line.starts_with(r#"{"kind":"aws.secret""#)).map(|line| {
        if line.contains("secretsmanager:ListSecrets") && line.starts_with(r#"{"ledger"#) {
            line.replace(r#""outcome":"complete""#, r#""outcome":"denied""#)
        } else if line.starts_with(r#"{"end""#) {
            let resources = SNAPSHOT.lines().filter(|line| line.starts_with(r#"{"kind""#));
            let left = resources.filter(|line| !line.starts_with(r#"{"kind":"aws.secret""#)).count();
            let (before, _) = line.split_once(r#""resources":"#).expect("counts");
            format!("{before}\"resources\":{left}}}}}")
        } else {
            line.to_owned()
        }
    });
    let account = denied.collect::<Vec<_>>().join("\n") + "\n";
    let run = |waivers: &str| {
        let place = place(waivers).write("account.ndjson", &account);
        place.report(&["--policies", "policies", "--as-of", TODAY])
    };
    let disposition = |waivers: &str| {
        let (report, _) = run(waivers);
        let finding = findings(&report, "node.secret_github")[0].clone();
        assert_eq!(finding["status"], "UNKNOWN");
        finding["disposition"].clone()
    };
    assert!(disposition(WAIVER).is_null());
    let named = format!("{WAIVER}covers = [\"UNKNOWN\"]\n");
    assert!(!disposition(&named).is_null());
    assert_eq!(run(&named).1, 3, "the others stay open");
}

#[test]
fn a_pinned_state_that_changed_resurfaces() {
    let (first, _) = report(NONE, &[]);
    let state = findings(&first, "node.secret_github")[0]["state_hash"].as_str().expect("a hash").to_owned();
    let pinned = format!("{WAIVER}state = \"{state}\"\n");
    assert_eq!(report(&pinned, &[]).1, 0);
    let other = format!("{WAIVER}state = \"{}\"\n", "0".repeat(64));
    assert_eq!(report(&other, &[]).1, 1);
}

#[test]
fn what_makes_it_no_waiver_is_pointed_at() {
    for (right, wrong, word, said) in [
        (
            "secops@example.com",
            "Data@example.com ",
            "\"Data@example.com \"",
            "nobody approves a waiver of their own",
        ),
        ("expires = 2026-12-31\n", "", "[[waiver]]", "`expires` is missing"),
        ("expires = 2026-12-31", "expires = 2026-10-31", "2026-10-31", "it expires before it was created"),
        (
            "node.secret_github",
            "node.secret_gihub",
            "\"aws-ecs-fargate/node.secret_gihub\"",
            "node.secret_github",
        ),
        ("reason =", "raeson =", "raeson", "did you mean `reason`?"),
        ("reason", "match = 'r.nmae == \"x\"'\nreason", "nmae", "did you mean `name`?"),
    ] {
        let text = WAIVER.replace(right, wrong);
        let output = place(&text).check(&["--policies", "policies"]);
        refused(&output, 2, &[said]);
        if word != "[[waiver]]" {
            refused(&output, 2, &[&place_of("policies/waivers.toml", &text, word), "^"]);
        }
    }
}
