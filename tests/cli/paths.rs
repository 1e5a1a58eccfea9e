//! Paths of packets: asked for on the command line, drawn in designs, explained as pictures.

use std::process::Output;

use serde_json::Value;

use crate::harness::{CONFIG, Place, SNAPSHOT, refused, stderr, stdout};

/// `path --env dev` with further arguments.
fn asked(arguments: &[&str]) -> Output {
    Place::new().run(&[&["path", "--env", "dev"], arguments].concat())
}

#[test]
fn ends_are_named_as_they_are_or_the_nearest_name_is_told() {
    for (from, said) in [
        ("aws.ecs_service/bakend", &["no aws.ecs_service/bakend was read", "did you mean backend?"][..]),
        ("aws.ecs_services/backend", &["there is no kind aws.ecs_services", "did you mean aws.ecs_service?"]),
        ("aws.vpc/dev", &["aws.vpc has no place in a network", "these have one: aws.dynamodb_table"]),
        ("backnd", &["no backnd was read", "did you mean backend?"]),
        ("Internet", &["no Internet was read", "did you mean internet?"]),
        ("subnet-00000000", &["no subnet-00000000 was read", "write KIND/NAME"]),
        ("internet", &["from the internet to the internet is no matter of this account"]),
    ] {
        refused(&asked(&["--from", from, "--to", "internet"]), 2, said);
    }
}

#[test]
fn what_several_are_called_is_listed_by_id() {
    let twins = SNAPSHOT.replace("\"name\":\"frontend\",\"scope\"", "\"name\":\"backend\",\"scope\"");
    assert_ne!(twins, SNAPSHOT);
    let place = Place::new().write("account.ndjson", twins);
    let output =
        place.run(&["path", "--env", "dev", "--from", "aws.ecs_service/backend", "--to", "internet"]);
    let said = [
        "aws.ecs_service/backend is the name of 2 resources",
        "service/dev-app/backend",
        "service/dev-app/frontend",
    ];
    refused(&output, 2, &said);
}

