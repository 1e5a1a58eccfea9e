"""What stands before ARM's answers: the bearer, the method, and the faults that tests ask for."""

import json
import time
from dataclasses import replace

from ports import Dropped

from . import refusals
from .access import Access, Principal
from .answers import Answer, Request, answer, page
from .faults import Faults, Rule
from .listing import UnreadableList, start_of
from .paths import Unreadable, read
from .reading import Reading, kind_of
from .store import Store
from .tokens import Expired, Refused, Tokens, WrongAudience


class Arm:
    """Azure Resource Manager."""

    def __init__(self, store: Store, access: Access, tokens: Tokens, faults: Faults) -> None:
        self.store, self.access, self.tokens, self.faults = store, access, tokens, faults
        self.reading = Reading(store, access)
        self.audiences: set[str] = set()
        """Whom tokens must be for."""
        self.authority = ""
        self.elsewhere = ""

    def answer(self, request: Request) -> tuple[Answer, Principal | None]:
        """Answers one request; who asked, if they are known."""
        if request.path == "/metadata/endpoints":
            return answer(self.endpoints(request)), None
        scheme, _, bearer = (request.authorization or "").partition(" ")
        if not bearer:
            return refusals.missing_header(), None
        try:
            if scheme.lower() != "bearer":
                raise Refused("no bearer")
            who, tenant = self.tokens.read(bearer.strip(), self.audiences)
        except Expired as error:
            return refusals.expired(str(error), time.strftime("%m/%d/%Y %I:%M:%S %p", time.gmtime())), None
        except WrongAudience as error:
            return refusals.wrong_audience(str(error), self.audiences), None
        except Refused:
            return refusals.invalid_token(), None
        return self.known(request, who, tenant), who

    def known(self, request: Request, who: Principal, tenant: str) -> Answer:
        """The answer to a known caller."""
        rule = self.faults.rule_for(request.text, self.page_number(request))
        try:
            said = spoiled(rule, request, self.faults, self.elsewhere) or denied_by(rule, request, who)
            if said:
                return said
            if request.method != "GET":
                return refusals.not_allowed(request.method)
            said = self.reading.answer(request, self.access.caller(who, tenant))
        except Unreadable:
            return refusals.invalid_path(request.path)
        except UnreadableList as error:
            return refusals.invalid_filter(str(error))
        return led_away(said, rule, request, self.elsewhere) if rule else said

    def page_number(self, request: Request) -> int:
        """Which page of a list is asked for, from 1."""
        try:
            place = read(request.path)
            size = self.reading.size_of(kind_of(place, request))
            return start_of(request.query) // size + 1 if size else 1
        except ValueError:
            return 1

    def endpoints(self, request: Request) -> dict:
        """What a cloud tells of itself to those who are not known yet."""
        audiences = sorted(self.audiences)
        return {
            "galleryEndpoint": f"https://{request.host}/",
            "graphEndpoint": f"{self.authority}/graph/",
            "portalEndpoint": f"https://{request.host}/",
            "authentication": {"loginEndpoint": f"{self.authority}/", "audiences": audiences},
        }


def spoiled(rule: Rule | None, request: Request, faults: Faults, elsewhere: str) -> Answer | None:
    """What a rule puts in the place of an answer; none where it leaves it, or delayed it only."""
    if rule is None or rule.fault in ("pass", "evil_next", "deny"):
        return None
    if rule.fault == "hang":
        faults.hold()
        return None
    if rule.fault == "drop":
        raise Dropped
    place = read(request.path)
    answers = {
        "throttle": lambda: refusals.throttled(place.subscription, **rule.waits),
        "error": lambda: refusals.broken(rule.code, **rule.waits),
        "redirect": lambda: Answer(302, b"", {"Location": rule.url or f"{elsewhere}{request.target}"}),
        "html": page,
        "empty": lambda: answer({}),
        "array": lambda: answer([]),
        "null": lambda: answer({"value": None}),
        "expired": lambda: refusals.expired("01/12/2026 09:30:00 AM", "01/12/2026 10:30:00 AM"),
        "policy": lambda: refusals.disallowed(request.path),
        "unregistered": lambda: refusals.unregistered(place.subscription, place.namespace),
        "missing": lambda: refusals.no_resource(place),
    }
    return answers[rule.fault]()


def denied_by(rule: Rule | None, request: Request, who: Principal) -> Answer | None:
    """The refusal that a rule gives to this caller."""
    if not rule or rule.fault != "deny":
        return None
    place = read(request.path)
    kind = place.type if place.types else kind_of(place, request)
    return refusals.denied(who, f"{kind}/read", place.parent_id if place.is_list else request.path)


def led_away(said: Answer, rule: Rule, request: Request, elsewhere: str) -> Answer:
    """A list whose next page is at another host."""
    if rule.fault != "evil_next" or said.code != 200:
        return said
    body = json.loads(said.body)
    if "value" not in body:
        return said
    link = rule.url or f"{elsewhere}{request.path}?api-version={request.query.get('api-version')}&%24skiptoken=more"
    return replace(said, body=json.dumps({**body, "nextLink": link}).encode())
