//! What is wrong: each cause once, the worst first, folded up.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::causes::{Cause, Causes, Echo, subject};
use super::super::gfm::{code, html, html_code, prose};
use super::super::text::short_kind;
use super::{List, about, mark, todo};
use crate::model::run::{Audit, Basis, Change, Finding, Run, Status};

/// How many resources of one cause are named, and how many checks that follow from it.
const RESOURCES: usize = 3;
const FOLLOWING: usize = 8;
/// What the heading and the words about what is left out take.
const AROUND: usize = 200;

pub(super) fn section(run: &Run, room: usize) -> String {
    let Causes { causes, rest } = Causes::of(&run.audits);
    let mut list = List::within(room.saturating_sub(AROUND));
    for cause in &causes {
        list.push(|| told(cause, run.audits.len() > 1));
    }
    for Echo { audit, check, findings } in &rest {
        list.push(|| {
            let cause = code(audit.short(check), 120);
            format!("- caused by {cause}: {}\n", checks(audit, findings))
        });
    }
    if list.text.is_empty() && list.left_out == 0 {
        return String::new();
    }
    format!("\n### What is wrong or can't be told\n\n{}", list.finish("causes"))
}

fn told(Cause { audit, findings, follow }: &Cause<'_>, several: bool) -> String {
    let first = findings[0];
    let status = first.status;
    let check = if several { &first.check } else { audit.short(&first.check) };
    let changed = match first.change {
        Some(Change::New) => " · new",
        Some(Change::Updated) => " · changed",
        Some(Change::Unchanged) | None => "",
    };
    let mut out = format!(
        "<details>\n<summary>{} {} · {}{changed} · {}: {}</summary>\n\n",
        mark(status),
        status.as_str(),
        first.severity.as_str(),
        html_code(check, 120),
        html(&first.says, 300),
    );
    for finding in findings.iter().take(RESOURCES) {
        let _ = writeln!(out, "- **Seen:** {}{}", prose(&finding.message, 600), place(finding));
    }
    if let Some(more) = findings.len().checked_sub(RESOURCES).filter(|more| *more > 0) {
        let _ = writeln!(out, "- … and {more} more like it");
    }
    let unread: BTreeSet<&str> = findings
        .iter()
        .flat_map(|finding| &finding.evidence)
        .filter(|evidence| evidence.is_missing())
        .map(|evidence| evidence.call.as_str())
        .filter(|call| !call.is_empty())
        .collect();
    if !unread.is_empty() {
        let calls: Vec<String> = unread.into_iter().take(FOLLOWING).map(|call| code(call, 80)).collect();
        let _ = writeln!(out, "- **Not read:** {}", calls.join(", "));
    }
    if !first.why.is_empty() {
        let _ = writeln!(out, "- **Why it matters:** {}", prose(&first.why, 600));
    }
    let basis = match first.basis {
        Basis::Documented => "",
        Basis::Implementation => "; what the published templates set",
        Basis::Hardening => "; good practice beyond the design",
    };
    let policy = code(&format!("{}:{}", first.policy.file, first.policy.line), 200);
    let cited = [audit.design.source.as_str(), &first.cite].map(|part| prose(part, 300));
    let cited: Vec<String> = cited.into_iter().filter(|part| !part.is_empty()).collect();
    let cited = format!("{}{basis}; ", cited.join(", "));
    let _ = writeln!(out, "- **Asked in:** {}{policy}", cited.trim_start_matches("; "));
    // What can't be told may be as it should be: there is nothing to mend yet.
    if status == Status::Fail && !first.fix.is_empty() {
        let _ = writeln!(out, "- **To do:** {}", prose(&first.fix, 600));
    }
    if status == Status::Unknown {
        for step in todo::steps(findings) {
            let _ = writeln!(out, "- **To do:** {step}");
        }
    }
    if !follow.is_empty() {
        let _ = writeln!(out, "- **Hence:** {}", checks(audit, follow));
    }
    out.push_str("\n</details>\n");
    out
}

/// Which resource (or node) it is.
fn place(finding: &Finding) -> String {
    let Some(subject) = subject(finding) else { return String::new() };
    let kind = prose(&short_kind(&subject.kind, true).replace('_', " "), 80);
    let lies = [subject.account.as_str(), subject.region.as_str()];
    let lies: Vec<&str> = lies.into_iter().filter(|part| !part.is_empty()).collect();
    // An ARN and an id of Azure name the account.
    let told = subject.id.starts_with("arn:") || subject.id.starts_with("/subscriptions/") || lies.is_empty();
    let lies = if told { String::new() } else { format!(" in {}", code(&lies.join("/"), 120)) };
    let name = if subject.name.is_empty() || subject.name == subject.id {
        String::new()
    } else {
        format!(" {}", about(finding))
    };
    format!(" — {kind}{name} {}{lies}", code(&subject.id, 240))
}

/// Each check once.
fn checks(audit: &Audit, findings: &[&Finding]) -> String {
    let all: BTreeSet<(Reverse<Status>, &str)> =
        findings.iter().map(|it| (Reverse(it.status), it.check.as_str())).collect();
    let more = all.len().checked_sub(FOLLOWING).filter(|more| *more > 0);
    let shown = all.into_iter().take(FOLLOWING);
    let shown: Vec<String> = shown
        .map(|(Reverse(status), check)| format!("{} {}", status.as_str(), code(audit.short(check), 120)))
        .collect();
    let more = more.map_or_else(String::new, |more| format!(" and {more} more"));
    format!("{}{more}", shown.join(", "))
}
