//! Subscriptions by their role, and networks that have nothing to do with each other.

use serde_json::{Value, json};
use super::{Cloud, text};
use crate::program::CONFIG;

fn ids(cloud: &Cloud, end: &str) -> Vec<String> {
    let resources = cloud.emulator.azure("GET", "resources", &Value::Null);
    let ids = resources.as_array().expect("a list").iter().map(|it| text(&it["id"]).to_owned());
    ids.filter(|id| id.to_ascii_lowercase().ends_with(&end.to_ascii_lowercase())).collect()
}

#[test]
fn explore_subs() {
    let cloud = Cloud::with("aks");
    cloud.configure(&CONFIG.replace("registry = \"99999999-9999-9999-9999-999999999999\"", ""));
    let after = cloud.check();
    println!("no registry role FAIL {} {:?} {:?} {:?}", after.code, after.with("FAIL"), after.with("UNKNOWN"), after.gaps());
    cloud.configure(CONFIG);
    println!("{:?}", ids(&cloud, "/loadBalancers/kubernetes-internal"));
    println!("{:?}", ids(&cloud, "/dnszones/nonprod.example.com"));
    let ours = ids(&cloud, "/loadBalancers/kubernetes-internal").into_iter().find(|it| it.contains("nonprod")).expect("one");
    cloud.emulator.azure("DELETE", "resources", &json!([ours]));
    let after = cloud.check();
    println!("no balancer FAIL {} {:?} {:?} {:?}", after.code, after.with("FAIL"), after.with("UNKNOWN"), after.gaps());
    for fault in ["gateway_in_another_network", "nodes_in_another_network"] {
        let cloud = Cloud::changed("aks", &["--fault", fault]);
        let after = cloud.check();
        println!("{fault} FAIL {} {:?}", after.code, after.with("FAIL"));
        println!("{fault} UNKNOWN {:?} {:?}", after.with("UNKNOWN"), after.gaps());
    }
}
