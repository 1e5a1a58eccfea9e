"""What is to be built, and what is built so far."""

import json
from dataclasses import dataclass

from ..objects import Objects
from . import arm

SUBSCRIPTION = "7c41e5d2-3b8a-4f06-9e57-d1a2c60b84f3"
OTHER_SUBSCRIPTION = "e08b6f19-52cd-4a73-8d41-96f7b3c5a21e"
TENANT = "332f7404-eff3-589d-a4b5-f128ce03f571"
"""The one that the emulator gives tokens of."""
CORE_GROUP = CLUSTER = "example-stacks-nonprod-euw-core"
NODE_GROUP = f"MC_{CORE_GROUP}_{CLUSTER}_{arm.LOCATION}"
SHARED_GROUP = "example-stacks-shared-euw"
REGISTRY = "examplestacksshared"
ZONE = "nonprod.example.com"
INGRESS_ADDRESS = "10.1.15.250"
"""The internal load balancer's: at the end of the nodes' subnet, so that no node takes it."""
PUBLIC_ADDRESS = "203.0.113.24"
RELEASE = "1.0.42"
GROUP_TAGS = {"Company": "example", "Component": "core", "Project": "stacks", "Region": arm.LOCATION}


def group_of(stage: str, domain: str) -> str:
    """The resource group of an API."""
    return f"example-stacks-{stage}-euw-{domain}"


@dataclass(frozen=True)
class Plan:
    """Which of the design's variants, and what many parts have to know of it."""

    namespace: str = "dev-api"
    app: str = "netcore-api"
    domain: str = "menu"
    hosts: tuple[str, ...] = (f"dev-api.{ZONE}", f"dev-menu.{ZONE}")
    replicas: int = 2
    relayed: bool = False
    """Whether the ingress has to say where its names lead: here nobody in the cluster writes names."""
    hardened: bool = True
    """More than the published templates do."""

    @property
    def registry_subscription(self) -> str:
        """Where the registry is: with what other environments share, or beside the core."""
        return OTHER_SUBSCRIPTION if self.hardened else SUBSCRIPTION

    @property
    def group(self) -> str:
        """The API's resource group, and its Cosmos DB account."""
        return group_of("dev", self.domain)

    @property
    def identity(self) -> str:
        """Whom the pods act as."""
        return f"{self.group}-api"

    @property
    def registry(self) -> str:
        """Where its images come from."""
        return f"{REGISTRY}.azurecr.io"

    @property
    def image(self) -> str:
        """What the newest pods run."""
        return f"{self.registry}/{self.app}:{RELEASE}"

    @property
    def variables(self) -> dict[str, str]:
        """What its container is told."""
        return {"CosmosDb__DatabaseAccountUri": f"https://{self.group}.documents.azure.com:443/"}

    @property
    def account_annotations(self) -> dict[str, str]:
        """What the pods' account says of whom they act as."""
        client = {"azure.workload.identity/client-id": arm.guid("client", self.identity)}
        return client if self.hardened else {}

    @property
    def pod_labels(self) -> dict[str, str]:
        """What only the pods are labelled with."""
        return {"azure.workload.identity/use": "true"} if self.hardened else {}

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
    domain="netcore-api-cqrs",
    hosts=(f"dev-netcore-api-cqrs.{ZONE}",),
    replicas=1,
    hardened=False,
)
"""What the published templates deploy."""


class Aks(Objects):
    """What is built so far: ARM's resources, the cluster's objects, and the ids that later steps need."""

    plan: Plan
    resources: dict[str, dict]

    def put(self, *resources: dict) -> None:
        """Puts resources into ARM, each in the place of the one of its id, if any."""
        for each in resources:
            self.resources[each["id"].lower()] = each
        self.control("azure/resources", list(resources))

    def told(self, resource_id: str) -> dict:
        """A copy of a resource, to change and put again."""
        return json.loads(json.dumps(self.resources[resource_id.lower()]))

    def take(self, resource_id: str) -> None:
        """Takes a resource away, and what is below it."""
        gone = resource_id.lower()
        for below in [each for each in self.resources if f"{each}/".startswith(f"{gone}/")]:
            del self.resources[below]
        self.control("azure/resources", [resource_id], "DELETE")

    def in_core(self, kind: str, *names: str) -> str:
        """The id of a resource of the core group."""
        return arm.within(arm.group_id(SUBSCRIPTION, CORE_GROUP), kind, *names)

    def in_nodes(self, kind: str, *names: str) -> str:
        """The id of a resource of the cluster's node group."""
        return arm.within(arm.group_id(SUBSCRIPTION, NODE_GROUP), kind, *names)

    def in_shared(self, kind: str, *names: str) -> str:
        """The id of a resource of the group that all environments share."""
        return arm.within(arm.group_id(self.plan.registry_subscription, SHARED_GROUP), kind, *names)

    def in_api(self, kind: str, *names: str) -> str:
        """The id of a resource of the API's group."""
        return arm.within(arm.group_id(SUBSCRIPTION, self.plan.group), kind, *names)


def start(endpoint: str, plan: Plan) -> Aks:
    """An environment with nothing in it but subscriptions and resource groups."""
    env = Aks(endpoint=endpoint, plan=plan, objects={}, resources={})
    env.published = {"ip": INGRESS_ADDRESS}
    cluster = env.in_core("Microsoft.ContainerService/managedClusters", CLUSTER)
    owned = {"aks-managed-cluster-name": CLUSTER, "aks-managed-cluster-rg": CORE_GROUP}
    env.put(
        arm.subscription(SUBSCRIPTION, TENANT, "example-stacks-nonprod"),
        arm.group(SUBSCRIPTION, CORE_GROUP, GROUP_TAGS),
        arm.group(SUBSCRIPTION, NODE_GROUP, owned, managedBy=arm.lowered(cluster)),
        arm.subscription(OTHER_SUBSCRIPTION, TENANT, "example-shared"),
        arm.group(plan.registry_subscription, SHARED_GROUP, {"Company": "example", "Component": "shared"}),
        arm.group(SUBSCRIPTION, plan.group, {**GROUP_TAGS, "Component": plan.domain}),
    )
    return env
