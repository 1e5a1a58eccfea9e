//! What is worked out from several facts.

use crate::model::aws::{dynamodb, ec2, kms, route53, s3};
use crate::model::azure::{dns, network as azure_network};
use crate::model::call::Source;
use crate::model::kind::Kind;
use crate::model::kubernetes::{network, workload};

/// A field that is worked out from several facts, readable in expressions like any other.
#[derive(Debug)]
pub struct DerivedField {
    pub kind: Kind,
    pub name: &'static str,
    pub about: &'static str,
    pub schema: fn() -> schemars::Schema,
    pub reads: &'static [&'static Source],
}

pub const DERIVED: &[DerivedField] = &[
    DerivedField {
        kind: Kind::DynamodbTable,
        name: "customer_key",
        about: "it is encrypted by a KMS key of one's own, not by one that AWS owns or manages",
        schema: || schemars::schema_for!(bool),
        reads: &[&dynamodb::TABLE, &kms::ALIASES],
    },
    DerivedField {
        kind: Kind::AzureDnsRecord,
        name: "names",
        about: "its domain, and of a wildcard then the zone's other names below the same parent",
        schema: || schemars::schema_for!(Vec<String>),
        reads: &[&dns::RECORDS],
    },
    DerivedField {
        kind: Kind::AzureSubnet,
        name: "internet_hop",
        about: "where its routes send what no longer prefix takes elsewhere: the type of the next hop, `Internet` where no route says otherwise",
        schema: || schemars::schema_for!(String),
        reads: &[&azure_network::ROUTE_TABLE],
    },
    DerivedField {
        kind: Kind::K8sDeployment,
        name: "steady",
        about: "every pod that is asked for, at least one, runs the newest template and is available",
        schema: || schemars::schema_for!(bool),
        reads: &[&workload::DEPLOYMENTS],
    },
    DerivedField {
        kind: Kind::K8sIngress,
        name: "class_exists",
        about: "the class it names, or the default one where it names none, exists; a class named by annotation alone is its controller's affair, so that an address in the status tells",
        schema: || schemars::schema_for!(bool),
        reads: &[&network::INGRESS_CLASSES],
    },
    DerivedField {
        kind: Kind::K8sIngress,
        name: "conflicts",
        about: "other ingresses of its class and namespace that claim the same host and path",
        schema: || schemars::schema_for!(Vec<String>),
        reads: &[&network::INGRESSES, &network::INGRESS_CLASSES],
    },
    DerivedField {
        kind: Kind::K8sIngress,
        name: "redirects_to_https",
        about: "its controller answers plain requests with a redirect to https",
        schema: || schemars::schema_for!(bool),
        reads: &[&network::INGRESS_CLASSES],
    },
    DerivedField {
        kind: Kind::NetworkSecurityGroup,
        name: "world_ports",
        about: "what its rules, by priority, admit from most of the IPv4 or IPv6 space",
        schema: || schemars::schema_for!(Vec<ec2::PortRange>),
        reads: &[],
    },
    DerivedField {
        kind: Kind::Route53Record,
        name: "names",
        about: "its domain, and of a wildcard then the zone's other names below the same parent",
        schema: || schemars::schema_for!(Vec<String>),
        reads: &[&route53::RECORDS],
    },
    DerivedField {
        kind: Kind::S3Bucket,
        name: "public_access_blocked",
        about: "all four public access blocks of the bucket are on",
        schema: || schemars::schema_for!(bool),
        reads: &[&s3::PUBLIC_ACCESS_BLOCK],
    },
    DerivedField {
        kind: Kind::SecurityGroup,
        name: "world_ports",
        about: "what the union of its ingress rules admits from most of the IPv4 or IPv6 space",
        schema: || schemars::schema_for!(Vec<ec2::PortRange>),
        reads: &[&ec2::PREFIX_LISTS, &ec2::PREFIX_LIST_ENTRIES],
    },
];
