//! `runs-in`: the service, or the namespace, lies in this cluster.

use crate::model::aws::ecs::Service;
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};
use crate::model::run::Evidence;
use crate::model::seen::Gap;

use super::evidence::hop;
use super::kleene::Verdict;
use super::{Doubt, Edge, Edges, End, Ref, Relation, World, apiserver};

pub(crate) struct RunsIn;

impl Relation for RunsIn {
    fn meta(&self) -> &'static RelationMeta {
        relation("runs-in").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let Some(service) = from.as_kind::<Service>() else { return namespace(from, world) };
        let cluster = service.cluster.as_str();
        let edge = Edge {
            to: End::of(Kind::EcsCluster, cluster, &from.scope, world),
            attributes: Vec::new(),
            evidence: vec![hop(from, "cluster", cluster)],
            assumptions: Vec::new(),
        };
        Edges { found: vec![edge], ..Edges::default() }
    }
}

/// The cluster of EKS or AKS that the namespace's API server is. One that is proven to be another is no end, however
/// little is known of the rest.
fn namespace<'s>(from: Ref<'s>, world: &World<'s>) -> Edges<'s> {
    let edge = |to: End<'s>, mut proof: Vec<Evidence>| {
        proof.insert(0, hop(from, "scope", from.scope.account.as_str()));
        Edge { to, attributes: Vec::new(), evidence: proof, assumptions: Vec::new() }
    };
    let candidates = apiserver::candidates(&from.scope, world);
    let shown = |cluster: Ref<'s>| apiserver::evidence(&from.scope, cluster, world);
    if let Some((cluster, _)) = candidates.clusters().find(|(_, verdict)| *verdict == Ok(true)) {
        let found = vec![edge(End::Resource(cluster), shown(cluster))];
        return Edges { found, ..Edges::default() };
    }
    let doubt = |kind: Kind, to: Option<Ref<'s>>, gap: &Gap| Doubt { kind, to, gap: gap.clone() };
    let undecided = |(cluster, verdict): (Ref<'s>, Verdict)| {
        verdict.err().map(|gap| doubt(cluster.kind(), Some(cluster), &gap))
    };
    let unlisted = candidates.gaps.iter().map(|(kind, gap)| doubt(*kind, None, gap));
    let doubts: Vec<_> = candidates.clusters().filter_map(undecided).chain(unlisted).collect();
    let mut edges = Edges { doubts, ..Edges::default() };
    if edges.doubts.is_empty() {
        let others = candidates.clusters().flat_map(|(cluster, _)| shown(cluster)).collect();
        let server = End::Outside(format!("the API server {}", from.scope.account));
        edges.found.push(edge(server, others));
    }
    edges
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::aws::ecs::Cluster;
    use crate::model::aws::eks;
    use crate::model::kubernetes::cluster::VERSION;
    use crate::rules::iam::testing::{Found, Lab, SERVER, SHOP, common, here, kubernetes};
    use crate::rules::testing::{Scene, denied_list, edges, service};

    const CLUSTER: &str = "arn:aws:ecs:us-west-1:111111111111:cluster/app";

    fn ends_in(scene: Scene) -> String {
        let snapshot = scene.with("web", service(&[], &[])).snapshot();
        let edges = edges(&RunsIn, &World::new(&snapshot), Kind::EcsService, "web");
        match &edges.found[0].to {
            End::Resource(cluster) => format!("resource {}", cluster.id),
            End::Unread { gap, .. } => format!("unread, {gap}"),
            End::Outside(label) => format!("outside {label}"),
        }
    }

    #[test]
    fn a_service_ends_in_its_cluster() {
        let cluster =
            Cluster { status: "ACTIVE".to_owned(), capacity_providers: Vec::new(), container_insights: None };
        assert_eq!(ends_in(Scene::new().with(CLUSTER, cluster)), format!("resource {CLUSTER}"));
    }

    #[test]
    fn a_cluster_that_is_not_listed_is_outside() {
        let gone = format!("outside {CLUSTER}: no such aws.ecs_cluster");
        assert_eq!(ends_in(Scene::new().listed(&[Kind::EcsCluster])), gone);
    }

    #[test]
    fn a_denied_list_leaves_the_end_unread() {
        let gap = denied_list(Kind::EcsCluster);
        assert_eq!(ends_in(Scene::new().denied(Kind::EcsCluster)), format!("unread, {gap}"));
    }

    const MAIN: &str = "arn:aws:eks:us-west-1:111111111111:cluster/main";
    const OTHER: &str = "arn:aws:eks:us-west-1:111111111111:cluster/other";

    /// A namespace in two clusters' account, whose API server is trusted by `ours`.
    fn shop(ours: &[&str]) -> Lab {
        let server = json!({ "server": SERVER, "certificate_authority": ours, "version": "v1.33.1" });
        apart().in_kubernetes(Kind::K8sCluster, SERVER, server)
    }

    fn apart() -> Lab {
        let cluster = |certificates: Value| {
            json!({
                "status": "ACTIVE", "certificate_authority": certificates, "subnets": [], "groups": [],
                "public_cidrs": [], "logging": [],
            })
        };
        Lab::new()
            .in_kubernetes(Kind::K8sNamespace, SHOP, json!({ "phase": "Active" }))
            .add(Kind::EksCluster, MAIN, cluster(json!(["a"])))
            .add(Kind::EksCluster, OTHER, cluster(json!(["b"])))
    }

    fn found(lab: Lab) -> Found {
        lab.edges(&RunsIn, Kind::K8sNamespace, SHOP)
    }

    fn listed(lab: Lab) -> Lab {
        lab.complete(&eks::CLUSTERS, &here(), "").complete(&eks::CLUSTERS, &common(), "")
    }

    #[test]
    fn a_namespace_ends_in_the_cluster_that_its_api_server_is() {
        let found = found(shop(&["b"]));
        assert_eq!(found.ends(), [OTHER]);
        assert!(found.gaps.is_empty(), "what is not listed can't be it too");
    }

    #[test]
    fn a_proven_mismatch_with_all_is_outside() {
        assert_eq!(found(listed(shop(&["c"]))).ends(), ["! the API server api.example.com"]);
        let half = found(shop(&["c"]));
        assert!(half.edges.is_empty());
        assert_eq!(half.calls(), ["eks:ListClusters", "eks:ListClusters"]);
    }

    #[test]
    fn an_unread_api_server_may_be_any() {
        let found = found(listed(apart()).denied(&VERSION, &kubernetes(), ""));
        assert!(found.edges.is_empty());
        assert_eq!(found.calls(), ["k8s:GetVersion", "k8s:GetVersion"]);
    }

    #[test]
    fn a_namespace_ends_in_its_cluster_of_aks_which_no_doubt_of_eks_keeps_open() {
        use crate::model::azure::containers::AksCluster;
        use crate::model::kubernetes::cluster as k8s;
        use crate::rules::testing::azure::{SUBSCRIPTION, aks, arm};
        use crate::rules::testing::kubernetes::{CLUSTER, NAMESPACE};

        let menu = arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/menu");
        let ends = |server: &str, listed: &[Kind]| {
            let snapshot = Scene::new()
                .api_server(server)
                .cluster_object::<k8s::Namespace>("dev-api", &json!({ "phase": "Active" }))
                .arm::<AksCluster>(&menu, &aks(&json!({ "fqdn": "menu-0a1b.hcp.westeurope.azmk8s.io" })))
                .inventoried(listed)
                .snapshot();
            let edges = edges(&RunsIn, &World::new(&snapshot), Kind::K8sNamespace, NAMESPACE);
            let found: Vec<String> = edges.found.iter().map(|edge| edge.to.label().to_owned()).collect();
            let doubts: Vec<(Kind, bool)> =
                edges.doubts.iter().map(|doubt| (doubt.kind, doubt.to.is_some())).collect();
            (found, doubts)
        };
        assert_eq!(ends("menu-0a1b.hcp.westeurope.azmk8s.io", &[]), (vec![menu.clone()], vec![]));
        let other = "other-0a1b.hcp.westeurope.azmk8s.io";
        let outside = (vec![format!("the API server {CLUSTER}")], vec![]);
        assert_eq!(ends(other, &[Kind::AksCluster]), outside);
        let (aks, eks) = (Kind::AksCluster, Kind::EksCluster);
        assert_eq!(ends(other, &[]), (vec![], vec![(aks, false); 2]), "two subscriptions");
        let (found, doubts) = ends("api.example.com", &[aks]);
        assert_eq!((found, doubts), (vec![], vec![(aks, true), (eks, false), (eks, false)]));
    }
}
