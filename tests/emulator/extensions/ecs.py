"""Services that run: tasks start with their service, hold addresses of its subnets and stand in its target groups.

CodeDeploy's services get the primary task set that AWS makes for them.
"""

from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.ecs import models
from moto.ecs.models import EC2ContainerServiceBackend as Backend
from moto.ecs.models import Task
from moto.elbv2.models import elbv2_backends
from moto.moto_api._internal import mock_random

from .replacing import after

PLATFORM = "1.4.0"


def install() -> None:
    """Replaces what creates, changes and lists services and tasks."""
    # No address asked for: the interface then takes the next of its own subnet, which moto's task would not.
    models.random_private_ip = lambda: None
    after(Backend, "create_service")(created)
    after(Backend, "update_service")(updated)
    after(Backend, "delete_service")(deleted)
    after(Backend, "create_task_set")(task_set_created)
    after(Backend, "update_service_primary_task_set")(counted_again)
    Backend.list_tasks = list_tasks
    # moto's tasks stop by being looked at.
    Task.advance = lambda task: None
    Backend._calculate_task_resource_requirements = staticmethod(resource_requirements)


moto_resource_requirements = Backend._calculate_task_resource_requirements


def resource_requirements(task_definition) -> dict:
    """What a task takes from an instance: nothing on Fargate, where containers need no memory of their own."""
    if "FARGATE" in (task_definition.requires_compatibilities or []):
        return {"CPU": 0, "MEMORY": 0, "PORTS": [], "PORTS_UDP": []}
    return moto_resource_requirements(task_definition)


def created(backend, service, *_args, **_kwargs) -> None:
    """A new service: what AWS fills in by itself, then its tasks."""
    service.created_at = utcnow()
    service.platform_family = "Linux"
    if service.launch_type == "FARGATE":
        service.platform_version = service.platform_version or "LATEST"
    controller = service.deployment_controller["type"]
    if controller == "ECS":
        start_tasks(backend, service, service.deployments[0]["id"])
    elif controller == "CODE_DEPLOY" and service.task_definition:
        primary = backend.create_task_set(
            service.name,
            service.cluster_name,
            service.task_definition,
            network_configuration=service.network_configuration,
            load_balancers=service.load_balancers,
            launch_type=service.launch_type,
            platform_version=PLATFORM,
        )
        primary.status = "PRIMARY"
        primary.started_by = "CODE_DEPLOY"
        start_tasks(backend, service, primary.id)
    settle(backend, service)


def task_set_created(backend, task_set, *_args, **_kwargs) -> None:
    """A further task set: it runs nothing until it is scaled."""
    for tasks in backend.tasks.values():
        for arn in [arn for arn, task in tasks.items() if task.group.startswith("family:")]:
            del tasks[arn]
    task_set.scale = {"value": 100.0, "unit": "PERCENT"}
    service = backend._get_service(task_set.cluster_arn, task_set.service_arn)
    settle(backend, service)


def counted_again(backend, task_set, *_args, **_kwargs) -> None:
    """Another primary task set: it runs what the service wants."""
    service = backend._get_service(task_set.cluster_arn, task_set.service_arn)
    stop_tasks(backend, service)
    start_tasks(backend, service, task_set.id)
    settle(backend, service)


def updated(backend, service, *_args, **_kwargs) -> None:
    """A changed service: its tasks are replaced."""
    service.task_definition = backend.describe_task_definition(service.task_definition).arn
    for deployment in service.deployments:
        deployment["taskDefinition"] = service.task_definition
        deployment["networkConfiguration"] = service.network_configuration
    stop_tasks(backend, service)
    started_by = service.deployments[0]["id"] if service.deployments else "CODE_DEPLOY"
    start_tasks(backend, service, started_by)
    settle(backend, service)


def deleted(backend, service, *_args, **_kwargs) -> None:
    """A deleted service: its tasks end."""
    stop_tasks(backend, service)


def tasks_of(backend, service) -> list:
    """The tasks of a service, in the order they started."""
    group = f"service:{service.name}"
    tasks = backend.tasks.get(service.cluster_name, {}).values()
    return [task for task in tasks if task.group == group]


def start_tasks(backend, service, started_by: str) -> None:
    """Starts as many tasks as the service wants, in its subnets by turns."""
    network = service.network_configuration.get("awsvpcConfiguration")
    subnets = network["subnets"] if network else [None]
    for number in range(service.desired_count):
        subnet = subnets[number % len(subnets)]
        configuration = {"awsvpcConfiguration": {**network, "subnets": [subnet]}} if network else None
        (task,) = backend.run_task(
            service.cluster_name,
            service.task_definition,
            1,
            None,
            started_by,
            service.tags if service.propagate_tags == "SERVICE" else [],
            service.launch_type,
            configuration,
            f"service:{service.name}",
            PLATFORM,
        )
        furnish(backend, task, subnet)
        register(backend, service, task)


