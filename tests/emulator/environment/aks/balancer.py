"""The load balancers that the cluster keeps: one for what leaves it, one for the ingress controller's service."""

from kubernetes.store import uid

from ..eks.entry import CONTROLLER, NODE_PORTS
from . import arm
from .cluster import MACHINES, POOLS, scale_set
from .network import public_address
from .plan import CLUSTER, CORE_GROUP, INGRESS_ADDRESS, NODE_GROUP, Aks

KIND = "Microsoft.Network/loadBalancers"
OUTBOUND_ADDRESS = "203.0.113.77"


def build(env: Aks) -> None:
    """Both, in the node group, whose name the cloud controller writes in small letters."""
    env.balancer = env.in_nodes(KIND, "kubernetes-internal").replace(NODE_GROUP, NODE_GROUP.lower())
    env.put(internal(env.balancer, env.subnets["aks"], INGRESS_ADDRESS, interfaces(env)))
    outbound(env)


def interfaces(env: Aks) -> list[str]:
    """The addresses of the nodes, as parts of their machines."""
    return [
        env.in_nodes(MACHINES, scale_set(pool), "virtualMachines", str(number), "networkInterfaces", scale_set(pool))
        + "/ipConfigurations/ipconfig1"
        for pool, count in POOLS.items()
        for number in range(count)
    ]


def frontend_name() -> str:
    """The cloud controller names a frontend after the service's uid."""
    return "a" + uid("Service", "ingress-nginx", CONTROLLER).replace("-", "")[:31]


def internal(balancer_id: str, subnet: str, address: str, backends: list[str]) -> dict:
    """A load balancer with one private address, which sends the web's two ports to all nodes."""
    name = frontend_name()
    rules = [f"{name}-TCP-{port}" for port in NODE_PORTS]
    frontend = {
        "privateIPAddress": address,
        "privateIPAllocationMethod": "Static",
        "subnet": arm.referred(subnet),
        "loadBalancingRules": [arm.referred(f"{balancer_id}/loadBalancingRules/{each}") for each in rules],
        "privateIPAddressVersion": "IPv4",
    }
    pool = f"{balancer_id}/backendAddressPools/kubernetes"
    ruled = {"loadBalancingRules": frontend["loadBalancingRules"]}
    backend = {"backendIPConfigurations": [arm.referred(each) for each in backends], **ruled}
    told = {
        "frontendIPConfigurations": [
            arm.part(balancer_id, "frontendIPConfigurations", name, frontend, zones=["1", "2", "3"])
        ],
        "backendAddressPools": [arm.part(balancer_id, "backendAddressPools", "kubernetes", backend)],
        "loadBalancingRules": [rule(balancer_id, f"{name}-TCP-{port}", name, pool, port) for port in NODE_PORTS],
        "probes": [probe(balancer_id, f"{name}-TCP-{port}", node_port) for port, node_port in NODE_PORTS.items()],
        "inboundNatRules": [],
        "outboundRules": [],
        "inboundNatPools": [],
    }
    return arm.networked(balancer_id, told, tags=owned(balancer_id), sku={"name": "Standard", "tier": "Regional"})


def owned(balancer_id: str) -> dict[str, str]:
    """What AKS notes on a load balancer: of whose cluster it is."""
    ours = NODE_GROUP.lower() in balancer_id
    return {"aks-managed-cluster-name": CLUSTER, "aks-managed-cluster-rg": CORE_GROUP} if ours else {}


def rule(balancer_id: str, name: str, frontend: str, pool: str, port: int) -> dict:
    """One port; nodes get what was sent to the frontend's own address."""
    told = {
        "frontendIPConfiguration": arm.referred(f"{balancer_id}/frontendIPConfigurations/{frontend}"),
        "frontendPort": port,
        "backendPort": port,
        "enableFloatingIP": True,
        "idleTimeoutInMinutes": 4,
        "protocol": "Tcp",
        "enableDestinationServiceEndpoint": False,
        "enableTcpReset": True,
        "allowBackendPortConflict": False,
        "loadDistribution": "Default",
        "disableOutboundSnat": True,
        "backendAddressPool": arm.referred(pool),
        "backendAddressPools": [arm.referred(pool)],
        "probe": arm.referred(f"{balancer_id}/probes/{name}"),
    }
    return arm.part(balancer_id, "loadBalancingRules", name, told)


def probe(balancer_id: str, name: str, node_port: int) -> dict:
    """How a load balancer asks the nodes of a port."""
    told = {
        "protocol": "Tcp",
        "port": node_port,
        "intervalInSeconds": 5,
        "numberOfProbes": 2,
        "probeThreshold": 2,
        "noHealthyBackendsBehavior": "AllProbedDown",
        "loadBalancingRules": [arm.referred(f"{balancer_id}/loadBalancingRules/{name}")],
    }
    return arm.part(balancer_id, "probes", name, told)


def outbound(env: Aks) -> None:
    """The cluster's public load balancer, which lets nothing in."""
    name = arm.guid("outbound", env.cluster)
    address = env.in_nodes("Microsoft.Network/publicIPAddresses", name)
    balancer = env.in_nodes(KIND, "kubernetes").replace(NODE_GROUP, NODE_GROUP.lower())
    frontend = f"{balancer}/frontendIPConfigurations/{name}"
    rules = [arm.referred(f"{balancer}/outboundRules/aksOutboundRule")]
    pool = f"{balancer}/backendAddressPools/aksOutboundBackendPool"
    leaving = {
        "allocatedOutboundPorts": 0,
        "protocol": "All",
        "enableTcpReset": True,
        "idleTimeoutInMinutes": 30,
        "backendAddressPool": arm.referred(pool),
        "frontendIPConfigurations": [arm.referred(frontend)],
    }
    held = {"privateIPAllocationMethod": "Dynamic", "publicIPAddress": arm.referred(address), "outboundRules": rules}
    backends = [arm.referred(each) for each in interfaces(env)]
    told = {
        "frontendIPConfigurations": [arm.part(balancer, "frontendIPConfigurations", name, held)],
        "backendAddressPools": [
            arm.part(
                balancer,
                "backendAddressPools",
                "aksOutboundBackendPool",
                {"backendIPConfigurations": backends, "outboundRules": rules},
            )
        ],
        "loadBalancingRules": [],
        "probes": [],
        "inboundNatRules": [],
        "outboundRules": [arm.part(balancer, "outboundRules", "aksOutboundRule", leaving)],
        "inboundNatPools": [],
    }
    env.put(
        public_address(address, OUTBOUND_ADDRESS, "outbound", frontend),
        arm.networked(balancer, told, tags=owned(balancer), sku={"name": "Standard", "tier": "Regional"}),
    )
