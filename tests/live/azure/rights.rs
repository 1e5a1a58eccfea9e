//! Callers who may read a part: what the lists hide is open and not missing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::program::CONFIG;
use crate::report::only_unknown_is_new;

use super::{Cloud, text};

const REGISTRY: &str = "registry = \"99999999-9999-9999-9999-999999999999\"";

#[test]
fn explore_group() {
    let mut cloud = Cloud::changed("aks", &["--fault", "cluster_unpaid"]);
    let before = cloud.check();
    cloud.log_in("one-group");
    cloud.configure(&CONFIG.replace(REGISTRY, ""));
    let after = cloud.check();
    println!("{} {:?}", before.code, before.with("FAIL"));
    println!("FAIL {} {:?}", after.code, after.with("FAIL"));
    println!("UNKNOWN {:?}", after.with("UNKNOWN"));
    println!("PASS {:?}", after.with("PASS"));
    for (call, outcome) in after.gaps() {
        println!("{call} {outcome} {}", after.detail(call));
    }
}

#[test]
fn the_printed_role_suffices_and_has_nothing_to_spare() {
    let mut cloud = Cloud::with("aks");
    let before = cloud.check();
    assert_eq!(before.code, 0);
    let printed = cloud.program.done(&["permissions", "--design", "azure-aks-rest-api", "--provider", "azure"]);
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
    for action in &actions {
        let mut less = role.clone();
        less["Actions"] = actions.iter().filter(|it| it != &action).copied().collect();
        grant(&less);
        let after = cloud.check();
        println!("{action}: {} {:?}", after.code, after.gaps());
        if after.code == 3 {
            let _ = only_unknown_is_new(&before, &after);
        }
    }
}
