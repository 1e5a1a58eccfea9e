//! EKS: clusters, what their pods run on, and who is let in.

mod facts;
#[cfg(test)]
mod tests;

use aws_sdk_eks::Client;
use futures::future::BoxFuture;

use super::members::{need, sorted};
use super::{Api, Batch, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::eks::{
    ACCESS_ENTRIES, ACCESS_POLICIES, ADDONS, AccessEntry, AccessPolicy, CLUSTERS, DESCRIBE_ACCESS_ENTRY,
    DESCRIBE_ADDON, DESCRIBE_CLUSTER, DESCRIBE_FARGATE_PROFILE, DESCRIBE_NODEGROUP,
    DESCRIBE_POD_IDENTITY_ASSOCIATION, FARGATE_PROFILES, LIST_ACCESS_ENTRIES, LIST_ADDONS,
    LIST_ASSOCIATED_ACCESS_POLICIES, LIST_CLUSTERS, LIST_FARGATE_PROFILES, LIST_NODEGROUPS,
    LIST_POD_IDENTITY_ASSOCIATIONS, NODEGROUPS, POD_IDENTITIES,
};
use crate::model::call::Source;

const PAGE: i32 = 100;
/// What was listed and is asked about a moment later may be gone.
const GONE: &str = "ResourceNotFoundException";

pub(super) struct Eks;

impl Collector for Eks {
    fn id(&self) -> &'static str {
        "aws.eks"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[
            &CLUSTERS,
            &NODEGROUPS,
            &FARGATE_PROFILES,
            &ADDONS,
            &ACCESS_ENTRIES,
            &ACCESS_POLICIES,
            &POD_IDENTITIES,
        ]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_eks, api);
            for item in &batch.items {
                match *batch.source.calls[0] {
                    LIST_CLUSTERS => clusters(api, &client, item.key, into).await,
                    LIST_NODEGROUPS => nodegroups(api, &client, item.key, into).await,
                    LIST_FARGATE_PROFILES => fargate_profiles(api, &client, item.key, into).await,
                    LIST_ADDONS => addons(api, &client, item.key, into).await,
                    LIST_ACCESS_ENTRIES => access_entries(api, &client, item.key, into).await,
                    LIST_ASSOCIATED_ACCESS_POLICIES => access_policies(api, &client, item, into).await,
                    LIST_POD_IDENTITY_ASSOCIATIONS => pod_identities(api, &client, item.key, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

/// Calls take a cluster's name; ids are ARNs.
fn name_in(cluster: &str) -> &str {
    Arn::parse(cluster).map_or(cluster, |arn| arn.name())
}

async fn clusters(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let page = |token| client.list_clusters().max_results(PAGE).set_next_token(token).send();
    let listed = api
        .ask(&LIST_CLUSTERS, key)
        .pages(page, |page| Ok((need(page.clusters, "clusters")?, page.next_token)));
    let (names, _) = listed.await.noted(into);
    for name in names {
        let described = client.describe_cluster().name(name).send().await;
        api.ask(&DESCRIBE_CLUSTER, key)
            .once_or_absent(GONE, described, |output| need(output.cluster, "cluster"))
            .add(into, |found| facts::cluster(api, found));
    }
}

async fn nodegroups(api: &Api, client: &Client, cluster: &str, into: &mut Facts) {
    let list = || client.list_nodegroups().cluster_name(name_in(cluster)).max_results(PAGE);
    let page = |token| list().set_next_token(token).send();
    let listed = api
        .ask(&LIST_NODEGROUPS, cluster)
        .pages(page, |page| Ok((need(page.nodegroups, "nodegroups")?, page.next_token)));
    let (names, _) = listed.await.noted(into);
    for name in names {
        let described = client.describe_nodegroup().cluster_name(name_in(cluster)).nodegroup_name(name);
        api.ask(&DESCRIBE_NODEGROUP, cluster)
            .once_or_absent(GONE, described.send().await, |output| need(output.nodegroup, "nodegroup"))
            .add(into, |found| facts::nodegroup(api, cluster, found));
    }
}

async fn fargate_profiles(api: &Api, client: &Client, cluster: &str, into: &mut Facts) {
    let list = || client.list_fargate_profiles().cluster_name(name_in(cluster)).max_results(PAGE);
    let page = |token| list().set_next_token(token).send();
    let listed = api
        .ask(&LIST_FARGATE_PROFILES, cluster)
        .pages(page, |page| Ok((need(page.fargate_profile_names, "fargateProfileNames")?, page.next_token)));
    let (names, _) = listed.await.noted(into);
    for name in names {
        let described = client.describe_fargate_profile().cluster_name(name_in(cluster));
        let described = described.fargate_profile_name(name).send().await;
        api.ask(&DESCRIBE_FARGATE_PROFILE, cluster)
            .once_or_absent(GONE, described, |output| need(output.fargate_profile, "fargateProfile"))
            .add(into, |found| facts::fargate_profile(api, cluster, found));
    }
}

async fn addons(api: &Api, client: &Client, cluster: &str, into: &mut Facts) {
    let list = || client.list_addons().cluster_name(name_in(cluster)).max_results(PAGE);
    let page = |token| list().set_next_token(token).send();
    let listed = api
        .ask(&LIST_ADDONS, cluster)
        .pages(page, |page| Ok((need(page.addons, "addons")?, page.next_token)));
    let (names, _) = listed.await.noted(into);
    for name in names {
        let described = client.describe_addon().cluster_name(name_in(cluster)).addon_name(name).send().await;
        api.ask(&DESCRIBE_ADDON, cluster)
            .once_or_absent(GONE, described, |output| need(output.addon, "addon"))
            .add(into, |found| facts::addon(api, cluster, found));
    }
}

async fn access_entries(api: &Api, client: &Client, cluster: &str, into: &mut Facts) {
    let list = || client.list_access_entries().cluster_name(name_in(cluster)).max_results(PAGE);
    let page = |token| list().set_next_token(token).send();
    let listed = api
        .ask(&LIST_ACCESS_ENTRIES, cluster)
        .pages(page, |page| Ok((need(page.access_entries, "accessEntries")?, page.next_token)));
    let (principals, _) = listed.await.noted(into);
    for principal in principals {
        let described = client.describe_access_entry().cluster_name(name_in(cluster));
        let described = described.principal_arn(principal).send().await;
        api.ask(&DESCRIBE_ACCESS_ENTRY, cluster)
            .once_or_absent(GONE, described, |output| need(output.access_entry, "accessEntry"))
            .add(into, |found| facts::access_entry(api, cluster, found));
    }
}

async fn access_policies(api: &Api, client: &Client, item: &Item<'_>, into: &mut Facts) {
    let listing = api.ask(&LIST_ASSOCIATED_ACCESS_POLICIES, item.key);
    let entry = item.subject.and_then(|resource| resource.as_kind::<AccessEntry>());
    let policies = match entry {
        None => listing.impossible("the access entry it is about was not read").all(into),
        Some(entry) => {
            let list = || client.list_associated_access_policies().cluster_name(name_in(&entry.cluster));
            let list = || list().principal_arn(&entry.principal).max_results(PAGE);
            let page = |token| list().set_next_token(token).send();
            let listed = listing.pages(page, |page| {
                let found = need(page.associated_access_policies, "associatedAccessPolicies")?.into_iter();
                Ok((found.map(facts::access_policy).collect::<Result<_, _>>()?, page.next_token))
            });
            listed.await.all(into).map(sorted::<AccessPolicy>)
        }
    };
    into.detail::<AccessEntry, _>(item.key, policies, |entry| &mut entry.policies);
}

async fn pod_identities(api: &Api, client: &Client, cluster: &str, into: &mut Facts) {
    let list = || client.list_pod_identity_associations().cluster_name(name_in(cluster)).max_results(PAGE);
    let page = |token| list().set_next_token(token).send();
    let listed = api.ask(&LIST_POD_IDENTITY_ASSOCIATIONS, cluster).pages(page, |page| {
        let found = need(page.associations, "associations")?.into_iter();
        let ids = found.map(|association| need(association.association_id, "associationId"));
        Ok((ids.collect::<Result<_, _>>()?, page.next_token))
    });
    let (ids, _) = listed.await.noted(into);
    for id in ids {
        let described = client.describe_pod_identity_association().cluster_name(name_in(cluster));
        let described = described.association_id(id).send().await;
        api.ask(&DESCRIBE_POD_IDENTITY_ASSOCIATION, cluster)
            .once_or_absent(GONE, described, |output| need(output.association, "association"))
            .add(into, |found| facts::pod_identity(api, cluster, found));
    }
}
