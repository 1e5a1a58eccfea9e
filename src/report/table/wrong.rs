//! What is wrong: each cause once, with what was seen, what is asked for and what to do; what follows from it, folded.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::Value;

use super::super::causes::{Cause, Causes, Echo, subject};
use super::super::page::{Page, Tone, label};
use super::super::text::{clean, short_id, short_kind, width};
use super::short_check;
use crate::model::run::{Audit, Basis, Evidence, Finding, Status, Subject};

pub(super) fn write(page: &mut Page, audit: &Audit) {
    let Causes { causes, rest } = Causes::of(std::slice::from_ref(audit));
    if causes.is_empty() && rest.is_empty() {
        return;
    }
    page.heading("What is wrong", "each cause once; what follows from it is folded below it");
    for (n, cause) in causes.iter().enumerate() {
        page.blank();
        self::cause(page, n + 1, cause);
    }
    if !rest.is_empty() {
        page.blank();
    }
    for Echo { check, findings, .. } in rest {
        let lead = format!("   caused by {}: ", short_check(audit, check));
        page.hanging(&lead, Tone::Plain, &checks(audit, &findings), Tone::Plain);
    }
}

/// One check that failed or can't be told, with everything it failed on.
fn cause(page: &mut Page, number: usize, Cause { audit, findings, follow }: &Cause<'_>) {
    let first = findings[0];
    let verbose = page.style().verbose;
    let number = format!("{number:>2} ");
    let status = label(first.status);
    let mut weight = first.severity.as_str().to_owned();
    if first.basis != Basis::Documented {
        weight = format!("{weight}, {}", first.basis.as_str());
    }
    let check = short_check(audit, &first.check);
    let head = format!(
        "{number}{}  {}  {}",
        page.paint(Tone::of(first.status), status),
        page.paint(Tone::Strong, &check),
        page.paint(Tone::Faint, &weight)
    );
    if width(&number) + width(status) + width(&check) + width(&weight) + 4 <= page.style().width {
        page.line(&head);
    } else {
        page.hanging(&format!("{number}{status}  "), Tone::of(first.status), &check, Tone::Strong);
        field(page, "", &weight, Tone::Faint);
    }

    let shown = if verbose { findings.len() } else { 3 };
    for finding in findings.iter().take(shown) {
        if let Some(about) = about(finding) {
            field(page, "on", &about, Tone::Plain);
        }
        field(page, "why", &clean(&finding.message, 2_000), Tone::Plain);
        evidence(page, finding);
    }
    if let Some(more) = findings.len().checked_sub(shown).filter(|more| *more > 0) {
        field(page, "", &format!("… and {more} more like it (-v shows all)"), Tone::Faint);
    }
    field(page, "asks", &asked(&first.says, &first.cite), Tone::Plain);
    // What can't be told may be as it should be: there is nothing to mend yet.
    if first.status == Status::Fail {
        field(page, "fix", &clean(&first.fix, 2_000), Tone::Plain);
    }
    if verbose {
        let place = format!("{}:{}", first.policy.file, first.policy.line);
        field(page, "policy", &clean(&place, 300), Tone::Faint);
    }
    if !follow.is_empty() {
        field(page, "hence", &checks(audit, follow), Tone::Plain);
    }
}

fn evidence(page: &mut Page, finding: &Finding) {
    let verbose = page.style().verbose;
    let lines = if verbose { usize::MAX } else { 6 };
    // Of a path: where packets went is one line, and what they were lost to is told already.
    let (hops, others): (Vec<&Evidence>, Vec<&Evidence>) =
        finding.evidence.iter().filter(|it| it.fact != "reason").partition(|it| it.fact == "hop");
    let went: Vec<_> =
        hops.iter().map(|hop| clean(hop.value["at"].as_str().unwrap_or_default(), 80)).collect();
    field(page, "went", &went.join(" → "), Tone::Plain);
    let mut facts = others;
    // What is missing is why it can't be told: it is not what is cut.
    if finding.status == Status::Unknown {
        facts.sort_by_key(|evidence| !evidence.is_missing());
    }
    let mut shown: Vec<String> = Vec::new();
    for evidence in facts {
        let text = seen(evidence, verbose);
        if !shown.contains(&text) {
            shown.push(text);
        }
    }
    for text in shown.iter().take(lines) {
        field(page, "saw", text, Tone::Plain);
    }
    if let Some(more) = shown.len().checked_sub(lines).filter(|more| *more > 0) {
        field(page, "", &format!("… and {more} more facts (-v shows all)"), Tone::Faint);
    }
}

/// A fact, and where it is from, which a long value does not push out.
fn seen(evidence: &Evidence, verbose: bool) -> String {
    let Evidence { fact, value, resource, call, .. } = evidence;
    let told = match value {
        // Why a call was not answered stands once, below; why none was made stands nowhere else.
        Value::String(text) if evidence.is_missing() => {
            match text.strip_prefix("skipped: ").filter(|_| !verbose) {
                Some(why) => format!("{fact}: {why}"),
                None if verbose => format!("{fact}: {text}"),
                None => format!("{fact}: {}", text.split(':').next().unwrap_or_default()),
            }
        }
        Value::String(text) if !verbose => format!("{fact} = {}", Value::from(short_end(text))),
        value => format!("{fact} = {value}"),
    };
    let told = clean(&told, if verbose { 4_000 } else { 240 });
    let from: Vec<&str> =
        [short_id(resource), call].into_iter().filter(|s| !s.is_empty() && s != fact).collect();
    if from.is_empty() { told.into_owned() } else { format!("{told}  ({})", clean(&from.join(", "), 240)) }
}

