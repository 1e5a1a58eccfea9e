//! Subscriptions by their role, and networks that have nothing to do with each other.

use super::Cloud;

#[test]
fn explore_subs() {
    for fault in ["balancer_of_strangers", "backend_of_nobody"] {
        let cloud = Cloud::changed("aks", &["--fault", fault]);
        let after = cloud.check();
        println!("{fault} FAIL {} {:?}", after.code, after.with("FAIL"));
        println!("{fault} UNKNOWN {:?} {:?}", after.with("UNKNOWN"), after.gaps());
    }
}
