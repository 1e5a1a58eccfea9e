//! `admits`: a rule of one of the resource's security groups lets this end in.

use serde_json::json;

use crate::model::aws::ec2::{GroupRef, SecurityGroup, SgRule};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

use super::evidence::hop;
use super::net::ports::Ports;
use super::net::security_groups::{Guard, attached};
use super::{Edge, Edges, End, Ref, Relation, World};

pub(crate) struct Admits;

impl Relation for Admits {
    fn meta(&self) -> &'static RelationMeta {
        relation("admits").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let guard = Guard { of: from, groups: attached(from) };
        let (groups, gaps) = guard.groups(world);
        let mut found = Vec::new();
        for group in groups {
            for rule in &World::facts::<SecurityGroup>(group).ingress {
                found.extend(ends(rule, group, world).into_iter().map(|to| edge(from, group, rule, to)));
            }
        }
        Edges { found, gaps, ..Edges::default() }
    }
}

/// Everything a rule is open to. A prefix list is named, never looked up: whatever it holds, it is no security group.
fn ends<'s>(rule: &SgRule, group: Ref<'s>, world: &World<'s>) -> Vec<End<'s>> {
    let admitted = |peer: &GroupRef| {
        let mut near = group.scope.clone();
        if let Some(account) = &peer.account {
            near.account.clone_from(account);
        }
        End::of(Kind::SecurityGroup, &peer.id, &near, world)
    };
    let list = |id: &String| {
        let read = world.get(Kind::PrefixList, id);
        read.map_or_else(|| End::Outside(id.clone()), End::Resource)
    };
    let blocks = rule.cidrs.iter().chain(&rule.ipv6_cidrs).cloned().map(End::Outside);
    rule.groups.iter().map(admitted).chain(blocks).chain(rule.prefix_lists.iter().map(list)).collect()
}

fn edge<'s>(from: Ref<'s>, group: Ref<'s>, rule: &SgRule, to: End<'s>) -> Edge<'s> {
    let ports = Ports::of(rule.from, rule.to);
    let said = json!({
        "protocol": rule.protocol, "from": ports.first, "to": ports.last, "source": to.label(),
    });
    Edge {
        attributes: vec![
            ("protocol", Ok(rule.protocol.clone().into())),
            ("from", Ok(ports.first.into())),
            ("to", Ok(ports.last.into())),
            ("via", Ok(group.id.clone().into())),
        ],
        evidence: vec![hop(from, "groups", group.id.as_str()), hop(group, "ingress", said)],
        assumptions: Vec::new(),
        to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{STRANGER, Scene, denied_list, edges, everything, group, rule, service};

    /// The ends that a service with one group of these rules admits, and how many gaps there are.
    fn admitted(scene: Scene, rules: Vec<SgRule>) -> (Vec<String>, usize) {
        let snapshot =
            scene.with("web", service(&[], &["sg-web"])).with("sg-web", group(rules, vec![])).snapshot();
        let edges = edges(&Admits, &World::new(&snapshot), Kind::EcsService, "web");
        let labels = edges.found.iter().map(|edge| {
            let form = match edge.to {
                End::Resource(_) => "",
                End::Unread { .. } => "unread ",
                End::Outside(_) => "outside ",
            };
            let port = |name| edge.attribute(name).as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{form}{} {}-{}", edge.to.label(), port("from"), port("to"))
        });
        (labels.collect(), edges.gaps.len())
    }

    #[test]
    fn every_end_of_every_rule_is_an_edge() {
        let scene = Scene::new().with("sg-alb", group(vec![], vec![])).listed(&[Kind::SecurityGroup]);
        let rules = vec![
            rule("tcp", 80, 80, &["sg-alb", "sg-web", "10.0.0.0/8"]),
            everything(&["::/0", "pl-office", "sg-gone"]),
        ];
        let (ends, gaps) = admitted(scene, rules);
        let expected = [
            "sg-alb 80-80",
            "sg-web 80-80",
            "outside 10.0.0.0/8 80-80",
            "outside sg-gone: no such aws.security_group 0-65535",
            "outside ::/0 0-65535",
            "outside pl-office 0-65535",
        ];
        assert_eq!(ends, expected);
        assert_eq!(gaps, 0, "a prefix list is named, not asked for");
    }

    #[test]
    fn no_rule_admits_nobody() {
        assert_eq!(admitted(Scene::new(), vec![]), (vec![], 0));
    }

    #[test]
    fn an_unread_group_may_admit_anybody() {
        let snapshot =
            Scene::new().with("web", service(&[], &["sg-1"])).denied(Kind::SecurityGroup).snapshot();
        let edges = edges(&Admits, &World::new(&snapshot), Kind::EcsService, "web");
        assert!(edges.found.is_empty());
        assert_eq!(edges.gaps, [denied_list(Kind::SecurityGroup)]);
    }

    #[test]
    fn a_service_without_named_groups_may_admit_anybody() {
        let snapshot = Scene::new().with("web", service(&[], &[])).snapshot();
        let edges = edges(&Admits, &World::new(&snapshot), Kind::EcsService, "web");
        assert_eq!((edges.found.len(), edges.gaps.len()), (0, 1));
    }

    #[test]
    fn an_attached_group_that_is_not_listed_may_admit_anybody() {
        let scene = Scene::new().with("web", service(&[], &["sg-shared"])).listed(&[Kind::SecurityGroup]);
        let snapshot = scene.snapshot();
        let edges = edges(&Admits, &World::new(&snapshot), Kind::EcsService, "web");
        assert_eq!((edges.found.len(), edges.gaps.len()), (0, 1));
    }

    #[test]
    fn a_strangers_group_is_unread_and_never_asked_for() {
        let mut from_peer = rule("tcp", 80, 80, &["sg-peer"]);
        from_peer.groups[0].account = Some(STRANGER.to_owned());
        let snapshot = Scene::new()
            .with("web", service(&[], &["sg-web"]))
            .with("sg-web", group(vec![from_peer], vec![]))
            .listed(&[Kind::SecurityGroup])
            .snapshot();
        let edges = edges(&Admits, &World::new(&snapshot), Kind::EcsService, "web");
        let End::Unread { gap, .. } = &edges.found[0].to else { panic!("{:?}", edges.found[0].to) };
        assert!(gap.detail.contains(STRANGER), "{gap}");
    }
}
