//! A subnet's route table and network ACL, and which of the table's routes take what is meant for the internet.

use crate::model::aws::ec2::{self, NetworkAcl, Route, RouteTable, Subnet, VpcEndpoint};
use crate::model::call::Source;
use crate::model::kind::Kind;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kleene::foremost;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

use super::cidr::{Addresses, Cidr};
use super::prefix_lists::prefix_list;

/// A route counts as the internet's where it takes at least this many public addresses: a /8, or a /16 of IPv6. Halves,
/// quarters and lists of large blocks stand in for a default route; an office's /24, a partner's /16 or a cloud
/// service's range do not.
const INTERNET_V4: u128 = 1 << 24;
const INTERNET_V6: u128 = 1 << 112;

/// Where what a subnet depends on can be seen: in the account that owns it, which for a shared one is another.
pub(crate) fn owner_scope(subnet: Ref<'_>) -> Scope {
    let mut scope = subnet.scope.clone();
    if let Some(owner) = &World::facts::<Subnet>(subnet).owner_account {
        scope.account.clone_from(owner);
    }
    scope
}

/// The subnet's route table: the one it is associated with, else its VPC's main one. "None of its own" takes a complete
/// list.
pub(crate) fn route_table<'s>(subnet: Ref<'s>, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    let own = world.linked(Kind::RouteTable, &subnet.id).into_iter();
    let mut own = own.filter(|table| World::facts::<RouteTable>(table).subnets.contains(&subnet.id));
    if let Some(table) = own.next() {
        return Ok(table);
    }
    complete(subnet, &ec2::ROUTE_TABLES, world)?;
    let of_vpc = world.linked(Kind::RouteTable, &World::facts::<Subnet>(subnet).vpc);
    let main = of_vpc.into_iter().find(|table| World::facts::<RouteTable>(table).main);
    main.ok_or_else(|| undecided(subnet, "neither a route table of its own nor a main one is listed"))
}

/// The subnet's network ACL. Every subnet is associated with one.
pub(crate) fn network_acl<'s>(subnet: Ref<'s>, world: &World<'s>) -> Result<Ref<'s>, Gap> {
    let linked = world.linked(Kind::NetworkAcl, &subnet.id).into_iter();
    let mut own = linked.filter(|acl| World::facts::<NetworkAcl>(acl).subnets.contains(&subnet.id));
    if let Some(acl) = own.next() {
        return Ok(acl);
    }
    complete(subnet, &ec2::NETWORK_ACLS, world)?;
    Err(undecided(subnet, "its network ACL is not listed"))
}

/// `Ok` where a listing of the subnet's account tells all that concerns the subnet. To another account a subnet's owner
/// shows some of it.
pub(crate) fn complete(subnet: Ref<'_>, listed: &Source, world: &World<'_>) -> Result<(), Gap> {
    let owner = owner_scope(subnet);
    if world.scans(&owner.account) {
        return world.snapshot().complete(listed, &owner, "");
    }
    world.snapshot().complete(listed, &subnet.scope, "")?;
    Err(undecided(subnet, format!("account {} owns it and is not scanned in this env", owner.account)))
}

/// Whether the route takes public addresses: enough of its destination, less what longer prefixes of the same table take
/// elsewhere, is of the public internet.
pub(crate) fn takes_internet(route: &Route, table: Ref<'_>, world: &World<'_>) -> Result<bool, Gap> {
    let blocks = addresses_taken(route, table, world)?;
    if !is_internet(&left_to(&blocks, &[])) {
        return Ok(false);
    }
    let others = World::facts::<RouteTable>(table).routes.iter().filter(|other| *other != route);
    let (lists, plain): (Vec<_>, Vec<_>) = others.partition(|other| is_list(other));
    let mut taken = Vec::new();
    for other in plain {
        taken.extend(addresses_taken(other, table, world)?);
    }
    // What is too small already stays so whatever prefix lists hold: those need calls.
    if !is_internet(&left_to(&blocks, &taken)) {
        return Ok(false);
    }
    let mut gaps = Vec::new();
    for list in lists {
        match addresses_taken(list, table, world) {
            Ok(blocks) => taken.extend(blocks),
            Err(gap) => gaps.push(gap),
        }
    }
    match (is_internet(&left_to(&blocks, &taken)), foremost(gaps)) {
        (true, Some(gap)) => Err(gap),
        (answer, _) => Ok(answer),
    }
}

/// The blocks that a route is for. A gateway endpoint's are those of one service: never the internet, so not looked up.
fn addresses_taken(route: &Route, table: Ref<'_>, world: &World<'_>) -> Result<Vec<Cidr>, Gap> {
    if !is_list(route) {
        let unreadable = || undecided(table, format!("{:?} is no block of addresses", route.destination));
        return Ok(vec![Cidr::parse(&route.destination).ok_or_else(unreadable)?]);
    }
    if route.target.starts_with("vpce-") {
        // By its id it may as well be a load balancer's endpoint, which takes whatever it is given.
        match world.find(Kind::VpcEndpoint, &route.target, &table.scope) {
            Ok(endpoint) if World::facts::<VpcEndpoint>(endpoint).r#type == "Gateway" => {
                return Ok(Vec::new());
            }
            Ok(_) | Err(NotFound::Absent) => {}
            Err(NotFound::Unread(gap)) => return Err(gap),
        }
    }
    prefix_list(&route.destination, &table.scope, world)
}

fn is_list(route: &Route) -> bool {
    route.destination.starts_with("pl-")
}

/// What is left of `blocks` once longer prefixes among `others` took theirs.
fn left_to(blocks: &[Cidr], others: &[Cidr]) -> Addresses {
    let mut left = Addresses::default();
    for block in blocks {
        let (mut own, mut taken) = (Addresses::default(), Addresses::default());
        own.add(block);
        others.iter().filter(|other| other.prefix > block.prefix).for_each(|other| taken.add(other));
        left.add_all(&own.without(&taken));
    }
    left
}

fn is_internet(addresses: &Addresses) -> bool {
    let public = addresses.within(&Addresses::public());
    public.v4.size() >= INTERNET_V4 || public.v6.size() >= INTERNET_V6
}
