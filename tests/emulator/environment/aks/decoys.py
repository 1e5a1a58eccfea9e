"""What else stands in the subscription, beside it and in the cluster, and belongs to others."""

from ..eks import application
from ..eks.manifests import made
from . import access, arm, balancer, certificate, cluster, gateway, monitoring, names, network, registry, storage
from .plan import INGRESS_ADDRESS, OTHER_SUBSCRIPTION, SUBSCRIPTION, TENANT, ZONE, Aks, group_of

PROD = "example-stacks-prod-euw-core"


def build(env: Aks) -> None:
    """Another core environment beside ours, another one in a subscription of its own, and single things."""
    env.prod = core(env, SUBSCRIPTION, PROD, "prod.example.com", "203.0.113.90")
    env.sandbox = core(env, OTHER_SUBSCRIPTION, "example-stacks-nonprod-euw-core", ZONE, "203.0.113.91")
    stray(env)
    in_cluster(env)


def core(env: Aks, subscription: str, name: str, zone: str, address: str) -> dict[str, str]:
    """A core environment of the same making: its network and its private addresses are equal to ours."""
    env.put(arm.group(subscription, name, {"Company": "example", "Component": "core"}))
    nodes = f"MC_{name}_{name}_{arm.LOCATION}"
    env.put(arm.group(subscription, nodes, {}))
    within, below = arm.group_id(subscription, name), arm.group_id(subscription, nodes)
    ids = {
        "network": arm.within(within, network.NETWORK, name),
        "address": arm.within(within, network.PUBLIC_IP, name),
        "gateway": arm.within(within, gateway.KIND, name),
        "cluster": arm.within(within, cluster.KIND, name),
        "balancer": arm.within(below, balancer.KIND, "kubernetes-internal"),
        "zone": arm.within(within, names.KIND, zone),
        "cosmos": arm.within(within, storage.KIND, f"{name}-{subscription[:4]}"),
    }
    env.put(network.network(ids["network"], {}, {}))
    env.put(balancer.internal(ids["balancer"], f"{ids['network']}/subnets/aks", INGRESS_ADDRESS, []))
    entered = gateway.Gateway(ids["gateway"], f"{ids['network']}/subnets/gateway", ids["address"])
    entered.secure(gateway.CERTIFICATE, certificate.alone(f"*.{zone}"))
    entered.pool(gateway.POOL, INGRESS_ADDRESS)
    gateway.for_all(entered, f"portal.{zone}")
    held = f"{ids['gateway']}/frontendIPConfigurations/{gateway.FRONTEND}"
    env.put(network.public_address(ids["address"], address, f"{subscription[:4]}-{name[15:19]}", held), entered.body())
    kubelet = arm.within(below, cluster.IDENTITY, f"{name}-agentpool")
    env.put(cluster.identity(kubelet), another_cluster(ids["cluster"], nodes, f"{ids['network']}/subnets/aks", kubelet))
    env.put(names.zone(ids["zone"]), *names.apex(ids["zone"]))
    for label in ("portal", "dev-api"):
        env.put(names.record(ids["zone"], "A", label, target=ids["address"], ARecords=[]))
    env.put(storage.account(ids["cosmos"], hardened=False))
    return ids


def another_cluster(cluster_id: str, nodes: str, subnet: str, kubelet: str) -> dict:
    """A cluster that nobody entered, as an older version of its API tells it."""
    name = cluster_id.rpartition("/")[2]
    host = f"{name}-dns-{arm.guid('dns', cluster_id)[:8]}.hcp.{arm.LOCATION}.azmk8s.io"
    pool = {
        "name": "system",
        "count": 1,
        "vmSize": "Standard_DS2_v2",
        "maxPods": 110,
        "osType": "Linux",
        "mode": "System",
        "type": "VirtualMachineScaleSets",
        "vnetSubnetID": subnet,
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "orchestratorVersion": "1.32",
    }
    told = {
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "kubernetesVersion": "1.32",
        "dnsPrefix": f"{name}-dns",
        "fqdn": host,
        "azurePortalFQDN": host.replace(".hcp.", ".portal.hcp."),
        "agentPoolProfiles": [pool],
        "servicePrincipalProfile": {"clientId": "msi"},
        "nodeResourceGroup": nodes,
        "enableRBAC": True,
        "networkProfile": {"networkPlugin": "kubenet", "loadBalancerSku": "standard", "podCidr": "10.244.0.0/16"},
        "maxAgentPools": 100,
        "identityProfile": {"kubeletidentity": cluster.acting_as(kubelet)},
        "disableLocalAccounts": False,
    }
    kind = {"type": "Microsoft.ContainerService/ManagedClusters", "sku": {"name": "Base", "tier": "Free"}}
    acting = {"type": "SystemAssigned", "principalId": arm.guid("principal", cluster_id), "tenantId": TENANT}
    return arm.resource(arm.lowered(cluster_id), told, identity=acting, **kind)


def stray(env: Aks) -> None:
    """Another environment's Cosmos DB, another registry that our nodes may pull from, a private zone of our names."""
    test = group_of("test", env.plan.domain)
    env.put(arm.group(SUBSCRIPTION, test, {"Company": "example"}))
    account = arm.within(arm.group_id(SUBSCRIPTION, test), storage.KIND, test)
    database = f"{account}/sqlDatabases/{test}"
    env.put(storage.account(account, hardened=False))
    env.put(storage.database(account, test), storage.container(database, "/name"))
    inside = arm.group_id(SUBSCRIPTION, PROD)
    other = arm.within(inside, registry.KIND, "examplelegacy")
    env.put(registry.registry(other, admin=True), access.assignment(other, "AcrPull", env.kubelet_principal))
    prod = env.prod["network"]
    env.put(*names.private_zone(arm.within(inside, names.PRIVATE, ZONE), prod, dev_api="10.1.9.9"))
    env.put(monitoring.workspace(arm.within(inside, monitoring.WORKSPACE, PROD)))


def in_cluster(env: Aks) -> None:
    """Another environment of the same application, and the class of a controller that is Azure's own."""
    application.of_another_environment(env, f"test-api.{ZONE}")
    env.apply(made("IngressClass", "azure-application-gateway", spec={"controller": "azure/application-gateway"}))
