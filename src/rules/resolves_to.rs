//! `resolves-to`: what a record answers with, through aliases and names of its own zone.

mod records;

use serde_json::json;

use super::balancing::names::{balancer, normal};
use super::evidence::hop;
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::Arn;
use crate::model::aws::elbv2::LoadBalancer;
use crate::model::aws::route53::{Record, Zone};
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};
use crate::model::run::Evidence;
use crate::model::seen::Gap;

pub(crate) struct ResolvesTo;

/// Resolvers give up on long chains too.
const MOST_HOPS: usize = 8;

impl Relation for ResolvesTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("resolves-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let mut edges = Edges::default();
        if from.kind() == Kind::AzureDnsRecord {
            records::follow(from, &records::Trail::default(), world, &mut edges);
            // What an address or a name is may turn out to be anything.
            edges.gaps.extend(edges.found.iter().filter_map(|edge| match &edge.to {
                End::Unread { gap, .. } => Some(gap.clone()),
                End::Resource(_) | End::Outside(_) => None,
            }));
        } else {
            follow(from, &Trail { alias: true, weight: None, hops: Vec::new() }, world, &mut edges);
        }
        edges.gaps.sort_unstable();
        edges.gaps.dedup();
        edges
    }
}

/// The way from the first record to where we are.
#[derive(Clone)]
struct Trail {
    /// Nothing but aliases so far.
    alias: bool,
    /// The first record's weight, or 0 where any on the way gets no answers.
    weight: Option<i64>,
    hops: Vec<Evidence>,
}

impl Trail {
    fn through(&self, record: Ref<'_>, facts: &Record) -> Self {
        let own = facts.weight.unwrap_or(1);
        let mut trail = self.clone();
        trail.alias &= facts.alias.is_some();
        trail.weight = Some(if own == 0 { 0 } else { self.weight.unwrap_or(own) });
        trail.hops.push(match &facts.alias {
            Some(alias) => hop(record, "alias", alias.dns_name.as_str()),
            None => hop(record, "values", json!(facts.values)),
        });
        trail
    }

    fn edge<'s>(&self, to: End<'s>) -> Edge<'s> {
        let mut evidence = self.hops.clone();
        if let End::Resource(balancer) = &to {
            let dns_name = &World::facts::<LoadBalancer>(balancer).dns_name;
            evidence.push(hop(balancer, "dns_name", json!(dns_name)));
        }
        let attributes = vec![("alias", Ok(json!(self.alias))), ("weight", Ok(json!(self.weight)))];
        Edge { to, attributes, evidence, assumptions: Vec::new() }
    }
}

fn follow<'s>(record: Ref<'s>, trail: &Trail, world: &World<'s>, edges: &mut Edges<'s>) {
    let facts = World::facts::<Record>(record);
    let trail = trail.through(record, facts);
    edges.gaps.extend(unread_records(record, world));
    if let Some(cut) = delegation(record, world) {
        let mut edge =
            trail.edge(End::Outside(format!("the name servers of {}", World::facts::<Record>(cut).domain)));
        edge.evidence.push(hop(cut, "values", json!(World::facts::<Record>(cut).values)));
        edges.found.push(edge);
        return;
    }
    match (&facts.alias, facts.r#type.as_str()) {
        (Some(alias), "A" | "AAAA") => {
            let here = Arn::parse(&facts.zone).map_or(facts.zone.as_str(), |arn| arn.name());
            if alias.zone_id == here {
                follow_within(&alias.dns_name, record, &trail, world, edges);
            } else {
                edges.found.push(trail.edge(balancer(&alias.dns_name, Some(&alias.zone_id), world)));
            }
        }
        (None, "A" | "AAAA") => {
            edges.found.extend(facts.values.iter().map(|ip| trail.edge(End::Outside(ip.clone()))));
        }
        (_, "CNAME") => {
            let alias = facts.alias.iter().map(|alias| alias.dns_name.clone());
            for name in facts.values.iter().map(|value| normal(value)).chain(alias) {
                if in_zone(&name, &facts.zone, world) {
                    follow_within(&name, record, &trail, world, edges);
                } else {
                    edges.found.push(trail.edge(balancer(&name, None, world)));
                }
            }
        }
        _ => {}
    }
}

