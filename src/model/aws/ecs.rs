//! Elastic Container Service.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::call::{Call, Source, Wire};
use crate::model::kind::{Fact, Found, Head, Kind, KindMeta};

const fn call(id: &'static str, permissions: &'static [&'static str]) -> Call {
    Call { id, sdk_service: "ECS", permissions, wire: Wire::Target("AmazonEC2ContainerServiceV20141113") }
}

pub const LIST_CLUSTERS: Call = call("ecs:ListClusters", &["ecs:ListClusters"]);
pub const DESCRIBE_CLUSTERS: Call = call("ecs:DescribeClusters", &["ecs:DescribeClusters"]);
pub const LIST_SERVICES: Call = call("ecs:ListServices", &["ecs:ListServices"]);
pub const DESCRIBE_SERVICES: Call = call("ecs:DescribeServices", &["ecs:DescribeServices"]);
pub const LIST_TASKS: Call = call("ecs:ListTasks", &["ecs:ListTasks"]);
pub const DESCRIBE_TASKS: Call = call("ecs:DescribeTasks", &["ecs:DescribeTasks"]);
pub const DESCRIBE_TASK_DEFINITION: Call =
    call("ecs:DescribeTaskDefinition", &["ecs:DescribeTaskDefinition"]);

pub const CLUSTERS: Source = Source::of(&[&LIST_CLUSTERS, &DESCRIBE_CLUSTERS]);
pub const SERVICES: Source = Source::of(&[&LIST_SERVICES, &DESCRIBE_SERVICES]).volatile();
/// The tasks of a service, running or about to.
pub const TASKS: Source = Source::of(&[&LIST_TASKS, &DESCRIBE_TASKS]).volatile();
/// The task definition that a service runs, and the containers it names. Asked for by the service.
pub const TASK_DEFINITION: Source = Source::of(&[&DESCRIBE_TASK_DEFINITION]);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    pub status: String,
    pub capacity_providers: Vec<String>,
    pub container_insights: Option<String>,
}

impl Fact for Cluster {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EcsCluster,
        name: "aws.ecs_cluster",
        about: "An ECS cluster.",
        found: &[Found::Listed(&CLUSTERS)],
        details: &[],
        global: false,
    };
}

/// A service. Where CodeDeploy (or another controller) deploys it, the primary task set says what runs;
/// what the service itself says then counts for what the task set leaves open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub cluster: String,
    pub status: String,
    /// Absent where a capacity provider strategy says it.
    pub launch_type: Option<String>,
    pub capacity_providers: Vec<String>,
    pub desired: i64,
    pub running: i64,
    pub pending: i64,
    /// Rollout state of the primary deployment (`COMPLETED`, `IN_PROGRESS`, `FAILED`), or the primary task set's
    /// stability (`STEADY_STATE`, `STABILIZING`).
    pub rollout: Option<String>,
    /// `ECS`, `CODE_DEPLOY` or `EXTERNAL`; absent means `ECS`.
    pub controller: Option<String>,
    /// ARN of the primary deployment's task definition.
    pub task_definition: Option<String>,
    pub subnets: Vec<String>,
    pub groups: Vec<String>,
    pub assign_public_ip: Option<String>,
    /// Of the service and of every task set, each once.
    pub load_balancers: Vec<Attachment>,
    /// Deployments and task sets in progress beside the primary one.
    pub others_in_progress: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    pub target_group: String,
    pub container: Option<String>,
    pub port: Option<i64>,
}

impl Fact for Service {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EcsService,
        name: "aws.ecs_service",
        about: "An ECS service.",
        found: &[Found::Within(Kind::EcsCluster, &SERVICES)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        let groups = self.load_balancers.iter().map(|attachment| attachment.target_group.as_str());
        std::iter::once(self.cluster.as_str()).chain(groups).collect()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskDefinition {
    pub family: String,
    pub revision: i64,
    pub status: Option<String>,
    pub network_mode: Option<String>,
    pub compatibilities: Vec<String>,
    pub task_role: Option<String>,
    pub execution_role: Option<String>,
    pub containers: Vec<ContainerDefinition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerDefinition {
    pub name: String,
    pub image: String,
    pub essential: bool,
    pub ports: Vec<i64>,
    /// Where secrets come from (ARNs), never what they are.
    pub secrets: Vec<String>,
}

impl Fact for TaskDefinition {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EcsTaskDefinition,
        name: "aws.ecs_task_definition",
        about: "A revision of a task definition, read where a service runs it.",
        found: &[Found::Within(Kind::EcsService, &TASK_DEFINITION)],
        details: &[],
        global: false,
    };
    fn key(&self, _head: &Head) -> String {
        self.family.clone()
    }
}

/// An essential container of the task definition that a service's primary deployment runs: no sidecars, no rollout twins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Container {
    pub service: String,
    pub task_definition: String,
    pub image: String,
    pub ports: Vec<i64>,
    pub task_role: Option<String>,
    pub execution_role: Option<String>,
    pub secrets: Vec<String>,
}

impl Fact for Container {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EcsContainer,
        name: "aws.ecs_container",
        about: "An essential container of the task definition that a service runs.",
        found: &[Found::Within(Kind::EcsService, &TASK_DEFINITION)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.service]
    }
    fn owner(&self) -> Option<&str> {
        Some(&self.service)
    }
    fn key(&self, head: &Head) -> String {
        format!("{}/{}", self.service, head.name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub cluster: String,
    pub service: String,
    pub task_definition: String,
    pub last_status: Option<String>,
    pub desired_status: Option<String>,
    pub health: Option<String>,
    pub subnet: Option<String>,
    pub zone: Option<String>,
    pub private_ips: Vec<String>,
    pub interface: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
}

impl Fact for Task {
    const META: &'static KindMeta = &KindMeta {
        kind: Kind::EcsTask,
        name: "aws.ecs_task",
        about: "A task of a service.",
        found: &[Found::Within(Kind::EcsService, &TASKS)],
        details: &[],
        global: false,
    };
    fn links(&self) -> Vec<&str> {
        vec![&self.service]
    }
    fn owner(&self) -> Option<&str> {
        Some(&self.service)
    }
    fn key(&self, _head: &Head) -> String {
        self.service.clone()
    }
}
