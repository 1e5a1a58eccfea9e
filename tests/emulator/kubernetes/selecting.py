"""Field and label selectors of lists."""

import re

LABEL = re.compile(
    r"(?P<key>[^\s!=,()]+)\s*(?:(?P<sign>==|!=|=)\s*(?P<value>[^,()\s]*)|(?P<word>in|notin)\s*\((?P<values>[^)]*)\))"
)


class Unreadable(ValueError):
    """A selector that the server refuses."""


FIELDS = {
    "metadata.name": lambda it: it["metadata"]["name"],
    "metadata.namespace": lambda it: it["metadata"].get("namespace", ""),
    "status.phase": lambda it: it.get("status", {}).get("phase", ""),
    "spec.nodeName": lambda it: it.get("spec", {}).get("nodeName", ""),
}


def by_fields(text: str):
    """Whether an object has the fields that a selector names: `status.phase!=Succeeded,metadata.name=x`."""
    wanted = []
    for part in filter(None, text.split(",")):
        field, sign, value = re.fullmatch(r"([^=!]+)(==|!=|=)(.*)", part).groups() if "=" in part else (part, "", "")
        if not sign or field not in FIELDS:
            raise Unreadable(f'Unable to find "{field}" that matches field selector')
        wanted.append((FIELDS[field], sign != "!=", value))
    return lambda it: all((read(it) == value) is same for read, same, value in wanted)


def by_labels(text: str):
    """Whether an object has the labels that a selector names: `app=x,tier in (a, b)`."""
    wanted, rest = [], text
    while rest:
        found = LABEL.match(rest)
        if not found:
            raise Unreadable(f"unable to parse requirement: {rest}")
        values = found["values"].split(",") if found["word"] else [found["value"]]
        same = found["sign"] in ("=", "==") or found["word"] == "in"
        wanted.append((found["key"], same, {value.strip() for value in values}))
        rest = rest[found.end() :].lstrip(", ")
    return lambda it: all((it["metadata"].get("labels", {}).get(key) in values) is same for key, same, values in wanted)
