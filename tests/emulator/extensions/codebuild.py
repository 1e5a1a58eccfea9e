"""Webhooks."""

from moto.codebuild.responses import CodeBuildResponse
from moto.core.responses import ActionResult


def install() -> None:
    """Adds the operation that moto lacks."""
    CodeBuildResponse.create_webhook = create_webhook


def create_webhook(self) -> ActionResult:
    """Gives a project its webhook, which the project then tells."""
    project = self.codebuild_backend.codebuild_projects[self._get_param("projectName")]
    webhook = {
        "url": "https://api.github.com/repos/example/app/hooks/1",
        "payloadUrl": f"https://codebuild.{self.region}.amazonaws.com/webhooks",
        "filterGroups": self._get_param("filterGroups") or [],
    }
    project.project_metadata["webhook"] = webhook
    return ActionResult({"webhook": webhook})
