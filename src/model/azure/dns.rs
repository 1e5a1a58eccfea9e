//! DNS, public and private.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authorization::LIST_PERMISSIONS;
use super::{get, inventory};
use crate::model::call::{Call, Source};
use crate::model::kind::{Detail, Fact, Found, Kind, KindMeta};
use crate::model::seen::Seen;

pub const LIST_DNS_ZONES: Call = inventory(
    "azure:ListDnsZones",
    &["Microsoft.Resources/subscriptions/resources/read", "Microsoft.Network/dnsZones/read"],
    "resourceType eq 'Microsoft.Network/dnsZones'",
);
pub const LIST_RECORD_SETS: Call = get(
    "azure:ListRecordSets",
    &["Microsoft.Network/dnsZones/recordsets/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/dnsZones/*/recordsets",
    &["2018-05-01"],
);
pub const LIST_PRIVATE_DNS_ZONES: Call = inventory(
    "azure:ListPrivateDnsZones",
    &["Microsoft.Resources/subscriptions/resources/read", "Microsoft.Network/privateDnsZones/read"],
    "resourceType eq 'Microsoft.Network/privateDnsZones'",
);
pub const LIST_PRIVATE_RECORD_SETS: Call = get(
    "azure:ListPrivateRecordSets",
    &["Microsoft.Network/privateDnsZones/ALL/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/privateDnsZones/*/ALL",
    &["2020-06-01"],
);
pub const LIST_VIRTUAL_NETWORK_LINKS: Call = get(
    "azure:ListVirtualNetworkLinks",
    &["Microsoft.Network/privateDnsZones/virtualNetworkLinks/read"],
    "/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/privateDnsZones/*/virtualNetworkLinks",
    &["2020-06-01"],
);

pub const ZONES: Source = Source::of(&[&LIST_DNS_ZONES, &LIST_PERMISSIONS]);
pub const RECORDS: Source = Source::of(&[&LIST_RECORD_SETS]);
pub const PRIVATE_ZONES: Source = Source::of(&[&LIST_PRIVATE_DNS_ZONES, &LIST_PERMISSIONS]);
pub const PRIVATE_RECORDS: Source = Source::of(&[&LIST_PRIVATE_RECORD_SETS]);
pub const NETWORK_LINKS: Source = Source::of(&[&LIST_VIRTUAL_NETWORK_LINKS]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsZone {
    /// Name of its resource group, lower case.
    pub group: String,
    /// Lower case, without the trailing dot.
    pub domain: String,
}

impl Fact for DnsZone {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::AzureDnsZone,
        name: "azure.dns_zone",
        about: "A public DNS zone.",
        found: &[Found::Listed(&ZONES)],
        details: &[],
        global: false,
    };
}

/// A record set of a public zone. One of another type than `A`, `AAAA` and `CNAME` tells its name alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsRecord {
    /// Id.
    pub zone: String,
    /// Its whole name, lower case, without the trailing dot.
    pub domain: String,
    /// `A`, `AAAA`, `CNAME`, `TXT`, ….
    pub r#type: String,
    pub ttl: Option<i64>,
    /// Addresses of `A` and `AAAA`; of an alias what it answers now.
    pub addresses: Vec<String>,
    /// Of `CNAME`: lower case, without the trailing dot.
    pub cname: Option<String>,
    /// Id of the resource that an alias stands for, lower case.
    pub alias: Option<String>,
}

impl Fact for DnsRecord {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::AzureDnsRecord,
        name: "azure.dns_record",
        about: "A record set of a public DNS zone.",
        found: &[Found::Within(Kind::AzureDnsZone, &RECORDS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.zone, &self.domain]
    }
    fn owner(&self) -> Option<&str> {
        Some(&self.zone)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivateDnsZone {
    /// Name of its resource group, lower case.
    pub group: String,
    /// Lower case, without the trailing dot.
    pub domain: String,
    /// Ids of the networks that ask it, lower case.
    pub networks: Seen<Vec<String>>,
}

impl Fact for PrivateDnsZone {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::PrivateDnsZone,
        name: "azure.private_dns_zone",
        about: "A private DNS zone: names for the networks that are linked to it.",
        found: &[Found::Listed(&PRIVATE_ZONES)],
        details: &[Detail { field: "networks", source: &NETWORK_LINKS }],
        global: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrivateDnsRecord {
    /// Id.
    pub zone: String,
    /// Its whole name, lower case, without the trailing dot.
    pub domain: String,
    pub r#type: String,
    pub ttl: Option<i64>,
    pub addresses: Vec<String>,
    /// Lower case, without the trailing dot.
    pub cname: Option<String>,
}

impl Fact for PrivateDnsRecord {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::PrivateDnsRecord,
        name: "azure.private_dns_record",
        about: "A record set of a private DNS zone.",
        found: &[Found::Within(Kind::PrivateDnsZone, &PRIVATE_RECORDS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.zone, &self.domain]
    }
    fn owner(&self) -> Option<&str> {
        Some(&self.zone)
    }
}
