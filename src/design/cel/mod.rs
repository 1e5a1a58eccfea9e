//! The CEL dialect of policies: its types, its checker, its functions and its values. With `expr`, all that names the
//! `cel` crate.

pub(super) mod because;
pub(super) mod check;
mod comprehensions;
pub(super) mod functions;
mod operators;
mod spans;
pub(super) mod types;
pub(super) mod values;
