//! How what lies in a subnet of Azure leaves for the internet, and which addresses the internet sees.

use serde_json::json;

use super::{Lies, Public, Site, is_kept_for};
use crate::model::azure::containers::AksCluster;
use crate::model::azure::network::{LoadBalancer, PublicIp, Subnet};
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::path::leg::{At, Hop};
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

/// How packets leave, once they are routed to the internet.
pub(super) enum Egress<'s> {
    /// By one of these addresses; the gap says why there may be others.
    By(Vec<Hop<'s>>, Addresses, Option<Gap>),
    /// There may be a way: the gap would tell.
    Perhaps(Vec<Hop<'s>>, Gap),
    /// There is none.
    No(Vec<Hop<'s>>, &'static str),
}

/// A NAT gateway goes first, then an address of one's own, then what the cluster's load balancer lends.
pub(super) fn egress<'s>(site: &Site<'s>, world: &World<'s>) -> Egress<'s> {
    let subnet = match &site.lies {
        Lies::In(subnet) => *subnet,
        Lies::Unread(_, gap) => return Egress::Perhaps(Vec::new(), gap.clone()),
        Lies::Nowhere => return Egress::No(Vec::new(), "a load balancer sends nothing of its own"),
    };
    if let Some(id) = World::facts::<Subnet>(subnet).nat_gateway.as_deref() {
        return by_nat(subnet, id, world);
    }
    match (&site.public, site.cluster) {
        (Public::Yes(addresses, hops), _) => Egress::By(hops.clone(), addresses.clone(), None),
        (Public::Untold(gap), None) => Egress::Perhaps(Vec::new(), gap.clone()),
        (Public::No, None) => {
            let why = "whether Azure lends what lies here an address to leave by is not told";
            Egress::Perhaps(Vec::new(), undecided(subnet, why))
        }
        (Public::No, Some(cluster)) => of_cluster(cluster, world),
        (Public::Untold(gap), Some(cluster)) => match of_cluster(cluster, world) {
            // With an address of one's own it leaves, too, and by that.
            Egress::No(hops, _) => Egress::Perhaps(hops, gap.clone()),
            Egress::By(hops, addresses, more) => {
                Egress::By(hops, addresses, more.or_else(|| Some(gap.clone())))
            }
            way @ Egress::Perhaps(..) => way,
        },
    }
}

/// By the public addresses that a NAT gateway has. Prefixes of such are not read.
fn by_nat<'s>(subnet: Ref<'s>, id: &str, world: &World<'s>) -> Egress<'s> {
    let gateway = Hop::at(At::Named(id.to_owned())).by([hop(subnet, "nat_gateway", id)]);
    let (mut hops, mut addresses) = (vec![gateway], Addresses::default());
    let all = world.snapshot().of_kind(Kind::PublicIp).iter();
    for ip in all.filter(|ip| World::facts::<PublicIp>(ip).used_by.as_deref() == Some(id)) {
        if let Ok((_, own)) = address(subnet, &ip.id, world) {
            addresses.add_all(&own);
            hops.push(Hop::of(ip).by([hop(ip, "used_by", id)]));
        }
    }
    let unlisted = world.unlisted_in_azure(Kind::PublicIp);
    let why = "whether its NAT gateway has prefixes of public addresses is not read";
    let gap = unlisted.unwrap_or_else(|| undecided(subnet, why));
    if addresses.is_empty() { Egress::Perhaps(hops, gap) } else { Egress::By(hops, addresses, Some(gap)) }
}

fn of_cluster<'s>(cluster: Ref<'s>, world: &World<'s>) -> Egress<'s> {
    let properties = match World::facts::<AksCluster>(cluster).properties.get() {
        Ok(properties) => properties,
        Err(gap) => return Egress::Perhaps(Vec::new(), gap.clone()),
    };
    let outbound = properties.outbound.as_deref().unwrap_or_default();
    let told = Hop::of(cluster).by([hop(cluster, "properties.outbound", json!(properties.outbound))]);
    let group = properties.node_group.as_deref();
    match (outbound.to_ascii_lowercase().as_str(), group) {
        ("loadbalancer", Some(group)) => by_balancers(told, cluster, group, world),
        ("managednatgateway" | "userassignednatgateway", _) => {
            let why = "the NAT gateway of its nodes is not read";
            Egress::Perhaps(vec![told], undecided(cluster, why))
        }
        ("userdefinedrouting", _) => {
            let why = "its nodes leave by routes of its own, and what stands there is not read";
            Egress::Perhaps(vec![told], undecided(cluster, why))
        }
        _ => Egress::Perhaps(vec![told], undecided(cluster, "how its nodes leave is not told")),
    }
}

/// By the public frontends of the load balancers that AKS keeps in the group of the nodes.
fn by_balancers<'s>(told: Hop<'s>, cluster: Ref<'s>, group: &str, world: &World<'s>) -> Egress<'s> {
    let listing = world.list(Kind::AzureLoadBalancer, &cluster.scope.asked());
    let kept = listing.items.into_iter().filter(|balancer| is_kept_for(balancer, cluster, group));
    let (mut hops, mut addresses, mut gaps) = (vec![told], Addresses::default(), Vec::new());
    for balancer in kept {
        let frontends = World::facts::<LoadBalancer>(balancer).frontends.iter();
        let mut public = frontends.filter(|frontend| frontend.public_ip.is_some()).peekable();
        if public.peek().is_none() {
            continue;
        }
        let mut at = Hop::of(balancer);
        for frontend in public {
            at.evidence.push(hop(balancer, "frontends", json!(frontend)));
            match address(balancer, frontend.public_ip.as_deref().unwrap_or_default(), world) {
                Ok((_, own)) => addresses.add_all(&own),
                Err(gap) => gaps.push(gap),
            }
        }
        hops.push(at);
    }
    gaps.extend(listing.gaps);
    match (addresses.is_empty(), gaps.into_iter().next()) {
        (false, gap) => Egress::By(hops, addresses, gap),
        (true, Some(gap)) => Egress::Perhaps(hops, gap),
        (true, None) => Egress::No(hops, "no load balancer of its nodes has a public address"),
    }
}

/// The resource that a public address is, and what it is.
pub(super) fn address<'s>(of: Ref<'s>, id: &str, world: &World<'s>) -> Result<(Ref<'s>, Addresses), Gap> {
    let found = world.find(Kind::PublicIp, id, &of.scope).map_err(|not| match not {
        NotFound::Unread(gap) => gap,
        NotFound::Absent => undecided(of, format!("{id} is not there to be read")),
    })?;
    let told = World::facts::<PublicIp>(found).address.as_deref();
    let block = told.and_then(Cidr::parse);
    let block = block.ok_or_else(|| undecided(found, "it tells no address"))?;
    let mut addresses = Addresses::default();
    addresses.add(&block);
    Ok((found, addresses))
}
