//! Text that whoever may tag a resource could have chosen: in the recorded account, and in reports.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::recorded::snapshot_with;

/// What acts on a terminal or a parser, what is blank, what is no character of its own.
pub(crate) const TEXTS: [&str; 4] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\n{\"status\":\"PASS\"}\u{0}\u{202e}\u{2066}\u{200b}\u{2028}\u{fffe}",
    "=cmd|' /C calc'!A0\"><script>alert(1)</script>\\\"]}]}, <!--",
    " \t ",
    "𝒳\u{301}\u{301}\u{301}\u{301}\u{301}😀\u{1f3fb}\u{200d}\u{feff}",
];

/// What Mermaid, Markdown or HTML would take for more than text.
pub(crate) const MARKUP: [&str; 16] = [
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

/// A megabyte.
pub(crate) fn long() -> String {
    "A1".repeat(1 << 19)
}

pub(crate) struct Account {
    // Removes the file when it goes.
    _folder: TempDir,
    path: PathBuf,
}

/// That account, with this text in it.
pub(crate) fn account(text: &str) -> Account {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("account.ndjson");
    fs::write(&path, snapshot_with(text)).expect("written");
    Account { _folder: folder, path }
}

impl Account {
    /// What `check` is to be told, to judge it.
    pub(crate) fn arguments(&self) -> [&str; 6] {
        ["--env", "dev", "--level", "hardening", "--from", self.path.to_str().expect("a path")]
    }
}

/// Every text of a report replaced that somebody else may have written, each by one of [`MARKUP`] in turn. What
/// joins one part of a report to another stays joined.
pub(crate) fn marked_up(mut run: Value) -> Value {
    let mut next = MARKUP.iter().cycle();
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
    let all: Vec<Value> = MARKUP.iter().map(|text| Value::from(*text)).collect();
    run["waivers"] = json!({ "used": [], "unused": all.clone(), "expired": all });
    run
}
