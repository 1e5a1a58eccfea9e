//! From a load balancer by one forward to the targets of its group.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::listener_rules::{never, picks_sources};
use super::nodes::alike;
use super::sites::placed;
use super::targets::Registered;
use super::{Site, balancers, clients};
use crate::model::aws::elbv2::{Listener, LoadBalancer, TARGET_HEALTH, Target, TargetGroup};
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::balancing::forwards::{Forward, on_the_move};
use crate::rules::evidence::{hop, undecided};
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::Protocols;
use crate::rules::path::leg::{Hop, Loss};
use crate::rules::path::places::{Entrance, Entrances, Places};
use crate::rules::path::reason::Reason;
use crate::rules::path::traffic::Traffic;
use crate::rules::{Ref, World};

/// How a network load balancer's packets come is not read.
const CLIENTS: &str =
    "the subnets of a network load balancer's targets admit its clients as they admit itself";

/// The targets of a group that are something, with where they lie.
pub(super) struct Held<'s> {
    group: Ref<'s>,
    targets: Vec<(&'s Target, Vec<Site<'s>>)>,
    /// Targets that may be it too, or that may be any.
    pub(super) gaps: Vec<Gap>,
    /// Why none is there that may be in a moment.
    moving: Option<Gap>,
}

impl<'s> Held<'s> {
    pub(super) fn of(group: Ref<'s>, subject: &dyn Registered<'s>, own: bool, world: &World<'s>) -> Self {
        let facts = World::facts::<TargetGroup>(group);
        let r#type = facts.target_type.as_deref().unwrap_or("ip");
        let mut held = Self { group, targets: Vec::new(), gaps: Vec::new(), moving: None };
        let targets = match facts.targets.get() {
            Ok(targets) => targets,
            Err(gap) => return Self { gaps: vec![gap.clone()], ..held },
        };
        for target in targets {
            match subject.sites(target, r#type, world) {
                Ok(sites) if sites.is_empty() => {}
                Ok(sites) => held.targets.push((target, sites)),
                Err(gap) if held.gaps.contains(&gap) => {}
                Err(gap) => held.gaps.push(gap),
            }
        }
        let moving = on_the_move(targets).or_else(|| subject.moving()).filter(|_| own);
        held.moving =
            moving.map(|why| Gap::in_transition(TARGET_HEALTH.primary(), &group.scope, &group.id, &why));
        held
    }

    pub(super) fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Those in a state, by the port that they are registered with.
    fn by_port(&self, states: &[&str]) -> BTreeMap<Option<i64>, Vec<&(&'s Target, Vec<Site<'s>>)>> {
        let usual = World::facts::<TargetGroup>(self.group).port;
        let mut ports: BTreeMap<Option<i64>, Vec<_>> = BTreeMap::new();
        for held in &self.targets {
            let state = held.0.state.as_deref().unwrap_or_default();
            if states.is_empty() || states.contains(&state) {
                ports.entry(held.0.port.or(usual)).or_default().push(held);
            }
        }
        ports
    }
}

/// From a load balancer by one forward to the targets of its group that are meant.
pub(super) struct Way<'w, 's> {
    pub(super) balancer: Ref<'s>,
    pub(super) forward: &'w Forward<'s>,
    pub(super) held: &'w Held<'s>,
    /// The group is of the network that the targets lie in.
    pub(super) here: bool,
    /// What is listened for behind it, where that is known.
    pub(super) ports: Option<&'w Result<Vec<i64>, Gap>>,
}

