"""The Cosmos DB account: its database, its container, and who may read and write in it."""

from . import arm, names
from .cluster import IDENTITY, identity
from .plan import Aks

KIND, ENDPOINT = "Microsoft.DocumentDB/databaseAccounts", "Microsoft.Network/privateEndpoints"
CONTAINER, KEY = "Menu", "/id"
READER, CONTRIBUTOR = (f"00000000-0000-0000-0000-{number:012}" for number in (1, 2))
"""Roles that every account has."""
ENDPOINT_ADDRESSES = ("10.1.32.4", "10.1.32.5")
ITEMS = "sqlDatabases/containers"
ROLES = {
    READER: (
        "Cosmos DB Built-in Data Reader",
        [f"{KIND}/readMetadata", f"{KIND}/{ITEMS}/executeQuery", f"{KIND}/{ITEMS}/readChangeFeed",
         f"{KIND}/{ITEMS}/items/read"],
    ),
    CONTRIBUTOR: (
        "Cosmos DB Built-in Data Contributor",
        [f"{KIND}/readMetadata", f"{KIND}/{ITEMS}/*", f"{KIND}/{ITEMS}/items/*"],
    ),
}  # fmt: skip


def build(env: Aks) -> None:
    """All of it; in the hardened variant nobody comes in by a key or from outside the network."""
    name = env.plan.group
    env.cosmos = env.in_api(KIND, name)
    env.put(account(env.cosmos, env.plan.hardened))
    env.put(*roles(env.cosmos), database(env.cosmos, name), container(f"{env.cosmos}/sqlDatabases/{name}", KEY))
    if env.plan.hardened:
        env.identity = env.in_api(IDENTITY, env.plan.identity)
        env.identity_principal = arm.guid("principal", env.identity)
        env.put(identity(env.identity), trusting(env), assignment(env.cosmos, CONTRIBUTOR, env.identity_principal))
        reached_from_inside(env)


def account(account_id: str, hardened: bool) -> dict:
    """An account of one region, whose place is written for people."""
    name = account_id.rpartition("/")[2]
    here = {
        "id": f"{name}-{arm.LOCATION}",
        "locationName": arm.DISPLAYED_LOCATION,
        "documentEndpoint": f"https://{name}-{arm.LOCATION}.documents.azure.com:443/",
        "provisioningState": "Succeeded",
        "failoverPriority": 0,
        "isZoneRedundant": False,
    }
    periodic = {
        "type": "Periodic",
        "periodicModeProperties": {
            "backupIntervalInMinutes": 240,
            "backupRetentionIntervalInHours": 8,
            "backupStorageRedundancy": "Geo",
        },
    }
    continuous = {"type": "Continuous", "continuousModeProperties": {"tier": "Continuous7Days"}}
    told = {
        "provisioningState": "Succeeded",
        "documentEndpoint": f"https://{name}.documents.azure.com:443/",
        "sqlEndpoint": f"https://{name}.documents.azure.com:443/",
        "publicNetworkAccess": "Disabled" if hardened else "Enabled",
        "enableAutomaticFailover": True,
        "enableMultipleWriteLocations": False,
        "enablePartitionKeyMonitor": False,
        "isVirtualNetworkFilterEnabled": False,
        "virtualNetworkRules": [],
        "EnabledApiTypes": "Sql",
        "disableKeyBasedMetadataWriteAccess": hardened,
        "enableFreeTier": False,
        "enableAnalyticalStorage": False,
        "analyticalStorageConfiguration": {"schemaType": "WellDefined"},
        "instanceId": arm.guid("instance", account_id),
        "databaseAccountOfferType": "Standard",
        "defaultIdentity": "FirstPartyIdentity",
        "networkAclBypass": "None",
        "disableLocalAuth": hardened,
        "enablePartitionMerge": False,
        "enableBurstCapacity": False,
        "minimalTlsVersion": "Tls12",
        "consistencyPolicy": {
            "defaultConsistencyLevel": "BoundedStaleness",
            "maxIntervalInSeconds": 10,
            "maxStalenessPrefix": 200,
        },
        "configurationOverrides": {},
        "writeLocations": [here],
        "readLocations": [here],
        "locations": [here],
        "failoverPolicies": [{key: here[key] for key in ("id", "locationName", "failoverPriority")}],
        "cors": [],
        "capabilities": [],
        "ipRules": [],
        "backupPolicy": continuous if hardened else periodic,
        "networkAclBypassResourceIds": [],
        "keysMetadata": {
            f"{rank}{rights}MasterKey": {"generationTime": arm.CREATED}
            for rank in ("primary", "secondary")
            for rights in ("", "Readonly")
        },
    }
    return arm.resource(
        account_id,
        told,
        location=arm.DISPLAYED_LOCATION,
        tags={"defaultExperience": "Core (SQL)", "hidden-cosmos-mmspecial": ""},
        kind="GlobalDocumentDB",
        identity={"type": "None"},
        systemData={"createdAt": arm.CREATED},
    )


