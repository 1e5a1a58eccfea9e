use serde_json::{Value, json};

use super::*;
use crate::model::aws::{ec2, eks};
use crate::model::kubernetes::cluster::{NODES, VERSION};
use crate::rules::iam::testing::{Lab, SERVER, common, here, kubernetes};

const CLUSTER: &str = "arn:aws:eks:us-west-1:111111111111:cluster/main";
const ENDPOINT: &str = "0123456789abcdef.gr7.us-west-1.eks.amazonaws.com";

fn told(endpoint: &str, certificates: &[&str]) -> Value {
    json!({
        "status": "ACTIVE", "endpoint": endpoint, "certificate_authority": certificates, "subnets": [],
        "groups": [], "public_cidrs": [], "logging": [],
    })
}

/// An API server of this address, and a cluster.
fn lab(server: &str, certificates: &[&str], cluster: &Value) -> Lab {
    let facts = json!({ "server": server, "certificate_authority": certificates, "version": "v1.33.1" });
    Lab::new().in_kubernetes(Kind::K8sCluster, SERVER, facts).add(Kind::EksCluster, CLUSTER, cluster.clone())
}

fn judged(lab: Lab) -> Verdict {
    let snapshot = lab.snapshot();
    let world = World::new(&snapshot);
    let cluster = world.get(Kind::EksCluster, CLUSTER).expect("added");
    let verdict = is_of(&kubernetes(), cluster, &world);
    assert_eq!(
        verdict.is_ok(),
        !evidence(&kubernetes(), cluster, &world).is_empty(),
        "shown as far as known"
    );
    verdict
}

/// A cluster behind a name of its own, so that only nodes can tell.
fn open() -> Lab {
    lab("api.example.com", &[], &told(ENDPOINT, &["ours"]))
}

fn node(lab: Lab, provider_id: &str) -> Lab {
    let facts = json!({ "provider_id": provider_id, "addresses": [] });
    lab.in_kubernetes(Kind::K8sNode, &format!("{SERVER}/node/a"), facts)
}

fn instance(lab: Lab, id: &str) -> Lab {
    lab.add(Kind::Instance, id, json!({ "cluster": CLUSTER, "private_ips": [] }))
}

#[test]
fn endpoint_or_certificate_prove_it() {
    for (server, ours, endpoint, theirs, expected) in [
        (ENDPOINT, &[][..], ENDPOINT, &[][..], true),
        (ENDPOINT, &[], "0123456789ABCDEF.gr7.us-west-1.eks.amazonaws.com", &["x"], true),
        ("api.example.com", &["a", "b"], ENDPOINT, &["b", "c"], true),
        ("api.example.com", &["a"], ENDPOINT, &["b"], false),
        ("fedc.gr7.us-west-1.eks.amazonaws.com", &[], ENDPOINT, &["b"], false),
        ("fedc.gr7.us-west-1.eks.amazonaws.com", &["b"], ENDPOINT, &["b"], true),
    ] {
        assert_eq!(judged(lab(server, ours, &told(endpoint, theirs))), Ok(expected), "{server} {endpoint}");
    }
}

#[test]
fn nodes_tell_where_a_proxy_stands_before_the_api_server() {
    let id = "i-0123456789abcdef0";
    let provider = format!("aws:///us-west-1a/{id}");
    assert_eq!(judged(instance(node(open(), &provider), id)), Ok(true));
    let of_a_namesake = json!({ "cluster": CLUSTER, "private_ips": [], "vpc": "vpc-elsewhere" });
    let namesakes = node(open(), &provider).add(Kind::Instance, id, of_a_namesake);
    assert!(judged(namesakes).is_err(), "a cluster of the same name in another network");
    let gap = judged(open()).expect_err("nobody asked");
    assert_eq!((gap.call.as_str(), gap.scope), (NODES.primary(), kubernetes()));
    let listed = || open().complete(&NODES, &kubernetes(), "");
    let gap = judged(node(listed(), &provider)).expect_err("whose instance that is");
    assert_eq!((gap.call.as_str(), gap.key.as_str()), (ec2::INSTANCES.primary(), CLUSTER));
    let strange = instance(node(listed(), &provider), "i-0fedcba9876543210");
    let strange = strange.complete(&ec2::INSTANCES, &here(), CLUSTER);
    assert!(!judged(strange).expect_err("no proof of the contrary").detail.is_empty());
    let elsewhere = node(listed(), &format!("azure:///{id}"));
    assert!(!judged(instance(elsewhere, id)).expect_err("another cloud's").detail.is_empty());
}

#[test]
fn an_unread_api_server_is_a_gap() {
    let bare = || Lab::new().add(Kind::EksCluster, CLUSTER, told(ENDPOINT, &[]));
    assert_eq!(judged(bare()), Err(Gap::unread(VERSION.primary(), &kubernetes(), "")));
    let gap = judged(bare().denied(&VERSION, &kubernetes(), "")).expect_err("denied");
    assert_eq!(gap.why, crate::model::seen::Why::Denied);
}

#[test]
fn none_is_proven_only_where_every_list_is_read() {
    let found = |lab: Lab| {
        let snapshot = lab.snapshot();
        cluster_of(&kubernetes(), &World::new(&snapshot)).map(|found| found.map(|found| found.id.clone()))
    };
    let ours = || lab(ENDPOINT, &[], &told(ENDPOINT, &[]));
    assert_eq!(found(ours()), Ok(Some(CLUSTER.to_owned())), "whatever else there may be");
    let other = || lab("fedc.gr7.us-west-1.eks.amazonaws.com", &[], &told(ENDPOINT, &[]));
    let here_alone = other().complete(&eks::CLUSTERS, &here(), "");
    assert_eq!(found(here_alone), Err(Gap::unread(eks::CLUSTERS.primary(), &common(), "")));
    let everywhere = other().complete(&eks::CLUSTERS, &here(), "").complete(&eks::CLUSTERS, &common(), "");
    assert_eq!(found(everywhere), Ok(None));
}
