"""The ports: ARM, the authority, the machine's metadata, and two where nobody has any business."""

import ssl
from collections.abc import Callable
from threading import Lock

import ports
from kubernetes.certificates import ADDRESS, HOST, Authority
from kubernetes.server import load

from .access import PRINCIPALS, Access, Principal
from .answers import Answer, Request, answer
from .api import Arm, spoiled
from .authority import OTHER_TENANT, TENANT
from .authority import Authority as TokenAuthority
from .faults import Faults
from .proofs import Proofs
from .proxy import Proxy
from .store import SUBSCRIPTION, Store
from .tokens import LIFETIME, Tokens

Answering = Callable[[Request], tuple[Answer, Principal | None]]


class Handler(ports.Handler):
    """One connection."""

    server: "Listener"

    def answered(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What the port's own say."""
        others = {name.lower(): value for name, value in self.headers.items()}
        host = others.get("host", self.server.host)
        asked = Request(self.command, self.path, host, others.get("authorization"), body, others)
        said = self.server.answer(asked)
        return said.code, said.headers, said.body


NAMES = ("management.azure.com", "login.microsoftonline.com")
"""What the public cloud's are called, for callers that come through the proxy."""


class Listener(ports.Listener):
    """One port."""

    def __init__(self, answering: Callable[[Request], Answer], authority: Authority | None) -> None:
        super().__init__(ADDRESS, Handler, context(authority) if authority else None)
        self.answer = answering
        self.host = f"{HOST if authority else ADDRESS}:{self.server_port}"
        self.url = f"{'https' if authority else 'http'}://{self.host}"
        self.start()


def context(authority: Authority) -> ssl.SSLContext:
    """TLS by an authority's certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load(made, authority.server("emulated-azure", *NAMES))
    return made


class Cloud:
    """A running cloud."""

    def __init__(self) -> None:
        self.certificates = Authority("azure")
        self.tokens, self.proofs, self.faults = Tokens(), Proofs(), Faults()
        self.store = Store(TENANT)
        self.access = Access(self.store)
        self.arm = Arm(self.store, self.access, self.tokens, self.faults)
        self.authority = TokenAuthority(self.tokens, self.proofs)
        self.lock = Lock()
        self.asked: list[dict] = []
        self.listeners = {
            "arm": Listener(self.noting("arm", self.arm.answer), self.certificates),
            "authority": Listener(self.noting("authority", self.of_authority), self.certificates),
            "identity": Listener(self.noting("identity", self.of_identity), None),
            "elsewhere": Listener(self.noting("elsewhere", stranger), self.certificates),
            "elsewhere_http": Listener(self.noting("elsewhere", stranger), None),
        }
        self.proxy = Proxy(self.note_tunnel)
        for name, at in zip(NAMES, ("arm", "authority"), strict=True):
            self.proxy.ports[name] = self.listeners[at].server_port
        self.urls = {name: listener.url for name, listener in self.listeners.items()} | {"proxy": self.proxy.url}
        self.arm.elsewhere, self.arm.authority = self.urls["elsewhere"], self.urls["authority"]
        named = {self.urls["arm"], "https://management.azure.com", "https://management.core.windows.net"}
        self.authority.arm = named
        self.arm.audiences = {f"{name}{slash}" for name in named for slash in ("", "/")}

    def noting(self, at: str, answering: Answering) -> Callable[[Request], Answer]:
        """Answers, and notes what was asked where."""

        def noted(request: Request) -> Answer:
            note = self.note(at, request.method, request.path, request.query, request.authorization is not None)
            said, who = answering(request)
            note.update(code=said.code, principal=who.name if who else None)
            return said

        return noted

    def note(self, at: str, method: str, path: str, query: dict[str, str], bearer: bool) -> dict:
        """Notes what was asked; who asked, and with what code it was answered, may follow."""
        asked = {"at": at, "method": method, "path": path, "query": query, "bearer": bearer}
        note = {**asked, "principal": None, "code": None}
        with self.lock:
            self.asked.append(note)
        return note

    def note_tunnel(self, method: str, host: str, known: bool) -> None:
        """Notes whom the proxy was to lead to."""
        self.note("proxy", method, host, {}, False)["code"] = 200 if known else 403

    def of_authority(self, request: Request) -> tuple[Answer, None]:
        """What the authority answers, in every tenant that a subscription is of."""
        said = spoiled(self.faults.rule_for(request.text), request, self.faults, self.urls["elsewhere"])
        every = (it["tenantId"].lower() for it in self.store.of_type(SUBSCRIPTION))
        self.authority.tenants = {TENANT, OTHER_TENANT, *every}
        return said or self.authority.answer(request), None

    def of_identity(self, request: Request) -> tuple[Answer, None]:
        """What the machine's metadata service answers."""
        return self.authority.identity(request), None

    def told(self) -> dict:
        """Where everything is, and who may ask."""
        principals = {
            each.name: {"client_id": each.client_id, "object_id": each.object_id, "secret": each.secret}
            for each in PRINCIPALS
        }
        del principals["managed"]["secret"]
        subscriptions = [it["subscriptionId"] for it in self.store.of_type(SUBSCRIPTION)]
        return {
            **self.urls,
            "tenant": TENANT,
            "tenants": [TENANT, OTHER_TENANT],
            "subscriptions": subscriptions,
            "principals": principals,
        }

    def reset(self) -> None:
        """Forgets all."""
        self.faults.replace([])
        self.store.clear()
        self.access.reset()
        self.arm.reading.reset()
        self.tokens.lifetime = LIFETIME
        with self.lock:
            self.asked.clear()


def stranger(_request: Request) -> tuple[Answer, None]:
    """What a host answers that nobody should have asked."""
    return answer({"value": []}), None