def database(account_id: str, name: str) -> dict:
    """A database of an account, with what the database itself says of it."""
    said = {"id": name, "_rid": "a1BcAA==", "_self": "dbs/a1BcAA==/", "_colls": "colls/", "_users": "users/"}
    return arm.resource(
        f"{account_id}/sqlDatabases/{name}", {"resource": {**said, **stamped(account_id, name)}}, location=None
    )


def container(database_id: str, key: str, name: str = CONTAINER) -> dict:
    """A container of a database."""
    said = {
        "id": name,
        "indexingPolicy": {
            "indexingMode": "consistent",
            "automatic": True,
            "includedPaths": [{"path": "/*"}],
            "excludedPaths": [{"path": '/"_etag"/?'}],
        },
        "partitionKey": {"paths": [key], "kind": "Hash", "version": 2},
        "uniqueKeyPolicy": {"uniqueKeys": []},
        "conflictResolutionPolicy": {
            "mode": "LastWriterWins",
            "conflictResolutionPath": "/_ts",
            "conflictResolutionProcedure": "",
        },
        "computedProperties": [],
        "_rid": "a1BcAJ2vFgQ=",
        "_self": "dbs/a1BcAA==/colls/a1BcAJ2vFgQ=/",
        "_docs": "docs/",
        "_sprocs": "sprocs/",
        "_triggers": "triggers/",
        "_udfs": "udfs/",
        "_conflicts": "conflicts/",
    }
    container_id = f"{database_id}/containers/{name}"
    return arm.resource(container_id, {"resource": {**said, **stamped(database_id, name)}}, location=None)


def stamped(of: str, name: str) -> dict:
    """A version, as the database writes it."""
    return {"_etag": f'"{arm.guid("version", of, name)}"', "_ts": 1768209161}


def roles(account_id: str) -> list[dict]:
    """The roles within an account, which are none of ARM's."""
    return [
        arm.resource(
            f"{account_id}/sqlRoleDefinitions/{role}",
            {
                "roleName": name,
                "type": "BuiltInRole",
                "assignableScopes": [account_id],
                "permissions": [{"dataActions": actions, "notDataActions": []}],
            },
            location=None,
        )
        for role, (name, actions) in ROLES.items()
    ]


def assignment(account_id: str, role: str, principal: str) -> dict:
    """Lets somebody do in an account what one of its roles says."""
    name = arm.guid("assignment", account_id, principal)
    told = {
        "roleDefinitionId": f"{account_id}/sqlRoleDefinitions/{role}",
        "principalId": principal,
        "scope": account_id,
    }
    return arm.resource(f"{account_id}/sqlRoleAssignments/{name}", told, location=None)


def trusting(env: Aks) -> dict:
    """Lets the pods act as the identity: who runs as this account of this cluster."""
    told = {
        "issuer": env.issuer,
        "subject": f"system:serviceaccount:{env.plan.namespace}:api",
        "audiences": ["api://AzureADTokenExchange"],
    }
    name = f"{env.plan.namespace}-api"
    return arm.resource(arm.lowered(f"{env.identity}/federatedIdentityCredentials/{name}"), told, location=None)


def reached_from_inside(env: Aks) -> None:
    """An address for the account in the network, and the private names that lead to it."""
    name = env.plan.group
    endpoint = env.in_api(ENDPOINT, f"{name}-cosmos")
    state = {"status": "Approved", "description": "Auto-approved", "actionsRequired": "None"}
    link = {
        "privateLinkServiceId": env.cosmos,
        "groupIds": ["Sql"],
        "privateLinkServiceConnectionState": state,
    }
    hosts = (f"{name}.documents.azure.com", f"{name}-{arm.LOCATION}.documents.azure.com")
    told = {
        "privateLinkServiceConnections": [arm.part(endpoint, "privateLinkServiceConnections", "cosmos", link)],
        "manualPrivateLinkServiceConnections": [],
        "customNetworkInterfaceName": "",
        "subnet": arm.referred(env.subnets["backend"]),
        "ipConfigurations": [],
        "networkInterfaces": [arm.referred(env.in_api("Microsoft.Network/networkInterfaces", f"{name}-cosmos.nic"))],
        "customDnsConfigs": [
            {"fqdn": host, "ipAddresses": [address]} for host, address in zip(hosts, ENDPOINT_ADDRESSES, strict=True)
        ],
    }
    env.put(arm.networked(endpoint, told, tags={}))
    connected = {
        "id": f"{env.cosmos}/privateEndpointConnections/{name}-cosmos",
        "properties": {
            "provisioningState": "Succeeded",
            "groupId": "Sql",
            "privateEndpoint": arm.referred(endpoint),
            "privateLinkServiceConnectionState": {"status": "Approved", "actionsRequired": "None"},
        },
    }
    account_of = env.told(env.cosmos)
    account_of["properties"]["privateEndpointConnections"] = [connected]
    env.put(account_of)
    labels = {host.partition(".")[0]: address for host, address in zip(hosts, ENDPOINT_ADDRESSES, strict=True)}
    env.put(*names.private_zone(env.in_core(names.PRIVATE, "privatelink.documents.azure.com"), env.network, **labels))
