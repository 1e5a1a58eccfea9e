"""Who asks, and what they may."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from . import eks_bearer
from .resources import Asked

MASTERS, VIEWERS = "system:masters", "stacks-audit:viewers"
PUBLIC_PATHS = ("/version", "/healthz", "/livez", "/readyz")


@dataclass(frozen=True)
class User:
    """Somebody that the server knows."""

    name: str
    groups: tuple[str, ...] = ()


ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
TOKENS = {
    "emulated-viewer": User("viewer", (VIEWERS,)),
    "emulated-namespace-viewer": User("namespace-viewer"),
}
"""Static bearers."""


@dataclass(frozen=True)
class Rule:
    """What one may do to a resource; `*` is every namespace, and what lies in none."""

    group: str
    resource: str
    namespaces: tuple[str, ...] = ("*",)
    verbs: tuple[str, ...] = ("get", "list")

    def allows(self, verb: str, it: Asked) -> bool:
        """Whether a question is within it."""
        within = "*" in self.namespaces or it.namespace in self.namespaces
        return (self.group, self.resource) == (it.group, it.plural) and verb in self.verbs and within


WIDE = (("", "namespaces"), ("", "nodes"), ("networking.k8s.io", "ingressclasses"))
NARROW = (
    ("", "services"),
    ("", "pods"),
    ("", "serviceaccounts"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("networking.k8s.io", "ingresses"),
    ("discovery.k8s.io", "endpointslices"),
)
VIEWED = ("dev-api", "dev-netcore-api-cqrs")
"""The namespaces whose roles `namespace-viewer` has."""


def granted() -> dict[str, tuple[Rule, ...]]:
    """What users and groups may do at first: `VIEWERS` what the scanner asks for, no more."""
    return {
        VIEWERS: tuple(Rule(*each) for each in WIDE + NARROW),
        "namespace-viewer": tuple(Rule(*each, namespaces=VIEWED) for each in NARROW),
    }


EntraUser = Callable[[str], str | None]
"""The object id of who shows one of Entra ID's tokens for AKS."""


@dataclass
class Access:
    """Who is let in, and what to."""

    keys: eks_bearer.Keys
    entra: EntraUser
    cluster: str = ""
    """The name that EKS knows the cluster by; empty: it is none of EKS."""
    grants: dict[str, tuple[Rule, ...]] = field(default_factory=granted)

    def user(self, certificate: dict | None, authorization: str | None) -> User | None:
        """Who asks by a certificate that was checked, or a bearer; none where the bearer is nobody's."""
        if certificate:
            parts = [pair for part in certificate["subject"] for pair in part]
            groups = tuple(value for name, value in parts if name == "organizationName")
            return User(dict(parts)["commonName"], groups)
        if not authorization:
            return ANONYMOUS
        scheme, _, bearer = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        return TOKENS.get(bearer) or self.signer(bearer) or self.of_entra(bearer)

    def of_entra(self, bearer: str) -> User | None:
        """Who shows a token for AKS."""
        name = self.entra(bearer)
        return User(name, (VIEWERS,)) if name else None

    def signer(self, bearer: str) -> User | None:
        """Who signed an EKS bearer for this cluster."""
        try:
            name = eks_bearer.holder(bearer, self.cluster, self.keys, datetime.now(UTC)) if self.cluster else None
        except eks_bearer.Refused:
            return None
        return User(name, (VIEWERS,)) if name else None

    def allows(self, user: User, verb: str, it: Asked) -> bool:
        """Whether a user may."""
        mine = [rule for name in (user.name, *user.groups) for rule in self.grants.get(name, ())]
        return MASTERS in user.groups or any(rule.allows(verb, it) for rule in mine)

    def allows_path(self, user: User, path: str) -> bool:
        """Whether a user may read what is no resource."""
        return MASTERS in user.groups or path in PUBLIC_PATHS
