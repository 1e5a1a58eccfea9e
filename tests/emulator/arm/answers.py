"""Answers, and the forms of refusals: ARM's `error` with a code, the authority's `error` with numbers."""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

JSON = "application/json; charset=utf-8"
TRACE = "00000000-0000-4000-8000-000000000000"
SIGN_IN = b"<!DOCTYPE html><html><body><h1>Sign in to continue</h1></body></html>"


@dataclass(frozen=True)
class Request:
    """One request."""

    method: str
    target: str
    host: str
    authorization: str | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    """Others that matter, in lower case."""

    @property
    def path(self) -> str:
        """The path as it was sent, without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query's fields; their names don't tell cases apart."""
        pairs = parse_qsl(urlsplit(self.target).query, keep_blank_values=True)
        return {name.lower(): value for name, value in pairs}

    @property
    def text(self) -> str:
        """Method, path and query, for people and patterns."""
        return f"{self.method} {unquote(self.target.replace('+', ' '))}"


@dataclass(frozen=True)
class Answer:
    """Status, body and headers of one answer."""

    code: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def answer(said, code: int = 200, **headers: str) -> Answer:
    """An answer of JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps(said, separators=(",", ":")).encode()
    return Answer(code, body, {"Content-Type": JSON, "Cache-Control": "no-cache", "x-ms-request-id": TRACE, **named})


def refused(code: int, error: str, message: str, **headers: str) -> Answer:
    """A refusal of ARM's."""
    told = {"x-ms-failure-cause": "gateway", **headers}
    return answer({"error": {"code": error, "message": message}}, code, **told)


def page(code: int = 200) -> Answer:
    """What a proxy puts in the place of an answer."""
    return Answer(code, SIGN_IN, {"Content-Type": "text/html"})
