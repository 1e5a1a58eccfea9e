//! Elastic Load Balancing v2: load balancers, their listeners and rules, target groups.

mod facts;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::error::SdkError;
use aws_sdk_elasticloadbalancingv2::operation::describe_tags::{DescribeTagsError, DescribeTagsOutput};
use futures::future::BoxFuture;

use super::members::{need, sorted, tags};
use super::{Api, Batch, Collector, Item, errors};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::elbv2::{
    DESCRIBE_LISTENER_CERTIFICATES, DESCRIBE_LISTENERS, DESCRIBE_LOAD_BALANCERS, DESCRIBE_RULES,
    DESCRIBE_TAGS, DESCRIBE_TARGET_GROUPS, DESCRIBE_TARGET_HEALTH, LISTENER_CERTIFICATES, LISTENERS,
    LOAD_BALANCERS, Listener, RULES, TAGS, TARGET_GROUPS, TARGET_HEALTH, TargetGroup,
};
use crate::model::call::{Call, Source};
use crate::model::kind::Kind;

const PAGE: i32 = 400;

pub(super) struct Elbv2;

impl Collector for Elbv2 {
    fn id(&self) -> &'static str {
        "aws.elbv2"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&LOAD_BALANCERS, &TAGS, &LISTENERS, &LISTENER_CERTIFICATES, &RULES, &TARGET_GROUPS, &TARGET_HEALTH]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_elasticloadbalancingv2, api);
            let call = batch.source.calls[0];
            if *call == DESCRIBE_TAGS {
                return tags_of(api, &client, &batch.items, into).await;
            }
            for item in &batch.items {
                one(api, &client, call, item.key, into).await;
            }
        })
    }
}

async fn one(api: &Api, client: &Client, call: &'static Call, key: &str, into: &mut Facts) {
    let asked = api.ask(call, key);
    match *call {
        DESCRIBE_LOAD_BALANCERS => {
            let page = |marker| client.describe_load_balancers().page_size(PAGE).set_marker(marker).send();
            asked
                .pages(page, |page| Ok((page.load_balancers.unwrap_or_default(), page.next_marker)))
                .await
                .add(into, |found| facts::load_balancer(api, found));
        }
        DESCRIBE_TARGET_GROUPS => {
            let page = |marker| client.describe_target_groups().page_size(PAGE).set_marker(marker).send();
            asked
                .pages(page, |page| Ok((page.target_groups.unwrap_or_default(), page.next_marker)))
                .await
                .add(into, |found| facts::target_group(api, found));
        }
        DESCRIBE_LISTENERS => {
            let listeners = || client.describe_listeners().load_balancer_arn(key);
            let page = |marker| listeners().page_size(PAGE).set_marker(marker).send();
            asked
                .pages(page, |page| Ok((page.listeners.unwrap_or_default(), page.next_marker)))
                .await
                .add(into, |found| facts::listener(api, key, found));
        }
        DESCRIBE_RULES => {
            let rules = || client.describe_rules().listener_arn(key);
            let page = |marker| rules().page_size(PAGE).set_marker(marker).send();
            asked
                .pages(page, |page| Ok((page.rules.unwrap_or_default(), page.next_marker)))
                .await
                .add(into, |found| facts::rule(api, key, found));
        }
        DESCRIBE_LISTENER_CERTIFICATES => {
            let certificates = || client.describe_listener_certificates().listener_arn(key);
            let page = |marker| certificates().page_size(PAGE).set_marker(marker).send();
            let arns = asked
                .pages(page, |page| {
                    let certificates = page.certificates.unwrap_or_default().into_iter();
                    let arns = certificates.map(|found| need(found.certificate_arn, "CertificateArn"));
                    Ok((arns.collect::<Result<Vec<_>, _>>()?, page.next_marker))
                })
                .await
                .all(into);
            into.detail::<Listener, _>(key, arns.map(sorted), |listener| &mut listener.certificates);
        }
        DESCRIBE_TARGET_HEALTH => {
            let health = client.describe_target_health().target_group_arn(key).send().await;
            let targets = asked
                .once(health, |output| {
                    let targets = output.target_health_descriptions.unwrap_or_default();
                    targets.into_iter().map(facts::target).collect()
                })
                .all(into);
            into.detail::<TargetGroup, _>(key, targets, |group| &mut group.targets);
        }
        _ => debug_assert!(false, "{} is not asked here", call.id),
    }
}

