//! An account whose tags are others than the design's: `bind` says what to write, and it is what was missing.

use toml::{Table, Value};

use crate::emulator::Emulator;
use crate::program::{CONFIG, Program};

/// Puts what the second says into the first.
fn merge(into: &mut Table, more: Table) {
    for (key, value) in more {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (_, value) => drop(into.insert(key, value)),
        }
    }
}

#[test]
fn what_bind_proposes_makes_the_audit_conformant() {
    let emulator = Emulator::with("bare-tags");
    let program = Program::on(&emulator);
    let blind = program.check(&[]);
    assert!(blind.with("FAIL").contains("node.vpc"), "nothing matches at first");

    let told = program.done(&["bind", "--env", "dev"]);
    let (nodes, proposal) = told.split_once("This would bind more").expect("a proposal");
    assert!(nodes.contains("rejected by"), "{nodes}");
    let (_, lines) = proposal.split_once('\n').expect("more lines");
    let proposal: Table = lines.parse().unwrap_or_else(|error| panic!("{error}: {lines}"));

    let mut config: Table = CONFIG.parse().expect("TOML");
    merge(&mut config, proposal);
    program.configure(&config.to_string());
    let seeing = program.check(&[]);
    assert_eq!(seeing.code, 0, "{:?}\n{told}", seeing.checks());
    assert!(
        !program.done(&["bind", "--env", "dev"]).contains("This would bind more"),
        "nothing is left to say"
    );
}
