//! What a gateway's probes found, as Azure Monitor measured it: the one way to a backend's health by a GET.

use std::collections::BTreeMap;

use super::super::part::{Part, Unfit};
use crate::model::azure::gateway::PoolHealth;

/// Each pool by itself, and more of them than a gateway has: without `top` there are ten, and nothing tells of the rest.
pub(super) const QUERY: &[(&str, &str)] = &[
    ("metricnames", METRIC),
    ("aggregation", "Average"),
    ("interval", "PT1M"),
    ("$filter", "BackendSettingsPool eq '*'"),
    ("top", "1000"),
];

const METRIC: &str = "HealthyHostCount";
const DIMENSION: &str = "BackendSettingsPool";

/// The latest value of each pool and settings. A metric that has no value yet says nothing, zero least of all.
pub(super) fn read(found: Part<'_>) -> Result<Vec<PoolHealth>, Unfit> {
    let mut latest = BTreeMap::new();
    for metric in found.parts("value")? {
        let name = metric.text("name.value")?;
        if !name.is_some_and(|name| name.eq_ignore_ascii_case(METRIC)) {
            continue;
        }
        for series in metric.parts("timeseries")? {
            if let (Some(pool), Some(healthy)) = (pool(series)?, last(series)?) {
                latest.insert(pool, healthy);
            }
        }
    }
    if latest.is_empty() {
        return Err(Unfit::Silent("the metric has no value yet"));
    }
    let health = |((pool, settings), healthy)| PoolHealth { pool, settings, healthy };
    Ok(latest.into_iter().map(health).collect())
}

/// Whose values these are: `pool~settings`.
fn pool(series: Part<'_>) -> Result<Option<(String, Option<String>)>, Unfit> {
    for dimension in series.parts("metadatavalues")? {
        if dimension.text("name.value")?.is_some_and(|name| name.eq_ignore_ascii_case(DIMENSION)) {
            return Ok(dimension.lower("value")?.map(|value| match value.split_once('~') {
                Some((pool, settings)) => (pool.to_owned(), Some(settings.to_owned())),
                None => (value, None),
            }));
        }
    }
    Ok(None)
}

/// Of the points that have a value, that of the latest. Times have one form, and sort as texts.
fn last(series: Part<'_>) -> Result<Option<i64>, Unfit> {
    let mut latest: Option<(String, f64)> = None;
    for point in series.parts("data")? {
        let (Some(at), Some(average)) = (point.text("timeStamp")?, point.fraction("average")?) else {
            continue;
        };
        if latest.as_ref().is_none_or(|(before, _)| *before <= at) {
            latest = Some((at, average));
        }
    }
    Ok(latest.map(|(_, average)| rounded_down(average)))
}

#[expect(clippy::cast_possible_truncation, reason = "it is the point, and a count of hosts is small")]
fn rounded_down(average: f64) -> i64 {
    average.floor() as i64
}
