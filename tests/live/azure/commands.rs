//! `bind` and `permissions` of subscriptions.

use serde_json::{Value, json};

use crate::program::CONFIG;

use super::{Cloud, LEVEL, STAND_INS};

/// The table of the env's parameters.
const DESIGN: &str = "[env.dev-aks.design.azure-aks-rest-api]";
/// What binds the cluster by the name that it has.
const OF_THE_CLUSTER: &str = "cluster = 'r.name == \"example-stacks-nonprod-euw-core\"'";

#[test]
fn bind_says_how_to_find_a_cluster_of_another_name() {
    let cloud = Cloud::with("aks");
    let told = cloud.program.done(&["bind", "--env", "dev-aks"]);
    assert!(!told.contains("This would bind more"), "{told}");

    let config = CONFIG.replace(DESIGN, &format!("{DESIGN}\ncluster = \"another\""));
    cloud.configure(&config);
    let blind = cloud.program.check(&LEVEL);
    assert_eq!(blind.code, 1);
    assert!(blind.with("FAIL").contains("node.cluster"), "{:?}", blind.checks());
    let told = cloud.program.done(&["bind", "--env", "dev-aks"]);
    let (nodes, proposal) =
        told.split_once("This would bind more").unwrap_or_else(|| panic!("no proposal: {told}"));
    assert!(nodes.contains("rejected by same(r.name, param.cluster)"), "{nodes}");
    let (_, lines) = proposal.split_once('\n').expect("more lines");
    assert!(lines.contains(OF_THE_CLUSTER), "{lines}");

    cloud.configure(&format!("{config}\n{lines}"));
    let seeing = cloud.program.check(&LEVEL);
    assert_eq!(seeing.code, 0, "{:?}\n{told}", seeing.checks());
}

#[test]
fn the_printed_role_is_for_the_subscriptions_of_the_env() {
    let cloud = Cloud::with("aks");
    let asked = ["permissions", "--design", "azure-aks-rest-api", "--provider", "azure"];
    let printed = |more: &[&str]| -> Value {
        let printed = cloud.program.done(&[&asked, more].concat());
        serde_json::from_str(&printed).expect("JSON")
    };
    let role = printed(&["--env", "dev-aks"]);
    let scopes = STAND_INS.map(|id| format!("/subscriptions/{}", cloud.live(id)));
    assert_eq!(role["AssignableScopes"], json!(scopes));
    assert_eq!(role["Actions"], printed(&[])["Actions"]);
    assert!(cloud.asked().is_empty(), "nobody is asked");
}
