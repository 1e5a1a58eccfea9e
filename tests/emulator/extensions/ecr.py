"""How a repository is scanned: by the registry's rules, else on push where the repository asks for it; and when its
lifecycle policy was last looked at: always at the same time, so that two recordings are the same."""

from moto.ecr.models import ECRBackend


def install() -> None:
    """Replaces what tells how repositories are scanned, and what becomes of old images."""
    ECRBackend.batch_get_repository_scanning_configuration = scanning
    ECRBackend.get_lifecycle_policy = lifecycle


moto_scanning = ECRBackend.batch_get_repository_scanning_configuration


def scanning(self, names: list[str]) -> tuple[list[dict], list[str]]:
    """moto tells the registry's rules alone."""
    told, missing = moto_scanning(self, names)
    return [own_setting(self.repositories[config["repositoryName"]], config) for config in told], missing


moto_lifecycle = ECRBackend.get_lifecycle_policy
EVALUATED = "2026-01-12T09:30:00Z"


def lifecycle(self, registry_id: str, repository_name: str) -> dict:
    """moto evaluates it whenever it is asked."""
    return {**moto_lifecycle(self, registry_id, repository_name), "lastEvaluatedAt": EVALUATED}


def own_setting(repository, config: dict) -> dict:
    """The same, with what the repository itself says."""
    on_push = repository.image_scanning_configuration.get("scanOnPush", False)
    frequency = config["scanFrequency"]
    if on_push and not config["appliedScanFilters"]:
        frequency = "SCAN_ON_PUSH"
    return {**config, "scanOnPush": on_push or frequency != "MANUAL", "scanFrequency": frequency}
