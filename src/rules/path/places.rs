//! Where resources lie, what stands in front of them, and what lies between two places.

use std::rc::Rc;

use super::headers::Protocols;
use super::leg::{At, Hop, Leg, Loss};
use super::traffic::Traffic;
use super::{aws, azure, kubernetes};
use crate::model::kind::Kind;
use crate::model::scope::Provider;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::net::ports::Ports;
use crate::rules::{Ref, World};

/// Where packets start or end.
#[derive(Clone, Debug)]
pub enum Place<'s> {
    Internet,
    /// An interface in a network of AWS, or one of several that are alike.
    Aws(Rc<aws::Site<'s>>),
    /// The same in a network of Azure.
    Azure(Rc<azure::Site<'s>>),
    /// A service that has no place in a network and is asked by public names: a table, an account of Cosmos DB.
    Service(Ref<'s>),
}

impl<'s> Place<'s> {
    fn is_of(&self, at: &At<'s>) -> bool {
        let of = match self {
            Self::Internet => return *at == At::Internet,
            Self::Aws(site) => site.of,
            Self::Azure(site) => site.of,
            Self::Service(of) => of,
        };
        matches!(at, At::Resource(it) if it.id == of.id)
    }
}

/// The places of one resource.
#[derive(Clone, Debug, Default)]
pub struct Places<'s> {
    pub known: Vec<Place<'s>>,
    /// Behind each there may be further ones.
    pub gaps: Vec<Gap>,
}

/// What takes packets for a resource and sends them on by itself.
#[derive(Debug)]
pub struct Entrance<'s> {
    /// The load balancer or gateway; its places are the doors.
    pub by: Ref<'s>,
    /// What it listens for.
    pub protocols: Protocols,
    pub(crate) ports: Vec<Ports>,
    /// What stands between the door and the resource without a place of its own: listener, rule, target group, ingress.
    pub hops: Vec<Hop<'s>>,
    /// What it sends on, one stretch after the other.
    pub onward: Vec<Step<'s>>,
    /// Why nothing is sent on for sure.
    pub lost: Option<Loss<'s>>,
    /// Why it is not known whether it sends anything on.
    pub gaps: Vec<Gap>,
}

impl<'s> Entrance<'s> {
    /// A door that listens for this; what it does with it is not said yet.
    pub(super) fn door(by: Ref<'s>, protocols: Protocols, port: Ports) -> Self {
        let ports = vec![port];
        Self { by, protocols, ports, hops: Vec::new(), onward: Vec::new(), lost: None, gaps: Vec::new() }
    }

    /// It sends on from each of these places to each of those. The gaps behind which there are further ones keep it open
    /// whether all is reached; whether anything is stays open by those that are given back.
    pub(super) fn sends(&mut self, from: Places<'s>, to: Places<'s>, traffic: Traffic) -> Vec<Gap> {
        let gaps = [from.gaps, to.gaps].concat();
        self.gaps.extend(gaps.iter().cloned());
        if gaps.is_empty() || !(from.known.is_empty() || to.known.is_empty()) {
            self.onward.push(Step { from: from.known, to: to.known, traffic });
        }
        gaps
    }
}

/// Packets from each of these places to each of those.
#[derive(Debug)]
pub struct Step<'s> {
    pub from: Vec<Place<'s>>,
    pub to: Vec<Place<'s>>,
    pub traffic: Traffic,
}

impl<'s> Step<'s> {
    /// How many of these hops lie before it: those up to where it starts.
    pub(super) fn passed(&self, hops: &[Hop<'s>]) -> usize {
        let starts = |hop: &Hop<'s>| self.from.iter().any(|place| place.is_of(&hop.at));
        hops.iter().rposition(starts).map_or(0, |at| at + 1)
    }
}

#[derive(Debug, Default)]
pub struct Entrances<'s> {
    pub found: Vec<Entrance<'s>>,
    /// Behind each there may be further ones.
    pub gaps: Vec<Gap>,
    /// What may carry packets and no snapshot shows.
    pub assumptions: Vec<String>,
}

/// Where a resource lies. Of a kind that nobody knows the place of, that is open: it is not nowhere.
pub fn places<'s>(of: Ref<'s>, world: &World<'s>) -> Places<'s> {
    if !has_places(of.kind()) {
        let gap = undecided(of, "where it lies in a network is not judged");
        return Places { known: Vec::new(), gaps: vec![gap] };
    }
    match of.kind().provider() {
        Provider::Aws => aws::places(of, world),
        Provider::Azure => azure::places(of, world),
        Provider::Kubernetes => kubernetes::places(of, world),
    }
}

/// What stands in front of a resource. `wanted`: the packets that must come out at the resource's side.
pub fn entrances<'s>(to: Ref<'s>, wanted: &Traffic, world: &World<'s>) -> Entrances<'s> {
    match to.kind().provider() {
        Provider::Aws => aws::entrances(to, wanted, world),
        Provider::Azure => azure::entrances(to, wanted, world),
        Provider::Kubernetes => kubernetes::entrances(to, wanted, world),
    }
}

/// Whether a door of this kind hands packets on with the source they came with. Who asks it decides then whether they get
/// on: those who may are told beside it, as entrances of what lies behind.
pub fn passes_on(kind: Kind) -> bool {
    kind == Kind::AzureLoadBalancer
}

/// Whether paths can start or end at resources of a kind.
pub fn has_places(kind: Kind) -> bool {
    aws::has_places(kind) || azure::has_places(kind) || kubernetes::has_places(kind)
}

/// The ports that a resource is asked at where a question names none; empty: any.
pub(crate) fn own_ports<'s>(of: Ref<'s>, world: &World<'s>) -> Result<Vec<Ports>, Gap> {
    match of.kind().provider() {
        Provider::Aws => aws::own_ports(of, world),
        Provider::Azure => azure::own_ports(of, world),
        Provider::Kubernetes => kubernetes::own_ports(of, world),
    }
}

/// What lies between two places.
pub fn leg<'s>(from: &Place<'s>, to: &Place<'s>, traffic: &Traffic, world: &World<'s>) -> Leg<'s> {
    match (from, to) {
        (Place::Azure(_), Place::Internet | Place::Azure(_)) | (Place::Internet, Place::Azure(_)) => {
            azure::leg(from, to, traffic, world)
        }
        (Place::Azure(_) | Place::Internet, Place::Service(service))
            if service.kind().provider() == Provider::Azure =>
        {
            azure::leg(from, to, traffic, world)
        }
        (Place::Aws(_), Place::Azure(site)) | (Place::Azure(site), _) => unjudged(site.of),
        (_, Place::Service(service)) if service.kind().provider() == Provider::Azure => unjudged(service),
        _ => aws::leg(from, to, traffic, world),
    }
}

/// Between clouds there may be lines that are not read.
fn unjudged(near: Ref<'_>) -> Leg<'_> {
    Leg { gaps: vec![undecided(near, "ways between two clouds are not judged")], ..Leg::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designs_may_name_the_kinds_that_have_places_and_no_others() {
        let differ = |kind: &&Kind| has_places(**kind) != crate::model::path::end(**kind).is_some();
        let differing: Vec<_> = Kind::ALL.iter().filter(differ).collect();
        assert!(differing.is_empty(), "model and rules differ about {differing:?}");
    }
}
