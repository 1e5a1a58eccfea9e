use super::*;
use crate::design::CountEnd;
use crate::design::testing::{assert_refused, drawn, file, replaced};
use crate::model::run::{Basis, Severity};

/// A design that is right, but for what `replacement` puts in the place of `part`.
fn with(part: &str, replacement: &str) -> Result<Library, Diagnostics> {
    load(&[file("small.toml", &replaced(SMALL, part, replacement))])
}

const SMALL: &str = r#"policy = 1
[design]
id = "small"
version = "1"
title = "Small"
source = "A drawing"

[param]
zones = { type = "int", default = 2 }
hosts = { type = "list<string>", about = "public names" }

[scope]
app = { region = '"eu-west-1"', where = 'r.tag("env") == env' }

[node.vpc]
kind = "aws.vpc"
says = "There is a VPC."
cite = "1"

[node.subnet]
kind = "aws.subnet"
count = "=param.zones"
select = 'r.zone != ""'
says = "There are subnets."
cite = "2"
severity = "high"
groups = ["net"]
assert.public = { that = '!r.map_public_ip_on_launch', basis = "hardening" }
assert.zones = 'bound.map(s, s.zone).distinct().size() == param.zones'

[node.alb]
kind = "aws.load_balancer"
count = "0..2"
says = "A load balancer."
cite = "3"

[node.certificate]
kind = "aws.acm_certificate"
via = "tls"
count = "1.."
says = "A certificate."
cite = "4"
assert.issued = 'r.status == "ISSUED"'

[edge]
in = { from = "subnet", rel = "placed-in", to = "vpc", cite = "5", only = true }
tls = { from = "alb", rel = "terminates-tls-with", to = "certificate", where = 'e.port == 443', cite = "6" }

[unassessed.people]
says = "People watch."
cite = "7"
why = "no API"
"#;

#[test]
fn the_shipped_designs_load() {
    match load(&builtin()) {
        Ok(library) => assert!(library.designs.contains_key("aws-ecs-fargate")),
        Err(diagnostics) => panic!("{diagnostics}"),
    }
}

#[test]
fn a_design_is_read_as_it_is_written() {
    let library = load(&[file("small.toml", SMALL)]).unwrap_or_else(|wrong| panic!("{wrong}"));
    let design = &library.designs["small"];
    let ids: Vec<&str> = design.nodes.iter().map(|node| node.id.as_str()).collect();
    assert_eq!(ids, ["vpc", "subnet", "alb", "certificate"]);
    let subnet = design.node("subnet").expect("read");
    assert!(matches!(&subnet.count.least, CountEnd::Computed(expr) if expr.source() == "param.zones"));
    let [public, zones] = subnet.asserts.as_slice() else { panic!("two asserts") };
    assert_eq!((public.requirement.basis, public.requirement.severity), (Basis::Hardening, Severity::High));
    assert_eq!((zones.requirement.says.as_str(), zones.requirement.place.line), ("There are subnets.", 29));
    assert_eq!(zones.requirement.groups, ["net"]);
    assert!(public.per_resource() && !zones.per_resource());
    assert!(matches!(design.node("vpc").map(|node| &node.count.most), Some(Some(CountEnd::Fixed(1)))));
    assert!(design.node("certificate").is_some_and(|node| node.count.most.is_none()));
    assert_eq!(
        design.edge("in").map(|edge| edge.requirement.says.as_str()),
        Some("The resource lies in this network, subnet or VPC (subnet → vpc)")
    );
    assert_eq!(design.unassessed.len(), 1);
    assert_eq!(
        design.checks(),
        [
            "small/node.vpc",
            "small/node.subnet",
            "small/node.subnet/public",
            "small/node.subnet/zones",
            "small/node.alb",
            "small/node.certificate",
            "small/node.certificate/issued",
            "small/edge.in",
            "small/edge.tls",
        ]
    );
}

