use serde_json::json;

use super::*;
use crate::design::ParamType;
use crate::model::kind::Kind;
use crate::model::relation::relation;

mod because;

fn params() -> BTreeMap<String, ParamType> {
    let declared = [
        ("tag", ParamType::String),
        ("zones", ParamType::Int),
        ("hosts", ParamType::Strings),
        ("strict", ParamType::Bool),
    ];
    declared.into_iter().map(|(name, declared)| (name.to_owned(), declared)).collect()
}

fn compile(kinds: &[Kind], source: &str) -> Result<Expr, Vec<Fault>> {
    let params = params();
    let names = if kinds.is_empty() {
        Vocabulary::of_edge(relation("forwards-to").expect("known"), &params)
    } else {
        Vocabulary::of_node(kinds, kinds, &params)
    };
    Expr::compile(source, Want::Condition, &names)
}

fn constants() -> Constants {
    let params = json!({ "tag": "env", "zones": 2, "hosts": ["app.example.com"], "strict": true });
    let params = params.as_object().expect("an object").clone().into_iter().collect();
    Constants::new("dev", "2026-11-01T00:00:00Z".parse().expect("a date"), &params)
}

fn object(value: serde_json::Value) -> Prepared {
    let serde_json::Value::Object(members) = value else { panic!("an object") };
    Prepared::object(members)
}

fn list(items: serde_json::Value, open: bool) -> Prepared {
    let serde_json::Value::Array(items) = items else { panic!("a list") };
    Prepared::list(items.into_iter().map(object).collect(), open)
}

/// Over `r`.
fn about(kind: Kind, source: &str, resource: serde_json::Value) -> Result<bool, Undecided> {
    let expr = compile(&[kind], source).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
    expr.boolean(&constants(), Inputs { r: Some(&object(resource)), ..Inputs::default() })
}

/// Over `bound`.
fn about_all(source: &str, items: serde_json::Value, open: bool) -> Result<bool, Undecided> {
    let expr = compile(&[Kind::Subnet], source).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
    expr.boolean(&constants(), Inputs { bound: Some(&list(items, open)), ..Inputs::default() })
}

#[test]
fn what_an_answer_leaves_out_is_unknown_where_it_had_to_be_told() {
    let cluster = |properties| json!({ "properties": properties });
    let source = r#"told(r.properties.power) == "Running""#;
    for (power, expected) in
        [(json!("Running"), Some(true)), (json!("Stopped"), Some(false)), (json!(null), None)]
    {
        let found = about(Kind::AksCluster, source, cluster(json!({ "power": power })));
        assert_eq!(found.clone().ok(), expected, "{power}: {found:?}");
    }
    let unsaid = about(Kind::AksCluster, source, cluster(json!({ "power": null })));
    assert_eq!(unsaid, Err(Undecided("the answer does not say".into())));
    let flag = "told(r.properties.rbac) || r.properties.private == true";
    assert_eq!(about(Kind::AksCluster, flag, cluster(json!({ "rbac": null, "private": true }))), Ok(true));
}

#[test]
fn a_tag_is_empty_where_known_and_unknown_where_not_read() {
    let source = "r.tag(param.tag) == env";
    assert_eq!(about(Kind::Vpc, source, json!({ "tags": { "env": "dev" } })), Ok(true));
    assert_eq!(about(Kind::Vpc, source, json!({ "tags": {} })), Ok(false));
    assert_eq!(about(Kind::Vpc, source, json!({})), Err(Undecided("`tags` is not known".into())));
    let gap = json!({ "tags": { "$gap": { "call": "ec2:DescribeTags" } } });
    assert!(about(Kind::Vpc, source, gap).is_err());
    assert_eq!(about(Kind::Vpc, "r.tag(\"$gap\") == \"x\"", json!({ "tags": { "$gap": "x" } })), Ok(true));
}

#[test]
fn errors_absorb_by_kleene_logic() {
    let unknown = "r.state == \"available\"";
    for (source, expected) in [
        (format!("{unknown} && r.name == \"b\""), Some(false)),
        (format!("r.name == \"b\" && {unknown}"), Some(false)),
        (format!("{unknown} || r.name == \"a\""), Some(true)),
        (format!("{unknown} && r.name == \"a\""), None),
        (format!("{unknown} || r.name == \"b\""), None),
        (format!("!({unknown})"), None),
        (format!("{unknown} ? true : true"), None),
        (format!("r.cidrs.all(c, c == \"x\" && {unknown})"), Some(false)),
        (format!("r.cidrs.exists(c, c == \"10.0.0.0/8\" || {unknown})"), Some(true)),
        (format!("r.cidrs.exists(c, c == \"x\" || {unknown})"), None),
    ] {
        let result = about(Kind::Vpc, &source, json!({ "name": "a", "cidrs": ["10.0.0.0/8"] }));
        assert_eq!(result.ok(), expected, "{source}");
    }
}

