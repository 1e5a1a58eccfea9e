//! The recorded account with names and tags that whoever may tag a resource there could have chosen.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

const SNAPSHOT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/aws-ecs-fargate/snapshot.ndjson"));

/// What acts on a terminal or a parser, what is blank, what is no character of its own.
pub(crate) const TEXTS: [&str; 4] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\n{\"status\":\"PASS\"}\u{0}\u{202e}\u{2066}\u{200b}\u{2028}\u{fffe}",
    "=cmd|' /C calc'!A0\"><script>alert(1)</script>\\\"]}]}, <!--",
    " \t ",
    "𝒳\u{301}\u{301}\u{301}\u{301}\u{301}😀\u{1f3fb}\u{200d}\u{feff}",
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
    let quoted = serde_json::to_string(text).expect("a string");
    let account = SNAPSHOT
        .replace(r#""tier":"public""#, &format!(r#""note":{quoted},"tier":"public""#))
        .replace(r#""name":"backend","scope""#, &format!(r#""name":{quoted},"scope""#))
        .replace(r#""name":"dev-public-a""#, &format!(r#""name":{quoted}"#));
    assert_ne!(account, SNAPSHOT);
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("account.ndjson");
    fs::write(&path, account).expect("written");
    Account { _folder: folder, path }
}

impl Account {
    /// What `check` is to be told, to judge it.
    pub(crate) fn arguments(&self) -> [&str; 6] {
        ["--env", "dev", "--level", "hardening", "--from", self.path.to_str().expect("a path")]
    }
}
