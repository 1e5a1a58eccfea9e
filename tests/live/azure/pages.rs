//! Long lists come in pages: all of them, from where the first came from, or the list counts as incomplete.

use serde_json::{Value, json};

use crate::report::{Report, only_unknown_is_new};

use super::{Cloud, text};

/// A list through the older client and one of our own; where each asks, and a check that stands on it.
const LISTS: [(&str, &str, &str); 2] = [
    ("azure:ListDatabaseAccounts", "Microsoft.DocumentDB/databaseAccounts'", "node.database"),
    ("azure:ListLoadBalancers", "/loadBalancers$", "edge.gateway-lb"),
];

/// The same fault of further pages of both.
fn further(fault: &Value, from_page: u32) -> Value {
    LISTS
        .iter()
        .map(|(_, at, _)| {
            let mut rule = fault.clone();
            rule["call"] = json!(at);
            rule["from_page"] = json!(from_page);
            rule
        })
        .collect()
}

/// A cloud whose pages hold one item each.
fn paged() -> (Cloud, Report) {
    let cloud = Cloud::with("aks");
    let whole = cloud.check();
    cloud.emulator.azure("POST", "paging", &json!({ "*": 1 }));
    let before = cloud.check();
    assert_eq!((before.code, before.verdicts()), (0, whole.verdicts()), "pages change nothing");
    for (call, _, _) in LISTS {
        let pages = before.coverage(call)[0]["pages"].as_u64().expect("a number");
        assert!(pages >= 3, "{call}: {pages}");
    }
    (cloud, before)
}

fn cut(cloud: &Cloud, before: &Report, what: &str, says: &str) {
    let after = cloud.check();
    assert_eq!(after.code, 3, "{what}: {:?}", after.with("FAIL"));
    let lost = only_unknown_is_new(before, &after);
    for (call, _, check) in LISTS {
        assert_ne!(after.gaps().get(call), None, "{what}: {call} is complete");
        assert!(after.detail(call).contains(says), "{what}, {call}: {}", after.detail(call));
        assert!(lost.contains(check), "{what}: {check} stands on half a list: {lost:?}");
        assert!(after.misses(check, call), "{what}: {check} does not name {call}");
    }
}

#[test]
fn a_page_that_comes_late_is_read() {
    let (cloud, before) = paged();
    for fault in [
        json!({ "fault": "error", "times": 1, "retry_after": null }),
        json!({ "fault": "throttle", "times": 2, "retry_after": 1 }),
        json!({ "fault": "drop", "times": 1 }),
    ] {
        cloud.faults(&further(&fault, 2));
        let after = cloud.check();
        assert_eq!((after.code, after.verdicts()), (0, before.verdicts()), "{fault}");
        assert!(after.gaps().is_empty(), "{fault}: {:?}", after.gaps());
    }
}

#[test]
fn a_list_that_breaks_off_is_incomplete() {
    let (cloud, before) = paged();
    for (fault, says) in [
        (json!({ "fault": "error", "retry_after": null, "retry_after_ms": 1 }), ""),
        (json!({ "fault": "throttle", "retry_after": null, "retry_after_ms": 1 }), "throttled after every retry"),
        (json!({ "fault": "deny" }), "AuthorizationFailed"),
        (json!({ "fault": "drop" }), "unreachable"),
        (json!({ "fault": "html" }), "unreadable answer"),
        (json!({ "fault": "array" }), "unreadable answer"),
        (json!({ "fault": "empty" }), ""),
        (json!({ "fault": "null" }), ""),
        (json!({ "fault": "missing" }), "ResourceNotFound"),
        (json!({ "fault": "unregistered" }), ""),
    ] {
        cloud.faults(&further(&fault, 2));
        cut(&cloud, &before, &fault.to_string(), says);
    }
}

#[test]
fn nobody_goes_where_somebody_else_is() {
    let (cloud, before) = paged();
    let [arm, elsewhere, plain] = ["arm", "elsewhere", "elsewhere_http"].map(|name| text(&cloud.told[name]));
    let [subscription, other] = cloud.subscriptions();
    let host = arm.strip_prefix("https://").expect("by TLS");
    let path = format!("subscriptions/{subscription}/providers/Microsoft.Network/loadBalancers");
    let more = "api-version=2023-09-01&%24skiptoken=more";
    let links = [
        format!("{elsewhere}/{path}?{more}"),
        format!("{plain}/{path}?{more}"),
        format!("http://{host}/{path}?{more}"),
        format!("{}/{path}?{more}", elsewhere.replace("https://", &format!("https://{host}@"))),
        format!("https://somebody:secret@{host}/{path}?{more}"),
        format!("//{}/{path}?{more}", elsewhere.strip_prefix("https://").expect("by TLS")),
        format!("/{path}?{more}"),
        format!("{arm}/subscriptions/{other}/providers/Microsoft.Network/loadBalancers?{more}"),
        format!("{arm}/{path}/kubernetes-internal/listKeys?{more}"),
        format!("{arm}/{path}?{more}&%24expand=keys"),
    ];
    for link in links {
        for from in [1, 2] {
            cloud.faults(&further(&json!({ "fault": "evil_next", "url": link }), from));
            cloud.emulator.forget_calls();
            cut(&cloud, &before, &link, "");
            nobody_else(&cloud, &link);
            let asked = cloud.asked_at("arm");
            let strays = asked.iter().filter(|it| it.path.contains("listKeys") || it.query.contains_key("$expand"));
            assert_eq!(strays.count(), 0, "{link}");
            let crossed = asked.iter().filter(|it| it.query.get("$skiptoken").is_some_and(|token| token == "more"));
            assert_eq!(crossed.count(), 0, "{link}");
        }
        for from in [1, 2] {
            cloud.faults(&further(&json!({ "fault": "redirect", "url": link }), from));
            cloud.emulator.forget_calls();
            cut(&cloud, &before, &format!("redirect to {link}"), "HTTP 302");
            nobody_else(&cloud, &link);
        }
    }
}

/// Nobody is asked but ARM and the authority, by nobody.
fn nobody_else(cloud: &Cloud, link: &str) {
    let asked = cloud.asked();
    let strangers: Vec<_> = asked.iter().filter(|it| !["arm", "authority"].contains(&it.at.as_str())).collect();
    assert!(strangers.is_empty(), "{link}: {strangers:?}");
}

#[test]
fn a_page_that_never_comes_leaves_the_list_incomplete() {
    let (cloud, before) = paged();
    cloud.faults(&further(&json!({ "fault": "hang" }), 2));
    cut(&cloud, &before, "hang", "timed out");
    cloud.faults(&json!([]));
}
