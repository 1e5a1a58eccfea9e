//! What the network relations reckon with: addresses, ports, security groups, network ACLs, routes. Questions that may
//! hang on unread facts answer `Result<bool, Gap>`; a gap is neither yes nor no.

pub(crate) mod acls;
pub(crate) mod azure_ports;
pub(crate) mod azure_routes;
pub(crate) mod cidr;
pub(crate) mod connection;
pub(crate) mod ports;
pub(crate) mod prefix_lists;
pub(crate) mod public_service;
pub(crate) mod ranges;
pub(crate) mod routes;
pub(crate) mod security_groups;
pub(crate) mod world_ports;
