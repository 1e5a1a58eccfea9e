"""Who may do what: role definitions and role assignments; built-in roles are the same in every tenant."""

from arm.roles import BY_NAME as BUILT_IN

from . import arm
from .plan import Aks

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
    name = BUILT_IN[role].id if role in BUILT_IN else arm.guid("role", subscription, role)
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
