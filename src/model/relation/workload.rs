//! What runs in what, and what belongs to it.

use super::AttributeType::String as Text;
use super::{RelationMeta, attribute};
use crate::model::aws::{codebuild, codedeploy, codepipeline, ec2, ecs, eks, s3};
use crate::model::azure::{containers, monitor, resources};
use crate::model::kind::Kind;
use crate::model::kubernetes::cluster;

pub(super) const DEPLOYS_TO: RelationMeta = RelationMeta {
    name: "deploys-to",
    about: "The deployment group deploys to this service.",
    from: &[Kind::CodedeployGroup],
    to: &[Kind::EcsService],
    attributes: &[],
    reads: &[&ecs::CLUSTERS, &ecs::SERVICES],
    reads_from: &[],
    by_kind: false,
};

pub(super) const IN_GROUP: RelationMeta = RelationMeta {
    name: "in-group",
    about: "The resource lies in this resource group.",
    from: &[
        Kind::AksCluster,
        Kind::ApplicationGateway,
        Kind::ApplicationInsights,
        Kind::AzureDnsZone,
        Kind::AzureLoadBalancer,
        Kind::ContainerRegistry,
        Kind::CosmosAccount,
        Kind::LogAnalyticsWorkspace,
        Kind::ManagedIdentity,
        Kind::PublicIp,
        Kind::VirtualNetwork,
    ],
    to: &[Kind::ResourceGroup],
    attributes: &[],
    reads: &[&resources::RESOURCE_GROUPS],
    reads_from: &[],
    by_kind: false,
};

pub(super) const LOGS_TO: RelationMeta = RelationMeta {
    name: "logs-to",
    about: "The resource writes its logs to this workspace.",
    from: &[Kind::AksCluster, Kind::ApplicationInsights],
    to: &[Kind::LogAnalyticsWorkspace],
    attributes: &[],
    reads: &[&monitor::WORKSPACE],
    reads_from: &[
        (Kind::AksCluster, &[&containers::CLUSTER]),
        (Kind::ApplicationInsights, &[&monitor::COMPONENT]),
    ],
    by_kind: false,
};

pub(super) const RUNS: RelationMeta = RelationMeta {
    name: "runs",
    about: "A stage of the pipeline runs this.",
    from: &[Kind::Codepipeline],
    to: &[Kind::CodebuildProject, Kind::CodedeployGroup],
    attributes: &[
        attribute("stage", Text, "the stage's name"),
        attribute("action", Text, "the action's name"),
    ],
    reads: &[&codepipeline::PIPELINE, &codebuild::PROJECTS, &codedeploy::APPLICATIONS, &codedeploy::GROUPS],
    reads_from: &[],
    by_kind: true,
};

pub(super) const RUNS_IN: RelationMeta = RelationMeta {
    name: "runs-in",
    about: "The service, or the namespace, lies in this cluster.",
    from: &[Kind::EcsService, Kind::K8sNamespace],
    to: &[Kind::EcsCluster, Kind::EksCluster, Kind::AksCluster],
    attributes: &[],
    reads: &[],
    reads_from: &[
        (Kind::EcsService, &[&ecs::CLUSTERS]),
        (
            Kind::K8sNamespace,
            &[
                &eks::CLUSTERS,
                &ec2::INSTANCES,
                &containers::CLUSTERS,
                &containers::CLUSTER,
                &cluster::VERSION,
                &cluster::NODES,
            ],
        ),
    ],
    by_kind: false,
};

pub(super) const STORES_IN: RelationMeta = RelationMeta {
    name: "stores-in",
    about: "The pipeline keeps its artifacts in this bucket.",
    from: &[Kind::Codepipeline],
    to: &[Kind::S3Bucket],
    attributes: &[],
    reads: &[&codepipeline::PIPELINE, &s3::BUCKET],
    reads_from: &[],
    by_kind: false,
};
