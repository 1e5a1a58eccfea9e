//! `table`: the drawing with its verdicts, then what is wrong and what to do, then what nobody looked at.
//! Whatever a run holds that is not green is named here, if only by a count: a table that forgets is a green that isn't.

mod drawing;
mod remainder;
mod wrong;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::diagram::Verdict;
use super::page::{Page, Tone, label};
use super::tally::once;
use super::text::{clean, minute};
use super::{Report, Style};
use crate::model::run::{Audit, Change, Run, Status, Summary};
use crate::model::scope::Provider;
use crate::model::snapshot::Origin;

pub(super) struct Table {
    style: Style,
}

impl Table {
    pub(super) fn new(style: Style) -> Self {
        Self { style }
    }
}

impl Report for Table {
    fn id(&self) -> &'static str {
        "table"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        let mut page = Page::new(self.style);
        headline(&mut page, run);
        for audit in &run.audits {
            if run.audits.len() > 1 {
                page.heading(&design(audit), &clean(&audit.design.title, 200));
                let (lead, tone) = lead(Verdict::of_audit(run, audit));
                let counts = counts(&once(&audit.summary, &audit.findings));
                page.hanging(&lead, tone, &counts, Tone::Plain);
            }
            drawing::write(&mut page, audit);
            wrong::write(&mut page, audit);
            remainder::of_audit(&mut page, audit);
        }
        remainder::of_run(&mut page, run);
        out.write_all(page.finish().as_bytes())
    }
}

fn headline(page: &mut Page, run: &Run) {
    let (lead, tone) = lead(Verdict::of_run(run));
    let captured = minute(run.captured_at);
    let source = match run.source {
        Origin::Live => format!("live, {captured}"),
        Origin::Tape | Origin::Snapshot => format!("recorded {captured}"),
    };
    let mut parts = vec![clean(&run.env, 60).into_owned()];
    parts.extend(run.audits.iter().map(design));
    parts.push(source);
    page.hanging(&lead, tone, &parts.join(" · "), Tone::Strong);
    let indent = " ".repeat(super::text::width(&lead));
    let mut asked = entered(run);
    asked.push(format!("level {}", run.level.as_str()));
    page.hanging(&indent, Tone::Plain, &asked.join(" · "), Tone::Plain);
    let all = run.findings();
    page.hanging(&indent, Tone::Plain, &counts(&once(&run.summary, all)), Tone::Plain);
    if let Some(baseline) = &run.baseline {
        let told = format!(
            "since {}: {} new, {} changed, {} as before, {} gone",
            minute(baseline.captured_at),
            run.changed(Change::New),
            run.changed(Change::Updated),
            run.changed(Change::Unchanged),
            baseline.absent.len()
        );
        page.hanging(&indent, Tone::Plain, &told, Tone::Plain);
    }
    if let Some(why) = &run.no_verdict {
        page.hanging(&indent, Tone::Plain, &format!("No verdict: {}.", clean(why, 300)), Tone::Doubtful);
    } else if !run.judged() {
        page.hanging(&indent, Tone::Plain, "Nothing was judged: this is no verdict.", Tone::Doubtful);
    }
}

/// A verdict as a line begins with it.
fn lead(verdict: Verdict) -> (String, Tone) {
    let status = match verdict {
        Verdict::Waived => return ("~ WAIVED  ".to_owned(), Tone::Strong),
        Verdict::Fail => Status::Fail,
        Verdict::Unknown => Status::Unknown,
        Verdict::Pass => Status::Pass,
        Verdict::NotApplicable => Status::NotApplicable,
    };
    (format!("{}  ", label(status)), Tone::of(status))
}

/// Whose facts these are: accounts, subscriptions and the cluster, each by what people call it.
fn entered(run: &Run) -> Vec<String> {
    let mut known: BTreeMap<Provider, BTreeSet<&str>> = BTreeMap::new();
    for identity in &run.identity {
        known.entry(identity.provider).or_default().insert(&identity.account);
    }
    let each = known.into_iter().map(|(provider, accounts)| {
        let s = if accounts.len() == 1 { "" } else { "s" };
        let accounts: Vec<_> = accounts.into_iter().map(|account| clean(account, 60)).collect();
        format!("{}{s} {}", provider.account(), accounts.join(", "))
    });
    each.collect()
}

