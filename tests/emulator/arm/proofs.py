"""How a client proves who it is: a secret, an assertion that its certificate signed, or a federated token."""

import time

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from . import jwt
from .access import Principal
from .jwt import Key

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE = "api://AzureADTokenExchange"
FEDERATION_ISSUER = "https://westeurope.oic.example.com/emulator/"
SUBJECT = "system:serviceaccount:stacks-audit:{}"
LONGEST = 24 * 3600


class Unproven(Exception):
    """Why a client is not let in: the number of the error, and its text."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number, self.text = number, text


class Proofs:
    """What is registered with clients."""

    def __init__(self) -> None:
        self.certificates: dict[str, x509.Certificate] = {}
        """By client id."""
        self.federation = Key()

    def federated_token(self, who: Principal, **claims) -> str:
        """What a pod of this principal's finds in its file."""
        now = int(time.time())
        said = {"iss": FEDERATION_ISSUER, "sub": SUBJECT.format(who.name), "aud": [EXCHANGE], "iat": now, "nbf": now}
        return self.federation.sign({**said, "exp": now + LONGEST, **claims})

    def check(self, who: Principal, form: dict[str, str], audiences: set[str]) -> str:
        """How a client proved who it is: 1 by a secret, 2 by a signature."""
        if "client_secret" in form:
            if form["client_secret"] != who.secret:
                raise Unproven(
                    7000215,
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                    f"value, not the client secret ID, for a secret added to app '{who.client_id}'.",
                )
            return "1"
        assertion = form.get("client_assertion")
        if not assertion or form.get("client_assertion_type") != JWT_BEARER:
            wanted = "'client_assertion', 'client_secret' or 'request'"
            raise Unproven(7000216, f"{wanted} is required for the 'client_credentials' grant type.")
        try:
            header, said = jwt.parts(assertion)
        except jwt.Refused as error:
            raise Unproven(50027, f"JWT token is invalid or malformed: {error}.") from error
        if said.get("iss") == who.client_id:
            self.check_assertion(who, assertion, header, said, audiences)
        else:
            self.check_federated(who, assertion, said)
        return "2"

    def check_assertion(self, who: Principal, token: str, header: dict, said: dict, audiences: set[str]) -> None:
        """An assertion that the client signed itself."""
        certificate = self.certificates.get(who.client_id)
        if certificate is None or not names_certificate(header, certificate):
            raise Unproven(
                700027,
                "The certificate with identifier used to sign the client assertion is not registered on application.",
            )
        try:
            jwt.verified(token, certificate.public_key())
        except jwt.Refused as error:
            raise Unproven(700027, f"Client assertion contains an invalid signature: {error}.") from error
        if said.get("aud") not in audiences:
            raise Unproven(700023, f"Client assertion audience claim does not match Realm issuer: '{said.get('aud')}'.")
        if said.get("sub") != who.client_id or not said.get("jti"):
            raise Unproven(50027, "JWT token is invalid or malformed: 'sub' and 'jti' are demanded.")
        check_time(said)

    def check_federated(self, who: Principal, token: str, said: dict) -> None:
        """A token of somebody whom the client trusts to name it."""
        unmatched = "No matching federated identity record found for presented assertion"
        if said.get("iss") != FEDERATION_ISSUER:
            raise Unproven(700211, f"{unmatched} issuer '{said.get('iss')}'.")
        if said.get("sub") != SUBJECT.format(who.name):
            raise Unproven(700213, f"{unmatched} subject '{said.get('sub')}'.")
        if EXCHANGE not in (said.get("aud") if isinstance(said.get("aud"), list) else [said.get("aud")]):
            raise Unproven(700212, f"{unmatched} audience '{said.get('aud')}'.")
        try:
            self.federation.claims(token)
        except jwt.Refused as error:
            raise Unproven(50013, f"Assertion failed signature validation: {error}.") from error
        check_time(said)


def names_certificate(header: dict, certificate: x509.Certificate) -> bool:
    """Whether an assertion says that this certificate signed it."""
    if "x5t#S256" in header:
        return header["x5t#S256"] == jwt.encoded(certificate.fingerprint(SHA256()))
    # Callers write the older thumbprint with padding or without.
    said = str(header.get("x5t", "")).rstrip("=")
    return said == jwt.encoded(certificate.fingerprint(SHA1()))


def check_time(said: dict) -> None:
    """An assertion has a time."""
    now = time.time()
    begins, ends = said.get("nbf", now), said.get("exp")
    if not isinstance(ends, int | float) or not begins - 300 <= now < ends or ends > now + LONGEST + 300:
        raise Unproven(700024, "Client assertion is not within its valid time range.")
