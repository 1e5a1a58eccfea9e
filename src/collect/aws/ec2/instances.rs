//! The instances that are nodes of a cluster.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{self as sdk, Filter};

use super::super::Api;
use super::super::members::{Unreadable, need, sorted, text};
use super::{PAGE, head};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::ec2::{DESCRIBE_INSTANCES, Instance, InstanceInterface};
use crate::model::kind::Resource;

/// All but `terminated`: such an instance is listed for about an hour more.
const STATES: [&str; 5] = ["pending", "running", "shutting-down", "stopped", "stopping"];

/// The instances that carry the tag of the cluster `key`.
pub(super) async fn nodes(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let name = Arn::parse(key).map_or(key, |arn| arn.name());
    let tagged = Filter::builder().name("tag-key").values(format!("kubernetes.io/cluster/{name}")).build();
    let states = STATES.map(str::to_owned).to_vec();
    let states = Filter::builder().name("instance-state-name").set_values(Some(states)).build();
    let page = |token| {
        let instances = client.describe_instances().filters(tagged.clone()).filters(states.clone());
        instances.max_results(PAGE).set_next_token(token).send()
    };
    let answer = api.ask(&DESCRIBE_INSTANCES, key).pages(page, |page| {
        let reservations = page.reservations.unwrap_or_default().into_iter();
        let instances = reservations.flat_map(|reservation| reservation.instances.unwrap_or_default());
        Ok((instances.collect(), page.next_token))
    });
    answer.await.add(into, |found| instance(api, key, found));
}

fn instance(api: &Api, cluster: &str, found: sdk::Instance) -> Result<Resource, Unreadable> {
    let head = head(api, found.instance_id, "instanceId", None, found.tags)?;
    let mut attached = found.network_interfaces.unwrap_or_default();
    attached.sort_by_key(|interface| interface.attachment.as_ref().and_then(|it| it.device_index));
    let interfaces = attached.into_iter().map(interface).collect::<Result<Vec<_>, Unreadable>>()?;
    let addresses = interfaces.iter().flat_map(|interface| interface.private_ips.clone());
    let instance = Instance {
        cluster: cluster.to_owned(),
        state: found.state.and_then(|state| state.name).map(text),
        vpc: found.vpc_id,
        subnet: found.subnet_id,
        private_ips: sorted(found.private_ip_address.into_iter().chain(addresses)),
        interfaces: Some(interfaces),
    };
    Ok(Resource::new(head, instance))
}

