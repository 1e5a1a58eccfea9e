//! What is asked about, before it is known which addresses the two ends have.

use super::headers::{Headers, Protocols};
use crate::model::path::{Block, Packets, Protocol};
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;

/// Ports of a range that are asked one by one at most.
const EACH: i64 = 32;

#[derive(Clone, Debug)]
pub struct Traffic {
    pub protocols: Protocols,
    /// Of the end that is asked; empty: all.
    pub(crate) ports: Vec<Ports>,
    /// Where it may come from; absent: wherever the one end is.
    pub(crate) sources: Option<Addresses>,
    /// Where it may go to; absent: wherever the other end is.
    pub(crate) destinations: Option<Addresses>,
}

impl Traffic {
    pub fn any() -> Self {
        Self { protocols: Protocols::All, ports: Vec::new(), sources: None, destinations: None }
    }

    pub fn tcp(port: i64) -> Self {
        Self { protocols: Protocols::TCP, ports: vec![Ports::one(port)], ..Self::any() }
    }

    /// As a design or a user writes it down.
    pub fn of(packets: &Packets) -> Self {
        let ports =
            packets.ports.iter().map(|range| Ports { first: range.first.into(), last: range.last.into() });
        let addresses = |blocks: &[Block]| {
            let mut all = Addresses::default();
            for block in blocks {
                all.add(&Cidr::parse(&block.to_string()).expect("the model reads blocks alone"));
            }
            (!blocks.is_empty()).then_some(all)
        };
        Self {
            protocols: match packets.protocol {
                Protocol::Any => Protocols::All,
                Protocol::Number(number) => Protocols::One(number),
            },
            ports: ports.collect(),
            sources: addresses(&packets.sources),
            destinations: addresses(&packets.destinations),
        }
    }

    /// The packets of it between these addresses.
    pub(crate) fn between(&self, sources: &Addresses, destinations: &Addresses, from: Ports) -> Headers {
        let limited = |all: &Addresses, limit: &Option<Addresses>| {
            limit.as_ref().map_or_else(|| all.clone(), |limit| all.within(limit))
        };
        let (sources, destinations) =
            (limited(sources, &self.sources), limited(destinations, &self.destinations));
        let mut packets = Headers::none();
        let all = [Ports::ALL];
        let ports = if self.ports.is_empty() { &all[..] } else { &self.ports };
        for to in ports {
            packets.add(&Headers::of(self.protocols, &sources, &destinations, from, *to));
        }
        packets
    }

    /// Port by port: something that stands before a resource takes one of them and not the others. A long range stays one,
    /// which the same must take as a whole.
    pub(crate) fn each(&self) -> Vec<Self> {
        if self.ports.is_empty() {
            return vec![self.clone()];
        }
        let mut each = Vec::new();
        for range in &self.ports {
            if range.last - range.first < EACH {
                each.extend((range.first..=range.last).map(Ports::one));
            } else {
                each.push(*range);
            }
        }
        each.into_iter().map(|ports| Self { ports: vec![ports], ..self.clone() }).collect()
    }

    /// What of it a listener of these ports takes; `None` where that is nothing.
    pub(crate) fn at(&self, protocols: Protocols, ports: &[Ports]) -> Option<Self> {
        let protocols = match (self.protocols, protocols) {
            (one, Protocols::All) | (Protocols::All, one) => one,
            (one, two) if one == two => one,
            _ => return None,
        };
        let asked = if self.ports.is_empty() { vec![Ports::ALL] } else { self.ports.clone() };
        let mut common = Vec::new();
        for one in &asked {
            for two in ports {
                let both = Ports { first: one.first.max(two.first), last: one.last.min(two.last) };
                if both.first <= both.last {
                    common.push(both);
                }
            }
        }
        (!common.is_empty()).then(|| Self { protocols, ports: common, ..self.clone() })
    }
}
