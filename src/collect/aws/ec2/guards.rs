//! What lets packets pass: security groups, network ACLs and prefix lists.

use aws_sdk_ec2::types as sdk;

use super::super::Api;
use super::super::members::{Unreadable, need, sorted};
use super::head;
use crate::model::aws::ec2::{
    AclEntry, GroupRef, NetworkAcl, PREFIX_LIST_ENTRIES, PrefixList, SecurityGroup, SgRule,
};
use crate::model::kind::Resource;

pub(super) fn security_group(api: &Api, found: sdk::SecurityGroup) -> Result<Resource, Unreadable> {
    let head = head(api, found.group_id, "groupId", found.group_name.as_deref(), found.tags)?;
    let rules = |permissions: Option<Vec<sdk::IpPermission>>| {
        permissions.unwrap_or_default().into_iter().map(rule).collect::<Result<Vec<_>, _>>()
    };
    let group = SecurityGroup {
        vpc: found.vpc_id,
        ingress: rules(found.ip_permissions)?,
        egress: rules(found.ip_permissions_egress)?,
    };
    Ok(Resource::new(head, group))
}

/// An end that can't be read is never dropped: the rule would look narrower than it is.
fn rule(found: sdk::IpPermission) -> Result<SgRule, Unreadable> {
    let cidrs = found.ip_ranges.unwrap_or_default().into_iter();
    let ipv6_cidrs = found.ipv6_ranges.unwrap_or_default().into_iter();
    let lists = found.prefix_list_ids.unwrap_or_default().into_iter();
    let groups = found.user_id_group_pairs.unwrap_or_default().into_iter();
    let group = |pair: sdk::UserIdGroupPair| {
        Ok(GroupRef { id: need(pair.group_id, "groupId of a rule")?, account: pair.user_id })
    };
    Ok(SgRule {
        protocol: need(found.ip_protocol, "ipProtocol")?,
        from: found.from_port.map(i64::from),
        to: found.to_port.map(i64::from),
        cidrs: cidrs.map(|range| need(range.cidr_ip, "cidrIp")).collect::<Result<_, _>>()?,
        ipv6_cidrs: ipv6_cidrs.map(|range| need(range.cidr_ipv6, "cidrIpv6")).collect::<Result<_, _>>()?,
        prefix_lists: lists
            .map(|list| need(list.prefix_list_id, "prefixListId"))
            .collect::<Result<_, _>>()?,
        groups: groups.map(group).collect::<Result<_, Unreadable>>()?,
    })
}

pub(super) fn network_acl(api: &Api, found: sdk::NetworkAcl) -> Result<Resource, Unreadable> {
    let head = head(api, found.network_acl_id, "networkAclId", None, found.tags)?;
    let associations = found.associations.unwrap_or_default().into_iter();
    let entries = found.entries.unwrap_or_default().into_iter().map(entry);
    let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|entry| (entry.egress, entry.number, entry.ipv6_cidr.is_some()));
    let list = NetworkAcl {
        vpc: need(found.vpc_id, "vpcId")?,
        is_default: need(found.is_default, "default")?,
        subnets: sorted(associations.filter_map(|association| association.subnet_id)),
        entries,
    };
    Ok(Resource::new(head, list))
}

fn entry(found: sdk::NetworkAclEntry) -> Result<AclEntry, Unreadable> {
    let ports = found.port_range;
    Ok(AclEntry {
        number: need(found.rule_number, "ruleNumber")?.into(),
        egress: need(found.egress, "egress")?,
        allow: match need(found.rule_action, "ruleAction")? {
            sdk::RuleAction::Allow => true,
            sdk::RuleAction::Deny => false,
            _ => return Err(Unreadable::Garbled("ruleAction")),
        },
        protocol: need(found.protocol, "protocol")?,
        cidr: found.cidr_block,
        ipv6_cidr: found.ipv6_cidr_block,
        from: ports.as_ref().and_then(|ports| ports.from).map(i64::from),
        to: ports.as_ref().and_then(|ports| ports.to).map(i64::from),
    })
}

pub(super) fn prefix_list(api: &Api, found: sdk::ManagedPrefixList) -> Result<Resource, Unreadable> {
    let name = found.prefix_list_name.as_deref();
    let head = head(api, found.prefix_list_id, "prefixListId", name, found.tags)?;
    let list = PrefixList {
        owner_account: found.owner_id,
        family: found.address_family,
        cidrs: api.unread(&PREFIX_LIST_ENTRIES, &head.id),
    };
    Ok(Resource::new(head, list))
}
