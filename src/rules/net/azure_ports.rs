//! What a network security group's inbound rules admit from most of the internet: of each address, the first rule by
//! priority that is for it decides.

use std::collections::BTreeSet;

use crate::model::aws::ec2::PortRange;
use crate::model::azure::network::{SecurityGroup, SecurityRule};
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::{Ref, World};

use super::cidr::{Addresses, Cidr};
use super::ports::Ports;
use super::world_ports::{is_most, merged};

const ALL: &str = "-1";
/// All others have none: a rule's ports say nothing of them.
const WITH_PORTS: [&str; 2] = ["tcp", "udp"];

/// Ports open to more than half of the public addresses of either family: sorted, merged, per protocol. Where all
/// protocols are open, that alone is said.
pub(crate) fn world_ports(group: Ref<'_>) -> Result<Vec<PortRange>, Gap> {
    let mut rules: Vec<&SecurityRule> = World::facts::<SecurityGroup>(group).rules.iter().collect();
    rules.retain(|rule| rule.direction.eq_ignore_ascii_case("Inbound"));
    rules.sort_by_key(|rule| rule.priority);
    let named = rules.iter().map(|rule| protocol(rule)).chain(WITH_PORTS.map(str::to_owned));
    // What no rule names by itself stands for all the rest.
    let protocols: BTreeSet<String> = named.chain([ALL.to_owned()]).collect();
    let by_protocol = protocols.iter().map(|name| open_ports(name, &rules, group));
    let by_protocol: Vec<Vec<PortRange>> = by_protocol.collect::<Result<_, Gap>>()?;
    let whole = merged(ALL, vec![Ports::ALL]);
    let all_is_open = by_protocol.iter().all(
        |open| matches!(open.as_slice(), [range] if (range.from, range.to) == (whole[0].from, whole[0].to)),
    );
    Ok(if all_is_open { whole } else { by_protocol.concat() })
}

/// What is open by this protocol, or by those that no rule names.
fn open_ports(name: &str, rules: &[&SecurityRule], group: Ref<'_>) -> Result<Vec<PortRange>, Gap> {
    let mut own = Vec::new();
    for rule in rules {
        let for_all = protocol(rule) == ALL;
        let ports = match (protocol(rule) == name, WITH_PORTS.contains(&name)) {
            (false, _) if !for_all => continue,
            (_, true) => ports(rule, group)?,
            // A rule for some ports of all protocols is for those that have ports.
            (_, false) if for_all && !ports(rule, group)?.contains(&Ports::ALL) => continue,
            (_, false) => vec![Ports::ALL],
        };
        own.push((*rule, ports));
    }
    let mut open = Vec::new();
    for piece in Ports::ALL.pieces(own.iter().flat_map(|(_, ports)| ports.iter().copied())) {
        let for_piece = own.iter().filter(|(_, ports)| ports.iter().any(|range| range.covers(piece)));
        if is_open(for_piece.map(|(rule, _)| *rule), group)? {
            open.push(piece);
        }
    }
    Ok(merged(name, open))
}

/// Whether these rules admit most of the internet. A denial for some of the group's addresses, or for those that an
/// application group holds, may or may not take back what is admitted: a gap where that decides.
fn is_open<'a>(rules: impl Iterator<Item = &'a SecurityRule>, group: Ref<'_>) -> Result<bool, Gap> {
    let (mut admitted, mut perhaps) = (Addresses::default(), Addresses::default());
    let (mut denied, mut perhaps_denied) = (Addresses::default(), Addresses::default());
    for rule in rules {
        let sources = sources(rule);
        if rule.access.eq_ignore_ascii_case("Allow") {
            admitted.add_all(&sources.without(&perhaps_denied));
            perhaps.add_all(&sources.without(&denied));
            continue;
        }
        perhaps_denied.add_all(&sources);
        if is_for_all(rule) {
            denied.add_all(&sources);
        }
    }
    match (is_most(&admitted), is_most(&perhaps)) {
        (certain, possible) if certain == possible => Ok(certain),
        _ => Err(undecided(group, "a rule that comes first denies it to some of its addresses")),
    }
}

/// The addresses that a rule is for. No service tag but the internet's holds most of it, and neither do the members of
/// an application group: they lie in the network.
fn sources(rule: &SecurityRule) -> Addresses {
    let mut addresses = Addresses::default();
    for source in &rule.sources {
        match Cidr::parse(source) {
            Some(block) => addresses.add(&block),
            None if is_anybody(source) => addresses.add_all(&Addresses::everything()),
            None => {}
        }
    }
    addresses
}

fn is_anybody(source: &str) -> bool {
    ["*", "any", "internet"].iter().any(|all| source.eq_ignore_ascii_case(all))
}

/// Whether it is for every address that the group guards.
fn is_for_all(rule: &SecurityRule) -> bool {
    let all = |destination: &String| {
        ["*", "any", "virtualnetwork", "0.0.0.0/0"].iter().any(|all| destination.eq_ignore_ascii_case(all))
    };
    rule.destinations.iter().any(all)
}

fn protocol(rule: &SecurityRule) -> String {
    match rule.protocol.to_ascii_lowercase() {
        all if all == "*" || all == "any" => ALL.to_owned(),
        name => name,
    }
}