#[test]
fn an_open_list_proves_presence_and_never_absence() {
    let items = || json!([{ "zone": "a", "name": "x" }, { "zone": "b", "name": "y" }]);
    for (source, closed, open) in [
        ("bound.exists(s, s.zone == \"a\")", true, Some(true)),
        ("bound.exists(s, s.zone == \"c\")", false, None),
        ("bound.all(s, s.zone == \"a\")", false, Some(false)),
        ("bound.all(s, s.zone in [\"a\", \"b\"])", true, None),
        ("bound.map(s, s.zone).distinct().size() == 2", true, None),
        ("bound.filter(s, s.zone == \"a\").size() == 1", true, None),
        ("bound.exists_one(s, s.zone == \"a\")", true, None),
        ("bound.size() == 2", true, None),
        // Nothing of the item is read: it still may not count.
        ("bound.map(s, 1).size() == 2", true, None),
        ("bound.filter(s, param.strict || s.zone == \"a\").size() == 2", true, None),
        ("bound.all(s, param.strict)", true, None),
        ("bound.exists(s, !param.strict)", false, None),
    ] {
        assert_eq!(about_all(source, items(), false), Ok(closed), "{source}");
        assert_eq!(about_all(source, items(), true).ok(), open, "open: {source}");
    }
    assert_eq!(about_all("bound.all(s, s.zone == \"a\")", json!([]), true).ok(), None);
    for source in ["bound.size() == 0", "bound.all(s, false)", "bound.map(s, s.zone).size() == 0"] {
        assert_eq!(
            about_all(source, json!([]), true),
            Err(Undecided("the list is incomplete".into())),
            "{source}"
        );
    }
    assert_eq!(about_all("bound.exists(s, s.zone == \"a\")", json!([{ "name": "x" }]), false).ok(), None);
}

#[test]
fn null_is_known_to_be_absent() {
    let source = "r.connectivity != null && r.connectivity.startsWith(\"pub\")";
    assert_eq!(about(Kind::NatGateway, source, json!({ "connectivity": null })), Ok(false));
    assert_eq!(about(Kind::NatGateway, source, json!({ "connectivity": "public" })), Ok(true));
    assert!(about(Kind::NatGateway, source, json!({})).is_err());
    assert_eq!(
        about(Kind::NatGateway, "r.connectivity == \"public\"", json!({ "connectivity": null })),
        Ok(false)
    );
    assert_eq!(
        about(Kind::NatGateway, "r.connectivity in [\"public\"]", json!({ "connectivity": null })),
        Ok(false)
    );
}

#[test]
fn dates_are_times() {
    let source = "r.not_after != null && r.not_after > now + duration(\"720h\")";
    let after = |date: serde_json::Value| about(Kind::AcmCertificate, source, json!({ "not_after": date }));
    assert_eq!(after(json!("2026-12-02T00:00:00Z")), Ok(true));
    assert_eq!(after(json!("2026-11-02T00:00:00.123Z")), Ok(false));
    assert_eq!(after(json!(null)), Ok(false));
}

#[test]
fn names_answer_and_cover() {
    let answers =
        |names| about(Kind::Route53Record, "r.answers(\"a.example.com\")", json!({ "names": names }));
    assert_eq!(answers(json!(["*.example.com"])), Ok(true));
    assert_eq!(answers(json!(["*.example.com", "a.example.com"])), Ok(false));
    let certificate = json!({ "domains": ["*.example.com"] });
    assert_eq!(about(Kind::AcmCertificate, "r.covers(\"a.b.example.com\")", certificate.clone()), Ok(false));
    assert_eq!(about(Kind::AcmCertificate, "covers(r.domains, \"b.example.com\")", certificate), Ok(true));
}

#[test]
fn edges_are_read_by_relation() {
    let source = "param.hosts.all(h, out(\"terminates-tls-with\").exists(e, e.port == 443 && e.covers(h)))";
    let expr = compile(&[Kind::LoadBalancer], source).expect("checks");
    assert_eq!(expr.reads().out.iter().collect::<Vec<_>>(), ["terminates-tls-with"]);
    assert_eq!(expr.reads().attributes.iter().collect::<Vec<_>>(), ["domains", "port"]);
    assert!(!expr.reads().resource());
    for (port, open, expected) in [(443, false, Some(true)), (80, false, Some(false)), (80, true, None)] {
        let edges = list(json!([{ "port": port, "domains": ["app.example.com"], "to": "x" }]), open);
        let out = BTreeMap::from([("terminates-tls-with".to_owned(), edges)]);
        let result = expr.boolean(&constants(), Inputs { out: Some(&out), ..Inputs::default() });
        assert_eq!(result.ok(), expected, "{port} {open}");
    }
    assert_eq!(
        expr.boolean(&constants(), Inputs::default()),
        Err(Undecided("`terminates-tls-with` is not known".into()))
    );
}

