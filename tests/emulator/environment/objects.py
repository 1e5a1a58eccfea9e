"""What every environment with a cluster can do: ask the emulator's control, and put objects into the cluster."""

import json
import urllib.request
from types import SimpleNamespace


class Objects(SimpleNamespace):
    """The cluster's objects so far, and ways to change them."""

    endpoint: str
    objects: dict[tuple[str, str, str], dict]

    def control(self, path: str, body=None, method: str = "POST"):
        """One control request's answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/emulator/{path}", data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def apply(self, *objects: dict) -> None:
        """Puts objects into the cluster."""
        for each in objects:
            self.objects[(each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"])] = each
        self.control("kubernetes/objects", list(objects))

    def applied(self, kind: str, name: str, namespace: str | None = None) -> dict:
        """A copy of an object of the application's namespace, to change and apply again; "" is no namespace."""
        namespace = self.plan.namespace if namespace is None else namespace
        return json.loads(json.dumps(self.objects[(kind, namespace, name)]))
