"""The resources that ARM tells of, as their providers tell them."""

import copy
from threading import Lock

from .paths import Place, read

SUBSCRIPTION, GROUP = "microsoft.resources/subscriptions", "microsoft.resources/subscriptions/resourcegroups"
ASSIGNMENTS, DEFINITIONS, PERMISSIONS = (
    f"microsoft.authorization/{each}" for each in ("roleassignments", "roledefinitions", "permissions")
)


class Store:
    """Every resource by its id, which knows no cases."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.lock = Lock()
        self.clear()

    def clear(self) -> None:
        """Forgets all."""
        with self.lock:
            self.bodies: dict[str, dict] = {}
            self.types: dict[str, str] = {}
            self.embedded: set[str] = set()

    def put(self, body: dict) -> None:
        """Takes a resource in the place of the one of its id, if any; its subscription is made where it is new."""
        place = read(body["id"])
        # An assignment may lie above subscriptions: in a management group, or in the tenant.
        above = place.type == ASSIGNMENTS and not place.subscription
        if place.is_list or not (place.subscription or above):
            raise ValueError(f"no id of a resource: {body['id']}")
        with self.lock:
            if not above:
                self.put_subscription(place.subscription)
            if place.names and not above:
                self.check_parent(place)
            self.keep(body, False)
            for child in embedded_in(body):
                if child["id"].lower() not in self.bodies or child["id"].lower() in self.embedded:
                    self.keep(child, True)

    def put_all(self, bodies: list[dict]) -> None:
        """Takes resources, what others lie in first."""
        for body in sorted(bodies, key=lambda it: it["id"].count("/")):
            self.put(body)

    def put_subscription(self, subscription: str) -> None:
        """Makes a subscription that nobody told of."""
        path = f"/subscriptions/{subscription}"
        if path.lower() not in self.bodies:
            self.keep(subscription_of(subscription, self.tenant), False)

    def check_parent(self, place: Place) -> None:
        """What a resource lies in must be there."""
        if place.parent_id.lower() not in self.bodies:
            raise ValueError(f"nothing is at {place.parent_id}")

    def keep(self, body: dict, embedded: bool) -> None:
        """Keeps a body by its id."""
        key = body["id"].lower()
        self.bodies[key] = copy.deepcopy(body)
        self.types[key] = type_of(read(body["id"]))
        (self.embedded.add if embedded else self.embedded.discard)(key)

    def remove(self, path: str) -> None:
        """Takes a resource away, and what lies in it."""
        with self.lock:
            gone = [key for key in self.bodies if f"{key}/".startswith(f"{path.lower()}/")]
            if not gone:
                raise KeyError(path)
            for key in gone:
                del self.bodies[key], self.types[key]
                self.embedded.discard(key)

    def get(self, path: str) -> dict | None:
        """One resource."""
        return self.bodies.get(path.lower())

    def all(self) -> list[dict]:
        """Everything, as it can be given again."""
        with self.lock:
            return [body for key, body in self.bodies.items() if key not in self.embedded]

    def of_type(self, kind: str, within: str = "") -> list[dict]:
        """The resources of a type in a scope, in the order that they came in."""
        with self.lock:
            keys = [key for key, each in self.types.items() if each == kind and key.startswith(f"{within.lower()}/")]
            return [self.bodies[key] for key in keys]

    def inside(self, within: str) -> list[tuple[str, dict]]:
        """All resources in a scope, with their types."""
        with self.lock:
            keys = [key for key in self.types if key.startswith(f"{within.lower()}/")]
            return [(self.types[key], self.bodies[key]) for key in keys]


def type_of(place: Place) -> str:
    """The type of what is at a place."""
    if place.namespace:
        return place.type
    return GROUP if place.group else SUBSCRIPTION


def embedded_in(body: dict) -> list[dict]:
    """The children that a resource tells in its own properties, as networks their subnets."""
    values = (body.get("properties") or {}).values()
    items = [item for value in values if isinstance(value, list) for item in value if isinstance(item, dict)]
    return [item for item in items if str(item.get("id", "")).lower().startswith(f"{body['id'].lower()}/")]


def subscription_of(subscription: str, tenant: str) -> dict:
    """A subscription's body."""
    return {
        "id": f"/subscriptions/{subscription}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription,
        "tenantId": tenant,
        "displayName": f"example-{subscription[:4]}",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }
