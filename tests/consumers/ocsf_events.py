"""Validates events (JSON lines) against the OCSF schema of the version they name, as schema.ocsf.io exports it: the JSON
Schema of their class with its profiles, what the schema says beside it (captions next to numbers, type_uid) and what it
advises against. Prints how many events each file has by activity, verdict and state, as JSON."""

import collections
import json
import sys

import jsonschema
import ocsf_json_schema

VERSION = "1.6.0"
OCSF = ocsf_json_schema.get_ocsf_schema(version=VERSION)
SCHEMA = ocsf_json_schema.OcsfJsonSchemaEmbedded(OCSF)
VALIDATORS = {}


def validator(name, profiles):
    """The schema of a class with the profiles that an event says it follows."""
    if (name, profiles) not in VALIDATORS:
        schema = SCHEMA.get_class_schema(class_name=name, profiles=list(profiles))
        jsonschema.Draft202012Validator.check_schema(schema)
        VALIDATORS[name, profiles] = jsonschema.Draft202012Validator(schema)
    return VALIDATORS[name, profiles]


def advice(event, attributes, path):
    """What JSON Schema can't say: captions that are not those of their numbers, and attributes advised against."""
    for name, value in event.items():
        attribute = attributes.get(name, {})
        if "@deprecated" in attribute:
            yield f"{path}.{name} is deprecated"
        sibling = attribute.get("sibling")
        if sibling and sibling in event and value != 99:
            caption = attribute["enum"][str(value)]["caption"]
            if event[sibling] != caption:
                yield f"{path}.{sibling} is {event[sibling]!r}, while {name} {value} is {caption!r}"
        members = OCSF["objects"].get(attribute.get("object_type"), {}).get("attributes", {})
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from advice(item, members, f"{path}.{name}")


def check(event):
    name = SCHEMA.lookup_class_name_from_uid(class_uid=event["class_uid"])
    found = validator(name, tuple(event["metadata"].get("profiles", [])))
    for error in found.iter_errors(event):
        yield f"{error.json_path}: {error.message}"
    yield from advice(event, OCSF["classes"][name]["attributes"], "$")
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        yield f"type_uid {event['type_uid']} is not of this class and activity"
    if event["metadata"]["version"] != VERSION:
        yield f"the version is {event['metadata']['version']}"


def read(path):
    counts = collections.Counter()
    with open(path, encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            event = json.loads(line)
            if errors := list(check(event)):
                sys.exit(f"{path}: line {number}: " + "; ".join(errors)[:2000])
            counts[f"{event['activity_name']} {event['compliance']['status']}, {event['status']}"] += 1
    return counts


print(json.dumps([read(path) for path in sys.argv[1:]]))
