//! Waivers: what somebody accepts, for how long, and who answers for it. The engine applies them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Design;
use super::expr::{Expr, Vocabulary, Want};
use super::nodes::Params;
use super::table::{Table, Text};
use crate::model::kind::Kind;
use crate::model::run::{PolicyPlace, Status};

pub struct Waiver {
    /// The one check it is about.
    pub check: String,
    /// Empty: every env.
    pub env: String,
    /// A condition over `r`, the finding's subject. Absent: every subject.
    pub matches: Option<Expr>,
    pub reason: String,
    pub owner: String,
    pub approved_by: String,
    pub created: Option<NaiveDate>,
    /// The last day it holds.
    pub expires: NaiveDate,
    pub covers: Vec<Status>,
    /// The state (or the fingerprint) that was accepted: another one is not covered.
    pub state: Option<String>,
    pub place: PolicyPlace,
}

pub(super) fn read(root: &Table<'_>, designs: &BTreeMap<String, Design>) -> Vec<Waiver> {
    let waivers = root.get("waiver").map(|item| item.tables()).unwrap_or_default();
    waivers.into_iter().filter_map(|table| waiver(table, designs)).collect()
}

fn waiver(table: Table<'_>, designs: &BTreeMap<String, Design>) -> Option<Waiver> {
    let check = table.required("check");
    let matches = check.as_ref().and_then(|check| subject(check, table.text("match"), designs));
    let text = |key| table.required(key);
    let (reason, owner, approved_by) = (text("reason"), text("owner"), text("approved_by"));
    if let (Some(owner), Some(approver)) = (&owner, &approved_by)
        && owner.text.trim().eq_ignore_ascii_case(approver.text.trim())
    {
        approver.fault("nobody approves a waiver of their own", None);
    }
    let created = table.get("created").and_then(|item| item.date());
    let ends = table.get("expires");
    if ends.is_none() {
        table.fault("`expires` is missing: no waiver is for ever", None);
    }
    let expires = ends.and_then(|item| item.date());
    if let (Some(item), Some(created), Some(expires)) = (ends, created, expires)
        && created > expires
    {
        item.fault("it expires before it was created", None);
    }
    let covers: Vec<Status> = table.texts("covers").iter().filter_map(status).collect();
    let say = |text: Option<Text<'_>>| text.map(|text| text.text.to_owned());
    let waiver = Waiver {
        check: say(check.clone()).unwrap_or_default(),
        env: table.owned("env").unwrap_or_default(),
        matches,
        reason: say(reason).unwrap_or_default(),
        owner: say(owner).unwrap_or_default(),
        approved_by: say(approved_by).unwrap_or_default(),
        created,
        expires: expires.unwrap_or_default(),
        covers: if covers.is_empty() { vec![Status::Fail] } else { covers },
        state: table.owned("state"),
        place: check.map_or_else(|| table.place(), |check| check.place()),
    };
    table.finish();
    expires.map(|_| waiver)
}

fn status(text: &Text<'_>) -> Option<Status> {
    let all = [Status::Fail, Status::Unknown];
    let found = all.into_iter().find(|status| status.as_str() == text.text);
    if found.is_none() {
        text.unknown("status to waive", all.map(Status::as_str));
    }
    found
}

/// Finds the check, and checks `match` against the kinds of its subjects.
fn subject(check: &Text<'_>, matches: Option<Text<'_>>, designs: &BTreeMap<String, Design>) -> Option<Expr> {
    let found = designs.values().find_map(|design| Some((design, design.subject_kinds(check.text)?)));
    let Some((design, kinds)) = found else {
        let all: Vec<String> = designs.values().flat_map(Design::checks).collect();
        let near = super::nearest::nearest(check.text, all.iter().map(String::as_str));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`stacks-audit design show` lists the checks".to_owned(),
        };
        check.fault(format!("there is no check `{}`", check.text), Some(help));
        return None;
    };
    let params: Params = design.params.iter().map(|(name, param)| (name.clone(), param.r#type)).collect();
    matches?.expr(Want::Condition, &Vocabulary::of_resource(kinds, &params))
}

impl Design {
    /// The ids of all its checks.
    pub fn checks(&self) -> Vec<String> {
        let mut checks = Vec::new();
        for node in &self.nodes {
            checks.push(format!("{}/node.{}", self.id, node.id));
            checks.extend(
                node.asserts.iter().map(|assert| format!("{}/node.{}/{}", self.id, node.id, assert.id)),
            );
        }
        checks.extend(self.edges.iter().map(|edge| format!("{}/edge.{}", self.id, edge.id)));
        checks.extend(self.paths.iter().map(|path| format!("{}/path.{}", self.id, path.id)));
        checks.extend(self.rules.iter().map(|rule| format!("{}/rule.{}", self.id, rule.id)));
        checks
    }

    /// The kinds of the resources that a check is about; `None` if it is none of this design.
    fn subject_kinds(&self, check: &str) -> Option<&[Kind]> {
        if !self.checks().iter().any(|known| known == check) {
            return None;
        }
        let name = check.strip_prefix(&self.id)?.strip_prefix('/')?;
        let node = if let Some(edge) = name.strip_prefix("edge.") {
            &self.edge(edge)?.from
        } else if let Some(path) = name.strip_prefix("path.") {
            self.path(path)?.subject()
        } else if let Some(id) = name.strip_prefix("rule.") {
            &self.rules.iter().find(|rule| rule.id == id)?.node
        } else {
            name.strip_prefix("node.")?.split('/').next()?
        };
        Some(&self.node(node)?.kinds)
    }
}
