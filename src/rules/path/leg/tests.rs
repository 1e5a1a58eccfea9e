use super::*;
use crate::model::aws::ec2::Vpc;
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::model::snapshot::Snapshot;
use crate::rules::evidence::hop;
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::net::ports::Ports;
use crate::rules::path::headers::Protocols;
use crate::rules::testing::{Scene, denied_list, the, vpc};

fn block(cidr: &str) -> Addresses {
    let mut addresses = Addresses::default();
    addresses.add(&Cidr::parse(cidr).expect("a block"));
    addresses
}

fn ports(first: i64, last: i64) -> Ports {
    Ports { first, last }
}

/// TCP from 10.0.0.0/24 to these addresses and ports.
fn tcp(to: &str, from_ports: Ports, to_ports: Ports) -> Headers {
    Headers::of(Protocols::TCP, &block("10.0.0.0/24"), &block(to), from_ports, to_ports)
}

fn to(cidr: &str) -> Headers {
    tcp(cidr, Ports::ALL, Ports::one(443))
}

fn scene() -> Snapshot {
    Scene::new().with::<Vpc>("vpc-1", vpc("10.0.0.0/16")).snapshot()
}

fn gap() -> Gap {
    denied_list(Kind::SecurityGroup)
}

/// A leg of these packets through one gate after another, and what is not known of it.
fn leg<'s>(asked: &Headers, unknown: &[Field], gates: &[Gate], at: Ref<'s>) -> Leg<'s> {
    let mut leg = Leg::of(asked.clone());
    leg.unknown = unknown.to_vec();
    let mut walk = leg.start(Hop::at(At::Named("start".to_owned())));
    for gate in gates {
        walk.pass(At::Resource(at), gate, &mut leg);
    }
    walk.arrive(&mut leg);
    leg
}

fn gate(at: Ref<'_>, sure: &[Headers], perhaps: &[Headers]) -> Gate {
    let mut gate = Gate::new(Reason::AclEgress, "no entry lets it out");
    let rule = |(number, headers): (usize, &Headers)| (headers.clone(), hop(at, "rule", number));
    gate.sure = sure.iter().enumerate().map(rule).collect();
    gate.perhaps = perhaps.iter().map(|headers| (headers.clone(), gap())).collect();
    gate
}

