"""Lists, whole or in pages."""

import base64
import json

from . import statuses
from .resources import Asked
from .selecting import Unreadable, by_fields, by_labels
from .store import Store, place


def token_of(version: int, item: dict) -> str:
    """What leads to the page after an item."""
    said = {"v": "meta.k8s.io/v1", "rv": version, "start": place(item)}
    return base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).decode().rstrip("=")


def read_token(token: str) -> dict:
    """What a token says."""
    try:
        said = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return {"rv": int(said["rv"]), "start": str(said["start"])}
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"continue key is not valid: {error}") from error


def inconsistent(token: str) -> str:
    """A token that goes on where an expired one stopped, at whatever version there is now."""
    said = {"v": "meta.k8s.io/v1", "rv": -1, "start": read_token(token)["start"]}
    return base64.urlsafe_b64encode(json.dumps(said, separators=(",", ":")).encode()).decode().rstrip("=")


def listed(store: Store, it: Asked, query: dict[str, str], most: int | None) -> statuses.Answer:
    """A list, or the page of it that is asked for, if it is no longer than the most; one without a limit is whole."""
    resource = it.resource
    version, items = store.listed(resource, it.namespace)
    try:
        fits, labelled = by_fields(query.get("fieldSelector", "")), by_labels(query.get("labelSelector", ""))
        limit = int(query.get("limit") or 0)
        limit = min(limit, most) if most else limit
        after = read_token(query["continue"]) if query.get("continue") else None
    except (Unreadable, ValueError) as error:
        return statuses.bad_request(str(error))
    if after:
        version = after["rv"] if after["rv"] > 0 else version
        items = [item for item in items if place(item) > after["start"]]
    items = [item for item in items if fits(item) and labelled(item)]
    meta: dict = {"resourceVersion": str(version)}
    if limit and len(items) > limit:
        meta["continue"] = token_of(version, items[limit - 1])
        # The server can't count what a selector leaves.
        if not query.get("fieldSelector") and not query.get("labelSelector"):
            meta["remainingItemCount"] = len(items) - limit
        items = items[:limit]
    said = {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": meta, "items": items}
    return statuses.answer(said)
