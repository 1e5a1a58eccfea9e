use serde_json::json;

use super::*;

/// Why it is false of `r`.
fn why_of(kind: Kind, source: &str, resource: serde_json::Value) -> String {
    let expr = compile(&[kind], source).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
    let r = object(resource);
    let inputs = Inputs { r: Some(&r), ..Inputs::default() };
    assert_eq!(expr.boolean(&constants(), inputs), Ok(false), "{source}");
    expr.why_false(&constants(), inputs).unwrap_or_else(|| format!("nothing plainer than {source}"))
}

/// Why it is false of `e`.
fn why_of_edge(source: &str, edge: serde_json::Value) -> String {
    let expr = compile(&[], source).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
    let e = object(edge);
    let inputs = Inputs { e: Some(&e), ..Inputs::default() };
    assert_eq!(expr.boolean(&constants(), inputs), Ok(false), "{source}");
    expr.why_false(&constants(), inputs).expect("words")
}

/// Why it is false of `r` with these edges.
fn why_of_edges(source: &str, relation: &str, edges: serde_json::Value) -> String {
    let expr = compile(&[Kind::LoadBalancer], source).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
    let r = object(json!({ "name": "main" }));
    let out = [(relation.to_owned(), list(edges, false))].into();
    let inputs = Inputs { r: Some(&r), out: Some(&out), ..Inputs::default() };
    assert_eq!(expr.boolean(&constants(), inputs), Ok(false), "{source}");
    expr.why_false(&constants(), inputs).expect("words")
}

#[test]
fn a_value_is_told_beside_the_one_that_is_asked_for() {
    let vpc =
        |source: &str, tags| why_of(Kind::Vpc, source, json!({ "tags": tags, "cidrs": ["10.0.0.0/8"] }));
    assert_eq!(vpc("r.tag(param.tag) == env", json!({ "env": "prod" })), "tag env is prod (not dev)");
    assert_eq!(vpc("env == r.tag(param.tag)", json!({ "env": "prod" })), "tag env is prod (not dev)");
    assert_eq!(vpc("r.tag(param.tag) == env", json!({})), "tag env is empty or missing");
    assert_eq!(vpc("r.tag(param.tag) != env", json!({ "env": "dev" })), "tag env is dev");
    assert_eq!(vpc("r.tag(\"a\") in [\"x\", \"y\"]", json!({ "a": "z" })), "tag a is z (none of x, y)");
    assert_eq!(vpc("r.cidrs.size() == 0", json!({})), "cidrs 10.0.0.0/8");
    assert_eq!(vpc("\"10.1.0.0/16\" in r.cidrs", json!({})), "10.1.0.0/16 is not among cidrs 10.0.0.0/8");
    assert_eq!(
        vpc("r.cidrs.all(c, !c.endsWith(\"/8\"))", json!({})),
        "cidrs 10.0.0.0/8",
        "the item says it all"
    );
}

#[test]
fn of_several_conditions_those_that_decide_are_told() {
    let edge =
        json!({ "to": "web", "weight": 0, "port": 80, "healthy": null, "registered": 3, "scheme": null });
    assert_eq!(why_of_edge("e.weight > 0 && e.port == 80", edge.clone()), "weight is 0");
    assert_eq!(
        why_of_edge("e.weight > 0 || e.port == 443", edge.clone()),
        "weight is 0 and port is 80 (not 443)"
    );
    assert_eq!(why_of_edge("!(e.weight == 0)", edge.clone()), "weight is 0");
    assert_eq!(why_of_edge("e.port == 80 ? e.weight > 0 : true", edge.clone()), "weight is 0");
    assert_eq!(why_of_edge("5 <= e.weight", edge), "weight is 0 (not at least 5)");
}

#[test]
fn what_is_not_there_is_told_as_missing() {
    let registry =
        |source: &str| why_of(Kind::EcrRepository, source, json!({ "lifecycle": null, "tags": {} }));
    assert_eq!(registry("r.lifecycle != null"), "lifecycle is not set");
}

#[test]
fn items_are_named_up_to_three() {
    let host = "param.hosts.all(h, out(\"terminates-tls-with\").exists(e, e.port == 443 && e.covers(h)))";
    let edge = |to: &str, port: u64, domain: &str| json!({ "to": to, "kind": "aws.acm_certificate", "port": port, "domains": [domain] });
    assert_eq!(
        why_of_edges(
            host,
            "terminates-tls-with",
            json!([edge("one", 443, "b.example.com"), edge("two", 80, "a.example.com")])
        ),
        "not for app.example.com: only terminates-tls-with one: domains b.example.com; two: port is 80 (not 443) and domains a.example.com"
    );
    assert_eq!(
        why_of_edges(host, "terminates-tls-with", json!([])),
        "not for app.example.com: no terminates-tls-with"
    );
    let none = "!out(\"terminates-tls-with\").exists(e, e.port == 443)";
    let many: Vec<_> = (0..5).map(|n| edge(&format!("c{n}"), 443, "x")).collect();
    assert_eq!(
        why_of_edges(none, "terminates-tls-with", json!(many)),
        "terminates-tls-with c0, c1, c2, and 2 more: port is 443"
    );
    let such = "out(\"terminates-tls-with\").filter(e, e.port == 80).size() > 0";
    assert_eq!(why_of_edges(such, "terminates-tls-with", json!(many)), "no such terminates-tls-with");
}

