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
        Edges { found, gaps }
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
