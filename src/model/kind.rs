//! The catalog of kinds, and the resource that is one of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::aws;
use super::azure;
use super::call::Source;
use super::kubernetes as k8s;
use super::scope::{Provider, Scope};
use super::seen::Seen;

pub type Tags = BTreeMap<String, String>;

/// What every resource has, whatever its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// ARN, ARM id, or cluster/namespace/kind/name; for EC2 the short id.
    pub id: String,
    pub name: String,
    pub scope: Scope,
    /// A denied tag read is not "untagged". Of a kind without tags of its own: empty, its owner's count.
    pub tags: Seen<Tags>,
    pub read_at: DateTime<Utc>,
}

/// A plain struct of facts about one kind of resource.
pub trait Fact: Clone + Serialize + DeserializeOwned + JsonSchema {
    const META: &'static KindMeta;

    /// Ids of other resources that this one is looked up by (a subnet by its VPC, a rule by its listener).
    fn links(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Id of the resource that it is listed per, where it is: the first it links to.
    fn parent(&self, _head: &Head) -> Option<String> {
        Self::META.within()?;
        self.links().first().map(ToString::to_string)
    }

    /// Where this resource belongs when it has no tags of its own.
    fn owner(&self) -> Option<&str> {
        None
    }

    /// What names this resource across its re-creation: the natural key in fingerprints.
    fn key(&self, head: &Head) -> String {
        head.id.clone()
    }
}

/// How resources of a kind, and their details, are come by.
#[derive(Debug)]
pub struct KindMeta {
    pub kind: Kind,
    pub name: &'static str,
    /// One sentence for people.
    pub about: &'static str,
    pub found: &'static [Found],
    /// Fields (of `Head` or facts) that take a call of their own.
    pub details: &'static [Detail],
    /// Lives in the `global` region.
    pub global: bool,
}

#[derive(Debug)]
pub enum Found {
    /// Listed over a whole scope; the key of the source is empty.
    Listed(&'static Source),
    /// Listed per parent; the key of the source is the parent's id.
    Within(Kind, &'static Source),
    /// Asked for by its id; the key of the source is the id.
    ById(&'static Source),
}

#[derive(Debug)]
pub struct Detail {
    pub field: &'static str,
    pub source: &'static Source,
}

impl KindMeta {
    pub fn listed(&self) -> Option<&'static Source> {
        self.found.iter().find_map(|found| match found {
            Found::Listed(source) => Some(*source),
            _ => None,
        })
    }

    pub fn within(&self) -> Option<(Kind, &'static Source)> {
        self.found.iter().find_map(|found| match found {
            Found::Within(parent, source) => Some((*parent, *source)),
            _ => None,
        })
    }

    pub fn by_id(&self) -> Option<&'static Source> {
        self.found.iter().find_map(|found| match found {
            Found::ById(source) => Some(*source),
            _ => None,
        })
    }

    pub fn detail(&self, field: &str) -> Option<&'static Source> {
        self.details.iter().find(|detail| detail.field == field).map(|detail| detail.source)
    }

    /// The call by which resources of this kind are come by in the first place.
    pub fn primary(&self) -> &'static str {
        self.sources().next().map_or("", Source::primary)
    }

    /// Every source that tells something of this kind.
    pub fn sources(&self) -> impl Iterator<Item = &'static Source> {
        let found = self.found.iter().map(|found| match found {
            Found::Listed(source) | Found::Within(_, source) | Found::ById(source) => *source,
        });
        found.chain(self.details.iter().map(|detail| detail.source))
    }
}

