"""What load balancers tell, and targets whose health a test can set."""

import moto.elbv2.models as models
from moto.elbv2.models import (
    ELBv2Backend,
    FakeAction,
    FakeHealthStatus,
    FakeListener,
    FakeLoadBalancer,
    FakeTargetGroup,
    elbv2_backends,
)
from moto.moto_api._internal import mock_random

from .replacing import after

ALIAS_ZONES = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-west-2": "ZHURV8PSTC4K8",
}
"""The zone that aliases of an application load balancer name, by region."""

NETWORK_ALIAS_ZONES = {
    "us-east-1": "Z26RNL4JYFTOTI",
    "us-east-2": "ZLMOA37VPKANP",
    "us-west-1": "Z24FKFUX50B4VW",
    "us-west-2": "Z18D5FSROUN65G",
    "eu-west-1": "Z2IFOLAFXWLO4F",
    "eu-west-2": "ZD4D7Y8KGAS4G",
}
"""The same of a network load balancer."""

health: dict[tuple[str, str | None], dict] = {}
"""What a test said of a target group (by name), or of one target in it."""


def install() -> None:
    """Replaces what tells a listener, an action, a target group and a target's health."""
    ELBv2Backend.create_load_balancer = create_load_balancer
    ELBv2Backend.delete_load_balancer = delete_load_balancer
    after(FakeLoadBalancer, "__init__")(name_zone)
    after(FakeListener, "__init__")(tell_listener)
    after(FakeAction, "__init__")(tell_action)
    FakeTargetGroup.load_balancer_arns = property(routed_from, lambda group, _told: None)
    FakeTargetGroup.health_for = health_for
    models.register_certificate = register_certificate


def forget() -> None:
    """Forgets what tests said."""
    health.clear()


def set_health(states: list[dict]) -> None:
    """Takes `[{"target_group": name, "target": id or null, "state": …, "reason": …}]`."""
    for state in states:
        health[(state["target_group"], state.get("target"))] = state


moto_create_load_balancer = ELBv2Backend.create_load_balancer
moto_delete_load_balancer = ELBv2Backend.delete_load_balancer


def create_load_balancer(self, *args, **kwargs) -> FakeLoadBalancer:
    """A network load balancer says so in its ARN, and has an interface in each subnet."""
    balancer = moto_create_load_balancer(self, *args, **kwargs)
    if balancer.type != "network":
        return balancer
    was, balancer.arn = balancer.arn, balancer.arn.replace(":loadbalancer/app/", ":loadbalancer/net/")
    self.load_balancers[balancer.arn] = self.load_balancers.pop(was)
    tags = self.tagging_service.list_tags_for_resource(was)["Tags"]
    self.tagging_service.delete_all_tags_for_resource(was)
    self.tagging_service.tag_resource(balancer.arn, tags)
    region = balancer.arn.split(":")[3]
    balancer.canonical_hosted_zone_id = NETWORK_ALIAS_ZONES.get(region, balancer.canonical_hosted_zone_id)
    balancer.dns_name = f"{balancer.name}-{balancer.arn.rpartition('/')[2]}.elb.{region}.amazonaws.com"
    for subnet in balancer.subnets:
        groups = balancer.security_groups or []
        interface = self.ec2_backend.create_network_interface(
            subnet, None, group_ids=groups, description=described(balancer)
        )
        interface.interface_type = "network_load_balancer"
        interface.status = "in-use"
    return balancer


def delete_load_balancer(self, arn: str) -> None:
    """Its interfaces go with it."""
    balancer = self.load_balancers.get(arn)
    if balancer:
        enis = self.ec2_backend.enis
        for gone in [eni.id for eni in enis.values() if eni.description == described(balancer)]:
            del enis[gone]
    moto_delete_load_balancer(self, arn)


def described(balancer) -> str:
    """How a load balancer's interfaces say whose they are."""
    return f"ELB {balancer.arn.partition(':loadbalancer/')[2]}"


def name_zone(balancer, _made, *_args, **_kwargs) -> None:
    """Aliases name the zone of the load balancer's region."""
    region = balancer.arn.split(":")[3]
    balancer.canonical_hosted_zone_id = ALIAS_ZONES.get(region, balancer.canonical_hosted_zone_id)


def tell_listener(listener, _made, *_args, **_kwargs) -> None:
    """Only what ends TLS has a policy for it; the default rule's id repeats from run to run, as other ids do."""
    if listener.protocol not in ("HTTPS", "TLS"):
        listener.ssl_policy = None
    prefix = listener.arn.replace(":listener/", ":listener-rule/")
    listener._default_rule[0].arn = f"{prefix}/{mock_random.get_random_hex(16)}"


def tell_action(action, _made, *_args, **_kwargs) -> None:
    """An action that forwards to one group says so in both of AWS's ways."""
    if action.type != "forward":
        return
    if "TargetGroupArn" in action.data and "ForwardConfig" not in action.data:
        only = {"TargetGroupArn": action.data["TargetGroupArn"], "Weight": 1}
        action.ForwardConfig = {"TargetGroups": [only], "TargetGroupStickinessConfig": {"Enabled": False}}
    elif "TargetGroupArn" not in action.data and len(action.data["ForwardConfig"]["TargetGroups"]) == 1:
        action.TargetGroupArn = action.data["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]


def routed_from(group: FakeTargetGroup) -> list[str]:
    """The load balancers of which some rule names the group, whichever was changed last."""
    _, _, _, region, account, _ = group.arn.split(":", 5)
    balancers = elbv2_backends[account][region].load_balancers.values()
    return [balancer.arn for balancer in balancers if names_group(balancer, group.arn)]


def names_group(balancer, group: str) -> bool:
    """Whether some rule of a load balancer names a group."""
    return any(
        group == action.data.get("TargetGroupArn")
        or any(group == each["TargetGroupArn"] for each in action.data.get("ForwardConfig", {}).get("TargetGroups", []))
        for listener in balancer.listeners.values()
        for rule in listener.rules.values()
        for action in rule.actions
    )


moto_health_for = FakeTargetGroup.health_for


def health_for(self, target, ec2_backend) -> FakeHealthStatus:
    """What a test said, else unused without a load balancer, else what moto says."""
    told = moto_health_for(self, target, ec2_backend)
    if told.health_check_port == "traffic-port":
        told.health_check_port = str(told.port)
    if target["Id"] not in self.targets:
        return told
    said = health.get((self.name, target["Id"])) or health.get((self.name, None))
    if said:
        told.status, told.reason = said["state"], said.get("reason")
    elif not self.load_balancer_arns:
        told.status, told.reason = "unused", "Target.NotInUse"
        told.description = "Target group is not configured to receive traffic from the load balancer"
    return told


moto_register_certificate = models.register_certificate


def register_certificate(account_id: str, region: str, arn_certificate: str, arn_user: str) -> None:
    """A certificate is in use by the load balancer, not by its listener."""
    balancer = arn_user.replace(":listener/", ":loadbalancer/").rpartition("/")[0]
    moto_register_certificate(account_id, region, arn_certificate, balancer)
