//! Stored reports written anew: what no recorded account gives, and what a baseline says.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::consumers::{self, report, stacks_audit};
use crate::hostile;

pub(crate) struct Projected {
    folder: Folder,
    pub(crate) path: PathBuf,
}

impl Projected {
    pub(crate) fn text(&self) -> String {
        fs::read_to_string(&self.path).expect("the report")
    }

    /// A file beside it that says something else.
    pub(crate) fn other(&self, text: &str) -> PathBuf {
        let name = self.path.file_name().expect("a name").to_string_lossy();
        self.folder.file(&format!("other-{name}"), text)
    }
}

/// The report of an env.
#[track_caller]
pub(crate) fn stored(env: &str) -> Value {
    serde_json::from_str(&report(env, "json").text()).expect("JSON")
}

/// The same, from before all others.
#[track_caller]
pub(crate) fn earlier(env: &str) -> Value {
    serde_json::from_str(&consumers::earlier(env).text()).expect("JSON")
}

/// What `render RUN --output FORMAT=FILE` writes, beside a baseline if there is one.
#[track_caller]
pub(crate) fn project(run: &Value, baseline: Option<&Value>, format: &str) -> Projected {
    let folder = Folder::new();
    let baseline = baseline.map(|baseline| folder.file("earlier.json", &baseline.to_string()));
    let path = folder.rendered_since(run, baseline.as_deref(), format, &format!("report.{format}"));
    Projected { folder, path }
}

/// The run with a text wherever an account's own may stand.
pub(crate) fn with(mut run: Value, text: &str) -> Value {
    for finding in findings(&mut run) {
        finding["message"] = json!(text);
        finding["subject"]["id"] = json!(format!("{text}{}", finding["subject"]["id"]));
        finding["subject"]["name"] = json!(text);
        for evidence in finding["evidence"].as_array_mut().expect("evidence") {
            evidence["value"] = json!({ text: [text] });
            evidence["resource"] = json!(text);
        }
    }
    run
}

/// Each of the hostile texts, and a long one.
pub(crate) fn texts() -> Vec<String> {
    let long = "=\u{e9}<\"".repeat(1 << 10);
    hostile::TEXTS.iter().map(|text| (*text).to_owned()).chain([long]).collect()
}

pub(crate) fn findings(run: &mut Value) -> impl Iterator<Item = &mut Value> {
    let audits = run["audits"].as_array_mut().expect("audits");
    audits.iter_mut().flat_map(|audit| audit["findings"].as_array_mut().expect("findings"))
}

/// The run with all findings of a status waived.
pub(crate) fn waived(mut run: Value, status: &str) -> Value {
    for finding in findings(&mut run).filter(|finding| finding["status"] == status) {
        finding["disposition"] = json!({
            "kind": "waived", "reason": "Moves in OPS-412", "owner": "data@example.com",
            "approved_by": "secops@example.com", "expires": "2027-01-31",
        });
    }
    run
}

/// Reports in files of one folder.
pub(crate) struct Folder {
    // Removes the files when it goes.
    folder: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder") }
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    }

    /// What `render` makes of a run, in a file of this name.
    #[track_caller]
    pub(crate) fn rendered(&self, run: &Value, format: &str, name: &str) -> PathBuf {
        self.rendered_since(run, None, format, name)
    }

    /// The same beside a baseline.
    #[track_caller]
    pub(crate) fn rendered_since(
        &self,
        run: &Value,
        baseline: Option<&Path>,
        format: &str,
        name: &str,
    ) -> PathBuf {
        let report = self.file(&format!("{name}.json"), &run.to_string());
        let path = self.folder.path().join(name);
        let mut command = stacks_audit();
        command.arg("render").arg(report).args(["--output", &format!("{format}={}", path.display())]);
        if let Some(baseline) = baseline {
            command.arg("--baseline").arg(baseline);
        }
        let done = command.output().expect("it starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        path
    }
}
