"""Signed tokens: JSON Web Tokens by RSA keys, which are made when first needed."""

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

PADDINGS: dict[str, Callable] = {
    "RS256": padding.PKCS1v15,
    "PS256": lambda: padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH),
}


class Refused(ValueError):
    """Why a token is none."""


class Key:
    """A key that signs; it is another in each run, as nothing that it signs is kept."""

    @cached_property
    def private(self) -> rsa.RSAPrivateKey:
        """The key itself."""
        return rsa.generate_private_key(65537, 2048)

    @cached_property
    def id(self) -> str:
        """What tokens name it by."""
        return encoded(hashlib.sha256(str(self.private.public_key().public_numbers().n).encode()).digest()[:20])

    def sign(self, claims: dict) -> str:
        """A token that says this."""
        header = {"typ": "JWT", "alg": "RS256", "kid": self.id}
        signed = ".".join(encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        return f"{signed}.{encoded(self.private.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"

    def claims(self, token: str) -> dict:
        """What a token of this key says."""
        return verified(token, self.private.public_key())

    def published(self) -> dict:
        """The key as a set of keys tells it."""
        numbers = self.private.public_key().public_numbers()
        modulus, exponent = (encoded(it.to_bytes((it.bit_length() + 7) // 8)) for it in (numbers.n, numbers.e))
        return {"kty": "RSA", "use": "sig", "kid": self.id, "x5t": self.id, "n": modulus, "e": exponent}


def encoded(data: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """What such base64 says."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parts(token: str) -> tuple[dict, dict]:
    """Header and claims, whoever signed them."""
    try:
        header, claims = (json.loads(decoded(part)) for part in token.split(".")[:2])
    except ValueError as error:
        raise Refused("no token") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Refused("no token")
    return header, claims


def verified(token: str, key: rsa.RSAPublicKey) -> dict:
    """What a token says, if this key signed it."""
    header, claims = parts(token)
    signed, _, signature = token.rpartition(".")
    if header.get("alg") not in PADDINGS or token.count(".") != 2:
        raise Refused("another algorithm")
    try:
        key.verify(decoded(signature), signed.encode(), PADDINGS[header["alg"]](), SHA256())
    except (InvalidSignature, ValueError) as error:
        raise Refused("another's signature") from error
    return claims
