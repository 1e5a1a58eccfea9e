"""Lists: filters, pages, and how items look in them."""

import json
import re
from urllib.parse import urlencode

from .answers import Request
from .jwt import decoded, encoded

PAGE = 3
"""Items of a page where no test said another number."""
ALL = "*"
UNPAGED = re.compile(r"microsoft\.documentdb/|microsoft\.insights/metrics$|microsoft\.insights/metricdefinitions$")
"""Types whose lists come whole."""
NULL_AT_THE_END = re.compile(r"microsoft\.insights/components$|microsoft\.authorization/roleassignments$")
"""Types whose last page says `"nextLink": null`; the others leave it out."""
GENERIC = ("id", "name", "type", "location", "tags", "sku", "kind", "identity", "plan", "managedBy", "zones")
GENERIC += ("extendedLocation",)
"""What a list of resources of all types tells of each."""
TERM = re.compile(r"\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*", re.IGNORECASE)


class UnreadableList(ValueError):
    """A filter or a token that can't be read."""


def page_of(items: list, kind: str, request: Request, size: int | None) -> dict:
    """The page of a list that is asked for; no size: all at once."""
    query = request.query
    if size is None:
        return {"value": items}
    start = start_of(query)
    top = query.get("$top")
    if top is not None:
        if not top.isdigit() or not int(top):
            raise UnreadableList(f"The value '{top}' of $top is invalid.")
        size = min(size, int(top))
    said: dict = {"value": items[start : start + size]}
    if start + size < len(items):
        said["nextLink"] = next_link(request, start + size)
    elif NULL_AT_THE_END.search(kind):
        said["nextLink"] = None
    return said


def start_of(query: dict[str, str]) -> int:
    """How many items came before."""
    token = query.get("$skiptoken", "")
    try:
        return int(json.loads(decoded(token))["after"]) if token else 0
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableList("The skip token is invalid.") from error


def next_link(request: Request, after: int) -> str:
    """Where the next page is, at the host that was asked."""
    token = encoded(json.dumps({"after": after}).encode())
    kept = [(name, value) for name, value in request.query.items() if name != "$skiptoken"]
    return f"https://{request.host}{request.path}?{urlencode([*kept, ('$skiptoken', token)])}"


def generic(body: dict) -> dict:
    """A resource as lists of all types tell it: without its properties, and in other cases at times."""
    told = {key: body[key] for key in GENERIC if key in body}
    if str(body.get("type", "")).lower().startswith("microsoft.compute/"):
        told["id"] = re.sub(
            r"(/resourceGroups/)([^/]+)", lambda at: at[1] + at[2].upper(), told["id"], flags=re.IGNORECASE
        )
    return told


def of_provider(body: dict, kind: str) -> dict:
    """A resource as its provider's list tells it: some write `resourcegroups`."""
    if kind != "microsoft.containerservice/managedclusters":
        return body
    return {**body, "id": re.sub(r"/resourceGroups/", "/resourcegroups/", body["id"], flags=re.IGNORECASE)}


def chosen(items: list[dict], text: str | None) -> list[dict]:
    """The items that a filter of `eq`, `and` and `or` leaves."""
    if not text:
        return items
    either = [[term(one) for one in re.split(r"\s+and\s+", part)] for part in re.split(r"\s+or\s+", text)]
    return [item for item in items if any(all(holds(item, *one) for one in every) for every in either)]


def term(text: str) -> tuple[str, str]:
    """A field and what it is to equal."""
    read = TERM.fullmatch(text)
    if read is None:
        raise UnreadableList(f"Invalid $filter '{text}' specified in the query string.")
    return read[1].lower(), read[2].replace("''", "'").lower()


def holds(item: dict, field: str, wanted: str) -> bool:
    """Whether an item is as a term says."""
    tags = item.get("tags") or {}
    if field == "resourcegroup":
        return f"/resourcegroups/{wanted}/" in item["id"].lower()
    if field == "tagname":
        return wanted in {name.lower() for name in tags}
    if field == "tagvalue":
        return wanted in {value.lower() for value in tags.values()}
    known = {"resourcetype": "type", "name": "name", "location": "location"}
    if field not in known:
        raise UnreadableList(f"Invalid $filter: '{field}' is not supported.")
    return str(item.get(known[field], "")).lower() == wanted
