use serde_json::{Value, json};

use crate::model::azure::containers::AksCluster;
use crate::model::azure::cosmos::CosmosAccount;
use crate::model::azure::gateway::ApplicationGateway;
use crate::model::azure::network::{
    LoadBalancer, PublicIp, RouteTable, SecurityGroup, Subnet, VirtualNetwork,
};
use crate::model::kind::Kind;
use crate::model::snapshot::Snapshot;
use crate::rules::net::cidr::{Addresses, Cidr};
use crate::rules::path::leg::{Answer, Hop};
use crate::rules::path::prove::{Anyhow, Endpoint, Expect, Proof, prove};
use crate::rules::path::traffic::Traffic;
use crate::rules::testing::azure::{SUBSCRIPTION, aks, arm, gateway, network, virtual_network};
use crate::rules::testing::kubernetes::with;
use crate::rules::testing::{Scene, the};
use crate::rules::{Ref, World};

mod cosmos;
mod entrances;
mod groups;
mod pods;
mod routes;
mod services;

/// An env as the design draws it: a gateway, an internal load balancer, a cluster, an account, and one subnet for the
/// gateway and one for the nodes.
struct Env {
    network: Value,
    gateway_subnet: Value,
    node_subnet: Value,
    gateway: Value,
    internal: Value,
    outbound: Value,
    pool: Value,
    cluster: Value,
    account: Value,
    /// Rules of the group of the nodes' subnet, before Azure's own; absent: no group.
    node_rules: Option<Vec<Value>>,
    gateway_rules: Option<Vec<Value>>,
    node_routes: Option<Vec<Value>>,
    gateway_routes: Option<Vec<Value>>,
    /// Kinds, or ids, that are not read.
    unread: Vec<String>,
    /// What else there is.
    more: fn(Scene) -> Scene,
}

fn core() -> String {
    network("virtualnetworks/core")
}

fn in_core(name: &str) -> String {
    network(&format!("virtualnetworks/core/subnets/{name}"))
}

fn kept(path: &str) -> String {
    arm(SUBSCRIPTION, "nodes", &format!("microsoft.network/{path}"))
}

fn cluster() -> String {
    arm(SUBSCRIPTION, "core", "microsoft.containerservice/managedclusters/aks")
}

fn account() -> String {
    arm(SUBSCRIPTION, "api", "microsoft.documentdb/databaseaccounts/menu")
}

fn agw() -> String {
    network("applicationgateways/agw")
}

fn internal() -> String {
    kept("loadbalancers/kubernetes-internal")
}

impl Default for Env {
    fn default() -> Self {
        let subnet = |prefix: &str| {
            json!({
                "network": core(), "prefixes": [prefix], "security_group": null, "route_table": null,
                "nat_gateway": null, "service_endpoints": [],
            })
        };
        let listener = |name: &str, port: i64| json!({ "name": name, "frontend": "public", "port": port, "protocol": "Https", "hosts": ["dev-api.example.com"] });
        let rule = json!({
            "name": "in-443", "frontend": "nginx", "protocol": "Tcp", "port": 443, "backend_port": 443,
            "pool": "kubernetes",
        });
        Self {
            network: virtual_network(&[]),
            gateway_subnet: subnet("10.1.16.0/24"),
            node_subnet: subnet("10.1.0.0/20"),
            gateway: json!({
                "operation": "Running", "tier": "WAF_v2", "subnets": [in_core("gateway")],
                "frontends": [{ "name": "public", "public_ip": network("publicipaddresses/agw"), "private_address": null }],
                "listeners": [listener("https", 443), listener("http", 80)],
                "rules": [
                    { "name": "api", "priority": 10, "listener": "https", "pool": "ingress", "settings": "ingress" },
                    { "name": "plain", "priority": 20, "listener": "http", "redirect": "to-https" },
                ],
                "pools": [{ "name": "ingress", "addresses": ["10.1.15.250"], "hosts": [], "members": [] }],
                "settings": [{ "name": "ingress", "port": 443, "protocol": "Https" }],
                "redirects": [{ "name": "to-https", "listener": "https" }],
            }),
            internal: json!({
                "sku": "Standard", "pools": ["kubernetes"], "rules": [rule],
                "frontends": [{ "name": "nginx", "address": "10.1.15.250", "subnet": in_core("aks"), "public_ip": null }],
            }),
            outbound: json!({
                "sku": "Standard", "pools": ["aksOutboundBackendPool"], "rules": [],
                "frontends": [{ "name": "out", "public_ip": kept("publicipaddresses/out") }],
            }),
            pool: json!({ "name": "nodes", "zones": [], "subnet": in_core("aks"), "node_public_ip": false }),
            cluster: json!({ "node_group": "nodes", "outbound": "loadBalancer", "network_plugin": "azure" }),
            account: json!({ "public_network": "Enabled", "locations": [], "address_rules": [], "network_rules": [], "private_endpoints": [] }),
            node_rules: None,
            gateway_rules: None,
            node_routes: None,
            gateway_routes: None,
            unread: Vec::new(),
            more: |scene| scene,
        }
    }
}

