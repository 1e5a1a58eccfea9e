//! A VPC with an application behind a load balancer, for tests that take parts of it away or change them.

use serde_json::{Value, json};

use super::{Public, Site};
use crate::model::aws::ec2::{NetworkInterface, Subnet};
use crate::model::aws::ecs::{Service, TASK_DEFINITION, TASKS, Task, TaskDefinition};
use crate::model::aws::elbv2::{
    LISTENERS, Listener, ListenerRule, LoadBalancer, RULES, TARGET_GROUPS, TargetGroup,
};
use crate::model::call::Source;
use crate::model::kind::Facet;
use crate::model::seen::Gap;
use crate::model::snapshot::Outcome;
use crate::rules::path::places::{Entrance, Place, Places, Step};
use crate::rules::testing::{Scene, here, subnet};

pub(crate) const SERVICE: &str = "arn:aws:ecs:us-west-1:111111111111:service/app/web";
pub(crate) const DEFINITION: &str = "arn:aws:ecs:us-west-1:111111111111:task-definition/web:1";

/// Its number, its conditions, and its groups with their weights.
pub(crate) type Rule<'a> = (&'a str, Value, &'a [(&'a str, i64)]);

pub(crate) fn balancer_arn(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/app/{name}/1")
}

pub(crate) fn group_arn(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:us-west-1:111111111111:targetgroup/{name}/1")
}

/// Facts of a kind from their JSON.
#[expect(clippy::needless_pass_by_value, reason = "the callers make it on the spot")]
pub(crate) fn facts<T: Facet>(json: Value) -> T {
    serde_json::from_str(&json.to_string()).expect("facts of that kind")
}

pub(crate) fn with(mut facts: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        facts[name] = value.clone();
    }
    facts
}

pub(crate) fn complete(scene: Scene, source: &Source, key: &str) -> Scene {
    scene.answered(source, &here(), key, Outcome::Complete)
}

/// Two subnets, without IPv6 and with it.
pub(crate) fn network() -> Scene {
    let dual = Subnet { ipv6_cidrs: vec!["2001:db8::/64".to_owned()], ..subnet("vpc-1", "10.0.1.0/24") };
    Scene::new().with("subnet-a", subnet("vpc-1", "10.0.0.0/24")).with("subnet-b", dual)
}

pub(crate) fn balancer(scene: Scene, name: &str, changes: &Value) -> Scene {
    let plain = json!({
        "type": "application", "scheme": "internet-facing", "state": "active", "vpc": "vpc-1",
        "subnets": ["subnet-a"], "groups": ["sg-lb"], "ip_address_type": "ipv4",
    });
    scene.with(&balancer_arn(name), facts::<LoadBalancer>(with(plain, changes)))
}

