//! Route 53: hosted zones and their records.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};

pub const LIST_HOSTED_ZONES: Call = Call {
    id: "route53:ListHostedZones",
    sdk_service: "Route 53",
    permissions: &["route53:ListHostedZones"],
    wire: Wire::Get { path: "/2013-04-01/hostedzone", key: None },
};
pub const LIST_RESOURCE_RECORD_SETS: Call = Call {
    id: "route53:ListResourceRecordSets",
    sdk_service: "Route 53",
    permissions: &["route53:ListResourceRecordSets"],
    wire: Wire::Get { path: "/2013-04-01/hostedzone/", key: None },
};
pub const LIST_TAGS_FOR_RESOURCE: Call = Call {
    id: "route53:ListTagsForResource",
    sdk_service: "Route 53",
    permissions: &["route53:ListTagsForResource"],
    wire: Wire::Get { path: "/2013-04-01/tags/hostedzone/", key: None },
};

pub const ZONES: Source = Source::of(&[&LIST_HOSTED_ZONES]);
pub const RECORDS: Source = Source::of(&[&LIST_RESOURCE_RECORD_SETS]);
pub const TAGS: Source = Source::of(&[&LIST_TAGS_FOR_RESOURCE]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Lower case, no trailing dot.
    pub domain: String,
    pub private: bool,
    pub records: Option<i64>,
}

impl Fact for Zone {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::Route53Zone,
        name: "aws.route53_zone",
        about: "A hosted zone.",
        found: &[Found::Listed(&ZONES)],
        details: &[Detail { field: "tags", source: &TAGS }],
        global: true,
    };
}

/// One record set: one name, one type, one variant of its routing policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub zone: String,
    pub zone_private: bool,
    /// Lower case, no trailing dot; a wildcard stands as `*`.
    pub domain: String,
    pub r#type: String,
    pub ttl: Option<i64>,
    pub values: Vec<String>,
    pub alias: Option<Alias>,
    /// Tells the variants of a routing policy apart.
    pub set_identifier: Option<String>,
    pub weight: Option<i64>,
    pub latency_region: Option<String>,
    pub failover: Option<String>,
    pub geolocation: Option<String>,
    pub multivalue: Option<bool>,
    pub health_check: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// As `dns_name` of a load balancer: lower case, no trailing dot, no `dualstack.` prefix.
    pub dns_name: String,
    pub zone_id: String,
    pub evaluate_target_health: bool,
}

impl Fact for Record {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::Route53Record,
        name: "aws.route53_record",
        about: "A record set; each variant of a routing policy is one.",
        found: &[Found::Within(Kind::Route53Zone, &RECORDS)],
        details: &[],
        global: true,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.zone, &self.domain]
    }
    fn owner(&self) -> Option<&str> {
        Some(&self.zone)
    }
}
