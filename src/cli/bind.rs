//! `bind`: what each node binds, near misses and why they were rejected, and what would bind them.

use std::io::{self, Write};

use clap::Args;

use super::check::Selection;
use super::context::Context;
use super::exit::Exit;
use super::opened::Opened;
use super::output;
use crate::engine::suggest::{Suggestions, suggest};
use crate::engine::{Binding, Bindings, Case, Question};
use crate::model::run::Basis;
use crate::report::clean;
use crate::rules::{Ref, World};

/// Show what each node binds, what it nearly binds, and why not
#[derive(Args, Debug)]
pub(super) struct Bind {
    #[command(flatten)]
    selection: Selection,
}

/// Longest piece of account data shown.
const LONGEST: usize = 96;

/// Longest id shown: those of Azure name the subscription, the group, the type and the name.
const LONGEST_ID: usize = 256;

impl Bind {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let opened = Opened::open(context, &self.selection)?;
        let questions = opened.questions(Basis::Hardening);
        let snapshot = opened.facts(context, &questions, true, None)?;
        let world = World::new(&snapshot);
        output::to_stdout(|out| {
            for question in &questions {
                let case = Case::new(question, &world);
                let bound = case.bindings();
                writeln!(out, "{} in env {}", question.design.id, question.env)?;
                for node in &question.design.nodes {
                    show(out, &node.id, &bound)?;
                }
                propose(out, &self.selection.env, question, &suggest(&case, &bound))?;
            }
            Ok(())
        })?;
        Ok(Exit::Conformant)
    }
}

fn show(out: &mut dyn Write, node: &str, bound: &Bindings<'_>) -> io::Result<()> {
    let Some(binding) = bound.get(node) else { return Ok(()) };
    writeln!(out, "\n{node}")?;
    for resource in &binding.yes {
        writeln!(out, "  binds  {}", label(resource))?;
    }
    for (resource, gaps) in &binding.maybe {
        writeln!(out, "  maybe  {}", label(resource))?;
        for gap in gaps {
            writeln!(out, "           not read: {}", clean(&gap.to_string(), LONGEST * 2))?;
        }
    }
    for gap in &binding.gaps {
        writeln!(out, "  there may be more: {}", clean(&gap.to_string(), LONGEST * 2))?;
    }
    if binding.yes.is_empty() {
        misses(out, binding)?;
    }
    Ok(())
}

fn misses(out: &mut dyn Write, binding: &Binding<'_>) -> io::Result<()> {
    if binding.maybe.is_empty() && binding.near_misses.is_empty() {
        writeln!(out, "  nothing, and nothing near")?;
    }
    for miss in &binding.near_misses {
        writeln!(out, "  near   {}", label(miss.resource))?;
        for condition in &miss.rejected_by {
            writeln!(out, "           rejected by {condition}")?;
        }
    }
    Ok(())
}

fn label(resource: Ref<'_>) -> String {
    let tags = match resource.tags.get() {
        Ok(tags) => {
            tags.iter().filter(|(key, _)| *key != "Name").map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>()
        }
        Err(_) => vec!["tags not read".to_owned()],
    };
    let name = clean(&resource.name, LONGEST);
    let id = if resource.name == resource.id {
        String::new()
    } else {
        format!("  {}", clean(&resource.id, LONGEST_ID))
    };
    format!("{name}{id}  {}", clean(&tags.join(" "), LONGEST)).trim_end().to_owned()
}

fn propose(
    out: &mut dyn Write,
    env: &str,
    question: &Question<'_>,
    proposals: &Suggestions,
) -> io::Result<()> {
    let (design, name) = (&question.design.id, question.env);
    if proposals.is_empty() {
        return Ok(());
    }
    // What the account's resources are called goes into a TOML text: quoted, never pasted.
    let text = |value: &str| toml::Value::from(value).to_string();
    writeln!(out, "\nThis would bind more; put it into stacks-audit.toml if it is what you mean:\n")?;
    if let Some(tag) = &proposals.tag {
        if tag.value != name {
            writeln!(out, "  [env.{env}]\n  name = {}", text(&tag.value))?;
        }
        writeln!(out, "  [env.{env}.design.{design}]\n  {} = {}", tag.parameter, text(&tag.key))?;
    }
    if !proposals.select.is_empty() {
        writeln!(out, "  [env.{env}.design.{design}.select]")?;
        for (node, select) in &proposals.select {
            writeln!(out, "  {node} = {}", text(select))?;
        }
    }
    Ok(())
}
