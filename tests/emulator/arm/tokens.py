"""The tokens that the authority gives, and what those who take them check."""

import time

from . import jwt
from .access import BY_OBJECT, Principal, guid
from .jwt import Key, Refused

AKS = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""The application that stands for every AKS cluster."""
LIFETIME = 3599


class Expired(Refused):
    """A token whose time has passed."""


class WrongAudience(Refused):
    """A token for somebody else."""


class Tokens:
    """Gives tokens, and reads them again."""

    def __init__(self) -> None:
        self.key = Key()
        self.lifetime = LIFETIME
        """In seconds; a test may have it pass before it begins."""

    def give(self, who: Principal, tenant: str, audience: str, proof: str) -> str:
        """A token for an audience; `proof` is how the caller proved who it is: 1 a secret, 2 a certificate."""
        now = int(time.time())
        begins = now + min(0, self.lifetime) - 300
        return self.key.sign(
            {
                "aud": audience,
                "iss": issuer(tenant),
                "iat": begins,
                "nbf": begins,
                "exp": now + self.lifetime,
                "appid": who.client_id,
                "appidacr": proof,
                "idp": issuer(tenant),
                "idtyp": "app",
                "oid": who.object_id,
                "sub": who.object_id,
                "tid": tenant,
                "uti": guid("uti", who.name, str(now))[:22],
                "ver": "1.0",
            }
        )

    def read(self, token: str, audiences: set[str]) -> tuple[Principal, str]:
        """Who shows a token, and of which tenant."""
        said = self.key.claims(token)
        who = BY_OBJECT.get(str(said.get("oid")))
        tenant = str(said.get("tid"))
        if who is None or said.get("iss") != issuer(tenant):
            raise Refused("nobody's")
        if said.get("aud") not in audiences:
            raise WrongAudience(str(said.get("aud")))
        if not said["nbf"] <= time.time() < said["exp"]:
            raise Expired(time.strftime("%m/%d/%Y %I:%M:%S %p", time.gmtime(said["exp"])))
        return who, tenant

    def aks_user(self, token: str) -> str | None:
        """The object id of who shows a token for AKS; none where it is no such token."""
        try:
            return self.read(token, {AKS})[0].object_id
        except jwt.Refused:
            return None


def issuer(tenant: str) -> str:
    """Who a tenant's tokens are from."""
    return f"https://sts.windows.net/{tenant}/"
