//! Whether packets come from anything to anything that a fixture holds: knowing less never turns an answer around, and
//! what is asked for is what the model declares for the kinds at both ends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use stacks_audit::engine::mutation;
use stacks_audit::engine::paths::inquiry::Inquiry;
use stacks_audit::model::kind::{Found, Kind};
use stacks_audit::model::path::{self, Packets, PortRange, Protocol};
use stacks_audit::model::seen::{Gap, Why};
use stacks_audit::model::snapshot::Snapshot;
use stacks_audit::rules::World;
use stacks_audit::rules::path::prove::Endpoint;

const FIXTURES: [&str; 3] = ["aws-ecs-fargate", "aws-eks-rest-api", "azure-aks-rest-api"];

fn fixture(name: &str) -> Snapshot {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}/snapshot.ndjson"));
    let snapshot = std::fs::read(file).expect("the fixture");
    Snapshot::read(&mut &snapshot[..]).expect("the snapshot is sound")
}

/// The internet, or a resource by kind and id.
type Named = Option<(Kind, String)>;

/// The internet, and one resource of each kind that packets start or end at.
fn ends(snapshot: &Snapshot) -> Vec<Named> {
    let one = |end: &path::End| snapshot.of_kind(end.kind).first().map(|it| (end.kind, it.id.clone()));
    std::iter::once(None).chain(path::ENDS.iter().filter_map(one).map(Some)).collect()
}

/// From and to the internet, and from each kind to the next: all of them would take minutes.
fn pairs(ends: &[Named]) -> Vec<(&Named, &Named)> {
    let (internet, others) = ends.split_first().expect("the internet");
    let out = others.iter().map(|end| (end, internet));
    let into = others.iter().map(|end| (internet, end));
    let between = others.iter().zip(others.iter().cycle().skip(1));
    out.chain(into).chain(between).collect()
}

fn packets() -> Packets {
    Packets { protocol: Protocol::TCP, ports: vec![PortRange::one(443)], ..Packets::default() }
}

/// What is told of the pairs whose ends were read, and what more it wants to know.
fn told(snapshot: &Snapshot, ends: &[Named]) -> BTreeMap<(Named, Named), (Option<bool>, Vec<Gap>)> {
    let world = World::new(snapshot);
    let end = |named: &Named| match named {
        None => Some(Endpoint::Internet),
        Some((kind, id)) => world.get(*kind, id).map(Endpoint::Resource),
    };
    let mut told = BTreeMap::new();
    for (from, to) in pairs(ends) {
        let (Some(source), Some(target)) = (end(from), end(to)) else { continue };
        let answer = Inquiry { from: source, to: target, packets: packets(), avoid: Vec::new() }.ask(&world);
        told.insert((from.clone(), to.clone()), (answer.reachable, answer.wanted));
    }
    told
}

/// The fixture without each of its calls in turn.
fn poorer(snapshot: &Snapshot, why: Why) -> Vec<(String, Snapshot)> {
    let calls: BTreeSet<&String> = snapshot.ledger.keys().map(|key| &key.call).collect();
    let without = |call: &&String| {
        let mut poorer = snapshot.clone();
        mutation::forget(&mut poorer, why, |key| key.call == **call);
        if why == Why::Skipped {
            poorer.ledger.retain(|key, _| key.call != **call);
        }
        ((*call).clone(), poorer)
    };
    calls.iter().map(without).collect()
}

#[test]
fn knowing_less_never_turns_an_answer_around() {
    let mut turned = Vec::new();
    let mut decided = 0;
    for name in FIXTURES {
        let snapshot = fixture(name);
        let ends = ends(&snapshot);
        let before = told(&snapshot, &ends);
        decided += before.values().filter(|(answer, _)| answer.is_some()).count();
        for (call, poorer) in poorer(&snapshot, Why::Denied) {
            for (pair, (after, _)) in told(&poorer, &ends) {
                let (was, _) = before[&pair];
                if after.is_some() && after != was {
                    turned.push(format!("{name} without {call}: {pair:?} went from {was:?} to {after:?}"));
                }
            }
        }
    }
    assert!(turned.is_empty(), "\n{}", turned.join("\n"));
    assert!(decided > 0, "nothing is told of any pair");
}

#[test]
fn what_is_asked_for_is_declared_for_the_kinds_at_both_ends() {
    let mut strange = BTreeSet::new();
    for name in FIXTURES {
        let snapshot = fixture(name);
        let ends = ends(&snapshot);
        let everything = std::iter::once((String::new(), snapshot.clone()));
        for (_, poorer) in everything.chain(poorer(&snapshot, Why::Skipped)) {
            for ((from, to), (_, wanted)) in told(&poorer, &ends) {
                let kinds = [&from, &to].map(|end| end.as_ref().map(|(kind, _)| *kind));
                let declared: BTreeSet<&str> = kinds.into_iter().flatten().flat_map(declared).collect();
                let calls = wanted.iter().filter(|gap| gap.can_be_closed()).map(|gap| gap.call.as_str());
                strange.extend(
                    calls.filter(|call| !declared.contains(call)).map(|call| format!("{kinds:?}: {call}")),
                );
            }
        }
    }
    let strange: Vec<_> = strange.into_iter().collect();
    assert!(strange.is_empty(), "not among what their ends declare:\n{}", strange.join("\n"));
}

/// What finds resources of a kind, and what following packets from there may take.
fn declared(kind: Kind) -> Vec<&'static str> {
    let mut calls: Vec<&str> =
        path::end(kind).expect("an end").reads().flat_map(|it| it.calls).map(|it| it.id).collect();
    let mut next = Some(kind);
    while let Some(at) = next.take() {
        for found in at.meta().found {
            let (source, parent) = match found {
                Found::Listed(source) | Found::ById(source) => (source, None),
                Found::Within(parent, source) => (source, Some(*parent)),
            };
            calls.extend(source.calls.iter().map(|call| call.id));
            next = parent.or(next);
        }
    }
    calls
}
