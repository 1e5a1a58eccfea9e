//! `stacks-audit` proves that what runs in the cloud is what the reference design drew.

pub mod cli;
pub mod collect;
pub mod config;
pub mod design;
pub mod engine;
pub mod model;
pub mod report;
pub mod rules;
