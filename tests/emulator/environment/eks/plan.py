"""What is to be built, and what is built so far."""

from dataclasses import dataclass

from ..account import MAIN, Account, main_account, pairs
from ..objects import Objects

REGION = "eu-west-2"
ZONES = tuple(f"{REGION}{letter}" for letter in "abc")
CLUSTER = "example-stacks-nonprod-ew2-eks"
ZONE = "nonprod.example.com"
REGISTRY = f"{MAIN}.dkr.ecr.{REGION}.amazonaws.com"
RELEASE, OLD_RELEASE = "1.0.42", "1.0.41"
LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
CORE = {
    "Environment": "nonprod",
    "Component": "eks",
    "Project": "stacks",
    "Company": "example",
    "Region": REGION,
}


@dataclass(frozen=True)
class Plan:
    """Which of the design's variants, and what can only be chosen when a thing is made."""

    namespace: str = "dev-api"
    app: str = "netcore-api"
    hosts: tuple[str, ...] = (f"dev-api.{ZONE}", f"dev-menu.{ZONE}")
    replicas: int = 2
    relayed: bool = True
    """A public load balancer before an internal one, else one public one straight to the nodes."""
    hardened: bool = True
    """More than the published templates do."""
    log_types: tuple[str, ...] = LOG_TYPES
    secrets_encrypted: bool = True
    public_cidrs: tuple[str, ...] = ("203.0.113.0/24",)
    node_tier: str = "private"
    administrator: bool = False
    agent: bool = True
    """Whether somebody hands out roles to pods; only where pods have any."""

    @property
    def table(self) -> str:
        """The table's name."""
        return f"example-stacks-dev-euw2-{self.app}-menu"

    @property
    def registry(self) -> str:
        """Where its images come from."""
        return REGISTRY

    @property
    def image(self) -> str:
        """What the newest pods run."""
        return f"{self.registry}/{self.app}:{RELEASE}"

    @property
    def variables(self) -> dict[str, str]:
        """What its container is told."""
        return {"DynamoDb__TableName": self.table}

    @property
    def account_annotations(self) -> dict[str, str]:
        """What the pods' account says of whom they act as: EKS keeps that to itself."""
        return {}

    @property
    def pod_labels(self) -> dict[str, str]:
        """What only the pods are labelled with."""
        return {}

    @property
    def labels(self) -> dict[str, str]:
        """What the application's objects are labelled with."""
        return {
            "app": self.app,
            "app.kubernetes.io/component": "api",
            "app.kubernetes.io/name": self.app,
            "app.kubernetes.io/part-of": "stacks",
            "environment": "dev",
        }


CONFORMANT = Plan()
AS_TEMPLATES = Plan(
    namespace="dev-netcore-api-cqrs",
    app="netcore-api-cqrs",
    hosts=(f"dev-netcore-api-cqrs.{ZONE}",),
    replicas=1,
    relayed=False,
    hardened=False,
    public_cidrs=("0.0.0.0/0",),
    administrator=True,
)
"""What the published templates deploy."""


class Eks(Objects):
    """What is built so far: the account, the cluster's objects, and the ids that later steps need."""

    plan: Plan
    main: Account

    def core(self, name: str | None = None, **more: str) -> dict[str, str]:
        """The tags of what the core deployment owns."""
        return {**({"Name": name} if name else {}), **CORE, **more}

    def application(self, **more: str) -> dict[str, str]:
        """The tags of what the application's deployment owns."""
        owned = {"Environment": "nonprod", "Stage": "dev", "Application": self.plan.app, "Owner": "stacks@example.com"}
        return {**owned, **more}

    def specification(self, kind: str, name: str, **more: str) -> list[dict]:
        """The core deployment's tags, in EC2's form."""
        return [{"ResourceType": kind, "Tags": pairs(self.core(name, **more))}]


def start(endpoint: str, plan: Plan) -> Eks:
    """An environment with nothing in it."""
    return Eks(endpoint=endpoint, plan=plan, main=main_account(endpoint, REGION), objects={})
