"""The registry that all environments share."""

from . import arm
from .plan import REGISTRY, Aks

KIND = "Microsoft.ContainerRegistry/registries"


def build(env: Aks) -> None:
    """One registry, outside the core group."""
    env.registry = env.in_shared(KIND, REGISTRY)
    env.put(registry(env.registry, admin=not env.plan.hardened))


def registry(registry_id: str, admin: bool) -> dict:
    """A registry; one with an admin user can be entered with a password."""
    name = registry_id.rpartition("/")[2]
    policies = {
        "quarantinePolicy": {"status": "disabled"},
        "trustPolicy": {"type": "Notary", "status": "disabled"},
        "retentionPolicy": {"days": 7, "lastUpdatedTime": "2026-01-12T09:20:13.9614311+00:00", "status": "disabled"},
        "exportPolicy": {"status": "enabled"},
        "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
        "softDeletePolicy": {
            "retentionDays": 7,
            "lastUpdatedTime": "2026-01-12T09:20:13.9614718+00:00",
            "status": "disabled",
        },
    }
    told = {
        "loginServer": f"{name}.azurecr.io",
        "creationDate": "2026-01-12T09:20:05.7721093Z",
        "provisioningState": "Succeeded",
        "adminUserEnabled": admin,
        "policies": policies,
        "encryption": {"status": "disabled"},
        "dataEndpointEnabled": False,
        "dataEndpointHostNames": [],
        "privateEndpointConnections": [],
        "publicNetworkAccess": "Enabled",
        "networkRuleBypassOptions": "AzureServices",
        "zoneRedundancy": "Disabled",
        "anonymousPullEnabled": False,
    }
    creator = {"createdBy": "deployer@example.com", "createdByType": "User", "createdAt": arm.CREATED}
    changed = {"lastModifiedBy": "deployer@example.com", "lastModifiedByType": "User", "lastModifiedAt": arm.CREATED}
    sku = {"name": "Standard", "tier": "Standard"}
    return arm.resource(registry_id, told, tags={}, sku=sku, systemData={**creator, **changed})
