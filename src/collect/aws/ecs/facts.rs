//! From ECS's answers to facts.

use aws_sdk_ecs::types as sdk;

use super::super::Api;
use super::super::members::{Unreadable, instant, need, sorted, text};
use super::tags_of;
use crate::model::aws::ecs::{
    Attachment, Cluster, Container, ContainerDefinition, Service, Task, TaskDefinition,
};
use crate::model::kind::{Resource, Tags};
use crate::model::seen::Seen;

pub(super) fn cluster(api: &Api, found: sdk::Cluster) -> Result<Resource, Unreadable> {
    let tags = Seen::Known(tags_of(found.tags));
    let head =
        api.head(need(found.cluster_arn, "clusterArn")?, need(found.cluster_name, "clusterName")?, tags);
    let settings = found.settings.unwrap_or_default().into_iter();
    let insights = |setting: &sdk::ClusterSetting| {
        setting.name.as_ref().is_some_and(|name| *name == sdk::ClusterSettingName::ContainerInsights)
    };
    let cluster = Cluster {
        status: need(found.status, "status")?,
        capacity_providers: sorted(found.capacity_providers.unwrap_or_default()),
        container_insights: settings.filter(insights).find_map(|setting| setting.value),
    };
    Ok(Resource::new(head, cluster))
}