#[test]
fn an_assert_says_what_goes_wrong_as_its_node_does_or_in_words_of_its_own() {
    let text = replaced(SMALL, "cite = \"2\"", "cite = \"2\"\nwhy = \"One zone down, all down.\"");
    let text = replaced(&text, "basis = \"hardening\"", "why = \"Strangers get in.\"");
    let text = replaced(&text, "cite = \"5\"", "cite = \"5\", why = \"Nothing gets there.\"");
    let design = drawn(&text).unwrap_or_else(|wrong| panic!("{wrong}"));
    let subnet = design.node("subnet").expect("read");
    let whys = subnet.asserts.iter().map(|assert| assert.requirement.why.as_str());
    assert_eq!(subnet.requirement.why, "One zone down, all down.");
    assert_eq!(whys.collect::<Vec<_>>(), ["Strangers get in.", "One zone down, all down."]);
    assert_eq!(design.edge("in").map(|edge| edge.requirement.why.as_str()), Some("Nothing gets there."));
    assert_eq!(design.edge("tls").map(|edge| edge.requirement.why.as_str()), Some(""));
}

#[test]
fn a_frame_has_the_title_and_form_that_its_group_says() {
    for (described, title, form) in [
        ("", "net", GroupForm::Part),
        ("[group.net]\ntitle = \"The network\"", "The network", GroupForm::Part),
        ("[group]\nnet = { form = \"resource-group\" }", "net", GroupForm::ResourceGroup),
    ] {
        let design = drawn(&replaced(SMALL, "[node.vpc]", &format!("{described}\n[node.vpc]")));
        let design = design.unwrap_or_else(|wrong| panic!("{wrong}"));
        let frames: Vec<_> = design.groups.iter().collect();
        let [(id, group)] = frames.as_slice() else { panic!("one node is drawn in one frame") };
        assert_eq!((id.as_str(), group.title.as_str(), group.form), ("net", title, form));
    }
}