macro_rules! kinds {
    ($($variant:ident = $name:literal: $facts:path;)*) => {
        /// A kind of resource. Sorted by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($variant),* }

        /// The facts about one resource, by kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Facts { $($variant($facts)),* }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            pub fn meta(self) -> &'static KindMeta {
                match self { $(Self::$variant => <$facts as Fact>::META),* }
            }

            /// JSON Schema of the facts (without the head).
            pub fn schema(self) -> Schema {
                match self { $(Self::$variant => schemars::schema_for!($facts)),* }
            }
        }

        impl Facts {
            pub fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant),* }
            }

            fn links(&self) -> Vec<&str> {
                match self { $(Self::$variant(facts) => facts.links()),* }
            }

            fn parent(&self, head: &Head) -> Option<String> {
                match self { $(Self::$variant(facts) => facts.parent(head)),* }
            }

            fn owner(&self) -> Option<&str> {
                match self { $(Self::$variant(facts) => facts.owner()),* }
            }

            fn key(&self, head: &Head) -> String {
                match self { $(Self::$variant(facts) => facts.key(head)),* }
            }

            fn parse(kind: Kind, json: &str) -> serde_json::Result<Self> {
                Ok(match kind { $(Kind::$variant => Self::$variant(serde_json::from_str(json)?)),* })
            }

            fn serialize_into<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$variant(facts) => facts.serialize(serializer)),* }
            }
        }

        $(
            impl Facet for $facts {
                fn of(facts: &Facts) -> Option<&Self> {
                    match facts { Facts::$variant(facts) => Some(facts), _ => None }
                }
                fn of_mut(facts: &mut Facts) -> Option<&mut Self> {
                    match facts { Facts::$variant(facts) => Some(facts), _ => None }
                }
                fn wrap(self) -> Facts { Facts::$variant(self) }
            }
        )*
    };
}

/// Goes from the sum of all kinds to one and back; written by `kinds!`.
pub trait Facet: Fact {
    fn of(facts: &Facts) -> Option<&Self>;
    fn of_mut(facts: &mut Facts) -> Option<&mut Self>;
    fn wrap(self) -> Facts;
}

