//! With whose address a network load balancer's packets come to its targets: its own, or its clients'. An attribute that
//! is not read says so; where the targets admit the one and not the other, it decides.

use crate::model::aws::ec2::{SecurityGroup, Subnet};
use crate::model::aws::elbv2::{LoadBalancer, TargetGroup};
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::net::cidr::{Addresses, Share};
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::Protocols;
use crate::rules::{Ref, World};

use super::Site;

/// Why it is open what the groups of these targets admit.
pub(super) fn doubt<'s>(
    balancer: Ref<'s>,
    group: Ref<'s>,
    targets: &[Site<'s>],
    protocol: Protocols,
    port: i64,
    world: &World<'s>,
) -> Option<Gap> {
    let facts = World::facts::<LoadBalancer>(balancer);
    let by_address = matches!(World::facts::<TargetGroup>(group).target_type.as_deref(), None | Some("ip"));
    // Targets by address see the load balancer's own by default, but for UDP.
    if facts.r#type != "network" || (by_address && protocol != Protocols::UDP) {
        return None;
    }
    let (near, clients) = (near(balancer, facts, world), clients(balancer, facts, world));
    targets.iter().find_map(|target| {
        let Admitted { allowed, named, open } = admitted(target, protocol, port, &facts.groups, world)?;
        if named || allowed.share_of(&clients) == Share::All {
            return None;
        }
        let some = |of: &Addresses| allowed.share_of(of) != Share::None;
        let why =
            "whether its targets see its own address or its clients' is not read, and they admit not both";
        open.or_else(|| (some(&clients) || some(&near)).then(|| undecided(group, why)))
    })
}

/// Whoever may ask it: of an internal one, whatever lies in its network.
fn clients(balancer: Ref<'_>, facts: &LoadBalancer, world: &World<'_>) -> Addresses {
    match facts.scheme.as_deref() {
        Some("internal") => near(balancer, facts, world),
        _ => Addresses::public_v4(),
    }
}

/// The addresses that lie in its network; all there are where its subnets are not all known.
fn near(balancer: Ref<'_>, facts: &LoadBalancer, world: &World<'_>) -> Addresses {
    let vpc = facts.vpc.as_deref().unwrap_or_default();
    let subnets = world.linked_in(Kind::Subnet, vpc, &balancer.scope);
    let mut own = Addresses::default();
    let read = subnets.items.iter().all(|subnet| {
        let told = World::facts::<Subnet>(subnet);
        let blocks = std::iter::once(&told.cidr).chain(&told.ipv6_cidrs).filter(|block| !block.is_empty());
        told.vpc != vpc || own.add_blocks(blocks, subnet).is_ok()
    });
    if !read || !subnets.gaps.is_empty() {
        own = Addresses::everything();
    }
    let dual = facts.ip_address_type.as_deref().is_none_or(|kind| kind.starts_with("dualstack"));
    if dual { own } else { Addresses { v4: own.v4, ..Addresses::default() } }
}

/// What the groups of a target admit at a port.
struct Admitted {
    allowed: Addresses,
    /// They name the load balancer's own groups, which both sides then pass by.
    named: bool,
    /// Why they may admit more.
    open: Option<Gap>,
}

/// `None` where nothing stands in front of the target.
fn admitted<'s>(
    target: &Site<'s>,
    protocol: Protocols,
    port: i64,
    own: &[String],
    world: &World<'s>,
) -> Option<Admitted> {
    let (groups, gaps) = target.guard?.groups(world);
    let mut admitted =
        Admitted { allowed: Addresses::default(), named: false, open: gaps.into_iter().next() };
    for group in groups {
        for rule in &World::facts::<SecurityGroup>(group).ingress {
            let said = Protocols::parse(&rule.protocol);
            let every = said == Some(Protocols::All);
            if !every && (said != Some(protocol) || !Ports::of(rule.from, rule.to).covers(Ports::one(port))) {
                continue;
            }
            admitted.named |= rule.groups.iter().any(|known| own.contains(&known.id));
            let blocks = rule.cidrs.iter().chain(&rule.ipv6_cidrs);
            let unread = admitted.allowed.add_blocks(blocks, group).err();
            let listed = || undecided(group, "which of its clients a prefix list has is not looked up");
            let listed = (!rule.prefix_lists.is_empty()).then(listed);
            admitted.open = admitted.open.or(unread).or(listed);
        }
    }
    Some(admitted)
}
