//! Packet-level proofs.

pub mod headers;
