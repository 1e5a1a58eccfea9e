"""Roles: what they let do, and Azure's built-in ones."""

import re
from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True)
class Role:
    """What a role definition lets do."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        """Whether it lets do something of the control plane."""
        taken = any(fits(pattern, action) for pattern in self.not_actions)
        return not taken and any(fits(pattern, action) for pattern in self.actions)

    def told(self) -> dict:
        """As `permissions` tells it."""
        return {
            "actions": list(self.actions),
            "notActions": list(self.not_actions),
            "dataActions": list(self.data_actions),
            "notDataActions": list(self.not_data_actions),
        }


@cache
def pattern_of(text: str) -> re.Pattern:
    """What an action with wildcards matches."""
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.IGNORECASE)


def fits(pattern: str, action: str) -> bool:
    """Whether an action is one of those that a pattern means."""
    return pattern_of(pattern).fullmatch(action) is not None


@dataclass(frozen=True)
class BuiltIn:
    """A role that Azure has in every tenant."""

    id: str
    name: str
    description: str
    role: Role = field(default_factory=lambda: Role(()))


DENIED_TO_CONTRIBUTORS = (
    "Microsoft.Authorization/*/Delete",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/elevateAccess/Action",
)
SUPPORT = ("Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*", "Microsoft.ResourceHealth/*/read")
SUPPORT += ("Microsoft.Resources/deployments/*", "Microsoft.Resources/subscriptions/resourceGroups/read")
SUPPORT += ("Microsoft.Support/*",)

READER = BuiltIn(
    "acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", "View all resources, but no changes.", Role(("*/read",))
)
BUILT_IN = (
    BuiltIn("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", "Full access, and may grant it.", Role(("*",))),
    BuiltIn(
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        "Full access, but may not grant it.",
        Role(("*",), DENIED_TO_CONTRIBUTORS),
    ),
    READER,
    BuiltIn(
        "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "AcrPull",
        "Pulls from registries.",
        Role(("Microsoft.ContainerRegistry/registries/pull/read",)),
    ),
    BuiltIn(
        "8311e382-0749-4cb8-b61a-304f252e45ec",
        "AcrPush",
        "Pulls from registries and pushes to them.",
        Role(("Microsoft.ContainerRegistry/registries/pull/read", "Microsoft.ContainerRegistry/registries/push/write")),
    ),
    BuiltIn(
        "4d97b98b-1d4f-4787-a291-c67834d212e7",
        "Network Contributor",
        "Manages networks.",
        Role((*SUPPORT, "Microsoft.Network/*")),
    ),
    BuiltIn(
        "befefa01-2a29-4197-83a8-272ff33ce314",
        "DNS Zone Contributor",
        "Manages DNS zones.",
        Role((*SUPPORT, "Microsoft.Network/dnsZones/*")),
    ),
    BuiltIn(
        "b12aa53e-6015-4669-85d0-8515ebb3ae7f",
        "Private DNS Zone Contributor",
        "Manages private DNS zones.",
        Role((*SUPPORT, "Microsoft.Network/privateDnsZones/*", "Microsoft.Network/virtualNetworks/join/action")),
    ),
    BuiltIn(
        "f1a07417-d97a-45cb-824c-7a7467783830",
        "Managed Identity Operator",
        "Reads and assigns identities.",
        Role((*SUPPORT, "Microsoft.ManagedIdentity/userAssignedIdentities/*/read")),
    ),
    BuiltIn(
        "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
        "Azure Kubernetes Service Cluster User Role",
        "Lists a cluster's user credentials.",
        Role(
            (
                "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
                "Microsoft.ContainerService/managedClusters/read",
            )
        ),
    ),
    BuiltIn(
        "3913510d-42f4-4e42-8a64-420c390055eb",
        "Monitoring Metrics Publisher",
        "Publishes metrics.",
        Role(("Microsoft.Insights/Register/Action", "Microsoft.Support/*")),
    ),
)
BY_ID = {each.id: each for each in BUILT_IN}
BY_NAME = {each.name: each for each in BUILT_IN}


def role_of(given: str | dict) -> Role:
    """The role that a name, an id or a definition means; definitions in ARM's form or the command line's."""
    if isinstance(given, str):
        known = BY_ID.get(given.rpartition("/")[2].lower()) or BY_NAME.get(given)
        if known is None:
            raise ValueError(f"no built-in role is {given!r}")
        return known.role
    told = {key.lower(): value for key, value in (given.get("properties") or given).items()}
    permissions = told.get("permissions") or [told]
    if len(permissions) != 1:
        raise ValueError("a role definition has one set of permissions")
    said = {key.lower(): tuple(value) for key, value in permissions[0].items() if isinstance(value, list)}
    names = ("actions", "notactions", "dataactions", "notdataactions")
    return Role(*(said.get(name, ()) for name in names))
