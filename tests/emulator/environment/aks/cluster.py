"""The AKS cluster: its agent pools and their machines, and whom it acts as."""

from . import arm
from .plan import CLUSTER, NODE_GROUP, SUBSCRIPTION, TENANT, Aks

KIND = "Microsoft.ContainerService/managedClusters"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
MACHINES = "Microsoft.Compute/virtualMachineScaleSets"
PREFIX = f"{CLUSTER}-dns"
VERSION = "1.33"
PATCH = "1.33.5"
NUMBER = "31876425"
"""Stands in the names of all that AKS makes for one cluster."""
POOLS = {"system": 1, "workload": 2}
"""Agent pools, and how many machines each has."""
ADDRESSES = ("10.1.0.4", "10.1.0.35", "10.1.0.66")


def build(env: Aks) -> None:
    """The cluster, whose API server is the emulator's, and what AKS keeps for it in the node group."""
    env.cluster = env.in_core(KIND, CLUSTER)
    env.cluster_principal = arm.guid("principal", env.cluster)
    env.kubelet = env.in_nodes(IDENTITY, f"{CLUSTER}-agentpool")
    env.kubelet_principal = arm.guid("principal", env.kubelet)
    env.monitoring_principal = arm.guid("principal", addon_identity("omsagent"))
    env.issuer = f"https://{arm.LOCATION}.oic.prod-aks.azure.com/{TENANT}/{arm.guid('issuer', env.cluster)}/"
    env.put(identity(env.kubelet), *(machines(env, pool, count) for pool, count in POOLS.items()))
    env.put(*(identity(addon_identity(name)) for name in ("omsagent", "azurepolicy")))
    server = env.control("kubernetes", method="GET")["server"].removeprefix("https://")
    env.put(cluster(env, server), *(agent_pool(env, pool, count) for pool, count in POOLS.items()))
    env.nodes = nodes(env)


def identity(identity_id: str, **more) -> dict:
    """A managed identity that stands alone."""
    told = {
        "tenantId": TENANT,
        "principalId": arm.guid("principal", identity_id),
        "clientId": arm.guid("client", identity_id.rpartition("/")[2]),
    }
    return arm.resource(arm.lowered(identity_id), told, tags={}, **more)


def addon_identity(name: str) -> str:
    """The identity of an add-on, in the node group."""
    return arm.within(arm.group_id(SUBSCRIPTION, NODE_GROUP), IDENTITY, f"{name}-{CLUSTER}")


def acting_as(identity_id: str, **more: str) -> dict[str, str]:
    """How a cluster tells of an identity."""
    client = arm.guid("client", identity_id.rpartition("/")[2])
    return {
        "resourceId": arm.lowered(identity_id),
        "clientId": client,
        "objectId": arm.guid("principal", identity_id),
        **more,
    }


def cluster(env: Aks, server: str) -> dict:
    """The managed cluster, as API version 2024-02-01 tells it."""
    hard = env.plan.hardened
    told = {
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "kubernetesVersion": VERSION,
        "currentKubernetesVersion": PATCH,
        "dnsPrefix": PREFIX,
        "fqdn": server,
        "azurePortalFQDN": f"{PREFIX}-{arm.guid('dns')[:8]}.portal.hcp.{arm.LOCATION}.azmk8s.io",
        "agentPoolProfiles": [{"name": pool, **profile(env, pool, count)} for pool, count in POOLS.items()],
        "windowsProfile": {"adminUsername": "azureuser", "enableCSIProxy": True},
        "servicePrincipalProfile": {"clientId": "msi"},
        "addonProfiles": addons(env),
        "nodeResourceGroup": NODE_GROUP,
        "enableRBAC": True,
        "supportPlan": "KubernetesOfficial",
        "networkProfile": network_profile(env),
        "maxAgentPools": 100,
        "identityProfile": {"kubeletidentity": acting_as(env.kubelet)},
        "autoScalerProfile": {
            "balance-similar-node-groups": "false",
            "expander": "random",
            "max-empty-bulk-delete": "10",
            "max-graceful-termination-sec": "600",
            "scale-down-utilization-threshold": "0.5",
            "scan-interval": "10s",
            "skip-nodes-with-local-storage": "false",
            "skip-nodes-with-system-pods": "true",
        },
        "autoUpgradeProfile": {"upgradeChannel": "patch" if hard else "none", "nodeOSUpgradeChannel": "NodeImage"},
        "disableLocalAccounts": hard,
        "securityProfile": {"workloadIdentity": {"enabled": True}} if hard else {},
        "storageProfile": {
            "diskCSIDriver": {"enabled": True},
            "fileCSIDriver": {"enabled": True},
            "snapshotController": {"enabled": True},
        },
        "oidcIssuerProfile": {"enabled": True, "issuerURL": env.issuer},
        "workloadAutoScalerProfile": {},
        "metricsProfile": {"costAnalysis": {"enabled": False}},
        "resourceUID": arm.guid("uid", env.cluster).replace("-", "")[:24],
    }
    if hard:
        told["aadProfile"] = {
            "managed": True,
            "adminGroupObjectIDs": [arm.guid("administrators")],
            "adminUsers": None,
            "enableAzureRBAC": True,
            "tenantID": TENANT,
        }
        told["apiServerAccessProfile"] = {"authorizedIPRanges": ["203.0.113.0/24"], "enablePrivateCluster": False}
    more = {
        "type": "Microsoft.ContainerService/ManagedClusters",
        "sku": {"name": "Base", "tier": "Standard"},
        "identity": {"type": "SystemAssigned", "principalId": env.cluster_principal, "tenantId": TENANT},
    }
    return arm.resource(arm.lowered(env.cluster), told, tags={}, **more)


