//! What relations across Azure's networks share: which networks reach each other, whose a private address is there, and
//! what a name leads to. What an edge means stays with the relation.

pub(crate) mod frontends;
pub(crate) mod networks;
pub(crate) mod private_names;
