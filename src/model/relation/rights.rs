//! Who acts as whom, and what it may do with what.

use super::AttributeType::{Bool, OptionalString, String as Text};
use super::{RelationMeta, attribute};
use crate::model::aws::{dynamodb, ec2, ecr, eks, iam, secretsmanager};
use crate::model::azure::{authorization, containers, cosmos, identity};
use crate::model::kind::Kind;
use crate::model::kubernetes::{cluster, workload};

pub(super) const ASSUMES: RelationMeta = RelationMeta {
    name: "assumes",
    about: "The resource acts as this role.",
    from: &[Kind::EcsContainer, Kind::CodebuildProject, Kind::Codepipeline, Kind::CodedeployGroup],
    to: &[Kind::IamRole],
    attributes: &[
        attribute("role", Text, "`task`, `execution` or `service`"),
        attribute("trusted", Bool, "the role's trust policy lets the service assume it"),
    ],
    reads: &[&iam::ROLE],
    reads_from: &[],
    by_kind: false,
};

pub(super) const MAY_USE: RelationMeta = RelationMeta {
    name: "may-use",
    about: "The deployment's pods act as somebody who may use this database.",
    from: &[Kind::K8sDeployment],
    to: &[Kind::DynamodbTable, Kind::CosmosAccount],
    attributes: &[
        attribute("by", Text, "how they come by the role: `pod_identity`, `irsa` or `workload_identity`"),
        attribute("role", Text, "the role, or the identity"),
        attribute("read", Bool, "it may read the items"),
        attribute("write", Bool, "it may write them"),
    ],
    reads: &[
        &workload::SERVICE_ACCOUNTS,
        &eks::CLUSTERS,
        &cluster::VERSION,
        &cluster::NODES,
        &ec2::INSTANCES,
        &eks::POD_IDENTITIES,
        &eks::ADDONS,
        &dynamodb::TABLES,
        &dynamodb::POLICY,
        &ec2::VPC_ENDPOINTS,
        &iam::OIDC_PROVIDERS,
        &iam::ROLE,
        &iam::ATTACHED_POLICIES,
        &iam::INLINE_POLICIES,
        &iam::POLICY,
        &containers::CLUSTERS,
        &containers::CLUSTER,
        &identity::IDENTITIES,
        &identity::FEDERATED_CREDENTIALS,
        &cosmos::ACCOUNTS,
        &cosmos::ACCOUNT,
        &cosmos::GRANTS,
    ],
    reads_from: &[],
    by_kind: false,
};

pub(super) const PULLS_FROM: RelationMeta = RelationMeta {
    name: "pulls-from",
    about: "The container's image comes from this repository, or registry.",
    from: &[Kind::EcsContainer, Kind::K8sDeployment],
    to: &[Kind::EcrRepository, Kind::ContainerRegistry],
    attributes: &[
        attribute("image", Text, "the image reference"),
        attribute("tag", OptionalString, "its tag"),
        attribute("digest", OptionalString, "its digest"),
        attribute(
            "repository_exists",
            Bool,
            "whether it comes from an ECR repository, or an Azure registry, that exists",
        ),
        attribute(
            "allowed",
            Bool,
            "the role that pulls (the execution role, or those of all nodes), and across accounts the repository's policy, allow the pull; at Azure, a role of the identity that the nodes pull as does",
        ),
    ],
    reads: &[
        &ecr::REPOSITORIES,
        &ecr::REPOSITORY_POLICY,
        &iam::ROLE,
        &iam::ATTACHED_POLICIES,
        &iam::INLINE_POLICIES,
        &iam::POLICY,
    ],
    reads_from: &[(
        Kind::K8sDeployment,
        &[
            &eks::CLUSTERS,
            &cluster::VERSION,
            &cluster::NODES,
            &ec2::INSTANCES,
            &eks::NODEGROUPS,
            &eks::FARGATE_PROFILES,
            &containers::CLUSTERS,
            &containers::CLUSTER,
            &containers::REGISTRIES,
            &containers::REGISTRY,
            &authorization::ROLE_ASSIGNMENTS,
            &authorization::ROLE_DEFINITION,
        ],
    )],
    by_kind: false,
};

pub(super) const PUSHES_TO: RelationMeta = RelationMeta {
    name: "pushes-to",
    about: "The build may push images to this repository.",
    from: &[Kind::CodebuildProject],
    to: &[Kind::EcrRepository],
    attributes: &[],
    reads: &[
        &ecr::REPOSITORIES,
        &ecr::REPOSITORY_POLICY,
        &iam::ROLE,
        &iam::ATTACHED_POLICIES,
        &iam::INLINE_POLICIES,
        &iam::POLICY,
    ],
    reads_from: &[],
    by_kind: false,
};

pub(super) const READS: RelationMeta = RelationMeta {
    name: "reads",
    about: "The build reads this secret.",
    from: &[Kind::CodebuildProject],
    to: &[Kind::Secret],
    attributes: &[
        attribute("configured", Bool, "a variable of its environment refers to it"),
        attribute("permission", Bool, "its role may read it"),
    ],
    reads: &[
        &secretsmanager::SECRETS,
        &iam::ROLE,
        &iam::ATTACHED_POLICIES,
        &iam::INLINE_POLICIES,
        &iam::POLICY,
    ],
    reads_from: &[],
    by_kind: false,
};
