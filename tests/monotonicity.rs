//! Knowing less never changes a verdict into another one: whatever fact is taken away, each check's roll-up stays as it
//! is or becomes UNKNOWN, and none vanishes. Over every fixture, by call, by scope, by page, by single answer, and by
//! several of these on top of each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use stacks_audit::config;
use stacks_audit::design::{self, Design};
use stacks_audit::engine::trial::{self, Checks};
use stacks_audit::engine::{Question, mutation};
use stacks_audit::model::kind::Found;
use stacks_audit::model::run::{Basis, Status};
use stacks_audit::model::scope::Scope;
use stacks_audit::model::seen::Why;
use stacks_audit::model::snapshot::{LedgerKey, Snapshot};

const REASONS: [Why; 2] = [Why::Denied, Why::Failed];

/// One way to know less.
#[derive(Clone, Debug)]
enum Loss {
    Call(String, Why),
    Scope(Scope, Why),
    /// The pages of a listing from the nth resource on.
    Pages(LedgerKey, usize),
    Answer(LedgerKey, Why),
}

impl Loss {
    fn apply(&self, snapshot: &mut Snapshot) {
        match self {
            Self::Call(call, Why::Denied) => mutation::deny(snapshot, call).expect("a call of the ledger"),
            Self::Call(call, why) => mutation::forget(snapshot, *why, |key| key.call == *call),
            Self::Scope(scope, why) => mutation::forget(snapshot, *why, |key| key.scope == *scope),
            Self::Pages(listing, keep) => mutation::cut_off(snapshot, listing, *keep),
            Self::Answer(answer, why) => mutation::forget(snapshot, *why, |key| key == answer),
        }
    }

    fn is_there(&self, snapshot: &Snapshot) -> bool {
        match self {
            Self::Call(call, _) => snapshot.ledger.keys().any(|key| key.call == *call),
            Self::Pages(key, _) | Self::Answer(key, _) => snapshot.ledger.contains_key(key),
            Self::Scope(..) => true,
        }
    }
}

/// Everything that one fixture can lose.
fn losses(snapshot: &Snapshot) -> Vec<Loss> {
    let calls: BTreeSet<&String> = snapshot.ledger.keys().map(|key| &key.call).collect();
    let scopes: BTreeSet<&Scope> = snapshot.ledger.keys().map(|key| &key.scope).collect();
    let mut losses = Vec::new();
    for why in REASONS {
        losses.extend(calls.iter().map(|call| Loss::Call((*call).clone(), why)));
        losses.extend(scopes.iter().map(|scope| Loss::Scope((*scope).clone(), why)));
    }
    let answers = snapshot.ledger.keys().zip(REASONS.into_iter().cycle());
    losses.extend(answers.map(|(key, why)| Loss::Answer(key.clone(), why)));
    let listings = listed(snapshot).into_iter();
    losses
        .extend(listings.flat_map(|(key, items)| (0..items).map(move |keep| Loss::Pages(key.clone(), keep))));
    losses
}

/// The listings of the ledger, and how many resources each told of.
fn listed(snapshot: &Snapshot) -> BTreeMap<LedgerKey, usize> {
    let mut listed = BTreeMap::new();
    for resource in &snapshot.resources {
        for found in resource.kind().meta().found {
            let (source, key) = match found {
                Found::Listed(source) => (source, String::new()),
                Found::Within(_, source) => (source, resource.parent().unwrap_or_default()),
                Found::ById(_) => continue,
            };
            let key = LedgerKey { scope: resource.scope.asked(), call: source.primary().to_owned(), key };
            if snapshot.ledger.contains_key(&key) {
                *listed.entry(key).or_default() += 1;
            }
        }
    }
    listed
}

/// A fixture as an env of this checkout follows it.
struct Fixture {
    env: String,
    design: Design,
    params: BTreeMap<String, serde_json::Value>,
    snapshot: Snapshot,
}