def furnish(backend, task, subnet: str | None) -> None:
    """What a running task tells of itself beyond what moto's does."""
    definition = backend.describe_task_definition(task.task_definition_arn)
    task.created_at = task.started_at = task.connectivity_at = utcnow()
    task.connectivity = "CONNECTED"
    task.health_status = "UNKNOWN"
    task.cpu, task.memory = definition.cpu, definition.memory
    task.version = 3
    if subnet:
        task.availability_zone = (
            ec2_backends[backend.account_id][backend.region_name].get_subnet(subnet).availability_zone
        )
    for attachment in task.attachments:
        attachment["details"] = [detail for detail in attachment["details"] if detail["value"] is not None]
    address = address_of(task)
    task.containers = [
        {
            "containerArn": task.task_arn.replace(":task/", ":container/") + f"/{mock_random.uuid4()}",
            "taskArn": task.task_arn,
            "name": container["name"],
            "image": container["image"],
            "runtimeId": f"{task.id.replace('-', '')}-{number}",
            "lastStatus": "RUNNING",
            "networkInterfaces": [{"attachmentId": task.attachments[0]["id"], "privateIpv4Address": address}]
            if address
            else [],
            "healthStatus": "UNKNOWN",
        }
        for number, container in enumerate(definition.container_definitions)
    ]


def address_of(task) -> str | None:
    """A task's private address."""
    details = [detail for attachment in task.attachments for detail in attachment["details"]]
    return next((detail["value"] for detail in details if detail["name"] == "privateIPv4Address"), None)


def register(backend, service, task) -> None:
    """Puts a task into its service's target groups."""
    groups = elbv2_backends[backend.account_id][backend.region_name].target_groups
    for attachment in service.load_balancers:
        group = groups.get(attachment.get("targetGroupArn"))
        if group and address_of(task):
            group.register([{"Id": address_of(task), "Port": attachment["containerPort"]}])


def stop_tasks(backend, service) -> None:
    """Ends a service's tasks."""
    groups = elbv2_backends[backend.account_id][backend.region_name].target_groups
    network = ec2_backends[backend.account_id][backend.region_name]
    for task in tasks_of(backend, service):
        for attachment in service.load_balancers:
            group = groups.get(attachment.get("targetGroupArn"))
            if group:
                group.targets.pop(address_of(task), None)
        for attachment in task.attachments:
            for detail in attachment["details"]:
                if detail["name"] == "networkInterfaceId":
                    network.enis.pop(detail["value"], None)
        del backend.tasks[service.cluster_name][task.task_arn]


def settle(backend, service) -> None:
    """Counts what runs, in the service and in its deployments or task sets."""
    running = len(tasks_of(backend, service))
    service.running_count, service.pending_count = running, service.desired_count - running
    for deployment in service.deployments:
        deployment.update(
            desiredCount=service.desired_count,
            runningCount=running,
            pendingCount=service.pending_count,
            rolloutState="COMPLETED",
            rolloutStateReason=f"ECS deployment {deployment['id']} completed.",
            platformFamily="Linux",
            platformVersion=PLATFORM,
        )
    for task_set in service.task_sets:
        primary = task_set.status == "PRIMARY"
        task_set.computed_desired_count = service.desired_count if primary else 0
        task_set.running_count = running if primary else 0
        task_set.pending_count = 0
        task_set.stability_status = "STEADY_STATE"
        task_set.created_at = task_set.updated_at = task_set.stability_status_at = task_set.createdAt
        task_set.platform_family = "Linux"
    cluster = backend._get_cluster(service.cluster_name)
    services = [other for other in backend.services.values() if other.cluster_name == cluster.name]
    cluster.active_services_count = len(services)
    cluster.running_tasks_count = sum(other.running_count for other in services)
    cluster.pending_tasks_count = sum(other.pending_count for other in services)


moto_list_tasks = Backend.list_tasks


def list_tasks(
    self,
    cluster_str=None,
    container_instance=None,
    family=None,
    started_by=None,
    service_name=None,
    desired_status=None,
):
    """The tasks of one cluster exactly, and of one service where one is named."""
    cluster = self._get_cluster(cluster_str or "default")
    found = moto_list_tasks(
        self, cluster_str, container_instance, family, started_by, None, desired_status or "RUNNING"
    )
    if service_name:
        service = self._get_service(cluster.name, service_name.split("/")[-1])
        found = [task for task in found if task.group == f"service:{service.name}"]
    return [task for task in found if task.cluster_arn == cluster.arn]
