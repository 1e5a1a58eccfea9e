//! `record`: reads an env and keeps the exchanges themselves, scrubbed, for replay.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::opened::Opened;
use super::output;
use super::trouble::Trouble;
use crate::model::kind::{Kind, Resource};
use crate::model::run::Basis;
use crate::model::snapshot::Snapshot;

/// Read an env and keep every exchange, scrubbed of accounts and secrets, to be replayed
#[derive(Args, Debug)]
pub(super) struct Record {
    #[command(flatten)]
    selection: Selection,

    /// The scenario's folder: `tape/` with the exchanges, and the snapshot that their replay gives
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
}

impl Record {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        if self.selection.from.is_some() {
            return Err(Trouble::usage("a recording is made of a live account: leave --from out").into());
        }
        let tape = self.output.join("tape");
        let live = Opened::open(context, &self.selection)?.live();
        let seen = live.facts(context, &live.questions(Basis::Hardening), false, Some(&tape))?;
        // What was recorded is replayed at once: the snapshot is what the tape gives, not what passed by.
        let replay = Opened::open(context, &Selection { from: Some(tape), ..self.selection.clone() })?;
        let snapshot = replay.facts(context, &replay.questions(Basis::Hardening), false, None)?;
        if outline(&seen) != outline(&snapshot) {
            let help = "the account changed while it was recorded: record it again".to_owned();
            return Err(Trouble::usage("the recording does not tell what was read").help(help).into());
        }
        output::to_file(&self.output.join("snapshot.ndjson"), |out| snapshot.write(out))?;
        Ok(Exit::Conformant)
    }
}

/// What a snapshot holds, but for names and accounts, which a recording shows by stand-ins.
fn outline(snapshot: &Snapshot) -> (Vec<Kind>, BTreeMap<(&str, &'static str), u64>) {
    let kinds = snapshot.resources.iter().map(Resource::kind).collect();
    let mut calls = BTreeMap::new();
    for (key, entry) in &snapshot.ledger {
        let outcome = entry.outcome.why().map_or("complete", |why| why.as_str());
        *calls.entry((key.call.as_str(), outcome)).or_insert(0) += entry.items;
    }
    (kinds, calls)
}
