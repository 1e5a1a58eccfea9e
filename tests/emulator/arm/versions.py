"""The api-versions that each type is served in, newest first, as its provider tells them."""

RESOURCES = ["2025-04-01", "2024-11-01", "2024-07-01", "2024-03-01", "2023-07-01", "2022-09-01", "2021-04-01"]
RESOURCES += ["2021-01-01", "2020-10-01", "2020-06-01", "2019-10-01", "2018-05-01", "2016-09-01"]
SUBSCRIPTIONS = ["2022-12-01", "2022-09-01", "2022-06-01", "2021-04-01", "2021-01-01", "2020-01-01", "2016-06-01"]
NETWORK = ["2024-10-01", "2024-07-01", "2024-05-01", "2024-03-01", "2024-01-01", "2023-11-01", "2023-09-01"]
NETWORK += ["2023-06-01", "2023-05-01", "2023-04-01", "2023-02-01", "2022-11-01", "2022-07-01", "2022-01-01"]
NETWORK += ["2021-08-01", "2021-05-01", "2020-11-01", "2020-08-01", "2019-11-01", "2018-12-01"]
DNS = ["2023-07-01-preview", "2018-05-01", "2018-03-01-preview", "2017-10-01", "2016-04-01"]
PRIVATE_DNS = ["2024-06-01", "2020-06-01", "2020-01-01", "2018-09-01"]
AKS = ["2025-05-01", "2025-04-01", "2025-03-01", "2025-02-01", "2025-01-01", "2024-10-01", "2024-09-01", "2024-08-01"]
AKS += ["2024-07-01", "2024-05-01", "2024-02-01", "2024-01-01", "2023-11-01", "2023-10-01", "2023-05-01", "2023-02-01"]
AKS += ["2022-11-01", "2022-09-01", "2022-04-01", "2022-03-01", "2022-02-01", "2021-10-01", "2020-09-01"]
REGISTRIES = ["2025-04-01", "2024-11-01-preview", "2023-11-01-preview", "2023-08-01-preview", "2023-07-01"]
REGISTRIES += ["2022-12-01", "2021-09-01", "2019-05-01", "2017-10-01"]
COSMOS = ["2025-04-15", "2024-11-15", "2024-08-15", "2024-05-15", "2023-11-15", "2023-09-15", "2023-04-15"]
COSMOS += ["2023-03-15", "2022-11-15", "2022-08-15", "2022-05-15", "2021-10-15", "2021-06-15", "2021-04-15"]
COSMOS_OLD = ["2021-01-15", "2020-09-01", "2020-04-01", "2019-12-12", "2019-08-01", "2015-04-08"]
COMPONENTS = ["2020-02-02", "2020-02-02-preview", "2018-05-01-preview", "2015-05-01"]
METRICS = ["2024-02-01", "2023-10-01", "2021-05-01", "2019-07-01", "2018-01-01"]
WORKSPACES = ["2025-02-01", "2023-09-01", "2022-10-01", "2021-06-01", "2020-10-01", "2020-08-01"]
IDENTITIES = ["2024-11-30", "2023-07-31-preview", "2023-01-31", "2022-01-31-preview", "2018-11-30"]
ASSIGNMENTS = ["2022-04-01", "2020-10-01-preview", "2020-04-01-preview", "2018-09-01-preview", "2018-07-01"]
ASSIGNMENTS += ["2015-07-01"]
DEFINITIONS = ["2022-05-01-preview", "2022-04-01", "2018-07-01", "2018-01-01-preview", "2015-07-01"]
COMPUTE = ["2024-11-01", "2024-07-01", "2024-03-01", "2023-09-01", "2023-07-01", "2023-03-01", "2022-11-01"]
VAULTS = ["2024-11-01", "2023-07-01", "2023-02-01", "2022-07-01"]
STORAGE = ["2024-01-01", "2023-05-01", "2023-01-01", "2022-09-01"]

SERVED = {
    "Microsoft.Resources/subscriptions": SUBSCRIPTIONS,
    "Microsoft.Resources/subscriptions/resourceGroups": RESOURCES,
    "Microsoft.Resources/resources": RESOURCES,
    "Microsoft.Resources/providers": RESOURCES,
    "Microsoft.Authorization/roleAssignments": ASSIGNMENTS,
    "Microsoft.Authorization/roleDefinitions": DEFINITIONS,
    "Microsoft.Authorization/permissions": DEFINITIONS,
    "Microsoft.ContainerService/managedClusters": AKS,
    "Microsoft.ContainerRegistry/registries": REGISTRIES,
    "Microsoft.Network/dnsZones": DNS,
    "Microsoft.Network/privateDnsZones": PRIVATE_DNS,
    "Microsoft.Network/applicationGateways": NETWORK,
    "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies": NETWORK,
    "Microsoft.Network/loadBalancers": NETWORK,
    "Microsoft.Network/natGateways": NETWORK,
    "Microsoft.Network/networkInterfaces": NETWORK,
    "Microsoft.Network/networkSecurityGroups": NETWORK,
    "Microsoft.Network/privateEndpoints": NETWORK,
    "Microsoft.Network/publicIPAddresses": NETWORK,
    "Microsoft.Network/publicIPPrefixes": NETWORK,
    "Microsoft.Network/routeTables": NETWORK,
    "Microsoft.Network/virtualNetworks": NETWORK,
    "Microsoft.DocumentDB/databaseAccounts": COSMOS + COSMOS_OLD,
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments": COSMOS,
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions": COSMOS,
    "Microsoft.Insights/components": COMPONENTS,
    "Microsoft.Insights/metrics": METRICS,
    "Microsoft.OperationalInsights/workspaces": WORKSPACES,
    "Microsoft.ManagedIdentity/userAssignedIdentities": IDENTITIES,
    "Microsoft.Compute/virtualMachineScaleSets": COMPUTE,
    "Microsoft.Compute/virtualMachines": COMPUTE,
    "Microsoft.KeyVault/vaults": VAULTS,
    "Microsoft.Storage/storageAccounts": STORAGE,
}
"""Children are served in the versions of the nearest type above that has some of its own."""


class Versions:
    """Which versions there are; a test may leave fewer, as clouds do that lag behind."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Those of the public cloud."""
        self.served = {name.lower(): versions for name, versions in SERVED.items()}

    def replace(self, given: dict[str, list[str]]) -> None:
        """Other versions of some types."""
        self.reset()
        self.served.update({name.lower(): versions for name, versions in given.items()})

    def of(self, kind: str) -> list[str] | None:
        """The versions of a type; none where no such type is known."""
        parts = kind.lower().split("/")
        above = ("/".join(parts[:end]) for end in range(len(parts), 1, -1))
        return next((self.served[name] for name in above if name in self.served), None)

    def of_namespace(self, namespace: str) -> dict[str, list[str]]:
        """The types of a provider, as it spells them."""
        mine = [name for name in SERVED if name.lower().startswith(f"{namespace.lower()}/")]
        return {name.partition("/")[2]: self.served[name.lower()] for name in mine}


def namespaces() -> list[str]:
    """The providers that there are."""
    return sorted({name.partition("/")[0] for name in SERVED})
