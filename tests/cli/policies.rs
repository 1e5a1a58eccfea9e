//! Policies of the user's own: with the place of what is wrong, and what they can do.

use crate::harness::{CONFIG, DESIGN, Place, findings, place_of, refused, stderr, stdout};

const RULE: &str = r#"policy = 1
extends = "aws-ecs-fargate"
[rule."acme/spread"]
for = "service"
when = 'param.zones > 1'
assert = 'out("placed-in").map(e, e.zone).distinct().size() > 1'
severity = "high"
message = 'r.name + " runs in one zone"'
"#;

/// What is said of the shipped design with one thing changed; `word` is what is pointed at.
#[track_caller]
fn misspelt(right: &str, wrong: &str, word: &str, said: &str) {
    let at = DESIGN.find(right).expect("the design says so");
    let text = DESIGN.replacen(right, wrong, 1);
    let pointed = &text[..at + wrong.find(word).expect("part of it") + word.len()];
    let place = Place::new().write("policies/mine.toml", &text);
    let output = place.check(&["--policies", "policies"]);
    refused(&output, 2, &[&place_of("policies/mine.toml", pointed, word), said, &"^".repeat(word.len())]);
}

#[test]
fn a_misspelt_kind_is_pointed_at() {
    misspelt(
        "\"aws.nat_gateway\"",
        "\"aws.nat_gatewya\"",
        "\"aws.nat_gatewya\"",
        "did you mean `aws.nat_gateway`?",
    );
}

#[test]
fn a_misspelt_field_is_pointed_at() {
    misspelt(
        "!r.map_public_ip_on_launch",
        "!r.map_public_ip_on_lunch",
        "map_public_ip_on_lunch",
        "map_public_ip_on_launch",
    );
}

#[test]
fn a_misspelt_parameter_is_pointed_at() {
    misspelt("s.zone in param.zone_names", "s.zone in param.zone_name", "zone_name", "zone_names");
}

#[test]
fn a_misspelt_function_is_pointed_at() {
    misspelt("bound.map(s, s.zone).distinct()", "bound.map(s, s.zone).distnict()", "distnict", "distinct");
}

#[test]
fn a_misspelt_relation_is_pointed_at() {
    misspelt(
        "out(\"terminates-tls-with\")",
        "out(\"terminates-tsl-with\")",
        "\"terminates-tsl-with\"",
        "terminates-tls-with",
    );
}

#[test]
fn a_misspelt_key_is_pointed_at() {
    misspelt("severity = \"high\"\nwhy", "severty = \"high\"\nwhy", "severty", "did you mean `severity`?");
}

#[test]
fn a_wrong_type_in_an_expression_is_pointed_at() {
    misspelt("r.public_ips.size() > 0", "r.public_ips.size() > \"0\"", ">", "int");
}

#[test]
fn a_policy_is_named_from_the_folder_that_one_stands_in() {
    let config = format!("policies = \"policies\"\n{CONFIG}");
    let rule = RULE.replace("size() > 1", "size() > 9");
    let place = Place::with(&config).write("policies/custom/acme.toml", rule).write("below/here", "");
    let told = |from: &str| {
        let mut program = place.program(&["check", "--env", "dev", "--output", "sarif"]);
        let output = program.current_dir(place.path(from)).output().expect("it starts");
        let sarif: serde_json::Value = serde_json::from_slice(&output.stdout).expect("SARIF");
        let results = sarif["runs"][0]["results"].as_array().expect("results").clone();
        let of_rule = results.into_iter().find(|it| it["ruleId"] == "aws-ecs-fargate/rule.acme/spread");
        of_rule.expect("it fails")["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone()
    };
    assert_eq!(told("."), "policies/custom/acme.toml");
    // Outside of it, where it is.
    let elsewhere = place.path("policies/custom/acme.toml");
    assert_eq!(told("below"), format!("file://{}", elsewhere.display()));
}

#[test]
fn a_rule_of_the_users_own_is_judged_with_the_design() {
    let place = Place::new().write("policies/custom/acme.toml", RULE);
    let (report, code) = place.report(&["--policies", "policies"]);
    let found = findings(&report, "rule.acme/spread");
    assert_eq!((code, found.len()), (0, 2));
    assert!(found.iter().all(|finding| finding["status"] == "PASS"));
    assert_eq!(found[0]["policy"]["file"], "policies/custom/acme.toml");

    // Where a service does run in one zone, it says so in its own words.
    let path = format!("{}/fixtures/aws-ecs-fargate-broken/snapshot.ndjson", env!("CARGO_MANIFEST_DIR"));
    let place = place.write("account.ndjson", std::fs::read(path).expect("the fixture"));
    let (report, code) = place.report(&["--policies", "policies"]);
    let found = findings(&report, "rule.acme/spread");
    let told: Vec<_> = found.iter().map(|f| (f["status"].as_str(), f["message"].as_str())).collect();
    let expected =
        [(Some("PASS"), Some("backend: holds")), (Some("FAIL"), Some("frontend runs in one zone"))];
    assert_eq!((code, &told[..]), (1, &expected[..]));
    let table = place.check(&["--policies", "policies"]);
    assert!(stdout(&table).contains("rule.acme/spread"), "{}", stdout(&table));

    let explained = place.run(&["explain", "rule.acme/spread", "--policies", "policies"]);
    assert_eq!(explained.status.code(), Some(0), "{}", stderr(&explained));
}

#[test]
fn a_rule_about_a_node_that_is_not_there_is_pointed_at() {
    let text = RULE.replace("\"service\"", "\"servcie\"");
    let output = Place::new().write("policies/acme.toml", &text).check(&["--policies", "policies"]);
    refused(&output, 2, &[&place_of("policies/acme.toml", &text, "\"servcie\""), "did you mean `service`?"]);
}

#[test]
fn policies_that_are_not_there_are_told() {
    refused(&Place::new().check(&["--policies", "nowhere"]), 2, &["can't read the policies in nowhere"]);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let text = RULE.replace("r.name", "r.nmae").replace("param.zones", "param.zoens");
    let output = Place::new().write("policies/acme.toml", &text).check(&["--policies", "policies"]);
    refused(&output, 2, &["nmae", "zoens"]);
}
