//! Virtual networks, what guards and routes their subnets, public addresses and load balancers.

use futures::future::BoxFuture;

use super::members::{Unreadable, domain, group_of};
use super::part::{Part, Unfit, names, resource, spelt};
use super::{Api, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::azure::network::{
    BalancerFrontend, BalancingRule, EndpointConnection, GET_PRIVATE_ENDPOINT, GET_ROUTE_TABLE,
    GET_SECURITY_GROUP, GET_SUBNET, GET_VIRTUAL_NETWORK, LIST_LOAD_BALANCERS, LIST_PUBLIC_IPS,
    LOAD_BALANCERS, LoadBalancer, PRIVATE_ENDPOINT, PUBLIC_IPS, Peering, PrivateEndpoint, PublicIp,
    ROUTE_TABLE, Route, RouteTable, SECURITY_GROUP, SUBNET, SecurityGroup, SecurityRule, Subnet,
    VIRTUAL_NETWORK, VirtualNetwork,
};
use crate::model::azure::parent;
use crate::model::call::Source;
use crate::model::kind::{Head, Resource};

const STATE: &str = "properties.provisioningState";

pub(super) struct Network;

impl Collector for Network {
    fn id(&self) -> &'static str {
        "azure.network"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[
            &LOAD_BALANCERS,
            &PUBLIC_IPS,
            &VIRTUAL_NETWORK,
            &SUBNET,
            &SECURITY_GROUP,
            &ROUTE_TABLE,
            &PRIVATE_ENDPOINT,
        ]
    }

    fn fetch<'a>(
        &'a self,
        api: &'a Api,
        source: &'static Source,
        item: Item<'a>,
        into: &'a mut Facts,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            match *source.calls[0] {
                LIST_LOAD_BALANCERS => {
                    api.list(&LIST_LOAD_BALANCERS, item).await.add(into, resource(load_balancer));
                }
                LIST_PUBLIC_IPS => api.list(&LIST_PUBLIC_IPS, item).await.add(into, resource(public_ip)),
                GET_VIRTUAL_NETWORK => {
                    api.get(&GET_VIRTUAL_NETWORK, item, &[]).await.add(into, resource(virtual_network));
                }
                GET_SUBNET => api.get(&GET_SUBNET, item, &[]).await.add(into, resource(subnet)),
                GET_SECURITY_GROUP => {
                    api.get(&GET_SECURITY_GROUP, item, &[]).await.add(into, resource(security_group));
                }
                GET_ROUTE_TABLE => {
                    api.get(&GET_ROUTE_TABLE, item, &[]).await.add(into, resource(route_table));
                }
                GET_PRIVATE_ENDPOINT => {
                    api.get(&GET_PRIVATE_ENDPOINT, item, &[]).await.add(into, resource(private_endpoint));
                }
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

fn load_balancer(head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    let frontends = found.parts("properties.frontendIPConfigurations")?;
    let pools = names(&found.parts("properties.backendAddressPools")?)?;
    let rules = found.parts("properties.loadBalancingRules")?;
    let fronts = names(&frontends)?;
    let facts = LoadBalancer {
        group: group_of(&head)?,
        state: found.text(STATE)?,
        sku: found.text("sku.name")?,
        frontends: frontends.into_iter().map(frontend).collect::<Result<_, _>>()?,
        rules: rules.into_iter().map(|rule| balancing(rule, &fronts, &pools)).collect::<Result<_, _>>()?,
        pools,
    };
    Ok(Resource::new(head, facts))
}

fn frontend(found: Part<'_>) -> Result<BalancerFrontend, Unfit> {
    Ok(BalancerFrontend {
        name: found.must("name")?,
        address: found.lower("properties.privateIPAddress")?,
        subnet: found.lower("properties.subnet.id")?,
        public_ip: found.lower("properties.publicIPAddress.id")?,
    })
}

fn balancing(found: Part<'_>, frontends: &[String], pools: &[String]) -> Result<BalancingRule, Unfit> {
    // A rule may have several pools, and then names the first of them once more where it has but one.
    let pool = match found.text("properties.backendAddressPool.id")? {
        Some(pool) => Some(pool),
        None => match found.parts("properties.backendAddressPools")?.first() {
            Some(pool) => pool.text("id")?,
            None => None,
        },
    };
    Ok(BalancingRule {
        name: found.must("name")?,
        frontend: found.text("properties.frontendIPConfiguration.id")?.map(|id| spelt(&id, frontends)),
        protocol: found.text("properties.protocol")?,
        port: found.number("properties.frontendPort")?,
        backend_port: found.number("properties.backendPort")?,
        pool: pool.map(|id| spelt(&id, pools)),
    })
}

fn public_ip(head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    let facts = PublicIp {
        group: group_of(&head)?,
        state: found.text(STATE)?,
        address: found.lower("properties.ipAddress")?,
        fqdn: found.text("properties.dnsSettings.fqdn")?.map(|name| domain(&name)),
        sku: found.text("sku.name")?,
        used_by: found.lower("properties.ipConfiguration.id")?.or(found.lower("properties.natGateway.id")?),
    };
    Ok(Resource::new(head, facts))
}

fn virtual_network(head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    let peerings = found.parts("properties.virtualNetworkPeerings")?.into_iter().map(peering);
    let mut peerings: Vec<_> = peerings.collect::<Result<_, _>>()?;
    peerings.sort();
    let facts = VirtualNetwork {
        group: group_of(&head)?,
        state: found.text(STATE)?,
        prefixes: found.texts("properties.addressSpace.addressPrefixes")?,
        peerings,
    };
    Ok(Resource::new(head, facts))
}

fn peering(found: Part<'_>) -> Result<Peering, Unfit> {
    let network = "properties.remoteVirtualNetwork.id";
    Ok(Peering {
        name: found.must("name")?,
        network: found.need(network, found.lower(network)?)?,
        state: found.text("properties.peeringState")?,
        access: found.flag("properties.allowVirtualNetworkAccess")?,
    })
}

fn subnet(head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    let services = found.parts("properties.serviceEndpoints")?.into_iter();
    let services = services.map(|endpoint| endpoint.must("service")).collect::<Result<_, _>>()?;
    let facts = Subnet {
        network: parent(&head.id).ok_or_else(|| found.garbled("id"))?.to_owned(),
        state: found.text(STATE)?,
        prefixes: both(found, "properties.addressPrefix", "properties.addressPrefixes")?,
        security_group: found.lower("properties.networkSecurityGroup.id")?,
        route_table: found.lower("properties.routeTable.id")?,
        nat_gateway: found.lower("properties.natGateway.id")?,
        service_endpoints: services,
        private_endpoint_policies: found.text("properties.privateEndpointNetworkPolicies")?,
    };
    Ok(Resource::new(head, facts))
}

fn security_group(head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    let mut all = found.parts("properties.securityRules")?;
    all.extend(found.parts("properties.defaultSecurityRules")?);
    let mut rules: Vec<_> = all.into_iter().map(security_rule).collect::<Result<_, _>>()?;
    rules.sort_by(|a, b| (&a.direction, a.priority).cmp(&(&b.direction, b.priority)));
    let facts = SecurityGroup { group: group_of(&head)?, state: found.text(STATE)?, rules };
    Ok(Resource::new(head, facts))
}

fn security_rule(found: Part<'_>) -> Result<SecurityRule, Unfit> {
    let priority = "properties.priority";
    let mut ends = found.parts("properties.sourceApplicationSecurityGroups")?;
    ends.extend(found.parts("properties.destinationApplicationSecurityGroups")?);
    let ids = ends.into_iter().map(|end| end.need("id", end.lower("id")?));
    Ok(SecurityRule {
        name: found.must("name")?,
        direction: found.must("properties.direction")?,
        priority: found.need(priority, found.number(priority)?)?,
        access: found.must("properties.access")?,
        protocol: found.must("properties.protocol")?,
        sources: both(found, "properties.sourceAddressPrefix", "properties.sourceAddressPrefixes")?,
        destinations: both(
            found,
            "properties.destinationAddressPrefix",
            "properties.destinationAddressPrefixes",
        )?,
        source_ports: both(found, "properties.sourcePortRange", "properties.sourcePortRanges")?,
        destination_ports: both(
            found,
            "properties.destinationPortRange",
            "properties.destinationPortRanges",
        )?,
        application_groups: ids.collect::<Result<_, _>>()?,
    })
}

fn route_table(head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    let routes = found.parts("properties.routes")?.into_iter().map(route);
    let mut routes: Vec<_> = routes.collect::<Result<_, _>>()?;
    routes.sort();
    let facts = RouteTable { group: group_of(&head)?, state: found.text(STATE)?, routes };
    Ok(Resource::new(head, facts))
}

fn route(found: Part<'_>) -> Result<Route, Unfit> {
    Ok(Route {
        name: found.must("name")?,
        destination: found.must("properties.addressPrefix")?,
        next_hop: found.must("properties.nextHopType")?,
        next_hop_address: found.lower("properties.nextHopIpAddress")?,
    })
}

fn private_endpoint(head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    let mut all = found.parts("properties.privateLinkServiceConnections")?;
    all.extend(found.parts("properties.manualPrivateLinkServiceConnections")?);
    let connection = |told: Part<'_>| {
        Ok(EndpointConnection {
            target: told.lower("properties.privateLinkServiceId")?,
            status: told.text("properties.privateLinkServiceConnectionState.status")?,
        })
    };
    let mut connections: Vec<_> = all.into_iter().map(connection).collect::<Result<_, Unfit>>()?;
    connections.sort();
    let facts = PrivateEndpoint {
        group: group_of(&head)?,
        state: found.text(STATE)?,
        subnet: found.lower("properties.subnet.id")?,
        connections,
    };
    Ok(Resource::new(head, facts))
}

/// One member that holds a single value, and one that holds several: Azure fills the one or the other, or both with the
/// same.
fn both(found: Part<'_>, single: &'static str, several: &'static str) -> Result<Vec<String>, Unfit> {
    let mut all = found.texts(several)?;
    if let Some(one) = found.text(single)?.filter(|one| !all.contains(one)) {
        all.insert(0, one);
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
