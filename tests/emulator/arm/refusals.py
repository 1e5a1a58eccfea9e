"""ARM's refusals, in its own codes and words."""

from .access import Principal
from .answers import Answer, answer, refused
from .paths import Place

FIX = "For more details please go to https://aka.ms/ARMResourceNotFoundFix"


def unauthenticated(code: str, message: str, said: str) -> Answer:
    """A bearer is missing, or is none."""
    told = f'Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="{said}"'
    return refused(401, code, message, WWW_Authenticate=told)


def missing_header() -> Answer:
    """Nobody asks."""
    return unauthenticated(
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
        "The authentication failed because of missing 'Authorization' header.",
    )


def invalid_token() -> Answer:
    """No token of the authority's."""
    return unauthenticated("InvalidAuthenticationToken", "The access token is invalid.", "The access token is invalid.")


def wrong_audience(audience: str, allowed: set[str]) -> Answer:
    """A token for something else."""
    names = ",".join(sorted(allowed))
    text = f"The access token has been obtained for wrong audience or resource '{audience}'. It should exactly match "
    text += f"with one of the allowed audiences '{names}'."
    return unauthenticated("InvalidAuthenticationTokenAudience", text, "The access token is invalid.")


def expired(ended: str, now: str) -> Answer:
    """A token whose time has passed."""
    text = f"The access token expiry UTC time '{ended}' is earlier than current UTC time '{now}'."
    return unauthenticated("ExpiredAuthenticationToken", text, "The access token has expired.")


def wrong_tenant(mine: str, theirs: str) -> Answer:
    """A token of another tenant than the subscription's."""
    text = (
        f"The access token is from the wrong issuer 'https://sts.windows.net/{theirs}/'. It must match the tenant "
        f"'https://sts.windows.net/{mine}/' associated with this subscription. Please use the authority (URL) "
        f"'https://login.windows.net/{mine}' to get the token."
    )
    return unauthenticated("InvalidAuthenticationTokenTenant", text, "The access token is from the wrong issuer.")


def denied(who: Principal, action: str, scope: str) -> Answer:
    """The caller may not."""
    text = (
        f"The client '{who.client_id}' with object id '{who.object_id}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials."
    )
    return refused(403, "AuthorizationFailed", text)


def disallowed(scope: str) -> Answer:
    """A policy forbids it."""
    return refused(403, "RequestDisallowedByPolicy", f"Resource '{scope}' was disallowed by policy.")


def no_version() -> Answer:
    """No version was named."""
    text = "The api-version query parameter (?api-version=) is required for all requests."
    return refused(400, "MissingApiVersionParameter", text)


def unknown_version(place: Place, version: str, served: list[str]) -> Answer:
    """The type has no such version."""
    listed = ", ".join(reversed(served))
    if not place.namespace:
        text = f"The api-version '{version}' is invalid. The supported versions are '{listed}'."
        return refused(400, "InvalidApiVersionParameter", text)
    text = (
        f"No registered resource provider found for location 'westeurope' and API version '{version}' for type "
        f"'{'/'.join(place.types)}'. The supported api-versions are '{listed}'. The supported locations are "
        "'westeurope, northeurope, uksouth'."
    )
    return refused(400, "NoRegisteredProviderFound", text)


def unknown_namespace(namespace: str) -> Answer:
    """No such provider."""
    return refused(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")


def unknown_type(place: Place, version: str) -> Answer:
    """The provider has no such type."""
    name = "/".join(place.types)
    text = f"The resource type '{name}' could not be found in the namespace '{place.namespace}' for api version "
    return refused(404, "InvalidResourceType", f"{text}'{version}'.")


def unregistered(subscription: str, namespace: str) -> Answer:
    """The subscription doesn't use a provider."""
    text = f"The subscription '{subscription}' is not registered to use namespace '{namespace}'. "
    return refused(
        409, "MissingSubscriptionRegistration", f"{text}See https://aka.ms/rps-not-found for how to register."
    )


def no_subscription(subscription: str) -> Answer:
    """No subscription has this id."""
    return refused(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")


def no_group(group: str) -> Answer:
    """No resource group has this name."""
    return refused(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def no_parent(place: Place) -> Answer:
    """What a child would lie in is not there."""
    name = "/".join(place.types)
    text = f"Failed to perform 'read' on resource(s) of type '{name}', because the parent resource "
    return refused(404, "ParentResourceNotFound", f"{text}'{place.parent_id}' could not be found.")


def no_resource(place: Place) -> Answer:
    """No resource has this id."""
    pairs = zip(place.types, place.names, strict=False)
    name = f"{place.namespace}/" + "/".join(f"{kind}/{each}" for kind, each in pairs)
    text = f"The Resource '{name}' under resource group '{place.group or '<null>'}' was not found. {FIX}"
    return refused(404, "ResourceNotFound", text)


def invalid_path(path: str) -> Answer:
    """No path of ARM's."""
    return refused(400, "InvalidRequestUri", f"The provided request uri '{path}' is not valid.")


def invalid_filter(text: str) -> Answer:
    """A filter, or a page's token, that can't be read."""
    return refused(400, "InvalidFilterInQueryString", text)


def not_allowed(method: str) -> Answer:
    """Nothing is written here."""
    return refused(
        405, "MethodNotAllowed", f"The requested resource does not support http method '{method}'.", Allow="GET"
    )


def throttled(subscription: str, **waits: str) -> Answer:
    """Too many requests."""
    text = f"Number of 'read' requests for subscription '{subscription}' exceeded the limit of '250' for time interval "
    return refused(429, "SubscriptionRequestsThrottled", f"{text}'00:00:10'. Please try again later.", **waits)


def broken(code: int, **waits: str) -> Answer:
    """The service failed."""
    names = {500: "InternalServerError", 502: "BadGateway", 503: "ServerUnavailable", 504: "GatewayTimeout"}
    said = {"code": names.get(code, "ServerError"), "message": "The server is temporarily unavailable. Try again."}
    return answer({"error": said}, code, **waits)
