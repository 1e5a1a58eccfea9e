//! Snippets that keep the layers and snippets that don't: a checker that can't fail proves nothing.

use std::path::Path;

use crate::reader::breaches;
use crate::sources::{module, test_modules};

fn found(module: &str, source: &str) -> Vec<String> {
    let breaches = breaches(module, source).expect("a snippet that parses");
    breaches.into_iter().map(|breach| breach.what).collect()
}

#[track_caller]
fn refuses(module: &str, source: &str, what: &str) {
    let found = found(module, source);
    assert!(found.iter().any(|breach| breach == what), "{found:?}");
}

#[track_caller]
fn allows(module: &str, source: &str) {
    assert_eq!(found(module, source), Vec::<String>::new());
}

#[test]
fn sees_imports_however_they_are_written() {
    refuses("model::kind", "use crate::rules::World;", "model names rules::World");
    refuses("rules::admits", "use crate::{model::kind::Kind, design::Design};", "rules names design::Design");
    refuses("model::kind", "use super::super::engine;", "model names engine");
    refuses("report::table", "use crate::engine as judge;", "report names engine");
    refuses("design", "use super::collect::*;", "design names collect");
    refuses("collect", "pub use stacks_audit::report::Report;", "collect names report::Report");
}

#[test]
fn sees_paths_in_code() {
    refuses("rules", "fn f() { crate::cli::run(); }", "rules names cli::run");
    refuses("rules", "fn f(d: &crate::design::Design) {}", "rules names design::Design");
    refuses("model::a", "mod b { fn f() { super::super::super::rules::f() } }", "model names rules::f");
    refuses("model", "fn f() { format!(\"{}\", crate::rules::f()); }", "model names rules::f");
}

#[test]
fn sees_through_names_that_were_brought_in() {
    refuses("rules", "use std::io; fn f() { io::stdout(); }", "touches the terminal: std::io::stdout");
    refuses(
        "engine",
        "use std as s; fn f() { s::env::var(\"A\"); }",
        "touches the environment: std::env::var",
    );
    refuses("report", "use std::{env}; fn f() {}", "touches the environment: std::env");
}

#[test]
fn sees_the_world_outside() {
    refuses("rules", "fn f() { println!(\"x\"); }", "touches the terminal: println!");
    refuses("engine", "use std::fs::File;", "touches the disk or the network: std::fs::File");
    refuses(
        "collect::aws::ec2",
        "use tokio::net::TcpStream;",
        "touches the disk or the network: tokio::net::TcpStream",
    );
    refuses(
        "report",
        "fn f(p: &std::path::Path) -> bool { p.exists() }",
        "touches the disk or the network: .exists()",
    );
    refuses("collect", "use indicatif::ProgressBar;", "touches the terminal: indicatif::ProgressBar");
    refuses("design", "fn f() { std::process::exit(1) }", "touches the environment: std::process::exit");
}

#[test]
fn a_new_layer_must_say_whom_it_names() {
    refuses(
        "helpers",
        "use crate::model::kind::Kind;",
        "helpers is in no layer: say in LAYERS whom it may name",
    );
}

#[test]
fn a_part_of_a_layer_may_be_open_to_others() {
    allows("config", "use crate::collect::target::Target;");
    refuses("config", "use crate::collect::runner::Runner;", "config names collect::runner::Runner");
    refuses("config", "use crate::collect;", "config names collect");
}

#[test]
fn allows_what_is_allowed() {
    allows(
        "engine::bind",
        "use crate::design::Design; use crate::rules::World; use super::evaluate::Verdict;",
    );
    allows("cli::check", "use crate::engine::judge; fn f() { println!(\"{:?}\", std::env::args()); }");
    allows("collect::transport::replay", "use std::fs; fn f() { fs::read(\"a\"); }");
    allows("model::scope", "fn f(fs: u8) -> u8 { fs + env!(\"A\").len() as u8 }");
    allows("", "fn main() -> std::process::ExitCode { stacks_audit::cli::run() }");
    allows("report", "fn f(text: &str) -> bool { text.contains(\"std::fs\") }");
}

#[test]
fn tests_may_do_as_they_like() {
    allows("model", "#[cfg(test)] mod tests { use std::fs; use crate::cli; }");
    allows("model", "#[cfg(all(test, feature = \"aws\"))] mod tests { use std::fs; }");
    assert_eq!(test_modules("report", "#[cfg(test)] pub(crate) mod sample; mod table;"), ["report::sample"]);
    refuses("model", "#[cfg(not(test))] use std::fs;", "touches the disk or the network: std::fs");
    refuses(
        "model",
        "#[cfg(any(test, feature = \"aws\"))] use std::fs;",
        "touches the disk or the network: std::fs",
    );
}

#[test]
fn files_are_modules() {
    let of = |file: &str| module(Path::new("src"), &Path::new("src").join(file));
    assert_eq!(of("lib.rs"), "");
    assert_eq!(of("model/aws/mod.rs"), "model::aws");
    assert_eq!(of("model/aws/ec2.rs"), "model::aws::ec2");
}
