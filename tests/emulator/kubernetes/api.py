"""What the server answers: who asks, what they may, then what there is."""

from dataclasses import dataclass
from threading import Lock
from urllib.parse import parse_qsl, urlsplit

from ports import Dropped

from . import statuses
from .access import Access, User
from .faults import Faults, Rule
from .listing import inconsistent, listed
from .resources import Asked, asked
from .selecting import Unreadable
from .statuses import Answer
from .store import Store

VERSION = {
    "major": "1",
    "minor": "36",
    "gitVersion": "v1.36.1-eks-0a1b2c3",
    "gitCommit": "0" * 40,
    "gitTreeState": "clean",
    "buildDate": "2026-01-05T00:00:00Z",
    "goVersion": "go1.26.1",
    "compiler": "gc",
    "platform": "linux/amd64",
}
SIGN_IN = b"<!DOCTYPE html><html><body><h1>Sign in to continue</h1></body></html>"


@dataclass(frozen=True)
class Request:
    """One request."""

    method: str
    target: str
    certificate: dict | None = None
    authorization: str | None = None


class Api:
    """The API of one cluster."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.store = Store()
        self.faults = Faults()
        self.page_sizes: dict[str, int] = {}
        """The most items of a resource's page, whatever is asked for: a server may give less."""
        self.lock = Lock()
        self.requests: list[dict] = []

    def answer(self, request: Request) -> Answer:
        """Answers one request, and notes it."""
        user = self.access.user(request.certificate, request.authorization)
        noted = {"method": request.method, "path": request.target, "user": user.name if user else None}
        with self.lock:
            self.requests.append(noted)
        said = self.said(request, user) if user else statuses.unauthorized()
        noted["code"] = said.code
        return said

    def said(self, request: Request, user: User) -> Answer:
        """The answer to a known user."""
        url = urlsplit(request.target)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        it = asked(url.path)
        resource = it.plural if it else url.path.strip("/")
        rule = self.faults.rule_for(resource, it.namespace if it else None, user.name, bool(query.get("continue")))
        spoiled = self.spoiled(rule, user, it, url.path, query) if rule else None
        if spoiled:
            return spoiled
        if request.method != "GET":
            return statuses.not_allowed()
        if it is None:
            return self.plain(url.path, user)
        verb = verb_of(it, query)
        if not self.access.allows(user, verb, it):
            return statuses.forbidden(user.name, verb, it)
        if it.resource is None:
            return statuses.not_served()
        if verb == "watch":
            return statuses.bad_request("this server has nothing to watch")
        return self.named(it) if it.name else listed(self.store, it, query, self.page_sizes.get(it.plural))

    def plain(self, path: str, user: User) -> Answer:
        """The answer to what is no resource."""
        if not self.access.allows_path(user, path):
            return statuses.forbidden_path(user.name, path)
        if path == "/version":
            return statuses.answer(VERSION)
        return Answer(200, b"ok", "text/plain; charset=utf-8") if path.endswith("z") else statuses.not_served()

    def named(self, it: Asked) -> Answer:
        """One object."""
        found = self.store.named(it.resource, it.namespace, it.name)
        if found is None:
            return statuses.not_found(it)
        return statuses.answer({"kind": it.resource.kind, "apiVersion": it.resource.api_version, **found})

    def spoiled(self, rule: Rule, user: User, it: Asked | None, path: str, query: dict) -> Answer | None:
        """What a rule puts in the place of an answer; none where it only delayed it."""
        if rule.fault == "pass":
            return None
        if rule.fault == "hold":
            self.faults.hold()
            return None
        if rule.fault == "reset":
            raise Dropped
        if rule.fault == "expire":
            try:
                return statuses.expired(inconsistent(query["continue"]))
            except Unreadable as error:
                return statuses.bad_request(str(error))
        if rule.fault == "deny":
            denied = it and statuses.forbidden(user.name, verb_of(it, query), it)
            return denied or statuses.forbidden_path(user.name, path)
        kind = f"{it.resource.kind}List" if it and it.resource else "List"
        answers = {
            "unauthorized": statuses.unauthorized,
            "unserved": statuses.not_served,
            "500": statuses.internal,
            "throttle": lambda: statuses.too_many(rule.seconds),
            "html": lambda: Answer(200, SIGN_IN, "text/html"),
            "empty": lambda: statuses.answer({}),
            "null": lambda: statuses.answer({"kind": kind, "apiVersion": it.resource.api_version, "items": None}),
        }
        return answers[rule.fault]()


def verb_of(it: Asked, query: dict[str, str]) -> str:
    """What a GET does, as rules name it."""
    if it.name:
        return "get"
    return "watch" if query.get("watch") in ("1", "true") else "list"
