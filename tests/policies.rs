//! Every policy test, and that they cover the designs: no check that has not been seen to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use stacks_audit::config;
use stacks_audit::design::trial::{Trials, design_of};
use stacks_audit::design::{self, CountEnd, Design, Requirement};
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

/// The longest that a report shows in a line or two.
const LONGEST_WHY: usize = 160;

#[test]
fn every_check_says_in_a_sentence_what_goes_wrong_without_it() {
    for (id, design) in library() {
        for requirement in requirements(&design) {
            let (why, line) = (&requirement.why, requirement.place.line);
            assert!(why.ends_with('.') && why.chars().count() <= LONGEST_WHY, "{id}, line {line}: `{why}`");
            assert_ne!(why, &requirement.says, "{id}, line {line}");
        }
    }
}

#[test]
fn every_box_is_drawn_in_frames_that_have_titles() {
    for (id, design) in library() {
        for node in &design.nodes {
            let groups = &node.requirement.groups;
            assert!((1..=4).contains(&groups.len()), "{id}/{}: {groups:?}", node.id);
        }
        // A frame that nobody described is called by its id.
        let bare: Vec<_> = design.groups.iter().filter(|(id, group)| **id == group.title).collect();
        assert!(bare.is_empty(), "{id}: {:?}", bare.iter().map(|(id, _)| id).collect::<Vec<_>>());
    }
}

#[test]
fn a_frame_lies_in_the_same_frames_wherever_a_box_is_drawn_in_it() {
    for (id, design) in library() {
        let mut around: BTreeMap<&str, &[String]> = BTreeMap::new();
        for node in &design.nodes {
            let groups = &node.requirement.groups;
            for (depth, group) in groups.iter().enumerate() {
                let outer = *around.entry(group).or_insert(&groups[..depth]);
                assert_eq!(outer, &groups[..depth], "{id}: `{group}` of {}", node.id);
            }
        }
    }
}

fn requirements(design: &Design) -> impl Iterator<Item = &Requirement> {
    let nodes = design.nodes.iter().flat_map(|node| {
        iter::once(&node.requirement).chain(node.asserts.iter().map(|assert| &assert.requirement))
    });
    let edges = design.edges.iter().map(|edge| &edge.requirement);
    nodes.chain(edges).chain(design.paths.iter().map(|path| &path.requirement))
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
