//! The load balancer that an address is of: the one with a network interface that has it. Equal private addresses mean
//! something within one VPC alone, so whoever asks names the candidates.

use crate::model::aws::Arn;
use crate::model::aws::ec2::NetworkInterface;
use crate::model::aws::elbv2::LoadBalancer;
use crate::model::kind::Kind;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::kleene::foremost;
use crate::rules::world::Listing;
use crate::rules::{Ref, World};

/// The load balancers of a VPC.
pub(crate) fn in_vpc<'s>(vpc: &str, scope: &Scope, world: &World<'s>) -> Listing<'s> {
    let mut listing = world.linked_in(Kind::LoadBalancer, vpc, scope);
    listing.items.retain(|found| World::facts::<LoadBalancer>(found).vpc.as_deref() == Some(vpc));
    listing
}

/// Those of a VPC that other load balancers can send requests to by its private addresses.
pub(crate) fn internal<'s>(vpc: &str, scope: &Scope, world: &World<'s>) -> Listing<'s> {
    let mut listing = in_vpc(vpc, scope, world);
    let public = |found: &Ref<'s>| {
        World::facts::<LoadBalancer>(found).scheme.as_deref().is_some_and(|scheme| scheme != "internal")
    };
    listing.items.retain(|found| !public(found));
    listing
}

/// Which of the candidates has this address; a gap where one that is not read may have it.
pub(crate) fn holder<'s>(
    address: &str,
    candidates: &Listing<'s>,
    world: &World<'s>,
) -> Result<Option<Ref<'s>>, Gap> {
    let mut gaps = candidates.gaps.clone();
    for candidate in &candidates.items {
        let interfaces = interfaces(candidate, world);
        let has = |interface: &Ref<'s>| {
            let facts = World::facts::<NetworkInterface>(interface);
            facts.private_ips.iter().chain(&facts.public_ip).any(|own| own == address)
        };
        if interfaces.items.iter().any(has) {
            return Ok(Some(candidate));
        }
        gaps.extend(interfaces.gaps);
    }
    foremost(gaps).map_or(Ok(None), Err)
}

/// The network interfaces of a load balancer, which say by their description whose they are.
pub(crate) fn interfaces<'s>(balancer: Ref<'s>, world: &World<'s>) -> Listing<'s> {
    let named = Arn::parse(&balancer.id).and_then(|arn| arn.resource.strip_prefix("loadbalancer/"));
    let described = named.map(|named| format!("ELB {named}")).unwrap_or_default();
    let vpc = World::facts::<LoadBalancer>(balancer).vpc.as_deref();
    let mut items = world.linked(Kind::NetworkInterface, &described);
    items.retain(|interface| vpc == Some(World::facts::<NetworkInterface>(interface).vpc.as_str()));
    Listing { items, gaps: world.children(Kind::NetworkInterface, balancer).gaps }
}
