//! `routes-to`: a route of the subnet's route table leads here.

use serde_json::json;

use crate::model::aws::ec2::{Route, RouteTable, Subnet};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

use super::evidence::hop;
use super::net::routes::{leads_to_gateway_endpoint, owner_scope, route_table, takes_internet};
use super::{Edge, Edges, End, Ref, Relation, World};

pub(crate) struct RoutesTo;

impl Relation for RoutesTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("routes-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        match route_table(from, world) {
            Ok(table) => {
                let routes = World::facts::<RouteTable>(table).routes.iter();
                let leading_away = routes.filter(|route| route.target != "local");
                let found = leading_away.map(|route| edge(from, table, route, world)).collect();
                Edges { found, gaps: Vec::new() }
            }
            Err(gap) => Edges { found: Vec::new(), gaps: vec![gap] },
        }
    }
}

fn edge<'s>(from: Ref<'s>, table: Ref<'s>, route: &'s Route, world: &World<'s>) -> Edge<'s> {
    let facts = World::facts::<RouteTable>(table);
    let association = if facts.subnets.contains(&from.id) {
        hop(table, "subnets", from.id.as_str())
    } else {
        hop(table, "main", World::facts::<Subnet>(from).vpc.as_str())
    };
    let said = json!({ "destination": route.destination, "target": route.target, "state": route.state });
    let unread_endpoint =
        leads_to_gateway_endpoint(route, world) && world.get(Kind::VpcEndpoint, &route.target).is_none();
    let assumption = || format!("{} takes the addresses of one AWS service alone", route.destination);
    Edge {
        to: target(from, route, world),
        attributes: vec![
            ("destination", Ok(route.destination.clone().into())),
            ("internet", takes_internet(route, table, world).map(Into::into)),
            ("blackhole", Ok((route.state == "blackhole").into())),
            ("table", Ok(table.id.clone().into())),
        ],
        evidence: vec![association, hop(table, "routes", said)],
        assumptions: unread_endpoint.then(assumption).into_iter().collect(),
    }
}

/// Gateways are looked up. Endpoints and interfaces are resources where something else had them read; for an arrow it is
/// enough that they are neither of the gateways.
fn target<'s>(from: Ref<'s>, route: &Route, world: &World<'s>) -> End<'s> {
    let id = &route.target;
    let read = |kind| world.get(kind, id).map_or_else(|| End::Outside(id.clone()), End::Resource);
    match id.split_once('-').map(|(prefix, _)| prefix) {
        Some("igw") => End::of(Kind::InternetGateway, id, &owner_scope(from), world),
        Some("nat") => End::of(Kind::NatGateway, id, &owner_scope(from), world),
        Some("vpce") => read(Kind::VpcEndpoint),
        Some("eni") => read(Kind::NetworkInterface),
        _ => End::Outside(id.clone()),
    }
}
