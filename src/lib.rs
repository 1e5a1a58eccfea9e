//! `stacks-audit` proves that what runs in the cloud is what the reference design drew.

pub mod collect;
pub mod config;
pub mod design;
pub mod model;
pub mod rules;
