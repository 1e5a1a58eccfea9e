"""The endpoints under `/emulator/azure`."""

from datetime import datetime

from arm.listing import ALL
from arm.server import Cloud


class CloudControl:
    """What tests ask of Azure."""

    cloud: Cloud

    def get_azure(self, _body) -> dict:
        """Where it is, what to trust it by, and who may ask."""
        return {**self.cloud.told(), "ca": self.cloud.certificates.pem}

    def get_azure_resources(self, _body) -> list[dict]:
        """The resources that there are, as they can be given again."""
        return self.cloud.store.all()

    def post_azure_resources(self, bodies: list[dict]) -> dict:
        """Takes resources, each in the place of the one of its id."""
        self.cloud.store.put_all(bodies)
        return {}

    def delete_azure_resources(self, paths: list[str]) -> dict:
        """Takes resources away by their ids, with what lies in them."""
        for path in paths:
            self.cloud.store.remove(path)
        return {}

    def post_azure_grants(self, given: dict[str, list[dict]]) -> dict:
        """Replaces what these principals may: `{"custom": [{"role": "Reader" or a definition, "scope"}]}`."""
        self.cloud.access.replace(given)
        return {}

    def post_azure_faults(self, rules: list[dict]) -> dict:
        """Replaces the faults."""
        self.cloud.faults.replace(rules)
        return {}

    def get_azure_held(self, _body) -> dict:
        """Waits until a request hangs."""
        self.cloud.faults.holding.wait()
        return {}

    def post_azure_paging(self, sizes: dict[str, int]) -> dict:
        """Replaces the page sizes: `{"*": 3, "Microsoft.Network/loadBalancers": 1}`."""
        if any(size < 1 for size in sizes.values()):
            raise ValueError("a page holds one item or more")
        named = {name if name == ALL else name.lower(): size for name, size in sizes.items()}
        self.cloud.arm.reading.page_sizes = named
        return {}

    def post_azure_versions(self, given: dict[str, list[str]]) -> dict:
        """Replaces the versions that some types are served in."""
        self.cloud.arm.reading.versions.replace(given)
        return {}

    def post_azure_metrics(self, given: list[dict]) -> dict:
        """Replaces what is measured: `[{"resource", "metric", "pool": "pool~settings", "average"}]`."""
        self.cloud.arm.reading.metrics.replace(given)
        return {}

    def post_azure_clock(self, given: dict[str, str]) -> dict:
        """When it is for Monitor: `{"now": "2026-01-12T10:00:00Z"}`."""
        self.cloud.arm.reading.metrics.now = datetime.fromisoformat(given["now"])
        return {}

    def post_azure_tokens(self, given: dict[str, int]) -> dict:
        """How long tokens last: `{"lifetime": -1}` has them expired when they are given."""
        self.cloud.tokens.lifetime = given["lifetime"]
        return {}

    def get_azure_asked(self, _body) -> list[dict]:
        """The requests so far, to any port."""
        with self.cloud.lock:
            return list(self.cloud.asked)

    def delete_azure_asked(self, _body) -> dict:
        """Forgets the requests so far."""
        with self.cloud.lock:
            self.cloud.asked.clear()
        return {}
