//! Each format read by a program that its users read it with. A file a format; `tests/consumers` installs the programs.

mod asff;
mod consumers;
mod csv;
mod hostile;
mod html;
mod junit;
mod markdown;
mod mermaid;
mod ocsf;
mod projected;
mod prometheus;
#[path = "../cli/recorded.rs"]
mod recorded;
mod sarif;
mod scraped;
mod svg;
