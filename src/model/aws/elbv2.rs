//! Elastic Load Balancing v2: application and network load balancers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "Elastic Load Balancing v2", permissions, wire: Wire::Query }
}

pub const DESCRIBE_LOAD_BALANCERS: Call =
    call("elasticloadbalancing:DescribeLoadBalancers", &["elasticloadbalancing:DescribeLoadBalancers"]);
pub const DESCRIBE_TAGS: Call =
    call("elasticloadbalancing:DescribeTags", &["elasticloadbalancing:DescribeTags"]);
pub const DESCRIBE_LISTENERS: Call =
    call("elasticloadbalancing:DescribeListeners", &["elasticloadbalancing:DescribeListeners"]);
pub const DESCRIBE_LISTENER_CERTIFICATES: Call = call(
    "elasticloadbalancing:DescribeListenerCertificates",
    &["elasticloadbalancing:DescribeListenerCertificates"],
);
pub const DESCRIBE_RULES: Call =
    call("elasticloadbalancing:DescribeRules", &["elasticloadbalancing:DescribeRules"]);
pub const DESCRIBE_TARGET_GROUPS: Call =
    call("elasticloadbalancing:DescribeTargetGroups", &["elasticloadbalancing:DescribeTargetGroups"]);
pub const DESCRIBE_TARGET_HEALTH: Call =
    call("elasticloadbalancing:DescribeTargetHealth", &["elasticloadbalancing:DescribeTargetHealth"]);

pub const LOAD_BALANCERS: Source = Source::of(&[&DESCRIBE_LOAD_BALANCERS]);
/// Tags of load balancers and of target groups.
pub const TAGS: Source = Source::batched(&[&DESCRIBE_TAGS], 20);
pub const LISTENERS: Source = Source::of(&[&DESCRIBE_LISTENERS]);
pub const LISTENER_CERTIFICATES: Source = Source::of(&[&DESCRIBE_LISTENER_CERTIFICATES]);
pub const RULES: Source = Source::of(&[&DESCRIBE_RULES]);
pub const TARGET_GROUPS: Source = Source::of(&[&DESCRIBE_TARGET_GROUPS]);
pub const TARGET_HEALTH: Source = Source::of(&[&DESCRIBE_TARGET_HEALTH]).volatile();

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    /// `application`, `network` or `gateway`.
    pub r#type: String,
    /// `internet-facing` or `internal`.
    pub scheme: Option<String>,
    pub state: Option<String>,
    pub vpc: Option<String>,
    /// Lower case, no trailing dot.
    pub dns_name: Option<String>,
    /// The hosted zone that aliases name.
    pub zone_id: Option<String>,
    pub subnets: Vec<String>,
    pub groups: Vec<String>,
    pub ip_address_type: Option<String>,
}

impl Fact for LoadBalancer {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::LoadBalancer,
        name: "aws.load_balancer",
        about: "An application or network load balancer.",
        found: &[Found::Listed(&LOAD_BALANCERS)],
        details: &[Detail { field: "tags", source: &TAGS }],
        global: false,
    };
    /// By its DNS name too: that is what records point at.
    fn links(&self) -> Vec<&str> {
        self.dns_name.as_deref().into_iter().chain(self.vpc.as_deref()).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    pub load_balancer: String,
    pub port: Option<i64>,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, ….
    pub protocol: Option<String>,
    pub ssl_policy: Option<String>,
    pub default_certificate: Option<String>,
    /// All certificates, those chosen by SNI included.
    pub certificates: Seen<Vec<String>>,
    pub default_actions: Vec<Action>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// `forward`, `redirect`, `fixed-response`, `authenticate-oidc`, ….
    pub r#type: String,
    pub order: Option<i64>,
    pub targets: Vec<WeightedGroup>,
    pub redirect: Option<Redirect>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightedGroup {
    pub target_group: String,
    /// Absent where one group takes everything.
    pub weight: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    pub protocol: Option<String>,
    pub port: Option<String>,
    pub host: Option<String>,
    pub status: Option<String>,
}

impl Fact for Listener {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::Listener,
        name: "aws.listener",
        about: "A listener of a load balancer.",
        found: &[Found::Within(Kind::LoadBalancer, &LISTENERS)],
        details: &[Detail { field: "certificates", source: &LISTENER_CERTIFICATES }],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.load_balancer]
    }
    fn owner(&self) -> Option<&str> {
        Some(&self.load_balancer)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListenerRule {
    pub listener: String,
    /// A number, or `default`.
    pub priority: String,
    pub is_default: bool,
    pub conditions: Vec<Condition>,
    pub actions: Vec<Action>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// `host-header`, `path-pattern`, `http-header`, ….
    pub field: String,
    pub values: Vec<String>,
}

impl Fact for ListenerRule {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::ListenerRule,
        name: "aws.listener_rule",
        about: "A rule of a listener, the default one included.",
        found: &[Found::Within(Kind::Listener, &RULES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.listener]
    }
    fn owner(&self) -> Option<&str> {
        Some(&self.listener)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetGroup {
    pub protocol: Option<String>,
    pub port: Option<i64>,
    pub vpc: Option<String>,
    /// `ip`, `instance`, `lambda` or `alb`.
    pub target_type: Option<String>,
    /// The load balancers that route to it.
    pub load_balancers: Vec<String>,
    pub targets: Seen<Vec<Target>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// An IP address, an instance id or an ARN.
    pub id: String,
    pub port: Option<i64>,
    /// `healthy`, `unhealthy`, `initial`, `draining`, `unused`, `unavailable`.
    pub state: Option<String>,
    pub reason: Option<String>,
}

impl Fact for TargetGroup {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::TargetGroup,
        name: "aws.target_group",
        about: "A target group, and the health of its targets.",
        found: &[Found::Listed(&TARGET_GROUPS)],
        details: &[
            Detail { field: "tags", source: &TAGS },
            Detail { field: "targets", source: &TARGET_HEALTH },
        ],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        self.load_balancers.iter().map(String::as_str).collect()
    }
}
