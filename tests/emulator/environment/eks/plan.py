"""What is to be built, and what is built so far."""

import json
import urllib.request
from dataclasses import dataclass
from types import SimpleNamespace

from ..account import MAIN, Account, main_account, pairs

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
    def image(self) -> str:
        """What the newest pods run."""
        return f"{REGISTRY}/{self.app}:{RELEASE}"

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


class Eks(SimpleNamespace):
    """What is built so far: the account, the cluster's objects, and the ids that later steps need."""

    endpoint: str
    plan: Plan
    main: Account
    objects: dict[tuple[str, str, str], dict]

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

    def control(self, path: str, body=None, method: str = "POST"):
        """One control request's answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/emulator/{path}", data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def apply(self, *objects: dict) -> None:
        """Puts objects into the cluster."""
        for each in objects:
            self.objects[(each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"])] = each
        self.control("kubernetes/objects", list(objects))

    def applied(self, kind: str, name: str, namespace: str | None = None) -> dict:
        """A copy of an object of the application's namespace, to change and apply again; "" is no namespace."""
        namespace = self.plan.namespace if namespace is None else namespace
        return json.loads(json.dumps(self.objects[(kind, namespace, name)]))


def start(endpoint: str, plan: Plan) -> Eks:
    """An environment with nothing in it."""
    return Eks(endpoint=endpoint, plan=plan, main=main_account(endpoint, REGION), objects={})
