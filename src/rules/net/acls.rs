//! Network ACLs: entries in the order of their numbers, the first that matches decides, none means no.

use crate::model::aws::ec2::{AclEntry, NetworkAcl};
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kleene::all;
use crate::rules::{Ref, World};

use super::cidr::{Addresses, Share};
use super::ports::{Ports, is_tcp};
use super::security_groups::Direction;

/// Whether an ACL lets TCP packets to all of `ports` through, between its subnet and all of `peer`. Where it does for
/// some of them alone, what is used decides, and that isn't known.
pub(crate) fn passes(
    acl: Ref<'_>,
    direction: Direction,
    ports: Ports,
    peer: &Addresses,
) -> Result<bool, Gap> {
    let facts = World::facts::<NetworkAcl>(acl);
    let egress = matches!(direction, Direction::Egress);
    let mut entries: Vec<&AclEntry> = facts.entries.iter().filter(|entry| entry.egress == egress).collect();
    entries.sort_by_key(|entry| entry.number);
    entries.retain(|entry| is_tcp(&entry.protocol));
    let pieces = ports.pieces(entries.iter().map(|entry| ports_of(entry)));
    let shares =
        pieces.iter().map(|piece| share(acl, &entries, *piece, peer)).collect::<Result<Vec<_>, _>>()?;
    if shares.iter().all(|share| *share == Share::All) {
        Ok(true)
    } else if shares.iter().all(|share| *share == Share::None) {
        Ok(false)
    } else {
        Err(undecided(acl, format!("lets a part of TCP {}-{} through alone", ports.first, ports.last)))
    }
}

/// Whether connections from subnet `from` to a TCP port in subnet `to` pass the ACLs of both, answers included. What
/// stays inside a subnet passes none.
pub(crate) fn connects(from: &Subnet<'_>, to: &Subnet<'_>, port: i64) -> Result<bool, Gap> {
    if from.id == to.id {
        return Ok(true);
    }
    let through = |subnet: &Subnet<'_>, direction, ports, peer: &Subnet<'_>| {
        passes(subnet.acl.clone()?, direction, ports, &peer.addresses)
    };
    all([
        through(from, Direction::Egress, Ports::one(port), to),
        through(to, Direction::Ingress, Ports::one(port), from),
        through(to, Direction::Egress, Ports::EPHEMERAL, from),
        through(from, Direction::Ingress, Ports::EPHEMERAL, to),
    ])
}

/// A subnet as ACLs see it.
pub(crate) struct Subnet<'s> {
    pub(crate) id: &'s str,
    pub(crate) addresses: Addresses,
    pub(crate) acl: Result<Ref<'s>, Gap>,
}

fn ports_of(entry: &AclEntry) -> Ports {
    if entry.protocol == "-1" { Ports::ALL } else { Ports::of(entry.from, entry.to) }
}

/// How much of `peer` the entries let through on ports that all fare alike.
fn share(acl: Ref<'_>, entries: &[&AclEntry], ports: Ports, peer: &Addresses) -> Result<Share, Gap> {
    let (mut open, mut allowed) = (peer.clone(), Addresses::default());
    for entry in entries.iter().filter(|entry| ports_of(entry).covers(ports)) {
        let mut matched = Addresses::default();
        matched.add_blocks(entry.cidr.iter().chain(&entry.ipv6_cidr), acl)?;
        if entry.allow {
            allowed.add_all(&open.within(&matched));
        }
        open = open.without(&matched);
    }
    Ok(allowed.share_of(peer))
}
