//! Which calls were made, how they ended and what they leave open: those alike told once.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::run::{Finding, Run, Status};
use crate::model::scope::Scope;
use crate::model::snapshot::Outcome;

/// Calls of one name in one place that ended alike.
pub(super) struct Call<'r> {
    pub(super) name: &'r str,
    pub(super) scope: &'r Scope,
    pub(super) outcome: Outcome,
    pub(super) times: u64,
    pub(super) items: u64,
    /// What was said to them, and to how many.
    pub(super) told: BTreeMap<&'r str, u64>,
    /// How many UNKNOWNs lack what a call of this name tells there.
    pub(super) unknown: u64,
}

impl<'r> Call<'r> {
    /// What was said to it; to several, the first of that.
    pub(super) fn detail(&self) -> &'r str {
        self.told.keys().next().copied().unwrap_or_default()
    }

    /// Where it was made, briefly. A cluster lies in no region, and a subscription is asked over all its locations.
    pub(super) fn place(&self) -> String {
        let Scope { account, region, .. } = self.scope;
        if region.is_empty() { account.clone() } else { format!("{account}/{region}") }
    }
}

/// Those that were not answered in full first.
pub(super) fn calls(run: &Run) -> Vec<Call<'_>> {
    let mut alike: BTreeMap<(bool, &str, &str, &Scope), Call<'_>> = BTreeMap::new();
    let unknown = unknown(run);
    for entry in &run.coverage {
        let (name, scope, outcome) = (entry.call.as_str(), &entry.scope, entry.outcome);
        let key = (outcome == Outcome::Complete, name, outcome.word(), scope);
        let call = alike.entry(key).or_insert_with(|| {
            let unknown = unknown.get(&(name, scope)).copied().unwrap_or_default();
            Call { name, scope, outcome, times: 0, items: 0, told: BTreeMap::new(), unknown }
        });
        call.times += 1;
        // Somebody else's report may hold any number.
        call.items = call.items.saturating_add(entry.items);
        *call.told.entry(&entry.detail).or_default() += 1;
    }
    alike.into_values().collect()
}

/// Those of them that were not.
pub(super) fn unread(run: &Run) -> Vec<Call<'_>> {
    let mut calls = calls(run);
    calls.retain(|call| call.outcome != Outcome::Complete);
    calls
}

/// How many UNKNOWNs lack what a call tells, by its name and place. What it told, or told elsewhere, leaves nothing open.
fn unknown(run: &Run) -> BTreeMap<(&str, &Scope), u64> {
    let mut all = BTreeMap::new();
    for Finding { evidence, .. } in run.findings().filter(|it| it.status == Status::Unknown) {
        let missing = evidence.iter().filter(|it| it.is_missing());
        let calls: BTreeSet<_> =
            missing.filter_map(|it| Some((it.call.as_str(), it.scope.as_ref()?))).collect();
        for call in calls {
            *all.entry(call).or_default() += 1;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::{Style, format, sample};

    /// The sample; one call denied twice here, for two reasons, and once elsewhere.
    fn run() -> Run {
        let mut run = sample::run();
        let mut again = run.coverage[0].clone();
        again.detail = "AccessDenied: no".into();
        let mut elsewhere = run.coverage[0].clone();
        elsewhere.scope = Scope::aws("111111111111", "eu-west-1");
        run.coverage.extend([again, elsewhere]);
        // Told by that call, in part: nothing of it is missing here.
        let partly = sample::evidence("tables", json!([]), "", "dynamodb:ListTables");
        let of = |it: &&mut Finding| it.check.ends_with("service-database");
        run.audits[0].findings.iter_mut().find(of).expect("it is there").evidence.push(partly);
        run
    }

    #[test]
    fn those_alike_are_one_with_what_they_leave_open_there() {
        let run = run();
        let told: Vec<_> = calls(&run).iter().map(|it| (it.name, it.place(), it.times, it.unknown)).collect();
        let tables = "dynamodb:ListTables";
        let [here, elsewhere] = ["111111111111/us-west-1", "111111111111/eu-west-1"].map(str::to_owned);
        assert_eq!(
            told,
            [
                (tables, elsewhere, 1, 0),
                (tables, here.clone(), 2, 1),
                ("ec2:DescribeNatGateways", here, 1, 0)
            ]
        );
        assert_eq!(unread(&run).len(), 2);
        assert_eq!(unread(&run)[1].told.len(), 2);
    }

    #[test]
    fn numbers_that_no_run_has_are_no_panic() {
        let mut run = run();
        run.coverage.iter_mut().for_each(|entry| entry.items = u64::MAX);
        assert_eq!(calls(&run)[1].items, u64::MAX);
    }

    #[test]
    fn formats_agree_on_how_much_rests_on_a_call() {
        let style = Style { width: 200, colour: false, unicode: true, verbose: false };
        for (name, here, elsewhere) in [
            ("html", "us-west-1</td><td>1</td>", "eu-west-1</td><td>0</td>"),
            ("table", "111111111111/us-west-1  1 ", "111111111111/eu-west-1  0 "),
            ("markdown", "`111111111111/us-west-1` | 1 |", "`111111111111/eu-west-1` | 0 |"),
        ] {
            let mut bytes = Vec::new();
            let report = (format(name).expect("it is one").with)(style);
            report.write(&run(), &mut bytes).expect("memory takes every byte");
            let text = String::from_utf8(bytes).expect("text");
            assert!(text.contains(here) && text.contains(elsewhere), "{name}: {text}");
        }
    }
}
