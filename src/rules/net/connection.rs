//! Whether TCP connections between two places in VPCs come through.

use crate::model::aws::ec2;
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kleene::{all, any};
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

use super::acls;
use super::cidr::Addresses;
use super::routes::network_acl;
use super::security_groups::{Direction, Guard, Peer};

/// One side of a connection: interfaces somewhere in these subnets, guarded by these groups.
pub(crate) struct Side<'s> {
    pub(crate) guard: Guard<'s>,
    /// At least one.
    pub(crate) subnets: Result<Vec<Ref<'s>>, Gap>,
}

impl<'s> Side<'s> {
    pub(crate) fn new(of: Ref<'s>, groups: &'s [String], subnets: &'s [String], world: &World<'s>) -> Self {
        Self { guard: Guard { of, groups }, subnets: find(of, subnets, world) }
    }

    /// The IPv4 addresses of its subnets: any of them may be in use.
    pub(crate) fn addresses(&self) -> Result<Addresses, Gap> {
        let mut addresses = Addresses::default();
        for subnet in self.subnets()? {
            addresses.add_all(&addresses_of(subnet)?);
        }
        Ok(addresses)
    }

    pub(crate) fn subnets(&self) -> Result<&[Ref<'s>], Gap> {
        self.subnets.as_deref().map_err(Gap::clone)
    }

    /// The VPC of its subnets, which is the same for all.
    pub(crate) fn vpc(&self) -> Result<&'s str, Gap> {
        Ok(&World::facts::<ec2::Subnet>(self.subnets()?[0]).vpc)
    }

    fn peer(&self) -> Peer<'s> {
        Peer { groups: self.guard.groups, prefix_lists: &[], addresses: self.addresses() }
    }
}

fn find<'s>(of: Ref<'s>, subnets: &'s [String], world: &World<'s>) -> Result<Vec<Ref<'s>>, Gap> {
    if subnets.is_empty() {
        return Err(undecided(of, "names no subnets"));
    }
    let found = subnets.iter().map(|id| match world.find(Kind::Subnet, id, &of.scope) {
        Ok(subnet) => Ok(subnet),
        Err(NotFound::Unread(gap)) => Err(gap),
        Err(NotFound::Absent) => Err(undecided(of, format!("{id} is not among the subnets listed"))),
    });
    found.collect()
}

fn addresses_of(subnet: Ref<'_>) -> Result<Addresses, Gap> {
    let cidr = &World::facts::<ec2::Subnet>(subnet).cidr;
    if cidr.is_empty() {
        return Err(undecided(subnet, "has IPv6 addresses alone, which are not judged"));
    }
    let mut addresses = Addresses::default();
    addresses.add_blocks([cidr], subnet)?;
    Ok(addresses)
}

/// Whether connections from the client to a TCP port of the server come through: one VPC around both, the groups of both
/// sides, the network ACLs of their subnets.
pub(crate) fn connects<'s>(
    client: &Side<'s>,
    server: &Side<'s>,
    port: i64,
    world: &World<'s>,
) -> Result<bool, Gap> {
    same_vpc(client, server)?;
    all([
        client.guard.passes(Direction::Egress, port, &server.peer(), world),
        server.guard.passes(Direction::Ingress, port, &client.peer(), world),
        acls_pass(client, server, port, world),
    ])
}

/// Between VPCs there may be peerings, transit gateways or public addresses, which are not read. Groups and ACLs see other
/// addresses then, so not even their no counts.
fn same_vpc(client: &Side<'_>, server: &Side<'_>) -> Result<(), Gap> {
    let (here, there) = (client.vpc()?, server.vpc()?);
    if here == there {
        return Ok(());
    }
    let why = format!("{here} and {there} are different VPCs, and peerings are not read");
    Err(undecided(server.guard.of, why))
}

/// Which of the server's subnets is in use isn't known, and clients are in each of theirs: yes where every pair passes,
/// no where the clients of some subnet get through to none of the server's.
fn acls_pass<'s>(client: &Side<'s>, server: &Side<'s>, port: i64, world: &World<'s>) -> Result<bool, Gap> {
    let servers = as_acls_see(server.subnets()?, world)?;
    let clients = as_acls_see(client.subnets()?, world)?;
    all(clients.iter().map(|from| {
        let pairs: Vec<_> = servers.iter().map(|to| acls::connects(from, to, port)).collect();
        match (all(pairs.clone()), any(pairs)) {
            (Ok(true), _) => Ok(true),
            (_, Ok(false)) => Ok(false),
            (Ok(false), Ok(true)) => {
                let why = format!("network ACLs let port {port} through to some of its subnets alone");
                Err(undecided(server.guard.of, why))
            }
            (Err(gap), _) | (_, Err(gap)) => Err(gap),
        }
    }))
}

fn as_acls_see<'s>(subnets: &[Ref<'s>], world: &World<'s>) -> Result<Vec<acls::Subnet<'s>>, Gap> {
    let seen = subnets.iter().map(|subnet| {
        let addresses = addresses_of(subnet)?;
        Ok(acls::Subnet { id: &subnet.id, addresses, acl: network_acl(subnet, world) })
    });
    seen.collect()
}