/// Tags of several load balancers and target groups. One that is gone fails the call for all of them: then
/// each is asked about alone.
async fn tags_of(api: &Api, client: &Client, items: &[Item<'_>], into: &mut Facts) {
    let ask = |items: &[Item<'_>]| {
        let arns = items.iter().map(|item| item.key.to_owned()).collect();
        client.describe_tags().set_resource_arns(Some(arns)).send()
    };
    let together = ask(items).await;
    let one_is_gone = together.as_ref().is_err_and(|error| {
        matches!(errors::code(error), Some("LoadBalancerNotFound" | "TargetGroupNotFound"))
    });
    if items.len() == 1 || !one_is_gone {
        return tags_in(api, together, items, into);
    }
    for item in items.chunks(1) {
        tags_in(api, ask(item).await, item, into);
    }
}

fn tags_in(
    api: &Api,
    result: Result<DescribeTagsOutput, SdkError<DescribeTagsError>>,
    items: &[Item<'_>],
    into: &mut Facts,
) {
    let answer = api.ask(&DESCRIBE_TAGS, "").once(result, |output| {
        let described = output.tag_descriptions.unwrap_or_default().into_iter().map(|description| {
            let all = description.tags.unwrap_or_default();
            let all = tags(all.into_iter().map(|tag| (tag.key, tag.value)));
            Ok((need(description.resource_arn, "ResourceArn")?, all))
        });
        described.collect()
    });
    let answers = answer.of_all(items.len(), "TagDescriptions").by_key(items, into, |(arn, _)| arn);
    for (arn, found) in answers {
        let resource = Arn::parse(arn).map_or("", |arn| arn.resource);
        let kind = if resource.starts_with("targetgroup/") { Kind::TargetGroup } else { Kind::LoadBalancer };
        if let Some(found) = found.map(|found| found.map(|(_, tags)| tags)).transpose() {
            into.tags(kind, arn, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::canned::Canned;
    use super::*;
    use crate::model::snapshot::Outcome;

    const HERE: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/app/here/1";
    const GONE: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/app/gone/2";

    #[tokio::test]
    async fn one_that_is_gone_does_not_hide_the_tags_of_the_others() {
        let not_found = "<ErrorResponse><Error><Code>LoadBalancerNotFound</Code></Error></ErrorResponse>";
        let tagged = format!(
            "<DescribeTagsResponse><DescribeTagsResult><TagDescriptions><member>\
             <ResourceArn>{HERE}</ResourceArn>\
             <Tags><member><Key>env</Key><Value>dev</Value></member></Tags></member></TagDescriptions>\
             </DescribeTagsResult></DescribeTagsResponse>"
        );
        let service = Canned::new([(400, not_found), (200, &tagged), (400, not_found)]);
        let found = service.fetch(&Elbv2, &TAGS, None, &[HERE, GONE]).await;
        assert_eq!(found.entry(&DESCRIBE_TAGS, HERE).outcome, Outcome::Complete);
        assert_eq!(found.entry(&DESCRIBE_TAGS, GONE).outcome, Outcome::Failed);
    }

    #[tokio::test]
    async fn an_answer_that_tells_of_fewer_than_were_asked_about_is_incomplete() {
        let empty = "<DescribeTagsResponse><DescribeTagsResult><TagDescriptions/></DescribeTagsResult>\
            </DescribeTagsResponse>";
        let found = Canned::new([(200, empty)]).fetch(&Elbv2, &TAGS, None, &[HERE]).await;
        assert_eq!(found.entry(&DESCRIBE_TAGS, HERE).outcome, Outcome::Failed);
    }

    #[tokio::test]
    async fn a_load_balancer_is_looked_up_by_its_dns_name_in_one_form() {
        let listed = format!(
            "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers><member>\
             <LoadBalancerArn>{HERE}</LoadBalancerArn><LoadBalancerName>here</LoadBalancerName>\
             <Type>application</Type>\
             <DNSName>Here-1.us-west-1.elb.amazonaws.com</DNSName>\
             </member></LoadBalancers></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>"
        );
        let found = Canned::new([(200, &listed)]).fetch(&Elbv2, &LOAD_BALANCERS, None, &[""]).await;
        let resource = found.resource(HERE);
        assert_eq!(resource.links(), ["here-1.us-west-1.elb.amazonaws.com"]);
        let gap = resource.tags.gap().expect("tags take a call of their own");
        assert_eq!((&*gap.call, &*gap.key), (DESCRIBE_TAGS.id, HERE));
    }
}
