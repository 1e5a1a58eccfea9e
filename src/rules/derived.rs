//! Fields that are worked out from several facts, readable in expressions like any other: `model::relation::DERIVED`.

use serde_json::Value;

use crate::model::aws::s3::PublicAccessBlock;
use crate::model::kind::Facts;
use crate::model::seen::Gap;

use super::evidence::undecided;
use super::net::world_ports::world_ports;
use super::{Ref, World};

/// The value of a derived field, or what keeps it from being known.
pub fn derive(field: &str, resource: Ref<'_>, world: &World<'_>) -> Result<Value, Gap> {
    match (&resource.facts, field) {
        (Facts::S3Bucket(bucket), "public_access_blocked") => {
            let block = bucket.public_access_block.get().map_err(Gap::clone)?;
            Ok(block.as_ref().is_some_and(blocks_everything).into())
        }
        (Facts::SecurityGroup(_), "world_ports") => {
            let ports = world_ports(resource, world)?;
            Ok(serde_json::to_value(ports).expect("port ranges are plain data"))
        }
        _ => Err(undecided(resource, format!("{} has no derived field {field}", resource.kind()))),
    }
}

fn blocks_everything(block: &PublicAccessBlock) -> bool {
    block.block_public_acls
        && block.ignore_public_acls
        && block.block_public_policy
        && block.restrict_public_buckets
}
