"""Reads a dashboard by Grafana's own model of it, and fails where the model has no place for something.

usage: grafana_model.py FILE
"""

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

register_default_plugins()
written = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
model = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(written)))


def lost(mine, theirs, path):
    """What is in `mine` and not in `theirs`: the model fills in defaults, and drops what it doesn't know."""
    if isinstance(mine, dict):
        for key, value in mine.items():
            if not isinstance(theirs, dict) or key not in theirs:
                if value not in ({}, [], None, ""):
                    yield f"{path}.{key}"
            else:
                yield from lost(value, theirs[key], f"{path}.{key}")
    elif isinstance(mine, list):
        if not isinstance(theirs, list) or len(mine) != len(theirs):
            yield path
        else:
            for n, (one, other) in enumerate(zip(mine, theirs)):
                yield from lost(one, other, f"{path}[{n}]")
    elif mine != theirs:
        yield f"{path}: {mine!r} became {theirs!r}"


unknown = list(lost(written, model, "dashboard"))
if unknown:
    sys.exit("\n".join(unknown))