/// Rules of Azure's own stand behind these.
fn security_group(rules: &[Value]) -> Value {
    let own = |name: &str, direction: &str, priority: i64, access: &str, from: &str, to: &str| {
        rule(name, direction, priority, access, "*", from, to, "*")
    };
    let defaults = [
        own("AllowVnetInBound", "Inbound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
        own("AllowAzureLoadBalancerInBound", "Inbound", 65001, "Allow", "AzureLoadBalancer", "*"),
        own("DenyAllInBound", "Inbound", 65500, "Deny", "*", "*"),
        own("AllowVnetOutBound", "Outbound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
        own("AllowInternetOutBound", "Outbound", 65001, "Allow", "*", "Internet"),
        own("DenyAllOutBound", "Outbound", 65500, "Deny", "*", "*"),
    ];
    json!({ "rules": rules.iter().cloned().chain(defaults).collect::<Vec<_>>() })
}

#[expect(clippy::too_many_arguments, reason = "a rule has as many columns")]
fn rule(
    name: &str,
    direction: &str,
    priority: i64,
    access: &str,
    protocol: &str,
    from: &str,
    to: &str,
    ports: &str,
) -> Value {
    json!({
        "name": name, "direction": direction, "priority": priority, "access": access, "protocol": protocol,
        "sources": [from], "destinations": [to], "source_ports": ["*"],
        "destination_ports": ports.split(',').collect::<Vec<_>>(), "application_groups": [],
    })
}

fn inbound(priority: i64, access: &str, from: &str, ports: &str) -> Value {
    rule(&format!("in-{priority}"), "Inbound", priority, access, "Tcp", from, "*", ports)
}

fn outbound(priority: i64, access: &str, to: &str, ports: &str) -> Value {
    rule(&format!("out-{priority}"), "Outbound", priority, access, "Tcp", "*", to, ports)
}

fn route(destination: &str, next_hop: &str) -> Value {
    let address = (next_hop == "VirtualAppliance").then_some("10.1.200.4");
    json!({ "name": "r", "destination": destination, "next_hop": next_hop, "next_hop_address": address })
}

impl Env {
    fn snapshot(&self) -> Snapshot {
        let guarded = |subnet: &Value, name: &str, rules: bool, routes: bool| {
            let mut subnet = subnet.clone();
            if rules {
                subnet["security_group"] = json!(network(&format!("networksecuritygroups/nsg-{name}")));
            }
            if routes {
                subnet["route_table"] = json!(network(&format!("routetables/rt-{name}")));
            }
            subnet
        };
        let node_subnet =
            guarded(&self.node_subnet, "aks", self.node_rules.is_some(), self.node_routes.is_some());
        let gateway_subnet = guarded(
            &self.gateway_subnet,
            "gateway",
            self.gateway_rules.is_some(),
            self.gateway_routes.is_some(),
        );
        let ip = |address: &str, used_by: &str| json!({ "address": address, "used_by": used_by });
        let out = format!("{}/frontendipconfigurations/out", kept("loadbalancers/kubernetes"));
        let cluster_facts = with(&self.cluster, &json!({ "pools": [self.pool] }));
        let mut scene = Scene::new();
        let read = |id: &str| !self.unread.iter().any(|unread| unread == id);
        macro_rules! add {
            ($kind:ty, $id:expr, $facts:expr) => {
                if read(&$id) {
                    scene = scene.arm::<$kind>(&$id, $facts);
                }
            };
        }
        add!(VirtualNetwork, core(), &self.network);
        add!(Subnet, in_core("aks"), &node_subnet);
        add!(Subnet, in_core("gateway"), &gateway_subnet);
        for (name, rules, routes) in [
            ("aks", &self.node_rules, &self.node_routes),
            ("gateway", &self.gateway_rules, &self.gateway_routes),
        ] {
            if let Some(rules) = rules {
                add!(
                    SecurityGroup,
                    network(&format!("networksecuritygroups/nsg-{name}")),
                    &security_group(rules)
                );
            }
            if let Some(routes) = routes {
                add!(RouteTable, network(&format!("routetables/rt-{name}")), &json!({ "routes": routes }));
            }
        }
        let mut told = gateway(&self.gateway);
        told["health"] = json!([{ "pool": "ingress", "settings": "ingress", "healthy": 1 }]);
        add!(ApplicationGateway, agw(), &told);
        let frontend = format!("{}/frontendipconfigurations/public", agw());
        add!(PublicIp, network("publicipaddresses/agw"), &ip("203.0.113.24", &frontend));
        add!(PublicIp, kept("publicipaddresses/out"), &ip("203.0.113.77", &out));
        add!(LoadBalancer, internal(), &self.internal);
        add!(LoadBalancer, kept("loadbalancers/kubernetes"), &self.outbound);
        add!(AksCluster, cluster(), &aks(&cluster_facts));
        add!(CosmosAccount, account(), &json!({ "properties": self.account, "grants": [] }));
        let lists = [Kind::ApplicationGateway, Kind::AzureLoadBalancer, Kind::PrivateDnsZone, Kind::PublicIp];
        let listed: Vec<Kind> = lists.into_iter().filter(|kind| read(kind.name())).collect();
        (self.more)(scene).inventoried(&listed).snapshot()
    }

    fn unread(mut self, what: &str) -> Self {
        self.unread.push(what.to_owned());
        self
    }

    fn told(&self, from: End, to: End, traffic: &Traffic, expect: Expect) -> String {
        let snapshot = self.snapshot();
        let world = World::new(&snapshot);
        let end = |end: End| match end {
            End::Internet => Endpoint::Internet,
            End::Gateway => Endpoint::Resource(the(&snapshot, Kind::ApplicationGateway, &agw())),
            End::Internal => Endpoint::Resource(the(&snapshot, Kind::AzureLoadBalancer, &internal())),
            End::Nodes => Endpoint::Resource(the(&snapshot, Kind::AksCluster, &cluster())),
            End::Account => Endpoint::Resource(the(&snapshot, Kind::CosmosAccount, &account())),
            End::Address => {
                Endpoint::Resource(the(&snapshot, Kind::PublicIp, &network("publicipaddresses/agw")))
            }
        };
        let proof = prove(end(from), end(to), traffic, &Anyhow, expect, &world);
        told(&proof)
    }

    fn reach(&self, from: End, to: End, port: i64) -> String {
        self.told(from, to, &Traffic::tcp(port), Expect::Reachable)
    }

    fn shut(&self, from: End, to: End, traffic: &Traffic) -> String {
        self.told(from, to, traffic, Expect::Unreachable)
    }
}

#[derive(Clone, Copy)]
enum End {
    Internet,
    Gateway,
    Internal,
    Nodes,
    Account,
    Address,
}

fn labels(hops: &[Hop<'_>]) -> String {
    let labels: Vec<&str> = hops.iter().map(|hop| hop.at.label()).collect();
    labels.join(" > ")
}

/// An answer in one line: what arrives and by which way, where it ends and why, or what would tell.
fn told(proof: &Proof<'_>) -> String {
    match &proof.answer {
        Answer::Yes(hops) => format!("yes: {}", labels(hops)),
        Answer::No(loss) => {
            let at = loss.hops.last().map_or("nowhere", |hop: &Hop<'_>| hop.at.label());
            format!("no: {} at {at}", loss.reason.code())
        }
        Answer::Open(gaps, _) => {
            let gap = |gap: &crate::model::seen::Gap| {
                let short = gap.key.rsplit('/').next().unwrap_or_default();
                if gap.detail.is_empty() { format!("{} {short}", gap.call) } else { gap.detail.clone() }
            };
            format!("open: {}", gaps.iter().map(gap).collect::<Vec<_>>().join("; "))
        }
    }
}

fn addresses(blocks: &[&str]) -> Addresses {
    let mut all = Addresses::default();
    blocks.iter().filter_map(|block| Cidr::parse(block)).for_each(|block| all.add(&block));
    all
}

fn is_open(told: &str, about: &str) {
    assert!(told.starts_with("open: ") && told.contains(about), "{about}: {told}");
}