/// Follows a name to the records that answer it in the same zone.
fn follow_within<'s>(name: &str, from: Ref<'s>, trail: &Trail, world: &World<'s>, edges: &mut Edges<'s>) {
    let facts = World::facts::<Record>(from);
    let answering = |record: &Ref<'s>| {
        let next = World::facts::<Record>(record);
        next.zone == facts.zone
            && next.domain == name
            && match facts.r#type.as_str() {
                "CNAME" => matches!(next.r#type.as_str(), "A" | "AAAA" | "CNAME"),
                address => next.r#type == address || next.r#type == "CNAME",
            }
    };
    let next: Vec<_> = world.linked(Kind::Route53Record, name).into_iter().filter(answering).collect();
    let unread = unread_records(from, world);
    if next.is_empty() && unread.is_empty() {
        edges.found.push(trail.edge(End::Outside(name.to_owned())));
    }
    for record in next {
        let again = trail.hops.iter().any(|hop| hop.resource == record.id);
        if again || trail.hops.len() >= MOST_HOPS {
            edges.found.push(trail.edge(End::Outside(name.to_owned())));
        } else {
            follow(record, trail, world, edges);
        }
    }
}

/// Why the record's zone may have others.
fn unread_records(record: Ref<'_>, world: &World<'_>) -> Vec<Gap> {
    match world.get(Kind::Route53Zone, &World::facts::<Record>(record).zone) {
        Some(zone) => world.children(Kind::Route53Record, zone).gaps,
        None => world.list(Kind::Route53Zone, &record.scope).gaps,
    }
}

/// The record that hands the name, or one above it, to other name servers: those answer then, never this zone.
fn delegation<'s>(record: Ref<'s>, world: &World<'s>) -> Option<Ref<'s>> {
    let facts = World::facts::<Record>(record);
    let zone = world.get(Kind::Route53Zone, &facts.zone).map(World::facts::<Zone>)?;
    let names = std::iter::successors(Some(facts.domain.as_str()), |name| Some(name.split_once('.')?.1));
    let inside = names.take_while(|name| is_below(name, &zone.domain));
    inside.flat_map(|name| world.linked(Kind::Route53Record, name)).find(|other| {
        let other = World::facts::<Record>(other);
        other.r#type == "NS" && other.zone == facts.zone && is_below(&other.domain, &zone.domain)
    })
}

