//! EC2: networks, what guards them, and the instances that clusters have in them.

mod gateways;
mod guards;
mod instances;
mod networks;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, Tag};
use futures::future::BoxFuture;

use super::identity::ec2_name;
use super::members::{Unreadable, need, tags};
use super::pages::Answer;
use super::{Api, Batch, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::ec2::{
    DESCRIBE_INSTANCES, DESCRIBE_INTERNET_GATEWAYS, DESCRIBE_MANAGED_PREFIX_LISTS, DESCRIBE_NAT_GATEWAYS,
    DESCRIBE_NETWORK_ACLS, DESCRIBE_NETWORK_INTERFACES, DESCRIBE_ROUTE_TABLES, DESCRIBE_SECURITY_GROUPS,
    DESCRIBE_SUBNETS, DESCRIBE_VPC_ENDPOINTS, DESCRIBE_VPCS, GET_MANAGED_PREFIX_LIST_ENTRIES, INSTANCES,
    INTERNET_GATEWAYS, NAT_GATEWAYS, NETWORK_ACLS, NETWORK_INTERFACES, PREFIX_LIST_ENTRIES, PREFIX_LISTS,
    PrefixList, ROUTE_TABLES, SECURITY_GROUPS, SUBNETS, VPC_ENDPOINTS, VPCS,
};
use crate::model::call::{Call, Source};
use crate::model::kind::{Head, Resource, Tags};
use crate::model::seen::Seen;

/// The largest page of most lists; some allow no more than `SMALL_PAGE`.
const PAGE: i32 = 1000;
const SMALL_PAGE: i32 = 100;

pub(super) struct Ec2;

impl Collector for Ec2 {
    fn id(&self) -> &'static str {
        "aws.ec2"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[
            &VPCS,
            &SUBNETS,
            &ROUTE_TABLES,
            &NAT_GATEWAYS,
            &INTERNET_GATEWAYS,
            &SECURITY_GROUPS,
            &NETWORK_ACLS,
            &VPC_ENDPOINTS,
            &INSTANCES,
            &NETWORK_INTERFACES,
            &PREFIX_LISTS,
            &PREFIX_LIST_ENTRIES,
        ]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_ec2, api);
            match *batch.source.calls[0] {
                DESCRIBE_NETWORK_INTERFACES => network_interfaces(api, &client, &batch.items, into).await,
                DESCRIBE_MANAGED_PREFIX_LISTS => prefix_lists(api, &client, &batch.items, into).await,
                DESCRIBE_INSTANCES => {
                    for item in &batch.items {
                        instances::nodes(api, &client, item.key, into).await;
                    }
                }
                _ => {
                    for item in &batch.items {
                        one(api, &client, batch.source.calls[0], item.key, into).await;
                    }
                }
            }
        })
    }
}

