"""Answers in pages, which moto mostly gives whole: by the size that the caller, a test or AWS's own default names.

A page's token tells where it starts (`from-100`), so that the server keeps nothing between requests.
"""

import json
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import ServiceModel

from .call import Call
from .limits import PAGE_SIZES
from .refusals import Answer

TOKEN = "from-"
EVERYTHING = 1_000_000
CLIENTS = {"elasticloadbalancing": "elbv2"}
"""The name of a service's model, where IAM knows the service by another."""


@dataclass(frozen=True)
class Paging:
    """Where an operation's list and tokens stand, on the wire."""

    items: str
    token_in: str
    token_out: str
    limit: str | None
    more: str | None
    """Where the answer says in so many words that there is more."""


@cache
def paging_of(service: str, operation: str) -> Paging | None:
    """What the service's own model says of an operation's pages."""
    name = CLIENTS.get(service, service)
    try:
        pages = Loader().load_service_model(name, "paginators-1")["pagination"].get(operation)
        model = ServiceModel(Loader().load_service_model(name, "service-2"), name)
    except UnknownServiceError:
        return None
    if not pages or not all(isinstance(pages[key], str) for key in ("input_token", "output_token", "result_key")):
        return None
    shapes = model.operation_model(operation)

    def on_wire(shape, member: str) -> str:
        return shape.members[member].serialization.get("name", member)

    if pages["result_key"] not in shapes.output_shape.members:
        return None
    # Requests name members as the model does; answers may rename them.
    return Paging(
        on_wire(shapes.output_shape, pages["result_key"]),
        pages["input_token"],
        on_wire(shapes.output_shape, pages["output_token"]),
        pages.get("limit_key"),
        pages.get("more_results"),
    )


@dataclass(frozen=True)
class Window:
    """The part of an answer that a request asks for."""

    paging: Paging
    start: int
    size: int

    @property
    def page(self) -> int:
        """Its number, from 1."""
        return self.start // self.size + 1


def window_of(call: Call, sizes: dict[str, int]) -> Window | None:
    """The window that a call asks for; none where it gets everything, or where moto pages by itself."""
    if call.protocol in ("xml", "rest-json"):
        return None
    paging = paging_of(call.service, call.operation)
    if paging is None:
        return None
    asked = dict(call.parameters)
    token = str(asked.get(paging.token_in) or "")
    if token and not token.startswith(TOKEN):
        return None
    sizes_named = [sizes.get(call.name) or PAGE_SIZES.get(call.name)]
    if paging.limit and asked.get(paging.limit):
        sizes_named.append(int(asked[paging.limit]))
    size = min((size for size in sizes_named if size), default=None)
    return Window(paging, int(token.removeprefix(TOKEN) or 0), size) if size else None


def narrow(call: Call, sizes: dict[str, int], environ: dict) -> None:
    """Has moto page by itself where the query tells pages: Route 53, with three tokens for the next, and EKS."""
    size = {"route53": "maxitems", "eks": "maxResults"}.get(call.service)
    if size and call.name in sizes:
        asked = [field for field in parse_qsl(environ.get("QUERY_STRING", "")) if field[0] != size]
        environ["QUERY_STRING"] = urlencode([*asked, (size, sizes[call.name])])


def whole(call: Call, window: Window, body: bytes) -> bytes:
    """The same request for everything at once; where moto pages by itself, that takes a size that it never reaches."""
    paging = window.paging
    if isinstance(call.parameters, dict):
        kept = {key: value for key, value in call.parameters.items() if key != paging.token_in}
        if paging.limit:
            kept[paging.limit] = EVERYTHING
        return json.dumps(kept).encode()
    fields = [field for field in call.parameters if field[0] not in (paging.token_in, paging.limit)]
    if paging.limit:
        fields.append((paging.limit, str(EVERYTHING)))
    return urlencode(fields).encode()


def cut(answer: Answer, window: Window) -> Answer:
    """The window of a whole answer, with the next one's token."""
    status, headers, body = answer
    if status != 200 or not body:
        return answer
    cut_body = cut_json(body, window) if body.lstrip().startswith(b"{") else cut_xml(body, window)
    return status, headers, cut_body


def cut_json(body: bytes, window: Window) -> bytes:
    """Of a JSON list."""
    answer = json.loads(body)
    items = answer.get(window.paging.items)
    if not isinstance(items, list) or answer.get(window.paging.token_out):
        return body
    end = window.start + window.size
    answer[window.paging.items] = items[window.start : end]
    answer.pop(window.paging.token_out, None)
    if end < len(items):
        answer[window.paging.token_out] = f"{TOKEN}{end}"
    if window.paging.more in answer:
        answer[window.paging.more] = end < len(items)
    return json.dumps(answer).encode()


def cut_xml(body: bytes, window: Window) -> bytes:
    """Of an XML list."""
    root = ElementTree.fromstring(body)
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    # EC2 puts the list into the root, the others into its result.
    holder = next((at for at in (root, *root) if at.find(space + window.paging.items) is not None), None)
    if holder is None:
        return body
    told = holder.find(space + window.paging.token_out)
    if told is not None and told.text:
        return body
    items = holder.find(space + window.paging.items)
    every = list(items)
    end = window.start + window.size
    for item in every[: window.start] + every[end:]:
        items.remove(item)
    if told is not None:
        holder.remove(told)
    more = holder.find(space + window.paging.more) if window.paging.more else None
    if more is not None:
        more.text = str(end < len(every)).lower()
    if end < len(every):
        ElementTree.SubElement(holder, space + window.paging.token_out).text = f"{TOKEN}{end}"
    # Names without prefixes, as AWS writes them. `register_namespace` would do, but for all threads at once.
    for element in root.iter():
        element.tag = element.tag.removeprefix(space)
    if space:
        root.set("xmlns", space.strip("{}"))
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
