"""What every cluster of the core deployment runs: nodes, system namespaces, the ingress controller."""

from ipaddress import IPv4Address

from ..objects import Objects
from . import entry, manifests
from .manifests import condition, made
from .plan import REGION, Eks

SYSTEM = ("default", "kube-node-lease", "kube-public", "kube-system", "cert-manager", "external-dns")
CONTROLLER_IMAGE = "registry.k8s.io/ingress-nginx/controller:v1.14.1"


def build(env: Eks) -> None:
    """All of it."""
    for each in env.nodes:
        each["name"] = f"ip-{each['address'].replace('.', '-')}.{REGION}.compute.internal"
    env.apply(*(node(each) for each in env.nodes))
    env.apply(*(manifests.namespace(name) for name in SYSTEM), manifests.namespace("ingress-nginx"))
    asked = {"service.beta.kubernetes.io/aws-load-balancer-type": "nlb"}
    if env.plan.relayed:
        asked["service.beta.kubernetes.io/aws-load-balancer-internal"] = "true"
    controller(env, asked)


def node(each: dict) -> dict:
    """A node that is ready, and names the instance that it is."""
    labels = {
        "kubernetes.io/hostname": each["name"],
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "t3.medium",
        "topology.kubernetes.io/region": REGION,
        "topology.kubernetes.io/zone": each["zone"],
        "eks.amazonaws.com/nodegroup": "bottlerocket",
    }
    conditions = [condition(kind, "False") for kind in ("MemoryPressure", "DiskPressure", "PIDPressure")]
    addresses = {"InternalIP": each["address"], "InternalDNS": each["name"], "Hostname": each["name"]}
    return made(
        "Node",
        each["name"],
        labels=labels,
        spec={"providerID": f"aws:///{each['zone']}/{each['id']}"},
        status={
            "conditions": [*conditions, condition("Ready", "True", "KubeletReady")],
            "addresses": [{"type": kind, "address": address} for kind, address in addresses.items()],
            "nodeInfo": {"kubeletVersion": "v1.36.1-eks-0a1b2c3", "operatingSystem": "linux", "architecture": "amd64"},
        },
    )


def pod_address(node_of: dict, number: int) -> str:
    """The address of a node's pod, in the node's own subnet."""
    return str(IPv4Address(node_of["address"]) + 200 + number)


def controller(env: Objects, asked: dict[str, str]) -> None:
    """The ingress controller behind the load balancer that its service asked for by annotations, and its class."""
    labels = {"app.kubernetes.io/component": "controller", "app.kubernetes.io/name": "ingress-nginx"}
    container = {
        "name": "controller",
        "image": CONTROLLER_IMAGE,
        "ports": [{"name": name, "containerPort": port} for name, port in (("http", 80), ("https", 443))],
    }
    deployment = manifests.deployment(
        entry.CONTROLLER,
        "ingress-nginx",
        labels,
        labels,
        {"containers": [container], "serviceAccountName": "ingress-nginx"},
        2,
        1,
    )
    newest = manifests.replica_set(deployment, 1, 2, CONTROLLER_IMAGE)
    pods = [manifests.pod(newest, number, env.nodes[number], pod_address(env.nodes[number], 90)) for number in range(2)]
    names = {80: "http", 443: "https"}
    ports = [
        {"name": names[port], "port": port, "targetPort": names[port], "nodePort": node_port}
        for port, node_port in entry.NODE_PORTS.items()
    ]
    service = manifests.service(
        entry.CONTROLLER,
        "ingress-nginx",
        labels,
        ports,
        "172.20.40.10",
        labels=labels,
        annotations=asked,
        spec={"type": "LoadBalancer", "externalTrafficPolicy": "Cluster"},
        status={"loadBalancer": {"ingress": [env.published]}},
    )
    account = made("ServiceAccount", "ingress-nginx", "ingress-nginx", labels=labels)
    nginx = made("IngressClass", "nginx", labels=labels, spec={"controller": "k8s.io/ingress-nginx"})
    slices = manifests.slice_of(service, pods, 80)
    slices["ports"].append({"name": "https", "port": 443, "protocol": "TCP"})
    env.apply(account, nginx, service, deployment, newest, *pods, slices)
