//! The relations that arrows can name: their ends and attributes. `rules` implements them, one file each.

use super::aws::{
    acm, codebuild, codedeploy, codepipeline, dynamodb, ec2, ecr, ecs, eks, elbv2, iam, kms, rds, route53,
    s3, secretsmanager,
};
use super::azure::{
    authorization, containers, cosmos, dns, gateway, identity, monitor, network as azure_network, resources,
};
use super::call::Source;
use super::kind::Kind;
use super::kubernetes::{cluster, network, workload};

#[derive(Debug)]
pub struct RelationMeta {
    pub name: &'static str,
    /// One sentence: what an edge of it states.
    pub about: &'static str,
    pub from: &'static [Kind],
    pub to: &'static [Kind],
    pub attributes: &'static [Attribute],
    /// What it may have to ask to find its edges, beside the kind it starts from: for the permissions of a design.
    pub reads: &'static [&'static Source],
    /// What it may have to ask where it starts from one of these kinds alone.
    pub reads_from: &'static [(Kind, &'static [&'static Source])],
    /// Each kind of end is a statement of its own (a load balancer is placed in subnets *and* in a VPC): `only` and
    /// `forbid` then range over the kinds of the arrow's end alone. Otherwise they range over every edge.
    pub by_kind: bool,
}

#[derive(Debug)]
pub struct Attribute {
    pub name: &'static str,
    pub r#type: AttributeType,
    pub about: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    Bool,
    Int,
    String,
    /// Absent where it does not apply.
    OptionalString,
    OptionalBool,
    Strings,
}

impl RelationMeta {
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// What it may have to ask where it starts from any of these kinds.
    pub fn reads_of(&self, from: &[Kind]) -> Vec<&'static Source> {
        let own = self.reads_from.iter().filter(|(kind, _)| from.contains(kind));
        self.reads.iter().chain(own.flat_map(|(_, sources)| *sources)).copied().collect()
    }
}

const fn attribute(name: &'static str, r#type: AttributeType, about: &'static str) -> Attribute {
    Attribute { name, r#type, about }
}

pub fn relation(name: &str) -> Option<&'static RelationMeta> {
    RELATIONS.iter().find(|meta| meta.name == name)
}

use AttributeType::{Bool, Int, OptionalBool, OptionalString, String as Text, Strings};

/// What a rule of a gateway does, whatever its edges end in.
const HOST: Attribute =
    attribute("host", Text, "the host that the listener takes; `*` where it takes every host");
const PRECEDED_BY: Attribute = attribute(
    "preceded_by",
    Strings,
    "the hosts that listeners of the same address and port take before this one, by priority of their rules",
);
const PUBLIC: Attribute = attribute("public", Bool, "whether the listener has a public address");
const RULE: Attribute = attribute("rule", Text, "the rule");
const ADDRESS: Attribute =
    attribute("address", Text, "the backend's address, or the name that was looked up");

