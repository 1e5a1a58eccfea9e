"""Virtual network, three subnets, their security groups and route tables, and public addresses."""

from dataclasses import dataclass

from . import arm
from .plan import CLUSTER, PUBLIC_ADDRESS, Aks

SUBNETS = {"aks": "10.1.0.0/20", "gateway": "10.1.16.0/20", "backend": "10.1.32.0/20"}
NETWORK, PUBLIC_IP = "Microsoft.Network/virtualNetworks", "Microsoft.Network/publicIPAddresses"
SECURITY_GROUP, ROUTE_TABLE = "Microsoft.Network/networkSecurityGroups", "Microsoft.Network/routeTables"


@dataclass(frozen=True)
class Rule:
    """One rule of a security group."""

    name: str
    priority: int
    ports: str = "*"
    source: str = "*"
    destination: str = "*"
    inbound: bool = True
    allowed: bool = True
    protocol: str = "*"


DEFAULTS = (
    Rule("AllowVnetInBound", 65000, source="VirtualNetwork", destination="VirtualNetwork"),
    Rule("AllowAzureLoadBalancerInBound", 65001, source="AzureLoadBalancer"),
    Rule("DenyAllInBound", 65500, allowed=False),
    Rule("AllowVnetOutBound", 65000, source="VirtualNetwork", destination="VirtualNetwork", inbound=False),
    Rule("AllowInternetOutBound", 65001, destination="Internet", inbound=False),
    Rule("DenyAllOutBound", 65500, inbound=False, allowed=False),
)
"""What every security group ends with."""
OF_GATEWAY = (
    Rule("allow-gateway-manager", 100, "65200-65535", "GatewayManager", protocol="Tcp"),
    Rule("allow-web", 110, "80,443", "Internet", protocol="Tcp"),
    Rule("allow-load-balancer", 120, source="AzureLoadBalancer"),
)
OF_NODES = (Rule("allow-gateway", 100, "80,443", SUBNETS["gateway"], protocol="Tcp"),)


def build(env: Aks) -> None:
    """The network that cluster and gateway share."""
    env.network = env.in_core(NETWORK, CLUSTER)
    env.subnets = {name: f"{env.network}/subnets/{name}" for name in SUBNETS}
    env.gateway_address = env.in_core(PUBLIC_IP, CLUSTER)
    rules = {"aks": OF_NODES, "gateway": OF_GATEWAY, "backend": OF_NODES} if env.plan.hardened else {}
    groups = {name: env.in_core(SECURITY_GROUP, f"{CLUSTER}-{name}") for name in rules}
    tables = {"aks": env.in_core(ROUTE_TABLE, f"{CLUSTER}-aks")} if env.plan.hardened else {}
    env.put(network(env.network, groups, tables), public_address(env.gateway_address, PUBLIC_ADDRESS, "nonprod"))
    env.put(*(security_group(groups[name], env.subnets[name], rules[name]) for name in rules))
    env.put(*(route_table(table, env.subnets[name]) for name, table in tables.items()))


def network(network_id: str, groups: dict[str, str], tables: dict[str, str], range_of: str = "10.1.0.0/16") -> dict:
    """A network with the three subnets."""
    told = {
        "addressSpace": {"addressPrefixes": [range_of]},
        "dhcpOptions": {"dnsServers": []},
        "subnets": [subnet(network_id, name, groups.get(name), tables.get(name)) for name in SUBNETS],
        "virtualNetworkPeerings": [],
        "enableDdosProtection": False,
        "privateEndpointVNetPolicies": "Disabled",
    }
    return arm.networked(network_id, told)


def subnet(network_id: str, name: str, group: str | None, table: str | None) -> dict:
    """One subnet, without what else Azure tells of it: the addresses that are taken in it."""
    told = {
        "addressPrefix": SUBNETS[name],
        "serviceEndpoints": [],
        "delegations": [],
        "privateEndpointNetworkPolicies": "Disabled",
        "privateLinkServiceNetworkPolicies": "Enabled",
    }
    if group:
        told["networkSecurityGroup"] = arm.referred(group)
    if table:
        told["routeTable"] = arm.referred(table)
    return arm.part(network_id, "subnets", name, told)


def security_group(group_id: str, subnet_id: str, rules: tuple[Rule, ...]) -> dict:
    """A security group of one subnet."""
    told = {
        "securityRules": [rule(group_id, "securityRules", each) for each in rules],
        "defaultSecurityRules": [rule(group_id, "defaultSecurityRules", each) for each in DEFAULTS],
        "subnets": [arm.referred(subnet_id)],
    }
    return arm.networked(group_id, told)


def rule(group_id: str, collection: str, it: Rule) -> dict:
    """One rule; several ports stand in a member of their own, as the portal writes them."""
    ports = it.ports.split(",")
    told = {
        "protocol": it.protocol,
        "sourcePortRange": "*",
        "sourceAddressPrefix": it.source,
        "destinationAddressPrefix": it.destination,
        "access": "Allow" if it.allowed else "Deny",
        "priority": it.priority,
        "direction": "Inbound" if it.inbound else "Outbound",
        "sourcePortRanges": [],
        "destinationPortRanges": ports if len(ports) > 1 else [],
        "sourceAddressPrefixes": [],
        "destinationAddressPrefixes": [],
    }
    if len(ports) == 1:
        told["destinationPortRange"] = it.ports
    return arm.part(group_id, collection, it.name, told)


def route_table(table_id: str, subnet_id: str) -> dict:
    """A table that leaves the default routes as they are."""
    told = {"disableBgpRoutePropagation": False, "routes": [], "subnets": [arm.referred(subnet_id)]}
    return arm.networked(table_id, told)


def public_address(address_id: str, address: str, label: str, holder: str | None = None) -> dict:
    """A public address; who holds it stands in it once somebody does."""
    named = f"example-stacks-{label}"
    told = {
        "ipAddress": address,
        "publicIPAddressVersion": "IPv4",
        "publicIPAllocationMethod": "Static",
        "idleTimeoutInMinutes": 4,
        "dnsSettings": {"domainNameLabel": named, "fqdn": f"{named}.{arm.LOCATION}.cloudapp.azure.com"},
        "ipTags": [],
        "ddosSettings": {"protectionMode": "VirtualNetworkInherited"},
    }
    if holder:
        told["ipConfiguration"] = arm.referred(holder)
    return arm.networked(address_id, told, sku={"name": "Standard", "tier": "Regional"}, zones=["1", "2", "3"])
