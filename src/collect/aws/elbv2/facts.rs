//! From Elastic Load Balancing's answers to facts.

use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::super::Api;
use super::super::members::{Unreadable, dns_name, need, sorted, text};
use crate::model::aws::Arn;
use crate::model::aws::elbv2::{
    Action, Condition, LISTENER_CERTIFICATES, Listener, ListenerRule, LoadBalancer, Redirect, TAGS,
    TARGET_HEALTH, Target, TargetGroup, WeightedGroup,
};
use crate::model::kind::{Resource, Tags};
use crate::model::seen::Seen;

pub(super) fn load_balancer(api: &Api, found: sdk::LoadBalancer) -> Result<Resource, Unreadable> {
    let id = need(found.load_balancer_arn, "LoadBalancerArn")?;
    let tags = api.unread(&TAGS, &id);
    let head = api.head(id, need(found.load_balancer_name, "LoadBalancerName")?, tags);
    let zones = found.availability_zones.unwrap_or_default().into_iter();
    let balancer = LoadBalancer {
        r#type: text(need(found.r#type, "Type")?),
        scheme: found.scheme.map(text),
        state: found.state.and_then(|state| state.code).map(text),
        vpc: found.vpc_id,
        dns_name: found.dns_name.as_deref().map(dns_name),
        zone_id: found.canonical_hosted_zone_id,
        subnets: sorted(zones.filter_map(|zone| zone.subnet_id)),
        groups: sorted(found.security_groups.unwrap_or_default()),
        ip_address_type: found.ip_address_type.map(text),
    };
    Ok(Resource::new(head, balancer))
}

pub(super) fn target_group(api: &Api, found: sdk::TargetGroup) -> Result<Resource, Unreadable> {
    let id = need(found.target_group_arn, "TargetGroupArn")?;
    let targets = api.unread(&TARGET_HEALTH, &id);
    let tags = api.unread(&TAGS, &id);
    let head = api.head(id, need(found.target_group_name, "TargetGroupName")?, tags);
    let group = TargetGroup {
        protocol: found.protocol.map(text),
        port: found.port.map(i64::from),
        vpc: found.vpc_id,
        target_type: found.target_type.map(text),
        load_balancers: sorted(found.load_balancer_arns.unwrap_or_default()),
        targets,
    };
    Ok(Resource::new(head, group))
}

pub(super) fn target(found: sdk::TargetHealthDescription) -> Result<Target, Unreadable> {
    let target = need(found.target, "Target")?;
    let health = found.target_health;
    let reason = health.as_ref().and_then(|health| health.reason.as_ref()).map(text);
    Ok(Target {
        id: need(target.id, "Id of a target")?,
        port: target.port.map(i64::from),
        state: health.and_then(|health| health.state).map(text),
        reason,
    })
}

pub(super) fn listener(api: &Api, balancer: &str, found: sdk::Listener) -> Result<Resource, Unreadable> {
    let id = need(found.listener_arn, "ListenerArn")?;
    let protocol = found.protocol.map(text);
    // These don't end TLS: they have no certificates to ask for.
    let certificates = match protocol.as_deref() {
        Some("HTTP" | "TCP" | "UDP" | "TCP_UDP" | "GENEVE") => Seen::Known(Vec::new()),
        _ => api.unread(&LISTENER_CERTIFICATES, &id),
    };
    let default_certificate = found.certificates.unwrap_or_default().into_iter().next();
    let name = name_of(&id, found.port.map(|port| port.to_string()));
    let listener = Listener {
        load_balancer: balancer.to_owned(),
        port: found.port.map(i64::from),
        protocol,
        ssl_policy: found.ssl_policy,
        default_certificate: default_certificate.and_then(|certificate| certificate.certificate_arn),
        certificates,
        default_actions: actions(found.default_actions)?,
    };
    Ok(Resource::new(api.head(id, name, Seen::Known(Tags::new())), listener))
}

pub(super) fn rule(api: &Api, listener: &str, found: sdk::Rule) -> Result<Resource, Unreadable> {
    let id = need(found.rule_arn, "RuleArn")?;
    let priority = need(found.priority, "Priority")?;
    let name = name_of(&id, Some(priority.clone()));
    let conditions = found.conditions.unwrap_or_default().into_iter().map(condition);
    let rule = ListenerRule {
        listener: listener.to_owned(),
        priority,
        is_default: need(found.is_default, "IsDefault")?,
        conditions: conditions.collect::<Result<_, _>>()?,
        actions: actions(found.actions)?,
    };
    Ok(Resource::new(api.head(id, name, Seen::Known(Tags::new())), rule))
}

/// Listeners and rules have no names: they are told by their load balancer's and their port or priority.
fn name_of(id: &str, own: Option<String>) -> String {
    let resource = Arn::parse(id).map_or(id, |arn| arn.resource);
    let balancer = resource.split('/').nth(2).unwrap_or(resource);
    own.map_or_else(|| resource.to_owned(), |own| format!("{balancer}:{own}"))
}

