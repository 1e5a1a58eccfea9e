//! Which calls were made and how they ended: those alike told once.

use std::collections::BTreeMap;

use crate::model::run::Run;
use crate::model::scope::Scope;
use crate::model::snapshot::Outcome;

/// Calls of one name to one place that ended alike.
pub(super) struct Call<'r> {
    pub(super) name: &'r str,
    pub(super) place: String,
    pub(super) outcome: Outcome,
    pub(super) times: u64,
    pub(super) items: u64,
    /// What the first of them was told.
    pub(super) detail: &'r str,
}

/// Those that were not answered in full first.
pub(super) fn calls(run: &Run) -> Vec<Call<'_>> {
    let mut alike: BTreeMap<(bool, &str, String, &str), Call<'_>> = BTreeMap::new();
    for entry in &run.coverage {
        let place = place(&entry.scope);
        let key =
            (entry.outcome == Outcome::Complete, entry.call.as_str(), place.clone(), entry.outcome.word());
        let call = alike.entry(key).or_insert(Call {
            name: &entry.call,
            place,
            outcome: entry.outcome,
            times: 0,
            items: 0,
            detail: &entry.detail,
        });
        call.times += 1;
        call.items += entry.items;
    }
    alike.into_values().collect()
}

/// A cluster lies in no region, and a subscription is asked over all its locations.
pub(super) fn place(scope: &Scope) -> String {
    let Scope { provider, account, region } = scope;
    let place = format!("{} {account}", provider.account());
    if region.is_empty() { place } else { format!("{place}, {region}") }
}
