//! What relations that lead from or to load balancers share: where one forwards to, and by which names and addresses
//! it is known. What an edge means stays with the relation.

pub(crate) mod addresses;
pub(crate) mod forwards;
pub(crate) mod names;
#[cfg(test)]
pub(crate) mod testing;