#[test]
fn an_arrows_expression_reads_its_edge() {
    let expr =
        compile(&[], "e.healthy > 0 && e.kind == \"aws.ecs_service\" && e.to != \"\"").expect("checks");
    let edge = object(json!({ "healthy": 1, "kind": "aws.ecs_service", "to": "arn" }));
    assert_eq!(expr.boolean(&constants(), Inputs { e: Some(&edge), ..Inputs::default() }), Ok(true));
}

#[test]
fn texts_and_numbers_come_out() {
    let params = params();
    let names = Vocabulary::of_params(&params);
    let text = Expr::compile("param.tag + \"-\" + string(param.zones)", Want::Text, &names).expect("checks");
    assert_eq!(text.text(&constants(), Inputs::default()), Ok("env-2".into()));
    let number = Expr::compile("param.zones * 2", Want::Number, &names).expect("checks");
    assert_eq!(number.integer(&constants(), Inputs::default()), Ok(4));
    assert!(Expr::compile("param.zones", Want::Text, &names).is_err());
}

#[test]
fn what_is_read_of_a_record_is_known() {
    let source = r#"r.name == "a" && told(r.properties.power) == "Running" && r.properties.rbac == true"#;
    let expr = compile(&[Kind::AksCluster], source).expect("checks");
    assert_eq!(expr.reads().fields.iter().collect::<Vec<_>>(), ["name", "properties"]);
    assert_eq!(expr.reads().parts.iter().collect::<Vec<_>>(), ["properties.power", "properties.rbac"]);
    // An element of a list is no part of the resource by that path.
    let expr =
        compile(&[Kind::AksCluster], r#"r.properties.pools.all(p, p.mode == "User")"#).expect("checks");
    assert_eq!(expr.reads().parts.iter().collect::<Vec<_>>(), ["properties.pools"]);
}

#[test]
fn conjuncts_keep_their_text() {
    let source = r#"r.state == "a && b" && (r.name == "x" || r.name == "y") && (r.is_default && r.id != "")"#;
    let expr = compile(&[Kind::Vpc], source).expect("checks");
    let conjuncts = expr.conjuncts();
    let texts: Vec<&str> = conjuncts.iter().map(Expr::source).collect();
    assert_eq!(
        texts,
        [r#"r.state == "a && b""#, r#"r.name == "x" || r.name == "y""#, "r.is_default", r#"r.id != """#]
    );
    assert_eq!(conjuncts[1].reads().fields.iter().collect::<Vec<_>>(), ["name"]);
    let vpc = object(json!({ "name": "y", "state": "a" }));
    let inputs = Inputs { r: Some(&vpc), ..Inputs::default() };
    assert_eq!(conjuncts[0].boolean(&constants(), inputs), Ok(false));
    assert_eq!(conjuncts[1].boolean(&constants(), inputs), Ok(true));
    assert_eq!(
        compile(&[Kind::Vpc], "r.is_default || r.name == \"a\"").expect("checks").conjuncts().len(),
        1
    );
}

#[test]
fn what_is_wrong_is_refused() {
    for (kind, source, at, message) in [
        (Kind::Vpc, "r.nmae == \"a\"", "nmae", "aws.vpc has no `nmae`"),
        (Kind::Vpc, "x == 1", "x", "nothing here is called `x`"),
        (Kind::Vpc, "e.port == 1", "e", "there is no `e` to look at here"),
        (Kind::Vpc, "r.tga(\"a\") == \"b\"", "tga", "there is no function `tga`"),
        (
            Kind::Vpc,
            "out(\"placed_in\").exists(e, true)",
            "\"placed_in\"",
            "there is no relation `placed_in`",
        ),
        (
            Kind::Vpc,
            "out(\"placed-in\").exists(e, true)",
            "\"placed-in\"",
            "`placed-in` never starts at aws.vpc",
        ),
        (
            Kind::Subnet,
            "out(\"placed-in\").exists(e, e.port == 1)",
            "port",
            "an edge of `placed-in` has no `port`",
        ),
        (
            Kind::Vpc,
            "out(r.name).exists(e, true)",
            "out",
            "`out` takes the name of one relation, as it stands",
        ),
        (Kind::Vpc, "param.zone > 1", "zone", "param has no `zone`"),
        (Kind::Vpc, "1 == \"1\"", "==", "int and string are never equal"),
        (Kind::Vpc, "r.is_default == \"true\"", "==", "bool and string are never equal"),
        (Kind::Vpc, "r.name in r.is_default", "in", "bool is no list"),
        (Kind::Vpc, "1 in r.cidrs", "in", "a list of string never holds int"),
        (Kind::Vpc, "r == r", "==", "whole records can't be compared"),
        (Kind::Vpc, "r in bound", "in", "whole records can't be compared"),
        (Kind::Vpc, "bound == bound", "==", "whole records can't be compared"),
        (Kind::Vpc, "has(r.name)", "has", "has() would take what was not read for absent"),
        (Kind::Vpc, "r.?name == \"a\"", ".", "optional selection would take what was not read for absent"),
        (Kind::Vpc, "r.name == null", "==", "`r.name` is never null"),
        (Kind::Vpc, "r.name", "name", "this is string, but bool is needed"),
        (Kind::Vpc, "r.name && true", "name", "this is string, but bool is needed"),
        (Kind::Vpc, "r.name.matches(\"(a\")", "\"(a\"", "not a regular expression: unclosed group"),
        (Kind::Vpc, "now > timestamp(\"soon\")", "\"soon\"", "not a timestamp"),
        (Kind::Vpc, "r.tags.env == \"a\"", "env", "the keys of a map are no members"),
        (Kind::Vpc, "bound[0].name == \"a\"", "[", "this list has no order"),
        (Kind::Vpc, "r.cidrs.exists(c, c.x == 1)", "x", "string has no members"),
        (Kind::Vpc, "r.name + 1 == \"a\"", "+", "`+` does not take string and int"),
        (Kind::Vpc, "r.is_default &&", "", "unexpected end"),
        (Kind::Vpc, "r.name = \"a\"", "=", "`=` is no operator: compare with `==`"),
        (Kind::Vpc, "\"é\" == r.nmae", "nmae", "aws.vpc has no `nmae`"),
        (Kind::NatGateway, "r.connectivity.size() > 1", "connectivity", "`r.connectivity` may be null"),
        (
            Kind::NatGateway,
            "r.connectivity.size() > 1 && r.connectivity != null",
            "connectivity",
            "`r.connectivity` may be null",
        ),
        (
            Kind::NatGateway,
            "r.connectivity == null && r.connectivity.size() > 1",
            "connectivity",
            "`r.connectivity` may be null",
        ),
        (Kind::AcmCertificate, "r.not_after > now", "not_after", "`r.not_after` may be null"),
        (Kind::Route53Record, "r.alias.dns_name == \"a\"", "alias", "`r.alias` may be null"),
    ] {
        let faults = compile(&[kind], source).err().unwrap_or_else(|| panic!("accepted: {source}"));
        assert_eq!(faults[0].message, message, "{source}");
        assert_eq!(&source[faults[0].span.clone()], at, "{source}");
        assert_eq!(faults.len(), 1, "{source}: {faults:?}");
    }
}

#[test]
fn guards_are_understood() {
    for (kind, source) in [
        (Kind::NatGateway, "r.connectivity != null && r.connectivity.size() > 1"),
        (Kind::NatGateway, "r.connectivity == null || r.connectivity.size() > 1"),
        (Kind::NatGateway, "!(r.connectivity == null) && r.connectivity.size() > 1"),
        (Kind::NatGateway, "r.connectivity == null ? false : r.connectivity.size() > 1"),
        (Kind::NatGateway, "bound.exists(n, n.subnet != null && n.subnet.startsWith(\"subnet\"))"),
        (Kind::NatGateway, "bound.map(n, n.subnet != null, n.subnet).all(s, s.startsWith(\"x\"))"),
        (Kind::Route53Record, "r.alias != null && r.alias.dns_name == \"a\""),
        (Kind::AcmCertificate, "r.not_after == null || r.not_after > now"),
        (
            Kind::NatGateway,
            "r.state == \"available\" && r.connectivity == \"public\" && r.public_ips.size() > 0",
        ),
    ] {
        if let Err(faults) = compile(&[kind], source) {
            panic!("{source}: {faults:?}");
        }
    }
}

#[test]
fn the_nearest_right_name_is_offered() {
    let help =
        |kinds: &[Kind], source: &str| compile(kinds, source).err().and_then(|faults| faults[0].help.clone());
    assert_eq!(help(&[Kind::Vpc], "r.nmae == \"a\"").as_deref(), Some("did you mean `name`?"));
    assert_eq!(help(&[Kind::Vpc], "parm.tag == \"a\"").as_deref(), Some("did you mean `param`?"));
    assert_eq!(
        help(&[Kind::RdsInstance, Kind::DynamodbTable], "r.publicly_accessible").as_deref(),
        Some("only aws.rds_instance has it as such: say `when_kind = [\"aws.rds_instance\"]`")
    );
}

#[test]
fn functions_are_listed_in_order() {
    let names: Vec<&str> = crate::design::FUNCTIONS.iter().map(|function| function.name).collect();
    assert!(names.is_sorted());
}
