use std::io;

use serde_json::{Value, json};

use super::*;
use crate::model::path::Expect;
use crate::model::run::{Baseline, Change, Evidence, Run, Status};
use crate::model::seen::Why;
use crate::report::sample;

fn page(run: &Run) -> String {
    let mut bytes = Vec::new();
    Html.write(run, &mut bytes).expect("memory takes every byte");
    String::from_utf8(bytes).expect("text")
}

fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let (_, rest) = page.split_once(from).expect("it begins");
    rest.split_once(to).expect("it ends").0
}

fn data(page: &str) -> Value {
    serde_json::from_str(between(page, "<script type=\"application/json\" id=\"run\">", "</script>"))
        .expect("JSON")
}

#[test]
fn the_same_run_makes_the_same_bytes() {
    assert_eq!(page(&sample::run()), page(&sample::run()));
}

#[test]
fn the_policy_names_what_is_in_the_page() {
    let page = page(&sample::run());
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    let style = between(&page, "<style>", "</style>");
    let script = between(&page, "<script>", "</script>");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(policy.contains(&format!("script-src '{}'", hash(script))), "{policy}");
    assert!(policy.contains(&format!("style-src '{}'", hash(style))), "{policy}");
    for loose in ["unsafe", "*", "http:", "https:", "data:"] {
        assert!(!policy.contains(loose), "{policy}");
    }
}

#[test]
fn base64_of_known_texts() {
    for (text, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("\u{ff}?>", "w78/Pg==")]
    {
        assert_eq!(base64(text.as_bytes()), coded);
    }
}

#[test]
fn nothing_of_the_page_needs_what_the_policy_forbids() {
    let page = page(&sample::run());
    let body = between(&page, "<body>", "<script type");
    for forbidden in [" style=", " onclick", " onload", "<script", "src=", "url(http", "@import", "<link"] {
        assert!(!body.contains(forbidden), "{forbidden}");
    }
    let script = SCRIPT.concat();
    for forbidden in
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "</", "<!--"]
    {
        assert!(!script.contains(forbidden), "{forbidden}");
    }
    assert!(!STYLE.concat().contains("</"));
}

#[test]
fn what_is_not_green_is_told() {
    let page = page(&sample::run());
    let body = between(&page, "<body>", "<script type");
    for told in [
        "is not built as its reference design asks",
        "recorded",
        "none found where at least 1 is expected; 1 near miss",
        "The application reaches the internet through a NAT gateway.",
        "Create a NAT gateway in a public subnet",
        "Make readable what was not read",
        "Moves to an encrypted copy in OPS-412",
        "2027-01-31",
        "Expired",
        "ops@example.com",
        "Releases live on GitHub, which this version does not read.",
        "not authorized to perform dynamodb:ListTables",
        "Resolvers outside the account answer as Route 53 does.",
        "<b>1</b> not assessed",
        "<b>1</b> waived",
    ] {
        assert!(body.contains(told), "{told}");
    }
    let wrong = between(body, "<section id=\"wrong\"", "</section>");
    assert!(!wrong.contains("publicly accessible"), "what is waived is no alarm");
    assert!(wrong.contains("<dt>What follows</dt><dd>2 more findings"), "{wrong}");
}

#[test]
fn causes_stand_worst_first() {
    let page = page(&sample::run());
    let wrong = between(&page, "<section id=\"wrong\"", "</section>");
    let at = |text: &str| wrong.find(text).unwrap_or_else(|| panic!("{text} is told"));
    assert!(at("no listener on 443") < at("r.deletion_protection is false"), "high before low");
    assert!(
        at("r.deletion_protection is false") < at("a list that may hold more was denied"),
        "wrong before unknown"
    );
}

#[test]
fn nothing_judged_is_no_verdict_and_unknown_no_pass() {
    assert!(page(&sample::empty()).contains("Nothing was judged: this is no verdict."));
    let mut run = sample::run();
    run.audits[0].findings.retain(|finding| finding.status != Status::Fail);
    let page = page(&sample::tally(run));
    assert!(page.contains("It can’t be told whether"));
    assert!(!between(&page, "<h1>", "</h1>").contains("PASS"));
}

#[test]
fn every_finding_is_in_the_data_and_shared_texts_once() {
    let run = sample::run();
    let page = page(&run);
    let data = data(&page);
    let rows = data["audits"][0]["findings"].as_array().expect("rows");
    assert_eq!(rows.len(), run.audits[0].findings.len());
    let texts = data["texts"].as_array().expect("texts");
    let same = texts.iter().filter(|text| **text == json!("The document says so.")).count();
    assert_eq!(same, 1);
    let message =
        |row: &Value| texts[usize::try_from(row[4].as_u64().expect("a number")).expect("small")].clone();
    let all: Vec<Value> = rows.iter().map(message).collect();
    for finding in &run.audits[0].findings {
        assert!(all.contains(&json!(finding.message)), "{}", finding.message);
    }
}

