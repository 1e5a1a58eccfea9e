"""The endpoints under `/emulator/kubernetes`, and what ties the API server to an account's EKS cluster."""

from dataclasses import asdict

from moto.sts.models import sts_backends

import extensions
from kubernetes.access import Rule
from kubernetes.eks_bearer import Key
from kubernetes.server import Cluster

from .call import MAIN_ACCOUNT

SECRET = "test"
"""The secret of every access key that nobody issued."""


def key_of(access_key: str) -> Key:
    """An access key that AssumeRole issued, or one of the main account's own."""
    for _, partitions in list(sts_backends.items()):
        for backend in list(partitions.values()):
            for role in list(backend.assumed_roles):
                if role.access_key_id == access_key:
                    return Key(role.secret_access_key, role.arn, role.session_token)
    return Key(SECRET, f"arn:aws:iam::{MAIN_ACCOUNT}:user/stacks-audit")


class ClusterControl:
    """What tests ask of the API server."""

    cluster: Cluster

    def post_clusters(self, said: list[dict]) -> dict:
        """Sets where clusters' API servers listen, and what they are trusted by; ours learns which of them it is."""
        extensions.eks.set_clusters(said)
        for each in said:
            if each.get("endpoint") == self.cluster.url:
                self.cluster.api.access.cluster = each["cluster"]
        return {}

    def get_kubernetes(self, _body) -> dict:
        """Where the API server is, and what to trust it by."""
        return {"server": self.cluster.url, "elsewhere": self.cluster.elsewhere, "ca": self.cluster.authority.pem}

    def get_kubernetes_objects(self, _body) -> list[dict]:
        """The objects that there are, as they can be given again."""
        return self.cluster.api.store.all()

    def post_kubernetes_objects(self, objects: list[dict]) -> dict:
        """Takes objects, each in the place of the one of its name."""
        for given in objects:
            self.cluster.api.store.put(given)
        return {}

    def delete_kubernetes_objects(self, objects: list[dict]) -> dict:
        """Takes objects away: `[{"kind", "name", "namespace"}]`."""
        for named in objects:
            self.cluster.api.store.remove(**named)
        return {}

    def post_kubernetes_faults(self, rules: list[dict]) -> dict:
        """Replaces the faults."""
        self.cluster.api.faults.replace(rules)
        return {}

    def post_kubernetes_paging(self, sizes: dict[str, int]) -> dict:
        """Replaces the page sizes: `{"pods": 2}`."""
        if any(size < 1 for size in sizes.values()):
            raise ValueError("a page holds one item or more")
        self.cluster.api.page_sizes = sizes
        return {}

    def get_kubernetes_held(self, _body) -> dict:
        """Waits until a request is held."""
        self.cluster.api.faults.holding.wait()
        return {}

    def post_kubernetes_grants(self, grants: dict[str, list[dict]]) -> dict:
        """Replaces what these users or groups may do: `{"viewer": [{"group", "resource", "namespaces", "verbs"}]}`."""
        parsed = {name: tuple(Rule(**rule) for rule in rules) for name, rules in grants.items()}
        self.cluster.api.access.grants.update(parsed)
        return {}

    def get_kubernetes_grants(self, _body) -> dict:
        """Who may do what."""
        grants = self.cluster.api.access.grants
        return {name: [asdict(rule) for rule in rules] for name, rules in sorted(grants.items())}

    def get_kubernetes_requests(self, _body) -> list[dict]:
        """The requests so far."""
        return list(self.cluster.api.requests)

    def delete_kubernetes_requests(self, _body) -> dict:
        """Forgets the requests so far."""
        self.cluster.api.requests.clear()
        return {}
