"""What can be wrong: each on its own, or all of `EVERY` at once; none of these hides another."""

from dataclasses import replace

from . import application, entry, manifests, roles, storage
from .manifests import condition, made
from .plan import CONFORMANT, LOG_TYPES, ZONE, Eks, Plan

PLANNED = {
    "scheduler_not_logged": {"log_types": LOG_TYPES[:4]},
    "secrets_in_clear": {"secrets_encrypted": False},
    "api_open_to_the_world": {"public_cidrs": ("0.0.0.0/0",)},
    "nodes_in_public_subnets": {"node_tier": "public"},
    "cluster_administrator": {"administrator": True},
}
"""What has to be wrong from the start: changes of the plan."""
PLANNED_ALONE = {"pod_identity_agent_missing": {"agent": False}}
"""The same, where it would hide another fault."""


def plan_with(names: list[str]) -> Plan:
    """The conformant plan with these changes."""
    planned = PLANNED | PLANNED_ALONE
    changes = [planned[name] for name in names if name in planned]
    return replace(CONFORMANT, **{key: value for change in changes for key, value in change.items()})


def second_host_leads_away(env: Eks) -> None:
    """The second public name leads to somebody else."""
    host = env.plan.hosts[1]
    entry.change(env, "DELETE", entry.alias(host, env.public_balancer))
    (noted,) = [each for each in records(env) if (each["Name"], each["Type"]) == (f"{host}.", "TXT")]
    entry.change(env, "DELETE", noted)
    entry.change(env, "CREATE", entry.record(host, "CNAME", "retired.example.net"))


def records(env: Eks) -> list[dict]:
    """The zone's record sets."""
    return env.main.client("route53").list_resource_record_sets(HostedZoneId=env.zone)["ResourceRecordSets"]


def internal_balancer_unhealthy(env: Eks) -> None:
    """The public load balancer finds the internal one unhealthy."""
    spoiled = {"target_group": "example-stacks-nonprod-internal", "state": "unhealthy", "reason": "Target.Timeout"}
    env.control("health", [spoiled])


def foreign_target(env: Eks) -> None:
    """An instance that is no node is a target of the ingress controller's load balancer."""
    env.main.client("elbv2").register_targets(
        TargetGroupArn=env.node_targets[443], Targets=[{"Id": env.bastion, "Port": entry.NODE_PORTS[443]}]
    )


def nodes_may_not_pull(env: Eks) -> None:
    """The nodes' role may not pull images."""
    env.main.client("iam").detach_role_policy(
        RoleName=env.node_role_name, PolicyArn=f"{roles.AWS}/AmazonEC2ContainerRegistryReadOnly"
    )


def pods_may_only_read(env: Eks) -> None:
    """The pods' role may not write to the table."""
    roles.allow_table(env, roles.READ)


def tags_change(env: Eks) -> None:
    """A tag of the repository may get another image."""
    env.main.client("ecr").put_image_tag_mutability(repositoryName=env.plan.app, imageTagMutability="MUTABLE")


def not_recoverable(env: Eks) -> None:
    """The table can't be restored to any point in time."""
    storage.recoverable(env, False)


def table_unprotected(env: Eks) -> None:
    """The table may be deleted."""
    env.main.client("dynamodb").update_table(TableName=env.plan.table, DeletionProtectionEnabled=False)


def namespace_terminating(env: Eks) -> None:
    """The namespace is being deleted."""
    changed = env.applied("Namespace", env.plan.namespace, "")
    changed["metadata"]["deletionTimestamp"] = "2026-01-12T11:00:00Z"
    changed["status"]["phase"] = "Terminating"
    env.apply(changed)


def backend_port_wrong(env: Eks) -> None:
    """A path of the ingress goes to a port that the service lacks."""
    add_path(env, application.backend(env.plan.app, "/v2", 9090))


def add_path(env: Eks, path: dict) -> None:
    """One more path for the first public name."""
    changed = env.applied("Ingress", env.plan.app)
    changed["spec"]["rules"][0]["http"]["paths"].append(path)
    env.apply(changed)


def service_selects_nothing(env: Eks) -> None:
    """A second service of the ingress selects no deployment's pods."""
    name, plan = f"{env.plan.app}-docs", env.plan
    port = {"name": "http", "port": application.PORT, "targetPort": "http"}
    made_of = manifests.service(name, plan.namespace, {"app": "docs"}, [port], "172.20.81.8", labels=plan.labels)
    env.apply(made_of, manifests.slice_of(made_of, [], application.CONTAINER_PORT))
    add_path(env, application.backend(name, "/docs", application.PORT))


def second_host_without_tls(env: Eks) -> None:
    """TLS does not cover the second public name."""
    changed = env.applied("Ingress", env.plan.app)
    changed["spec"]["tls"][0]["hosts"] = [env.plan.hosts[0]]
    env.apply(changed)


