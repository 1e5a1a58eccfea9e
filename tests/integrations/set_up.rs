//! Where scripts install what tests run.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use tempfile::TempDir;

/// The folder that a script gets where its user has no home, beside these of all users.
fn cache(shared: &Path) -> Option<String> {
    let script = format!(". {}/tests/cache.sh && printf %s \"$cache\"", env!("CARGO_MANIFEST_DIR"));
    let mut shell = Command::new("sh");
    shell.args(["-euc", &script]).env_clear().env("PATH", env::var_os("PATH").expect("a path"));
    let run = shell.env("TMPDIR", shared).output().expect("sh starts");
    run.status.success().then(|| String::from_utf8(run.stdout).expect("text"))
}

#[test]
fn without_a_home_it_is_a_folder_that_nobody_else_made() {
    let shared = TempDir::new().expect("a folder");
    let private = cache(shared.path()).expect("a folder");
    let made = fs::metadata(&private).expect("a folder");
    assert_eq!(made.permissions().mode() & 0o777, 0o700);
    assert_eq!(made.uid(), fs::metadata(shared.path()).expect("ours").uid());
    assert_eq!(cache(shared.path()), Some(private.clone()), "the second time too");

    let elsewhere = TempDir::new().expect("a folder");
    fs::remove_dir(&private).expect("it is empty");
    symlink(elsewhere.path(), &private).expect("a link");
    assert_eq!(cache(shared.path()), None, "where somebody else's link leads");
}