fn design(audit: &Audit) -> String {
    clean(&format!("{} {}", audit.design.id, audit.design.version), 80).into_owned()
}

fn counts(summary: &Summary) -> String {
    let Summary { pass, fail, unknown, not_applicable, waived, unassessed, roots } = summary;
    let mut text = format!("{pass} pass, {fail} fail, {unknown} unknown");
    if *not_applicable > 0 {
        text = format!("{text}, {not_applicable} not applicable");
    }
    for (number, what) in [
        (roots, if *roots == 1 { "root cause" } else { "root causes" }),
        (waived, "waived"),
        (unassessed, "not assessed"),
    ] {
        if *number > 0 {
            text = format!("{text} · {number} {what}");
        }
    }
    text
}

/// The check without its design, which a heading names already.
fn short_check<'f>(audit: &Audit, check: &'f str) -> std::borrow::Cow<'f, str> {
    clean(audit.short(check), 120)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::run::{Disposition, Evidence};
    use crate::model::scope::Scope;
    use crate::model::snapshot::{Identity, Outcome};
    use crate::report::{sample, text};

    fn table(run: &Run, style: Style) -> String {
        let mut bytes = Vec::new();
        Table::new(style).write(run, &mut bytes).expect("memory takes every byte");
        String::from_utf8(bytes).expect("text")
    }

    fn plain(width: usize) -> Style {
        Style { width, colour: false, unicode: true, verbose: false }
    }

    #[test]
    fn at_80_columns() {
        insta::assert_snapshot!(table(&sample::run(), plain(80)));
    }

    #[test]
    fn at_160_columns() {
        insta::assert_snapshot!(table(&sample::run(), plain(160)));
    }

    #[test]
    fn verbose() {
        insta::assert_snapshot!(table(&sample::run(), Style { verbose: true, ..plain(100) }));
    }

    #[test]
    fn nothing_judged() {
        insta::assert_snapshot!(table(&sample::empty(), plain(80)));
    }

    #[test]
    fn several_designs() {
        let mut run = sample::run();
        let mut second = sample::empty().audits.remove(0);
        second.design.id = "aws-eks-rest-api".into();
        second.design.title = "REST API on EKS".into();
        run.audits.push(second);
        let text = table(&run, plain(100));
        for design in ["aws-ecs-fargate 1.0.0", "aws-eks-rest-api 1.0.0"] {
            assert!(text.lines().any(|line| line.starts_with(design)), "{text}");
        }
    }

    #[test]
    fn a_denied_call_names_whose_permissions_it_takes() {
        let mut run = sample::run();
        let denied = run.coverage.iter_mut().find(|it| it.outcome == Outcome::Denied).expect("one is denied");
        denied.scope = Scope::kubernetes("api.example.com");
        let text = table(&run, plain(160));
        assert!(text.contains("permissions --provider kubernetes prints the cluster role"), "{text}");
        assert!(!text.contains("permissions --provider aws"), "{text}");
        assert!(text.contains(" api.example.com ") && !text.contains("api.example.com/"), "{text}");
    }

    #[test]
    fn a_denied_call_of_azure_names_the_action_that_it_takes() {
        let mut run = sample::run();
        let denied = run.coverage.iter_mut().find(|it| it.outcome == Outcome::Denied).expect("one is denied");
        denied.scope = Scope::azure("11111111-1111-1111-1111-111111111111");
        denied.call = "azure:GetManagedCluster".into();
        denied.detail = "AuthorizationFailed: the client has no authorization".into();
        let text = table(&run, plain(200));
        assert!(
            text.contains("AuthorizationFailed; takes Microsoft.ContainerService/managedClusters/read"),
            "{text}"
        );
        assert!(text.contains("permissions --provider azure prints the custom role"), "{text}");
        assert!(!text.contains("11111111-1111-1111-1111-111111111111/"), "{text}");
    }

    #[test]
    fn what_kept_several_calls_out_is_told_once() {
        let mut run = sample::run();
        let denied = run.coverage.iter_mut().find(|it| it.outcome == Outcome::Denied).expect("one is denied");
        denied.outcome = Outcome::Failed;
        denied.detail = "can't get into Azure: environment: AZURE_TENANT_ID is not set".into();
        let mut further = denied.clone();
        further.call = "azure:ListManagedClusters".into();
        run.coverage.push(further);
        let text = table(&run, plain(200));
        assert_eq!(text.matches("AZURE_TENANT_ID is not set").count(), 1, "{text}");
        assert!(text.lines().any(|line| line.contains("ListTables") && line.ends_with("as above")), "{text}");
    }

    #[test]
    fn each_provider_calls_its_accounts_by_their_own_word() {
        let mut run = sample::run();
        for (provider, account) in [
            (Provider::Azure, "11111111-1111-1111-1111-111111111111"),
            (Provider::Azure, "99999999-9999-9999-9999-999999999999"),
            (Provider::Kubernetes, "api.example.com"),
        ] {
            run.identity.push(Identity { provider, account: account.into(), principal: String::new() });
        }
        let text = table(&run, plain(200));
        let line = "account 111111111111 · subscriptions 11111111-1111-1111-1111-111111111111, \
                    99999999-9999-9999-9999-999999999999 · cluster api.example.com · level";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn stays_within_any_width() {
        for width in [60, 80, 100, 160, 200] {
            for line in table(&sample::run(), plain(width)).lines() {
                assert!(text::width(line) <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn colour_says_nothing_that_words_do_not() {
        let painted = table(&sample::run(), Style { colour: true, ..plain(80) });
        let mut stripped = String::new();
        let mut rest = painted.as_str();
        while let Some((before, code)) = rest.split_once("\u{1b}[") {
            stripped.push_str(before);
            rest = code.split_once('m').expect("a colour code").1;
        }
        stripped.push_str(rest);
        assert_ne!(painted, stripped);
        assert_eq!(stripped, table(&sample::run(), plain(80)));
    }

    #[test]
    fn a_plain_terminal_gets_ascii() {
        assert!(table(&sample::run(), Style { unicode: false, ..plain(80) }).is_ascii());
    }

    #[test]
    fn nothing_hostile_gets_through() {
        const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\nPASS \u{202e}\u{200b}";
        let mut run = sample::run();
        run.env.push_str(EVIL);
        for coverage in &mut run.coverage {
            coverage.detail.push_str(EVIL);
            coverage.key.push_str(EVIL);
        }
        run.waivers.expired = vec![EVIL.into()];
        let audit = &mut run.audits[0];
        for node in &mut audit.nodes {
            node.bound.push(EVIL.into());
            node.maybe.push(EVIL.into());
        }
        for unassessed in &mut audit.unassessed {
            unassessed.why.push_str(EVIL);
        }
        for finding in &mut audit.findings {
            let subject = &mut finding.subject;
            for text in [&mut subject.id, &mut subject.name, &mut subject.account, &mut subject.region] {
                text.push_str(EVIL);
            }
            finding.message.push_str(EVIL);
            finding.fix.push_str(EVIL);
            finding.assumptions.push(EVIL.into());
            finding.evidence.push(Evidence {
                resource: EVIL.into(),
                ..sample::evidence(EVIL, serde_json::json!({ EVIL: EVIL }), "", EVIL)
            });
            if let Some(Disposition::Waived { reason, .. }) = &mut finding.disposition {
                reason.push_str(EVIL);
            }
        }
        let shown = table(&run, Style { verbose: true, ..plain(80) });
        for hidden in ['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}'] {
            assert!(!shown.contains(hidden), "{hidden:?}");
        }
        assert!(!shown.lines().any(|line| line.starts_with("PASS")));
        assert!(shown.lines().all(|line| text::width(line) <= 80));
    }

    #[test]
    fn every_finding_that_is_not_green_is_named() {
        let run = sample::run();
        let shown = table(&run, plain(160));
        for finding in run.audits[0].findings.iter().filter(|finding| finding.status.is_wrong()) {
            let check = short_check(&run.audits[0], &finding.check).into_owned();
            assert!(shown.contains(&check), "{check}");
        }
    }
}