fn word(answer: &Answer<'_>) -> &'static str {
    match answer {
        Answer::Yes(_) => "yes",
        Answer::No(_) => "no",
        Answer::Open(..) => "open",
    }
}

/// Whether all of the packets arrive, and whether any does.
fn judged(asked: &Headers, unknown: &[Field], gates: &[Gate]) -> (&'static str, &'static str) {
    let snapshot = scene();
    let leg = leg(asked, unknown, gates, the(&snapshot, Kind::Vpc, "vpc-1"));
    let anyhow = |_: &Way<'_>| Some(true);
    (word(&leg.reaches(&anyhow)), word(&leg.lets_in(&anyhow)))
}

#[test]
fn rules_let_through_together_what_each_lets_in_part() {
    let snapshot = scene();
    let at = the(&snapshot, Kind::Vpc, "vpc-1");
    let (whole, one, two) = (to("10.1.0.0/16"), to("10.1.0.0/17"), to("10.1.128.0/17"));
    assert_eq!(judged(&whole, &[], &[gate(at, &[one.clone(), two.clone()], &[])]), ("yes", "yes"));
    assert_eq!(judged(&whole, &[], &[gate(at, std::slice::from_ref(&one), &[])]), ("no", "yes"));
    assert_eq!(
        judged(&whole, &[], &[gate(at, std::slice::from_ref(&one), std::slice::from_ref(&two))]),
        ("open", "yes")
    );
    assert_eq!(judged(&whole, &[], &[gate(at, &[], &[one, two])]), ("open", "open"));
    assert_eq!(judged(&whole, &[], &[gate(at, &[to("10.2.0.0/16")], &[])]), ("no", "no"));
    assert_eq!(judged(&whole, &[], &[]), ("yes", "yes"));
}

#[test]
fn what_nobody_knows_decides_only_where_every_value_fares_alike() {
    let snapshot = scene();
    let at = the(&snapshot, Kind::Vpc, "vpc-1");
    let asked = tcp("10.1.0.0/24", ports(1024, 65535), Ports::one(443));
    let high = tcp("10.1.0.0/24", ports(32768, 65535), Ports::one(443));
    let gates = || [gate(at, std::slice::from_ref(&high), &[])];
    assert_eq!(judged(&asked, &[], &gates()), ("no", "yes"), "some of its ports are not let through");
    assert_eq!(
        judged(&asked, &[Field::SourcePort], &gates()),
        ("open", "open"),
        "which port it uses decides"
    );
    let half = tcp("10.1.0.0/25", Ports::ALL, Ports::one(443));
    let gates = || [gate(at, std::slice::from_ref(&half), &[])];
    assert_eq!(judged(&asked, &[Field::Destination], &gates()), ("open", "open"));
    assert_eq!(judged(&asked, &[Field::SourcePort], &gates()), ("no", "yes"), "both halves are used");
}

#[test]
fn a_loss_names_the_gate_and_a_packet_of_those_that_end_there() {
    let snapshot = scene();
    let at = the(&snapshot, Kind::Vpc, "vpc-1");
    let asked = to("10.1.0.0/24");
    let mut second = gate(at, &[to("10.1.0.0/25")], &[]);
    second.denials = vec![(to("10.1.0.128/25"), hop(at, "entry", 90))];
    let leg = leg(&asked, &[], &[gate(at, std::slice::from_ref(&asked), &[]), second], at);
    let Answer::No(loss) = leg.reaches(&|_: &Way<'_>| Some(true)) else { panic!("half of it is lost") };
    assert_eq!((loss.reason, loss.says.as_str()), (Reason::AclEgress, "no entry lets it out"));
    assert_eq!(loss.packets, to("10.1.0.128/25"));
    let packet = loss.packet().expect("there are some");
    assert_eq!(packet.destination.to_string(), "10.1.0.128");
    let shown: Vec<i64> =
        loss.hops.iter().flat_map(|hop| &hop.evidence).filter_map(|it| it.value.as_i64()).collect();
    assert_eq!(shown, [0, 90], "the rule of the first gate, and the entry that denies");
}

#[test]
fn a_way_that_is_not_asked_for_does_not_count() {
    let snapshot = scene();
    let at = the(&snapshot, Kind::Vpc, "vpc-1");
    let leg = leg(&to("10.1.0.0/24"), &[], &[], at);
    for (admitted, reaches, lets_in) in
        [(Some(true), "yes", "yes"), (None, "open", "open"), (Some(false), "no", "no")]
    {
        let admits = |_: &Way<'_>| admitted;
        assert_eq!((word(&leg.reaches(&admits)), word(&leg.lets_in(&admits))), (reaches, lets_in));
    }
    let Answer::No(loss) = leg.reaches(&|_: &Way<'_>| Some(false)) else { panic!("no other way") };
    assert_eq!(loss.reason, Reason::NotVia);
}

#[test]
fn ends_that_share_no_kind_of_address_exchange_nothing() {
    assert_eq!(judged(&Headers::none(), &[], &[]), ("no", "no"));
}

#[test]
fn a_way_that_may_be_there_leaves_every_no_open() {
    let snapshot = scene();
    let at = the(&snapshot, Kind::Vpc, "vpc-1");
    let mut leg = leg(&to("10.1.0.0/24"), &[], &[gate(at, &[], &[])], at);
    leg.gaps.push(gap());
    let anyhow = |_: &Way<'_>| Some(true);
    assert_eq!((word(&leg.reaches(&anyhow)), word(&leg.lets_in(&anyhow))), ("open", "open"));
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Facts taken away widen what is possible and narrow what is certain: no answer turns around.
#[test]
fn with_fewer_facts_an_answer_stays_or_opens() {
    let snapshot = scene();
    let at = the(&snapshot, Kind::Vpc, "vpc-1");
    let asked = to("10.1.0.0/29");
    let mut numbers = Numbers(7);
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..600 {
        let unknown: &[Field] = if round % 2 == 0 { &[] } else { &[Field::Destination] };
        let mut rules = || -> Vec<Headers> {
            let one = |numbers: &mut Numbers| {
                let length = numbers.below(4);
                to(&format!("10.1.0.{}/{}", numbers.below(8) >> length << length, 32 - length))
            };
            (0..=numbers.below(3)).map(|_| one(&mut numbers)).collect()
        };
        let (first, second) = (rules(), rules());
        let before = judged(&asked, unknown, &[gate(at, &first, &[]), gate(at, &second, &[])]);
        seen.insert(before);
        for taken in 0..=first.len() {
            // One rule is no longer read for sure, or the whole group is not.
            let less = if taken == first.len() {
                Gate::unread(Reason::AclEgress, gap())
            } else {
                let mut left = first.clone();
                let perhaps = left.remove(taken);
                gate(at, &left, &[perhaps])
            };
            let after = judged(&asked, unknown, &[less, gate(at, &second, &[])]);
            for (was, is) in [(before.0, after.0), (before.1, after.1)] {
                assert!(is == was || is == "open", "round {round}: {was} became {is}");
            }
        }
    }
    assert!(seen.len() >= 4, "the rounds differ: {seen:?}");
}
