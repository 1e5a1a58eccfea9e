//! Puts verdicts together: findings of one design into an audit, audits into a run.

use std::collections::BTreeMap;

use super::{Case, arrows, bind, fingerprint, nodes, paths};
use crate::design::Requirement;
use crate::model::run::{
    Audit, Coverage, DesignRef, EdgeResult, Evidence, Finding, GroupResult, NodeResult, PathResult, Run,
    SCHEMA, Status, Subject, Summary, Unassessed, Waivers,
};
use crate::model::snapshot::{Snapshot, Tool};

/// The verdicts of one design while they are found.
pub(super) struct Verdicts<'a> {
    design: &'a str,
    env: &'a str,
    findings: Vec<Finding>,
    by_check: BTreeMap<String, Status>,
}

/// One verdict, before it is dressed as a finding.
pub(super) struct Verdict {
    pub(super) status: Status,
    pub(super) subject: Subject,
    /// The subject's natural key.
    pub(super) key: String,
    pub(super) message: String,
    pub(super) evidence: Vec<Evidence>,
    pub(super) assumptions: Vec<String>,
    pub(super) caused_by: Vec<String>,
}

impl<'a> Verdicts<'a> {
    fn new(design: &'a str, env: &'a str) -> Self {
        Self { design, env, findings: Vec::new(), by_check: BTreeMap::new() }
    }

    /// The full id of a check of this design.
    pub(super) fn check(&self, id: &str) -> String {
        format!("{}/{id}", self.design)
    }

    pub(super) fn add(&mut self, check: &str, requirement: &Requirement, verdict: Verdict) {
        let check = self.check(check);
        let Subject { account, region, .. } = &verdict.subject;
        let id = fingerprint::fingerprint(&check, self.env, account, region, &verdict.key);
        let rolled = self.by_check.entry(check.clone()).or_insert(Status::NotApplicable);
        *rolled = (*rolled).max(verdict.status);
        let state_hash =
            fingerprint::state(verdict.status, requirement.severity, &verdict.message, &verdict.evidence);
        self.findings.push(Finding {
            id,
            check,
            basis: requirement.basis,
            severity: requirement.severity,
            status: verdict.status,
            disposition: None,
            subject: verdict.subject,
            message: verdict.message,
            evidence: verdict.evidence,
            assumptions: verdict.assumptions,
            says: requirement.says.clone(),
            cite: requirement.cite.clone(),
            why: requirement.why.clone(),
            fix: requirement.fix.clone(),
            caused_by: verdict.caused_by,
            state_hash,
            policy: requirement.place.clone(),
            groups: requirement.groups.clone(),
            change: None,
        });
    }

    /// The roll-up of a check so far.
    pub(super) fn status(&self, check: &str) -> Status {
        self.by_check.get(&self.check(check)).copied().unwrap_or(Status::NotApplicable)
    }

    /// The roll-up of a node's own count and asserts.
    fn node_status(&self, node: &str) -> Status {
        let own = self.check(&format!("node.{node}"));
        let asserts = format!("{own}/");
        let all = self.by_check.iter().filter(|(check, _)| **check == own || check.starts_with(&asserts));
        Status::roll_up(all.map(|(_, status)| *status))
    }
}

