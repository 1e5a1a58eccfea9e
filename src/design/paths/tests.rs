use super::super::Design;
use super::super::diagnose::Diagnostics;
use super::super::testing::{assert_refused, drawn, replaced};
use super::*;
use crate::model::run::{Basis, Severity};

const DRAWING: &str = r#"policy = 1
[design]
id = "small"
version = "1"
title = "Small"
source = "A drawing"

[param]
port = { type = "int", default = 8080 }

[scope]
app = {}

[node.subnet]
kind = "aws.subnet"
says = "Subnets."
cite = "1"
[node.nat]
kind = "aws.nat_gateway"
says = "A way out."
cite = "2"
[node.service]
kind = "aws.ecs_service"
says = "A service."
cite = "3"
[node.alb]
kind = "aws.load_balancer"
says = "A way in."
cite = "4"

[path.egress]
via = ["service", "nat", "internet"]
packet = { protocol = "tcp", port = 443, destination = "192.0.2.0/24" }
expect = "reachable"
cite = "5"
severity = "high"

[path.bypass]
via = ["internet", "service"]
avoid = ["alb"]
packet = { protocol = "tcp", port = ["=param.port", "8000-8010"] }
expect = "unreachable"
basis = "hardening"
cite = "6"
"#;

fn with(part: &str, replacement: &str) -> Result<Design, Diagnostics> {
    drawn(&replaced(DRAWING, part, replacement))
}

#[test]
fn a_path_is_read_as_it_is_written() {
    let design = with("", "").unwrap_or_else(|wrong| panic!("{wrong}"));
    let egress = design.path("egress").expect("read");
    assert_eq!(egress.way(), "service → nat → internet");
    assert_eq!((egress.from(), egress.to()), (&Stop::Node("service".to_owned()), &Stop::Internet));
    assert_eq!(egress.packet.text(), "tcp to port 443 to 192.0.2.0/24");
    assert_eq!(egress.requirement.severity, Severity::High);
    assert_eq!(egress.requirement.says, "Packets from service reach internet");
    assert_eq!(egress.requirement.place.line, 31);
    let bypass = design.path("bypass").expect("read");
    assert_eq!((bypass.expect, &bypass.avoid[..]), (Expect::Unreachable, &["alb".to_owned()][..]));
    assert_eq!(bypass.packet.text(), "tcp to port =param.port, 8000-8010");
    assert_eq!(bypass.requirement.basis, Basis::Hardening);
    assert_eq!(bypass.requirement.says, "No packet from internet reaches service but by way of alb");
    assert_eq!(bypass.subject(), "service", "the internet is nobody's");
    let paths: Vec<String> = design.checks().into_iter().filter(|check| check.contains("/path.")).collect();
    assert_eq!(paths, ["small/path.egress", "small/path.bypass"]);
}

#[test]
fn what_is_wrong_with_a_path_is_told_where_it_stands() {
    for (part, replacement, message) in [
        ("\"nat\"", "\"nta\"", "there is no node `nta`"),
        ("[\"service\", \"nat\", \"internet\"]", "[\"service\"]", "a path has two ends"),
        ("[\"service\", \"nat\", \"internet\"]", "\"service\"", "a path has two ends"),
        ("via = [\"service\", \"nat\", \"internet\"]\n", "", "path `egress` has no `via`"),
        ("\"service\", \"nat\"", "\"internet\"", "a path from the internet to the internet"),
        ("\"service\", \"nat\"", "\"service\", \"internet\", \"nat\"", "the internet is where a path starts"),
        ("\"service\", \"nat\"", "\"service\", \"nat\", \"nat\"", "`nat` is a stop already"),
        ("\"service\", \"nat\"", "\"nat\"", "no path starts or ends at aws.nat_gateway"),
        ("\"reachable\"", "\"reacheable\"", "there is no expectation `reacheable`"),
        ("expect = \"reachable\"\n", "", "`expect` is missing"),
        ("expect = \"unreachable\"", "expect = \"reachable\"", "`avoid` goes with"),
        ("[\"alb\"]", "[\"abl\"]", "there is no node `abl`"),
        ("[\"alb\"]", "[\"service\"]", "`service` can't be avoided: it is a stop"),
        ("\"tcp\"", "\"tpc\"", "there is no protocol `tpc`"),
        ("\"tcp\"", "300", "there is no protocol `300`"),
        ("\"tcp\"", "\"icmp\"", "icmp has no ports"),
        ("protocol = \"tcp\", port", "port", "any has no ports"),
        ("443", "70000", "`70000` is no port"),
        ("443", "\"9-8\"", "no port is in `9-8`"),
        ("443", "true", "a text is wanted here, this is a boolean"),
        ("=param.port", "=param.prot", "param has no `prot`"),
        ("[node.alb]", "[node.internet]", "`internet` is everything outside"),
        ("=param.port", "=\\\"x\\\"", "this is string, but int is needed"),
        ("192.0.2.0/24", "192.0.2.1/24", "`192.0.2.1/24` has bits behind its prefix"),
        ("192.0.2.0/24", "192.0.2.0/33", "`192.0.2.0/33` is no block of addresses"),
        (
            "destination =",
            "source = \"2001:db8::/32\", destination =",
            "no packet has a source of one family",
        ),
        ("destination", "target", "there is no key `target`"),
        ("cite = \"5\"", "", "path `egress` has no `cite`"),
        ("severity = \"high\"", "severty = \"high\"", "there is no key `severty`"),
    ] {
        assert_refused(with(part, replacement), replacement, message);
    }
}

#[test]
fn a_slip_names_what_was_meant() {
    let wrong = with("\"nat\"", "\"nta\"").err().expect("refused").to_string();
    for part in ["small.toml:32:19", "did you mean `nat`?"] {
        assert!(wrong.contains(part), "{part}: {wrong}");
    }
}

#[test]
fn a_node_that_an_arrow_binds_may_be_checked_by_a_path() {
    let bound = "[node.lb]\nkind = \"aws.load_balancer\"\nvia = \"fronts\"\nsays = \"x\"\ncite = \"7\"\n\
                 [edge]\nfronts = { from = \"lb\", rel = \"placed-in\", to = \"subnet\", cite = \"8\" }\n\n[path.egress]";
    assert!(with("[path.egress]", bound).is_err(), "nothing else is said of it");
    let text = bound.replace(
        "\n\n[path",
        "\n[path.in]\nvia = [\"internet\", \"lb\"]\nexpect = \"reachable\"\ncite = \"9\"\n[path",
    );
    with("[path.egress]", &text).unwrap_or_else(|wrong| panic!("{wrong}"));
}
