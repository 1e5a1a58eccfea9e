//! Load balancers: where they are asked, and from where what they hand on comes.

use serde_json::json;

use super::sites::{lies, public};
use super::{Door, Lies, Public, Role, Site};
use crate::model::azure::network::{BalancerFrontend, BalancingRule, LoadBalancer};
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::Protocols;
use crate::rules::{Ref, World};

/// What a rule takes, or hands on: 0 stands for all ports.
pub(super) fn ports(port: Option<i64>) -> Ports {
    port.filter(|port| *port != 0).map_or(Ports::ALL, Ports::one)
}

pub(super) fn protocols(rule: &BalancingRule) -> Option<Protocols> {
    Protocols::parse(rule.protocol.as_deref()?)
}

/// The rules of a frontend.
pub(super) fn rules<'s>(
    balancer: Ref<'s>,
    frontend: &'s BalancerFrontend,
) -> impl Iterator<Item = &'s BalancingRule> {
    let all = World::facts::<LoadBalancer>(balancer).rules.iter();
    all.filter(|rule| is_of(rule, frontend))
}

/// The frontends that are meant: the one, or all that have rules.
pub(super) fn asked<'s>(of: Ref<'s>, only: Option<&'s BalancerFrontend>) -> Vec<&'s BalancerFrontend> {
    let all = World::facts::<LoadBalancer>(of).frontends.iter();
    let has_rules = |frontend: &&'s BalancerFrontend| rules(of, frontend).next().is_some();
    match only {
        Some(only) => vec![only],
        None if all.clone().any(|frontend| has_rules(&frontend)) => all.filter(has_rules).collect(),
        None => all.collect(),
    }
}

/// A load balancer where it is asked: at one frontend, or at any that has rules.
pub(super) fn site<'s>(of: Ref<'s>, only: Option<&'s BalancerFrontend>, world: &World<'s>) -> Site<'s> {
    let asked = asked(of, only);
    let public = public(of, asked.iter().filter_map(|frontend| frontend.public_ip.as_deref()), world);
    let mut addresses = Addresses::default();
    match &public {
        Public::Yes(own, _) => addresses.add_all(own),
        Public::Untold(_) => addresses.add_all(&Addresses::public()),
        Public::No => {}
    }
    for block in asked.iter().filter_map(|frontend| private(frontend)) {
        addresses.add(&block);
    }
    let subnet = asked.iter().find_map(|frontend| frontend.subnet.as_deref());
    let lies = subnet.map_or(Lies::Nowhere, |subnet| lies(of, subnet, world));
    let exact = asked.len() < 2 && !matches!(public, Public::Untold(_));
    let doors = Some(doors(of, &asked));
    Site { of, lies, addresses, exact, ipv6: None, public, doors, role: Role::Frontend, cluster: None }
}

/// One for each rule of these frontends.
pub(super) fn doors(of: Ref<'_>, asked: &[&BalancerFrontend]) -> Vec<Door> {
    let mut doors = Vec::new();
    for frontend in asked {
        let mut own = Addresses::default();
        if let Some(block) = private(frontend) {
            own.add(&block);
        }
        if frontend.public_ip.is_some() {
            own.add_all(&Addresses::everything());
        }
        let all = World::facts::<LoadBalancer>(of).rules.iter();
        let rules = all.filter(|rule| is_of(rule, frontend));
        doors.extend(rules.map(|rule| door(of, frontend, rule, own.clone())));
    }
    doors
}

fn private(frontend: &BalancerFrontend) -> Option<Cidr> {
    Cidr::parse(frontend.address.as_deref()?)
}

/// A rule that does not say which frontend it is for may be for any.
fn is_of(rule: &BalancingRule, frontend: &BalancerFrontend) -> bool {
    rule.frontend.as_deref().is_none_or(|own| own.eq_ignore_ascii_case(&frontend.name))
}

fn door(of: Ref<'_>, frontend: &BalancerFrontend, rule: &BalancingRule, addresses: Addresses) -> Door {
    let untold = |what: &str| undecided(of, format!("it does not tell the {what} of {}", rule.name));
    let told = rule.frontend.as_ref().ok_or_else(|| untold("frontend"));
    let told = told.and_then(|_| rule.port.ok_or_else(|| untold("port")));
    let told = told.and_then(|_| protocols(rule).ok_or_else(|| untold("protocol")));
    Door {
        public: frontend.public_ip.is_some(),
        addresses,
        protocols: protocols(rule).unwrap_or(Protocols::All),
        ports: ports(rule.port),
        told: told.map(|_| hop(of, "rules", json!(rule))),
    }
}

/// A frontend where packets come out, from these clients. The destination is the backend's; where the rule keeps the
/// frontend's (a floating address), groups see that.
pub(super) fn clients<'s>(balancer: Ref<'s>, lies: Lies<'s>, addresses: Addresses) -> Site<'s> {
    Site {
        of: balancer,
        lies,
        addresses,
        exact: false,
        ipv6: None,
        public: Public::No,
        doors: None,
        role: Role::Clients,
        cluster: None,
    }
}
