"""The objects that the server holds, told as a server tells them."""

import json
import uuid
from threading import Lock

from .resources import BY_KIND, Resource

CREATED = "2026-01-12T09:30:00Z"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
APPLIED = {"Deployment", "Service", "Ingress", "IngressClass", "ServiceAccount"}
"""Kinds that people apply: controllers and kubelets make the others."""
NUMBERED = {"Deployment", "ReplicaSet", "Pod", "Ingress", "IngressClass", "EndpointSlice"}
"""Kinds whose changes the server counts."""
SPACE = uuid.UUID("6b1f8a44-6f35-4c5d-9a1e-0d8d7f1c2a90")


def uid(kind: str, namespace: str | None, name: str) -> str:
    """The uid of an object that nobody gave another."""
    return str(uuid.uuid5(SPACE, f"{kind}/{namespace or ''}/{name}"))


class Store:
    """Every object by resource, namespace and name."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.clear()

    def clear(self) -> None:
        """Forgets all; versions start over."""
        with self.lock:
            self.version = 1
            self.objects: dict[tuple[str, str, str], dict] = {}

    def put(self, given: dict) -> None:
        """Takes an object in the place of the one of its name, if any."""
        resource = BY_KIND[given["kind"]]
        if given["apiVersion"] != resource.api_version:
            raise ValueError(f"{given['kind']} is of {resource.api_version}")
        meta = given["metadata"]
        if resource.namespaced != bool(meta.get("namespace")):
            raise ValueError(f"{resource.kind} {meta['name']}: namespace {meta.get('namespace')!r}")
        with self.lock:
            self.version += 1
            self.objects[key(resource, meta)] = completed(given, resource, self.version)

    def remove(self, kind: str, name: str, namespace: str | None = None) -> None:
        """Takes one object away."""
        with self.lock:
            self.version += 1
            del self.objects[(BY_KIND[kind].plural, namespace or "", name)]

    def all(self) -> list[dict]:
        """Every object with its kind and version of the API, sorted by where it stands."""
        with self.lock:
            objects = sorted(self.objects.items())
        kinds = {resource.plural: resource for resource in BY_KIND.values()}
        named = [(kinds[plural], it) for (plural, _, _), it in objects]
        return [{"kind": of.kind, "apiVersion": of.api_version, **it} for of, it in named]

    def listed(self, resource: Resource, namespace: str | None) -> tuple[int, list[dict]]:
        """The store's version, and a resource's objects in the order that the server lists them."""
        with self.lock:
            of = [it for where, it in self.objects.items() if where[0] == resource.plural]
            version = self.version
        if resource.namespaced and namespace:
            of = [it for it in of if it["metadata"]["namespace"] == namespace]
        return version, sorted(of, key=place)

    def named(self, resource: Resource, namespace: str | None, name: str) -> dict | None:
        """One object."""
        with self.lock:
            return self.objects.get((resource.plural, namespace or "" if resource.namespaced else "", name))


def place(item: dict) -> str:
    """Where an item stands in its list: the order of the server's keys, of which none begins another."""
    return f"{item['metadata'].get('namespace', '')}/{item['metadata']['name']}\0"


def key(resource: Resource, meta: dict) -> tuple[str, str, str]:
    """Where an object stands."""
    return resource.plural, meta.get("namespace", ""), meta["name"]


def completed(given: dict, resource: Resource, version: int) -> dict:
    """The object with what a server adds, without kind and version of the API, which a list says once."""
    told = json.loads(json.dumps(given))
    meta = told.pop("metadata")
    del told["kind"], told["apiVersion"]
    meta.setdefault("uid", uid(resource.kind, meta.get("namespace"), meta["name"]))
    meta.setdefault("creationTimestamp", CREATED)
    meta["resourceVersion"] = str(version)
    if resource.kind in NUMBERED:
        meta.setdefault("generation", 1)
    applied = resource.kind in APPLIED and "ownerReferences" not in meta
    if applied:
        written = {name: given[name] for name in sorted(given) if name != "status"}
        text = json.dumps(written, separators=(",", ":"), sort_keys=True) + "\n"
        meta["annotations"] = {**meta.get("annotations", {}), LAST_APPLIED: text}
    writer = "kubectl-client-side-apply" if applied else "kube-controller-manager"
    meta["managedFields"] = managed(told, resource, writer)
    return {"metadata": meta, **told}


def managed(told: dict, resource: Resource, writer: str) -> list[dict]:
    """Who wrote which fields: the writer all but the status, its controller that."""
    entry = {"apiVersion": resource.api_version, "fieldsType": "FieldsV1", "operation": "Update", "time": CREATED}
    fields = {f"f:{name}": {f"f:{each}": {} for each in told[name]} for name in ("spec",) if told.get(name)}
    entries = [{**entry, "manager": writer, "fieldsV1": {"f:metadata": {"f:labels": {}}, **fields}}]
    if told.get("status"):
        fields = {"f:status": {f"f:{each}": {} for each in told["status"]}}
        entries.append({**entry, "manager": "controller", "subresource": "status", "fieldsV1": fields})
    return entries
