"""Answers that refuse, each in the words and the form of the protocol that asked."""

import json
from xml.sax.saxutils import escape

from .call import Call

REQUEST_ID = "00000000-0000-4000-8000-000000000000"

JSON = ("json", "rest-json")
"""The protocols whose errors are JSON."""

Answer = tuple[int, list[tuple[str, str]], bytes]


def denied(call: Call, policy: str = "") -> Answer:
    """The caller may not; `policy` names one that denies explicitly."""
    why = (
        f"with an explicit deny in a {policy}"
        if policy
        else f"because no identity-based policy allows the {call.name} action"
    )
    who = f"arn:aws:sts::{call.account}:assumed-role/stacks-audit/scan"
    text = f"User: {who} is not authorized to perform: {call.name} {why}"
    if call.protocol == "ec2":
        return refusal(call, 403, "UnauthorizedOperation", f"You are not authorized to perform this operation. {text}")
    if call.protocol in JSON:
        return refusal(call, 400 if call.protocol == "json" else 403, "AccessDeniedException", text)
    return refusal(call, 403, "AccessDenied", text)


def throttled(call: Call) -> Answer:
    """Too many calls."""
    if call.protocol == "ec2":
        return refusal(call, 503, "RequestLimitExceeded", "Request limit exceeded.")
    if call.protocol in JSON:
        return refusal(call, 400 if call.protocol == "json" else 429, "ThrottlingException", "Rate exceeded")
    if call.service == "s3":
        return refusal(call, 503, "SlowDown", "Please reduce your request rate.")
    return refusal(call, 400, "Throttling", "Rate exceeded")


def unknown(call: Call) -> Answer:
    """The service has no such operation."""
    if call.protocol in JSON:
        return refusal(call, 400 if call.protocol == "json" else 404, "UnknownOperationException", "")
    if call.service == "s3":
        return refusal(
            call, 501, "NotImplemented", "A header you provided implies functionality that is not implemented"
        )
    if call.protocol == "xml":
        return refusal(call, 404, "UnknownOperationException", "")
    text = f"The action {call.operation} is not valid for this web service."
    return refusal(call, 400, "InvalidAction", text)


def broken(call: Call, text: str = "We encountered an internal error. Please try again.") -> Answer:
    """The service failed."""
    code = "InternalError" if call.protocol in ("ec2", "xml") else "InternalFailure"
    return refusal(call, 500, code, text)


def too_many(call: Call, code: str, text: str) -> Answer:
    """More was asked for at once than the service takes."""
    return refusal(call, 400, code, text)


def page(status: int) -> Answer:
    """What a proxy puts in the place of an answer."""
    text = b"<!DOCTYPE html><html><body><h1>Sign in to continue</h1></body></html>"
    return status, [("Content-Type", "text/html")], text


def empty_object() -> Answer:
    """A body that says nothing, with a status that says all is well."""
    return 200, [("Content-Type", "application/x-amz-json-1.1")], b"{}"


def refusal(call: Call, status: int, code: str, text: str) -> Answer:
    """An error in the form of the call's protocol."""
    if call.protocol in JSON:
        body = json.dumps({"__type": code, "message": text}).encode()
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", REQUEST_ID)]
        if call.protocol == "rest-json":
            headers = [("Content-Type", "application/json"), *headers[1:], ("x-amzn-ErrorType", code)]
        return status, headers, body
    error = f"<Code>{code}</Code><Message>{escape(text)}</Message>"
    if call.protocol == "ec2":
        xml = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
    elif call.service == "s3":
        xml = f"<Error>{error}<RequestId>{REQUEST_ID}</RequestId><HostId>host</HostId></Error>"
    else:
        kind = "Receiver" if status >= 500 else "Sender"
        xml = (
            f"<ErrorResponse><Error><Type>{kind}</Type>{error}</Error>"
            f"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        )
    declared = '<?xml version="1.0" encoding="UTF-8"?>\n' + xml
    return status, [("Content-Type", "text/xml"), ("x-amzn-RequestId", REQUEST_ID)], declared.encode()
