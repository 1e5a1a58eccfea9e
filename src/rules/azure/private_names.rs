//! What a name leads to in a network: the private zone that is linked to it and shares most of the name answers, and
//! says "no such name" where it has none. Without such a zone the name is a public one.

use serde_json::json;

use crate::model::azure::dns::{PrivateDnsRecord, PrivateDnsZone};
use crate::model::kind::Kind;
use crate::model::names::{answers_beside, holds};
use crate::model::run::Evidence;
use crate::model::seen::Gap;
use crate::rules::evidence::hop;
use crate::rules::{Ref, World};

/// Resolvers give up on long chains too.
const MOST_HOPS: usize = 8;

/// What a name is answered with.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    /// Addresses; none where the name, or the one it stands for, is nobody's in these zones.
    pub(crate) addresses: Vec<String>,
    /// The last name that was looked up.
    pub(crate) name: String,
    pub(crate) evidence: Vec<Evidence>,
}

/// Looks a name up as a machine in `network` does.
pub(crate) fn look_up(name: &str, network: &str, world: &World<'_>) -> Result<Answer, Gap> {
    let mut answer = Answer { addresses: Vec::new(), name: name.to_owned(), evidence: Vec::new() };
    for _ in 0..=MOST_HOPS {
        let Some(zone) = zone_of(&answer.name, network, world)? else { break };
        answer.evidence.push(hop(zone, "networks", json!([network])));
        let Some(record) = record_of(&answer.name, zone, world)? else { break };
        let facts = World::facts::<PrivateDnsRecord>(record);
        let Some(cname) = &facts.cname else {
            answer.evidence.push(hop(record, "addresses", json!(facts.addresses)));
            answer.addresses.clone_from(&facts.addresses);
            break;
        };
        answer.evidence.push(hop(record, "cname", cname.as_str()));
        answer.name.clone_from(cname);
    }
    Ok(answer)
}

/// The zone that answers: of those that are linked to the network the one with the longest name. One that may be
/// linked, and one that may be there, could be longer.
fn zone_of<'s>(name: &str, network: &str, world: &World<'s>) -> Result<Option<Ref<'s>>, Gap> {
    let domain = |zone: &Ref<'s>| World::facts::<PrivateDnsZone>(zone).domain.as_str();
    let all = world.snapshot().of_kind(Kind::PrivateDnsZone).iter();
    let mut zones: Vec<Ref<'s>> = all.filter(|zone| holds(domain(zone), name)).collect();
    zones.sort_by_key(|zone| std::cmp::Reverse(domain(zone).len()));
    if let Some(gap) = world.unlisted_in_azure(Kind::PrivateDnsZone) {
        return Err(gap);
    }
    for zone in zones {
        let networks = World::facts::<PrivateDnsZone>(zone).networks.get().map_err(Gap::clone)?;
        if networks.iter().any(|linked| linked == network) {
            return Ok(Some(zone));
        }
    }
    Ok(None)
}

/// The record that answers for addresses. A wildcard may be outdone by a name that was not read.
fn record_of<'s>(name: &str, zone: Ref<'s>, world: &World<'s>) -> Result<Option<Ref<'s>>, Gap> {
    let all = world.children(Kind::PrivateDnsRecord, zone);
    let facts = |record: &Ref<'s>| World::facts::<PrivateDnsRecord>(record);
    let leads = |record: &&Ref<'s>| matches!(facts(record).r#type.as_str(), "A" | "CNAME");
    let mut leading = all.items.iter().filter(leads);
    if let Some(exact) = leading.clone().find(|record| facts(record).domain == name) {
        return Ok(Some(exact));
    }
    if let Some(gap) = all.gaps.into_iter().next() {
        return Err(gap);
    }
    let others = || all.items.iter().map(|record| facts(record).domain.as_str());
    Ok(leading.find(|record| answers_beside(&facts(record).domain, others(), name)).copied())
}

#[cfg(test)]
mod tests;