pub(super) fn audit(case: &Case<'_, '_>) -> Audit {
    let question = case.question;
    let design = question.design;
    let bound = bind::bindings(case);
    let mut verdicts = Verdicts::new(&design.id, question.env);
    let asked: Vec<_> = design.nodes.iter().filter(|node| case.asks(node.requirement.basis)).collect();
    let counts: Vec<_> = asked.iter().map(|node| nodes::judge(case, node, &bound, &mut verdicts)).collect();
    let arrows: Vec<_> = design.edges.iter().filter(|arrow| arrows::asked(case, arrow)).collect();
    for arrow in &arrows {
        arrows::judge(case, arrow, &bound, &mut verdicts);
    }
    let paths: Vec<_> = design.paths.iter().filter(|path| paths::asked(case, path)).collect();
    for path in &paths {
        paths::judge(case, path, &bound, &mut verdicts);
    }

    let nodes = asked.iter().zip(counts).map(|(node, count)| {
        let binding = &bound[&node.id];
        NodeResult {
            id: node.id.clone(),
            kind: node.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join("|"),
            status: verdicts.node_status(&node.id),
            count,
            bound: binding.yes.iter().map(|r| r.id.clone()).collect(),
            maybe: binding.maybe.iter().map(|(r, _)| r.id.clone()).collect(),
            policy: node.requirement.place.clone(),
            groups: node.requirement.groups.clone(),
        }
    });
    let nodes: Vec<NodeResult> = nodes.collect();
    let edges = arrows.iter().map(|arrow| EdgeResult {
        id: arrow.id.clone(),
        from: arrow.from.clone(),
        rel: arrow.relation.name.to_owned(),
        to: arrow.to.clone(),
        forbid: arrow.forbid,
        status: verdicts.status(&format!("edge.{}", arrow.id)),
        policy: arrow.requirement.place.clone(),
        groups: arrow.requirement.groups.clone(),
    });
    let edges: Vec<EdgeResult> = edges.collect();
    let paths = paths.iter().map(|path| PathResult {
        id: path.id.clone(),
        via: path.via.iter().map(|stop| stop.name().to_owned()).collect(),
        avoid: path.avoid.clone(),
        packet: path.packet.text(),
        expect: path.expect,
        status: verdicts.status(&format!("path.{}", path.id)),
        policy: path.requirement.place.clone(),
        groups: path.requirement.groups.clone(),
    });
    let paths: Vec<PathResult> = paths.collect();
    let unassessed = design.unassessed.iter().map(|open| Unassessed {
        id: open.id.clone(),
        says: open.says.clone(),
        cite: open.cite.clone(),
        why: open.why.clone(),
        policy: open.place.clone(),
    });
    let unassessed: Vec<Unassessed> = unassessed.collect();
    let groups = design.groups.iter().map(|(id, group)| GroupResult {
        id: id.clone(),
        title: group.title.clone(),
        form: group.form,
    });
    let status = Status::roll_up(verdicts.by_check.values().copied());
    let findings = fingerprint::merge(verdicts.findings);
    Audit {
        design: DesignRef {
            id: design.id.clone(),
            title: design.title.clone(),
            version: design.version.clone(),
            digest: design.digest.clone(),
            origin: design.origin,
            source: design.source.clone(),
        },
        groups: groups.collect(),
        params: question.params.clone(),
        select_overrides: question.select_overrides.clone(),
        status,
        summary: summarize(&findings, unassessed.len() as u64),
        nodes,
        edges,
        paths,
        findings,
        unassessed,
    }
}

pub(super) fn summarize(findings: &[Finding], unassessed: u64) -> Summary {
    let mut summary = Summary { unassessed, ..Summary::default() };
    for finding in findings {
        match finding.status {
            Status::Pass => summary.pass += 1,
            Status::Fail => summary.fail += 1,
            Status::Unknown => summary.unknown += 1,
            Status::NotApplicable => summary.not_applicable += 1,
        }
        if finding.disposition.is_some() {
            summary.waived += 1;
        } else if finding.status.is_wrong() && finding.caused_by.is_empty() {
            summary.roots += 1;
        }
    }
    summary
}

/// What a run says beside its verdicts.
pub struct Frame<'a> {
    /// As the configuration names it.
    pub env: &'a str,
    pub level: crate::model::run::Basis,
    pub waivers: Waivers,
}

/// The whole report over audits of one snapshot. Its times are the snapshot's: the same facts give the same bytes.
pub fn run(frame: Frame<'_>, snapshot: &Snapshot, audits: Vec<Audit>) -> Run {
    let coverage = snapshot.ledger.iter().map(|(key, entry)| Coverage {
        scope: key.scope.clone(),
        call: key.call.clone(),
        key: key.key.clone(),
        outcome: entry.outcome,
        pages: entry.pages,
        items: entry.items,
        detail: entry.detail.clone(),
    });
    let summary = audits.iter().fold(Summary::default(), |sum, audit| Summary {
        pass: sum.pass + audit.summary.pass,
        fail: sum.fail + audit.summary.fail,
        unknown: sum.unknown + audit.summary.unknown,
        not_applicable: sum.not_applicable + audit.summary.not_applicable,
        waived: sum.waived + audit.summary.waived,
        unassessed: sum.unassessed + audit.summary.unassessed,
        roots: sum.roots + audit.summary.roots,
    });
    Run {
        schema: SCHEMA.to_owned(),
        tool: Tool::this(),
        env: frame.env.to_owned(),
        source: snapshot.header.source,
        captured_at: snapshot.header.captured_at,
        started_at: snapshot.header.captured_at,
        finished_at: snapshot.header.finished_at,
        snapshot_digest: snapshot.digest(),
        identity: snapshot.header.identity.clone(),
        level: frame.level,
        status: Status::roll_up(audits.iter().map(|audit| audit.status)),
        summary,
        audits,
        coverage: coverage.collect(),
        waivers: frame.waivers,
        no_verdict: None,
        baseline: None,
    }
}
