//! Azure.

pub(crate) mod client;
pub(crate) mod errors;
mod legacy;
