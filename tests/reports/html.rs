//! The page in a browser, and by the rules of the W3C.

use std::path::Path;

use serde_json::{Value, json};

use crate::consumers::{ENVS, Written, content, node, report, report_with};
use crate::hostile::{TEXTS, account, long};
use crate::projected::{Folder, earlier, project};

#[track_caller]
fn browse(scenario: &str, page: &Path, words: &[&str]) {
    let page = page.to_str().expect("a path of text");
    content(&mut node("html.cjs"), [scenario, page].iter().chain(words));
}

/// What a page must never take for its own.
const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror=\"window.owned=1\">javascript:alert(1)'\"&lt;\u{2028}\u{202e}\u{0}<!--";

fn hostile() -> Written {
    report_with(&account(HOSTILE).arguments(), "html")
}

/// What is wrong or unknown of this check is accepted.
fn waive(run: &mut Value, check: &str) {
    let findings = run["audits"][0]["findings"].as_array_mut().expect("findings").iter_mut();
    let of_check = findings.filter(|it| it["check"] == check);
    for finding in of_check.filter(|it| it["status"] == "FAIL" || it["status"] == "UNKNOWN") {
        finding["disposition"] = json!({ "kind": "waived", "reason": "moves soon", "owner": "data@example.com",
            "approved_by": "secops@example.com", "expires": "2027-01-31" });
    }
}

#[test]
fn pages_are_valid() {
    let mut pages: Vec<Written> = ENVS.iter().map(|env| report(env, "html")).collect();
    pages.push(hostile());
    pages.extend(TEXTS.map(|text| report_with(&account(text).arguments(), "html")));
    pages.push(report_with(&account(&long()).arguments(), "html"));
    assert!(pages[ENVS.len() + 5].text().len() < 400_000, "a megabyte stays out of the page");
    content(&mut node("html-valid.cjs"), pages.iter().map(|page| &page.path));
    let broken = pages[0].text().replace("</h2>", "</h5>");
    let folder = Folder::new();
    let refused =
        node("html-valid.cjs").arg(folder.file("broken.html", &broken)).output().expect("it starts");
    assert!(!refused.status.success(), "the validator can refuse");
}

#[test]
fn a_failing_box_tells_its_evidence() {
    browse("choose", &report("broken", "html").path, &[]);
}

#[test]
fn keys_do_what_a_mouse_does() {
    browse("keys", &report("broken", "html").path, &[]);
}

#[test]
fn filters_and_their_count() {
    browse("filter", &report("broken", "html").path, &["backend"]);
}

#[test]
fn an_address_leads_to_what_it_names() {
    let told: Value = serde_json::from_str(&report("denied", "json").text()).expect("JSON");
    let finding = &told["audits"][0]["findings"][3];
    let words = ["check", "id"].map(|member| finding[member].as_str().expect("text"));
    browse("links", &report("denied", "html").path, &words);
}

#[test]
fn what_an_account_says_stays_text() {
    browse("hostile", &hostile().path, &[]);
}

#[test]
fn without_scripts_the_reasons_can_be_read() {
    browse("plain", &report("broken", "html").path, &[]);
}

#[test]
fn a_drawing_fits_where_it_can_be_read() {
    for env in ["broken", "denied-aks"] {
        browse("fit", &report(env, "html").path, &[]);
    }
}

#[test]
fn details_of_a_crowd() {
    let told: Value = serde_json::from_str(&report("broken", "json").text()).expect("JSON");
    let findings = told["audits"][0]["findings"].as_array().expect("findings");
    let of_node = |check: &&str| check.contains("/node.") && check.matches('/').count() == 2;
    let check = findings.iter().filter_map(|it| it["check"].as_str()).find(of_node).expect("an assert");
    browse("crowd", &report("broken", "html").path, &[check]);
}

#[test]
fn details_say_no_more_than_is_known() {
    let denied = report("denied-aks", "html");
    for (check, told, never) in [
        ("azure-aks-rest-api/node.insights", "Found none in what could be read", "account"),
        ("azure-aks-rest-api/node.insights_required", "1 does not apply", "holds"),
        ("azure-aks-rest-api/edge.dns-gateway", "subscription 1111", "azure.dns_record"),
    ] {
        browse("panel", &denied.path, &[check, told, never]);
    }
    let mut run: Value = serde_json::from_str(&report("broken", "json").text()).expect("JSON");
    waive(&mut run, "aws-ecs-fargate/edge.dns-alb");
    let page = project(&run, None, "html");
    browse("panel", &page.path, &["aws-ecs-fargate/edge.dns-alb", "What to do", "If it does not hold"]);
}

#[test]
fn light_dark_narrow_and_on_paper() {
    browse("looks", &report("broken-aks", "html").path, &["azure-aks-rest-api/node.cluster"]);
    browse("looks", &report("denied", "html").path, &["aws-ecs-fargate/node.nat"]);
}

#[test]
fn a_hundred_thousand_findings() {
    const ALL: usize = 100_000;
    let mut run: Value = serde_json::from_str(&report("broken", "json").text()).expect("JSON");
    let findings = run["audits"][0]["findings"].as_array_mut().expect("findings");
    let once = findings.clone();
    *findings = (0..ALL)
        .map(|at| {
            let (copy, mut finding) = (at / once.len(), once[at % once.len()].clone());
            for member in ["id", "name"] {
                let own = finding["subject"][member].as_str().expect("text");
                finding["subject"][member] = json!(format!("{own} copy {copy} "));
            }
            finding["id"] = json!(format!("{at:064x}"));
            // What is measured is how many there are, not how long each takes to write.
            finding["evidence"].as_array_mut().expect("evidence").truncate(1);
            finding
        })
        .collect();
    let page = project(&run, None, "html");
    browse("large", &page.path, &[&ALL.to_string()]);
}

#[test]
fn several_designs_beside_an_earlier_run() {
    let [mut run, other] = ["broken", "denied-eks"]
        .map(|env| -> Value { serde_json::from_str(&report(env, "json").text()).expect("JSON") });
    let more = other["audits"][0].clone();
    run["audits"].as_array_mut().expect("audits").push(more);
    waive(&mut run, "aws-ecs-fargate/edge.dns-alb");
    let page = project(&run, Some(&earlier("broken-eks")), "html");
    content(&mut node("html-valid.cjs"), [&page.path]);
    browse("filter", &page.path, &["backend"]);
    browse("looks", &page.path, &["aws-ecs-fargate/edge.dns-alb"]);
}
