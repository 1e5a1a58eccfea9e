//! A Prometheus server that has scraped reports, asked.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::consumers::{Written, content, python};

/// What it answers to each query. Every report is scraped twice: by the jobs `openmetrics` and `text`.
#[track_caller]
pub(crate) fn scraped(queries: &[&str], reports: &[Written]) -> Vec<Vec<Value>> {
    let folder = TempDir::new().expect("a folder");
    let asked = folder.path().join("queries.json");
    std::fs::write(&asked, json!(queries).to_string()).expect("a file");
    let reports = reports.iter().map(|report| report.path.clone());
    let arguments: Vec<PathBuf> = std::iter::once(asked).chain(reports).collect();
    serde_json::from_str(&content(&mut python("prometheus_server.py"), arguments)).expect("answers")
}
