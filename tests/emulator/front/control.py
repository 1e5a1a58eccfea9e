"""The endpoints under `/emulator/`, by which a test arranges what the emulator does."""

import json
from collections import Counter
from threading import Lock

from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random

import extensions
from arm.server import Cloud
from kubernetes.server import Cluster

from .call import Call
from .cloud import CloudControl
from .cluster import ClusterControl
from .faults import Faults
from .refusals import Answer

SEED = 42


class Calls:
    """Every call so far, counted."""

    def __init__(self) -> None:
        self.counter: Counter = Counter()
        self.lock = Lock()

    def count(self, call: Call, text: str) -> None:
        """Counts one more of a call that says this."""
        with self.lock:
            self.counter[(call.account, call.region, call.name, text)] += 1

    def clear(self) -> None:
        """Forgets all."""
        with self.lock:
            self.counter.clear()

    def listed(self) -> list[dict]:
        """All, sorted; `repeated` are those that said the same as one before."""
        with self.lock:
            counted = sorted(self.counter.items())
        listed: dict[tuple, dict] = {}
        for (*where, _), count in counted:
            named = dict(zip(("account", "region", "call"), where, strict=True))
            entry = listed.setdefault(tuple(where), {**named, "count": 0, "repeated": 0})
            entry["count"] += count
            entry["repeated"] += count - 1
        return list(listed.values())


class Control(ClusterControl, CloudControl):
    """What tests have asked for."""

    def __init__(self, cluster: Cluster, cloud: Cloud) -> None:
        self.cluster, self.cloud = cluster, cloud
        self.calls = Calls()
        self.faults = Faults()
        self.page_sizes: dict[str, int] = {}
        self.post_reset(None)

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answers one control request."""
        name = path.removeprefix("/emulator/").replace("/", "_")
        handler = getattr(self, f"{method.lower()}_{name}", None)
        if handler is None:
            return 404, [("Content-Type", "text/plain")], f"no {method} {path}\n".encode()
        try:
            said = handler(json.loads(body) if body else None)
        except (ValueError, TypeError, KeyError) as error:
            return 400, [("Content-Type", "text/plain")], f"{error}\n".encode()
        return 200, [("Content-Type", "application/json")], json.dumps(said).encode()

    def post_reset(self, _body) -> dict:
        """Empties everything; ids start over."""
        BackendDict.reset()
        mock_random.seed(SEED)
        self.faults.replace([])
        self.page_sizes = {}
        self.calls.clear()
        self.cluster.reset()
        self.cloud.reset()
        extensions.forget()
        return {}

    def post_faults(self, rules: list[dict]) -> dict:
        """Replaces the faults."""
        self.faults.replace(rules)
        return {}

    def get_held(self, _body) -> dict:
        """Waits until a call is held."""
        self.faults.holding.wait()
        return {}

    def post_paging(self, sizes: dict[str, int]) -> dict:
        """Replaces the page sizes."""
        sizes = sizes.get("paging", sizes)
        if any(size < 1 for size in sizes.values()):
            raise ValueError("a page holds one item or more")
        self.page_sizes = sizes
        return {}

    def get_calls(self, _body) -> list[dict]:
        """The calls so far."""
        return self.calls.listed()

    def delete_calls(self, _body) -> dict:
        """Forgets the calls so far."""
        self.calls.clear()
        return {}

    def post_health(self, states: list[dict]) -> dict:
        """Sets the health that targets are told to have."""
        extensions.elbv2.set_health(states)
        return {}

    def post_crowd(self, wanted: dict) -> dict:
        """Adds many resources of others, fast."""
        return extensions.crowd.add(**wanted)
