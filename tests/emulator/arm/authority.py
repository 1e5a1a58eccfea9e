"""The authority that gives tokens: Entra ID's endpoint, its discovery, and what a machine asks for its identity."""

import time
from urllib.parse import parse_qsl, urlsplit

from . import answers
from .access import BY_CLIENT, BY_NAME, Principal, guid
from .answers import TRACE, Answer, Request, answer
from .proofs import Proofs, Unproven
from .tokens import AKS, Tokens

TENANT, OTHER_TENANT = guid("tenant"), guid("tenant", "of others")
"""Whose the subscriptions are, where nobody says otherwise, and one that has none."""
IDENTITY_HEADER = "emulated-identity-header"
DEFAULT = "/.default"


class Authority:
    """Gives tokens to those who prove who they are."""

    def __init__(self, tokens: Tokens, proofs: Proofs) -> None:
        self.tokens, self.proofs = tokens, proofs
        self.arm: set[str] = set()
        """The names by which ARM is known here."""
        self.tenants: set[str] = {TENANT, OTHER_TENANT}

    def answer(self, request: Request) -> Answer:
        """Answers one request."""
        segments = request.path.strip("/").split("/")
        url = f"https://{request.host}"
        if request.path == "/common/discovery/instance":
            return answer(instances(request))
        if segments[1:] in (["v2.0", ".well-known", "openid-configuration"], [".well-known", "openid-configuration"]):
            return self.tenant_or_refusal(segments[0]) or answer(configuration(url, segments[0]))
        if segments[1:] == ["discovery", "v2.0", "keys"]:
            return answer({"keys": [self.tokens.key.published()]})
        if segments[1:] == ["oauth2", "v2.0", "token"]:
            if request.method != "POST":
                return refused(400, "invalid_request", 900561, "The endpoint only accepts POST requests.")
            return self.tenant_or_refusal(segments[0]) or self.token(segments[0], request, url)
        return Answer(404, b"", {})

    def tenant_or_refusal(self, tenant: str) -> Answer | None:
        """The refusal of a tenant that nobody knows."""
        if tenant.lower() in self.tenants:
            return None
        text = f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
        return refused(400, "invalid_request", 90002, text)

    def token(self, tenant: str, request: Request, url: str) -> Answer:
        """A token for a client of its own accord."""
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if form.get("grant_type") != "client_credentials":
            return refused(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        who = BY_CLIENT.get(form.get("client_id", "").lower())
        if who is None or who.name == "managed":
            text = f"Application with identifier '{form.get('client_id')}' was not found in the directory '{tenant}'."
            return refused(400, "unauthorized_client", 700016, text)
        audiences = {f"{url}/{tenant}/oauth2/v2.0/token", f"{url}/{tenant}/v2.0", f"{url}/{tenant}/oauth2/token"}
        try:
            proof = self.proofs.check(who, form, audiences)
        except Unproven as error:
            return refused(401, "invalid_client", error.number, error.text)
        scope = form.get("scope", "")
        if not scope.endswith(DEFAULT):
            text = (
                f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value "
                "with /.default suffixed to the resource identifier (application ID URI)."
            )
            return refused(400, "invalid_scope", 1002012, text)
        audience = self.audience(scope.removesuffix(DEFAULT))
        if audience is None:
            text = f"The resource principal named {scope.removesuffix(DEFAULT)} was not found in the tenant '{tenant}'."
            return refused(400, "invalid_resource", 500011, text)
        token = self.tokens.give(who, tenant.lower(), audience, proof)
        lasts = self.tokens.lifetime
        return answer({"token_type": "Bearer", "expires_in": lasts, "ext_expires_in": lasts, "access_token": token})

    def audience(self, resource: str) -> str | None:
        """Whom a token for a resource is for."""
        known = resource.rstrip("/") in self.arm or resource == AKS
        return resource if known else None

    def identity(self, request: Request) -> Answer:
        """A token for the machine: as its metadata service tells it, or the app service's endpoint."""
        if not self.is_from_inside(request):
            return answer({"error": "invalid_request", "error_description": "Required header not specified"}, 400)
        query = request.query
        audience = self.audience(query.get("resource", ""))
        if audience is None:
            said = {"error": "invalid_resource", "error_description": f"AADSTS500011: {query.get('resource')}"}
            return answer(said, 400)
        who: Principal = BY_NAME["managed"]
        if query.get("client_id", who.client_id).lower() != who.client_id:
            return answer({"error": "invalid_request", "error_description": "Identity not found"}, 400)
        lasts = self.tokens.lifetime
        told = {
            "access_token": self.tokens.give(who, TENANT, audience, "2"),
            "client_id": who.client_id,
            "expires_in": str(lasts),
            "expires_on": str(int(time.time()) + lasts),
            "not_before": str(int(time.time())),
            "resource": audience,
            "token_type": "Bearer",
        }
        return answer(told)

    @staticmethod
    def is_from_inside(request: Request) -> bool:
        """Whether it is asked as only the machine itself can."""
        if request.path == "/metadata/identity/oauth2/token":
            return request.headers.get("metadata", "").lower() == "true"
        return request.headers.get("x-identity-header") == IDENTITY_HEADER


def refused(code: int, error: str, number: int, text: str) -> Answer:
    """A refusal of the authority's."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
    described = f"AADSTS{number}: {text} Trace ID: {TRACE} Correlation ID: {TRACE} Timestamp: {stamp}"
    return answers.answer(
        {
            "error": error,
            "error_description": described,
            "error_codes": [number],
            "timestamp": stamp,
            "trace_id": TRACE,
            "correlation_id": TRACE,
            "error_uri": f"https://login.microsoftonline.com/error?code={number}",
        },
        code,
    )


def configuration(url: str, tenant: str) -> dict:
    """What OpenID Connect discovers."""
    return {
        "token_endpoint": f"{url}/{tenant}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{url}/{tenant}/discovery/v2.0/keys",
        "issuer": f"{url}/{tenant}/v2.0",
        "authorization_endpoint": f"{url}/{tenant}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{url}/{tenant}/oauth2/v2.0/devicecode",
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "subject_types_supported": ["pairwise"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "example.com",
    }


def instances(request: Request) -> dict:
    """Which authorities are one and the same."""
    asked = urlsplit(request.query.get("authorization_endpoint", ""))
    tenant = asked.path.strip("/").partition("/")[0] or TENANT
    host = request.host
    return {
        "tenant_discovery_endpoint": f"https://{host}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }
