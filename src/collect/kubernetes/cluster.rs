//! The API server, its nodes and its namespaces.

use futures::future::BoxFuture;
use serde::Deserialize;

use super::members::{Condition, Metadata, Place, Unreadable, addresses, need, ready, stated};
use super::pages::Listing;
use super::{Api, Collector};
use crate::collect::facts::Facts;
use crate::model::call::Source;
use crate::model::kind::{Head, Resource, Tags};
use crate::model::kubernetes::cluster::{
    self as model, GET_VERSION, LIST_NAMESPACES, LIST_NODES, NAMESPACES, NODES, VERSION,
};
use crate::model::seen::Seen;

/// Labels that name a node's zone, the present one first.
const ZONES: [&str; 2] = ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"];

pub(super) struct Cluster;

impl Collector for Cluster {
    fn id(&self) -> &'static str {
        "k8s.cluster"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&VERSION, &NAMESPACES, &NODES]
    }

    fn fetch<'a>(
        &'a self,
        api: &'a Api,
        source: &'static Source,
        key: &'a str,
        into: &'a mut Facts,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            match *source.calls[0] {
                GET_VERSION => api.one(&GET_VERSION, key, into, |_, found| cluster(api, found)).await,
                LIST_NAMESPACES => {
                    let listing = Listing::of(&LIST_NAMESPACES, "NamespaceList");
                    api.list(&listing, key, into, namespace).await;
                }
                LIST_NODES => api.list(&Listing::of(&LIST_NODES, "NodeList"), key, into, node).await,
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundVersion {
    git_version: Option<String>,
}

fn cluster(api: &Api, found: FoundVersion) -> Result<Resource, Unreadable> {
    let head = Head {
        id: api.scope.account.clone(),
        name: api.server.address.clone(),
        scope: api.scope.clone(),
        tags: Seen::Known(Tags::new()),
        read_at: api.read_at,
    };
    let cluster = model::Cluster {
        server: api.server.address.clone(),
        certificate_authority: api.server.certificate_authority.clone(),
        version: need(found.git_version.and_then(stated), "gitVersion")?,
    };
    Ok(Resource::new(head, cluster))
}

#[derive(Deserialize)]
struct FoundNamespace {
    metadata: Metadata,
    #[serde(default)]
    status: NamespaceStatus,
}

#[derive(Default, Deserialize)]
struct NamespaceStatus {
    phase: Option<String>,
}

fn namespace(place: Place<'_>, mut found: FoundNamespace) -> Result<Resource, Unreadable> {
    let head = place.head::<model::Namespace>(&mut found.metadata)?;
    Ok(Resource::new(head, model::Namespace { phase: found.status.phase.and_then(stated) }))
}

#[derive(Deserialize)]
struct FoundNode {
    metadata: Metadata,
    #[serde(default)]
    spec: NodeSpec,
    #[serde(default)]
    status: NodeStatus,
}

#[derive(Default, Deserialize)]
struct NodeSpec {
    #[serde(rename = "providerID")]
    provider_id: Option<String>,
}

#[derive(Default, Deserialize)]
struct NodeStatus {
    addresses: Option<Vec<NodeAddress>>,
    conditions: Option<Vec<Condition>>,
}

#[derive(Deserialize)]
struct NodeAddress {
    r#type: Option<String>,
    address: Option<String>,
}

fn node(place: Place<'_>, mut found: FoundNode) -> Result<Resource, Unreadable> {
    let zone = ZONES.iter().find_map(|name| found.metadata.label(name)).map(str::to_owned);
    let head = place.head::<model::Node>(&mut found.metadata)?;
    let internal = found.status.addresses.unwrap_or_default().into_iter();
    let internal = internal.filter(|address| address.r#type.as_deref() == Some("InternalIP"));
    let node = model::Node {
        provider_id: found.spec.provider_id.and_then(stated),
        addresses: addresses(internal.filter_map(|address| address.address)),
        ready: ready(&found.status.conditions.unwrap_or_default()),
        zone,
    };
    Ok(Resource::new(head, node))
}

#[cfg(test)]
mod tests {
    use super::super::canned::{CLUSTER, Canned, list};
    use super::*;
    use crate::model::snapshot::Outcome;

    #[tokio::test]
    async fn a_cluster_is_what_was_asked_and_its_version() {
        let service = Canned::new(&[(200, r#"{"major":"1","minor":"33","gitVersion":"v1.33.1"}"#)]);
        let found = service.fetch(&Cluster, &VERSION, "").await;
        assert_eq!(service.asked(), ["/version"]);
        let resource = found.resource(CLUSTER);
        let cluster = resource.as_kind::<model::Cluster>().expect("a cluster");
        assert_eq!(cluster.server, CLUSTER);
        assert_eq!(cluster.certificate_authority, ["TUlJQg=="]);
        assert_eq!(cluster.version, "v1.33.1");
        let entry = found.entry(&GET_VERSION, "");
        assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 1, 1));
    }

    #[tokio::test]
    async fn a_version_that_is_none_leaves_no_cluster() {
        for body in ["{}", "[]", "<html></html>", r#"{"gitVersion":""}"#] {
            let found = Canned::new(&[(200, body)]).fetch(&Cluster, &VERSION, "").await;
            assert_eq!(found.entry(&GET_VERSION, "").outcome, Outcome::Failed, "{body}");
            assert!(found.ids().is_empty());
        }
    }

    #[tokio::test]
    async fn namespaces_tell_their_phase() {
        let items = r#"{"metadata":{"name":"dev-api","uid":"u-1","labels":{"env":"dev"}},
                "spec":{"finalizers":["kubernetes"]},"status":{"phase":"Terminating"}},
            {"metadata":{"name":"new"}}"#;
        let found =
            Canned::new(&[(200, &list("NamespaceList", items))]).fetch(&Cluster, &NAMESPACES, "").await;
        let ids = [format!("{CLUSTER}/namespace/dev-api"), format!("{CLUSTER}/namespace/new")];
        assert_eq!(found.ids(), ids);
        let resource = found.resource(&ids[0]);
        assert_eq!(resource.name, "dev-api");
        assert_eq!(resource.tags.get().expect("told with it")["env"], "dev");
        let phase = |id: &str| found.resource(id).as_kind::<model::Namespace>().expect("one").phase.clone();
        assert_eq!((phase(&ids[0]).as_deref(), phase(&ids[1])), (Some("Terminating"), None));
    }

    #[tokio::test]
    async fn nodes_tell_where_they_are() {
        let items = r#"{"metadata":{"name":"ip-10-0-1-7.eu-west-2.compute.internal",
                "labels":{"topology.kubernetes.io/zone":"eu-west-2a"}},
            "spec":{"providerID":"aws:///eu-west-2a/i-0123456789abcdef0"},
            "status":{"addresses":[{"type":"InternalIP","address":"FD00::7"},{"type":"InternalIP","address":"10.0.1.7"},
                    {"type":"ExternalIP","address":"198.51.100.7"},{"type":"Hostname","address":"ip-10-0-1-7"}],
                "conditions":[{"type":"MemoryPressure","status":"False"},{"type":"Ready","status":"True"}]}},
            {"metadata":{"name":"lost"},"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}"#;
        let found = Canned::new(&[(200, &list("NodeList", items))]).fetch(&Cluster, &NODES, "").await;
        let node = |name: &str| {
            let id = format!("{CLUSTER}/node/{name}");
            found.resource(&id).as_kind::<model::Node>().expect("a node").clone()
        };
        let there = node("ip-10-0-1-7.eu-west-2.compute.internal");
        assert_eq!(there.provider_id.as_deref(), Some("aws:///eu-west-2a/i-0123456789abcdef0"));
        assert_eq!(there.addresses, ["10.0.1.7", "fd00::7"]);
        assert_eq!((there.ready, there.zone.as_deref()), (Some(true), Some("eu-west-2a")));
        let nothing = model::Node { provider_id: None, addresses: Vec::new(), ready: None, zone: None };
        assert_eq!(node("lost"), nothing);
    }
}
