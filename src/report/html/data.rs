//! What the script works on: every finding, and the drawing's parts, as rows of numbers into tables of what they share.
//! `run.js` reads it, in this order.

use std::borrow::Cow;
use std::io::{self, Write};

use super::super::calls::calls;
use super::intern::{Table, inert};
use super::remainder::made_in;
use crate::model::run::{Audit, Change, Disposition, Evidence, Finding, PolicyPlace, Run, Status};

/// Where texts are cut: what an account says, what a policy says, a fact's value.
const SAID: usize = 1_000;
const POLICY: usize = 4_000;
const VALUE: usize = 500;
/// Facts, assumptions and causes of one finding, and things bound to one node.
const MANY: usize = 60;
const BOUND: usize = 500;

#[derive(Default)]
struct Tables<'r> {
    texts: Table<Cow<'r, str>>,
    requirements: Table<[u32; 8]>,
    subjects: Table<[u32; 5]>,
    evidence: Table<[u32; 6]>,
    lists: Table<Vec<u32>>,
}

pub(super) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let mut tables = Tables::default();
    // None of a list is the list of this number.
    tables.lists.number(Vec::new());
    write!(out, "{{\"compared\":{},\"audits\":[", run.baseline.is_some())?;
    for (at, audit) in run.audits.iter().enumerate() {
        comma(at, out)?;
        tables.audit(audit, out)?;
    }
    write!(out, "],\n\"calls\":[")?;
    for (at, call) in calls(run).iter().enumerate() {
        comma(at, out)?;
        let row = (
            tables.texts.number(Cow::Owned(super::bounded(call.name, SAID).into_owned())),
            tables.texts.number(Cow::Owned(super::bounded(&made_in(call.scope), SAID).into_owned())),
            tables.texts.number(Cow::Borrowed(call.outcome.word())),
            call.times,
            tables.texts.number(Cow::Owned(super::bounded(call.detail(), SAID).into_owned())),
        );
        serde_json::to_writer(&mut *out, &row)?;
    }
    write!(out, "],\n\"requirements\":")?;
    inert(out, &tables.requirements.in_order())?;
    write!(out, ",\n\"subjects\":")?;
    inert(out, &tables.subjects.in_order())?;
    write!(out, ",\n\"evidence\":")?;
    inert(out, &tables.evidence.in_order())?;
    write!(out, ",\n\"lists\":")?;
    inert(out, &tables.lists.in_order())?;
    write!(out, ",\n\"texts\":")?;
    inert(out, &tables.texts.in_order())?;
    write!(out, "}}")
}

fn comma(at: usize, out: &mut dyn Write) -> io::Result<()> {
    if at == 0 { Ok(()) } else { out.write_all(b",\n") }
}

impl<'r> Tables<'r> {
    fn audit(&mut self, audit: &'r Audit, out: &mut dyn Write) -> io::Result<()> {
        let [id, source] = [&audit.design.id, &audit.design.source].map(|text| self.said(text));
        write!(out, "{{\"design\":{id},\"source\":{source},\"nodes\":[")?;
        for (at, node) in audit.nodes.iter().enumerate() {
            comma(at, out)?;
            let row = (
                self.said(&node.id),
                self.said(&node.kind),
                status(node.status),
                self.said(&node.count.expected),
                self.list(&node.bound, BOUND),
                self.list(&node.maybe, BOUND),
                (node.bound.len(), node.maybe.len()),
                self.place(&node.policy),
            );
            serde_json::to_writer(&mut *out, &row)?;
        }
        write!(out, "],\n\"edges\":[")?;
        for (at, edge) in audit.edges.iter().enumerate() {
            comma(at, out)?;
            let ends = [&edge.id, &edge.from, &edge.rel, &edge.to].map(|text| self.said(text));
            let row = (ends, u8::from(edge.forbid), status(edge.status), self.place(&edge.policy));
            serde_json::to_writer(&mut *out, &row)?;
        }
        write!(out, "],\n\"paths\":[")?;
        for (at, path) in audit.paths.iter().enumerate() {
            comma(at, out)?;
            let row = (
                self.said(&path.id),
                self.list(&path.via, BOUND),
                self.list(&path.avoid, BOUND),
                self.said(&path.packet),
                self.said(path.expect.as_str()),
                status(path.status),
                self.place(&path.policy),
            );
            serde_json::to_writer(&mut *out, &row)?;
        }
        write!(out, "],\n\"findings\":")?;
        self.findings(&audit.findings, out)?;
        write!(out, "}}")
    }

