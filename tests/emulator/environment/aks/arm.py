"""Resources as ARM writes them, the same each time: what Azure draws at random comes from names here."""

import uuid

LOCATION, DISPLAYED_LOCATION = "westeurope", "West Europe"
CREATED = "2026-01-12T09:12:41.4710934Z"
SPACE = uuid.UUID("3d0f2f0e-61f5-4c55-9d1c-7be0f6f6b2a4")


def guid(*named: str) -> str:
    """A GUID that goes by a name."""
    return str(uuid.uuid5(SPACE, "/".join(named)))


def etag(named: str) -> str:
    """The version of a resource of Microsoft.Network."""
    return f'W/"{guid("etag", named)}"'


def group_id(subscription: str, name: str) -> str:
    """A resource group's id."""
    return f"/subscriptions/{subscription}/resourceGroups/{name}"


def within(scope: str, kind: str, *names: str) -> str:
    """The id of a resource of a kind: `within(group, "Microsoft.Network/virtualNetworks", "a", "subnets", "b")`."""
    return "/".join((scope, "providers", kind, *names))


def referred(resource_id: str) -> dict[str, str]:
    """A reference, as most members of `properties` write it."""
    return {"id": resource_id}


def lowered(resource_id: str) -> str:
    """The same id as some providers write it: with a small letter where the others have a capital one."""
    return resource_id.replace("/resourceGroups/", "/resourcegroups/")


def kind_of(resource_id: str) -> str:
    """The type that an id tells of."""
    namespace, *parts = resource_id.rpartition("/providers/")[2].split("/")
    return "/".join((namespace, *parts[::2]))


def resource(resource_id: str, properties: dict, location: str | None = LOCATION, tags=None, **more) -> dict:
    """A resource; without a place where `location` is None, without tags where nobody gave it any."""
    made = {"id": resource_id, "name": resource_id.rpartition("/")[2], "type": kind_of(resource_id)}
    placed = {"location": location} if location else {}
    tagged = {"tags": dict(tags)} if tags is not None else {}
    return {**made, **placed, **tagged, **more, "properties": properties}


def networked(resource_id: str, properties: dict, **more) -> dict:
    """A resource of Microsoft.Network, which has a version and a GUID."""
    told = {"provisioningState": "Succeeded", "resourceGuid": guid(resource_id), **properties}
    return resource(resource_id, told, etag=etag(resource_id), **more)


def part(owner: str, collection: str, name: str, properties: dict, **more) -> dict:
    """What stands within a resource of Microsoft.Network and has an id of its own."""
    part_id = f"{owner}/{collection}/{name}"
    told = {"provisioningState": "Succeeded", **properties}
    made = {"name": name, "id": part_id, "etag": etag(owner), "properties": told, "type": kind_of(part_id)}
    return {**made, **more}


def group(subscription: str, name: str, tags: dict[str, str] | None = None, **more) -> dict:
    """A resource group."""
    group_of = group_id(subscription, name)
    made = resource(group_of, {"provisioningState": "Succeeded"}, tags=tags, **more)
    return {**made, "type": "Microsoft.Resources/resourceGroups"}


def subscription(subscription_id: str, tenant: str, name: str) -> dict:
    """A subscription."""
    policies = {"locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01"}
    return {
        "id": f"/subscriptions/{subscription_id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription_id,
        "tenantId": tenant,
        "displayName": name,
        "state": "Enabled",
        "subscriptionPolicies": {**policies, "spendingLimit": "Off"},
    }
