"""Targets whose health a test can set, and that are unused where no load balancer routes to them."""

from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup, elbv2_backends

health: dict[tuple[str, str | None], dict] = {}
"""What a test said of a target group (by name), or of one target in it."""


def install() -> None:
    """Replaces what tells a target's health."""
    FakeTargetGroup.health_for = health_for


def forget() -> None:
    """Forgets what tests said."""
    health.clear()


def set_health(states: list[dict]) -> None:
    """Takes `[{"target_group": name, "target": id or null, "state": …, "reason": …}]`."""
    for state in states:
        health[(state["target_group"], state.get("target"))] = state


moto_health_for = FakeTargetGroup.health_for


def health_for(self, target, ec2_backend) -> FakeHealthStatus:
    """What a test said, else unused without a load balancer, else what moto says."""
    told = moto_health_for(self, target, ec2_backend)
    if target["Id"] not in self.targets:
        return told
    said = health.get((self.name, target["Id"])) or health.get((self.name, None))
    if said:
        told.status, told.reason = said["state"], said.get("reason")
    elif not routed_to(self):
        told.status, told.reason = "unused", "Target.NotInUse"
        told.description = "Target group is not configured to receive traffic from the load balancer"
    return told


def routed_to(group: FakeTargetGroup) -> bool:
    """Whether some load balancer's listener or rule names the group."""
    return bool(group.load_balancer_arns)
