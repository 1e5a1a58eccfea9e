//! A report of the program, as tests ask it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::program::Ended;

#[derive(Clone)]
pub(crate) struct Report {
    pub(crate) code: i32,
    pub(crate) json: Value,
}

/// The two may differ in nothing else.
pub(crate) fn only_unknown_is_new(before: &Report, after: &Report) -> BTreeSet<String> {
    let (before, after) = (before.checks(), after.checks());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "no check comes or goes");
    let changed = before.into_iter().filter(|(check, status)| after[check] != *status);
    let changed = changed.map(|(check, status)| {
        assert_eq!(after[&check], "UNKNOWN", "{check} was {status}");
        check
    });
    changed.collect()
}

impl Report {
    pub(crate) fn of(ended: &Ended) -> Self {
        let json = serde_json::from_str(&ended.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", ended.stdout, ended.stderr));
        Self { code: ended.code, json }
    }

    pub(crate) fn findings(&self) -> impl Iterator<Item = &Value> {
        let audits = self.json["audits"].as_array().expect("audits");
        audits.iter().flat_map(|audit| audit["findings"].as_array().expect("findings"))
    }

    /// Every verdict, however it is come by: the finding's id, its check, and its status.
    pub(crate) fn verdicts(&self) -> BTreeSet<(&str, &str, &str)> {
        self.findings().map(|it| (text(&it["id"]), text(&it["check"]), text(&it["status"]))).collect()
    }

    /// Every verdict by the name of whom it is about, which a recording keeps.
    pub(crate) fn judged(&self) -> Vec<(&str, &str, &str)> {
        self.findings()
            .map(|it| (text(&it["check"]), text(&it["subject"]["name"]), text(&it["status"])))
            .collect()
    }

    /// The same in words: what is said of whom.
    pub(crate) fn told(&self) -> Vec<String> {
        let line = |it: &Value| {
            let parts = [&it["check"], &it["subject"]["id"], &it["status"], &it["message"]];
            parts.map(ToString::to_string).join(" ")
        };
        self.findings().map(line).collect()
    }

    /// Every check, rolled up.
    pub(crate) fn checks(&self) -> BTreeMap<String, String> {
        const ORDER: [&str; 4] = ["FAIL", "UNKNOWN", "PASS", "NOT_APPLICABLE"];
        let worse = |status: &str| ORDER.iter().position(|it| *it == status).expect("a status");
        let mut checks: BTreeMap<String, String> = BTreeMap::new();
        for finding in self.findings() {
            let (_design, check) = text(&finding["check"]).split_once('/').expect("a design's check");
            let status = text(&finding["status"]);
            let kept = checks.entry(check.to_owned()).or_insert_with(|| status.to_owned());
            if worse(status) < worse(kept) {
                status.clone_into(kept);
            }
        }
        checks
    }

    /// The checks with this status.
    pub(crate) fn with(&self, status: &str) -> BTreeSet<String> {
        self.checks().into_iter().filter(|(_, it)| it == status).map(|(check, _)| check).collect()
    }

    /// Whether a finding of this check names the call as what it misses.
    pub(crate) fn misses(&self, check: &str, call: &str) -> bool {
        let of_check = self.findings().filter(|it| text(&it["check"]).ends_with(check));
        let evidence = of_check.flat_map(|it| it["evidence"].as_array().expect("a list"));
        evidence.filter(|it| it["fact"] == "not read").any(|it| it["call"] == call)
    }

    /// How a call ended, wherever and about whatever it was asked.
    pub(crate) fn coverage(&self, call: &str) -> Vec<&Value> {
        let coverage = self.json["coverage"].as_array().expect("coverage");
        coverage.iter().filter(|it| it["call"] == call).collect()
    }

    /// The calls that did not give everything, and how they ended.
    pub(crate) fn gaps(&self) -> BTreeMap<&str, &str> {
        let coverage = self.json["coverage"].as_array().expect("coverage");
        let incomplete = coverage.iter().filter(|it| it["outcome"] != "complete");
        incomplete.map(|it| (text(&it["call"]), text(&it["outcome"]))).collect()
    }

    /// What the ledger says of an incomplete call, wherever it was asked.
    pub(crate) fn detail(&self, call: &str) -> &str {
        let entry = self.coverage(call).into_iter().find(|it| it["outcome"] != "complete");
        entry.map_or("", |it| text(&it["detail"]))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}