def plain_requests_served(env: Eks) -> None:
    """Plain requests are not redirected to https."""
    changed = env.applied("Ingress", env.plan.app)
    changed["metadata"]["annotations"]["nginx.ingress.kubernetes.io/ssl-redirect"] = "false"
    env.apply(changed)


def ingress_of_same_path(env: Eks) -> None:
    """Another ingress claims the same host and path."""
    changed = env.applied("Ingress", env.plan.app)
    changed["metadata"]["name"] = f"{env.plan.app}-copy"
    changed["spec"]["rules"] = [application.rule(env.plan.hosts[0], env.plan.app)]
    changed["spec"]["tls"] = [{"hosts": [env.plan.hosts[0]], "secretName": f"{env.plan.app}-tls"}]
    changed["metadata"]["annotations"]["nginx.ingress.kubernetes.io/ssl-redirect"] = "true"
    env.apply(changed)


def service_of_another_env(env: Eks) -> None:
    """The service is labelled as another environment's."""
    changed = env.applied("Service", env.plan.app)
    changed["metadata"]["labels"]["environment"] = "test"
    env.apply(changed)


def sidecar_from_docker_hub(env: Eks) -> None:
    """A container beside the API comes from a public registry."""
    changed = env.applied("Deployment", env.plan.app)
    sidecar = {"name": "proxy", "image": "docker.io/envoyproxy/envoy:v1.36.2"}
    changed["spec"]["template"]["spec"]["containers"].append(sidecar)
    env.apply(changed)


def one_pod_unready(env: Eks) -> None:
    """One of the two pods does not get ready, so that the rollout has failed."""
    changed = env.applied("Deployment", env.plan.app)
    changed["status"].update(readyReplicas=1, availableReplicas=1, unavailableReplicas=1)
    changed["status"]["conditions"] = [
        condition("Available", "False", "MinimumReplicasUnavailable"),
        condition("Progressing", "False", "ProgressDeadlineExceeded"),
    ]
    sick = env.applied("Pod", env.pods[1]["metadata"]["name"])
    manifests.unready(sick)
    service = env.applied("Service", env.plan.app)
    env.apply(changed, sick, manifests.slice_of(service, [env.pods[0], sick], application.CONTAINER_PORT))


def no_ready_endpoint(env: Eks) -> None:
    """The service has endpoints, and none is ready."""
    sick = [env.applied("Pod", each["metadata"]["name"]) for each in env.pods]
    for each in sick:
        manifests.unready(each)
    service = env.applied("Service", env.plan.app)
    env.apply(*sick, manifests.slice_of(service, sick, application.CONTAINER_PORT))


def class_missing(env: Eks) -> None:
    """The ingress names a class that nobody installed."""
    changed = env.applied("Ingress", env.plan.app)
    changed["spec"]["ingressClassName"] = "nginx-inside"
    env.apply(changed)


def dns_leads_to_another_balancer(env: Eks) -> None:
    """Every public name leads to another environment's load balancer."""
    for host in env.plan.hosts:
        entry.change(env, "DELETE", entry.alias(host, env.public_balancer))
        entry.change(env, "CREATE", entry.alias(host, env.other_balancer))


def balancer_of_nobody(env: Eks) -> None:
    """The public load balancer says nothing of whose it is."""
    balancer = env.public_balancer["LoadBalancerArn"]
    env.main.client("elbv2").remove_tags(ResourceArns=[balancer], TagKeys=["Environment"])


def ingress_without_address(env: Eks) -> None:
    """No controller has taken the ingress."""
    changed = env.applied("Ingress", env.plan.app)
    changed["status"] = {"loadBalancer": {}}
    env.apply(changed)


def host_taken_elsewhere(env: Eks) -> None:
    """An ingress of another namespace claims the first public name: seen only by who reads that namespace."""
    spec = {"ingressClassName": "nginx", "rules": [application.rule(env.plan.hosts[0], env.plan.app)]}
    env.apply(made("Ingress", "thief", "test-api", labels={"zone": ZONE}, spec=spec, status={"loadBalancer": {}}))


EVERY = (
    second_host_leads_away,
    internal_balancer_unhealthy,
    foreign_target,
    nodes_may_not_pull,
    pods_may_only_read,
    tags_change,
    not_recoverable,
    table_unprotected,
    balancer_of_nobody,
    namespace_terminating,
    backend_port_wrong,
    service_selects_nothing,
    second_host_without_tls,
    plain_requests_served,
    ingress_of_same_path,
    service_of_another_env,
    sidecar_from_docker_hub,
    one_pod_unready,
)
ALONE = (
    no_ready_endpoint,
    class_missing,
    dns_leads_to_another_balancer,
    ingress_without_address,
    host_taken_elsewhere,
)
"""Those that would hide others."""
BY_NAME = {fault.__name__: fault for fault in (*EVERY, *ALONE)}
NAMES = (*PLANNED, *PLANNED_ALONE, *BY_NAME)