/// A list of the whole scope, or the entries of the prefix list `key`.
async fn one(api: &Api, client: &Client, call: &'static Call, key: &str, into: &mut Facts) {
    let asked = api.ask(call, key);
    match *call {
        DESCRIBE_VPCS => {
            let page = |token| client.describe_vpcs().max_results(PAGE).set_next_token(token).send();
            let vpcs = asked.pages(page, |page| Ok((page.vpcs.unwrap_or_default(), page.next_token))).await;
            vpcs.add(into, |found| networks::vpc(api, found));
        }
        DESCRIBE_SUBNETS => {
            let page = |token| client.describe_subnets().max_results(PAGE).set_next_token(token).send();
            let subnets =
                asked.pages(page, |page| Ok((page.subnets.unwrap_or_default(), page.next_token))).await;
            subnets.add(into, |found| networks::subnet(api, found));
        }
        DESCRIBE_ROUTE_TABLES => {
            let page =
                |token| client.describe_route_tables().max_results(SMALL_PAGE).set_next_token(token).send();
            let tables =
                asked.pages(page, |page| Ok((page.route_tables.unwrap_or_default(), page.next_token))).await;
            tables.add(into, |found| networks::route_table(api, found));
        }
        DESCRIBE_NAT_GATEWAYS => {
            let page = |token| client.describe_nat_gateways().max_results(PAGE).set_next_token(token).send();
            let gateways =
                asked.pages(page, |page| Ok((page.nat_gateways.unwrap_or_default(), page.next_token))).await;
            gateways.only(gateways::exists).add(into, |found| gateways::nat(api, found));
        }
        DESCRIBE_INTERNET_GATEWAYS => {
            let page =
                |token| client.describe_internet_gateways().max_results(PAGE).set_next_token(token).send();
            let gateways = asked
                .pages(page, |page| Ok((page.internet_gateways.unwrap_or_default(), page.next_token)))
                .await;
            gateways.add(into, |found| gateways::internet(api, found));
        }
        DESCRIBE_SECURITY_GROUPS => {
            let page =
                |token| client.describe_security_groups().max_results(PAGE).set_next_token(token).send();
            let groups = asked
                .pages(page, |page| Ok((page.security_groups.unwrap_or_default(), page.next_token)))
                .await;
            groups.add(into, |found| guards::security_group(api, found));
        }
        DESCRIBE_NETWORK_ACLS => {
            let page = |token| client.describe_network_acls().max_results(PAGE).set_next_token(token).send();
            let lists =
                asked.pages(page, |page| Ok((page.network_acls.unwrap_or_default(), page.next_token))).await;
            lists.add(into, |found| guards::network_acl(api, found));
        }
        DESCRIBE_VPC_ENDPOINTS => {
            let page = |token| client.describe_vpc_endpoints().max_results(PAGE).set_next_token(token).send();
            let endpoints =
                asked.pages(page, |page| Ok((page.vpc_endpoints.unwrap_or_default(), page.next_token))).await;
            endpoints.add(into, |found| gateways::endpoint(api, found));
        }
        GET_MANAGED_PREFIX_LIST_ENTRIES => {
            let page = |token| {
                let entries = client.get_managed_prefix_list_entries().prefix_list_id(key);
                entries.max_results(SMALL_PAGE).set_next_token(token).send()
            };
            let cidrs = asked
                .pages(page, |page| {
                    let entries = page.entries.unwrap_or_default();
                    let cidrs = entries.into_iter().map(|entry| need(entry.cidr, "cidr"));
                    Ok((cidrs.collect::<Result<_, _>>()?, page.next_token))
                })
                .await
                .all(into);
            into.detail::<PrefixList, _>(key, cidrs, |list| &mut list.cidrs);
        }
        _ => debug_assert!(false, "{} is not asked here", call.id),
    }
}

