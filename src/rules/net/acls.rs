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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kind::Kind;
    use crate::rules::net::cidr::Cidr;
    use crate::rules::testing::{Scene, acl_entry, open_acl, the};

    const DB: (i64, i64) = (5432, 5432);

    fn block(cidr: &str) -> Addresses {
        let mut addresses = Addresses::default();
        addresses.add(&Cidr::parse(cidr).expect("a block"));
        addresses
    }

    /// Whether these entries let TCP 5432 out to 10.0.1.0/24; `None` where they don't decide.
    fn lets_out(entries: Vec<AclEntry>) -> Option<bool> {
        judge(entries, Ports::one(5432))
    }

    fn judge(entries: Vec<AclEntry>, ports: Ports) -> Option<bool> {
        let snapshot = Scene::new().with("acl-1", NetworkAcl { entries, ..open_acl(&[]) }).snapshot();
        let acl = the(&snapshot, Kind::NetworkAcl, "acl-1");
        passes(acl, Direction::Egress, ports, &block("10.0.1.0/24")).ok()
    }

    #[test]
    fn the_lowest_number_decides_whatever_the_order() {
        let deny = || acl_entry(90, true, false, DB, "10.0.0.0/16");
        let allow = |number| acl_entry(number, true, true, DB, "0.0.0.0/0");
        assert_eq!(lets_out(vec![allow(100), deny()]), Some(false));
        assert_eq!(lets_out(vec![deny(), allow(80)]), Some(true));
    }

    #[test]
    fn what_no_entry_matches_is_denied() {
        assert_eq!(lets_out(vec![]), Some(false));
        assert_eq!(lets_out(vec![acl_entry(100, true, true, (80, 443), "0.0.0.0/0")]), Some(false));
        assert_eq!(lets_out(vec![acl_entry(100, false, true, DB, "0.0.0.0/0")]), Some(false));
    }

    #[test]
    fn another_protocol_neither_allows_nor_denies() {
        let udp = AclEntry { protocol: "17".to_owned(), ..acl_entry(10, true, false, DB, "0.0.0.0/0") };
        assert_eq!(lets_out(vec![udp, acl_entry(100, true, true, DB, "0.0.0.0/0")]), Some(true));
    }

    #[test]
    fn all_protocols_are_all_ports() {
        let all = AclEntry {
            protocol: "-1".to_owned(),
            from: None,
            to: None,
            ..acl_entry(100, true, true, DB, "0.0.0.0/0")
        };
        assert_eq!(judge(vec![all], Ports::EPHEMERAL), Some(true));
    }

    #[test]
    fn entries_add_up_over_ports_and_addresses() {
        let halves = vec![
            acl_entry(100, true, true, (1024, 32767), "0.0.0.0/0"),
            acl_entry(110, true, true, (32768, 65535), "10.0.1.0/25"),
            acl_entry(120, true, true, (32768, 65535), "10.0.1.128/25"),
        ];
        assert_eq!(judge(halves.clone(), Ports::EPHEMERAL), Some(true));
        assert_eq!(judge(halves[..2].to_vec(), Ports::EPHEMERAL), None, "half of the subnet is left out");
        assert_eq!(judge(halves[1..].to_vec(), Ports::EPHEMERAL), None, "half of the ports are left out");
    }
}