kinds! {
    AcmCertificate = "aws.acm_certificate": aws::acm::Certificate;
    CodebuildProject = "aws.codebuild_project": aws::codebuild::Project;
    CodedeployApplication = "aws.codedeploy_application": aws::codedeploy::Application;
    CodedeployGroup = "aws.codedeploy_group": aws::codedeploy::Group;
    Codepipeline = "aws.codepipeline": aws::codepipeline::Pipeline;
    DynamodbTable = "aws.dynamodb_table": aws::dynamodb::Table;
    EcrRepository = "aws.ecr_repository": aws::ecr::Repository;
    EcsCluster = "aws.ecs_cluster": aws::ecs::Cluster;
    EcsContainer = "aws.ecs_container": aws::ecs::Container;
    EcsService = "aws.ecs_service": aws::ecs::Service;
    EcsTask = "aws.ecs_task": aws::ecs::Task;
    EcsTaskDefinition = "aws.ecs_task_definition": aws::ecs::TaskDefinition;
    EksAccessEntry = "aws.eks_access_entry": aws::eks::AccessEntry;
    EksAddon = "aws.eks_addon": aws::eks::Addon;
    EksCluster = "aws.eks_cluster": aws::eks::Cluster;
    EksFargateProfile = "aws.eks_fargate_profile": aws::eks::FargateProfile;
    EksNodegroup = "aws.eks_nodegroup": aws::eks::Nodegroup;
    EksPodIdentity = "aws.eks_pod_identity": aws::eks::PodIdentity;
    IamOidcProvider = "aws.iam_oidc_provider": aws::iam::OidcProvider;
    IamPolicy = "aws.iam_policy": aws::iam::Policy;
    IamRole = "aws.iam_role": aws::iam::Role;
    Instance = "aws.instance": aws::ec2::Instance;
    InternetGateway = "aws.internet_gateway": aws::ec2::InternetGateway;
    KmsAlias = "aws.kms_alias": aws::kms::Alias;
    Listener = "aws.listener": aws::elbv2::Listener;
    ListenerRule = "aws.listener_rule": aws::elbv2::ListenerRule;
    LoadBalancer = "aws.load_balancer": aws::elbv2::LoadBalancer;
    NatGateway = "aws.nat_gateway": aws::ec2::NatGateway;
    NetworkAcl = "aws.network_acl": aws::ec2::NetworkAcl;
    NetworkInterface = "aws.network_interface": aws::ec2::NetworkInterface;
    PrefixList = "aws.prefix_list": aws::ec2::PrefixList;
    RdsCluster = "aws.rds_cluster": aws::rds::Cluster;
    RdsInstance = "aws.rds_instance": aws::rds::Instance;
    Route53Record = "aws.route53_record": aws::route53::Record;
    Route53Zone = "aws.route53_zone": aws::route53::Zone;
    RouteTable = "aws.route_table": aws::ec2::RouteTable;
    S3Bucket = "aws.s3_bucket": aws::s3::Bucket;
    Secret = "aws.secret": aws::secretsmanager::Secret;
    SecurityGroup = "aws.security_group": aws::ec2::SecurityGroup;
    Subnet = "aws.subnet": aws::ec2::Subnet;
    TargetGroup = "aws.target_group": aws::elbv2::TargetGroup;
    Vpc = "aws.vpc": aws::ec2::Vpc;
    VpcEndpoint = "aws.vpc_endpoint": aws::ec2::VpcEndpoint;
    AksCluster = "azure.aks_cluster": azure::containers::AksCluster;
    ApplicationGateway = "azure.application_gateway": azure::gateway::ApplicationGateway;
    ApplicationInsights = "azure.application_insights": azure::monitor::ApplicationInsights;
    ContainerRegistry = "azure.container_registry": azure::containers::ContainerRegistry;
    CosmosAccount = "azure.cosmos_account": azure::cosmos::CosmosAccount;
    CosmosContainer = "azure.cosmos_container": azure::cosmos::CosmosContainer;
    CosmosDatabase = "azure.cosmos_database": azure::cosmos::CosmosDatabase;
    AzureDnsRecord = "azure.dns_record": azure::dns::DnsRecord;
    AzureDnsZone = "azure.dns_zone": azure::dns::DnsZone;
    AzureLoadBalancer = "azure.load_balancer": azure::network::LoadBalancer;
    LogAnalyticsWorkspace = "azure.log_analytics_workspace": azure::monitor::LogAnalyticsWorkspace;
    ManagedIdentity = "azure.managed_identity": azure::identity::ManagedIdentity;
    NetworkSecurityGroup = "azure.network_security_group": azure::network::SecurityGroup;
    PrivateDnsRecord = "azure.private_dns_record": azure::dns::PrivateDnsRecord;
    PrivateDnsZone = "azure.private_dns_zone": azure::dns::PrivateDnsZone;
    PrivateEndpoint = "azure.private_endpoint": azure::network::PrivateEndpoint;
    PublicIp = "azure.public_ip": azure::network::PublicIp;
    ResourceGroup = "azure.resource_group": azure::resources::ResourceGroup;
    RoleDefinition = "azure.role_definition": azure::authorization::RoleDefinition;
    AzureRouteTable = "azure.route_table": azure::network::RouteTable;
    AzureSubnet = "azure.subnet": azure::network::Subnet;
    VirtualNetwork = "azure.virtual_network": azure::network::VirtualNetwork;
    K8sCluster = "k8s.cluster": k8s::cluster::Cluster;
    K8sDeployment = "k8s.deployment": k8s::workload::Deployment;
    K8sEndpointSlice = "k8s.endpoint_slice": k8s::network::EndpointSlice;
    K8sIngress = "k8s.ingress": k8s::network::Ingress;
    K8sIngressClass = "k8s.ingress_class": k8s::network::IngressClass;
    K8sNamespace = "k8s.namespace": k8s::cluster::Namespace;
    K8sNode = "k8s.node": k8s::cluster::Node;
    K8sPod = "k8s.pod": k8s::workload::Pod;
    K8sReplicaSet = "k8s.replica_set": k8s::workload::ReplicaSet;
    K8sService = "k8s.service": k8s::network::Service;
    K8sServiceAccount = "k8s.service_account": k8s::workload::ServiceAccount;
}

impl Kind {
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    pub fn provider(self) -> Provider {
        let prefix = self.name().split_once('.').map_or("", |(prefix, _)| prefix);
        Provider::of_prefix(prefix).unwrap_or(Provider::Aws)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// One resource: its head, and the facts of its kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    pub head: Head,
    pub facts: Facts,
}

impl std::ops::Deref for Resource {
    type Target = Head;
    fn deref(&self) -> &Head {
        &self.head
    }
}

impl Resource {
    pub fn new(head: Head, facts: impl Facet) -> Self {
        Self { head, facts: facts.wrap() }
    }

    pub fn kind(&self) -> Kind {
        self.facts.kind()
    }

    /// The facts as one kind's, if it is that kind.
    pub fn as_kind<T: Facet>(&self) -> Option<&T> {
        T::of(&self.facts)
    }

