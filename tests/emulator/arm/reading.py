"""What ARM answers to a known caller: scopes, lists of all types, lists of one, and single resources."""

from . import refusals
from .access import Access, Caller
from .answers import Answer, Request, answer
from .authorization import Authorization
from .listing import ALL, PAGE, UNPAGED, chosen, generic, of_provider, page_of
from .metrics import Metrics
from .paths import Place, joined, read, segments_of
from .store import ASSIGNMENTS, DEFINITIONS, GROUP, PERMISSIONS, SUBSCRIPTION, Store
from .versions import Versions, namespaces

METRICS = "microsoft.insights/metrics"
RESOURCES, PROVIDERS = "microsoft.resources/resources", "microsoft.resources/providers"
RECORDS = {"a", "aaaa", "caa", "cname", "ds", "mx", "naptr", "ns", "ptr", "soa", "srv", "tlsa", "txt"}
EVERY_RECORD = {
    f"microsoft.network/{zone}/{name}"
    for zone, names in {"dnszones": ("recordsets", "all"), "privatednszones": ("all",)}.items()
    for name in names
}
"""Lists of a zone's records of every type."""
READ_RESOURCES = "Microsoft.Resources/subscriptions/resources/read"
READ_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/read"
READ_SUBSCRIPTION = "Microsoft.Resources/subscriptions/read"


