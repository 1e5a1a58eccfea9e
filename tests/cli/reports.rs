//! What a run gives: the same bytes each time, by the committed schema, with the exit code that was asked for.

use serde_json::Value;

use crate::harness::{CONFIG, Place, run, stderr, stdout};

fn fixture(name: &str) -> Place {
    let path = format!("{}/fixtures/{name}/snapshot.ndjson", env!("CARGO_MANIFEST_DIR"));
    let snapshot = std::fs::read(path).expect("the fixture");
    Place::with(CONFIG).write("account.ndjson", snapshot)
}

const FIXTURES: [(&str, &str, i32); 3] = [
    ("aws-ecs-fargate", "PASS", 0),
    ("aws-ecs-fargate-broken", "FAIL", 1),
    ("aws-ecs-fargate-denied", "UNKNOWN", 3),
];

#[test]
fn reports_are_as_the_committed_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../schema/report-v1.schema.json")).expect("JSON");
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("report.json", schema).expect("a schema");
    let schema = compiler.compile("report.json", &mut schemas).expect("a schema");
    for (name, status, code) in FIXTURES {
        for level in ["documented", "implementation", "hardening"] {
            let (report, exit) = fixture(name).report(&["--level", level]);
            let valid = schemas.validate(&report, schema).map_err(|error| error.to_string());
            assert_eq!(valid, Ok(()), "{name}");
            assert_eq!((report["status"].as_str(), exit), (Some(status), code), "{name}, {level}");
        }
        let (mut report, _) = fixture(name).report(&[]);
        report["status"] = "GREEN".into();
        assert!(schemas.validate(&report, schema).is_err(), "the schema lets anything pass");
    }
}

#[test]
fn same_snapshot_same_bytes() {
    for (name, ..) in FIXTURES {
        for format in ["json", "table"] {
            let once = fixture(name).check(&["--output", format]).stdout;
            assert!(!once.is_empty());
            assert!(once == fixture(name).check(&["--output", format]).stdout, "{name}");
        }
    }
}

#[test]
fn a_threshold_spares_what_is_less_severe_but_not_what_is_unknown() {
    let broken = fixture("aws-ecs-fargate-broken");
    for (severity, code) in [("info", 1), ("medium", 1), ("high", 1), ("critical", 0)] {
        assert_eq!(broken.check(&["--fail-on", severity]).status.code(), Some(code), "{severity}");
    }
    let denied = fixture("aws-ecs-fargate-denied");
    assert_eq!(denied.check(&["--fail-on", "critical"]).status.code(), Some(3));
}

#[test]
fn recorded_or_old_facts_are_no_verdict_where_live_or_new_ones_are_asked_for() {
    for name in ["aws-ecs-fargate", "aws-ecs-fargate-broken"] {
        let output = fixture(name).check(&["--require-live"]);
        assert_eq!(output.status.code(), Some(4));
        assert!(stderr(&output).contains("--require-live"), "{}", stderr(&output));
        let output = fixture(name).check(&["--max-age", "1s"]);
        assert_eq!(output.status.code(), Some(4));
        assert!(stderr(&output).contains("the facts are from 20"), "{}", stderr(&output));
    }
    let old = crate::harness::SNAPSHOT.replacen("\"captured_at\":\"2026", "\"captured_at\":\"2016", 1);
    let place = Place::new().write("account.ndjson", old);
    assert_eq!(place.check(&["--max-age", "52w"]).status.code(), Some(4));
    assert_eq!(place.check(&[]).status.code(), Some(0));
}

#[test]
fn colour_is_for_those_who_ask() {
    let place = Place::new();
    let escapes = |output: &std::process::Output| stdout(output).contains('\u{1b}');
    assert!(!escapes(&place.check(&[])), "a pipe is no terminal");
    assert!(escapes(&place.check(&["--color", "always"])));
    assert!(!escapes(&place.check(&["--color", "never"])));
    let mut command = place.program(&["--env", "dev"]);
    assert!(!escapes(&command.env("NO_COLOR", "1").output().expect("it starts")));
    assert!(!escapes(&place.check(&["--color", "always", "--output", "json"])));
    let refused = place.run(&["--env", "nope", "--color", "always"]);
    assert!(stderr(&refused).contains('\u{1b}'));
}

#[test]
fn the_table_fits_the_width_there_is() {
    for (name, ..) in FIXTURES {
        for columns in [80_usize, 160] {
            for verbose in [&[][..], &["-v"]] {
                let place = fixture(name);
                let mut command = place.program(&[&["check", "--env", "dev"], verbose].concat());
                let output = command.env("COLUMNS", columns.to_string()).output().expect("it starts");
                let over = stdout(&output).lines().find(|line| line.chars().count() > columns);
                assert_eq!(over, None, "{name} at {columns}");
            }
        }
    }
}

#[test]
fn an_account_tagged_otherwise_is_bound_by_what_bind_proposes() {
    let account = crate::harness::SNAPSHOT.replace("\"env\":\"dev\"", "\"environment\":\"development\"");
    let place = Place::new().write("account.ndjson", &account);
    assert_eq!(place.check(&[]).status.code(), Some(1));
    assert!(stdout(&place.check(&[])).contains("stacks-audit bind --env dev"));
    let bind = place.run(&["bind", "--env", "dev"]);
    assert_eq!(bind.status.code(), Some(0), "{}", stderr(&bind));
    let text = stdout(&bind);
    assert!(text.contains("near   dev-app  vpc-") && text.contains("rejected by r.tag(param.tag) == env"));
    assert!(text.lines().all(|line| line.trim_end() == line), "no line ends in spaces");
    let (_, proposed) = text.split_once("if it is what you mean:\n").expect("a proposal");
    let proposed = proposed.replace("[env.dev]", "").replace("[env.dev.design.aws-ecs-fargate]", "");
    let mut config = CONFIG.to_owned();
    for line in proposed.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (table, key) = match line.split_once(" = ").expect("a setting").0 {
            "name" => ("[env.dev]\n", line),
            _ => ("[env.dev.design.aws-ecs-fargate]\n", line),
        };
        config = config.replace(table, &format!("{table}{key}\n"));
    }
    assert!(
        config.contains("tag = \"environment\"") && config.contains("name = \"development\""),
        "{config}"
    );
    let output = Place::with(&config).write("account.ndjson", account).check(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}

#[test]
fn no_demonstration_takes_the_place_of_a_missing_env() {
    let output = run(&["--env", "demo"]);
    assert_eq!(output.status.code(), Some(2));
}
