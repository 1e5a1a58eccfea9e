//! What the run's rules are: the checks, as the policies tell them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{absent, clean, invocation, literal, or};
use crate::model::run::{Finding, Run, Severity};

/// Columns of a text: GitHub takes descriptions of 1,024 characters.
const TEXT: usize = 480;

/// A finding of each check, which tells what the check is about.
pub(super) fn of(run: &Run) -> BTreeMap<&str, &Finding> {
    absent(run).chain(run.findings()).map(|finding| (finding.check.as_str(), finding)).collect()
}

pub(super) fn tool(run: &Run, rules: &BTreeMap<&str, &Finding>) -> Value {
    let version = format!("{} {}", run.tool.version, run.tool.commit);
    let rules: Vec<Value> = rules.values().map(|finding| rule(finding)).collect();
    json!({ "driver": {
        "name": run.tool.name,
        "version": version.trim_end(),
        "semanticVersion": run.tool.version,
        "rules": rules,
        "notifications": invocation::descriptors(),
    } })
}

fn rule(finding: &Finding) -> Value {
    let Finding { check, basis, severity, .. } = finding;
    let [says, why, fix, cite] =
        [&finding.says, &finding.why, &finding.fix, &finding.cite].map(|t| clean(t, TEXT));
    let says = or(says, check);
    let parts = [("To do", &*fix), ("Why", &*why), ("Source", &*cite), ("Basis", basis.as_str())];
    let help = |one: fn(&str, &str) -> String| {
        let told = parts.iter().filter(|(_, text)| !text.is_empty());
        told.map(|(name, text)| one(name, text)).collect::<Vec<_>>().join("\n\n")
    };
    let mut rule = json!({
        "id": check,
        "shortDescription": { "text": literal(&says) },
        "fullDescription": { "text": literal(format!("{says} {why}").trim_end()) },
        "help": {
            "text": literal(&help(|name, text| format!("{name}: {text}"))),
            "markdown": help(|name, text| format!("**{name}:** {}", markdown(text))),
        },
        "defaultConfiguration": { "level": level(*severity) },
        "properties": {
            "basis": basis.as_str(),
            "severity": severity.as_str(),
            "tags": ["security", basis.as_str(), finding.design()],
        },
    });
    if let Some(score) = score(*severity) {
        rule["properties"]["security-severity"] = json!(score);
    }
    rule
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A score, as text, in the middle of the range that GitHub calls by the same word. It has none for what merely informs.
fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

/// Text that Markdown shows as it is; what stands between backticks stays code.
fn markdown(text: &str) -> String {
    let code = text.matches('`').count().is_multiple_of(2);
    let mut out = String::new();
    let mut within = false;
    for c in text.chars() {
        if c == '`' && code {
            within = !within;
        } else if !within
            && c.is_ascii_punctuation()
            && !matches!(c, '.' | ',' | ':' | ';' | '\'' | '"' | '/' | '?' | '-')
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_rule_a_check_with_what_github_asks_for() {
        let run = sample::run();
        let tool = tool(&run, &of(&run));
        let rules = tool["driver"]["rules"].as_array().expect("rules");
        assert_eq!(rules.len(), 12);
        let nat = rules.iter().find(|rule| rule["id"] == "aws-ecs-fargate/node.nat").expect("it is there");
        assert_eq!(nat["properties"]["security-severity"], "8.0");
        assert_eq!(nat["defaultConfiguration"]["level"], "error");
        let help = nat["help"]["markdown"].as_str().expect("text");
        assert!(help.starts_with("**To do:** Create a NAT gateway") && help.contains("bullet 6"), "{help}");
        for text in
            rules.iter().flat_map(|r| ["shortDescription", "fullDescription", "help"].map(|n| &r[n]["text"]))
        {
            assert!(!text.as_str().expect("text").is_empty());
        }
    }

    #[test]
    fn a_description_fits_and_is_never_empty() {
        let mut finding = sample::finding("node.vpc", "aws.vpc", "vpc-1", "");
        finding.says = String::new();
        finding.why = "w".repeat(5000);
        let rule = rule(&finding);
        assert_eq!(rule["shortDescription"]["text"], "aws-ecs-fargate/node.vpc");
        assert!(rule["fullDescription"]["text"].as_str().expect("text").chars().count() <= 1024);
    }

    #[test]
    fn markdown_shows_the_text() {
        assert_eq!(markdown("use `a_b<c>` or <b>*[x](y)"), r"use `a_b<c>` or \<b\>\*\[x\]\(y\)");
        assert_eq!(markdown("a ` b <i>"), r"a \` b \<i\>");
    }
}