    fn findings(&mut self, findings: &'r [Finding], out: &mut dyn Write) -> io::Result<()> {
        write!(out, "[")?;
        for (at, finding) in findings.iter().enumerate() {
            comma(at, out)?;
            self.finding(finding, out)?;
        }
        write!(out, "]")
    }

    fn finding(&mut self, finding: &'r Finding, out: &mut dyn Write) -> io::Result<()> {
        let subject = &finding.subject;
        let subject = [&subject.kind, &subject.id, &subject.name, &subject.account, &subject.region];
        let subject = subject.map(|text| self.said(text));
        let evidence = finding.evidence.iter().take(MANY).map(|evidence| self.evidence(evidence));
        let evidence: Vec<u32> = evidence.collect();
        let waived = finding.disposition.as_ref().map_or(0, |disposition| {
            let Disposition::Waived { reason, owner, approved_by, expires } = disposition;
            let told = [reason, owner, approved_by, expires].map(|text| self.said(text));
            self.lists.number(told.to_vec())
        });
        let row = (
            self.said(&finding.id),
            self.requirement(finding),
            status(finding.status),
            self.subjects.number(subject),
            self.texts.text(&finding.message, SAID),
            evidence,
            finding.evidence.len().saturating_sub(MANY),
            self.list(&finding.assumptions, MANY),
            self.list(&finding.caused_by, MANY),
            waived,
            match finding.change {
                None => 0_u8,
                Some(Change::New) => 1,
                Some(Change::Updated) => 2,
                Some(Change::Unchanged) => 3,
            },
        );
        serde_json::to_writer(out, &row).map_err(io::Error::from)
    }

    fn requirement(&mut self, finding: &'r Finding) -> u32 {
        let Finding { check, basis, severity, says, cite, why, fix, policy, .. } = finding;
        let row = [
            self.said(check),
            self.said(basis.as_str()),
            self.said(severity.as_str()),
            self.texts.text(says, POLICY),
            self.texts.text(cite, POLICY),
            self.texts.text(why, POLICY),
            self.texts.text(fix, POLICY),
            self.place(policy),
        ];
        self.requirements.number(row)
    }

    fn evidence(&mut self, evidence: &'r Evidence) -> u32 {
        let scope = evidence.scope.as_ref().map(made_in).unwrap_or_default();
        let at = evidence.at.map(|at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default();
        let row = [
            self.said(&evidence.fact),
            self.texts.value(&evidence.value, VALUE),
            self.said(&evidence.resource),
            self.said(&evidence.call),
            self.texts.number(Cow::Owned(super::bounded(&scope, SAID).into_owned())),
            self.texts.number(Cow::Owned(at)),
        ];
        self.evidence.number(row)
    }

    fn said(&mut self, text: &'r str) -> u32 {
        self.texts.text(text, SAID)
    }

    fn list(&mut self, texts: &'r [String], max: usize) -> u32 {
        let numbers = texts.iter().take(max).map(|text| self.said(text)).collect();
        self.lists.number(numbers)
    }

    fn place(&mut self, PolicyPlace { file, line }: &'r PolicyPlace) -> u32 {
        self.texts.number(Cow::Owned(format!("{}:{line}", super::bounded(file, SAID))))
    }
}

fn status(of: Status) -> u8 {
    match of {
        Status::Fail => 0,
        Status::Unknown => 1,
        Status::Pass => 3,
        Status::NotApplicable => 4,
    }
}
