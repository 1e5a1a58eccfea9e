//! What leads out of a VPC: NAT gateways, internet gateways and endpoints.

use aws_sdk_ec2::types as sdk;

use super::super::Api;
use super::super::members::{Unreadable, need, sorted, text};
use super::head;
use crate::model::aws::ec2::{Attachment, InternetGateway, NatGateway, VpcEndpoint};
use crate::model::aws::policy::PolicyDocument;
use crate::model::kind::Resource;

/// A deleted gateway is listed for about an hour more.
pub(super) fn exists(gateway: &sdk::NatGateway) -> bool {
    gateway.state != Some(sdk::NatGatewayState::Deleted)
}

pub(super) fn nat(api: &Api, found: sdk::NatGateway) -> Result<Resource, Unreadable> {
    let head = head(api, found.nat_gateway_id, "natGatewayId", None, found.tags)?;
    let mut addresses = found.nat_gateway_addresses.unwrap_or_default();
    addresses.retain(|address| {
        address.status.as_ref().is_none_or(|status| *status == sdk::NatGatewayAddressStatus::Succeeded)
    });
    let gateway = NatGateway {
        vpc: need(found.vpc_id, "vpcId")?,
        subnet: found.subnet_id,
        state: text(need(found.state, "state")?),
        connectivity: found.connectivity_type.map(text),
        public_ips: sorted(addresses.iter().filter_map(|address| address.public_ip.clone())),
        private_ips: sorted(addresses.iter().filter_map(|address| address.private_ip.clone())),
    };
    Ok(Resource::new(head, gateway))
}

pub(super) fn internet(api: &Api, found: sdk::InternetGateway) -> Result<Resource, Unreadable> {
    let head = head(api, found.internet_gateway_id, "internetGatewayId", None, found.tags)?;
    let attachment = |found: sdk::InternetGatewayAttachment| {
        Ok(Attachment { vpc: need(found.vpc_id, "vpcId")?, state: text(need(found.state, "state")?) })
    };
    let attachments = found.attachments.unwrap_or_default().into_iter().map(attachment);
    let gateway = InternetGateway { attachments: attachments.collect::<Result<_, Unreadable>>()? };
    Ok(Resource::new(head, gateway))
}

pub(super) fn endpoint(api: &Api, found: sdk::VpcEndpoint) -> Result<Resource, Unreadable> {
    let head = head(api, found.vpc_endpoint_id, "vpcEndpointId", None, found.tags)?;
    let groups = found.groups.unwrap_or_default().into_iter().filter_map(|group| group.group_id);
    let r#type = need(found.vpc_endpoint_type, "vpcEndpointType")?;
    let endpoint = VpcEndpoint {
        vpc: need(found.vpc_id, "vpcId")?,
        service: need(found.service_name, "serviceName")?,
        state: text(need(found.state, "state")?),
        subnets: sorted(found.subnet_ids.unwrap_or_default()),
        route_tables: sorted(found.route_table_ids.unwrap_or_default()),
        groups: sorted(groups),
        private_dns: match found.private_dns_enabled {
            // Interface endpoints alone can have private names.
            None if r#type != sdk::VpcEndpointType::Interface => false,
            enabled => need(enabled, "privateDnsEnabled")?,
        },
        r#type: text(r#type),
        policy: found.policy_document.as_deref().map(PolicyDocument::parse).transpose()?,
    };
    Ok(Resource::new(head, endpoint))
}
