//! What an account's size costs: load, and bind and judge, over the recorded design in ever larger crowds of others'
//! resources. Time a resource should stay flat. `cargo bench --no-default-features`

use std::collections::BTreeMap;
use std::path::Path;

use divan::counter::ItemsCount;
use stacks_audit::design::{self, Design};
use stacks_audit::engine::{Case, Question};
use stacks_audit::model::kind::{Kind, Resource};
use stacks_audit::model::run::Basis;
use stacks_audit::model::snapshot::Snapshot;
use stacks_audit::rules::World;

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Kinds that grow with an account; of a crowd each takes an equal share.
const CROWD: [Kind; 7] = [
    Kind::Subnet,
    Kind::RouteTable,
    Kind::SecurityGroup,
    Kind::LoadBalancer,
    Kind::TargetGroup,
    Kind::RdsInstance,
    Kind::EcrRepository,
];

fn main() {
    divan::main();
}

fn fixture() -> Snapshot {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/aws-ecs-fargate/snapshot.ndjson");
    let text = std::fs::read(file).expect("the fixture is committed");
    Snapshot::read(&mut text.as_slice()).expect("the fixture is a snapshot")
}

/// The recorded account among resources of others until it holds `size`.
fn crowd(size: usize) -> Snapshot {
    let mut snapshot = fixture();
    let likes: Vec<Resource> =
        CROWD.iter().filter_map(|kind| snapshot.of_kind(*kind).first().cloned()).collect();
    for n in snapshot.resources.len()..size {
        let mut other = likes[n % likes.len()].clone();
        other.head.id = format!("{}-of-others-{n:07}", other.head.id);
        other.head.name = format!("others-{n}");
        other.head.tags = stacks_audit::model::seen::Seen::Known(BTreeMap::from([
            ("Name".to_owned(), other.head.name.clone()),
            ("env".to_owned(), "others".to_owned()),
        ]));
        snapshot.resources.push(other);
    }
    snapshot.resources.sort_by(|a, b| (a.kind(), &a.id).cmp(&(b.kind(), &b.id)));
    snapshot
}

fn designs() -> BTreeMap<String, Design> {
    let library = design::load(&design::builtin());
    library.unwrap_or_else(|wrong| panic!("{wrong}")).designs
}

fn question(design: &Design) -> Question<'_> {
    let defaults =
        design.params.iter().filter_map(|(name, param)| Some((name.clone(), param.default.clone()?)));
    let mut params: BTreeMap<_, _> = defaults.collect();
    params.insert("hosts".into(), serde_json::json!(["app.dev.example.com"]));
    params.insert("repositories".into(), serde_json::json!(["app/backend", "app/frontend"]));
    Question { design, env: "dev", params, select_overrides: BTreeMap::new(), level: Basis::Hardening }
}

#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn load(bencher: divan::Bencher<'_, '_>, size: usize) {
    let mut text = Vec::new();
    crowd(size).write(&mut text).expect("memory takes every byte");
    bencher
        .counter(ItemsCount::new(size))
        .bench(|| Snapshot::read(&mut text.as_slice()).expect("own output"));
}

#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn bind_and_judge(bencher: divan::Bencher<'_, '_>, size: usize) {
    let designs = designs();
    let question = question(&designs["aws-ecs-fargate"]);
    let snapshot = crowd(size);
    bencher.counter(ItemsCount::new(size)).bench(|| Case::new(&question, &World::new(&snapshot)).audit());
}