fn in_zone(name: &str, zone: &str, world: &World<'_>) -> bool {
    world.get(Kind::Route53Zone, zone).is_some_and(|zone| {
        let domain = &World::facts::<Zone>(zone).domain;
        name == domain || is_below(name, domain)
    })
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::model::aws::{elbv2, route53};
    use crate::rules::iam::testing::{Found, Lab, common, here};

    const ZONE: &str = "arn:aws:route53:::hostedzone/Z1";
    const BALANCER: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/app/web/1";
    const NAME: &str = "web-1.us-west-1.elb.amazonaws.com";

    fn zone() -> Lab {
        Lab::new()
            .add(Kind::Route53Zone, ZONE, json!({ "domain": "example.com", "private": false }))
            .complete(&route53::RECORDS, &here().global(), ZONE)
    }

    fn balanced(lab: Lab) -> Lab {
        let facts = json!({
            "type": "application", "subnets": [], "groups": [], "dns_name": NAME, "zone_id": "ZELB",
        });
        lab.add(Kind::LoadBalancer, BALANCER, facts)
    }

    fn listed(lab: Lab) -> Lab {
        lab.complete(&elbv2::LOAD_BALANCERS, &here(), "").complete(&elbv2::LOAD_BALANCERS, &common(), "")
    }

    fn record(lab: Lab, domain: &str, r#type: &str, more: &Value) -> Lab {
        let mut facts = json!({
            "zone": ZONE, "zone_private": false, "domain": domain, "type": r#type, "values": [],
        });
        for (key, value) in more.as_object().expect("fields") {
            facts[key] = value.clone();
        }
        lab.add(Kind::Route53Record, &format!("{domain}/{type}"), facts)
    }

    fn alias(name: &str, zone: &str) -> Value {
        json!({ "alias": { "dns_name": name, "zone_id": zone, "evaluate_target_health": false } })
    }

    fn resolved(lab: Lab, r#type: &str) -> Found {
        lab.edges(&ResolvesTo, Kind::Route53Record, &format!("app.example.com/{type}"))
    }

    #[test]
    fn an_alias_leads_to_the_balancer() {
        let found = resolved(record(balanced(zone()), "app.example.com", "A", &alias(NAME, "ZELB")), "A");
        assert_eq!(found.ends(), [BALANCER]);
        assert_eq!(
            (found.attribute("alias"), found.attribute("weight")),
            (vec![&json!(true)], vec![&json!(1)])
        );
    }

    #[test]
    fn a_name_is_no_alias() {
        let value = format!("Dualstack.{}.", NAME.to_uppercase());
        let lab = record(balanced(zone()), "app.example.com", "CNAME", &json!({ "values": [value] }));
        let found = resolved(lab, "CNAME");
        assert_eq!(found.ends(), [BALANCER]);
        assert_eq!(found.attribute("alias"), [false]);
    }

    #[test]
    fn an_alias_with_the_wrong_zone_goes_nowhere() {
        let found = resolved(record(balanced(zone()), "app.example.com", "A", &alias(NAME, "ZOTHER")), "A");
        assert_eq!(found.ends(), [format!("! {NAME}")]);
    }

    #[test]
    fn an_unknown_name_is_outside_only_where_every_list_is_read() {
        let dangling = || record(zone(), "app.example.com", "A", &alias(NAME, "ZELB"));
        assert_eq!(resolved(listed(dangling()), "A").ends(), [format!("! {NAME}")]);
        assert_eq!(resolved(dangling(), "A").ends(), [format!("? {NAME}")]);
        let half = dangling().complete(&elbv2::LOAD_BALANCERS, &here(), "");
        assert_eq!(resolved(half, "A").ends(), [format!("? {NAME}")], "the common account may hold it");
        let far = NAME.replace("us-west-1", "eu-west-1");
        let far_away = record(zone(), "app.example.com", "A", &alias(&far, "ZELB"));
        assert_eq!(resolved(far_away, "A").ends(), [format!("! {far}")], "no region of the env");
    }

    #[test]
    fn addresses_are_outside() {
        let lab = record(zone(), "app.example.com", "A", &json!({ "values": ["192.0.2.1", "192.0.2.2"] }));
        assert_eq!(resolved(lab, "A").ends(), ["! 192.0.2.1", "! 192.0.2.2"]);
    }

    #[test]
    fn weights_are_told_and_zero_stays_zero() {
        let mut first = alias("edge.example.com", "Z1");
        first["weight"] = json!(20);
        let mut second = alias(NAME, "ZELB");
        let weight_of = |second: &Value| {
            let lab = record(balanced(zone()), "app.example.com", "A", &first);
            let found = resolved(record(lab, "edge.example.com", "A", second), "A");
            assert_eq!(found.ends(), [BALANCER]);
            found.attribute("weight")[0].clone()
        };
        assert_eq!(weight_of(&second), 20);
        second["weight"] = json!(0);
        assert_eq!(weight_of(&second), 0);
    }

    #[test]
    fn names_of_the_own_zone_are_followed() {
        let lab = record(balanced(zone()), "edge.example.com", "A", &alias(NAME, "ZELB"));
        let lab = record(lab, "app.example.com", "CNAME", &json!({ "values": ["edge.example.com"] }));
        let found = resolved(lab, "CNAME");
        assert_eq!(found.ends(), [BALANCER]);
        assert_eq!(found.attribute("alias"), [false]);
        let dangling = record(zone(), "app.example.com", "A", &alias("gone.example.com", "Z1"));
        assert_eq!(resolved(dangling, "A").ends(), ["! gone.example.com"]);
    }

    #[test]
    fn what_is_delegated_is_answered_elsewhere() {
        let delegated = |name: &str| {
            let lab = record(balanced(zone()), "app.example.com", "A", &alias(NAME, "ZELB"));
            resolved(record(lab, name, "NS", &json!({ "values": ["ns.elsewhere.net"] })), "A")
        };
        assert_eq!(delegated("app.example.com").ends(), ["! the name servers of app.example.com"]);
        assert_eq!(delegated("example.com").ends(), [BALANCER], "the zone's own");
        assert_eq!(delegated("dev.example.com").ends(), [BALANCER], "another name");
    }

    #[test]
    fn a_circle_ends() {
        let lab = record(zone(), "app.example.com", "A", &alias("b.example.com", "Z1"));
        let lab = record(lab, "b.example.com", "A", &alias("app.example.com", "Z1"));
        assert_eq!(resolved(lab, "A").ends(), ["! app.example.com"]);
    }

    #[test]
    fn unread_records_of_the_zone_are_a_gap() {
        let lab = record(
            Lab::new().add(Kind::Route53Zone, ZONE, json!({ "domain": "example.com", "private": false })),
            "app.example.com",
            "A",
            &alias("edge.example.com", "Z1"),
        );
        let found = resolved(lab.denied(&route53::RECORDS, &here().global(), ZONE), "A");
        assert!(found.edges.is_empty());
        assert_eq!(found.calls(), ["route53:ListResourceRecordSets"]);
    }

    #[test]
    fn other_types_resolve_to_nothing() {
        let lab = record(zone(), "app.example.com", "TXT", &json!({ "values": ["x"] }));
        assert!(resolved(lab, "TXT").edges.is_empty());
    }
}
