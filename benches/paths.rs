//! What packet-level proofs cost in a large network: interfaces and security groups of 60 rules each, every interface
//! asked whether the internet gets there, and whether its neighbour does. Time an interface should stay flat.
//! `cargo bench --no-default-features --bench paths`

use std::path::Path;

use divan::counter::ItemsCount;
use stacks_audit::model::aws::ec2::{GroupRef, NetworkInterface, SecurityGroup, SgRule, Subnet};
use stacks_audit::model::kind::{Facts, Kind, Resource};
use stacks_audit::model::snapshot::Snapshot;
use stacks_audit::rules::World;
use stacks_audit::rules::path::prove::{Anyhow, Endpoint, Expect, prove};
use stacks_audit::rules::path::traffic::Traffic;

#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

/// Interfaces; there are a fifth as many groups.
const SIZES: [usize; 4] = [50, 500, 5_000, 20_000];
const RULES: usize = 60;
const GROUPS_OF_EACH: usize = 5;

fn main() {
    divan::main();
}

/// The recorded account with a crowd in one of its public subnets.
fn network(interfaces: usize) -> Snapshot {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/aws-ecs-fargate/snapshot.ndjson");
    let text = std::fs::read(file).expect("the fixture is committed");
    let mut snapshot = Snapshot::read(&mut text.as_slice()).expect("the fixture is a snapshot");
    let public = snapshot.of_kind(Kind::Subnet).iter().find(|subnet| subnet.name.contains("public"));
    let subnet = public.expect("the design draws one").clone();
    let vpc = subnet.as_kind::<Subnet>().expect("a subnet").vpc.clone();
    let groups = interfaces / 5;
    let like = |id: String, facts: Facts| {
        let mut resource = Resource { head: subnet.head.clone(), facts };
        resource.head.name.clone_from(&id);
        resource.head.id = id;
        resource
    };
    for n in 0..groups {
        let ingress = (0..RULES).map(|rule| admits(n, rule, groups)).collect();
        let facts = SecurityGroup { vpc: Some(vpc.clone()), ingress, egress: vec![everywhere()] };
        snapshot.resources.push(like(group(n), Facts::SecurityGroup(facts)));
    }
    for n in 0..interfaces {
        let facts = NetworkInterface {
            vpc: vpc.clone(),
            subnet: subnet.id.clone(),
            groups: (0..GROUPS_OF_EACH).map(|at| group((n + at * 7) % groups)).collect(),
            ipv6_ips: Some(Vec::new()),
            private_ips: vec![format!("10.0.{}.{}", n / 250 % 250, n % 250 + 4)],
            public_ip: n.is_multiple_of(2).then(|| format!("203.0.113.{}", n % 250)),
            r#type: None,
            status: "in-use".to_owned(),
            instance: None,
            description: None,
        };
        snapshot.resources.push(like(interface(n), Facts::NetworkInterface(facts)));
    }
    snapshot.resources.sort_by(|a, b| (a.kind(), &a.id).cmp(&(b.kind(), &b.id)));
    snapshot
}

fn group(n: usize) -> String {
    format!("sg-{n:017}")
}

fn interface(n: usize) -> String {
    format!("eni-{n:017}")
}

/// A rule for a port of its own, by turns for a block of addresses and for another group.
fn admits(group_number: usize, rule: usize, groups: usize) -> SgRule {
    let port = i64::try_from(1_000 + rule * 10).expect("small");
    let block = format!("198.51.{}.{}/32", group_number % 250, rule);
    let named = GroupRef { id: group((group_number + rule) % groups), account: None };
    SgRule {
        protocol: "tcp".to_owned(),
        from: Some(port),
        to: Some(port + 5),
        cidrs: if rule.is_multiple_of(2) { vec![block] } else { Vec::new() },
        ipv6_cidrs: Vec::new(),
        prefix_lists: Vec::new(),
        groups: if rule.is_multiple_of(2) { Vec::new() } else { vec![named] },
    }
}

fn everywhere() -> SgRule {
    SgRule {
        protocol: "-1".to_owned(),
        from: None,
        to: None,
        cidrs: vec!["0.0.0.0/0".to_owned()],
        ipv6_cidrs: Vec::new(),
        prefix_lists: Vec::new(),
        groups: Vec::new(),
    }
}

#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn from_the_internet(bencher: divan::Bencher<'_, '_>, size: usize) {
    let snapshot = network(size);
    bencher.counter(ItemsCount::new(size)).bench(|| {
        let world = World::new(&snapshot);
        let asked = |to| prove(Endpoint::Internet, to, &Traffic::any(), &Anyhow, Expect::Unreachable, &world);
        let all = snapshot.of_kind(Kind::NetworkInterface).iter();
        all.filter(|to| asked(Endpoint::Resource(to)).holds == Some(true)).count()
    });
}

#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn from_a_neighbour(bencher: divan::Bencher<'_, '_>, size: usize) {
    let snapshot = network(size);
    bencher.counter(ItemsCount::new(size)).bench(|| {
        let world = World::new(&snapshot);
        let all = snapshot.of_kind(Kind::NetworkInterface);
        let pairs = all.iter().zip(all.iter().skip(1));
        let asked = |from, to| prove(from, to, &Traffic::tcp(1_010), &Anyhow, Expect::Reachable, &world);
        let reached = pairs
            .filter(|(from, to)| asked(Endpoint::Resource(from), Endpoint::Resource(to)).holds == Some(true));
        reached.count()
    });
}
