//! `routes-to`: a route of the subnet's route table leads here.

use serde_json::json;

use crate::model::aws::ec2::{Route, RouteTable, Subnet};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

use super::evidence::hop;
use super::net::routes::{owner_scope, route_table, takes_internet};
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
                Edges { found, ..Edges::default() }
            }
            Err(gap) => Edges { gaps: vec![gap], ..Edges::default() },
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
    Edge {
        to: target(from, route, world),
        attributes: vec![
            ("destination", Ok(route.destination.clone().into())),
            ("internet", takes_internet(route, table, world).map(Into::into)),
            ("blackhole", Ok((route.state == "blackhole").into())),
            ("table", Ok(table.id.clone().into())),
        ],
        evidence: vec![association, hop(table, "routes", said)],
        assumptions: Vec::new(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::ec2::{InternetGateway, PREFIX_LISTS, VpcEndpoint};
    use crate::model::seen::Gap;
    use crate::rules::testing::{
        self, STRANGER, Scene, denied_list, edges, here, prefix_list, route_table as table, subnet, texts,
        unread_list,
    };

    fn igw() -> InternetGateway {
        InternetGateway { attachments: Vec::new() }
    }

    /// `subnet-a` with a table of its own of these routes.
    fn scene(routes: &[(&str, &str)]) -> Scene {
        Scene::new()
            .with("subnet-a", subnet("vpc-1", "10.0.0.0/24"))
            .with("rtb-a", table("vpc-1", &["subnet-a"], routes))
            .with("igw-1", igw())
    }

    /// The destinations of the routes that take the internet, and whether any of them is undecided.
    fn internet(scene: Scene) -> (Vec<String>, Vec<Gap>) {
        let snapshot = scene.snapshot();
        let edges = edges(&RoutesTo, &World::new(&snapshot), Kind::Subnet, "subnet-a");
        let (mut taking, mut gaps) = (Vec::new(), edges.gaps);
        for edge in &edges.found {
            match edge.attribute("internet") {
                Ok(takes) if *takes == true => {
                    let destination = edge.attribute("destination").as_ref().expect("always known");
                    taking.push(destination.as_str().expect("text").to_owned());
                }
                Ok(_) => {}
                Err(gap) => gaps.push(gap.clone()),
            }
        }
        (taking, gaps)
    }

    #[test]
    fn a_default_route_takes_the_internet_and_local_is_no_edge() {
        let snapshot = scene(&[("10.0.0.0/16", "local"), ("0.0.0.0/0", "igw-1")]).snapshot();
        let edges = edges(&RoutesTo, &World::new(&snapshot), Kind::Subnet, "subnet-a");
        assert_eq!(edges.found.len(), 1);
        assert!(matches!(edges.found[0].to, End::Resource(gateway) if gateway.id == "igw-1"));
        assert_eq!(edges.found[0].attribute("internet"), &Ok(true.into()));
        assert_eq!(edges.found[0].attribute("blackhole"), &Ok(false.into()));
    }

    #[test]
    fn halves_shadow_a_default_route() {
        let routes = [("0.0.0.0/0", "nat-1"), ("0.0.0.0/1", "igw-1"), ("128.0.0.0/1", "igw-1")];
        assert_eq!(internet(scene(&routes)), (texts(&["0.0.0.0/1", "128.0.0.0/1"]), vec![]));
    }

    #[test]
    fn one_half_leaves_the_default_route_the_other() {
        let routes = [("0.0.0.0/0", "nat-1"), ("0.0.0.0/1", "igw-1")];
        assert_eq!(internet(scene(&routes)), (texts(&["0.0.0.0/0", "0.0.0.0/1"]), vec![]));
    }

    #[test]
    fn an_equal_prefix_takes_nothing_away() {
        let routes = [("0.0.0.0/0", "nat-1"), ("0.0.0.0/0", "igw-1")];
        assert_eq!(internet(scene(&routes)).0.len(), 2);
    }

    #[test]
    fn what_is_small_or_private_is_not_the_internet() {
        let routes = [
            ("10.0.0.0/8", "pcx-1"),
            ("192.168.0.0/16", "tgw-1"),
            ("100.64.0.0/10", "tgw-1"),
            ("203.0.113.0/24", "vgw-1"),
            ("52.94.0.0/16", "igw-1"),
            ("224.0.0.0/4", "tgw-1"),
            ("fd00::/8", "tgw-1"),
            ("2600:1f00::/24", "igw-1"),
        ];
        assert_eq!(internet(scene(&routes)), (vec![], vec![]));
    }

    #[test]
    fn a_class_a_network_and_ipv6_defaults_are_the_internet() {
        for destination in ["8.0.0.0/8", "::/0", "2000::/3", "2600::/16"] {
            assert_eq!(internet(scene(&[(destination, "igw-1")])).0, [destination]);
        }
    }

    fn endpoint(r#type: &str) -> VpcEndpoint {
        testing::endpoint("s3", r#type)
    }

    #[test]
    fn a_gateway_endpoint_takes_no_internet_whatever_its_list_holds() {
        let scene = scene(&[("0.0.0.0/0", "nat-1"), ("pl-s3", "vpce-1")]).with("vpce-1", endpoint("Gateway"));
        assert_eq!(internet(scene), (texts(&["0.0.0.0/0"]), vec![]));
    }

    #[test]
    fn a_load_balancing_endpoint_takes_what_its_prefix_list_holds() {
        let scene = scene(&[("0.0.0.0/0", "nat-1"), ("pl-all", "vpce-1")])
            .with("vpce-1", endpoint("GatewayLoadBalancer"))
            .with("pl-all", prefix_list(&["0.0.0.0/1", "128.0.0.0/1"]));
        assert_eq!(internet(scene), (texts(&["pl-all"]), vec![]));
    }

    #[test]
    fn an_unread_endpoint_may_be_either() {
        let scene = scene(&[("0.0.0.0/0", "nat-1"), ("pl-s3", "vpce-1")]).denied(Kind::VpcEndpoint);
        let gap = denied_list(Kind::VpcEndpoint);
        assert_eq!(internet(scene), (vec![], vec![gap.clone(), gap]));
    }

    #[test]
    fn an_unread_prefix_list_is_asked_for_where_it_matters() {
        let ask = Gap::unread(PREFIX_LISTS.primary(), &here(), "pl-x");
        let (taking, gaps) = internet(scene(&[("pl-x", "tgw-1"), ("0.0.0.0/0", "nat-1")]));
        assert_eq!((taking, gaps), (vec![], vec![ask.clone(), ask.clone()]));
        let (taking, gaps) = internet(scene(&[("pl-x", "tgw-1"), ("10.0.0.0/8", "pcx-1")]));
        assert_eq!((taking, gaps), (vec![], vec![ask]), "10.0.0.0/8 is private whatever the list holds");
    }

    #[test]
    fn a_prefix_list_shadows_a_default_route() {
        let scene = scene(&[("pl-x", "tgw-1"), ("0.0.0.0/0", "nat-1")])
            .with("pl-x", prefix_list(&["0.0.0.0/1", "128.0.0.0/1"]));
        assert_eq!(internet(scene), (texts(&["pl-x"]), vec![]));
    }

    #[test]
    fn a_blackhole_is_an_edge_of_its_own_state() {
        let mut black = table("vpc-1", &["subnet-a"], &[("0.0.0.0/0", "nat-gone")]);
        black.routes[0].state = "blackhole".to_owned();
        let snapshot = Scene::new()
            .with("subnet-a", subnet("vpc-1", "10.0.0.0/24"))
            .with("rtb-a", black)
            .listed(&[Kind::NatGateway])
            .snapshot();
        let edges = edges(&RoutesTo, &World::new(&snapshot), Kind::Subnet, "subnet-a");
        assert_eq!(edges.found[0].to, End::Outside("nat-gone: no such aws.nat_gateway".to_owned()));
        assert_eq!(edges.found[0].attribute("blackhole"), &Ok(true.into()));
    }

    #[test]
    fn the_main_table_counts_only_where_the_list_is_complete() {
        let main = || {
            Scene::new()
                .with("subnet-a", subnet("vpc-1", "10.0.0.0/24"))
                .with("rtb-main", table("vpc-1", &[], &[("0.0.0.0/0", "igw-1")]))
                .with("rtb-other", table("vpc-1", &["subnet-b"], &[]))
                .with("igw-1", igw())
        };
        assert_eq!(internet(main().listed(&[Kind::RouteTable])).0, ["0.0.0.0/0"]);
        assert_eq!(internet(main()), (vec![], vec![unread_list(Kind::RouteTable)]));
        assert_eq!(internet(main().denied(Kind::RouteTable)), (vec![], vec![denied_list(Kind::RouteTable)]));
    }

    #[test]
    fn a_table_of_its_own_needs_no_complete_list() {
        let scene = scene(&[("0.0.0.0/0", "igw-1")]).denied(Kind::RouteTable);
        assert_eq!(internet(scene), (texts(&["0.0.0.0/0"]), vec![]));
    }

    #[test]
    fn an_unread_gateway_is_an_unread_end() {
        let snapshot = scene(&[("0.0.0.0/0", "nat-1")]).denied(Kind::NatGateway).snapshot();
        let edges = edges(&RoutesTo, &World::new(&snapshot), Kind::Subnet, "subnet-a");
        let gap = denied_list(Kind::NatGateway);
        assert_eq!(edges.found[0].to, End::Unread { kind: Kind::NatGateway, id: "nat-1".to_owned(), gap });
    }

    #[test]
    fn in_a_shared_subnet_what_is_not_listed_is_unread() {
        let shared = || Subnet { owner_account: Some(STRANGER.to_owned()), ..subnet("vpc-1", "10.0.0.0/24") };
        let lists = [Kind::RouteTable, Kind::NatGateway];
        let snapshot = Scene::new().with("subnet-a", shared()).listed(&lists).snapshot();
        let none = edges(&RoutesTo, &World::new(&snapshot), Kind::Subnet, "subnet-a");
        assert!(none.gaps[0].detail.contains(STRANGER), "{:?}", none.gaps);

        let own = table("vpc-1", &["subnet-a"], &[("0.0.0.0/0", "nat-1")]);
        let snapshot = Scene::new().with("subnet-a", shared()).with("rtb-a", own).listed(&lists).snapshot();
        let shown = edges(&RoutesTo, &World::new(&snapshot), Kind::Subnet, "subnet-a");
        assert!(matches!(&shown.found[0].to, End::Unread { gap, .. } if gap.detail.contains(STRANGER)));
    }
}
