"""Microsoft.Authorization: role assignments, role definitions, and what the caller may."""

import re
from dataclasses import dataclass

from .access import Access, same, scope_of
from .listing import UnreadableList
from .paths import joined, segments_of
from .roles import BUILT_IN, BY_ID, BuiltIn
from .store import ASSIGNMENTS, DEFINITIONS

CREATED = "2026-01-12T09:30:00.0000000Z"
AT_SCOPE = "atscope()"
OF = re.compile(r"(?:principalid\s+eq|assignedto\()\s*'(?P<id>[^']+)'\)?")
NAMED = re.compile(r"rolename\s+eq\s+'(?P<name>[^']+)'")
OF_TYPE = re.compile(r"type\s+eq\s+'(?P<type>[^']+)'")


@dataclass
class Authorization:
    """Its lists at a scope, which show what holds there, not only what was made there."""

    access: Access

    def assignments(self, scope: tuple[str, ...], text: str | None) -> list[dict]:
        """The assignments at, above and below a scope; `atScope()` leaves out those below."""
        found = [(scope_of(it), it) for it in self.access.store.of_type(ASSIGNMENTS)]
        found = [(at, it) for at, it in found if same(at, scope)]
        for one in terms(text):
            of = OF.fullmatch(one)
            if one == AT_SCOPE:
                found = [(at, it) for at, it in found if len(at) <= len(scope)]
            elif of:
                found = [(at, it) for at, it in found if it["properties"]["principalId"].lower() == of["id"]]
            else:
                raise UnreadableList(f"The filter '{one}' is not supported.")
        return [it for _, it in found]

    def definitions(self, scope: tuple[str, ...], text: str | None) -> list[dict]:
        """The roles that can be assigned at a scope: the built-in ones, and those made for it."""
        found = [built_in(each, joined(scope[:2])) for each in BUILT_IN] + self.custom(scope)
        for one in terms(text):
            named, of = NAMED.fullmatch(one), OF_TYPE.fullmatch(one)
            if named:
                found = [it for it in found if it["properties"]["roleName"].lower() == named["name"]]
            elif of:
                found = [it for it in found if it["properties"]["type"].lower() == of["type"]]
            elif one != AT_SCOPE:
                raise UnreadableList(f"The filter '{one}' is not supported.")
        return found

    def custom(self, scope: tuple[str, ...]) -> list[dict]:
        """The roles that somebody made, and that can be assigned at a scope or in it."""
        every = self.access.store.of_type(DEFINITIONS)
        reach = [(segments_of(at), it) for it in every for at in it["properties"].get("assignableScopes", ["/"])]
        return list({it["id"]: it for at, it in reach if same(at, scope)}.values())

    def definition(self, scope: tuple[str, ...], name: str) -> dict | None:
        """One role."""
        if name.lower() in BY_ID:
            return built_in(BY_ID[name.lower()], joined(scope[:2]))
        return next((it for it in self.custom(scope) if it["id"].lower().endswith(f"/{name.lower()}")), None)


def terms(text: str | None) -> list[str]:
    """The parts of a filter that all have to hold."""
    return re.split(r"\s+and\s+", text.strip().lower()) if text else []


def built_in(known: BuiltIn, prefix: str) -> dict:
    """A built-in role's definition."""
    return {
        "id": f"{prefix}/providers/Microsoft.Authorization/roleDefinitions/{known.id}",
        "name": known.id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": known.name,
            "type": "BuiltInRole",
            "description": known.description,
            "assignableScopes": ["/"],
            "permissions": [known.role.told()],
            "createdOn": CREATED,
            "updatedOn": CREATED,
            "createdBy": None,
            "updatedBy": None,
        },
    }
