//! Where a subnet of Azure sends what is meant for the internet: by the longest prefix, and where no route of its own
//! says otherwise straight there.

use std::collections::BTreeMap;

use crate::model::azure::network::{RouteTable, Subnet};
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::world::NotFound;
use crate::rules::{Ref, World};

use super::cidr::{Addresses, Cidr};

const INTERNET: &str = "Internet";

/// The type of the next hop that more than half of the public IPv4 addresses go by.
pub(crate) fn internet_hop<'s>(subnet: Ref<'_>, world: &World<'s>) -> Result<&'s str, Gap> {
    let Some(id) = World::facts::<Subnet>(subnet).route_table.as_deref() else { return Ok(INTERNET) };
    let table = match world.find(Kind::AzureRouteTable, id, &subnet.scope) {
        Ok(table) => World::facts::<RouteTable>(table),
        Err(NotFound::Unread(gap)) => return Err(gap),
        Err(NotFound::Absent) => return Err(undecided(subnet, format!("{id} is not there to be read"))),
    };
    // A service tag's addresses are never most of the internet.
    let mut routes: Vec<(Cidr, &str)> = table
        .routes
        .iter()
        .filter_map(|route| Some((Cidr::parse(&route.destination)?, route.next_hop.as_str())))
        .collect();
    routes.extend(Cidr::parse("0.0.0.0/0").map(|all| (all, INTERNET)));
    // The longest prefix first; of equal ones a route of one's own, which stands before Azure's.
    routes.sort_by_key(|(block, _)| std::cmp::Reverse(block.prefix));
    let public = Addresses::public_v4();
    let mut left = public.clone();
    let mut shares: BTreeMap<&str, u128> = BTreeMap::new();
    for (block, hop) in routes {
        let mut own = Addresses::default();
        own.add(&block);
        *shares.entry(hop).or_default() += left.within(&own).v4.size();
        left = left.without(&own);
    }
    let most = shares.into_iter().find(|(_, size)| *size > public.v4.size() / 2).map(|(hop, _)| hop);
    most.ok_or_else(|| undecided(subnet, "its routes send no more than half of the internet one way"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::azure::network::ROUTE_TABLE;
    use crate::model::snapshot::Outcome;
    use crate::rules::testing::azure::{network, unasked};
    use crate::rules::testing::{Scene, the};

    fn table() -> String {
        network("routetables/core")
    }

    fn hop(scene: Scene, named: Option<&str>) -> Result<String, Gap> {
        let id = network("virtualnetworks/v/subnets/agw");
        let facts = json!({
            "network": network("virtualnetworks/v"), "prefixes": [], "service_endpoints": [], "route_table": named,
        });
        let snapshot = scene.arm::<Subnet>(&id, &facts).snapshot();
        internet_hop(the(&snapshot, Kind::AzureSubnet, &id), &World::new(&snapshot)).map(str::to_owned)
    }

    fn by(routes: &[(&str, &str)]) -> Result<String, Gap> {
        let route = |(destination, hop): &(&str, &str)| json!({ "name": "r", "destination": destination, "next_hop": hop });
        let routes: Vec<Value> = routes.iter().map(route).collect();
        let scene = Scene::new().arm::<RouteTable>(&table(), &json!({ "routes": routes }));
        hop(scene, Some(&table()))
    }

    #[test]
    fn no_route_leads_straight_to_the_internet() {
        assert_eq!(hop(Scene::new(), None), Ok("Internet".to_owned()));
        assert_eq!(by(&[]), Ok("Internet".to_owned()));
        assert_eq!(
            by(&[("10.0.0.0/8", "VirtualAppliance"), ("Storage", "VirtualAppliance")]),
            Ok("Internet".to_owned())
        );
    }

    #[test]
    fn the_longest_prefix_takes_it() {
        let appliance = Ok("VirtualAppliance".to_owned());
        assert_eq!(by(&[("0.0.0.0/0", "VirtualAppliance")]), appliance);
        assert_eq!(by(&[("0.0.0.0/1", "VirtualAppliance"), ("128.0.0.0/1", "VirtualAppliance")]), appliance);
        let back =
            [("0.0.0.0/0", "VirtualAppliance"), ("0.0.0.0/1", "Internet"), ("128.0.0.0/1", "Internet")];
        assert_eq!(by(&back), Ok("Internet".to_owned()));
        assert_eq!(by(&[("0.0.0.0/0", "None"), ("203.0.113.0/24", "Internet")]), Ok("None".to_owned()));
        let thirds = [("0.0.0.0/2", "None"), ("64.0.0.0/2", "VirtualAppliance")];
        assert!(!by(&thirds).expect_err("no way for most of it").can_be_closed());
    }

    #[test]
    fn an_unread_table_is_a_gap() {
        assert_eq!(hop(Scene::new(), Some(&table())), Err(unasked(&ROUTE_TABLE, &table())));
        let gone = Scene::new().asked(&ROUTE_TABLE, &table(), Outcome::Complete);
        assert!(!hop(gone, Some(&table())).expect_err("not there").can_be_closed());
    }
}
