"""Who may do what: role definitions and role assignments."""

from . import arm
from .plan import Aks

ROLES = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "DNS Zone Contributor": "befefa01-2a29-4197-83a8-272ff33ce314",
}
"""Built-in roles, which are there in every tenant, under the same names."""
DEFINITION, ASSIGNMENT = "Microsoft.Authorization/roleDefinitions", "Microsoft.Authorization/roleAssignments"


def build(env: Aks) -> None:
    """Those of the cluster; the published templates let its identities manage the registry."""
    env.put(
        assignment(env.network, "Network Contributor", env.cluster_principal),
        assignment(env.cluster, "Monitoring Metrics Publisher", env.monitoring_principal),
    )
    if env.plan.hardened:
        env.put(assignment(env.registry, "AcrPull", env.kubelet_principal))
    else:
        env.put(*(assignment(env.registry, "Contributor", it) for it in (env.kubelet_principal, env.cluster_principal)))


def definition(subscription: str, role: str, actions: list[str], excluded: list[str]) -> dict:
    """A role of somebody's own."""
    its_id = definition_id(subscription, role)
    writer = arm.guid("deployer")
    return {
        "properties": {
            "roleName": role,
            "type": "CustomRole",
            "description": "",
            "assignableScopes": [f"/subscriptions/{subscription}"],
            "permissions": [{"actions": actions, "notActions": excluded, "dataActions": [], "notDataActions": []}],
            "createdOn": "2026-01-12T09:30:12.6604127Z",
            "updatedOn": "2026-01-12T09:30:12.6604127Z",
            "createdBy": writer,
            "updatedBy": writer,
        },
        "id": its_id,
        "type": DEFINITION,
        "name": its_id.rpartition("/")[2],
    }


def definition_id(subscription: str, role: str) -> str:
    """Where a role stands."""
    name = ROLES.get(role) or arm.guid("role", subscription, role)
    return arm.within(f"/subscriptions/{subscription}", DEFINITION, name)


def assignment_id(scope: str, role: str, principal: str) -> str:
    """Where an assignment stands."""
    return arm.within(scope, ASSIGNMENT, arm.guid("assignment", scope, role, principal))


def assignment(scope: str, role: str, principal: str) -> dict:
    """Lets a managed identity do at a scope, and below, what a role of the scope's subscription says."""
    its_id = assignment_id(scope, role, principal)
    writer = arm.guid("deployer")
    return {
        "properties": {
            "roleDefinitionId": definition_id(scope.split("/")[2], role),
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "scope": scope,
            "condition": None,
            "conditionVersion": None,
            "createdOn": "2026-01-12T09:31:07.2281953Z",
            "updatedOn": "2026-01-12T09:31:07.2281953Z",
            "createdBy": writer,
            "updatedBy": writer,
            "delegatedManagedIdentityResourceId": None,
            "description": None,
        },
        "id": its_id,
        "type": ASSIGNMENT,
        "name": its_id.rpartition("/")[2],
    }
