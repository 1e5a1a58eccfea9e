"""Which operation a request is, of which service, in which account and region."""

import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.iam.models import iam_backends
from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder

MAIN_ACCOUNT = "111111111111"

CREDENTIAL = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
REST_JSON = ("eks",)
"""Services whose operations are told by method and path, and whose bodies are JSON."""
RPC_PATH = re.compile(r"/service/[^/]+/operation/(?P<operation>\w+)$")


@dataclass(frozen=True)
class Call:
    """One request, as IAM would name it."""

    service: str
    operation: str
    account: str
    region: str
    protocol: str
    """`ec2`, `query`, `json`, `rest-json` or `xml`: how its errors are told."""
    parameters: tuple | dict
    """The form's fields, or the body's members; empty for REST."""

    @property
    def name(self) -> str:
        """`ec2:DescribeSubnets`."""
        return f"{self.service}:{self.operation}"


def account_of(access_key: str) -> str:
    """The account that issued a key; keys that nobody issued are the main account's."""
    for account, partitions in list(iam_backends.items()):
        if any(access_key in backend.access_keys for backend in list(partitions.values())):
            return account
    return MAIN_ACCOUNT


def read_call(environ: dict, body: bytes) -> Call:
    """Reads the call from a request; services sign with the prefix that IAM knows them by."""
    signed = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    key, region, service = signed.group("key", "region", "service") if signed else ("", "us-east-1", "s3")
    account = account_of(key)
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return Call(service, target.rsplit(".")[-1], account, region, "json", members(body))
    rpc = RPC_PATH.search(environ.get("PATH_INFO", ""))
    if rpc:
        return Call(service, rpc["operation"], account, region, "json", {})
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        fields = tuple(parse_qsl(body.decode(), keep_blank_values=True))
        action = dict(fields).get("Action", "?")
        return Call(service, action, account, region, "ec2" if service == "ec2" else "query", fields)
    protocol = "rest-json" if service in REST_JSON else "xml"
    return Call(service, rest_operation(service, environ), account, region, protocol, {})


def members(body: bytes) -> dict:
    """The members of a JSON body, none where it holds none."""
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def rest_operation(service: str, environ: dict) -> str:
    """The operation that a REST request's method, path and query mean."""
    builder = EnvironBuilder(
        method=environ["REQUEST_METHOD"],
        path=sent_path(environ),
        query_string=environ.get("QUERY_STRING", ""),
        headers={"Host": environ.get("HTTP_HOST", "localhost")},
    )
    try:
        operation, _ = get_service_router(service).match(Request(builder.get_environ()))
    except (NotFound, NotImplementedError, ValueError, KeyError):
        return environ["REQUEST_METHOD"]
    return operation.name


def sent_path(environ: dict) -> str:
    """The path as it was sent: an encoded slash is no end of a segment."""
    return environ.get("RAW_URI", environ.get("PATH_INFO", "/")).partition("?")[0]
