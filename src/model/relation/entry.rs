//! The way of a request: from a name to what answers it.

use super::AttributeType::{Bool, Int, OptionalBool, OptionalString, String as Text, Strings};
use super::{Attribute, RelationMeta, attribute};
use crate::model::aws::{acm, ec2, ecs, elbv2, route53};
use crate::model::azure::{containers, dns, gateway, network as azure_network};
use crate::model::kind::Kind;
use crate::model::kubernetes::{cluster, network, workload};

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

pub(super) const ANSWERS_AT: RelationMeta = RelationMeta {
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
};

pub(super) const ASKS_AT: RelationMeta = RelationMeta {
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
};

pub(super) const DISPATCHES_TO: RelationMeta = RelationMeta {
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
};

pub(super) const FORWARDS_TO: RelationMeta = RelationMeta {
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
};

pub(super) const RECEIVES_FROM: RelationMeta = RelationMeta {
    name: "receives-from",
    about: "One of the service's target groups gets its requests from this load balancer.",
    from: &[Kind::EcsService],
    to: &[Kind::LoadBalancer],
    attributes: &[attribute("target_group", Text, "the target group between them")],
    reads: &[&elbv2::TARGET_GROUPS, &elbv2::LOAD_BALANCERS],
    reads_from: &[],
    by_kind: false,
};

pub(super) const RELAYS_TO: RelationMeta = RelationMeta {
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
};

pub(super) const RESOLVES_TO: RelationMeta = RelationMeta {
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
            &[&azure_network::PUBLIC_IPS, &gateway::GATEWAYS, &gateway::GATEWAY, &dns::ZONES, &dns::RECORDS],
        ),
    ],
    by_kind: false,
};

pub(super) const SELECTS: RelationMeta = RelationMeta {
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
};

pub(super) const SENDS_TO: RelationMeta = RelationMeta {
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
};

pub(super) const SERVED_BY: RelationMeta = RelationMeta {
    name: "served-by",
    about: "The ingress is reached at this service's load balancer: it is the one of the ingress' controller.",
    from: &[Kind::K8sIngress],
    to: &[Kind::K8sService],
    attributes: &[attribute("address", Text, "the address that both have in their status")],
    reads: &[&cluster::NAMESPACES, &network::SERVICES],
    reads_from: &[],
    by_kind: false,
};

pub(super) const TERMINATES_TLS_WITH: RelationMeta = RelationMeta {
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
};