    pub fn as_kind_mut<T: Facet>(&mut self) -> Option<&mut T> {
        T::of_mut(&mut self.facts)
    }

    pub fn links(&self) -> Vec<&str> {
        self.facts.links()
    }

    /// Id of the resource that it is listed per, where it is.
    pub fn parent(&self) -> Option<String> {
        self.facts.parent(&self.head)
    }

    pub fn owner(&self) -> Option<&str> {
        self.facts.owner()
    }

    pub fn natural_key(&self) -> String {
        self.facts.key(&self.head)
    }

    /// Head and facts in one JSON object, as expressions and policy tests see them.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("facts are plain data with string keys")
    }
}

/// The facts of a snapshot that an earlier version made, which knew fewer details: those were not read.
fn with_unread_details(kind: Kind, id: &str, scope: &Scope, json: &str) -> Option<Facts> {
    let mut members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).ok()?;
    for detail in kind.meta().details.iter().filter(|detail| detail.field != "tags") {
        let unread = || serde_json::to_value(Seen::<()>::unread(detail.source.primary(), scope, id));
        if !members.contains_key(detail.field) {
            members.insert(detail.field.to_owned(), unread().ok()?);
        }
    }
    Facts::parse(kind, &serde_json::to_string(&members).ok()?).ok()
}

/// One line: the kind, the head's members, then the facts' members, in one object.
impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Inner<'a>(&'a Facts);
        impl Serialize for Inner<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize_into(serializer)
            }
        }
        #[derive(Serialize)]
        struct Line<'a> {
            kind: &'static str,
            #[serde(flatten)]
            head: &'a Head,
            facts: Inner<'a>,
        }
        Line { kind: self.kind().name(), head: &self.head, facts: Inner(&self.facts) }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Resource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Line<'a> {
            kind: String,
            id: String,
            name: String,
            scope: Scope,
            tags: Seen<Tags>,
            read_at: DateTime<Utc>,
            #[serde(borrow)]
            facts: &'a serde_json::value::RawValue,
        }
        let line = Line::deserialize(deserializer)?;
        let kind = Kind::named(&line.kind)
            .ok_or_else(|| D::Error::custom(format_args!("{:?} is no kind this version knows", line.kind)))?;
        let facts = Facts::parse(kind, line.facts.get())
            .or_else(|error| with_unread_details(kind, &line.id, &line.scope, line.facts.get()).ok_or(error))
            .map_err(|error| D::Error::custom(format_args!("{kind} {}: {error}", line.id)))?;
        let head =
            Head { id: line.id, name: line.name, scope: line.scope, tags: line.tags, read_at: line.read_at };
        Ok(Self { head, facts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_sorted_unique_and_described() {
        assert!(Kind::ALL.windows(2).all(|pair| pair[0].name() < pair[1].name()));
        for kind in Kind::ALL {
            assert_eq!(kind.meta().kind, *kind);
            assert_eq!(kind.meta().name, kind.name());
            assert!(kind.meta().found.iter().len() > 0, "{kind} can't be come by");
        }
    }

    #[test]
    fn a_detail_that_an_earlier_version_did_not_know_is_unread() {
        let line = r#"{"kind":"aws.dynamodb_table","id":"t","name":"t",
            "scope":{"provider":"aws","account":"111111111111","region":"us-west-1"},"tags":{},
            "read_at":"2026-01-01T00:00:00Z","facts":{"point_in_time_recovery":true}}"#;
        let table: Resource = serde_json::from_str(line).expect("an older line");
        let facts = table.as_kind::<aws::dynamodb::Table>().expect("a table");
        assert_eq!(facts.point_in_time_recovery, Seen::Known(true));
        let gap = facts.description.gap().expect("never asked");
        assert_eq!((&*gap.call, &*gap.key), ("dynamodb:DescribeTable", "t"));
        let wrong = line.replace("true}", "1}");
        assert!(serde_json::from_str::<Resource>(&wrong).is_err(), "what is there must be right");
    }

    #[test]
    fn details_name_fields_that_exist() {
        for kind in Kind::ALL {
            let schema = kind.schema();
            for detail in kind.meta().details {
                let known = detail.field == "tags"
                    || schema.pointer(&format!("/properties/{}", detail.field)).is_some();
                assert!(known, "{kind} has no field {}", detail.field);
            }
        }
    }
}