/// A hop's end without the path of its id of Azure, which is longer than all that is told of the hop.
fn short_end(text: &str) -> Cow<'_, str> {
    match text.split_once(", ") {
        Some((id, told)) if id.starts_with("/subscriptions/") => format!("{}, {told}", short_id(id)).into(),
        _ => text.into(),
    }
}

/// A labelled line below a cause's head; nothing for an empty one.
fn field(page: &mut Page, name: &str, text: &str, tone: Tone) {
    if !text.is_empty() {
        page.hanging(&format!("     {name:<7}"), Tone::Faint, text, tone);
    }
}

/// The resource (or node) as people and machines call it, and where it lives.
fn about(finding: &Finding) -> Option<String> {
    let Subject { kind, id, name, account, region } = subject(finding)?;
    let mut text = short_kind(kind, true);
    if !name.is_empty() && name != id {
        text = format!("{text} {name}");
    }
    text = format!("{text} {id}");
    // An ARN names both, and an id of Azure its subscription.
    let account = Some(account.as_str()).filter(|_| !id.starts_with("/subscriptions/"));
    let place = account.into_iter().chain([region.as_str()]).filter(|part| !part.is_empty());
    let place = place.collect::<Vec<_>>().join("/");
    if !id.starts_with("arn:") && !place.is_empty() {
        text = format!("{text} in {place}");
    }
    Some(clean(&text, 400).into_owned())
}

pub(super) fn asked<'t>(says: &'t str, cite: &'t str) -> Cow<'t, str> {
    match (says, cite) {
        ("", cite) => clean(cite, 1_000),
        (says, "") => clean(says, 1_000),
        (says, cite) => Cow::Owned(clean(&format!("{says} ({cite})"), 1_000).into_owned()),
    }
}

/// Each check once, with its count where it stands for several findings.
fn checks(audit: &Audit, findings: &[&Finding]) -> String {
    let mut counts: BTreeMap<(Reverse<Status>, &str), usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry((Reverse(finding.status), &finding.check)).or_default() += 1;
    }
    let each = counts.iter().map(|((Reverse(status), check), count)| {
        let times = if *count > 1 { format!(" ×{count}") } else { String::new() };
        format!("{} {}{times}", status.as_str(), short_check(audit, check))
    });
    each.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::{Style, sample};

    const BALANCER: &str = "/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/a-group/providers\
                            /microsoft.network/loadbalancers/kubernetes-internal";

    /// What the table says of a finding with these facts.
    fn told(status: Status, evidence: Vec<Evidence>) -> String {
        let mut audit = sample::run().audits.remove(0);
        let mut finding = sample::finding("node.gateway/tls", "azure.application_gateway", "gw", "gw");
        finding.status = status;
        finding.evidence = evidence;
        audit.findings = vec![finding];
        let mut page = Page::new(Style { width: 200, colour: false, unicode: true, verbose: false });
        write(&mut page, &audit);
        page.finish()
    }

    fn fact(fact: &str, value: Value) -> Evidence {
        sample::evidence(fact, value, "gw", "azure:GetApplicationGateway")
    }

    #[test]
    fn what_was_not_read_is_not_what_is_cut() {
        let mut facts: Vec<Evidence> = (0..9).map(|n| fact("rule", json!(n))).collect();
        facts.push(sample::evidence(
            Evidence::NOT_READ,
            json!("denied: AuthorizationFailed"),
            "gw",
            "azure:GetGatewayMetrics",
        ));
        let unknown = told(Status::Unknown, facts.clone());
        assert!(unknown.contains("not read: denied (gw, azure:GetGatewayMetrics)"), "{unknown}");
        let failed = told(Status::Fail, facts);
        assert!(failed.contains("rule = 5") && failed.contains("… and 4 more facts"), "{failed}");
    }

    #[test]
    fn what_an_earlier_report_lacks_is_told_as_what_this_one_does() {
        let mut facts: Vec<Evidence> = (0..9).map(|n| fact("rule", json!(n))).collect();
        let call = "azure:GetGatewayMetrics";
        facts.push(sample::evidence(call, json!("denied: AuthorizationFailed: no"), "gw", call));
        let text = told(Status::Unknown, facts);
        assert!(text.contains("azure:GetGatewayMetrics: denied (gw)"), "{text}");
    }

    #[test]
    fn why_no_call_was_made_stands_here_as_it_stands_nowhere_else() {
        let text = told(
            Status::Unknown,
            vec![fact(Evidence::NOT_READ, json!("skipped: no registry is served there"))],
        );
        assert!(text.contains("not read: no registry is served there (gw, "), "{text}");
    }

    #[test]
    fn a_long_value_leaves_room_for_where_it_is_from() {
        let text = told(Status::Fail, vec![fact("properties", json!({ "a": "b".repeat(500) }))]);
        let line = text.replace("\n            ", " ");
        assert!(line.contains("… (gw, azure:GetApplicationGateway)"), "{text}");
    }

    #[test]
    fn the_end_of_a_hop_leaves_room_for_what_is_told_of_it() {
        let text =
            told(Status::Fail, vec![fact("dispatches-to", json!(format!("{BALANCER}, host a.example.com")))]);
        assert!(text.contains(r#"dispatches-to = "kubernetes-internal, host a.example.com""#), "{text}");
        // A whole id is no hop: it names one of several of that name.
        let text = told(Status::Fail, vec![fact("network", json!(BALANCER))]);
        assert!(text.contains(BALANCER), "{text}");
    }
}
