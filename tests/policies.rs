//! Every policy test, and that they cover the designs: no check that has not been seen to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use stacks_audit::config;
use stacks_audit::design::trial::{Trials, design_of};
use stacks_audit::design::{self, CountEnd, Design};
use stacks_audit::engine::{Question, trial};
use stacks_audit::model::run::Status;
use stacks_audit::model::snapshot::Snapshot;

/// What came of a design's policy tests.
#[derive(Default)]
struct Tried {
    /// What came out otherwise than a case says.
    surprises: Vec<String>,
    /// Checks, by their ids without the design's, that some case makes fail.
    failed: BTreeSet<String>,
}

#[test]
fn every_case_changes_exactly_the_verdicts_it_names() {
    let surprises: Vec<String> = tried().into_values().flat_map(|tried| tried.surprises).collect();
    assert!(surprises.is_empty(), "\n{}", surprises.join("\n"));
}

#[test]
fn every_check_is_seen_to_fail() {
    let tried = tried();
    for (id, design) in library() {
        let own = |check: String| check.strip_prefix(&format!("{id}/")).map(str::to_owned);
        let checks: BTreeSet<String> = design.checks().into_iter().filter_map(own).collect();
        let never: Vec<_> =
            checks.difference(&tried[&id].failed).filter(|check| may_fail(&design, check)).collect();
        assert!(never.is_empty(), "no policy test makes these of {id} fail: {never:#?}");
    }
}

/// A node of which any number will do is there for its asserts.
fn may_fail(design: &Design, check: &str) -> bool {
    let node = check.strip_prefix("node.").and_then(|id| design.node(id));
    node.is_none_or(|node| !matches!((&node.count.least, &node.count.most), (CountEnd::Fixed(0), None)))
}

#[test]
fn every_design_has_policy_tests() {
    let name = |file: &PathBuf| design_of(&file.file_name()?.to_string_lossy()).map(str::to_owned);
    let tested: BTreeSet<String> = files().iter().filter_map(name).collect();
    let shipped: BTreeSet<String> = library().into_keys().collect();
    assert_eq!(tested, shipped);
}

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn library() -> BTreeMap<String, Design> {
    design::load(&design::builtin()).expect("the shipped designs are sound").designs
}

fn files() -> Vec<PathBuf> {
    let folder = fs::read_dir(home().join("policies/tests")).expect("the folder of policy tests");
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry of it").path()).collect();
    files.sort();
    files
}

fn tried() -> BTreeMap<String, Tried> {
    let mut tried = BTreeMap::new();
    for file in files() {
        try_file(&file, &mut tried);
    }
    tried
}

fn try_file(file: &Path, tried: &mut BTreeMap<String, Tried>) {
    let text = fs::read_to_string(file).expect("a file of policy tests");
    let trials = Trials::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let name = file.file_name().expect("a file has a name").to_string_lossy();
    let id = design_of(&name).expect("policy tests are files DESIGN.test.toml");
    let design = library().remove(id).unwrap_or_else(|| panic!("{name} tests no shipped design"));

    let config = home().join(config::FILE);
    let text = fs::read_to_string(&config).expect("the configuration");
    let config = config::load(&config, &text).expect("the configuration is sound");
    let env = config.env(&trials.env).expect("an env of the configuration");
    let given = &env.designs[id].params;
    let params = design::resolve(&design, given).expect("the env sets the design's parameters");
    let snapshot = fs::read(home().join(&trials.from)).expect("the snapshot");
    let snapshot = Snapshot::read(&mut &snapshot[..]).expect("the snapshot is sound");

    let question = |params| Question {
        design: &design,
        env: &env.name,
        params,
        select_overrides: BTreeMap::new(),
        level: trials.level,
    };
    let before = trial::judge(&question(params.clone()), &snapshot);
    let tried = tried.entry(id.to_owned()).or_default();
    for case in &trials.cases {
        let changed = trial::change(&snapshot, case).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let mut params = params.clone();
        params.extend(case.params.clone());
        let after = trial::judge(&question(params), &changed);
        let found = trial::surprises(&before, &after, case);
        tried
            .surprises
            .extend(found.into_iter().map(|surprise| format!("{name}: {}: {surprise}", case.name)));
        tried.failed.extend(case.expect.get(&Status::Fail).into_iter().flatten().cloned());
    }
}
