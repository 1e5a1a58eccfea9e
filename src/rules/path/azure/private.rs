//! Private endpoints of an account: addresses in a network that its name leads to there.

use serde_json::json;

use super::Lies;
use super::sites::lies;
use crate::model::azure::cosmos::CosmosAccount;
use crate::model::azure::network::{PrivateEndpoint, Subnet};
use crate::model::kind::Kind;
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::azure::private_names::{Answer, look_up};
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::path::leg::Hop;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

pub(super) const OF_NAMES: &str =
    "the account is asked by its name, which the network looks up at Azure's own DNS";
pub(super) const OF_ADDRESSES: &str =
    "the private address that the account's name leads to is its private endpoint's";

/// By which addresses what lies in a network asks an account.
pub(super) enum Asked<'s> {
    /// By public ones.
    Publicly,
    /// By those of a private endpoint.
    Privately(Endpoint<'s>),
    /// The gap would tell.
    Untold(Gap),
}

/// Where a private endpoint is reached.
pub(super) struct Endpoint<'s> {
    pub(super) addresses: Addresses,
    pub(super) lies: Lies<'s>,
    pub(super) hop: Hop<'s>,
}

/// What the account's name leads to. An account without private endpoints has a public name and no other.
pub(super) fn asked<'s>(
    account: Ref<'s>,
    network: Option<&str>,
    world: &World<'s>,
) -> Result<Asked<'s>, Gap> {
    let properties = World::facts::<CosmosAccount>(account).properties.get().map_err(Gap::clone)?;
    let Some(connections) = &properties.private_endpoints else {
        return Ok(Asked::Untold(undecided(account, "its private endpoints are not told")));
    };
    let approved = |status: Option<&str>| status.is_some_and(|it| it.eq_ignore_ascii_case("Approved"));
    let mut usable = connections.iter().filter(|it| approved(it.status.as_deref())).peekable();
    if usable.peek().is_none() {
        return Ok(Asked::Publicly);
    }
    let untold = |why: &str| Ok(Asked::Untold(undecided(account, why)));
    let Some(host) = properties.endpoint.as_deref() else {
        return untold("it does not tell its name");
    };
    let Some(network) = network else {
        return untold("whether its name leads to a private endpoint in the network is not read");
    };
    let answer = named(host, network, world)?;
    let mut addresses = Addresses::default();
    answer.addresses.iter().filter_map(|it| Cidr::parse(it)).for_each(|block| addresses.add(&block));
    if addresses.is_empty() {
        return Ok(Asked::Publicly);
    }
    let mut gaps = Vec::new();
    for connection in usable {
        let Some(id) = connection.endpoint.as_deref() else { continue };
        match endpoint(account, id, &addresses, world) {
            Ok(Some((endpoint, lies))) => {
                let shown: Vec<Evidence> = answer.evidence.clone();
                let connected = hop(account, "properties.private_endpoints", json!([connection]));
                let hop = Hop::of(endpoint).by(shown).by([connected]);
                return Ok(Asked::Privately(Endpoint { addresses, lies, hop }));
            }
            Ok(None) => {}
            Err(gap) => gaps.push(gap),
        }
    }
    let why = "its name leads to a private address that lies in none of its endpoints' subnets";
    Ok(Asked::Untold(gaps.into_iter().next().unwrap_or_else(|| undecided(account, why))))
}

/// Where an account has private endpoints, its public name is an alias of another, which private zones answer.
fn named(host: &str, network: &str, world: &World<'_>) -> Result<Answer, Gap> {
    let answer = look_up(host, network, world)?;
    match host.split_once('.') {
        Some((account, domain)) if answer.addresses.is_empty() => {
            look_up(&format!("{account}.privatelink.{domain}"), network, world)
        }
        _ => Ok(answer),
    }
}

/// The private endpoint of this id, where its subnet holds these addresses.
fn endpoint<'s>(
    account: Ref<'s>,
    id: &str,
    addresses: &Addresses,
    world: &World<'s>,
) -> Result<Option<(Ref<'s>, Lies<'s>)>, Gap> {
    let found = world.find(Kind::PrivateEndpoint, id, &account.scope).map_err(|not| match not {
        NotFound::Unread(gap) => gap,
        NotFound::Absent => undecided(account, format!("{id} is not there to be read")),
    })?;
    let facts = World::facts::<PrivateEndpoint>(found);
    let Some(subnet) = facts.subnet.as_deref() else { return Err(undecided(found, "it tells no subnet")) };
    let lies = lies(found, subnet, world);
    let within = match &lies {
        Lies::In(subnet) => World::facts::<Subnet>(subnet),
        Lies::Unread(_, gap) => return Err(gap.clone()),
        Lies::Nowhere => return Ok(None),
    };
    let mut own = Addresses::default();
    own.add_blocks(&within.prefixes, found)?;
    Ok(addresses.without(&own).is_empty().then_some((found, lies)))
}