const HOSTILE: &str =
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u{2028}\u{202e}\u{0}\"'&lt;<!--";

#[test]
fn what_an_account_says_is_never_a_tag() {
    let mut run = sample::run();
    let audit = &mut run.audits[0];
    for finding in &mut audit.findings {
        let subject = &mut finding.subject;
        for text in
            [&mut subject.id, &mut subject.name, &mut subject.kind, &mut subject.account, &mut subject.region]
        {
            *text = HOSTILE.into();
        }
        for text in
            [&mut finding.message, &mut finding.says, &mut finding.why, &mut finding.fix, &mut finding.cite]
        {
            *text = HOSTILE.into();
        }
        finding.assumptions = vec![HOSTILE.into()];
        finding.evidence.push(sample::evidence(HOSTILE, json!({ HOSTILE: [HOSTILE] }), HOSTILE, HOSTILE));
        finding.check.push_str(HOSTILE);
    }
    for node in &mut audit.nodes {
        node.bound.push(HOSTILE.into());
        node.kind = HOSTILE.into();
    }
    audit.unassessed[0].says = HOSTILE.into();
    run.coverage[0].detail = HOSTILE.into();
    run.coverage[0].call = HOSTILE.into();
    run.env = HOSTILE.into();
    run.waivers.unused = vec![HOSTILE.into()];
    run.identity[0].principal = HOSTILE.into();
    let page = page(&run);
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains("<img") && !page.contains("<!--"));
    assert!(!page.chars().any(|c| matches!(c, '\u{2028}' | '\u{202e}' | '\u{0}')));
    let shown = clean(HOSTILE, 1_000).into_owned();
    assert!(data(&page)["texts"].as_array().expect("texts").contains(&json!(shown)), "it is there as text");
}

#[test]
fn ten_megabytes_are_cut_and_say_so() {
    let mut run = sample::run();
    let plain = page(&run).len();
    let long = "A1".repeat(5 << 20);
    for finding in &mut run.audits[0].findings {
        finding.subject.name.clone_from(&long);
        finding.message.clone_from(&long);
        finding.evidence.push(sample::evidence("tags", json!({ "note": long }), "x", "ec2:DescribeSubnets"));
    }
    let page = page(&run);
    assert!(page.len() < plain + 80_000, "{}", page.len());
    let told: std::collections::BTreeSet<&str> = page
        .match_indices("(cut here")
        .map(|(at, _)| page[at..].split_once(')').expect("its end").0)
        .collect();
    assert_eq!(told.into_iter().collect::<Vec<_>>(), ["(cut here", "(cut here: 10485760 bytes in all"]);
}

#[test]
fn many_causes_are_bounded_and_say_so() {
    let mut run = sample::run();
    for at in 0..1_000 {
        let mut finding = sample::finding(&format!("node.n{at}"), "aws.vpc", "vpc-1", "main");
        finding.status = Status::Fail;
        run.audits[0].findings.push(finding);
    }
    let page = page(&sample::tally(run));
    assert_eq!(page.matches("<li class=\"cause ").count(), 200);
    assert!(page.contains("The first 200 are written out here; 805 more"), "the rest is told");
}

/// Everything that is wrong or unknown there is accepted.
fn all_waived(mut run: Run) -> Run {
    let findings = &mut run.audits[0].findings;
    let waiver = findings.iter().find_map(|finding| finding.disposition.clone());
    for finding in findings.iter_mut().filter(|finding| finding.is_open()) {
        finding.disposition.clone_from(&waiver);
    }
    sample::tally(run)
}

#[test]
fn what_is_waived_is_not_told_as_well() {
    let page = page(&all_waived(sample::run()));
    let wrong = between(&page, "<section id=\"wrong\"", "</section>");
    assert!(wrong.contains("Nothing that no waiver covers. 9 findings are waived: <a href=\"#waived\">"));
    assert!(between(&page, "<p class=\"lead\">", "</p>").starts_with("9 findings are waived."));
}

#[test]
fn what_follows_from_a_waived_cause_stands_by_itself() {
    let mut run = sample::run();
    let waived = all_waived(sample::run()).audits.remove(0);
    let at =
        run.audits[0].findings.iter().position(|it| it.check.ends_with("node.nat")).expect("it is there");
    run.audits[0].findings[at] = waived.findings[at].clone();
    let page = page(&sample::tally(run));
    let wrong = between(&page, "<section id=\"wrong\"", "</section>");
    for told in [
        "4 requirements, 4 findings, worst first.",
        "1 more finding only follows from these and is counted with them.",
        "2 findings follow from others that are not open themselves; they stand last.",
        "no route leads to a NAT gateway",
        "<dt>Follows from</dt><dd><a class=\"check\" href=\"#check=aws-ecs-fargate/node.nat\">",
    ] {
        assert!(wrong.contains(told), "{told}: {wrong}");
    }
}

