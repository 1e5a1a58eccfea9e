//! `guarded-by`: this security group is attached to the resource.

use crate::model::kind::{Facts, Kind};
use crate::model::relation::{RelationMeta, relation};

use super::evidence::hop;
use super::net::security_groups::{Guard, attached};
use super::{Edge, Edges, End, Ref, Relation, World};

pub(crate) struct GuardedBy;

impl Relation for GuardedBy {
    fn meta(&self) -> &'static RelationMeta {
        relation("guarded-by").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let edge = |kind: Kind, fact: &str, group: &String| Edge {
            to: End::of(kind, group, &from.scope, world),
            attributes: Vec::new(),
            evidence: vec![hop(from, fact, group.as_str())],
            assumptions: Vec::new(),
        };
        if let Facts::AzureSubnet(subnet) = &from.facts {
            let of_subnet = |group: &String| edge(Kind::NetworkSecurityGroup, "security_group", group);
            return Edges {
                found: subnet.security_group.iter().map(of_subnet).collect(),
                ..Edges::default()
            };
        }
        let of_interfaces = |group: &String| edge(Kind::SecurityGroup, "groups", group);
        let guard = Guard { of: from, groups: attached(from) };
        Edges {
            found: guard.groups.iter().map(of_interfaces).collect(),
            gaps: Vec::from_iter(guard.unnamed()),
            ..Edges::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::elbv2::LoadBalancer;
    use crate::rules::testing::{Scene, denied_list, edges, group, service};

    #[test]
    fn every_attached_group_is_an_end() {
        let snapshot = Scene::new()
            .with("web", service(&[], &["sg-1", "sg-gone"]))
            .with("sg-1", group(vec![], vec![]))
            .with("sg-other", group(vec![], vec![]))
            .listed(&[Kind::SecurityGroup])
            .snapshot();
        let edges = edges(&GuardedBy, &World::new(&snapshot), Kind::EcsService, "web");
        assert_eq!(edges.found.len(), 2);
        assert!(matches!(edges.found[0].to, End::Resource(group) if group.id == "sg-1"));
        assert_eq!(edges.found[1].to, End::Outside("sg-gone: no such aws.security_group".to_owned()));
    }

    #[test]
    fn a_service_that_names_no_group_has_one_nevertheless() {
        let snapshot = Scene::new().with("web", service(&[], &[])).snapshot();
        let edges = edges(&GuardedBy, &World::new(&snapshot), Kind::EcsService, "web");
        assert_eq!((edges.found.len(), edges.gaps.len()), (0, 1));
    }

    #[test]
    fn a_load_balancer_that_names_no_group_has_none() {
        let balancer = LoadBalancer {
            r#type: "network".to_owned(),
            scheme: None,
            state: None,
            vpc: None,
            dns_name: None,
            zone_id: None,
            subnets: Vec::new(),
            groups: Vec::new(),
            ip_address_type: None,
        };
        let snapshot = Scene::new().with("nlb", balancer).snapshot();
        let edges = edges(&GuardedBy, &World::new(&snapshot), Kind::LoadBalancer, "nlb");
        assert_eq!((edges.found.len(), edges.gaps.len()), (0, 0));
    }

    #[test]
    fn a_denied_list_leaves_the_end_unread() {
        let snapshot =
            Scene::new().with("web", service(&[], &["sg-1"])).denied(Kind::SecurityGroup).snapshot();
        let edges = edges(&GuardedBy, &World::new(&snapshot), Kind::EcsService, "web");
        let gap = denied_list(Kind::SecurityGroup);
        assert_eq!(edges.found[0].to, End::Unread { kind: Kind::SecurityGroup, id: "sg-1".to_owned(), gap });
    }

    #[test]
    fn a_subnet_of_azure_has_the_group_it_names() {
        use crate::model::azure::network::{SECURITY_GROUP, SecurityGroup, Subnet};
        use crate::rules::testing::azure::{network, unasked};
        use serde_json::{Value, json};

        let (subnet, guard) =
            (network("virtualnetworks/v/subnets/aks"), network("networksecuritygroups/guard"));
        let ends = |scene: Scene, named: Value| {
            let facts = json!({
                "network": network("virtualnetworks/v"), "prefixes": [], "service_endpoints": [],
                "security_group": named,
            });
            let snapshot = scene.arm::<Subnet>(&subnet, &facts).snapshot();
            let edges = edges(&GuardedBy, &World::new(&snapshot), Kind::AzureSubnet, &subnet);
            assert_eq!(edges.open().count(), 0);
            edges.found.iter().map(|edge| edge.end(ToString::to_string)).collect::<Vec<_>>()
        };
        let there = Scene::new().arm::<SecurityGroup>(&guard, &json!({ "rules": [] }));
        assert_eq!(ends(there, json!(guard)), [guard.as_str()]);
        assert_eq!(ends(Scene::new(), Value::Null), [""; 0]);
        let unread = format!("? {}", unasked(&SECURITY_GROUP, &guard));
        assert_eq!(ends(Scene::new(), json!(guard)), [unread]);
    }
}
