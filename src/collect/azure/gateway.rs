//! Application gateways: how they are set up, and what Azure Monitor measured of the hosts behind them.

mod health;
mod properties;

use futures::future::BoxFuture;

use super::members::{Unreadable, group_of};
use super::part::{Part, resource, whole};
use super::{Api, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::azure::gateway::{
    ApplicationGateway, GATEWAY, GATEWAY_HEALTH, GATEWAYS, GET_APPLICATION_GATEWAY, GET_GATEWAY_METRICS,
    LIST_APPLICATION_GATEWAYS,
};
use crate::model::call::Source;
use crate::model::kind::{Head, Resource};

pub(super) struct Gateways;

impl Collector for Gateways {
    fn id(&self) -> &'static str {
        "azure.gateway"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&GATEWAYS, &GATEWAY, &GATEWAY_HEALTH]
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
                LIST_APPLICATION_GATEWAYS => {
                    let listed = |head, _: Part<'_>| gateway(api, head);
                    api.list(&LIST_APPLICATION_GATEWAYS, item).await.add(into, resource(listed));
                }
                GET_APPLICATION_GATEWAY => {
                    let answer = api.get(&GET_APPLICATION_GATEWAY, item, &[]).await;
                    let found = answer.detail(into, whole(properties::read));
                    into.detail::<ApplicationGateway, _>(item.key, found, |it| &mut it.properties);
                }
                GET_GATEWAY_METRICS => {
                    let answer = api.get(&GET_GATEWAY_METRICS, item, health::QUERY).await;
                    let found = answer.value(into, whole(health::read));
                    into.detail::<ApplicationGateway, _>(item.key, found, |it| &mut it.health);
                }
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

fn gateway(api: &Api, head: Head) -> Result<Resource, Unreadable> {
    let facts = ApplicationGateway {
        group: group_of(&head)?,
        properties: api.unread(&GATEWAY, &head.id),
        health: api.unread(&GATEWAY_HEALTH, &head.id),
    };
    Ok(Resource::new(head, facts))
}

#[cfg(test)]
mod tests;
