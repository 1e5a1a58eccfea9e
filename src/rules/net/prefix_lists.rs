//! The blocks behind a prefix list's id.

use crate::model::aws::ec2::PrefixList;
use crate::model::kind::Kind;
use crate::model::scope::Scope;
use crate::model::seen::Gap;
use crate::rules::World;
use crate::rules::evidence::undecided;
use crate::rules::world::NotFound;

use super::cidr::Cidr;

/// The blocks of a prefix list; none where it is known not to exist. Asks for the list, then for its entries.
pub(crate) fn prefix_list(id: &str, near: &Scope, world: &World<'_>) -> Result<Vec<Cidr>, Gap> {
    let list = match world.find(Kind::PrefixList, id, near) {
        Ok(list) => list,
        Err(NotFound::Unread(gap)) => return Err(gap),
        Err(NotFound::Absent) => return Ok(Vec::new()),
    };
    let cidrs = World::facts::<PrefixList>(list).cidrs.get().map_err(Gap::clone)?;
    let parsed = cidrs.iter().map(|cidr| {
        Cidr::parse(cidr).ok_or_else(|| undecided(list, format!("{cidr:?} is no block of addresses")))
    });
    parsed.collect()
}
