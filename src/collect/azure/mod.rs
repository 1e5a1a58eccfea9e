//! Azure collectors: one file for each part of Azure Resource Manager. Each declares its sources and reads them by plain
//! GETs; ids are put into lower case, for Azure compares them so.

pub(crate) mod access;
pub(crate) mod aks;
pub(crate) mod asked;
mod authorization;
#[cfg(test)]
mod canned;
pub(crate) mod client;
mod containers;
mod cosmos;
mod credentials;
mod dns;
mod errors;
mod gateway;
mod identity;
mod legacy;
mod members;
mod monitor;
mod network;
mod pages;
mod part;
mod resources;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

use self::client::ArmClient;
use self::pages::Visible;
use super::facts::Facts;
use crate::model::call::Source;
use crate::model::kind::Resource;
use crate::model::scope::Scope;

pub trait Collector: Sync {
    /// `azure.network`
    fn id(&self) -> &'static str;

    /// What it can be asked for. The calls of its sources are all it may make.
    fn sources(&self) -> &'static [&'static Source];

    /// Asks one source about one key, and notes how it ended: a failure is a fact too, so there is no `Err`.
    fn fetch<'a>(
        &'a self,
        api: &'a Api,
        source: &'static Source,
        item: Item<'a>,
        into: &'a mut Facts,
    ) -> BoxFuture<'a, ()>;
}

/// What is asked about: the id of a parent or of the resource itself, in lower case; empty where the source lists the
/// whole subscription.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    pub key: &'a str,
    /// The resource of that id, where it was read before.
    pub subject: Option<&'a Resource>,
}

/// A subscription, ready to be asked.
pub struct Api {
    /// Credentials, timeouts and transport.
    pub client: ArmClient,
    /// The subscription's scope, over all locations: that of the ledger. A resource's has its location.
    pub scope: Scope,
    pub read_at: DateTime<Utc>,
    /// What the caller may read of the subscription: asked once.
    visible: Visible,
}

/// Everything that can be asked, each source of one collector alone.
pub const COLLECTORS: &[&dyn Collector] = &[
    &authorization::Authorization,
    &containers::Containers,
    &cosmos::Cosmos,
    &dns::Dns,
    &gateway::Gateways,
    &identity::Identities,
    &monitor::Monitor,
    &network::Network,
    &resources::Resources,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kind::Kind;
    use crate::model::scope::Provider;

    #[test]
    fn every_source_has_exactly_one_collector() {
        for kind in Kind::ALL.iter().filter(|kind| kind.provider() == Provider::Azure) {
            for source in kind.meta().sources() {
                let able = COLLECTORS.iter().filter(|collector| collector.sources().contains(&source));
                assert_eq!(able.count(), 1, "{kind}: {}", source.primary());
            }
        }
    }
}