#[test]
fn what_is_true_of_all_together_is_told_of_all() {
    let source = "bound.map(b, b.zone).distinct().size() == 2";
    let expr = compile(&[Kind::Subnet], source).expect("it compiles");
    let bound = list(json!([{ "zone": "a" }, { "zone": "a" }]), false);
    let inputs = Inputs { bound: Some(&bound), ..Inputs::default() };
    assert_eq!(expr.boolean(&constants(), inputs), Ok(false));
    assert_eq!(expr.why_false(&constants(), inputs).as_deref(), Some("zone a"));
    let each = compile(&[Kind::Subnet], "bound.all(b, b.zone == \"b\")").expect("it compiles");
    let bound = list(json!([{ "name": "one", "zone": "a" }, { "name": "two", "zone": "b" }]), false);
    let inputs = Inputs { bound: Some(&bound), ..Inputs::default() };
    assert_eq!(each.why_false(&constants(), inputs).as_deref(), Some("one: zone is a (not b)"));
}

#[test]
fn what_changes_by_the_day_is_not_part_of_it() {
    let certificate = json!({ "not_after": "2026-11-30T00:00:00Z" });
    let told = why_of(
        Kind::AcmCertificate,
        "r.not_after != null && r.not_after > now + duration(\"720h\")",
        certificate.clone(),
    );
    assert_eq!(told, "not after is 2026-11-30 00:00 UTC");
    let told = why_of(
        Kind::AcmCertificate,
        "r.not_after != null && r.not_after - now > duration(\"720h\")",
        certificate,
    );
    assert!(told.starts_with("nothing plainer"), "{told}");
}

#[test]
fn what_is_computed_is_not_told_as_one_of_its_parts() {
    let service =
        || json!({ "name": "web", "running": 1, "desired": 2, "status": "ACTIVE", "launch_type": "EC2" });
    for source in ["r.running - r.desired > 0", "r.name + \"-x\" == \"y\"", "r.running + r.desired > 9"] {
        let told = why_of(Kind::EcsService, source, service());
        assert!(told.starts_with("nothing plainer"), "{source}: {told}");
    }
    let choice = "(r.desired > 100 ? r.launch_type : r.status) == \"x\"";
    assert_eq!(why_of(Kind::EcsService, choice, service()), "status is ACTIVE (not x)");
}

#[test]
fn what_has_no_name_is_counted_and_what_is_there_is_not_told_as_missing() {
    let group = |rules| json!({ "ingress": rules });
    let rule = json!({ "protocol": "tcp", "from": 22, "to": 22, "cidrs": [] });
    let told = why_of(Kind::SecurityGroup, "r.ingress.size() == 0", group(json!([rule, rule])));
    assert_eq!(told, "ingress (2)");
    assert_eq!(why_of(Kind::SecurityGroup, "r.ingress.size() > 0", group(json!([]))), "no ingress");
    let told = why_of(Kind::Vpc, "r.tag(\"x\") == \"y\"", json!({ "tags": { "x": "" } }));
    assert_eq!(told, "tag x is empty or missing");
}

#[test]
fn ids_that_end_alike_are_two() {
    let id = |group: &str| {
        format!(
            "/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/{group}/providers/microsoft.network/applicationgateways/of-the-core-environment"
        )
    };
    let edges: Vec<_> = ["a", "b", "c", "d"]
        .map(|group| json!({ "to": id(group), "kind": "", "port": 443, "domains": [] }))
        .into();
    let told = why_of_edges(
        "!out(\"terminates-tls-with\").exists(e, e.port == 443)",
        "terminates-tls-with",
        json!(edges),
    );
    assert!(
        told.ends_with("/applicationgateways/of-the-core-environment, and 1 more: port is 443"),
        "{told}"
    );
}

#[test]
fn long_texts_are_cut() {
    let long = "é".repeat(10_000_000);
    let told = why_of(Kind::Vpc, "r.tag(param.tag) == env", json!({ "tags": { "env": long } }));
    assert!(told.starts_with("tag env is ééé") && told.ends_with("… (not dev)"), "{}", told.len());
    assert!(told.len() < 400, "{}", told.len());
    let id = format!("arn:aws:acm:us-west-1:111111111111:certificate/{}", "x".repeat(5000));
    let edges = json!([{ "to": id, "kind": "", "port": 443, "domains": [] }]);
    let told =
        why_of_edges("!out(\"terminates-tls-with\").exists(e, e.port == 443)", "terminates-tls-with", edges);
    assert!(told.len() < 200, "{told}");
}
