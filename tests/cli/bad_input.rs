//! Configurations and arguments that are wrong.

use crate::harness::{CONFIG, Place, place_of, refused};

#[test]
fn an_unknown_env_is_answered_with_those_there_are() {
    let place = Place::with(&format!("{CONFIG}[env.production.aws]\n"));
    let output = place.run(&["--env", "dve"]);
    refused(&output, 2, &["there is no env `dve`", "did you mean `dev`?", "envs there: dev, production"]);
}

#[test]
fn no_configuration_says_where_it_looked() {
    let place = Place::empty();
    let looked = place.path("stacks-audit.toml").canonicalize().unwrap_or(place.path("stacks-audit.toml"));
    let folder = looked.parent().and_then(|folder| folder.file_name()).expect("a folder").to_string_lossy();
    let output = place.run(&["--env", "dev"]);
    refused(&output, 2, &["there is no `stacks-audit.toml`", &*folder, "--config FILE"]);
}

#[test]
fn a_configuration_that_is_named_and_not_there_is_told() {
    refused(&Place::new().check(&["--config", "other.toml"]), 2, &["can't read other.toml"]);
}

#[test]
fn the_configuration_is_found_from_a_folder_below() {
    let place = Place::new().write("a/b/c.txt", "");
    let mut command = place.program(&["--env", "dev"]);
    let output = command.current_dir(place.path("a/b")).output().expect("it starts");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn bad_toml_is_pointed_at() {
    let config = "[env.dev\nfrom = 1\n";
    let output = Place::with(config).check(&[]);
    refused(&output, 2, &["unclosed table", "stacks-audit.toml:1:9", "[env.dev", "^"]);
}

#[test]
fn a_misspelt_key_is_pointed_at_with_what_was_meant() {
    for (right, wrong, said) in [
        ("from =", "form =", "did you mean `from`?"),
        ("repositories =", "repositorys =", "did you mean `repositories`?"),
        ("[env.dev]", "[enf.dev]", "did you mean `env`?"),
    ] {
        let config = CONFIG.replace(right, wrong);
        let word = wrong.trim_matches(['[', ']', '=', ' ']).trim_end_matches(".dev");
        let output = Place::with(&config).check(&[]);
        refused(&output, 2, &[&place_of("stacks-audit.toml", &config, word), said, &"^".repeat(word.len())]);
    }
}

#[test]
fn a_value_of_the_wrong_type_is_pointed_at() {
    let config = CONFIG.replace(r#"["app.dev.example.com"]"#, "7");
    let output = Place::with(&config).check(&[]);
    refused(
        &output,
        2,
        &[&place_of("stacks-audit.toml", &config, "7"), "`hosts` is declared as list<string>"],
    );
}

#[test]
fn a_parameter_that_must_be_set_is_told_with_what_it_is() {
    let config = CONFIG.replace("hosts =", "# hosts =");
    let output = Place::with(&config).check(&[]);
    refused(&output, 2, &["wants a value for its parameter `hosts`", "the public names", "list<string>"]);
}

#[test]
fn a_select_of_the_users_own_is_checked_where_it_stands() {
    for (select, word, said) in [
        ("r.nmae == 'x'", "nmae", "did you mean `name`?"),
        ("r.name == 7", "==", "string"),
        ("r.name.starstWith('x')", "starstWith", "startsWith"),
        ("r.name", "name", "bool"),
    ] {
        let config = format!("{CONFIG}[env.dev.design.aws-ecs-fargate.select]\nvpc = \"{select}\"\n");
        let output = Place::with(&config).check(&[]);
        refused(&output, 2, &["stacks-audit.toml:7:", said, "^"]);
        if word != "==" {
            refused(&output, 2, &[&place_of("stacks-audit.toml", &config, word)]);
        }
    }
    let config = format!("{CONFIG}[env.dev.design.aws-ecs-fargate.select]\nvcp = \"true\"\n");
    let output = Place::with(&config).check(&[]);
    refused(&output, 2, &[&place_of("stacks-audit.toml", &config, "\"true\""), "did you mean `vpc`?"]);
}

#[test]
fn a_design_that_changed_since_it_was_pinned_is_not_judged_by() {
    let config = format!("{CONFIG}digest = \"{}\"\n", "0".repeat(64));
    let output = Place::with(&config).check(&[]);
    refused(&output, 2, &["is not the design that env dev is pinned to", &"0".repeat(64)]);

    let (report, _) = Place::new().report(&[]);
    let digest = report["audits"][0]["design"]["digest"].as_str().expect("a digest");
    let config = format!("{CONFIG}digest = \"{digest}\"\n");
    assert_eq!(Place::with(&config).check(&[]).status.code(), Some(0));
}

#[test]
fn an_unknown_design_is_answered_with_those_there_are() {
    let output = Place::new().check(&["--design", "aws-ecs"]);
    refused(&output, 2, &["env dev does not follow aws-ecs", "aws-ecs-fargate"]);
    let output = Place::with(&CONFIG.replace("aws-ecs-fargate", "aws-ecs")).check(&[]);
    refused(&output, 2, &["there is no such design", "designs there: aws-ecs-fargate"]);
}

#[test]
fn an_env_without_facts_or_designs_is_told() {
    let output = Place::with(&CONFIG.replace("from = \"account.ndjson\"\n", "")).check(&[]);
    refused(&output, 2, &["env `dev` does not say where its facts come from", ".aws]`"]);
    let output = Place::with("[env.dev]\nfrom = \"account.ndjson\"\n").check(&[]);
    refused(&output, 2, &["env dev follows no design", "[env.dev.design."]);
}

#[test]
fn a_secret_does_not_stand_in_the_configuration() {
    let output = Place::with(&format!("{CONFIG}[env.live.aws]\nsecret_access_key = \"abc\"\n")).check(&[]);
    refused(&output, 2, &["secret_access_key", "^"]);
}

#[test]
fn reports_do_not_mix_and_go_where_they_can() {
    let place = Place::new();
    let output = place.check(&["--output", "table", "--output", "json"]);
    refused(&output, 2, &["more than one report would go to stdout", "--output json=report.json"]);
    let output = place.check(&["--output", "json=nowhere/report.json"]);
    refused(&output, 2, &["can't write nowhere/report.json", "help:"]);
    let output = place.check(&["--output", "json=report.json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty());
    assert!(place.path("report.json").is_file());
}

#[test]
fn a_region_that_is_not_scanned_is_told() {
    let output = Place::with(&format!("{CONFIG}region = \"eu-west-1\"\n")).check(&[]);
    refused(&output, 2, &["eu-west-1", "us-west-1", "`regions`"]);
}

#[test]
fn a_design_of_azure_wants_a_subscription() {
    let config = r#"[env.dev]
from = "account.ndjson"
[env.dev.design.azure-aks-rest-api]
hosts = ["api.example.com"]
core_group = "core"
api_group = "api"
"#;
    refused(
        &Place::with(config).check(&[]),
        2,
        &["azure-aks-rest-api looks into Azure, and the env names no subscription", "[env.NAME.azure]"],
    );
}

#[test]
#[cfg(feature = "azure")]
fn an_identity_that_the_sdk_cannot_take_keeps_nobody_from_the_next_way() {
    let place = Place::with(
        r#"[env.dev.azure]
subscription = "11111111-1111-1111-1111-111111111111"
[env.dev.design.azure-aks-rest-api]
hosts = ["api.example.com"]
core_group = "core"
api_group = "api"
"#,
    );
    // Cloud Shell tells of itself so.
    let told = [("MSI_ENDPOINT", "http://localhost:50342/oauth2/token"), ("PATH", "/nowhere")];
    let output = place.program(&["--env", "dev"]).envs(told).output().expect("it starts");
    refused(&output, 4, &["managed_identity: CloudShell", "azure_cli: ", "azd: "]);
}
