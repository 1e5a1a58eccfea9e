//! Relational Database Service (and what shares its API).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Fact, Found, Kind, KindMeta};

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "RDS", permissions, wire: Wire::Query }
}

pub const DESCRIBE_DB_INSTANCES: Call = call("rds:DescribeDBInstances", &["rds:DescribeDBInstances"]);
pub const DESCRIBE_DB_CLUSTERS: Call = call("rds:DescribeDBClusters", &["rds:DescribeDBClusters"]);

pub const INSTANCES: Source = Source::of(&[&DESCRIBE_DB_INSTANCES]);
pub const CLUSTERS: Source = Source::of(&[&DESCRIBE_DB_CLUSTERS]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "these are what the service has")]
pub struct Instance {
    pub engine: Option<String>,
    pub status: Option<String>,
    pub port: Option<i64>,
    pub vpc: Option<String>,
    pub subnets: Vec<String>,
    pub groups: Vec<String>,
    pub publicly_accessible: bool,
    pub encrypted: bool,
    pub multi_az: bool,
    pub deletion_protection: bool,
    /// The cluster it is a member of.
    pub cluster: Option<String>,
}

impl Fact for Instance {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::RdsInstance,
        name: "aws.rds_instance",
        about: "A database instance, members of clusters included.",
        found: &[Found::Listed(&INSTANCES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        self.vpc.as_deref().into_iter().chain(self.cluster.as_deref()).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    pub engine: Option<String>,
    pub status: Option<String>,
    pub port: Option<i64>,
    pub groups: Vec<String>,
    pub encrypted: bool,
    pub deletion_protection: bool,
    /// Identifiers of the member instances.
    pub members: Vec<String>,
}

impl Fact for Cluster {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::RdsCluster,
        name: "aws.rds_cluster",
        about: "A database cluster.",
        found: &[Found::Listed(&CLUSTERS)],
        details: &[],
        global: false,
    };
}