impl Fixture {
    fn of(env: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(config::FILE);
        let text = std::fs::read_to_string(&file).expect("the configuration is committed");
        let config = config::load(&file, &text).expect("it is sound");
        let env = config.env(env).expect("it is an env of this checkout");
        let mut designs = design::load(&design::builtin()).expect("the shipped designs are sound").designs;
        let (id, asked) = env.designs.first_key_value().expect("it follows a design");
        let design = designs.remove(id).expect("it is shipped");
        let params = design::resolve(&design, &asked.params).expect("they fit");
        let facts =
            std::fs::read(env.from.as_ref().expect("it is recorded")).expect("the fixture is committed");
        let snapshot = Snapshot::read(&mut facts.as_slice()).expect("it is a snapshot");
        Self { env: env.name.clone(), design, params, snapshot }
    }

    fn judge(&self, snapshot: &Snapshot) -> Checks {
        let question = Question {
            design: &self.design,
            env: &self.env,
            params: self.params.clone(),
            select_overrides: BTreeMap::new(),
            level: Basis::Hardening,
        };
        trial::judge(&question, snapshot).checks
    }

    /// Takes facts away, one loss on top of the other, and tells what became other than UNKNOWN by it.
    fn violations(&self, before: &Checks, losses: &[Loss]) -> Vec<String> {
        let mut snapshot = self.snapshot.clone();
        for loss in losses {
            if loss.is_there(&snapshot) {
                loss.apply(&mut snapshot);
            }
        }
        let after = self.judge(&snapshot);
        let checks: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let other = checks.into_iter().filter(|check| {
            let after = after.get(*check);
            after != before.get(*check) && after != Some(&Status::Unknown) || !before.contains_key(*check)
        });
        other
            .map(|check| format!("{check}: {:?} -> {:?} by {losses:?}", before.get(check), after.get(check)))
            .collect()
    }
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("below `sides`")
    }
}

fn holds(env: &str) {
    let fixture = Fixture::of(env);
    let before = fixture.judge(&fixture.snapshot);
    assert!(before.len() > 60, "the whole design is judged: {}", before.len());
    let losses = losses(&fixture.snapshot);
    let singles = losses.iter().map(|loss| vec![loss.clone()]);
    let mut dice = Dice(0x5eed_0fac_7500);
    let several = (0..COMBINATIONS).map(|_| {
        let count = 2 + dice.roll(3);
        (0..count).map(|_| losses[dice.roll(losses.len())].clone()).collect()
    });
    let violations: Vec<String> =
        singles.chain(several).flat_map(|losses| fixture.violations(&before, &losses)).collect();
    assert!(
        violations.is_empty(),
        "{} verdicts of {env} changed where facts were only taken away:\n{}",
        violations.len(),
        violations.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n")
    );
}

/// Of several losses at once, how many combinations are tried for each fixture.
const COMBINATIONS: usize = 80;

/// How many violations a failure shows.
const SHOWN: usize = 20;

#[test]
fn of_the_conformant_account() {
    holds("dev");
}

#[test]
fn of_the_broken_account() {
    holds("broken");
}

#[test]
fn of_the_denied_account() {
    holds("denied");
}

#[test]
fn of_the_conformant_cluster() {
    holds("dev-eks");
}

#[test]
fn of_the_broken_cluster() {
    holds("broken-eks");
}

#[test]
fn of_the_denied_cluster() {
    holds("denied-eks");
}

#[test]
fn of_the_cluster_as_templates_make_it() {
    holds("templates-eks");
}

#[test]
fn of_the_conformant_subscriptions() {
    holds("dev-aks");
}

#[test]
fn of_the_broken_subscriptions() {
    holds("broken-aks");
}

#[test]
fn of_the_denied_subscriptions() {
    holds("denied-aks");
}

#[test]
fn of_the_subscriptions_as_templates_make_them() {
    holds("templates-aks");
}