#[test]
fn a_frame_of_no_known_form_or_around_nothing_is_refused() {
    let wrong = with("[node.vpc]", "[group.net]\nform = \"subent\"\n\n[node.vpc]").err().expect("refused");
    insta::assert_snapshot!(wrong.to_string(), @r#"
    error: there is no form `subent`
      --> small.toml:16:8
       |
    16 | form = "subent"
       |        ^^^^^^^^
       |
       = help: did you mean `subnet`?
    "#);
    let wrong = with("[node.vpc]", "[group.nte]\nform = \"subnet\"\n\n[node.vpc]").err().expect("refused");
    insta::assert_snapshot!(wrong.to_string(), @"
    error: no node is drawn in a group `nte`
      --> small.toml:15:8
       |
    15 | [group.nte]
       |        ^^^
       |
       = help: did you mean `net`?
    ");
    let wrong = with("[node.vpc]", "[group.net]\ntitel = \"Network\"\n\n[node.vpc]").err().expect("refused");
    assert_eq!(wrong.0[0].message, "there is no key `titel`");
}

/// A design that crosses from a cluster into the account around it, with `[scope.k8s]` as given.
fn crossing(scope: &str, cluster: &str) -> Result<Library, Diagnostics> {
    let cluster_node = "[node.cluster]\nkind = \"aws.eks_cluster\"\nsays = \"A cluster.\"\ncite = \"1\"\n";
    let text = format!(
        "policy = 1\n[design]\nid = \"x\"\nversion = \"1\"\ntitle = \"X\"\nsource = \"A drawing\"\n\
         [scope]\napp = {{}}\n{scope}\n{cluster_node}{cluster}\n\
         [node.namespace]\nkind = \"k8s.namespace\"\nscope = \"k8s\"\nsays = \"A namespace.\"\ncite = \"2\"\n\
         [edge]\nin = {{ from = \"namespace\", rel = \"runs-in\", to = \"cluster\", cite = \"3\" }}\n"
    );
    load(&[file("x.toml", &text)])
}

#[test]
fn what_crosses_from_a_cluster_says_which_one() {
    let sound = crossing("k8s = { cluster = \"cluster\" }", "").unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(sound.designs["x"].cluster().map(|node| node.id.as_str()), Some("cluster"));
    let nodegroup =
        "[node.group]\nkind = \"aws.eks_nodegroup\"\nwithin = \"cluster\"\nsays = \"G.\"\ncite = \"4\"\n";
    for (scope, more, message) in [
        ("k8s = {}", "", "nothing says which cluster this runs in"),
        ("k8s = { cluster = \"clutser\" }", "", "there is no node `clutser`"),
        ("k8s = { cluster = \"namespace\" }", "", "k8s.namespace is no cluster that Kubernetes runs in"),
        ("k8s = { cluster = \"group\" }", nodegroup, "`group` is bound by way of another node"),
        (
            "k8s = { cluster = \"cluster\", account = \"x\" }",
            "",
            "Kubernetes things lie in no account or region",
        ),
    ] {
        let wrong = crossing(scope, more).err().unwrap_or_else(|| panic!("accepted: {scope}"));
        assert!(wrong.0.iter().any(|one| one.message == message), "{message}\n{wrong}");
    }
}

#[test]
fn the_kinds_of_a_node_belong_to_one_provider() {
    let wrong = with("kind = \"aws.vpc\"", "kind = [\"aws.vpc\", \"k8s.namespace\"]").err().expect("refused");
    assert!(wrong.0.iter().any(|one| one.message == "the kinds of a node belong to one provider"), "{wrong}");
}

#[test]
fn a_diagnostic_shows_the_place_and_the_nearest_name() {
    let wrong = with("'r.zone != \"\"'", "'r.zoen != \"\"'").err().expect("refused");
    insta::assert_snapshot!(wrong.to_string(), @r#"
    error: aws.subnet has no `zoen`
      --> small.toml:23:13
       |
    23 | select = 'r.zoen != ""'
       |             ^^^^
       |
       = help: did you mean `zone`?
    "#);
    let wrong = with("to = \"vpc\"", "to = \"vcp\"").err().expect("refused");
    insta::assert_snapshot!(wrong.to_string(), @r#"
    error: there is no node `vcp`
      --> small.toml:46:49
       |
    46 | in = { from = "subnet", rel = "placed-in", to = "vcp", cite = "5", only = true }
       |                                                 ^^^^^
       |
       = help: did you mean `vpc`?
    "#);
    let wrong = with("count = \"=param.zones\"", "count = \"1..=param.zone\"").err().expect("refused");
    insta::assert_snapshot!(wrong.to_string(), @r#"
    error: param has no `zone`
      --> small.toml:22:20
       |
    22 | count = "1..=param.zone"
       |                    ^^^^
       |
       = help: did you mean `zones`?
    "#);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let text =
        SMALL.replace("aws.vpc", "aws.vcp").replace("r.status", "r.state").replace("placed-in", "lies-in");
    let wrong = load(&[file("small.toml", &text)]).err().expect("refused");
    let messages: Vec<&str> = wrong.0.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "there is no kind `aws.vcp`",
            "aws.acm_certificate has no `state`",
            "there is no relation `lies-in`"
        ]
    );
}

#[test]
fn mistakes_are_refused() {
    for (part, replacement, message) in [
        ("policy = 1", "policy = 2", "this version reads `policy = 1`"),
        ("policy = 1", "", "`policy = 1` is missing"),
        ("title = \"Small\"", "titel = \"Small\"", "`title` is missing"),
        ("cite = \"1\"", "", "node `vpc` has no `cite`"),
        ("says = \"There is a VPC.\"", "says = \" \"", "node `vpc` has no `says`"),
        ("cite = \"1\"", "cite = \"1\"\nselects = 'true'", "there is no key `selects`"),
        ("cite = \"1\"", "cite = \"1\"\nscope = \"ap\"", "there is no scope `ap`"),
        ("cite = \"1\"", "cite = 1", "a text is wanted here, this is an integer"),
        ("kind = \"aws.vpc\"", "", "`kind` is missing"),
        ("[node.vpc]", "[node.vpc]\n[node.vpc]", "duplicate key"),
        ("severity = \"high\"", "severity = \"hgih\"", "there is no severity `hgih`"),
        ("basis = \"hardening\"", "basis = \"hard\"", "there is no basis `hard`"),
        ("basis = \"hardening\"", "when_kind = \"aws.vpc\"", "the node holds no aws.vpc"),
        ("basis = \"hardening\"", "when = 'r.zone == \"\"'", "there is no `r` to look at here"),
        ("count = \"0..2\"", "count = \"2..0\"", "no number is in this range"),
        ("count = \"0..2\"", "count = \"two\"", "`two` is no number"),
        ("count = \"0..2\"", "count = \"=param.hosts\"", "this is list<string>, but int is needed"),
        ("'r.zone != \"\"'", "'out(\"placed-in\").exists(e, e.to == \"\")'", "edges can't be looked at here"),
        ("'r.zone != \"\"'", "'r.zone'", "this is string, but bool is needed"),
        (
            "'r.tag(\"env\") == env'",
            "'r.zone == env'",
            "aws.vpc | aws.subnet | aws.load_balancer | aws.acm_certificate has no `zone`",
        ),
        ("'\"eu-west-1\"'", "'param.zones'", "this is int, but string is needed"),
        ("type = \"int\"", "type = \"integer\"", "there is no type `integer`"),
        ("default = 2", "default = \"2\"", "the default of `zones` is no int"),
        ("from = \"subnet\"", "from = \"alb\", forbid = true", "`forbid` stands alone"),
        ("from = \"subnet\"", "from = \"vpc\"", "`placed-in` never starts at aws.vpc"),
        ("to = \"vpc\"", "to = \"alb\"", "`placed-in` never ends in aws.load_balancer"),
        ("to = \"vpc\", cite = \"5\"", "to = \"vpc\"", "arrow `in` has no `cite`"),
        ("only = true", "only = \"yes\"", "true or false is wanted here, this is a string"),
        ("e.port == 443", "e.port == \"443\"", "int and string are never equal"),
        ("e.port", "r.port", "there is no `r` to look at here"),
        ("via = \"tls\"", "via = \"tsl\"", "there is no arrow `tsl`"),
        ("via = \"tls\"", "via = \"in\"", "the arrow `in` does not touch `certificate`"),
        ("via = \"tls\"", "", "aws.acm_certificate is never listed"),
        (
            "cite = \"6\"",
            "cite = \"6\", only = true",
            "`only` of the arrow `tls` would be settled by this binding alone",
        ),
        ("assert.issued = 'r.status == \"ISSUED\"'", "", "nothing is checked of `certificate`"),
        ("cite = \"3\"", "cite = \"3\"\nvia = \"tls\"", "`alb` is bound by way of itself"),
        ("why = \"no API\"", "", "`why` is missing"),
        ("[design]", "[desing]", "this file holds neither a design nor rules nor waivers"),
    ] {
        assert_refused(with(part, replacement), replacement, message);
    }
}

#[test]
fn a_file_replaces_a_shipped_design_and_never_another_file() {
    let shipped = PolicyFile { origin: DesignOrigin::Builtin, ..file("builtin.toml", SMALL) };
    let own = file("own.toml", &SMALL.replace("\"Small\"", "\"Mine\""));
    for files in [[&shipped, &own], [&own, &shipped]] {
        let copies = files.map(|one| PolicyFile {
            name: one.name.clone(),
            text: one.text.clone(),
            origin: one.origin,
        });
        let library = load(&copies).unwrap_or_else(|wrong| panic!("{wrong}"));
        assert_eq!(library.designs["small"].title, "Mine");
    }
    let wrong = load(&[file("a.toml", SMALL), file("b.toml", SMALL)]).err().expect("refused");
    assert_eq!(wrong.0[0].message, "a design `small` was already read");
}

const RULE: &str = r#"policy = 1
extends = "small"
[rule."acme/spread"]
for = "subnet"
when = 'param.zones > 1'
assert = 'out("placed-in").all(e, e.to != "")'
severity = "high"
why = "What is placed nowhere is billed and never used."
message = 'r.name + " is placed nowhere"'
"#;

#[test]
fn rules_extend_a_design() {
    let library =
        load(&[file("acme.toml", RULE), file("small.toml", SMALL)]).unwrap_or_else(|wrong| panic!("{wrong}"));
    let design = &library.designs["small"];
    assert_eq!(design.rules[0].id, "acme/spread");
    assert_eq!(design.rules[0].requirement.cite, "acme.toml");
    assert_eq!(design.rules[0].requirement.why, "What is placed nowhere is billed and never used.");
    assert!(design.checks().contains(&"small/rule.acme/spread".to_owned()));
    assert_ne!(design.digest, digest(&[SMALL]));
    for (part, replacement, message) in [
        ("\"small\"", "\"smal\"", "there is no design `smal`"),
        ("\"subnet\"", "\"subnets\"", "there is no node `subnets`"),
        ("acme/spread", "spread", "a rule is named `org/name`"),
        ("r.name", "r.nmae", "aws.subnet has no `nmae`"),
    ] {
        let wrong =
            load(&[file("acme.toml", &RULE.replacen(part, replacement, 1)), file("small.toml", SMALL)]);
        let wrong = wrong.err().unwrap_or_else(|| panic!("accepted: {replacement}"));
        assert!(wrong.0[0].message.starts_with(message), "{wrong}");
    }
}

const WAIVER: &str = r#"[[waiver]]
check = "small/node.subnet/public"
env = "dev"
match = 'r.name == "legacy"'
reason = "Moves in OPS-412"
owner = "data@example.com"
approved_by = "secops@example.com"
created = 2026-11-01
expires = 2027-01-31
covers = ["FAIL"]
"#;

#[test]
fn waivers_name_a_check_and_somebody_who_answers_for_it() {
    let library = load(&[file("waivers.toml", WAIVER), file("small.toml", SMALL)])
        .unwrap_or_else(|wrong| panic!("{wrong}"));
    let waiver = &library.waivers[0];
    assert_eq!((waiver.check.as_str(), waiver.place.line), ("small/node.subnet/public", 2));
    assert_eq!(waiver.expires.to_string(), "2027-01-31");
    assert!(waiver.matches.is_some());
    for (part, replacement, message) in [
        (
            "small/node.subnet/public",
            "small/node.subnet/publik",
            "there is no check `small/node.subnet/publik`",
        ),
        ("small/node.subnet/public", "small/*", "there is no check `small/*`"),
        ("r.name", "r.nmae", "aws.subnet has no `nmae`"),
        ("secops@", "data@", "nobody approves a waiver of their own"),
        ("expires = 2027-01-31", "", "`expires` is missing"),
        ("expires = 2027-01-31", "expires = \"soon\"", "a date (2027-01-31) is wanted here"),
        ("expires = 2027-01-31", "expires = 2026-01-31", "it expires before it was created"),
        ("reason = \"Moves in OPS-412\"", "", "`reason` is missing"),
        ("[\"FAIL\"]", "[\"PASS\"]", "there is no status to waive `PASS`"),
    ] {
        let wrong =
            load(&[file("waivers.toml", &WAIVER.replacen(part, replacement, 1)), file("small.toml", SMALL)]);
        let wrong = wrong.err().unwrap_or_else(|| panic!("accepted: {replacement}"));
        assert!(wrong.0[0].message.starts_with(message), "{wrong}");
    }
}
