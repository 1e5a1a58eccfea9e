//! Whether a service of the region that has no place in a VPC (DynamoDB) can be reached from one: over the internet, or
//! by an endpoint.

use crate::model::aws::ec2::{NatGateway, Route, RouteTable, VPC_ENDPOINTS, VpcEndpoint};
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kleene::{all, any};
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

use super::acls;
use super::cidr::Addresses;
use super::connection::{self, Side};
use super::ports::Ports;
use super::prefix_lists::prefix_list;
use super::routes::{complete, network_acl, owner_scope, route_table, takes_internet};
use super::security_groups::{Direction, Peer};

const HTTPS: i64 = 443;

/// Whether clients in every one of the subnets get through to `service`. `public_ip`: they have public addresses, as an
/// internet gateway takes.
pub(crate) fn connects<'s>(
    client: &Side<'s>,
    public_ip: bool,
    service: &str,
    world: &World<'s>,
) -> Result<bool, Gap> {
    all(client.subnets()?.iter().map(|subnet| {
        let internet = over_internet(client, subnet, public_ip, world);
        any(std::iter::once(internet).chain(by_endpoints(client, subnet, service, world)))
    }))
}

fn over_internet<'s>(
    client: &Side<'s>,
    subnet: Ref<'s>,
    public_ip: bool,
    world: &World<'s>,
) -> Result<bool, Gap> {
    let routed = route_table(subnet, world).and_then(|table| {
        let routes = World::facts::<RouteTable>(table).routes.iter();
        any(routes.filter(|route| route.target != "local").map(|route| {
            match takes_internet(route, table, world) {
                Ok(true) => leads_out(route, subnet, table, public_ip, world),
                other => other,
            }
        }))
    });
    all([routed, lets_out(client, subnet, &[], Ok(Addresses::public_v4()), world)])
}

/// Whether a route for the internet gets there.
fn leads_out(
    route: &Route,
    subnet: Ref<'_>,
    table: Ref<'_>,
    public_ip: bool,
    world: &World<'_>,
) -> Result<bool, Gap> {
    if route.state == "blackhole" {
        return Ok(false);
    }
    if route.destination.contains(':') {
        return Err(undecided(table, "routes IPv6, which is not judged"));
    }
    if route.target.starts_with("igw-") {
        return Ok(public_ip);
    }
    if !route.target.starts_with("nat-") {
        return Err(undecided(table, format!("where {} leads is not read", route.target)));
    }
    match world.find(Kind::NatGateway, &route.target, &owner_scope(subnet)) {
        Ok(gateway) => {
            let gateway = World::facts::<NatGateway>(gateway);
            Ok(gateway.state == "available" && gateway.connectivity.as_deref() != Some("private"))
        }
        Err(NotFound::Unread(gap)) => Err(gap),
        Err(NotFound::Absent) => Ok(false),
    }
}

/// One answer for each endpoint of the service in the subnet's VPC, and a gap where there may be more.
fn by_endpoints<'s>(
    client: &Side<'s>,
    subnet: Ref<'s>,
    service: &str,
    world: &World<'s>,
) -> Vec<Result<bool, Gap>> {
    let vpc = match client.vpc() {
        Ok(vpc) => vpc,
        Err(gap) => return vec![Err(gap)],
    };
    let of_service = |endpoint: &Ref<'s>| {
        World::facts::<VpcEndpoint>(endpoint).service.rsplit('.').next() == Some(service)
    };
    let listed = world.linked(Kind::VpcEndpoint, vpc).into_iter();
    let answers = listed.filter(of_service).map(|endpoint| {
        let facts = World::facts::<VpcEndpoint>(endpoint);
        if !facts.state.eq_ignore_ascii_case("available") {
            return Ok(false);
        }
        match facts.r#type.as_str() {
            "Gateway" => by_gateway_endpoint(client, subnet, endpoint, world),
            "Interface" => {
                let named = if facts.private_dns {
                    Ok(true)
                } else {
                    Err(undecided(endpoint, "without private DNS it serves those alone who name it"))
                };
                let side = Side::new(endpoint, &facts.groups, &facts.subnets, world);
                all([named, connection::connects(client, &side, HTTPS, world)])
            }
            other => Err(undecided(endpoint, format!("endpoints of type {other} are not judged"))),
        }
    });
    answers.chain(complete(subnet, &VPC_ENDPOINTS, world).err().map(Err)).collect()
}

fn by_gateway_endpoint<'s>(
    client: &Side<'s>,
    subnet: Ref<'s>,
    endpoint: Ref<'s>,
    world: &World<'s>,
) -> Result<bool, Gap> {
    let table = route_table(subnet, world)?;
    let routes = &World::facts::<RouteTable>(table).routes;
    let Some(route) = routes.iter().find(|route| route.target == endpoint.id && route.state != "blackhole")
    else {
        return Ok(false);
    };
    // Its addresses are public ones: rules for all of those need no look at which.
    if lets_out(client, subnet, &[], Ok(Addresses::public_v4()), world) == Ok(true) {
        return Ok(true);
    }
    let addresses = prefix_list(&route.destination, &table.scope, world).map(|blocks| {
        let mut addresses = Addresses::default();
        for block in &blocks {
            addresses.add(block);
        }
        addresses
    });
    lets_out(client, subnet, std::slice::from_ref(&route.destination), addresses, world)
}

/// Whether the client's groups and the subnet's ACL let HTTPS out to these addresses, and answers in.
fn lets_out<'s>(
    client: &Side<'s>,
    subnet: Ref<'s>,
    prefix_lists: &[String],
    addresses: Result<Addresses, Gap>,
    world: &World<'s>,
) -> Result<bool, Gap> {
    let acl = |direction, ports| {
        acls::passes(network_acl(subnet, world)?, direction, ports, addresses.as_ref().map_err(Gap::clone)?)
    };
    let answers = [acl(Direction::Egress, Ports::one(HTTPS)), acl(Direction::Ingress, Ports::EPHEMERAL)];
    let peer = Peer { groups: &[], prefix_lists, addresses };
    let groups = client.guard.passes(Direction::Egress, HTTPS, &peer, world);
    all(std::iter::once(groups).chain(answers))
}
