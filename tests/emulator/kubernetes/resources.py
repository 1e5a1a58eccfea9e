"""Which resources the server has, and what a path asks for."""

import re
from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True)
class Resource:
    """One resource of one version of the API."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """`v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version


RESOURCES = (
    Resource("", "v1", "namespaces", "Namespace", namespaced=False),
    Resource("", "v1", "nodes", "Node", namespaced=False),
    Resource("", "v1", "services", "Service"),
    Resource("", "v1", "pods", "Pod"),
    Resource("", "v1", "serviceaccounts", "ServiceAccount"),
    Resource("", "v1", "configmaps", "ConfigMap"),
    Resource("", "v1", "secrets", "Secret"),
    Resource("apps", "v1", "deployments", "Deployment"),
    Resource("apps", "v1", "replicasets", "ReplicaSet"),
    Resource("networking.k8s.io", "v1", "ingresses", "Ingress"),
    Resource("networking.k8s.io", "v1", "ingressclasses", "IngressClass", namespaced=False),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
)
BY_KIND = {resource.kind: resource for resource in RESOURCES}
PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)(?:/namespaces/(?P<namespace>[^/]+)(?=/))?"
    r"/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?(?P<further>/.+)?"
)


@dataclass(frozen=True)
class Asked:
    """What a path names, whether the server has it or not."""

    group: str
    version: str
    plural: str
    namespace: str | None = None
    name: str | None = None
    further: str | None = None

    @property
    def resource(self) -> Resource | None:
        """The resource, where it is served at this path."""
        for each in RESOURCES:
            if (each.group, each.version, each.plural) == (self.group, self.version, self.plural):
                fits = each.namespaced or not self.namespace or self.plural == "namespaces"
                return each if fits and not self.further else None
        return None


def asked(path: str) -> Asked | None:
    """Reads a path; none where it is no resource's."""
    found = PATH.fullmatch(path)
    if not found:
        return None
    part = {key: unquote(value) if value else None for key, value in found.groupdict().items()}
    group, name, namespace = part["group"] or "", part["name"], part["namespace"]
    if not group and part["plural"] == "namespaces":
        namespace = name
    return Asked(group, part["version"], part["plural"], namespace, name, part["further"])
