//! The load balancer that a DNS name is of.

use crate::model::aws::elbv2::LoadBalancer;
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::kleene::foremost;
use crate::rules::{End, Ref, World};

/// The load balancer of this DNS name; an alias must name its hosted zone too.
pub(crate) fn balancer<'s>(name: &str, zone_id: Option<&str>, world: &World<'s>) -> End<'s> {
    let named = |found: &Ref<'s>| World::facts::<LoadBalancer>(found).dns_name.as_deref() == Some(name);
    if let Some(found) = world.linked(Kind::LoadBalancer, name).into_iter().find(named) {
        let same_zone =
            zone_id.is_none() || zone_id == World::facts::<LoadBalancer>(found).zone_id.as_deref();
        return if same_zone { End::Resource(found) } else { End::Outside(name.to_owned()) };
    }
    match unread_balancers(name, world) {
        Some(gap) => End::Unread { kind: Kind::LoadBalancer, id: name.to_owned(), gap },
        None => End::Outside(name.to_owned()),
    }
}

/// Why the env may have a load balancer of this name all the same. A name that shows its region is looked for there.
fn unread_balancers(name: &str, world: &World<'_>) -> Option<Gap> {
    let region = region_of(name);
    let places = world.places().into_iter();
    let places = places.filter(|place| region.is_none_or(|region| region == place.region));
    foremost(places.flat_map(|scope| world.linked_in(Kind::LoadBalancer, name, &scope).gaps).collect())
}

/// `x.us-west-1.elb.amazonaws.com` (application) and `x.elb.us-west-1.amazonaws.com` (network) show their region.
fn region_of(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".cn").unwrap_or(name);
    let labels: Vec<_> = name.strip_suffix(".amazonaws.com")?.split('.').collect();
    match labels.as_slice() {
        [.., region, "elb"] | [.., "elb", region] => Some(region),
        _ => None,
    }
}

/// Whether AWS gave it to a load balancer.
pub(crate) fn is_given(name: &str) -> bool {
    region_of(name).is_some()
}

/// A DNS name as the model writes it.
pub(crate) fn normal(name: &str) -> String {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.strip_prefix("dualstack.").map_or(name.clone(), str::to_owned)
}
