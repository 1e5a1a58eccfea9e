"""Who calls, and what they may where."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from . import roles
from .paths import read, segments_of
from .roles import Role
from .store import ASSIGNMENTS, DEFINITIONS, Store

SPACE = uuid.UUID("0f6b1c52-7d0e-4a2c-9f43-5b8e6a1d2c70")
SUBSCRIPTION, CORE_GROUP = "7c41e5d2-3b8a-4f06-9e57-d1a2c60b84f3", "example-stacks-nonprod-euw-core"
"""Where the environments are built."""


def guid(*names: str) -> str:
    """The id that goes by a name: the same in every run."""
    return str(uuid.uuid5(SPACE, "/".join(names)))


@dataclass(frozen=True)
class Principal:
    """A service principal that tokens are given to."""

    name: str

    @property
    def client_id(self) -> str:
        """Its application's id."""
        return guid("client", self.name)

    @property
    def object_id(self) -> str:
        """Its own id, which assignments name."""
        return guid("object", self.name)

    @property
    def secret(self) -> str:
        """What proves it."""
        return f"emulated-secret-of-{self.name}"


PRINCIPALS = tuple(Principal(name) for name in ("reader", "one-group", "custom", "managed"))
"""`reader` reads all; `one-group` the core resource group; `custom` what a test lets it; `managed` is the machine's."""
BY_CLIENT = {each.client_id: each for each in PRINCIPALS}
BY_OBJECT = {each.object_id: each for each in PRINCIPALS}
BY_NAME = {each.name: each for each in PRINCIPALS}


@dataclass(frozen=True)
class Grant:
    """A role at a scope; `*` in it is any one segment."""

    role: Role
    scope: tuple[str, ...]

    def reaches(self, scope: tuple[str, ...]) -> bool:
        """Whether it holds at a scope, being at or above it."""
        return len(self.scope) <= len(scope) and same(self.scope, scope)

    def touches(self, scope: tuple[str, ...]) -> bool:
        """Whether it holds at a scope or anywhere in it."""
        return same(self.scope, scope)


def same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two scopes are equal as far as the shorter goes."""
    return all("*" in pair or pair[0].lower() == pair[1].lower() for pair in zip(one, other, strict=False))


def grant(role: str | dict, scope: str = "/subscriptions/*") -> Grant:
    """A grant as tests tell it."""
    return Grant(roles.role_of(role), segments_of(scope))


def granted() -> dict[str, tuple[Grant, ...]]:
    """What principals may at first."""
    return {
        "reader": (grant("Reader"),),
        "one-group": (grant("Reader", f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{CORE_GROUP}"),),
        "custom": (),
        "managed": (grant("Reader"),),
    }


class Access:
    """What principals may: by what tests let them, and by the assignments that the store holds."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.reset()

    def reset(self) -> None:
        """As at first."""
        self.given = granted()

    def replace(self, given: dict[str, list[dict]]) -> None:
        """Other grants of some principals: `{"custom": [{"role", "scope"}]}`."""
        for name in given:
            if name not in BY_NAME:
                raise ValueError(f"no principal is called {name!r}")
        self.given.update({name: tuple(grant(**each) for each in grants) for name, grants in given.items()})

    def grants(self, who: Principal) -> Iterable[Grant]:
        """Everything that a principal was granted."""
        yield from self.given.get(who.name, ())
        for body in self.store.of_type(ASSIGNMENTS):
            said = body["properties"]
            if said["principalId"].lower() == who.object_id:
                yield Grant(self.definition(said["roleDefinitionId"]), scope_of(body))

    def definition(self, path: str) -> Role:
        """The role that an assignment names."""
        name = path.rpartition("/")[2].lower()
        custom = self.store.of_type(DEFINITIONS)
        own = next((each for each in custom if each["id"].lower().endswith(f"/{name}")), None)
        return roles.role_of(own or path)

    def caller(self, who: Principal, tenant: str) -> "Caller":
        """A principal with what it may now."""
        return Caller(who, tenant, tuple(self.grants(who)))


@dataclass(frozen=True)
class Caller:
    """Who asks, by a token of which tenant, and what they may."""

    who: Principal
    tenant: str
    grants: tuple[Grant, ...]

    def may(self, action: str, scope: tuple[str, ...]) -> bool:
        """Whether they may do something at a scope."""
        return any(each.reaches(scope) and each.role.allows(action) for each in self.grants)

    def may_within(self, action: str, scope: tuple[str, ...]) -> bool:
        """Whether they may do so there, or somewhere in it."""
        return any(each.touches(scope) and each.role.allows(action) for each in self.grants)

    def permissions(self, scope: tuple[str, ...]) -> list[dict]:
        """What they may at a scope, a role at a time."""
        return [each.role.told() for each in self.grants if each.reaches(scope)]


def scope_of(assignment: dict) -> tuple[str, ...]:
    """The scope of an assignment, as its id tells it; one of a management group is above all that there is."""
    place = read(assignment["id"])
    return place.scope if place.subscription else ()