impl<'s> Way<'_, 's> {
    pub(super) fn lead(&self, wanted: &Traffic, world: &World<'s>, all: &mut Entrances<'s>) {
        let listener = self.forward.listener;
        let port = World::facts::<Listener>(listener).port;
        let port = port.ok_or_else(|| undecided(listener, "its port is not told"));
        let (port, protocols) = match (port, balancers::protocols(listener)) {
            (Ok(port), Ok(protocols)) => (port, protocols),
            (Err(gap), _) | (_, Err(gap)) => return all.gaps.push(gap),
        };
        if is_network(self.balancer) && !all.assumptions.iter().any(|known| known == CLIENTS) {
            all.assumptions.push(CLIENTS.to_owned());
        }
        for protocol in protocols {
            let door = || Entrance {
                hops: self.hops(),
                gaps: self.doubts(world),
                ..Entrance::door(self.balancer, *protocol, Ports::one(port))
            };
            if let Some(lost) = never(self.forward, world) {
                let mut hops = self.hops();
                hops.pop();
                all.found.push(Entrance { hops, lost: Some(lost), gaps: Vec::new(), ..door() });
                continue;
            }
            self.send(*protocol, wanted, &door, world, all);
        }
    }

    /// One entrance for each port that targets are registered with.
    fn send(
        &self,
        protocol: Protocols,
        wanted: &Traffic,
        door: &dyn Fn() -> Entrance<'s>,
        world: &World<'s>,
        all: &mut Entrances<'s>,
    ) {
        let group = World::facts::<TargetGroup>(self.held.group);
        if !self.here {
            let says = format!("it is of {}, another network", group.vpc.as_deref().unwrap_or("no network"));
            let lost = self.lost(Reason::TargetElsewhere, says, "vpc", json!(group.vpc));
            return all.found.push(Entrance { lost: Some(lost), gaps: Vec::new(), ..door() });
        }
        let answering = self.held.by_port(&["healthy"]);
        let (lost, gaps, ways) = if answering.is_empty() {
            let (lost, gaps) = self.unanswered();
            (lost, gaps, self.held.by_port(&[]))
        } else {
            (None, Vec::new(), answering)
        };
        let entrance = || {
            let mut entrance = door();
            entrance.lost.clone_from(&lost);
            entrance.gaps.extend(gaps.iter().chain(&self.held.gaps).cloned());
            entrance
        };
        all.gaps.extend(self.held.gaps.iter().cloned());
        if ways.is_empty() {
            all.found.push(entrance());
        }
        for (port, targets) in ways {
            let mut entrance = entrance();
            let sites = alike(targets.into_iter().flat_map(|(_, sites)| sites.clone()).collect());
            match port {
                None => entrance.gaps.push(undecided(self.held.group, "the port of its targets is not told")),
                Some(port) => {
                    self.answers(port, protocol, wanted, &mut entrance);
                    let doubt = clients::doubt(self.balancer, self.held.group, &sites, protocol, port, world);
                    entrance.gaps.extend(doubt.clone());
                    all.gaps.extend(doubt);
                    let to = Places { known: placed(sites), gaps: Vec::new() };
                    let traffic = Traffic { protocols: protocol, ..Traffic::tcp(port) };
                    let from = balancers::nodes(self.balancer, world).into_places();
                    all.gaps.extend(entrance.sends(from, to, traffic));
                }
            }
            all.found.push(entrance);
        }
    }

    /// Why nothing is sent on where no target is known to be healthy, for sure or perhaps.
    fn unanswered(&self) -> (Option<Loss<'s>>, Vec<Gap>) {
        let (held, group) = (self.held, self.held.group);
        let targets = || json!(World::facts::<TargetGroup>(group).targets);
        if !held.by_port(&["unavailable", ""]).is_empty() {
            return (None, vec![undecided(group, "the health of its targets is not checked")]);
        }
        if let Some(moving) = &held.moving {
            return (None, vec![moving.clone()]);
        }
        if !held.gaps.is_empty() {
            return (None, Vec::new());
        }
        if held.is_empty() {
            let says = "it holds no target that is this".to_owned();
            return (Some(self.lost(Reason::TargetMissing, says, "targets", targets())), Vec::new());
        }
        let says = "no target in it is healthy".to_owned();
        let why = "a load balancer sends to targets that are not healthy where none is";
        (Some(self.lost(Reason::TargetUnhealthy, says, "targets", targets())), vec![undecided(group, why)])
    }

    /// Whether anything listens at the port behind it.
    fn answers(&self, port: i64, protocol: Protocols, wanted: &Traffic, entrance: &mut Entrance<'s>) {
        let wrong = || {
            let says = format!("it sends to port {port}, where nothing listens");
            self.lost(
                Reason::TargetPort,
                says,
                "targets",
                json!(World::facts::<TargetGroup>(self.held.group).targets),
            )
        };
        if !wanted.ports.is_empty() && wanted.at(protocol, &[Ports::one(port)]).is_none() {
            entrance.lost = entrance.lost.take().or_else(|| Some(wrong()));
        }
        match self.ports {
            Some(Ok(ports)) if !ports.is_empty() && !ports.contains(&port) => {
                entrance.lost = entrance.lost.take().or_else(|| Some(wrong()));
                entrance.gaps.push(undecided(
                    self.held.group,
                    format!("port {port} of its targets may be listened to without being declared"),
                ));
            }
            Some(Err(gap)) => entrance.gaps.push(gap.clone()),
            _ => {}
        }
    }

    fn hops(&self) -> Vec<Hop<'s>> {
        let Forward { listener, by, group, weight, .. } = self.forward;
        let port = World::facts::<Listener>(listener).port;
        let mut hops = vec![Hop::of(listener).by([hop(listener, "port", json!(port))])];
        let sends = hop(by, "forward", json!({ "target_group": group, "weight": weight }));
        if by.id == listener.id {
            hops[0].evidence.push(sends);
        } else {
            hops.push(Hop::of(by).by([sends]));
        }
        let targets: Vec<_> = self.held.targets.iter().map(|(target, _)| target).collect();
        hops.push(Hop::of(self.held.group).by([hop(self.held.group, "targets", json!(targets))]));
        hops
    }

    /// Why it is not known whether requests come by this forward: rules that are not read may come first, and one that
    /// asks where requests come from takes some alone.
    fn doubts(&self, world: &World<'s>) -> Vec<Gap> {
        let mut gaps = world.children(Kind::ListenerRule, self.forward.listener).gaps;
        if picks_sources(self.forward.by) {
            gaps.push(undecided(self.forward.by, "it takes requests from some sources alone"));
        }
        gaps
    }

    fn lost(&self, reason: Reason, says: String, fact: &str, value: Value) -> Loss<'s> {
        let at = Hop::of(self.held.group).by([hop(self.held.group, fact, value)]);
        Loss::told(at, reason, says)
    }
}

fn is_network(balancer: Ref<'_>) -> bool {
    World::facts::<LoadBalancer>(balancer).r#type == "network"
}