fn interface(found: sdk::InstanceNetworkInterface) -> Result<InstanceInterface, Unreadable> {
    let addresses = found.private_ip_addresses.unwrap_or_default().into_iter();
    let addresses = addresses.filter_map(|address| address.private_ip_address);
    let ipv6 = found.ipv6_addresses.unwrap_or_default().into_iter();
    let blocks = found.ipv4_prefixes.unwrap_or_default().into_iter().filter_map(|block| block.ipv4_prefix);
    let ipv6_blocks = found.ipv6_prefixes.unwrap_or_default().into_iter();
    let groups = found.groups.unwrap_or_default().into_iter().filter_map(|group| group.group_id);
    Ok(InstanceInterface {
        id: need(found.network_interface_id, "networkInterfaceId")?,
        subnet: found.subnet_id,
        groups: sorted(groups),
        private_ips: sorted(found.private_ip_address.into_iter().chain(addresses)),
        ipv6_ips: sorted(ipv6.filter_map(|address| address.ipv6_address)),
        prefixes: sorted(blocks.chain(ipv6_blocks.filter_map(|block| block.ipv6_prefix))),
        public_ip: found.association.and_then(|association| association.public_ip),
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::canned::Canned;
    use super::super::Ec2;
    use super::*;
    use crate::model::aws::ec2::INSTANCES;
    use crate::model::snapshot::Outcome;

    const CLUSTER: &str = "arn:aws:eks:us-west-1:111111111111:cluster/main";

    fn page(members: &str, token: &str) -> String {
        format!(
            "<DescribeInstancesResponse><reservationSet>{members}</reservationSet>{token}</DescribeInstancesResponse>"
        )
    }

    #[tokio::test]
    async fn a_clusters_nodes_are_told_by_its_tag() {
        let reservation = |id: &str, more: &str| {
            format!(
                "<item><instancesSet><item><instanceId>{id}</instanceId><vpcId>vpc-1</vpcId>\
                 <instanceState><code>16</code><name>running</name></instanceState>{more}</item></instancesSet></item>"
            )
        };
        let addresses = "<privateIpAddress>10.0.0.9</privateIpAddress><networkInterfaceSet><item>\
            <networkInterfaceId>eni-2</networkInterfaceId><attachment><deviceIndex>1</deviceIndex></attachment>\
            <ipv4PrefixSet><item><ipv4Prefix>10.0.1.16/28</ipv4Prefix></item></ipv4PrefixSet></item><item>\
            <networkInterfaceId>eni-1</networkInterfaceId><attachment><deviceIndex>0</deviceIndex></attachment>\
            <subnetId>subnet-a</subnetId><groupSet><item><groupId>sg-1</groupId></item></groupSet>\
            <association><publicIp>203.0.113.9</publicIp></association>\
            <ipv6AddressesSet><item><ipv6Address>2001:db8::9</ipv6Address></item></ipv6AddressesSet>\
            <privateIpAddressesSet><item><privateIpAddress>10.0.0.9</privateIpAddress></item>\
            <item><privateIpAddress>10.0.0.10</privateIpAddress></item></privateIpAddressesSet>\
            </item></networkInterfaceSet>\
            <tagSet><item><key>Name</key><value>node-1</value></item></tagSet>";
        let first = page(&reservation("i-1", addresses), "<nextToken>more</nextToken>");
        let service = Canned::new([(200, &first), (200, &page(&reservation("i-2", ""), ""))]);
        let found = service.fetch(&Ec2, &INSTANCES, None, &[CLUSTER]).await;
        assert_eq!(found.ids(), ["i-1", "i-2"]);
        assert_eq!(found.resource("i-1").name, "node-1");
        let instance = found.resource("i-1").as_kind::<Instance>().expect("an instance");
        assert_eq!((&*instance.cluster, instance.state.as_deref()), (CLUSTER, Some("running")));
        assert_eq!(instance.private_ips, ["10.0.0.10", "10.0.0.9"]);
        let interfaces = instance.interfaces.as_deref().expect("told");
        let ids: Vec<&str> = interfaces.iter().map(|interface| interface.id.as_str()).collect();
        assert_eq!(ids, ["eni-1", "eni-2"], "the primary one first");
        let InstanceInterface { subnet, groups, private_ips, ipv6_ips, public_ip, .. } = &interfaces[0];
        assert_eq!((subnet.as_deref(), groups.as_slice()), (Some("subnet-a"), &["sg-1".to_owned()][..]));
        assert_eq!(
            (private_ips, ipv6_ips.as_slice()),
            (&instance.private_ips, &["2001:db8::9".to_owned()][..])
        );
        assert_eq!(public_ip.as_deref(), Some("203.0.113.9"));
        assert_eq!(interfaces[1].prefixes, ["10.0.1.16/28"]);
        let entry = found.entry(&DESCRIBE_INSTANCES, CLUSTER);
        assert_eq!((entry.outcome, entry.pages, entry.items), (Outcome::Complete, 2, 2));
        let asked = service.asked();
        let tag = "Filter.1.Name=tag-key&Filter.1.Value.1=kubernetes.io%2Fcluster%2Fmain&";
        assert!(asked[0].contains(tag) && asked[1].contains("NextToken=more"), "{asked:?}");
        assert!(!asked[0].contains("terminated"), "{asked:?}");
    }

    #[tokio::test]
    async fn a_cluster_without_tagged_instances_has_none_and_a_denied_list_is_a_gap() {
        let outcome = async |status, body: &str| {
            let found = Canned::new([(status, body)]).fetch(&Ec2, &INSTANCES, None, &[CLUSTER]).await;
            assert!(found.ids().is_empty());
            found.entry(&DESCRIBE_INSTANCES, CLUSTER).outcome
        };
        assert_eq!(outcome(200, &page("", "")).await, Outcome::Complete);
        let denied =
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>";
        assert_eq!(outcome(403, denied).await, Outcome::Denied);
    }
}