/// Where another controller deploys the service, its primary task set says what runs, and the service itself
/// what the task set leaves open.
pub(super) fn service(api: &Api, cluster: &str, found: sdk::Service) -> Result<Resource, Unreadable> {
    let tags = Seen::Known(tags_of(found.tags));
    let head =
        api.head(need(found.service_arn, "serviceArn")?, need(found.service_name, "serviceName")?, tags);
    let deployments = found.deployments.unwrap_or_default();
    let task_sets = found.task_sets.unwrap_or_default();
    let others_in_progress = others(deployments.iter().map(|deployment| deployment.status.as_deref()))
        + others(task_sets.iter().map(|set| set.status.as_deref()));
    let balancers = found.load_balancers.into_iter();
    let balancers = balancers.chain(task_sets.iter().filter_map(|set| set.load_balancers.clone())).flatten();
    let load_balancers = sorted(balancers.flat_map(attachments));

    let deployment = deployments.into_iter().find(|deployment| deployment.status.as_deref() == Some(PRIMARY));
    let task_set = task_sets.into_iter().find(|set| set.status.as_deref() == Some(PRIMARY));
    let rollout = deployment.and_then(|deployment| deployment.rollout_state).map(text);
    let (rollout, task_definition, runs_on, network) = match task_set {
        Some(set) => (
            set.stability_status.map(text).or(rollout),
            set.task_definition.or(found.task_definition),
            runs_on(set.launch_type, set.capacity_provider_strategy),
            set.network_configuration.or(found.network_configuration),
        ),
        None => (rollout, found.task_definition, None, found.network_configuration),
    };
    let runs_on = runs_on.or_else(|| self::runs_on(found.launch_type, found.capacity_provider_strategy));
    let (launch_type, capacity_providers) = runs_on.unwrap_or_default();
    let network = network.and_then(|network| network.awsvpc_configuration);
    let assign_public_ip = network.as_ref().and_then(|network| network.assign_public_ip.as_ref()).map(text);
    let (subnets, groups) = network
        .map(|network| (network.subnets, network.security_groups.unwrap_or_default()))
        .unwrap_or_default();
    let service = Service {
        cluster: cluster.to_owned(),
        status: need(found.status, "status")?,
        launch_type,
        capacity_providers,
        desired: found.desired_count.into(),
        running: found.running_count.into(),
        pending: found.pending_count.into(),
        rollout,
        controller: found.deployment_controller.map(|controller| text(controller.r#type)),
        task_definition,
        subnets: sorted(subnets),
        groups: sorted(groups),
        assign_public_ip,
        load_balancers,
        others_in_progress,
    };
    Ok(Resource::new(head, service))
}

const PRIMARY: &str = "PRIMARY";

fn others<'a>(statuses: impl Iterator<Item = Option<&'a str>>) -> i64 {
    statuses.map(|status| i64::from(!matches!(status, Some(PRIMARY | "INACTIVE")))).sum()
}

/// The launch type, or else the capacity providers; `None` where neither is said.
fn runs_on(
    launch_type: Option<sdk::LaunchType>,
    strategy: Option<Vec<sdk::CapacityProviderStrategyItem>>,
) -> Option<(Option<String>, Vec<String>)> {
    let providers = sorted(strategy.unwrap_or_default().into_iter().map(|item| item.capacity_provider));
    (launch_type.is_some() || !providers.is_empty()).then(|| (launch_type.map(text), providers))
}

/// The target group that a load balancer entry names, and the other one of a blue/green pair.
fn attachments(found: sdk::LoadBalancer) -> impl Iterator<Item = Attachment> {
    let other = found.advanced_configuration.and_then(|pair| pair.alternate_target_group_arn);
    let (container, port) = (found.container_name, found.container_port.map(i64::from));
    let both = found.target_group_arn.into_iter().chain(other);
    both.map(move |target_group| Attachment { target_group, container: container.clone(), port })
}

/// The task definition, then a container for each essential one.
pub(super) fn task_definition(
    api: &Api,
    service: &str,
    found: sdk::TaskDefinition,
    tags: Tags,
) -> Result<Vec<Resource>, Unreadable> {
    let id = need(found.task_definition_arn, "taskDefinitionArn")?;
    let family = need(found.family, "family")?;
    let containers = need(found.container_definitions, "containerDefinitions")?;
    let containers = containers.into_iter().map(container_definition).collect::<Result<Vec<_>, _>>()?;
    let container = |definition: &ContainerDefinition| {
        let id_in_service = format!("{service}/{}", definition.name);
        let head = api.head(id_in_service, definition.name.clone(), Seen::Known(Tags::new()));
        let container = Container {
            service: service.to_owned(),
            task_definition: id.clone(),
            image: definition.image.clone(),
            ports: definition.ports.clone(),
            task_role: found.task_role_arn.clone(),
            execution_role: found.execution_role_arn.clone(),
            secrets: definition.secrets.clone(),
        };
        Resource::new(head, container)
    };
    let essential = containers.iter().filter(|definition| definition.essential);
    let mut resources: Vec<_> = essential.map(container).collect();
    let head = api.head(id.clone(), format!("{family}:{}", found.revision), Seen::Known(tags));
    let definition = TaskDefinition {
        family,
        revision: found.revision.into(),
        status: found.status.map(text),
        network_mode: found.network_mode.map(text),
        compatibilities: sorted(found.compatibilities.unwrap_or_default().into_iter().map(text)),
        task_role: found.task_role_arn.clone(),
        execution_role: found.execution_role_arn.clone(),
        containers,
    };
    resources.push(Resource::new(head, definition));
    Ok(resources)
}

fn container_definition(found: sdk::ContainerDefinition) -> Result<ContainerDefinition, Unreadable> {
    let ports = found.port_mappings.unwrap_or_default().into_iter();
    let secrets = found.secrets.unwrap_or_default().into_iter();
    Ok(ContainerDefinition {
        name: need(found.name, "name of a container")?,
        image: need(found.image, "image")?,
        // ECS takes a container for essential unless it is told otherwise.
        essential: found.essential != Some(false),
        ports: sorted(ports.filter_map(|mapping| mapping.container_port).map(i64::from)),
        secrets: sorted(secrets.map(|secret| secret.value_from)),
    })
}

pub(super) fn task(api: &Api, service: &str, found: sdk::Task) -> Result<Resource, Unreadable> {
    let id = need(found.task_arn, "taskArn")?;
    let name = id.rsplit('/').next().unwrap_or(&id).to_owned();
    let interfaces = found.attachments.unwrap_or_default();
    let interface = interfaces.into_iter().find(|at| at.r#type.as_deref() == Some("ElasticNetworkInterface"));
    let details = interface.and_then(|interface| interface.details).unwrap_or_default();
    let detail = |name: &str| {
        let named = details.iter().find(|detail| detail.name.as_deref() == Some(name));
        named.and_then(|detail| detail.value.clone())
    };
    let task = Task {
        cluster: need(found.cluster_arn, "clusterArn")?,
        service: service.to_owned(),
        task_definition: need(found.task_definition_arn, "taskDefinitionArn")?,
        last_status: found.last_status,
        desired_status: found.desired_status,
        health: found.health_status.map(text),
        subnet: detail("subnetId"),
        zone: found.availability_zone,
        private_ips: sorted(detail("privateIPv4Address").into_iter().chain(detail("privateIPv6Address"))),
        interface: detail("networkInterfaceId"),
        started_at: found.started_at.and_then(instant),
    };
    Ok(Resource::new(api.head(id, name, Seen::Known(Tags::new())), task))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_groups_of_a_blue_green_pair_count() {
        let pair = sdk::AdvancedConfiguration::builder().alternate_target_group_arn("green").build();
        let found = sdk::LoadBalancer::builder().target_group_arn("blue").container_port(8080);
        let found: Vec<_> = attachments(found.advanced_configuration(pair).build()).collect();
        let groups: Vec<_> = found.iter().map(|at| (&*at.target_group, at.port)).collect();
        assert_eq!(groups, [("blue", Some(8080)), ("green", Some(8080))]);
    }

    #[test]
    fn only_what_is_beside_the_primary_is_in_progress() {
        assert_eq!(
            others([Some("PRIMARY"), Some("ACTIVE"), Some("DRAINING"), Some("INACTIVE")].into_iter()),
            2
        );
        assert_eq!(others(std::iter::empty()), 0);
    }

    #[test]
    fn a_container_is_essential_unless_told_otherwise() {
        let found = || sdk::ContainerDefinition::builder().name("app").image("app:1");
        let essential =
            |found: sdk::ContainerDefinition| container_definition(found).expect("name and image").essential;
        assert!(essential(found().build()));
        assert!(!essential(found().essential(false).build()));
    }
}
