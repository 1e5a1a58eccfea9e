//! Long lists come in pages: all of them, from where the first came from, or the list counts as incomplete.

use serde_json::{Value, json};

use crate::report::{Report, only_unknown_is_new};

use super::{Cloud, NOBODYS, text};

/// A list through the older client and one of our own; where each asks, with what further pages are asked for, and a
/// check that stands on it.
const LISTS: [(&str, &str, &str, &str); 2] = [
    (
        "azure:ListDatabaseAccounts",
        "Microsoft.DocumentDB/databaseAccounts'",
        "resources?api-version=2021-04-01&%24skiptoken=more",
        "node.database",
    ),
    (
        "azure:ListRecordSets",
        "/nonprod.example.com/recordsets$",
        "resourceGroups/example-stacks-nonprod-euw-core/providers/Microsoft.Network/dnsZones/nonprod.example.com/recordsets\
         ?api-version=2018-05-01&%24skiptoken=more",
        "node.dns/every-host",
    ),
];

/// The same fault of both from a page on.
fn further(fault: &Value, from_page: u32) -> Value {
    leading(fault, from_page, |_| Value::Null)
}

/// The same, with a link for each: from what further pages are asked for with.
fn leading(fault: &Value, from_page: u32, link: impl Fn(&str) -> Value) -> Value {
    LISTS
        .iter()
        .map(|(_, at, more, _)| {
            let mut rule = fault.clone();
            rule["call"] = json!(at);
            rule["from_page"] = json!(from_page);
            rule["url"] = link(more);
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
    for (call, ..) in LISTS {
        let pages = before.coverage(call)[0]["pages"].as_u64().expect("a number");
        assert!(pages >= 3, "{call}: {pages}");
    }
    (cloud, before)
}

fn cut(cloud: &Cloud, before: &Report, what: &str, says: &str) {
    let after = cloud.check();
    assert_eq!(after.code, 3, "{what}: {:?}", after.with("FAIL"));
    let lost = only_unknown_is_new(before, &after);
    for (call, .., check) in LISTS {
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
        (
            json!({ "fault": "throttle", "retry_after": null, "retry_after_ms": 1 }),
            "throttled after every retry",
        ),
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
    let [subscription, _] = cloud.subscriptions();
    let host = arm.strip_prefix("https://").expect("by TLS");
    let stranger = elsewhere.strip_prefix("https://").expect("by TLS");
    let own = format!("subscriptions/{subscription}");
    let links = [
        format!("{elsewhere}/{own}/MORE"),
        format!("{plain}/{own}/MORE"),
        format!("http://{host}/{own}/MORE"),
        format!("https://{host}@{stranger}/{own}/MORE"),
        format!("https://somebody:secret@{host}/{own}/MORE"),
        format!("//{stranger}/{own}/MORE"),
        format!("{arm}/subscriptions/{NOBODYS}/MORE"),
        format!("{arm}/{own}/MORE&%24expand=keys"),
        format!("{arm}/{own}/listKeys/MORE"),
    ];
    for link in links {
        for (fault, from, says) in
            [("evil_next", 1, " as GET "), ("evil_next", 2, " as GET "), ("redirect", 2, "HTTP 302")]
        {
            let what = format!("{fault} from {from} to {link}");
            let rules = leading(&json!({ "fault": fault }), from, |more| json!(link.replace("MORE", more)));
            cloud.faults(&rules);
            cloud.emulator.forget_calls();
            cut(&cloud, &before, &what, says);
            let asked = cloud.asked();
            assert!(
                asked.iter().all(|it| ["arm", "authority"].contains(&it.at.as_str())),
                "{what}: {asked:?}"
            );
            let led =
                asked.iter().filter(|it| it.query.get("$skiptoken").is_some_and(|token| token == "more"));
            assert_eq!(led.count(), 0, "{what}");
        }
    }
}

#[test]
fn a_page_that_never_comes_leaves_the_list_incomplete() {
    let (cloud, before) = paged();
    cloud.faults(&further(&json!({ "fault": "hang" }), 2));
    cut(&cloud, &before, "hang", "timed out");
    cloud.faults(&json!([]));
}
