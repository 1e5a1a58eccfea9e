//! Plain types: what a resource is, what was read, what may be called, what a verdict says. No behaviour, no I/O.

pub mod aws;
pub mod azure;
pub mod call;
pub mod certificates;
pub mod kind;
pub mod kubernetes;
pub mod names;
pub mod path;
pub mod relation;
pub mod run;
pub mod scope;
pub mod seen;
pub mod snapshot;
