//! The layers, read off the sources: who may name whom, and who may touch the world outside the process.

mod reader;
mod sources;
mod the_checker;

use std::path::Path;

use reader::breaches;
use sources::sources;

/// A layer, and the modules of the crate (by path) that it may name besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("design", &["model"]),
    ("rules", &["model"]),
    ("collect", &["model"]),
    ("config", &["design", "model", "collect::target"]),
    ("engine", &["design", "rules", "model"]),
    ("report", &["model"]),
    ("store", &["model"]),
    ("cli", &[""]),
];

/// Something outside the process, by the paths that lead there, and the modules that may touch it.
struct World {
    what: &'static str,
    paths: &'static [&'static str],
    macros: &'static [&'static str],
    within: &'static [&'static str],
}

const WORLD: &[World] = &[
    World {
        what: "the disk or the network",
        paths: &[
            "std::fs",
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::net::ToSocketAddrs",
            "std::net::UdpSocket",
            "tokio::fs",
            "tokio::net",
        ],
        macros: &[],
        within: &["config", "design", "collect::transport", "collect::session", "store", "cli"],
    },
    World { what: "the environment", paths: &["std::env", "std::process"], macros: &[], within: &["cli"] },
    World {
        what: "the terminal",
        paths: &[
            "std::io::stdin",
            "std::io::stdout",
            "std::io::stderr",
            "std::io::IsTerminal",
            "terminal_size",
            "indicatif",
            "tracing_subscriber",
        ],
        macros: &["print", "println", "eprint", "eprintln", "dbg"],
        within: &["cli"],
    },
];

/// Methods of `Path` that look at the disk without naming `std::fs`.
const DISK_METHODS: &[&str] = &[
    "canonicalize",
    "exists",
    "is_dir",
    "is_file",
    "metadata",
    "read_dir",
    "read_link",
    "symlink_metadata",
    "try_exists",
];

/// Whether `path` is `prefix` or lies below it.
fn below(path: &str, prefix: &str) -> bool {
    prefix.is_empty()
        || path == prefix
        || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with("::"))
}

#[test]
fn the_sources_keep_their_layers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = sources(&folder);
    for layer in ["model", "report", "cli"] {
        assert!(sources.iter().any(|(module, _)| below(module, layer)), "no sources of {layer} were found");
    }
    let found: Vec<String> = sources
        .iter()
        .flat_map(|(module, source)| {
            breaches(module, source).unwrap_or_else(|error| panic!("{module} does not parse: {error}"))
        })
        .map(|breach| breach.to_string())
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
