//! Where a rule leads: to pools, by path, and what the backends of a pool are.

use super::named;
use crate::model::azure::gateway::{GatewayProperties, GatewayRule, Pool};
use crate::model::kind::Kind;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::azure::frontends::reached_from;
use crate::rules::azure::networks::Networks;
use crate::rules::azure::private_names::look_up;
use crate::rules::kleene::foremost;
use crate::rules::{End, World};

/// One pool of a rule, and for which requests.
pub(super) struct Lead<'s> {
    /// `None`: every path, or what no other takes.
    pub(super) path: Option<&'s str>,
    pub(super) pool: &'s Pool,
    pub(super) settings: Option<&'s str>,
}

/// Every pool that a rule leads to. A redirect leads to none.
pub(super) fn leads<'s>(rule: &'s GatewayRule, properties: &'s GatewayProperties) -> Vec<Lead<'s>> {
    let lead = |path, pool: &'s Option<String>, settings: &'s Option<String>| {
        let pool = named(&properties.pools, pool.as_deref(), |it| &it.name)?;
        Some(Lead { path, pool, settings: settings.as_deref() })
    };
    let Some(map) = named(&properties.path_maps, rule.path_map.as_deref(), |it| &it.name) else {
        let own = lead(None, &rule.pool, &rule.settings).filter(|_| rule.redirect.is_none());
        return own.into_iter().collect();
    };
    let of_paths = map.rules.iter().filter(|of| of.redirect.is_none());
    let of_paths = of_paths
        .flat_map(|of| of.paths.iter().filter_map(|path| lead(Some(path.as_str()), &of.pool, &of.settings)));
    let default =
        lead(None, &map.default_pool, &map.default_settings).filter(|_| map.default_redirect.is_none());
    of_paths.chain(default).collect()
}

/// One backend of a pool.
pub(super) enum Backend<'s> {
    Address(&'s str),
    /// A name that the gateway looks up.
    Host(&'s str),
    /// Id of what has put itself into the pool.
    Member(&'s str),
}

impl<'s> Backend<'s> {
    pub(super) fn all(pool: &'s Pool) -> impl Iterator<Item = Self> {
        let addresses = pool.addresses.iter().map(|address| Self::Address(address));
        let is_address = |host: &str| host.parse::<std::net::IpAddr>().is_ok();
        let of_host = move |host: &'s String| {
            if is_address(host) { Self::Address(host) } else { Self::Host(host) }
        };
        let hosts = pool.hosts.iter().map(of_host);
        addresses.chain(hosts).chain(pool.members.iter().map(|member| Self::Member(member)))
    }

    pub(super) fn label(&self) -> &'s str {
        match self {
            Self::Address(label) | Self::Host(label) | Self::Member(label) => label,
        }
    }

    pub(super) fn assumptions(&self) -> Vec<String> {
        match self {
            Self::Host(_) => vec!["the gateway's network looks names up at Azure's own DNS".to_owned()],
            Self::Address(_) | Self::Member(_) => Vec::new(),
        }
    }
}

/// What a backend is.
pub(super) struct Reached<'s> {
    pub(super) to: End<'s>,
    /// Name of the frontend that has the address; absent where it is no load balancer's.
    pub(super) frontend: Result<Option<&'s str>, Gap>,
    pub(super) evidence: Vec<Evidence>,
}

impl Reached<'_> {
    fn outside(label: &str) -> Self {
        Self { to: End::Outside(label.to_owned()), frontend: Ok(None), evidence: Vec::new() }
    }

    fn unread(id: &str, gap: Gap) -> Self {
        let to = End::Unread { kind: Kind::AzureLoadBalancer, id: id.to_owned(), gap: gap.clone() };
        Self { to, frontend: Err(gap), evidence: Vec::new() }
    }

    /// By a name, of which this shows where it leads.
    fn after(mut self, shown: &[Evidence]) -> Self {
        self.evidence.splice(0..0, shown.iter().cloned());
        self
    }
}

pub(super) fn ends<'s>(
    backend: &Backend<'s>,
    networks: &Networks<'s>,
    world: &World<'s>,
) -> Vec<Reached<'s>> {
    match backend {
        Backend::Address(address) => vec![by_address(address, networks, world)],
        Backend::Host(host) => by_name(host, networks, world),
        Backend::Member(member) => vec![Reached::outside(member)],
    }
}

fn by_address<'s>(address: &str, networks: &Networks<'s>, world: &World<'s>) -> Reached<'s> {
    match reached_from(address, networks, world) {
        Ok(Some(holder)) => Reached {
            to: End::Resource(holder.balancer),
            frontend: Ok(Some(&holder.frontend.name)),
            evidence: holder.evidence(),
        },
        Ok(None) => Reached::outside(address),
        Err(gap) => Reached::unread(address, gap),
    }
}

fn by_name<'s>(name: &str, networks: &Networks<'s>, world: &World<'s>) -> Vec<Reached<'s>> {
    let (mut found, mut gaps) = (Vec::new(), Vec::new());
    for network in &networks.ids {
        let answer = match look_up(name, network, world) {
            Ok(answer) => answer,
            Err(gap) => {
                gaps.push(gap);
                continue;
            }
        };
        if answer.addresses.is_empty() {
            found.push(Reached::outside(&answer.name).after(&answer.evidence));
            continue;
        }
        for address in &answer.addresses {
            found.push(by_address(address, networks, world).after(&answer.evidence));
        }
    }
    found.extend(foremost(gaps).map(|gap| Reached::unread(name, gap)));
    found
}
