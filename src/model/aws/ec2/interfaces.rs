//! Network interfaces, and the instances that have some.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{INSTANCES, NETWORK_INTERFACES};
use crate::model::aws::partition;
use crate::model::kind::{Fact, Found, Head, Kind, KindMeta};
use crate::model::scope::Scope;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkInterface {
    pub vpc: String,
    pub subnet: String,
    pub groups: Vec<String>,
    pub private_ips: Vec<String>,
    /// Absent: not told (a snapshot of an earlier version).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_ips: Option<Vec<String>>,
    pub public_ip: Option<String>,
    pub r#type: Option<String>,
    pub status: String,
    pub instance: Option<String>,
    /// Says of a load balancer's interface whose it is: `ELB net/name/id`.
    pub description: Option<String>,
}

impl Fact for NetworkInterface {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::NetworkInterface,
        name: "aws.network_interface",
        about: "A network interface, read where a task or a route names it, or of a load balancer.",
        found: &[Found::ById(&NETWORK_INTERFACES), Found::Within(Kind::LoadBalancer, &NETWORK_INTERFACES)],
        details: &[],
        global: false,
    };
    /// By what describes it, which is how a load balancer's are told.
    fn links(&self) -> Vec<&str> {
        self.description.as_deref().into_iter().collect()
    }
    fn parent(&self, head: &Head) -> Option<String> {
        let named = self.description.as_deref()?.strip_prefix("ELB ")?;
        let Scope { account, region, .. } = &head.scope;
        let partition = partition(region);
        Some(format!("arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{named}"))
    }
}

/// An instance that is a node of an EKS cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// ARN of the cluster.
    pub cluster: String,
    pub state: Option<String>,
    pub vpc: Option<String>,
    pub subnet: Option<String>,
    pub private_ips: Vec<String>,
    /// The primary one first. Absent: not told (a snapshot of an earlier version).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interfaces: Option<Vec<InstanceInterface>>,
}

/// One of an instance's network interfaces: pods of its node have their addresses from these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InstanceInterface {
    pub id: String,
    pub subnet: Option<String>,
    pub groups: Vec<String>,
    pub private_ips: Vec<String>,
    pub ipv6_ips: Vec<String>,
    /// Whole blocks of addresses that are delegated to it, IPv4 and IPv6.
    pub prefixes: Vec<String>,
    pub public_ip: Option<String>,
}

impl Fact for Instance {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::Instance,
        name: "aws.instance",
        about: "An instance that is a node of an EKS cluster.",
        found: &[Found::Within(Kind::EksCluster, &INSTANCES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        std::iter::once(&self.cluster).chain(&self.private_ips).map(String::as_str).collect()
    }
}