/// By a filter, not by ids: one id that is gone would fail the call for all the others.
fn ids_filter(name: &str, items: &[Item<'_>]) -> Filter {
    let ids = items.iter().map(|item| item.key.to_owned()).collect();
    Filter::builder().name(name).set_values(Some(ids)).build()
}

/// Some keys are interfaces' ids, and one call tells of all of those. The others are ARNs of load balancers, whose
/// interfaces are told by their description alone.
async fn network_interfaces(api: &Api, client: &Client, items: &[Item<'_>], into: &mut Facts) {
    let (balancers, ids): (Vec<Item<'_>>, Vec<Item<'_>>) =
        items.iter().copied().partition(|item| Arn::parse(item.key).is_some());
    if !ids.is_empty() {
        interfaces_by_id(api, client, &ids, into).await;
    }
    for item in &balancers {
        let asked = api.ask(&DESCRIBE_NETWORK_INTERFACES, item.key);
        let Some(described) = Arn::parse(item.key).and_then(|arn| arn.resource.strip_prefix("loadbalancer/"))
        else {
            asked.impossible::<Resource>("the key is no load balancer's ARN").add(into, Ok);
            continue;
        };
        let filter = Filter::builder().name("description").values(format!("ELB {described}")).build();
        let page = |token| {
            let interfaces = client.describe_network_interfaces().filters(filter.clone());
            interfaces.max_results(PAGE).set_next_token(token).send()
        };
        let answer = asked
            .pages(page, |page| Ok((page.network_interfaces.unwrap_or_default(), page.next_token)))
            .await;
        answer.add(into, |found| networks::interface(api, found));
    }
}

async fn interfaces_by_id(api: &Api, client: &Client, items: &[Item<'_>], into: &mut Facts) {
    let filter = ids_filter("network-interface-id", items);
    let page = |token| {
        let interfaces = client.describe_network_interfaces().filters(filter.clone());
        interfaces.max_results(PAGE).set_next_token(token).send()
    };
    let answer = api.ask(&DESCRIBE_NETWORK_INTERFACES, "").pages(page, |page| {
        let found = page.network_interfaces.unwrap_or_default().into_iter();
        let found = found.map(|found| networks::interface(api, found)).collect::<Result<_, _>>()?;
        Ok((found, page.next_token))
    });
    add_each(answer.await, items, into);
}

async fn prefix_lists(api: &Api, client: &Client, items: &[Item<'_>], into: &mut Facts) {
    let filter = ids_filter("prefix-list-id", items);
    let page = |token| {
        let lists = client.describe_managed_prefix_lists().filters(filter.clone());
        lists.max_results(SMALL_PAGE).set_next_token(token).send()
    };
    let answer = api.ask(&DESCRIBE_MANAGED_PREFIX_LISTS, "").pages(page, |page| {
        let found = page.prefix_lists.unwrap_or_default().into_iter();
        let found = found.map(|found| guards::prefix_list(api, found)).collect::<Result<_, _>>()?;
        Ok((found, page.next_token))
    });
    add_each(answer.await, items, into);
}

fn add_each(answer: Answer<'_, Resource>, items: &[Item<'_>], into: &mut Facts) {
    for (_, found) in answer.by_key(items, into, |resource| &resource.id) {
        if let Ok(Some(resource)) = found {
            into.add(resource);
        }
    }
}

/// The head of a resource whose tags come with it.
fn head(
    api: &Api,
    id: Option<String>,
    member: &'static str,
    own_name: Option<&str>,
    tag_set: Option<Vec<Tag>>,
) -> Result<Head, Unreadable> {
    let id = need(id, member)?;
    let tags: Tags = tags(tag_set.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
    let name = ec2_name(&tags, own_name, &id);
    Ok(api.head(id, name, Seen::Known(tags)))
}

#[cfg(test)]
mod tests {
    use super::super::canned::Canned;
    use super::*;
    use crate::model::snapshot::Outcome;

    #[tokio::test]
    async fn an_interface_that_is_gone_is_known_to_be_gone() {
        let answer = "<DescribeNetworkInterfacesResponse><networkInterfaceSet><item>\
            <networkInterfaceId>eni-1</networkInterfaceId><vpcId>vpc-1</vpcId><subnetId>subnet-1</subnetId>\
            <status>in-use</status><association><publicIp>192.0.2.1</publicIp></association>\
            </item></networkInterfaceSet></DescribeNetworkInterfacesResponse>";
        let service = Canned::new([(200, answer)]);
        let found = service.fetch(&Ec2, &NETWORK_INTERFACES, None, &["eni-1", "eni-2"]).await;
        assert_eq!(found.ids(), ["eni-1"]);
        let notes = ["eni-1", "eni-2"].map(|key| found.entry(&DESCRIBE_NETWORK_INTERFACES, key));
        assert!(notes.iter().all(|entry| entry.outcome == Outcome::Complete));
        assert_eq!(notes.map(|entry| (entry.pages, entry.items)), [(1, 1), (0, 0)]);
        assert!(service.asked()[0].contains("Filter.1.Value.2=eni-2"), "{:?}", service.asked());
    }

    #[tokio::test]
    async fn interfaces_of_load_balancers_are_asked_for_one_balancer_at_a_time() {
        let balancer = "arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/net/inner/0a1b";
        let group = "arn:aws:elasticloadbalancing:us-west-1:111111111111:targetgroup/inner/0a1b";
        let interfaces = |ids: &[&str]| {
            let one = |id: &&str| {
                format!(
                    "<item><networkInterfaceId>{id}</networkInterfaceId><vpcId>vpc-1</vpcId>\
                     <subnetId>subnet-1</subnetId><status>in-use</status><description>ELB net/inner/0a1b</description>\
                     <privateIpAddress>10.0.0.1</privateIpAddress></item>"
                )
            };
            let items: String = ids.iter().map(one).collect();
            format!(
                "<DescribeNetworkInterfacesResponse><networkInterfaceSet>{items}</networkInterfaceSet>\
                 </DescribeNetworkInterfacesResponse>"
            )
        };
        let service = Canned::new([(200, &interfaces(&["eni-1"])), (200, &interfaces(&["eni-3", "eni-4"]))]);
        let keys = ["eni-1", balancer, "eni-2", group];
        let found = service.fetch(&Ec2, &NETWORK_INTERFACES, None, &keys).await;
        assert_eq!(found.ids(), ["eni-1", "eni-3", "eni-4"]);
        let asked = service.asked();
        assert_eq!(asked.len(), 2);
        assert!(asked[0].ends_with("Filter.1.Value.1=eni-1&Filter.1.Value.2=eni-2"), "{asked:?}");
        assert!(
            asked[1].contains("Filter.1.Name=description&Filter.1.Value.1=ELB%20net%2Finner%2F0a1b"),
            "{asked:?}"
        );
        let noted = keys.map(|key| found.entry(&DESCRIBE_NETWORK_INTERFACES, key));
        assert_eq!(noted.map(|entry| entry.items), [1, 2, 0, 0]);
        let complete = noted.map(|entry| entry.outcome == Outcome::Complete);
        assert_eq!(complete, [true, true, true, false]);
    }

    #[tokio::test]
    async fn a_batch_that_is_denied_is_denied_for_every_key() {
        let denied =
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>";
        let service = Canned::new([(403, denied)]);
        let found = service.fetch(&Ec2, &PREFIX_LISTS, None, &["pl-1", "pl-2"]).await;
        for key in ["pl-1", "pl-2"] {
            assert_eq!(found.entry(&DESCRIBE_MANAGED_PREFIX_LISTS, key).outcome, Outcome::Denied);
        }
    }

    #[tokio::test]
    async fn deleted_gateways_are_left_out() {
        let gateway = |id: &str, state: &str| {
            format!(
                "<item><natGatewayId>{id}</natGatewayId><vpcId>vpc-1</vpcId><state>{state}</state></item>"
            )
        };
        let answer = format!(
            "<DescribeNatGatewaysResponse><natGatewaySet>{}{}</natGatewaySet></DescribeNatGatewaysResponse>",
            gateway("nat-1", "deleted"),
            gateway("nat-2", "available"),
        );
        let found = Canned::new([(200, &answer)]).fetch(&Ec2, &NAT_GATEWAYS, None, &[""]).await;
        assert_eq!(found.ids(), ["nat-2"]);
        assert_eq!(found.entry(&DESCRIBE_NAT_GATEWAYS, "").items, 1);
    }

    #[tokio::test]
    async fn one_resource_that_cannot_be_read_makes_the_list_incomplete() {
        let answer = "<DescribeSecurityGroupsResponse><securityGroupInfo>\
            <item><groupId>sg-1</groupId><groupName>web</groupName></item>\
            <item><groupId>sg-2</groupId><ipPermissions><item><ipProtocol>tcp</ipProtocol>\
            <ipRanges><item/></ipRanges></item></ipPermissions></item>\
            </securityGroupInfo></DescribeSecurityGroupsResponse>";
        let found = Canned::new([(200, answer)]).fetch(&Ec2, &SECURITY_GROUPS, None, &[""]).await;
        assert_eq!(found.ids(), ["sg-1"]);
        assert_eq!(found.resource("sg-1").name, "web");
        let entry = found.entry(&DESCRIBE_SECURITY_GROUPS, "");
        assert_eq!((entry.outcome, &*entry.detail), (Outcome::Failed, "answered without `cidrIp`"));
    }
}
