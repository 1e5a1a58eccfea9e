//! The recorded accounts: exchanges to snapshot, snapshot to report, byte for byte. `UPDATE=1` writes the reports anew.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{LazyLock, Mutex};

use regex::Regex;
use serde_json::Value;

/// A recorded account, and how its judgement ends.
struct Scenario {
    name: &'static str,
    /// The env that it was recorded for, of the emulator's configuration.
    recorded_for: &'static str,
    /// The env of this checkout that replays it.
    env: &'static str,
    /// Exit code at the default level.
    code: i32,
    /// Status and exit code at every level.
    at_hardening: (&'static str, i32),
}

const fn scenario(
    name: &'static str,
    recorded_for: &'static str,
    env: &'static str,
    code: i32,
    at_hardening: (&'static str, i32),
) -> Scenario {
    Scenario { name, recorded_for, env, code, at_hardening }
}

const PASS: (&str, i32) = ("PASS", 0);
const FAIL: (&str, i32) = ("FAIL", 1);
const UNKNOWN: (&str, i32) = ("UNKNOWN", 3);

/// Sorted by name.
const SCENARIOS: [Scenario; 11] = [
    scenario("aws-ecs-fargate", "dev", "dev", 0, PASS),
    scenario("aws-ecs-fargate-broken", "dev", "broken", 1, FAIL),
    scenario("aws-ecs-fargate-denied", "dev", "denied", 3, UNKNOWN),
    scenario("aws-eks-rest-api", "dev-eks", "dev-eks", 0, PASS),
    // What the published templates deploy is the design; what is good practice beyond it they leave out.
    scenario("aws-eks-rest-api-as-templates", "dev-eks-as-templates", "templates-eks", 0, FAIL),
    scenario("aws-eks-rest-api-broken", "dev-eks", "broken-eks", 1, FAIL),
    scenario("aws-eks-rest-api-denied", "dev-eks", "denied-eks", 3, UNKNOWN),
    scenario("azure-aks-rest-api", "dev-aks", "dev-aks", 0, PASS),
    scenario("azure-aks-rest-api-as-templates", "dev-aks-as-templates", "templates-aks", 0, FAIL),
    scenario("azure-aks-rest-api-broken", "dev-aks", "broken-aks", 1, FAIL),
    scenario("azure-aks-rest-api-denied", "dev-aks", "denied-aks", 3, UNKNOWN),
];

/// The accounts that scrubbing puts in the place of real ones.
const ACCOUNTS: [&str; 3] = ["111111111111", "999999999999", "222222222222"];

/// And what it puts in the place of a role's or user's own id.
const OWN_IDS: [&str; 2] = ["AROAEXAMPLEEXAMPLE00", "AIDAEXAMPLEEXAMPLE00"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The program with no credentials, no settings and no home.
fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stacks-audit"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).env_clear().stdin(Stdio::null());
    command.output().expect("it starts")
}

/// The configuration and env that a fixture was recorded for.
fn config(scenario: &Scenario) -> [&'static str; 4] {
    ["--config", "tests/emulator/stacks-audit.toml", "--env", scenario.recorded_for]
}

#[test]
fn every_fixture_is_a_scenario() {
    let entries = fs::read_dir(folder("")).expect("fixtures");
    let mut found: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    found.sort();
    assert_eq!(found, SCENARIOS.map(|scenario| scenario.name));
}

#[test]
fn snapshots_give_the_committed_reports() {
    for scenario in &SCENARIOS {
        let (name, (status, code)) = (scenario.name, scenario.at_hardening);
        let snapshot = format!("fixtures/{name}/snapshot.ndjson");
        let judged = ["--from", &snapshot, "--level", "hardening", "--output", "json"];
        let output = run(&[&["check"][..], &config(scenario), &judged].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{name}: {error}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
        assert_eq!(report["status"], status, "{name}");
        let committed = folder(name).join("report.json");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&committed, &output.stdout).expect("written");
        }
        let committed = fs::read(committed).expect("the report");
        assert!(committed == output.stdout, "{name}: other bytes; look at what UPDATE=1 changes");
    }
}

#[test]
fn what_fails_is_told_in_words() {
    for scenario in &SCENARIOS {
        let text = fs::read_to_string(folder(scenario.name).join("report.json")).expect("a report");
        let report: Value = serde_json::from_str(&text).expect("JSON");
        let audits = report["audits"].as_array().expect("audits").iter();
        let findings = audits.flat_map(|audit| audit["findings"].as_array().expect("findings"));
        for failed in findings.filter(|finding| finding["status"] == "FAIL") {
            let message = failed["message"].as_str().expect("a message");
            // A box that was nearly bound is told with the condition that it fails.
            let code = ["&&", "||", "does not hold"].iter().any(|code| message.contains(code));
            assert!(!code, "{}: {message}", failed["check"]);
        }
    }
}

#[test]
fn the_envs_of_this_checkout_are_the_scenarios() {
    for Scenario { env, code, .. } in SCENARIOS {
        let output = run(&["--env", env]);
        assert_eq!(output.status.code(), Some(code), "{env}: {}", String::from_utf8_lossy(&output.stderr));
        let table = String::from_utf8_lossy(&output.stdout);
        assert!(table.lines().nth(1).is_some() && table.contains("recorded 20"), "{table}");
    }
}

#[cfg(all(feature = "aws", feature = "azure", feature = "kubernetes"))]
#[test]
fn tapes_give_the_committed_snapshots() {
    for scenario in &SCENARIOS {
        let name = scenario.name;
        let place = tempfile::tempdir().expect("a folder");
        let written = place.path().join("snapshot.ndjson");
        let tape = format!("fixtures/{name}/tape");
        let to = written.to_str().expect("text");
        let output = run(&[&["collect"][..], &config(scenario), &["--from", &tape, "-o", to]].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{name}: {error}");
        let same = fs::read(&written).expect("a snapshot")
            == fs::read(folder(name).join("snapshot.ndjson")).expect("the committed one");
        assert!(same, "{name}: the tape gives another snapshot");
    }
}

/// What looks like an account, a key or a token that scrubbing should have replaced.
fn leaks(text: &str) -> Vec<String> {
    let mut leaks = azure_leaks(text);
    // The last group of a UUID may look like an account.
    let text = pattern(UUID).replace_all(text, "UUID");
    let text = OWN_IDS.iter().fold(text.into_owned(), |text, id| text.replace(id, ""));
    let found = |regex: &str| {
        let all: Vec<String> =
            pattern(regex).find_iter(&text).map(|found| found.as_str().to_owned()).collect();
        all
    };
    leaks.extend(found(r"\b[0-9]{12}\b").into_iter().filter(|id| !ACCOUNTS.contains(&id.as_str())));
    for regex in [
        r"\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ABIA|ACCA)[A-Z0-9]{12,}",
        r"(?i)x-amz-(?:security-token|signature|credential)\b[^,}\]]{0,40}",
        r"(?i)aws4-hmac-sha256",
        r"\beyJ[A-Za-z0-9_-]{10,}\.",
        r"\bgh[pousr]_[A-Za-z0-9]{20,}",
        r"-----BEGIN [A-Z ]*PRIVATE KEY",
        r"(?i)\b(?:secretaccesskey|sessiontoken|set-cookie)\b[^,}\]]{0,40}",
        // Azure has a provider of this name.
        r#"(?i)\bauthorization\\?"?\s*:[^,}\]]{0,40}"#,
        r"(?i)[?&](?:sig|client_secret|client_assertion)=[^&]{0,40}",
        r"(?i)bearer [a-z0-9._-]{12,}",
    ] {
        leaks.extend(found(regex));
    }
    leaks
}

/// Made once: it takes longer than most files.
fn pattern(text: &str) -> Regex {
    static MADE: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().expect("no panic while it is held");
    let new = || Regex::new(text).expect("a pattern");
    made.entry(text.to_owned()).or_insert_with(new).clone()
}

const UUID: &str = r"(?i)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b";

/// Ids of subscriptions and tenants that are no stand-ins, and those of the emulator in any place and form.
fn azure_leaks(text: &str) -> Vec<String> {
    let plan = include_str!("emulator/environment/aks/plan.py");
    let own: Vec<&str> = pattern(UUID).find_iter(plan).map(|id| id.as_str()).collect();
    assert_eq!(own.len(), 3, "two subscriptions and a tenant: {own:?}");
    let lower = text.to_ascii_lowercase();
    let forms = own.iter().flat_map(|id| [(*id).to_owned(), id.replace('-', "")]);
    let mut leaks: Vec<String> = forms.filter(|id| lower.contains(id)).collect();
    for [before, after] in [
        ["subscriptions/", ""],
        [r#"subscription(?:_?id)?\\?"\s*:\s*\\?""#, ""],
        [r#"tenant(?:_?id)?\\?"\s*:\s*\\?""#, ""],
        [r"(?:login|sts)[a-z.]*/", "/"],
    ] {
        let named = pattern(&format!("(?i){before}({}){after}", UUID.trim_start_matches("(?i)")));
        let ids = named.captures_iter(text).map(|found| found[1].to_owned());
        leaks.extend(ids.filter(|id| !stands_in(id)));
    }
    leaks
}

/// One digit all over: what recordings have in a subscription's or tenant's stead.
fn stands_in(id: &str) -> bool {
    let mut digits = id.chars().filter(|char| *char != '-');
    let first = digits.next();
    digits.all(|digit| Some(digit) == first)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn fixtures_hold_nothing_of_a_real_account() {
    let files = files_below(&folder(""));
    assert!(files.len() > 100, "{}", files.len());
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        for part in [&text, &file.display().to_string()] {
            assert_eq!(leaks(part), Vec::<String>::new(), "{}", file.display());
        }
    }
}

#[test]
fn what_must_not_be_in_a_fixture_is_found() {
    const EMULATED: &str = "7c41e5d2-3b8a-4f06-9e57-d1a2c60b84f3";
    let id = "0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f";
    let key = |prefix: &str| format!("{prefix}{}", "IOSFODNN7EXAMPLE");
    for (secret, text) in [
        ("an account", "arn:aws:iam::123456789012:role/app".to_owned()),
        ("a key", key("AKIA")),
        ("a temporary key", key("ASIA")),
        ("a role's id", key("AROA")),
        ("a signature", "X-Amz-Signature=abcdef".to_owned()),
        ("a token", r#""SessionToken":"IQoJb3JpZ2lu""#.to_owned()),
        ("a web token", format!("eyJ{}.eyJ", "hbGciOiJIUzI1NiJ9")),
        ("a host's token", format!("ghp_{}", "a".repeat(36))),
        ("a private key", ["-----BEGIN RSA ", "PRIVATE KEY-----"].concat()),
        ("a header", "Authorization: AWS4-HMAC-SHA256 Credential=x".to_owned()),
        ("a bearer", "Bearer abcdefghijklmnop".to_owned()),
        ("a subscription", format!("/Subscriptions/{id}/resourceGroups/core")),
        ("a tenant", format!(r#""tenantId": "{id}""#)),
        ("an issuer", format!("https://login.microsoftonline.com/{id}/v2.0")),
        ("an account in a text that holds JSON", format!(r#"{{\"subscription\":\"{id}\"}}"#)),
        ("the emulator's subscription", EMULATED.to_ascii_uppercase()),
        ("the emulator's subscription in a name", format!("ws-{}", EMULATED.replace('-', ""))),
        ("a signed address", "https://example.blob.core.windows.net/x?sv=1&sig=abc".to_owned()),
    ] {
        assert!(!leaks(&text).is_empty(), "{secret}: {text}");
    }
    let ids = "arn:aws:iam::111111111111:role/x 999999999999 vpc-0123456789012345 2026-11-21T07:10:03.061654445Z \
        /subscriptions/99999999-9999-9999-9999-999999999999/providers/Microsoft.Authorization/roleDefinitions/\
        7f951dda-4ed3-4680-a7ca-43fe172d538d";
    assert_eq!(leaks(ids), Vec::<String>::new());
}