/// Sorted by name.
pub const RELATIONS: &[RelationMeta] = &[
    RelationMeta {
        name: "admits",
        about: "A rule of one of the resource's security groups lets this end in.",
        from: &[Kind::EcsService, Kind::LoadBalancer, Kind::RdsInstance, Kind::RdsCluster],
        to: &[Kind::SecurityGroup, Kind::PrefixList],
        attributes: &[
            attribute("protocol", Text, "`tcp`, `udp`, …, or `-1` for all"),
            attribute("from", Int, "first port; 0 where all are meant"),
            attribute("to", Int, "last port; 65535 where all are meant"),
            attribute("via", Text, "the security group whose rule it is"),
        ],
        reads: &[&ec2::SECURITY_GROUPS],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "answers-at",
        about: "The address in the object's status is a frontend of this load balancer: a public one, or a private one in the network of the cluster.",
        from: &[Kind::K8sIngress, Kind::K8sService],
        to: &[Kind::AzureLoadBalancer],
        attributes: &[
            attribute("address", Text, "the address in the object's status"),
            attribute("frontend", OptionalString, "the load balancer's frontend that has it"),
        ],
        reads: &[
            &azure_network::LOAD_BALANCERS,
            &azure_network::PUBLIC_IPS,
            &azure_network::VIRTUAL_NETWORK,
            &containers::CLUSTERS,
            &containers::CLUSTER,
            &cluster::VERSION,
            &cluster::NODES,
        ],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "asks-at",
        about: "A rule of the gateway sends a listener's requests to the very address that this service has at its load balancer.",
        from: &[Kind::ApplicationGateway],
        to: &[Kind::K8sService],
        attributes: &[
            attribute(
                "here",
                Bool,
                "whether the backend's address is a service's; unknown where it was not followed to its end",
            ),
            HOST,
            PRECEDED_BY,
            PUBLIC,
            RULE,
            ADDRESS,
        ],
        reads: &[
            &gateway::GATEWAY,
            &azure_network::LOAD_BALANCERS,
            &azure_network::PUBLIC_IPS,
            &azure_network::VIRTUAL_NETWORK,
            &dns::PRIVATE_ZONES,
            &dns::PRIVATE_RECORDS,
            &dns::NETWORK_LINKS,
            &containers::CLUSTERS,
            &containers::CLUSTER,
            &cluster::VERSION,
            &cluster::NODES,
            &cluster::NAMESPACES,
            &network::SERVICES,
        ],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
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
    },
    RelationMeta {
        name: "attached-to",
        about: "The gateway is attached to this VPC.",
        from: &[Kind::InternetGateway],
        to: &[Kind::Vpc],
        attributes: &[attribute(
            "state",
            Text,
            "state of the attachment, `available` or `attached` when it works",
        )],
        reads: &[&ec2::VPCS],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "deploys-to",
        about: "The deployment group deploys to this service.",
        from: &[Kind::CodedeployGroup],
        to: &[Kind::EcsService],
        attributes: &[],
        reads: &[&ecs::CLUSTERS, &ecs::SERVICES],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "dispatches-to",
        about: "A rule of the gateway sends a listener's requests to the load balancer that has the backend's address, in the gateway's network or one that is peered with it.",
        from: &[Kind::ApplicationGateway],
        to: &[Kind::AzureLoadBalancer],
        attributes: &[
            HOST,
            PRECEDED_BY,
            attribute("port", Int, "the listener's port"),
            attribute("protocol", Text, "`Http` or `Https`"),
            PUBLIC,
            attribute("certificate", Strings, "the names that the listener's certificate covers"),
            attribute(
                "current",
                OptionalBool,
                "whether the listener's certificate was valid when it was read; absent without TLS",
            ),
            RULE,
            attribute("path", OptionalString, "the path of the rule's map; absent where it takes every path"),
            attribute("pool", Text, "the backend pool"),
            ADDRESS,
            attribute("backend_port", Int, "the port that the backend is asked at"),
            attribute("backend_protocol", Text, "`Http` or `Https`"),
            attribute(
                "backend_host",
                OptionalString,
                "the host that the backend is told; absent where it is the one that was asked for",
            ),
            attribute("frontend", OptionalString, "the load balancer's frontend that has the address"),
            attribute("healthy", Int, "hosts behind pool and settings that answer the probe, by its metric"),
        ],
        reads: &[
            &gateway::GATEWAY,
            &gateway::GATEWAY_HEALTH,
            &azure_network::LOAD_BALANCERS,
            &azure_network::VIRTUAL_NETWORK,
            &dns::PRIVATE_ZONES,
            &dns::PRIVATE_RECORDS,
            &dns::NETWORK_LINKS,
        ],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "exposed-by",
        about: "The ingress is reached at this load balancer's address.",
        from: &[Kind::K8sIngress],
        to: &[Kind::LoadBalancer],
        attributes: &[
            attribute("address", Text, "the address in the ingress' status"),
            attribute(
                "healthy",
                Int,
                "healthy targets that are nodes or pods of the cluster, behind the listener that has the fewest",
            ),
            attribute("foreign", Int, "healthy targets that are neither"),
        ],
        reads: &[
            &elbv2::LOAD_BALANCERS,
            &elbv2::LISTENERS,
            &elbv2::RULES,
            &elbv2::TARGET_GROUPS,
            &elbv2::TARGET_HEALTH,
            &ec2::INSTANCES,
            &ec2::NETWORK_INTERFACES,
            &eks::CLUSTERS,
            &cluster::VERSION,
            &cluster::NODES,
            &cluster::NAMESPACES,
            &workload::PODS,
        ],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "forwards-to",
        about: "An action of a listener or rule sends requests to this service's tasks.",
        from: &[Kind::LoadBalancer],
        to: &[Kind::EcsService],
        attributes: &[
            attribute("port", Int, "the listener's port"),
            attribute("protocol", Text, "the listener's protocol"),
            attribute("target_group", Text, "the target group between them"),
            attribute("weight", Int, "its weight in the action; 1 where it is the only one"),
            attribute("healthy", Int, "healthy targets that are running tasks of the service"),
            attribute("default", Bool, "the listener's default action, not a rule's"),
        ],
        reads: &[
            &elbv2::LISTENERS,
            &elbv2::RULES,
            &elbv2::TARGET_GROUPS,
            &elbv2::TARGET_HEALTH,
            &ecs::CLUSTERS,
            &ecs::SERVICES,
            &ecs::TASKS,
        ],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "guarded-by",
        about: "This security group is attached to the resource.",
        from: &[Kind::LoadBalancer, Kind::EcsService, Kind::RdsInstance, Kind::RdsCluster, Kind::AzureSubnet],
        to: &[Kind::SecurityGroup, Kind::NetworkSecurityGroup],
        attributes: &[],
        reads: &[&ec2::SECURITY_GROUPS],
        reads_from: &[(Kind::AzureSubnet, &[&azure_network::SECURITY_GROUP])],
        by_kind: false,
    },
    RelationMeta {
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
    },
    RelationMeta {
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
    },
    RelationMeta {
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
    },
    RelationMeta {
        name: "placed-in",
        about: "The resource lies in this network, subnet or VPC.",
        from: &[
            Kind::Subnet,
            Kind::NatGateway,
            Kind::LoadBalancer,
            Kind::EcsService,
            Kind::EksCluster,
            Kind::EksNodegroup,
            Kind::RdsInstance,
            Kind::AksCluster,
            Kind::ApplicationGateway,
            Kind::AzureSubnet,
        ],
        to: &[Kind::Vpc, Kind::Subnet, Kind::AzureSubnet, Kind::VirtualNetwork],
        attributes: &[attribute(
            "zone",
            OptionalString,
            "the subnet's zone; absent where the end is a network, or a subnet of all zones",
        )],
        reads: &[&ec2::VPCS, &ec2::SUBNETS],
        reads_from: &[
            (
                Kind::AksCluster,
                &[&containers::CLUSTER, &azure_network::SUBNET, &azure_network::VIRTUAL_NETWORK],
            ),
            (
                Kind::ApplicationGateway,
                &[&gateway::GATEWAY, &azure_network::SUBNET, &azure_network::VIRTUAL_NETWORK],
            ),
            (Kind::AzureSubnet, &[&azure_network::VIRTUAL_NETWORK]),
        ],
        by_kind: true,
    },
    RelationMeta {
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
    },
    RelationMeta {
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
    },
    RelationMeta {
        name: "reaches",
        about: "The container can use this database.",
        from: &[Kind::EcsContainer],
        to: &[Kind::RdsInstance, Kind::RdsCluster, Kind::DynamodbTable],
        attributes: &[
            attribute(
                "network",
                Bool,
                "security groups on both sides, network ACLs and routes let its connections through",
            ),
            attribute("permission", OptionalBool, "the task role may use it; absent where no role is asked"),
        ],
        reads: &[
            &ecs::CLUSTERS,
            &ecs::SERVICES,
            &ec2::SUBNETS,
            &ec2::SECURITY_GROUPS,
            &ec2::NETWORK_ACLS,
            &ec2::ROUTE_TABLES,
            &ec2::VPC_ENDPOINTS,
            &ec2::PREFIX_LISTS,
            &ec2::PREFIX_LIST_ENTRIES,
            &rds::INSTANCES,
            &rds::CLUSTERS,
            &dynamodb::TABLES,
            &iam::ROLE,
            &iam::ATTACHED_POLICIES,
            &iam::INLINE_POLICIES,
            &iam::POLICY,
        ],
        reads_from: &[],
        by_kind: true,
    },
    RelationMeta {
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
    },
    RelationMeta {
        name: "receives-from",
        about: "One of the service's target groups gets its requests from this load balancer.",
        from: &[Kind::EcsService],
        to: &[Kind::LoadBalancer],
        attributes: &[attribute("target_group", Text, "the target group between them")],
        reads: &[&elbv2::TARGET_GROUPS, &elbv2::LOAD_BALANCERS],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "relays-to",
        about: "An action of a listener or rule sends requests to this other load balancer.",
        from: &[Kind::LoadBalancer],
        to: &[Kind::LoadBalancer],
        attributes: &[
            attribute("port", Int, "the listener's port"),
            attribute("protocol", Text, "the listener's protocol"),
            attribute("target_group", Text, "the target group between them"),
            attribute("weight", Int, "its weight in the action; 1 where it is the only one"),
            attribute("healthy", Int, "healthy targets that are the other load balancer"),
        ],
        reads: &[
            &elbv2::LOAD_BALANCERS,
            &elbv2::LISTENERS,
            &elbv2::RULES,
            &elbv2::TARGET_GROUPS,
            &elbv2::TARGET_HEALTH,
            &ec2::NETWORK_INTERFACES,
        ],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "resolves-to",
        about: "The record answers with this load balancer, or gateway.",
        from: &[Kind::Route53Record, Kind::AzureDnsRecord],
        to: &[Kind::LoadBalancer, Kind::ApplicationGateway],
        attributes: &[
            attribute("alias", Bool, "an alias, not a CNAME or an address"),
            attribute("weight", Int, "its weight; 1 where the record is not weighted"),
        ],
        reads: &[],
        reads_from: &[
            (Kind::Route53Record, &[&elbv2::LOAD_BALANCERS, &route53::ZONES, &route53::RECORDS]),
            (
                Kind::AzureDnsRecord,
                &[
                    &azure_network::PUBLIC_IPS,
                    &gateway::GATEWAYS,
                    &gateway::GATEWAY,
                    &dns::ZONES,
                    &dns::RECORDS,
                ],
            ),
        ],
        by_kind: false,
    },
    RelationMeta {
        name: "routes-to",
        about: "A route of the subnet's route table leads here.",
        from: &[Kind::Subnet],
        to: &[Kind::NatGateway, Kind::InternetGateway, Kind::VpcEndpoint, Kind::NetworkInterface],
        attributes: &[
            attribute("destination", Text, "the route's CIDR or prefix list"),
            attribute(
                "internet",
                Bool,
                "the route takes public addresses that no longer prefix takes elsewhere",
            ),
            attribute("blackhole", Bool, "the route leads nowhere"),
            attribute("table", Text, "the route table"),
        ],
        reads: &[&ec2::ROUTE_TABLES, &ec2::NAT_GATEWAYS, &ec2::INTERNET_GATEWAYS],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "runs",
        about: "A stage of the pipeline runs this.",
        from: &[Kind::Codepipeline],
        to: &[Kind::CodebuildProject, Kind::CodedeployGroup],
        attributes: &[
            attribute("stage", Text, "the stage's name"),
            attribute("action", Text, "the action's name"),
        ],
        reads: &[
            &codepipeline::PIPELINE,
            &codebuild::PROJECTS,
            &codedeploy::APPLICATIONS,
            &codedeploy::GROUPS,
        ],
        reads_from: &[],
        by_kind: true,
    },
    RelationMeta {
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
    },
    RelationMeta {
        name: "selects",
        about: "The service's selector matches this deployment's pods.",
        from: &[Kind::K8sService],
        to: &[Kind::K8sDeployment],
        attributes: &[
            attribute(
                "ready",
                Int,
                "ready endpoints of the service that are pods of the deployment's newest template",
            ),
            attribute("ports", Bool, "each port of the service has an endpoint port"),
        ],
        reads: &[&workload::DEPLOYMENTS, &workload::REPLICA_SETS, &workload::PODS, &network::ENDPOINT_SLICES],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "sends-to",
        about: "A rule of the ingress, or its default backend, sends requests to this service.",
        from: &[Kind::K8sIngress],
        to: &[Kind::K8sService],
        attributes: &[
            attribute("host", OptionalString, "the rule's host; absent where it takes every host"),
            attribute("path", OptionalString, "the rule's path; absent where it takes every path"),
            attribute("port", OptionalString, "the backend's port, by the name or number it says"),
            attribute("port_exists", Bool, "the service has that port"),
        ],
        reads: &[&network::SERVICES, &network::INGRESS_CLASSES],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "served-by",
        about: "The ingress is reached at this service's load balancer: it is the one of the ingress' controller.",
        from: &[Kind::K8sIngress],
        to: &[Kind::K8sService],
        attributes: &[attribute("address", Text, "the address that both have in their status")],
        reads: &[&cluster::NAMESPACES, &network::SERVICES],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "stores-in",
        about: "The pipeline keeps its artifacts in this bucket.",
        from: &[Kind::Codepipeline],
        to: &[Kind::S3Bucket],
        attributes: &[],
        reads: &[&codepipeline::PIPELINE, &s3::BUCKET],
        reads_from: &[],
        by_kind: false,
    },
    RelationMeta {
        name: "terminates-tls-with",
        about: "A listener presents this certificate.",
        from: &[Kind::LoadBalancer],
        to: &[Kind::AcmCertificate],
        attributes: &[
            attribute("port", Int, "the listener's port"),
            attribute("protocol", Text, "the listener's protocol"),
            attribute("default", Bool, "the listener's default certificate, not one chosen by name"),
            attribute("domains", Strings, "the names the certificate covers"),
        ],
        reads: &[&elbv2::LISTENERS, &elbv2::LISTENER_CERTIFICATES, &acm::CERTIFICATE],
        reads_from: &[],
        by_kind: false,
    },
];

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_sorted_and_unique() {
        assert!(RELATIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn what_is_read_from_a_kind_alone_is_of_a_kind_it_starts_from() {
        for relation in RELATIONS {
            for (kind, _) in relation.reads_from {
                assert!(relation.from.contains(kind), "{} does not start from {kind}", relation.name);
            }
        }
    }
}