/// A listener of the balancer of its name.
pub(crate) fn listener(scene: Scene, name: &str, rules: &[Rule<'_>]) -> Scene {
    let id = format!("listener/{name}");
    let plain = json!({
        "load_balancer": balancer_arn(name), "port": 443, "protocol": "HTTPS", "certificates": [],
        "default_actions": [],
    });
    let mut scene = scene.with(&id, facts::<Listener>(plain));
    for (number, conditions, groups) in rules {
        let targets: Vec<Value> = groups
            .iter()
            .map(|(group, weight)| json!({ "target_group": group_arn(group), "weight": weight }))
            .collect();
        let rule = json!({
            "listener": id, "priority": number, "is_default": *number == "default", "conditions": conditions,
            "actions": [{ "type": "forward", "targets": targets }],
        });
        scene = scene.with(&format!("{id}/{number}"), facts::<ListenerRule>(rule));
    }
    complete(complete(scene, &LISTENERS, &balancer_arn(name)), &RULES, &id)
}

/// A group that the balancer of its name sends to.
pub(crate) fn group(scene: Scene, name: &str, targets: &Value, changes: &Value) -> Scene {
    let plain = json!({
        "protocol": "HTTP", "port": 8080, "vpc": "vpc-1", "target_type": "ip",
        "load_balancers": [balancer_arn(name)], "targets": targets,
    });
    scene.with(&group_arn(name), facts::<TargetGroup>(with(plain, changes)))
}

/// A service of one task at 10.0.0.5, asked at 8080.
pub(crate) fn service(scene: Scene, changes: &Value) -> Scene {
    let plain = json!({
        "cluster": "app", "status": "ACTIVE", "capacity_providers": [], "desired": 1, "running": 1, "pending": 0,
        "rollout": "COMPLETED", "task_definition": DEFINITION, "subnets": ["subnet-a"], "groups": ["sg-web"],
        "load_balancers": [{ "target_group": group_arn("web"), "container": "web", "port": 8080 }],
        "others_in_progress": 0,
    });
    let definition = json!({
        "family": "web", "revision": 1, "compatibilities": [],
        "containers": [{ "name": "web", "image": "web", "essential": true, "ports": [8080], "secrets": [] }],
    });
    let scene = scene
        .with(SERVICE, facts::<Service>(with(plain, changes)))
        .with(DEFINITION, facts::<TaskDefinition>(definition));
    complete(task(scene, "one", "subnet-a", "10.0.0.5"), &TASK_DEFINITION, SERVICE)
}

pub(crate) fn task(scene: Scene, id: &str, subnet: &str, address: &str) -> Scene {
    let plain = json!({
        "cluster": "app", "service": SERVICE, "task_definition": DEFINITION, "last_status": "RUNNING",
        "subnet": subnet, "private_ips": [address], "interface": format!("eni-{id}"),
    });
    scene.with(&format!("task/{id}"), facts::<Task>(plain))
}

pub(crate) fn interface(scene: Scene, id: &str, changes: &Value) -> Scene {
    let plain = json!({
        "vpc": "vpc-1", "subnet": "subnet-a", "groups": ["sg-web"], "private_ips": ["10.0.0.5"], "ipv6_ips": [],
        "status": "in-use",
    });
    scene.with(id, facts::<NetworkInterface>(with(plain, changes)))
}

pub(crate) fn target(id: &str, state: &str) -> Value {
    json!({ "id": id, "port": 8080, "state": state })
}

/// The service behind the load balancer `web`, all of it read.
pub(crate) fn application() -> Scene {
    let scene = balancer(service(network(), &json!({})), "web", &json!({}));
    let scene = listener(scene, "web", &[("default", json!([]), &[("web", 1)])]);
    let scene = group(scene, "web", &json!([target("10.0.0.5", "healthy")]), &json!({}));
    complete(complete(scene, &TASKS, SERVICE), &TARGET_GROUPS, "")
}

/// A site in words: its subnet, how many addresses of either family it has or may have, its groups, its public address.
pub(crate) fn site(site: &Site<'_>) -> String {
    let some = if site.exact { "" } else { "of " };
    let v6 = match (&site.ipv6, site.addresses.v6.is_empty()) {
        (Some(_), _) => " v6?",
        (None, false) => " v6",
        (None, true) => "",
    };
    let public = match &site.public {
        Public::No => "",
        Public::Yes(known) if known.v4.size() == 1 => " public",
        Public::Yes(_) => " some-public",
        Public::Untold(_) => " public?",
    };
    let groups = site.guard.map_or("unguarded".to_owned(), |guard| guard.groups.join("+"));
    format!("{} {some}{}{v6} {groups}{public}", site.subnet.id, site.addresses.v4.size())
}

pub(crate) fn told(places: &Places<'_>) -> Vec<String> {
    let sites = places.known.iter().map(|place| match place {
        Place::Aws(known) => site(known),
        Place::Service(service) => format!("service {}", service.id),
        other => format!("{other:?}"),
    });
    sites.chain(places.gaps.iter().map(|gap| format!("? {}", why(gap)))).collect()
}

/// An entrance in words: the door and its hops; where it sends, or why it does not.
pub(crate) fn entrance(entrance: &Entrance<'_>) -> String {
    let hops: Vec<_> = entrance.hops.iter().map(|hop| short(hop.at.label())).collect();
    let place = |place: &Place<'_>| match place {
        Place::Aws(known) => format!("{} in {}", known.addresses.v4.size(), known.subnet.id),
        other => format!("{other:?}"),
    };
    let step = |step: &Step<'_>| {
        let to: Vec<_> = step.to.iter().map(place).collect();
        format!(" > {}x{} {}", step.from.len(), to.join("+"), step.traffic.ports[0].first)
    };
    let door = format!("{} {}: {}", short(&entrance.by.name), entrance.ports[0].first, hops.join(", "));
    let onward = entrance.onward.iter().map(step);
    let lost = entrance.lost.iter().map(|lost| format!(" ! {}", lost.reason.code()));
    let gaps = entrance.gaps.iter().map(|gap| format!(" ? {}", why(gap)));
    std::iter::once(door).chain(onward).chain(lost).chain(gaps).collect()
}

/// What follows the account in an ARN.
fn short(id: &str) -> &str {
    id.rsplit("111111111111:").next().unwrap_or(id)
}

/// What a gap asks for, or else what it says.
pub(crate) fn why(gap: &Gap) -> &str {
    if gap.detail.is_empty() { &gap.call } else { &gap.detail }
}
