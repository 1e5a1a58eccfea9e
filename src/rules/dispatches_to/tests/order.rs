//! Which listener is asked first.

use super::*;

/// What precedes the listener `app` for `app.example.com`, beside another one at the same address and port.
fn preceded(
    tier: &str,
    priority: Option<i64>,
    other: &Value,
    other_priority: Option<i64>,
    first: bool,
) -> Value {
    let listeners = json!([listener("app", &["app.example.com"]), other]);
    let mut rules = vec![rule("app", "app", priority), rule("other", "other", other_priority)];
    if first {
        rules.reverse();
    }
    let found = dispatched(scene(&json!({ "tier": tier, "listeners": listeners, "rules": rules })));
    let own = found.into_iter().find(|(_, attributes)| attributes["rule"] == "app").expect("the rule's edge");
    own.1["preceded_by"].clone()
}

fn v2(other: &Value, own: i64, others: i64) -> Value {
    preceded("Standard_v2", Some(own), other, Some(others), false)
}

#[test]
fn the_lesser_priority_goes_first_however_particular_the_hosts_are() {
    let wild = listener("other", &["*.example.com", "a.example.net"]);
    assert_eq!(v2(&wild, 20, 10), json!(["*.example.com", "a.example.net"]));
    assert_eq!(v2(&wild, 10, 20), json!([]));
    assert_eq!(v2(&listener("other", &[]), 20, 10), json!(["*"]));
}

#[test]
fn a_redirect_takes_its_hosts_too() {
    let away = json!({ "name": "other", "listener": "other", "priority": 5, "redirect": "to-https" });
    let listeners = json!([listener("app", &["app.example.com"]), listener("other", &[])]);
    let rules = json!([rule("app", "app", Some(10)), away]);
    assert_eq!(
        told(scene(&json!({ "listeners": listeners, "rules": rules })), "preceded_by"),
        [json!(["*"])]
    );
}

#[test]
fn another_address_or_port_takes_nothing_away() {
    for changes in [json!({ "port": 80 }), json!({ "frontend": "private" })] {
        assert_eq!(v2(&with(&listener("other", &[]), &changes), 20, 10), json!([]));
    }
}

#[test]
fn a_listener_whose_place_is_not_told_may_take_them_first() {
    let untold = json!("? it does not tell which address and port other is for");
    for changes in [json!({ "port": null }), json!({ "frontend": null })] {
        let other = with(&listener("other", &[]), &changes);
        assert_eq!((v2(&other, 20, 10), v2(&other, 10, 20)), (untold.clone(), json!([])));
    }
}

#[test]
fn without_priorities_named_hosts_go_before_every_host() {
    let of = |other: &Value| preceded("WAF_v2", None, other, None, true);
    assert_eq!(of(&listener("other", &[])), json!([]));
    assert_eq!(of(&listener("other", &["b.example.com"])), json!([]), "no host is meant by both");
    let open = json!("? nothing says which comes first, other or app");
    assert_eq!(of(&listener("other", &["*.example.com"])), open);
    assert_eq!(of(&listener("other", &["app.example.com"])), open);
    assert_eq!(preceded("WAF_v2", Some(10), &listener("other", &["*"]), None, false), open);
}

#[test]
fn a_gateway_of_the_first_version_goes_by_the_order_of_its_rules() {
    let of = |first: bool| preceded("Standard", None, &listener("other", &[]), None, first);
    assert_eq!((of(true), of(false)), (json!(["*"]), json!([])));
}
