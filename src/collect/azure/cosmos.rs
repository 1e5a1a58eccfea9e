//! Cosmos DB: accounts, what is in them, and who has a role over their data.

mod grants;

use futures::future::BoxFuture;

use super::members::{Unreadable, group_of};
use super::part::{Part, Unfit, resource, whole};
use super::{Api, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::azure::cosmos::{
    ACCOUNT, ACCOUNTS, CONTAINERS, CosmosAccount, CosmosContainer, CosmosDatabase, CosmosProperties,
    DATABASES, GET_DATABASE_ACCOUNT, GRANTS, LIST_DATABASE_ACCOUNTS, LIST_SQL_CONTAINERS, LIST_SQL_DATABASES,
    LIST_SQL_ROLE_ASSIGNMENTS, PrivateConnection,
};
use crate::model::call::Source;
use crate::model::kind::{Head, Resource};

pub(super) struct Cosmos;

impl Collector for Cosmos {
    fn id(&self) -> &'static str {
        "azure.cosmos"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&ACCOUNTS, &ACCOUNT, &DATABASES, &CONTAINERS, &GRANTS]
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
                LIST_DATABASE_ACCOUNTS => {
                    let listed = |head, _: Part<'_>| account(api, head);
                    api.list(&LIST_DATABASE_ACCOUNTS, item).await.add(into, resource(listed));
                }
                GET_DATABASE_ACCOUNT => {
                    let answer = api.get(&GET_DATABASE_ACCOUNT, item, &[]).await;
                    let found = answer.detail(into, whole(properties));
                    into.detail::<CosmosAccount, _>(item.key, found, |it| &mut it.properties);
                }
                LIST_SQL_DATABASES => {
                    let listed = |head, _: Part<'_>| Ok(database(head, item.key));
                    api.list(&LIST_SQL_DATABASES, item).await.add(into, resource(listed));
                }
                LIST_SQL_CONTAINERS => {
                    let listed = |head, found: Part<'_>| container(head, found, item.key);
                    api.list(&LIST_SQL_CONTAINERS, item).await.add(into, resource(listed));
                }
                LIST_SQL_ROLE_ASSIGNMENTS => {
                    let found = grants::read(api, item, into).await;
                    into.detail::<CosmosAccount, _>(item.key, found, |it| &mut it.grants);
                }
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

fn account(api: &Api, head: Head) -> Result<Resource, Unreadable> {
    let facts = CosmosAccount {
        group: group_of(&head)?,
        properties: api.unread(&ACCOUNT, &head.id),
        grants: api.unread(&GRANTS, &head.id),
    };
    Ok(Resource::new(head, facts))
}

fn properties(found: Part<'_>) -> Result<CosmosProperties, Unfit> {
    Ok(CosmosProperties {
        state: found.text("properties.provisioningState")?,
        api: found.text("kind")?,
        offer: found.text("properties.databaseAccountOfferType")?,
        consistency: found.text("properties.consistencyPolicy.defaultConsistencyLevel")?,
        staleness_versions: found.number("properties.consistencyPolicy.maxStalenessPrefix")?,
        staleness_seconds: found.number("properties.consistencyPolicy.maxIntervalInSeconds")?,
        automatic_failover: found.flag("properties.enableAutomaticFailover")?,
        multiple_write_locations: found.flag("properties.enableMultipleWriteLocations")?,
        locations: locations(found)?,
        public_network: found.text("properties.publicNetworkAccess")?,
        address_rules: address_rules(found)?,
        network_rules: network_rules(found)?,
        private_endpoints: Some(private_endpoints(found)?),
        local_auth_disabled: found.flag("properties.disableLocalAuth")?,
        backup: found.text("properties.backupPolicy.type")?,
        minimal_tls: found.text("properties.minimalTlsVersion")?,
        endpoint: found.lower("properties.documentEndpoint")?.map(|url| host(&url).to_owned()),
    })
}

/// In the order of failover, which is not that of the list.
fn locations(found: Part<'_>) -> Result<Vec<String>, Unfit> {
    let policies = found.parts("properties.failoverPolicies")?;
    let all = if policies.is_empty() { found.parts("properties.locations")? } else { policies };
    let priority = |it: &Part<'_>| Ok((it.number("failoverPriority")?, it.must("locationName")?));
    let mut all: Vec<_> = all.iter().map(priority).collect::<Result<_, Unfit>>()?;
    all.sort();
    Ok(all.into_iter().map(|(_, name)| name).collect())
}

/// Early versions write all of them in one text.
fn address_rules(found: Part<'_>) -> Result<Vec<String>, Unfit> {
    let rules = found.parts("properties.ipRules")?;
    let mut all: Vec<_> = rules.iter().map(|rule| rule.must("ipAddressOrRange")).collect::<Result<_, _>>()?;
    let early = found.text("properties.ipRangeFilter")?.unwrap_or_default();
    all.extend(early.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(str::to_owned));
    all.sort();
    all.dedup();
    Ok(all)
}

/// Those of an account that doesn't heed them let nobody in.
fn network_rules(found: Part<'_>) -> Result<Vec<String>, Unfit> {
    let heeded = found.flag("properties.isVirtualNetworkFilterEnabled")?;
    let rules = found.parts("properties.virtualNetworkRules")?;
    let ids = rules.iter().map(|rule| rule.need("id", rule.lower("id")?));
    let mut all: Vec<String> = ids.collect::<Result<_, _>>()?;
    all.retain(|_| heeded != Some(false));
    all.sort();
    Ok(all)
}

fn private_endpoints(found: Part<'_>) -> Result<Vec<PrivateConnection>, Unfit> {
    let told = found.parts("properties.privateEndpointConnections")?.into_iter().map(|connection| {
        Ok(PrivateConnection {
            endpoint: connection.lower("properties.privateEndpoint.id")?,
            status: connection.text("properties.privateLinkServiceConnectionState.status")?,
        })
    });
    let mut all: Vec<_> = told.collect::<Result<_, Unfit>>()?;
    all.sort();
    Ok(all)
}

/// Of an address, without scheme and port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split([':', '/']).next().unwrap_or(rest)
}

fn database(head: Head, account: &str) -> Resource {
    Resource::new(head, CosmosDatabase { database_account: account.to_owned() })
}

fn container(head: Head, found: Part<'_>, database: &str) -> Result<Resource, Unreadable> {
    let facts = CosmosContainer {
        database: database.to_owned(),
        partition_key: found.texts("properties.resource.partitionKey.paths")?,
    };
    Ok(Resource::new(head, facts))
}

#[cfg(test)]
mod tests;