#[test]
fn packets_that_there_can_not_be_are_refused() {
    let ends = ["--from", "aws.ecs_service/backend", "--to", "internet"];
    for (arguments, said) in [
        (&["--port", "443", "--protocol", "icmp"][..], "icmp has no ports"),
        (&["--port", "70000"], "`70000` is no port"),
        (&["--protocol", "tpc"], "there is no protocol `tpc`"),
        (&["--destination", "10.0.0.1/8"], "the block is 10.0.0.0/8"),
        (
            &["--source", "10.0.0.0/8", "--destination", "2001:db8::/32"],
            "no packet has a source of one family",
        ),
        (&["--avoid", "internet"], "the internet can't be avoided"),
    ] {
        let output = asked(&[&ends[..], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(said), "{said}: {}", stderr(&output));
    }
}

#[test]
fn where_nothing_was_read_nothing_is_told() {
    let header = SNAPSHOT.lines().next().expect("a header");
    let empty = format!("{header}\n{{\"end\":{{\"ledger\":0,\"resources\":0}}}}\n");
    let place = Place::new().write("account.ndjson", empty);
    let output = place.run(&["path", "--env", "dev", "--from", "internet", "--to", "aws.load_balancer/x"]);
    refused(&output, 4, &["nothing was read"]);
    let unread: Vec<String> = SNAPSHOT
        .lines()
        .filter(|line| !line.contains("\"kind\":\"aws.ecs_service\""))
        .map(|line| line.replace("\"complete\"", "\"denied\""))
        .collect();
    let unread = unread.join("\n");
    let gone = SNAPSHOT.lines().filter(|line| line.contains("\"kind\":\"aws.ecs_service\"")).count();
    let (before, end) = unread.rsplit_once('\n').expect("lines");
    let mut end: Value = serde_json::from_str(end).expect("the end");
    let left = end["end"]["resources"].as_u64().expect("a number") - gone as u64;
    end["end"]["resources"] = left.into();
    let place = Place::new().write("account.ndjson", format!("{before}\n{end}\n"));
    let output =
        place.run(&["path", "--env", "dev", "--from", "aws.ecs_service/backend", "--to", "internet"]);
    refused(&output, 4, &["no aws.ecs_service/backend was read", "there may be one", "denied"]);
}

#[test]
fn the_answer_is_the_exit_code_in_words_for_people_and_machines() {
    for ends in [
        ["--from", "aws.ecs_service/backend", "--to", "internet", "--port", "443"],
        ["--from", "internet", "--to", "aws.ecs_service/backend", "--port", "8080"],
    ] {
        let output = asked(&[&ends[..], &["--output", "json"]].concat());
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let (word, mark) = match output.status.code() {
            Some(0) => ("reachable", "✓ reachable"),
            Some(1) => ("unreachable", "✗ not reachable"),
            Some(3) => ("unknown", "?  can't be told"),
            other => panic!("{other:?}: {}", stderr(&output)),
        };
        assert_eq!(answer["answer"], word);
        assert_eq!(answer["schema"], "stacks-audit/path/v1");
        assert!(answer["packets"].as_str().is_some_and(|packets| packets.starts_with("tcp to port ")));
        assert!(answer["evidence"].as_array().is_some_and(|evidence| !evidence.is_empty()));
        let picture = asked(&ends);
        assert_eq!(picture.status.code(), output.status.code());
        let text = stdout(&picture);
        assert!(text.contains(mark), "{text}");
        assert!(!text.contains('\u{1b}'), "a pipe is no terminal");
        let again = asked(&ends);
        assert_eq!(text, stdout(&again), "same facts, same bytes");
    }
}

#[test]
fn a_way_out_is_shown_hop_by_hop_and_where_it_ends() {
    let ends =
        ["path", "--env", "dev", "--from", "aws.ecs_service/backend", "--to", "internet", "--port", "443"];
    let output = Place::new().run(&ends);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    let hops: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  ↓ ")).collect();
    let hops: Vec<&str> = hops.iter().filter_map(|hop| hop.split_whitespace().nth(1)).collect();
    assert_eq!(hops, ["subnet", "nat_gateway", "subnet", "internet_gateway"], "{text}");
    assert!(text.contains("routes destination 0.0.0.0/0"), "{text}");

    let target = SNAPSHOT.split("\"target\":\"nat-").nth(1).expect("a route to it");
    let route = format!("\"target\":\"nat-{}\",\"state\":", target.split('"').next().expect("an id"));
    let gone = SNAPSHOT.replace(&format!("{route}\"active\""), &format!("{route}\"blackhole\""));
    assert_ne!(gone, SNAPSHOT);
    let output = Place::new().write("account.ndjson", gone).run(&ends);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let text = stdout(&output);
    for part in ["✗ not reachable", "[blackhole]", "tcp 10."] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_way_that_is_to_be_avoided_does_not_count() {
    let ends = ["--from", "internet", "--to", "aws.ecs_container/backend", "--port", "443"];
    assert_eq!(asked(&ends).status.code(), Some(0), "by the load balancer");
    let around = asked(&[&ends[..], &["--avoid", "aws.load_balancer/dev-app"]].concat());
    assert!(matches!(around.status.code(), Some(1 | 3)), "{}", stdout(&around));
}

const DRAWN: &str = r#"policy = 1
[design]
id = "small"
version = "1"
title = "Small"
source = "A drawing"
[scope]
app = {}
[node.service]
kind = "aws.ecs_service"
select = 'r.name == "backend"'
says = "A service."
cite = "1"
[path.egress]
via = ["service", "internet"]
packet = { protocol = "tcp", port = 443 }
expect = "reachable"
cite = "2"
"#;

/// The recorded account, judged by a design with a path.
fn drawn(snapshot: &str) -> Place {
    let config = format!("policies = \"policies\"\n{CONFIG}[env.dev.design.small]\n");
    Place::with(&config).write("policies/small.toml", DRAWN).write("account.ndjson", snapshot)
}

#[test]
fn a_path_of_a_design_stands_in_reports() {
    let place = drawn(SNAPSHOT);
    let (report, _) = place.report(&["--design", "small"]);
    let path = &report["audits"][0]["paths"][0];
    assert_eq!((&path["id"], &path["expect"]), (&"egress".into(), &"reachable".into()));
    assert_eq!(path["via"], serde_json::json!(["service", "internet"]));
    let finding = report["audits"][0]["findings"].as_array().expect("findings");
    let finding = finding.iter().find(|it| it["check"] == "small/path.egress").expect("its finding");
    assert_eq!(finding["status"], path["status"]);
    assert_eq!(finding["subject"]["name"], "backend");
    let table = place.check(&["--design", "small"]);
    assert!(stdout(&table).contains("service → internet"), "{}", stdout(&table));
    let listed = place.run(&["design", "show", "small"]);
    for part in [
        "### `egress`",
        "- **Way:** service → internet",
        "- **Packets:** tcp to port 443",
        "- **Expected:** reachable",
    ] {
        assert!(stdout(&listed).contains(part), "{part}: {}", stdout(&listed));
    }
}

#[test]
fn a_path_is_explained_by_its_hops() {
    let place = drawn(SNAPSHOT);
    let output = place.run(&["explain", "small/path.egress"]);
    let text = stdout(&output);
    for part in
        ["via           service → internet", "packet        tcp to port 443", "expect        reachable"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let output = place.run(&["explain", "small/path.egress", "--env", "dev"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(text.contains("\nbackend\n") && text.contains("backend → internet: "), "{text}");
    let both = ["aws-ecs-fargate/path.egress", "small/path.egress"];
    refused(&place.run(&["explain", "path.egress"]), 2, &both);
    refused(&place.run(&["explain", "small/path.egres"]), 2, &["did you mean small/path.egress?"]);
}

#[test]
fn a_waiver_may_be_about_a_path() {
    let waiver = "[[waiver]]\ncheck = \"small/path.egress\"\nmatch = 'r.name == \"backend\"'\nreason = \"x\"\n\
                  owner = \"a@example.com\"\napproved_by = \"b@example.com\"\nexpires = 2099-01-01\n\
                  covers = [\"FAIL\", \"UNKNOWN\"]\n";
    let place = drawn(SNAPSHOT).write("policies/waivers.toml", waiver);
    let output = place.check(&["--design", "small"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn hostile_names_paint_nothing() {
    let hostile = serde_json::to_string("\u{1b}[2J\r\n✓ reachable\u{202e}").expect("a string");
    let account = SNAPSHOT.replace(r#""name":"backend","scope""#, &format!(r#""name":{hostile},"scope""#));
    let id = account.lines().find_map(|line| {
        let resource: Value = serde_json::from_str(line).ok()?;
        let hostile = resource["kind"] == "aws.ecs_service" && resource["name"].as_str()?.contains('\r');
        hostile.then(|| resource["id"].as_str().map(str::to_owned)).flatten()
    });
    let id = id.expect("a service of this name");
    let place = Place::new().write("account.ndjson", account);
    for format in ["picture", "json"] {
        let output =
            place.run(&["path", "--env", "dev", "--from", &id, "--to", "internet", "--output", format]);
        let text = stdout(&output);
        assert!(!text.is_empty(), "{}", stderr(&output));
        assert!(text.chars().all(|c| (!c.is_control() || c == '\n') && c != '\u{202e}'), "{text:?}");
        assert!(!text.lines().any(|line| line.starts_with("✓ reachable")), "{text}");
    }
}
