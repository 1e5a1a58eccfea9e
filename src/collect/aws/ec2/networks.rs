//! VPCs, subnets, route tables and interfaces.

use aws_sdk_ec2::types as sdk;

use super::super::Api;
use super::super::members::{Unreadable, need, sorted, text};
use super::head;
use crate::model::aws::ec2::{NetworkInterface, Route, RouteTable, Subnet, Vpc};
use crate::model::kind::Resource;

pub(super) fn vpc(api: &Api, found: sdk::Vpc) -> Result<Resource, Unreadable> {
    let head = head(api, found.vpc_id, "vpcId", None, found.tags)?;
    let more = found.cidr_block_association_set.unwrap_or_default().into_iter().filter(|association| {
        let state = association.cidr_block_state.as_ref().and_then(|state| state.state.as_ref());
        state.is_none_or(|state| state.as_str() == "associated")
    });
    let vpc = Vpc {
        cidrs: sorted(
            found.cidr_block.into_iter().chain(more.filter_map(|association| association.cidr_block)),
        ),
        is_default: need(found.is_default, "isDefault")?,
        state: text(need(found.state, "state")?),
    };
    Ok(Resource::new(head, vpc))
}

pub(super) fn subnet(api: &Api, found: sdk::Subnet) -> Result<Resource, Unreadable> {
    let head = head(api, found.subnet_id, "subnetId", None, found.tags)?;
    let ipv6 = found.ipv6_cidr_block_association_set.unwrap_or_default().into_iter().filter(|association| {
        let state = association.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref());
        state.is_none_or(|state| state.as_str() == "associated")
    });
    let subnet = Subnet {
        vpc: need(found.vpc_id, "vpcId")?,
        zone: need(found.availability_zone, "availabilityZone")?,
        zone_id: found.availability_zone_id,
        cidr: match found.cidr_block {
            // A subnet of IPv6 alone has none.
            None if found.ipv6_native == Some(true) => String::new(),
            cidr => need(cidr, "cidrBlock")?,
        },
        ipv6_cidrs: sorted(ipv6.filter_map(|association| association.ipv6_cidr_block)),
        map_public_ip_on_launch: need(found.map_public_ip_on_launch, "mapPublicIpOnLaunch")?,
        state: text(need(found.state, "state")?),
        owner_account: found.owner_id,
    };
    Ok(Resource::new(head, subnet))
}

pub(super) fn route_table(api: &Api, found: sdk::RouteTable) -> Result<Resource, Unreadable> {
    let head = head(api, found.route_table_id, "routeTableId", None, found.tags)?;
    let mut associations = found.associations.unwrap_or_default();
    associations.retain(|association| {
        let state = association.association_state.as_ref().and_then(|state| state.state.as_ref());
        state.is_none_or(|state| !matches!(state.as_str(), "disassociated" | "failed"))
    });
    let table = RouteTable {
        vpc: need(found.vpc_id, "vpcId")?,
        main: associations.iter().any(|association| association.main == Some(true)),
        subnets: sorted(associations.iter().filter_map(|association| association.subnet_id.clone())),
        gateways: sorted(associations.iter().filter_map(|association| association.gateway_id.clone())),
        routes: found.routes.unwrap_or_default().into_iter().map(route).collect::<Result<_, _>>()?,
    };
    Ok(Resource::new(head, table))
}

fn route(found: sdk::Route) -> Result<Route, Unreadable> {
    let destination = found.destination_cidr_block;
    let destination = destination.or(found.destination_ipv6_cidr_block).or(found.destination_prefix_list_id);
    // A route to an instance names its interface as well: that is where packets go.
    let target = [
        found.gateway_id,
        found.nat_gateway_id,
        found.network_interface_id,
        found.egress_only_internet_gateway_id,
        found.transit_gateway_id,
        found.vpc_peering_connection_id,
        found.local_gateway_id,
        found.carrier_gateway_id,
        found.core_network_arn,
        found.odb_network_arn,
        found.instance_id,
    ];
    let state = text(need(found.state, "state")?);
    let target = match target.into_iter().flatten().next() {
        // What it led to is gone, and not even its name is left.
        None if state == "blackhole" => String::new(),
        target => need(target, "target of a route")?,
    };
    Ok(Route { destination: need(destination, "destination of a route")?, target, state })
}

pub(super) fn interface(api: &Api, found: sdk::NetworkInterface) -> Result<Resource, Unreadable> {
    let head = head(api, found.network_interface_id, "networkInterfaceId", None, found.tag_set)?;
    let groups = found.groups.unwrap_or_default().into_iter().filter_map(|group| group.group_id);
    let addresses = found.private_ip_addresses.unwrap_or_default().into_iter();
    let addresses = addresses.filter_map(|address| address.private_ip_address);
    let ipv6 = found.ipv6_addresses.unwrap_or_default().into_iter();
    let interface = NetworkInterface {
        vpc: need(found.vpc_id, "vpcId")?,
        subnet: need(found.subnet_id, "subnetId")?,
        groups: sorted(groups),
        private_ips: sorted(found.private_ip_address.into_iter().chain(addresses)),
        ipv6_ips: Some(sorted(ipv6.filter_map(|address| address.ipv6_address))),
        public_ip: found.association.and_then(|association| association.public_ip),
        r#type: found.interface_type.map(text),
        status: text(need(found.status, "status")?),
        instance: found.attachment.and_then(|attachment| attachment.instance_id),
        description: found.description.filter(|text| !text.is_empty()),
    };
    Ok(Resource::new(head, interface))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_leads_to_what_it_names() {
        let base =
            || sdk::Route::builder().destination_cidr_block("0.0.0.0/0").state(sdk::RouteState::Active);
        let target = |found: sdk::Route| route(found).map(|route| route.target).ok();
        assert_eq!(target(base().nat_gateway_id("nat-1").build()).as_deref(), Some("nat-1"));
        assert_eq!(target(base().gateway_id("local").build()).as_deref(), Some("local"));
        let instance = base().instance_id("i-1").network_interface_id("eni-1").build();
        assert_eq!(target(instance).as_deref(), Some("eni-1"));
        assert_eq!(target(base().build()), None);
        let gone = base().state(sdk::RouteState::Blackhole).build();
        assert_eq!(target(gone).as_deref(), Some(""));
    }

    #[test]
    fn a_route_without_a_destination_is_not_made_up() {
        let lost = sdk::Route::builder().gateway_id("igw-1").state(sdk::RouteState::Active).build();
        assert!(matches!(route(lost), Err(Unreadable::Lacks(_))));
    }
}
