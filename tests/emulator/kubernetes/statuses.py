"""The server's refusals: the kind Status, in its own words."""

import json
from dataclasses import dataclass, field

from .resources import Asked

JSON = "application/json"
EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True)
class Answer:
    """Status, body and headers of one answer."""

    code: int
    body: bytes
    content: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def answer(said: dict, code: int = 200, **headers: str) -> Answer:
    """An answer of JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(code, json.dumps(said, separators=(",", ":")).encode() + b"\n", JSON, named)


def status(code: int, reason: str | None, message: str, details: dict | None = None, token: str = "", **headers: str):
    """A refusal."""
    said = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {"continue": token} if token else {},
        "status": "Failure",
        "message": message,
        **({"reason": reason} if reason else {}),
        **({"details": details} if details is not None else {}),
        "code": code,
    }
    return answer(said, code, **headers)


def unauthorized() -> Answer:
    """Nobody knows these credentials."""
    return status(401, "Unauthorized", "Unauthorized")


def forbidden(user: str, verb: str, it: Asked) -> Answer:
    """The user may not."""
    within = f'in the namespace "{it.namespace}"' if it.namespace else "at the cluster scope"
    what = f"{it.plural}.{it.group}" if it.group else it.plural
    named = f'{what} "{it.name}"' if it.name else what
    cannot = f'User "{user}" cannot {verb} resource "{it.plural}" in API group "{it.group}" {within}'
    return status(403, "Forbidden", f"{named} is forbidden: {cannot}", details(it))


def forbidden_path(user: str, path: str) -> Answer:
    """The user may not read what is no resource."""
    return status(403, "Forbidden", f'forbidden: User "{user}" cannot get path "{path}"', {})


def details(it: Asked) -> dict:
    """What a refusal is about."""
    told = {"name": it.name, "group": it.group, "kind": it.plural}
    return {key: value for key, value in told.items() if value}


def not_found(it: Asked) -> Answer:
    """No object has this name."""
    what = f"{it.plural}.{it.group}" if it.group else it.plural
    return status(404, "NotFound", f'{what} "{it.name}" not found', details(it))


def not_served() -> Answer:
    """No such path: of a group that nobody installed, for one."""
    return Answer(404, b"404 page not found\n", "text/plain; charset=utf-8")


def not_allowed() -> Answer:
    """Nothing is written here."""
    return status(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}, Allow="GET"
    )


def bad_request(message: str) -> Answer:
    """The request can't be read."""
    return status(400, "BadRequest", message)


def expired(token: str) -> Answer:
    """The page that a token leads to is gone."""
    return status(410, "Expired", EXPIRED, token=token)


def internal() -> Answer:
    """The server failed."""
    return status(500, "InternalError", "Internal error occurred: the emulator was told to fail", {})


def too_many(seconds: int) -> Answer:
    """Too many requests."""
    told = {"retryAfterSeconds": seconds}
    message = "the server has received too many requests and has asked us to try again later"
    return status(429, "TooManyRequests", message, told, Retry_After=str(seconds))