def addons(env: Aks) -> dict:
    """What AKS runs beside; its settings are texts, whatever they say."""
    told = {"logAnalyticsWorkspaceResourceID": arm.lowered(env.workspace), "useAADAuth": "true"}
    watched = {"enabled": True, "config": told, "identity": acting_as(addon_identity("omsagent"))}
    policed = {"enabled": True, "config": None, "identity": acting_as(addon_identity("azurepolicy"))}
    return {"azurepolicy": policed, "httpApplicationRouting": {"enabled": False, "config": None}, "omsagent": watched}


def network_profile(env: Aks) -> dict:
    """Pods have addresses of the network; requests to outside leave by a load balancer."""
    outbound = env.in_nodes("Microsoft.Network/publicIPAddresses", arm.guid("outbound", env.cluster))
    return {
        "networkPlugin": "azure",
        "networkPolicy": "azure",
        "networkDataplane": "azure",
        "loadBalancerSku": "standard",
        "loadBalancerProfile": {
            "managedOutboundIPs": {"count": 1},
            "effectiveOutboundIPs": [arm.referred(outbound)],
            "backendPoolType": "nodeIPConfiguration",
        },
        "serviceCidr": "172.20.0.0/16",
        "dnsServiceIP": "172.20.0.10",
        "outboundType": "loadBalancer",
        "serviceCidrs": ["172.20.0.0/16"],
        "ipFamilies": ["IPv4"],
    }


def agent_pool(env: Aks, pool: str, count: int) -> dict:
    """A pool, as a resource of its own; its id is written as the cluster's."""
    pool_id = arm.lowered(f"{env.cluster}/agentPools/{pool}")
    return arm.resource(pool_id, profile(env, pool, count), location=None)


def profile(env: Aks, pool: str, count: int) -> dict:
    """What a pool is like."""
    return {
        "count": count,
        "vmSize": "Standard_D4s_v5",
        "osDiskSizeGB": 128,
        "osDiskType": "Managed",
        "kubeletDiskType": "OS",
        "vnetSubnetID": env.subnets["aks"],
        "maxPods": 30,
        "type": "VirtualMachineScaleSets",
        "availabilityZones": ["1", "2", "3"] if env.plan.hardened else None,
        "maxCount": 3,
        "minCount": 1,
        "enableAutoScaling": True,
        "scaleDownMode": "Delete",
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "orchestratorVersion": VERSION,
        "currentOrchestratorVersion": PATCH,
        "enableNodePublicIP": False,
        "mode": "System" if pool == "system" else "User",
        "enableEncryptionAtHost": env.plan.hardened,
        "enableUltraSSD": False,
        "osType": "Linux",
        "osSKU": "Ubuntu",
        "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202601.07.0",
        "upgradeSettings": {"maxSurge": "10%"},
        "enableFIPS": False,
    }


def scale_set(pool: str) -> str:
    """The name of the machines of a pool."""
    return f"aks-{pool}-{NUMBER}-vmss"


def machines(env: Aks, pool: str, count: int) -> dict:
    """The machines of a pool, as a list of their provider tells them in short."""
    owned = {"aks-managed-poolName": pool, "aks-managed-resourceNameSuffix": NUMBER}
    interface = {
        "name": scale_set(pool),
        "properties": {
            "primary": True,
            "enableAcceleratedNetworking": True,
            "enableIPForwarding": True,
            "ipConfigurations": [
                {
                    "name": "ipconfig1",
                    "properties": {
                        "primary": True,
                        "subnet": arm.referred(env.subnets["aks"]),
                        "privateIPAddressVersion": "IPv4",
                    },
                }
            ],
        },
    }
    told = {
        "singlePlacementGroup": False,
        "orchestrationMode": "Uniform",
        "upgradePolicy": {"mode": "Manual"},
        "virtualMachineProfile": {"networkProfile": {"networkInterfaceConfigurations": [interface]}},
        "provisioningState": "Succeeded",
        "overprovision": False,
        "uniqueId": arm.guid("machines", pool),
    }
    sku = {"name": "Standard_D4s_v5", "tier": "Standard", "capacity": count}
    return arm.resource(env.in_nodes(MACHINES, scale_set(pool)), told, tags=owned, sku=sku)


def nodes(env: Aks) -> list[dict]:
    """Machine by machine: its names in ARM and in the cluster, its address and its zone."""
    each_pool = [(pool, number) for pool, count in POOLS.items() for number in range(count)]
    return [
        {
            # The node's own writing of the id: the group in small letters, the rest as it was made.
            "id": env.in_nodes(MACHINES, scale_set(pool), "virtualMachines", str(number)).replace(
                NODE_GROUP, NODE_GROUP.lower()
            ),
            "name": f"{scale_set(pool)}{number:06x}",
            "address": address,
            "zone": f"{arm.LOCATION}-{number + 1}",
            "pool": pool,
        }
        for (pool, number), address in zip(each_pool, ADDRESSES, strict=True)
    ]
