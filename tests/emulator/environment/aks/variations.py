"""What can be another way and still is the design."""

from . import access, arm, cluster, names
from .faults import change
from .plan import PUBLIC_ADDRESS, Aks


def api_by_azure_name(env: Aks) -> None:
    """The API server goes by a name as those of AKS have, which the emulator's proxy leads to it."""
    change(env, env.cluster, fqdn=f"{cluster.PREFIX}-{arm.guid('dns')[:8]}.hcp.{arm.LOCATION}.azmk8s.io")


def api_private(env: Aks) -> None:
    """The API server has an address in the network, and a private name beside its public one."""
    zone = f"{arm.guid('private', env.cluster)}.privatelink.{arm.LOCATION}.azmk8s.io"
    access_by = {"enablePrivateCluster": True, "privateDNSZone": "system", "enablePrivateClusterPublicFQDN": True}
    private = f"{cluster.PREFIX}-{arm.guid('dns')[:8]}.{zone}"
    change(env, env.cluster, apiServerAccessProfile=access_by, privateFQDN=private)


def record_of_the_address(env: Aks) -> None:
    """The second public name has the gateway's address, and is no alias."""
    name = names.label(env.plan.hosts[1])
    env.put(names.record(env.zone, "A", name, ARecords=[{"ipv4Address": PUBLIC_ADDRESS}]))


def pull_at_group(env: Aks) -> None:
    """The nodes may pull from all registries of the group."""
    moved(env, arm.group_id(env.plan.registry_subscription, env.registry.split("/")[4]), "AcrPull")


def pull_at_subscription(env: Aks) -> None:
    """The nodes may pull from all registries of the subscription."""
    moved(env, f"/subscriptions/{env.plan.registry_subscription}", "AcrPull")


def pull_by_contributor(env: Aks) -> None:
    """The nodes may do all with the registry."""
    moved(env, env.registry, "Contributor")


def moved(env: Aks, scope: str, role: str) -> None:
    """Puts another assignment in the place of the one that lets the nodes pull."""
    env.take(access.assignment_id(env.registry, "AcrPull", env.kubelet_principal))
    env.put(access.assignment(scope, role, env.kubelet_principal))


EVERY = (
    api_by_azure_name,
    api_private,
    record_of_the_address,
    pull_at_group,
    pull_at_subscription,
    pull_by_contributor,
)
BY_NAME = {variation.__name__: variation for variation in EVERY}
