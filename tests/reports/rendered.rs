//! Reports of runs that no recorded account gives.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::consumers::{report, stacks_audit};

/// Text that would do harm if it were taken for anything but text.
pub(crate) const HOSTILE: [&str; 16] = [
    "end",
    "graph",
    "\"]; click a href \"https://evil.example.com\"",
    "%%{init: {\"securityLevel\": \"loose\"}}%%",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "`x` ``y`` [link](https://example.com) ![i](i.png)",
    "a|b\\|c\\\\|d",
    "line\r\n\r\n# heading\n```\n</details>",
    "@team closes #123 and GH-7, see www.example.com",
    "1. one - *two* __three__ ~~four~~",
    "$$\\frac{1}{2}$$ fa:fa-car :tada:",
    "#quot; &lt;b&gt; &#60;i&#62; ﬂ°°60¶ß",
    "\u{1b}[2J\u{202e}\u{2028}\u{0}",
    "    indented\ttext    ",
    "mail@example.com 0123456789abcdef0123456789abcdef01234567",
];

/// The report of an env, as JSON.
#[track_caller]
pub(crate) fn stored(env: &str) -> Value {
    serde_json::from_str(&report(env, "json").text()).expect("JSON")
}

/// Every text of a report replaced that somebody else may have written, each by one of the hostile ones in turn. What
/// joins one part of a report to another stays joined.
pub(crate) fn hostile(mut run: Value) -> Value {
    let mut next = HOSTILE.iter().cycle();
    let mut text = move || Value::from(*next.next().expect("it goes round"));
    run["env"] = text();
    for audit in run["audits"].as_array_mut().expect("audits") {
        audit["design"]["title"] = text();
        for group in audit["groups"].as_array_mut().expect("groups") {
            group["title"] = text();
        }
        for edge in audit["edges"].as_array_mut().expect("edges") {
            edge["rel"] = text();
        }
        for finding in audit["findings"].as_array_mut().expect("findings") {
            for key in ["message", "says", "cite", "why", "fix"] {
                finding[key] = text();
            }
            for key in ["id", "name", "account", "region", "kind"] {
                finding["subject"][key] = text();
            }
            if finding["status"] == "FAIL" && finding["severity"] == "medium" {
                let [reason, owner, by] = [text(), text(), text()];
                finding["disposition"] = json!({
                    "kind": "waived", "reason": reason, "owner": owner, "approved_by": by, "expires": "2027-01-31",
                });
            }
        }
        for open in audit["unassessed"].as_array_mut().expect("unassessed") {
            for key in ["id", "says", "cite", "why"] {
                open[key] = text();
            }
        }
    }
    for call in run["coverage"].as_array_mut().expect("coverage") {
        call["detail"] = text();
        call["scope"]["account"] = text();
    }
    let all: Vec<Value> = HOSTILE.iter().map(|text| Value::from(*text)).collect();
    run["waivers"] = json!({ "used": [], "unused": all.clone(), "expired": all });
    run
}

/// Reports in files of one folder.
pub(crate) struct Folder {
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
        let report = self.file(&format!("{name}.json"), &run.to_string());
        let path = self.folder.path().join(name);
        let output = format!("{format}={}", path.display());
        let done = stacks_audit().arg("render").arg(report).args(["--output", &output]).output();
        let done = done.expect("it starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        path
    }
}