fn ports(rule: &SecurityRule, group: Ref<'_>) -> Result<Vec<Ports>, Gap> {
    let range = |said: &String| {
        let (first, last) = said.split_once('-').unwrap_or((said, said));
        let ports = match said.as_str() {
            "*" => Some(Ports::ALL),
            _ => first
                .trim()
                .parse()
                .ok()
                .zip(last.trim().parse().ok())
                .map(|(first, last)| Ports { first, last }),
        };
        ports.ok_or_else(|| undecided(group, format!("{said:?} is no range of ports")))
    };
    rule.destination_ports.iter().map(range).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::kind::Kind;
    use crate::rules::testing::azure::network;
    use crate::rules::testing::{Scene, the};

    fn rule(priority: i64, access: &str, protocol: &str, source: &str, ports: &str) -> Value {
        json!({
            "name": format!("r{priority}"), "direction": "Inbound", "priority": priority, "access": access,
            "protocol": protocol, "sources": [source], "destinations": ["*"],
            "destination_ports": ports.split(',').collect::<Vec<_>>(), "application_groups": [],
        })
    }

    fn allow(priority: i64, protocol: &str, source: &str, ports: &str) -> Value {
        rule(priority, "Allow", protocol, source, ports)
    }

    fn deny(priority: i64, protocol: &str, source: &str, ports: &str) -> Value {
        rule(priority, "Deny", protocol, source, ports)
    }

    fn at(mut rule: Value, destination: &str) -> Value {
        rule["destinations"] = json!([destination]);
        rule
    }

    /// With Azure's own rules.
    fn judge(mut rules: Vec<Value>) -> Result<Vec<String>, Gap> {
        rules.push(at(allow(65000, "*", "VirtualNetwork", "*"), "VirtualNetwork"));
        rules.push(allow(65001, "*", "AzureLoadBalancer", "*"));
        rules.push(deny(65500, "*", "*", "*"));
        let mut out = deny(100, "*", "*", "*");
        out["direction"] = json!("Outbound");
        rules.insert(0, out);
        let id = network("networksecuritygroups/guard");
        let snapshot = Scene::new().arm::<SecurityGroup>(&id, &json!({ "rules": rules })).snapshot();
        let ports = world_ports(the(&snapshot, Kind::NetworkSecurityGroup, &id))?;
        Ok(ports.into_iter().map(|range| format!("{} {}-{}", range.protocol, range.from, range.to)).collect())
    }

    fn open(rules: Vec<Value>) -> Vec<String> {
        judge(rules).expect("nothing left open")
    }

    #[test]
    fn the_world_goes_by_several_names() {
        for anybody in ["*", "Internet", "0.0.0.0/0", "::/0", "0.0.0.0/1"] {
            assert_eq!(open(vec![allow(100, "Tcp", anybody, "443")]), ["tcp 443-443"], "{anybody}");
        }
        for some in ["GatewayManager", "AzureCloud", "203.0.113.0/24", "10.0.0.0/8", "203.0.113.7"] {
            assert_eq!(open(vec![allow(100, "Tcp", some, "443")]), [""; 0], "{some}");
        }
        assert_eq!(open(vec![]), [""; 0]);
    }

    #[test]
    fn the_first_rule_by_priority_decides() {
        let (yes, no) = (allow(200, "Tcp", "*", "20-25,80"), deny(100, "*", "Internet", "22"));
        assert_eq!(open(vec![yes.clone(), no.clone()]), ["tcp 20-21", "tcp 23-25", "tcp 80-80"]);
        let late = deny(300, "*", "Internet", "22");
        assert_eq!(open(vec![late, yes.clone()]), ["tcp 20-25", "tcp 80-80"]);
        let halves = [deny(100, "Tcp", "0.0.0.0/1", "*"), deny(101, "Tcp", "128.0.0.0/1", "*")];
        assert_eq!(
            open(vec![halves[0].clone(), halves[1].clone(), allow(200, "Tcp", "0.0.0.0/0", "80")]),
            [""; 0]
        );
        let office = deny(100, "Tcp", "203.0.113.0/24", "*");
        assert_eq!(open(vec![office, yes]), ["tcp 20-25", "tcp 80-80"], "most of the world gets in");
    }

    #[test]
    fn all_protocols_say_it_all_unless_one_is_taken_back() {
        let all = allow(200, "*", "Internet", "*");
        assert_eq!(open(vec![all.clone()]), ["-1 0-65535"]);
        let but_tcp = open(vec![deny(100, "Tcp", "*", "22"), all]);
        assert_eq!(but_tcp, ["-1 0-65535", "tcp 0-21", "tcp 23-65535", "udp 0-65535"]);
        assert_eq!(open(vec![allow(100, "Icmp", "*", "8")]), ["icmp 0-65535"]);
        assert_eq!(open(vec![allow(100, "*", "*", "80")]), ["tcp 80-80", "udp 80-80"]);
    }

    #[test]
    fn a_denial_for_a_part_leaves_it_open_only_where_it_could_decide() {
        let yes = || allow(200, "Tcp", "*", "80");
        let part = || at(deny(100, "Tcp", "*", "80"), "10.1.0.4");
        let gap = judge(vec![part(), yes()]).expect_err("to others it is open");
        assert!(!gap.can_be_closed());
        assert_eq!(open(vec![part(), yes(), allow(50, "Tcp", "*", "80")]), ["tcp 80-80"]);
        let whole = at(deny(90, "Tcp", "*", "80"), "VirtualNetwork");
        assert_eq!(open(vec![whole, part(), yes()]), [""; 0]);
        let mut members = at(deny(100, "Tcp", "*", "80"), "");
        members["destinations"] = json!([]);
        members["application_groups"] = json!(["/subscriptions/s/…/web"]);
        assert!(judge(vec![members, yes()]).is_err(), "whom the group holds is not read");
        let mut from_members = allow(100, "Tcp", "*", "22");
        from_members["sources"] = json!([]);
        from_members["application_groups"] = json!(["/subscriptions/s/…/web"]);
        assert_eq!(open(vec![from_members, yes()]), ["tcp 80-80"], "its members are not the world");
    }

    #[test]
    fn unreadable_ports_are_a_gap() {
        assert!(judge(vec![allow(100, "Tcp", "*", "http")]).is_err());
    }
}
