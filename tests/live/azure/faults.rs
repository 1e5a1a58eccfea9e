//! Answers that are none, or come late: each costs its call, or nothing, and never anybody a FAIL.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::report::{Report, only_unknown_is_new};

use super::Cloud;

/// One call in each of the ways that ARM is asked, none of which another waits for: a list through the older client, one
/// of our own, a resource, and measurements; where it asks, and a check that stands on it.
const CALLS: [(&str, &str, &str); 4] = [
    ("azure:ListInsightsComponents", "Microsoft.Insights/components'", "node.insights"),
    ("azure:ListLoadBalancers", "/loadBalancers$", "edge.gateway-lb"),
    ("azure:GetDatabaseAccount", "/databaseAccounts/example-stacks-dev-euw-menu$", "node.database/ready"),
    ("azure:GetGatewayMetrics", "/Microsoft.Insights/metrics$", "edge.gateway-healthy"),
];
/// What is asked of one thing, the first try included.
const ATTEMPTS: usize = 5;

fn rules(fault: &Value) -> Value {
    CALLS
        .iter()
        .map(|(_, at, _)| {
            let mut rule = fault.clone();
            rule["call"] = json!(at);
            rule
        })
        .collect()
}

/// How often ARM was asked for that.
fn asked(cloud: &Cloud, at: &str) -> usize {
    let pattern = regex::Regex::new(&format!("(?i){at}")).expect("a pattern");
    let filtered = |filter: Option<&String>| filter.is_some_and(|filter| pattern.is_match(filter));
    let arm = cloud.asked_at("arm");
    arm.iter().filter(|it| pattern.is_match(&it.path) || filtered(it.query.get("$filter"))).count()
}

/// What those calls cost under a fault: they are open, what stands on them is, and the rest is as it was.
fn costs(cloud: &Cloud, before: &Report, fault: &str, outcome: &str, says: &str) {
    let after = cloud.check();
    assert_eq!(after.code, 3, "{fault}: {:?}", after.with("FAIL"));
    let lost = only_unknown_is_new(before, &after);
    let gaps = after.gaps();
    assert_eq!(gaps.keys().copied().collect::<BTreeSet<_>>(), CALLS.map(|it| it.0).into(), "{fault}");
    for (call, _, check) in CALLS {
        assert_eq!(gaps[call], outcome, "{fault}, {call}: {}", after.detail(call));
        assert!(after.detail(call).contains(says), "{fault}, {call}: {}", after.detail(call));
        assert!(lost.contains(check), "{fault}: {check} stands on nothing: {lost:?}");
        assert!(after.misses(check, call), "{fault}: {check} does not name {call}");
    }
    assert!(after.with("PASS").len() > before.with("PASS").len() / 2, "{fault}: the rest stands");
}

#[test]
fn an_answer_that_is_none_costs_that_call_alone() {
    let cloud = Cloud::with("aks");
    let before = cloud.check();
    assert_eq!(before.code, 0);
    let questions = CALLS.map(|(_, at, _)| asked(&cloud, at));
    assert!(questions.iter().all(|questions| *questions > 0), "{questions:?}");
    for (fault, attempts, outcome, says) in [
        (json!({ "fault": "deny" }), 1, "denied", "AuthorizationFailed"),
        (json!({ "fault": "policy" }), 1, "denied", "denied by a policy"),
        (json!({ "fault": "expired" }), 1, "failed", "expired"),
        (json!({ "fault": "html" }), 1, "failed", "unreadable answer"),
        (json!({ "fault": "array" }), 1, "failed", "unreadable answer"),
        (json!({ "fault": "empty" }), 1, "failed", ""),
        (json!({ "fault": "null" }), 1, "failed", ""),
        (json!({ "fault": "redirect" }), 1, "failed", "HTTP 302"),
        (json!({ "fault": "error", "retry_after": null, "retry_after_ms": 1 }), ATTEMPTS, "failed", ""),
        (
            json!({ "fault": "throttle", "retry_after": null, "retry_after_ms": 1 }),
            ATTEMPTS,
            "throttled",
            "throttled",
        ),
        (json!({ "fault": "drop" }), ATTEMPTS, "failed", "unreachable"),
    ] {
        cloud.faults(&rules(&fault));
        cloud.emulator.forget_calls();
        costs(&cloud, &before, &fault.to_string(), outcome, says);
        for ((call, at, _), questions) in CALLS.into_iter().zip(questions) {
            // What is not found in the one subscription may be in the other.
            let (asked, most) = (asked(&cloud, at), 2 * questions * attempts);
            let whole = asked.is_multiple_of(attempts);
            assert!(whole && (attempts..=most).contains(&asked), "{fault}, {call}: asked {asked} times");
        }
        assert_eq!(cloud.asked_at("elsewhere").len(), 0, "{fault}");
    }
}

#[test]
fn what_comes_after_a_while_is_complete() {
    let cloud = Cloud::with("aks");
    let before = cloud.check();
    for fault in [
        json!({ "fault": "throttle", "times": 2, "retry_after": 1 }),
        json!({ "fault": "throttle", "times": 2, "retry_after": null, "retry_after_ms": 10 }),
        json!({ "fault": "throttle", "times": 1, "retry_after": "Mon, 05 Jan 2026 10:00:00 GMT" }),
        json!({ "fault": "error", "times": 2, "retry_after": null }),
        json!({ "fault": "drop", "times": 1 }),
    ] {
        cloud.faults(&rules(&fault));
        let questions = CALLS.map(|(_, at, _)| asked(&cloud, at));
        let after = cloud.check();
        assert_eq!((after.code, after.verdicts()), (0, before.verdicts()), "{fault}");
        assert!(after.gaps().is_empty(), "{fault}: {:?}", after.gaps());
        let times = usize::try_from(fault["times"].as_u64().expect("a number")).expect("a few");
        for ((call, at, _), before) in CALLS.into_iter().zip(questions) {
            assert_eq!(asked(&cloud, at) - before, 1 + times, "{fault}, {call}");
        }
    }
}

#[test]
fn an_answer_that_never_comes_costs_that_call_alone() {
    let cloud = Cloud::with("aks");
    let before = cloud.check();
    cloud.faults(&rules(&json!({ "fault": "hang" })));
    costs(&cloud, &before, "hang", "failed", "timed out");
    cloud.faults(&json!([]));
}

#[test]
fn what_the_caller_may_see_is_in_doubt_where_nobody_tells() {
    let cloud = Cloud::with("aks");
    let before = cloud.check();
    for (fault, outcome) in [("deny", "denied"), ("html", "failed"), ("empty", "failed")] {
        cloud.faults(&json!([{ "call": "/Microsoft.Authorization/permissions$", "fault": fault }]));
        let after = cloud.check();
        assert_eq!(after.code, 3, "{fault}");
        let lost = only_unknown_is_new(&before, &after);
        assert!(lost.len() > 5, "{fault}: {lost:?}");
        for call in ["azure:ListPermissions", "azure:ListManagedClusters", "azure:ListDnsZones"] {
            assert_eq!(after.gaps().get(call), Some(&outcome), "{fault}, {call}");
        }
    }
}
