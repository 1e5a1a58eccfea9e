"""Groups in batches, deployments that succeed, tags of applications."""

from moto.codedeploy import responses
from moto.codedeploy.exceptions import DeploymentGroupDoesNotExistException
from moto.codedeploy.models import CodeDeployBackend
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow


def install() -> None:
    """Adds the operation that moto lacks, and what a group tells of its deployments."""
    CodeDeployResponse.batch_get_deployment_groups = batch_get_deployment_groups
    CodeDeployBackend.create_deployment = create_deployment
    responses._deployment_group_info = group_info


moto_create_deployment = CodeDeployBackend.create_deployment
moto_group_info = responses._deployment_group_info


def create_deployment(self, *args, **kwargs) -> str:
    """A deployment is over as soon as it is made."""
    made = moto_create_deployment(self, *args, **kwargs)
    deployment = self.deployments[made]
    deployment.status = "Succeeded"
    deployment.start_time = deployment.complete_time = utcnow()
    deployment.deployment_group.last_deployment = {
        "deploymentId": made,
        "status": "Succeeded",
        "createTime": deployment.create_time,
        "endTime": deployment.complete_time,
    }
    return made


def group_info(group) -> dict:
    """A group, with the deployments it last had; AWS leaves out those it never had."""
    told = moto_group_info(group)
    for member in ("lastSuccessfulDeployment", "lastAttemptedDeployment"):
        told.pop(member)
        if hasattr(group, "last_deployment"):
            told[member] = group.last_deployment
    return told


def batch_get_deployment_groups(self) -> ActionResult:
    """The named groups of one application; names that are none are told in a message."""
    application = self._get_param("applicationName")
    found, missing = [], []
    for name in self._get_param("deploymentGroupNames"):
        try:
            found.append(group_info(self.codedeploy_backend.get_deployment_group(application, name)))
        except DeploymentGroupDoesNotExistException:
            missing.append(name)
    told = {"deploymentGroupsInfo": found}
    if missing:
        told["errorMessage"] = f"No deployment groups found with names: {', '.join(missing)}"
    return ActionResult(told)