class Reading:
    """Answers reads from the store."""

    def __init__(self, store: Store, access: Access) -> None:
        self.store, self.access = store, access
        self.authorization = Authorization(access)
        self.versions = Versions()
        self.metrics = Metrics()
        self.reset()

    def reset(self) -> None:
        """As at first."""
        self.versions.reset()
        self.metrics.reset()
        self.page_sizes: dict[str, int] = {}

    def size_of(self, kind: str) -> int | None:
        """How many items of a type a page has."""
        if kind in self.page_sizes:
            return self.page_sizes[kind]
        return None if UNPAGED.match(kind) else self.page_sizes.get(ALL, PAGE)

    def page(self, items: list, kind: str, request: Request) -> Answer:
        """A page of a list."""
        return answer(page_of(items, kind, request, self.size_of(kind)))

    def wrong_version(self, place: Place, request: Request) -> Answer | None:
        """The refusal of a version that is missing or not served, or of a type that nobody knows."""
        version = request.query.get("api-version")
        if not version:
            return refusals.no_version()
        kind = kind_of(place, request)
        served = self.versions.of(kind)
        if served is None:
            known = {each.lower() for each in namespaces()}
            if place.namespace.lower() not in known:
                return refusals.unknown_namespace(place.namespace)
            return refusals.unknown_type(place, version)
        return None if version in served else refusals.unknown_version(place, version, served)

    def answer(self, request: Request, caller: Caller) -> Answer:
        """The answer to a caller."""
        place = read(request.path)
        wrong = self.wrong_version(place, request)
        if wrong:
            return wrong
        if tuple(each.lower() for each in place.scope) == ("subscriptions",):
            return self.subscriptions(request, caller)
        if not place.subscription:
            return self.of_tenant(place, request)
        subscription = self.store.get(f"/subscriptions/{place.subscription}")
        if subscription is None:
            return refusals.no_subscription(place.subscription)
        if subscription["tenantId"].lower() != caller.tenant:
            return refusals.wrong_tenant(subscription["tenantId"], caller.tenant)
        if place.types:
            return self.of_type(place, request, caller)
        if place.namespace or request.path.lower().endswith("/providers"):
            return self.providers(place, request, caller)
        return self.of_scope(place, subscription, request, caller)

    def of_tenant(self, place: Place, request: Request) -> Answer:
        """What is of no subscription: the built-in roles."""
        if not place.scope and place.type == DEFINITIONS:
            if place.is_list:
                return self.page(self.authorization.definitions((), request.query.get("$filter")), DEFINITIONS, request)
            found = self.authorization.definition((), place.names[0])
            return answer(found) if found else refusals.no_resource(place)
        return refusals.no_resource(place)

    def subscriptions(self, request: Request, caller: Caller) -> Answer:
        """The subscriptions in which the caller may read something."""
        found = [it for it in self.store.of_type(SUBSCRIPTION) if it["tenantId"].lower() == caller.tenant]
        found = [it for it in found if caller.may_within(READ_SUBSCRIPTION, segments_of(it["id"]))]
        return self.page(found, SUBSCRIPTION, request)

    def providers(self, place: Place, request: Request, caller: Caller) -> Answer:
        """The providers that the subscription is registered with, or one of them."""
        scope = place.scope[:2]
        if not caller.may_within(READ_SUBSCRIPTION, scope):
            return refusals.denied(caller.who, "Microsoft.Resources/subscriptions/providers/read", joined(scope))
        told = [self.provider(joined(scope), name) for name in namespaces()]
        if not place.namespace:
            return self.page(told, PROVIDERS, request)
        found = next((it for it in told if it["namespace"].lower() == place.namespace.lower()), None)
        return answer(found) if found else refusals.unknown_namespace(place.namespace)

    def provider(self, scope: str, namespace: str) -> dict:
        """A provider, its types and their versions."""
        types = [
            {"resourceType": name, "locations": ["West Europe"], "apiVersions": served, "capabilities": "None"}
            for name, served in self.versions.of_namespace(namespace).items()
        ]
        told = {"id": f"{scope}/providers/{namespace}", "namespace": namespace, "resourceTypes": types}
        return {**told, "registrationState": "Registered", "registrationPolicy": "RegistrationRequired"}

    def of_scope(self, place: Place, subscription: dict, request: Request, caller: Caller) -> Answer:
        """A subscription or a group, or what lies in it whatever its type."""
        scope, last = place.scope, place.scope[-1].lower()
        if len(scope) == 2:
            if not caller.may_within(READ_SUBSCRIPTION, scope):
                return refusals.denied(caller.who, READ_SUBSCRIPTION, joined(scope))
            return answer(subscription)
        if len(scope) == 3 and last == "resourcegroups":
            if not caller.may_within(READ_GROUP, scope[:2]):
                return refusals.denied(caller.who, READ_GROUP, joined(scope[:2]))
            every = self.store.of_type(GROUP, joined(scope[:2]))
            mine = [it for it in every if caller.may(READ_GROUP, segments_of(it["id"]))]
            return self.page(chosen(mine, request.query.get("$filter")), GROUP, request)
        if len(scope) in (3, 5) and last == "resources":
            return self.resources(scope[:-1], request, caller)
        if len(scope) == 4 and place.group:
            if not caller.may(READ_GROUP, scope):
                return refusals.denied(caller.who, READ_GROUP, joined(scope))
            found = self.store.get(joined(scope))
            return answer(found) if found else refusals.no_group(place.group)
        return refusals.invalid_path(request.path)

    def resources(self, scope: tuple[str, ...], request: Request, caller: Caller) -> Answer:
        """The resources of all types in a scope, of which the caller sees those that it may read."""
        if not caller.may_within(READ_RESOURCES, scope):
            return refusals.denied(caller.who, READ_RESOURCES, joined(scope))
        if len(scope) == 4 and self.store.get(joined(scope)) is None:
            return refusals.no_group(scope[3])
        every = [(kind, it) for kind, it in self.store.inside(joined(scope)) if "location" in it and kind != GROUP]
        mine = [it for kind, it in every if caller.may(f"{kind}/read", segments_of(it["id"]))]
        found = chosen(mine, request.query.get("$filter"))
        return self.page([generic(it) for it in found], RESOURCES, request)

    def of_type(self, place: Place, request: Request, caller: Caller) -> Answer:
        """Resources of a type, or one of them."""
        at = segments_of(place.parent_id) if place.is_list else segments_of(request.path)
        if place.type == PERMISSIONS and not caller.permissions(place.scope):
            return self.page([], PERMISSIONS, request)
        if place.is_extension and place.namespace.lower() == "microsoft.insights":
            at = place.scope
        action = f"{place.namespace}/{'/'.join(place.types)}/read"
        if not caller.may(action, at):
            return refusals.denied(caller.who, action, joined(at))
        if place.group and self.store.get(joined(place.scope[:4])) is None:
            return refusals.no_group(place.group)
        if place.is_extension and self.store.get(place.scope_id) is None:
            return refusals.no_resource(read(place.scope_id))
        if place.is_list:
            return self.listed(place, request, caller)
        if place.type == DEFINITIONS:
            found = self.authorization.definition(place.scope, place.names[0])
            return answer(found) if found else refusals.no_resource(place)
        return self.named(place, joined(segments_of(request.path)))

    def named(self, place: Place, path: str) -> Answer:
        """One resource."""
        found = self.store.get(path)
        if found:
            return answer(found)
        if self.store.get(place.parent_id) is None:
            return refusals.no_parent(place)
        return refusals.no_resource(place)

    def listed(self, place: Place, request: Request, caller: Caller) -> Answer:
        """A list of one type."""
        text = request.query.get("$filter")
        if place.type == PERMISSIONS:
            return self.page(caller.permissions(place.scope), PERMISSIONS, request)
        if place.type == ASSIGNMENTS:
            return self.page(self.authorization.assignments(place.scope, text), ASSIGNMENTS, request)
        if place.type == DEFINITIONS:
            return self.page(self.authorization.definitions(place.scope, text), DEFINITIONS, request)
        if place.type == METRICS:
            return self.metrics.answer(self.store.get(place.scope_id), place, request)
        if self.store.get(place.parent_id) is None:
            return refusals.no_parent(place)
        if place.type in EVERY_RECORD:
            inside = self.store.inside(place.parent_id)
            found = [it for kind, it in inside if kind.rpartition("/")[2] in RECORDS]
        else:
            found = self.store.of_type(place.type, place.parent_id)
        return self.page([of_provider(it, place.type) for it in found], place.type, request)


def kind_of(place: Place, request: Request) -> str:
    """The type whose versions a question is asked in."""
    if place.namespace:
        return place.type if place.types else PROVIDERS
    last = request.path.rstrip("/").rpartition("/")[2].lower()
    if last in ("resources", "providers"):
        return RESOURCES
    return GROUP if len(place.scope) > 2 else SUBSCRIPTION