fn actions(found: Option<Vec<sdk::Action>>) -> Result<Vec<Action>, Unreadable> {
    let mut actions = found.unwrap_or_default().into_iter().map(action).collect::<Result<Vec<_>, _>>()?;
    actions.sort_by_key(|action| action.order);
    Ok(actions)
}

fn action(found: sdk::Action) -> Result<Action, Unreadable> {
    let groups = found.forward_config.and_then(|forward| forward.target_groups).unwrap_or_default();
    let weighted = |group: sdk::TargetGroupTuple| {
        let target_group = need(group.target_group_arn, "TargetGroupArn of an action")?;
        Ok(WeightedGroup { target_group, weight: group.weight.map(i64::from) })
    };
    let mut targets = groups.into_iter().map(weighted).collect::<Result<Vec<_>, Unreadable>>()?;
    if targets.is_empty() {
        let alone = found.target_group_arn.into_iter();
        targets.extend(alone.map(|target_group| WeightedGroup { target_group, weight: None }));
    }
    Ok(Action {
        r#type: text(need(found.r#type, "Type of an action")?),
        order: found.order.map(i64::from),
        targets,
        redirect: found.redirect_config.map(|redirect| Redirect {
            protocol: redirect.protocol,
            port: redirect.port,
            host: redirect.host,
            status: redirect.status_code.map(text),
        }),
    })
}

/// Every value, wherever this field keeps them. What is no plain pattern is marked: `name: value` of a
/// header, `key=value` of a query, `regex:…`.
fn condition(found: sdk::RuleCondition) -> Result<Condition, Unreadable> {
    let mut values = found.values.unwrap_or_default();
    let mut patterns = found.regex_values.unwrap_or_default();
    if let Some(hosts) = found.host_header_config {
        values.extend(hosts.values.unwrap_or_default());
        patterns.extend(hosts.regex_values.unwrap_or_default());
    }
    if let Some(paths) = found.path_pattern_config {
        values.extend(paths.values.unwrap_or_default());
        patterns.extend(paths.regex_values.unwrap_or_default());
    }
    if let Some(header) = found.http_header_config {
        let name = header.http_header_name.unwrap_or_default();
        values.extend(header.values.unwrap_or_default().into_iter().map(|value| format!("{name}: {value}")));
        let named = header.regex_values.unwrap_or_default().into_iter();
        patterns.extend(named.map(|pattern| format!("{name}: {pattern}")));
    }
    if let Some(query) = found.query_string_config {
        let pairs = query.values.unwrap_or_default().into_iter();
        values.extend(pairs.map(|pair| {
            let value = pair.value.unwrap_or_default();
            pair.key.map_or_else(|| value.clone(), |key| format!("{key}={value}"))
        }));
    }
    if let Some(methods) = found.http_request_method_config {
        values.extend(methods.values.unwrap_or_default());
    }
    if let Some(sources) = found.source_ip_config {
        values.extend(sources.values.unwrap_or_default());
    }
    values.extend(patterns.into_iter().map(|pattern| format!("regex:{pattern}")));
    Ok(Condition { field: need(found.field, "Field of a condition")?, values: sorted(values) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_both_forms_are_told_once() {
        let hosts = sdk::HostHeaderConditionConfig::builder().values("app.example.com").build();
        let found = sdk::RuleCondition::builder().field("host-header").values("app.example.com");
        let found = condition(found.host_header_config(hosts).build()).expect("a field");
        assert_eq!(found.values, ["app.example.com"]);
    }

    #[test]
    fn a_pattern_is_not_taken_for_a_plain_host() {
        let hosts = sdk::HostHeaderConditionConfig::builder().regex_values("^app[.]").build();
        let found = sdk::RuleCondition::builder().field("host-header").host_header_config(hosts).build();
        assert_eq!(condition(found).expect("a field").values, ["regex:^app[.]"]);
    }

    #[test]
    fn weights_come_from_the_forward_configuration() {
        let tuple =
            |arn: &str, weight| sdk::TargetGroupTuple::builder().target_group_arn(arn).weight(weight).build();
        let forward =
            sdk::ForwardActionConfig::builder().target_groups(tuple("a", 0)).target_groups(tuple("b", 1));
        let found = sdk::Action::builder().r#type(sdk::ActionTypeEnum::Forward).target_group_arn("b");
        let found = action(found.forward_config(forward.build()).build()).expect("a type");
        let weights: Vec<_> =
            found.targets.iter().map(|group| (&*group.target_group, group.weight)).collect();
        assert_eq!(weights, [("a", Some(0)), ("b", Some(1))]);
    }

    #[test]
    fn a_listener_is_named_after_its_load_balancer() {
        let id = "arn:aws:elasticloadbalancing:us-west-1:111111111111:listener/app/web/1/2";
        assert_eq!(name_of(id, Some("443".to_owned())), "web:443");
    }
}
