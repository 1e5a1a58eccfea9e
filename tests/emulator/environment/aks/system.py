"""What every cluster of the core deployment runs: nodes, system namespaces, the ingress controller."""

from ..eks import manifests
from ..eks.manifests import condition, made
from ..eks.system import SYSTEM, controller
from . import arm
from .cluster import PATCH
from .plan import NODE_GROUP, Aks

ASKED = {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}
"""What the ingress controller's service asks the cloud controller for."""
PROBED = "service.beta.kubernetes.io/azure-load-balancer-health-probe-request-path"


def build(env: Aks) -> None:
    """All of it."""
    env.apply(*(node(each) for each in env.nodes))
    env.apply(*(manifests.namespace(name) for name in SYSTEM), manifests.namespace("ingress-nginx"))
    asked = {**ASKED, PROBED: "/healthz"}
    if not env.plan.hardened:
        # The published templates fix the address by the service, and an older cloud controller reads it there.
        asked["service.beta.kubernetes.io/azure-load-balancer-ipv4"] = env.published["ip"]
    controller(env, asked)


def node(each: dict) -> dict:
    """A node that is ready, and names the machine that it is."""
    labels = {
        "agentpool": each["pool"],
        "kubernetes.azure.com/agentpool": each["pool"],
        "kubernetes.azure.com/cluster": NODE_GROUP,
        "kubernetes.azure.com/mode": "system" if each["pool"] == "system" else "user",
        "kubernetes.io/hostname": each["name"],
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "Standard_D4s_v5",
        "topology.kubernetes.io/region": arm.LOCATION,
        "topology.kubernetes.io/zone": each["zone"],
    }
    conditions = [condition(kind, "False") for kind in ("MemoryPressure", "DiskPressure", "PIDPressure")]
    addresses = {"InternalIP": each["address"], "Hostname": each["name"]}
    return made(
        "Node",
        each["name"],
        labels=labels,
        spec={"providerID": f"azure://{each['id']}"},
        status={
            "conditions": [*conditions, condition("Ready", "True", "KubeletReady")],
            "addresses": [{"type": kind, "address": address} for kind, address in addresses.items()],
            "nodeInfo": {"kubeletVersion": f"v{PATCH}", "operatingSystem": "linux", "architecture": "amd64"},
        },
    )
