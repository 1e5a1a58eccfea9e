//! Callers who may read a part: what lists hide from them is open, and not missing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::program::CONFIG;
use crate::report::only_unknown_is_new;

use super::{Cloud, REGISTRY, text};

/// Actions of the role for what this environment has none of: private names, routes of its own.
const IDLE: [&str; 4] = [
    "Microsoft.Network/privateDnsZones/ALL/read",
    "Microsoft.Network/privateDnsZones/read",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
    "Microsoft.Network/routeTables/read",
];

#[test]
fn who_may_read_one_group_sees_nothing_missing() {
    // What is wrong in the group is seen; what is wrong beside it, or absent for all that can be told, is not.
    let wrong = ["--fault", "cluster_unpaid", "--fault", "database_public", "--fault", "backend_of_nobody"];
    let mut cloud = Cloud::changed("aks", &wrong);
    let all = cloud.check();
    let missing = ["node.cluster/paid", "node.database/private", "node.internal_lb"];
    assert!(missing.iter().all(|check| all.with("FAIL").contains(*check)), "{:?}", all.with("FAIL"));

    cloud.log_in("one-group");
    cloud.configure(&CONFIG.replace(REGISTRY, ""));
    let part = cloud.check();
    assert_eq!((part.code, part.with("FAIL")), (1, ["node.cluster/paid".to_owned()].into()));
    for check in [
        "node.api_group",
        "node.database",
        "node.internal_lb",
        "node.registry",
        "node.zone",
        "edge.gateway-lb",
    ] {
        assert!(part.with("UNKNOWN").contains(check), "{check}");
    }
    assert!(
        part.with("PASS").contains("edge.namespace-cluster"),
        "what is seen holds: {:?}",
        part.with("PASS")
    );

    for call in [
        "azure:ListResourceGroups",
        "azure:ListDatabaseAccounts",
        "azure:ListRegistries",
        "azure:ListDnsZones",
    ] {
        assert_eq!(part.gaps().get(call), Some(&"denied"), "{call}");
        let said = part.detail(call);
        assert!(
            said.contains("shows what the caller may see") && said.contains("is not proven"),
            "{call}: {said}"
        );
    }
    assert!(part.misses("node.database", "azure:ListDatabaseAccounts"));
    assert!(part.coverage("azure:ListResourceGroups")[0]["items"] == 1, "the one that is seen");
}

#[test]
fn the_printed_role_suffices_and_each_action_of_it_counts() {
    let mut cloud = Cloud::with("aks");
    let before = cloud.check();
    assert_eq!(before.code, 0);
    let printed =
        cloud.program.done(&["permissions", "--design", "azure-aks-rest-api", "--provider", "azure"]);
    let role: Value = serde_json::from_str(&printed).expect("JSON");
    cloud.log_in("custom");
    let grant = |role: &Value| {
        let grants = json!({ "custom": [{ "role": role, "scope": "/subscriptions/*" }] });
        cloud.emulator.azure("POST", "grants", &grants);
    };
    grant(&role);
    let after = cloud.check();
    assert_eq!((after.code, after.verdicts()), (0, before.verdicts()));

    let actions: BTreeSet<&str> = role["Actions"].as_array().expect("actions").iter().map(text).collect();
    assert!(IDLE.iter().all(|action| actions.contains(action)));
    for action in actions.iter().filter(|action| !IDLE.contains(action)) {
        let mut less = role.clone();
        less["Actions"] = actions.iter().filter(|it| it != &action).copied().collect();
        grant(&less);
        let after = cloud.check();
        assert_eq!(after.code, 3, "{action}");
        assert!(!only_unknown_is_new(&before, &after).is_empty(), "{action}");
        assert!(!after.gaps().is_empty(), "{action}");
    }
}