#[test]
fn findings_are_counted_alike_everywhere() {
    let page = page(&sample::run());
    let lead = between(&page, "<p class=\"lead\">", "</p>");
    for told in [
        "6 findings are proven wrong",
        "2 findings can’t be told",
        "start with the 5 below",
        "1 finding more is waived",
    ] {
        assert!(lead.contains(told), "{told}: {lead}");
    }
    assert!(page.contains("5 requirements, 5 findings, worst first. 3 more findings only follow from these"));
}

#[test]
fn only_unknowns_are_no_verdict() {
    let mut run = sample::run();
    run.audits[0].findings.retain(|finding| finding.status == Status::Unknown);
    let page = page(&sample::tally(run));
    assert!(page.contains("<p class=\"lead\">Nothing was judged: this is no verdict."));
}

#[test]
fn what_a_way_must_not_avoid_is_told() {
    for (expect, told) in [
        (Expect::Unreachable, "never internet → service but by alb: tcp to port 443"),
        (Expect::Reachable, "internet → service, not by alb: tcp to port 443, must arrive"),
    ] {
        let mut run = sample::run();
        run.audits[0].paths[1].expect = expect;
        assert!(page(&run).contains(told), "{told}");
    }
}

#[test]
fn the_same_fact_of_two_things_is_two_facts() {
    let mut run = sample::run();
    let at =
        run.audits[0].findings.iter().position(|it| it.check.ends_with("node.nat")).expect("it is there");
    run.audits[0].findings[at].evidence = ["a", "a", "b"]
        .map(|of| sample::evidence("state", json!("gone"), of, "ec2:DescribeSubnets"))
        .to_vec();
    let page = page(&run);
    let wrong = between(&page, "<section id=\"wrong\"", "</section>");
    assert!(wrong.contains("How it is known <span class=\"faint\">2 facts</span>"), "{wrong}");
    assert!(wrong.contains(" of a</td>") && wrong.contains(" of b</td>"), "{wrong}");
}

#[test]
fn what_was_not_read_is_advised_by_why() {
    for (why, advice) in [
        (Why::Denied, "<code>stacks-audit permissions --provider aws</code> prints"),
        (Why::Throttled, "The provider was too busy"),
        (Why::NotRecorded, "record again with this version"),
    ] {
        let mut run = sample::run();
        for finding in run.audits[0].findings.iter_mut().filter(|it| it.status == Status::Unknown) {
            let value = json!(format!("{}: said so", why.as_str()));
            finding.evidence = vec![sample::evidence(Evidence::NOT_READ, value, "", "ec2:DescribeVpcs")];
        }
        let page = page(&run);
        let to_do = between(&page, "Make readable what was not read:", "</dd>");
        assert!(to_do.contains(advice), "{to_do}");
    }
}

#[test]
fn each_call_has_the_advice_that_helps_it() {
    let mut run = sample::run();
    let lacking = |call: &str, told: &str| sample::evidence(Evidence::NOT_READ, json!(told), "", call);
    for finding in run.audits[0].findings.iter_mut().filter(|it| it.status == Status::Unknown) {
        finding.evidence = vec![
            lacking("s3:ListAllMyBuckets", "denied: denied by an organisation's policy, AccessDenied: x"),
            lacking("ec2:DescribeVpcs", "denied: AccessDenied: x"),
            lacking("ecs:ListClusters", "throttled: Rate exceeded"),
        ];
    }
    let page = page(&run);
    let to_do = between(&page, "Make readable what was not read:", "</ul>");
    for (call, advice) in [
        ("s3:ListAllMyBuckets", "An organisation’s policy"),
        ("ec2:DescribeVpcs", "Let the scanner’s identity call this"),
        ("ecs:ListClusters", "The provider was too busy"),
    ] {
        assert!(to_do.contains(&format!("<li><code>{call}</code>: {advice}")), "{call}: {to_do}");
    }
}

#[test]
fn a_baseline_tells_what_is_new_and_what_is_gone() {
    let mut run = sample::run();
    for finding in &mut run.audits[0].findings {
        finding.change = Some(Change::New);
    }
    let mut gone = sample::finding("node.old", "aws.vpc", "vpc-old", "old");
    gone.status = Status::Fail;
    gone.message = "it was open".into();
    run.baseline = Some(Baseline {
        env: "dev".into(),
        captured_at: sample::time(),
        snapshot_digest: "3".repeat(64),
        absent: vec![gone],
    });
    let page = page(&run);
    assert!(
        page.contains("8 new, 0 changed, 0 as before, 1 gone"),
        "{}",
        between(&page, "Compared", "</dd>")
    );
    assert!(between(&page, "<section id=\"gone\"", "</section>").contains("it was open"));
    assert_eq!(data(&page)["compared"], json!(true));
}

#[test]
fn a_full_disk_is_an_error() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    assert!(Html.write(&sample::run(), &mut Full).is_err());
}
