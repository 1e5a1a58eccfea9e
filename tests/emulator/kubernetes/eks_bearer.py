"""Bearers that EKS takes: a presigned question to STS, "who am I", that names the cluster in a signed header.

Written from AWS's documentation of Signature Version 4 and of the authenticator that EKS runs.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

PREFIX = "k8s-aws-v1."
HOST = re.compile(r"sts\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com")
NAMED = {"Action", "Version"}
SIGNING = {"Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"}
OPTIONAL = {"X-Amz-Security-Token"}
LONGEST_EXPIRY = 60
LIFE = timedelta(minutes=15)
SKEW = timedelta(minutes=5)
NO_BODY = hashlib.sha256(b"").hexdigest()


class Refused(ValueError):
    """Why a bearer is none."""


@dataclass(frozen=True)
class Key:
    """An access key: its secret, its session's token, and who holds it."""

    secret: str
    principal: str
    session_token: str | None = None


Keys = Callable[[str], Key | None]
"""The key of an access key id, where there is one."""


def holder(bearer: str, cluster: str, keys: Keys, now: datetime) -> str:
    """The ARN of who signed a bearer for this cluster."""
    url = urlsplit(decoded(bearer))
    host = HOST.fullmatch(url.netloc)
    if url.scheme != "https" or url.path != "/" or url.fragment or not host:
        raise Refused("no question to STS")
    query = parameters(url.query)
    if (query["Action"], query["Version"]) != ("GetCallerIdentity", "2011-06-15"):
        raise Refused("not the question who one is")
    check_time(query, now)
    access_key, date, region, service, end = (query["X-Amz-Credential"].split("/") + [""] * 5)[:5]
    if (region, service, end) != (host["region"], "sts", "aws4_request") or date != query["X-Amz-Date"][:8]:
        raise Refused("signed for something else")
    signed = query["X-Amz-SignedHeaders"].split(";")
    if signed != ["host", "x-k8s-aws-id"]:
        raise Refused("headers are not signed, or others are")
    key = keys(access_key)
    if key is None or key.session_token != query.get("X-Amz-Security-Token"):
        raise Refused("nobody's key")
    expected = signature(query, url.netloc, cluster, key.secret, f"{date}/{region}/{service}/{end}")
    if not hmac.compare_digest(expected, query["X-Amz-Signature"]):
        raise Refused("the signature is another's, or for another cluster")
    return key.principal


def decoded(bearer: str) -> str:
    """The URL that a bearer is."""
    text = bearer.removeprefix(PREFIX)
    if text == bearer or not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise Refused("not base64url without padding")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except ValueError as error:
        raise Refused(str(error)) from error


def parameters(text: str) -> dict[str, str]:
    """The query's parameters: those that must be, those that may be, each once."""
    pairs = parse_qsl(text, keep_blank_values=True)
    query = dict(pairs)
    needed = NAMED | {f"X-Amz-{name}" for name in SIGNING}
    if len(query) != len(pairs) or not needed <= set(query) <= needed | OPTIONAL:
        raise Refused("parameters are missing, doubled or unknown")
    if query["X-Amz-Algorithm"] != "AWS4-HMAC-SHA256":
        raise Refused("another algorithm")
    return query


def check_time(query: dict[str, str], now: datetime) -> None:
    """A bearer is good for a quarter of an hour."""
    try:
        signed = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        expires = int(query["X-Amz-Expires"])
    except ValueError as error:
        raise Refused(str(error)) from error
    if not 0 < expires <= LONGEST_EXPIRY or not signed - SKEW <= now <= signed + LIFE:
        raise Refused("expired, or not signed yet")


def signature(query: dict[str, str], host: str, cluster: str, secret: str, scope: str) -> str:
    """What Signature Version 4 makes of the question."""
    said = sorted((encoded(name), encoded(value)) for name, value in query.items() if name != "X-Amz-Signature")
    lines = ["GET", "/", "&".join("=".join(pair) for pair in said)]
    lines += [f"host:{host}", f"x-k8s-aws-id:{cluster}", "", query["X-Amz-SignedHeaders"], NO_BODY]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, digest])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def encoded(text: str) -> str:
    """Percent-encoded as AWS does it."""
    return quote(text, safe="-_.~")
