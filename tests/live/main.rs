//! The program against a live account: scans of the emulator in `tests/emulator`, by the real binary. Each test has an
//! emulator of its own, so that what one arranges is nothing to another.

#![cfg(all(feature = "aws", feature = "kubernetes"))]

#[cfg(feature = "azure")]
mod azure;
mod bad_answers;
mod binding;
mod budget;
mod denials;
mod emulator;
mod entry;
mod interrupt;
mod kubernetes;
mod pages;
mod program;
mod recordings;
mod report;
