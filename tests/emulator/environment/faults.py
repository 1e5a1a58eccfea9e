"""What can be wrong with the environment: one function a fault, each on its own or all at once."""

from . import compute, delivery, entry, network
from .account import HOST, Environment
from .registry import REPOSITORIES


def nat_deleted(env: Environment) -> None:
    """A second private route table, for private-b, leads to a NAT gateway that was deleted."""
    ec2 = env.main.client("ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=env.public[1], AllocationId=address)["NatGateway"]["NatGatewayId"]
    tables = ec2.describe_route_tables(RouteTableIds=[env.private_routes])["RouteTables"]
    (old,) = [each for each in tables[0]["Associations"] if each.get("SubnetId") == env.private[1]]
    ec2.disassociate_route_table(AssociationId=old["RouteTableAssociationId"])
    network.route_table(env, "dev-back-b", [env.private[1]], NatGatewayId=nat)
    ec2.delete_nat_gateway(NatGatewayId=nat)


def tasks_open_to_the_world(env: Environment) -> None:
    """The tasks' security group admits both halves of the internet."""
    halves = [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]
    everyone = {"IpProtocol": "tcp", "FromPort": compute.PORT, "ToPort": compute.PORT, "IpRanges": halves}
    env.main.client("ec2").authorize_security_group_ingress(GroupId=env.tasks_sg, IpPermissions=[everyone])


def certificate_of_another_host(env: Environment) -> None:
    """The listener's certificate covers a host of another name."""
    other = entry.certificate(env, "app.example.org", [])
    env.main.client("elbv2").modify_listener(ListenerArn=env.listener, Certificates=[{"CertificateArn": other}])


def image_from_docker_hub(env: Environment) -> None:
    """The frontend's image comes from a public registry."""
    made = compute.define(env, "frontend", "docker.io/library/nginx:1.27")
    env.main.client("ecs").update_service(cluster="dev-app", service="frontend", taskDefinition=made)


def green_takes_all(env: Environment) -> None:
    """All of the backend's requests go to the target group that has no target."""
    actions = [entry.weights(env, blue=0, green=100)]
    env.main.client("elbv2").modify_rule(RuleArn=env.rule, Actions=actions)


def dns_without_alias(env: Environment) -> None:
    """The application's name is an address, not an alias of the load balancer."""
    entry.change(env, "DELETE", entry.alias(env))
    entry.change(env, "CREATE", entry.record(HOST, "A", "203.0.113.10"))


def database_shut(env: Environment) -> None:
    """The database's security group does not admit the tasks."""
    env.main.client("ec2").revoke_security_group_ingress(
        GroupId=env.db_sg, IpPermissions=[network.from_group(3306, env.tasks_sg)]
    )


def secret_missing(env: Environment) -> None:
    """The secret named github was never made."""
    env.main.client("secretsmanager").delete_secret(SecretId="github", ForceDeleteWithoutRecovery=True)


def pipeline_without_deploy(env: Environment) -> None:
    """The pipeline ends after the build."""
    definition = delivery.definition(env)
    definition["stages"] = definition["stages"][:-1]
    env.main.client("codepipeline").update_pipeline(pipeline=definition)


def registry_closed(env: Environment) -> None:
    """The repositories grant nothing to other accounts."""
    for name in REPOSITORIES:
        env.common.client("ecr").delete_repository_policy(repositoryName=name)


def third_public_subnet(env: Environment) -> None:
    """There are three public subnets."""
    subnet = network.subnet(env, "public", "b", "10.20.2.0/24")
    env.main.client("ec2").associate_route_table(RouteTableId=env.public_routes, SubnetId=subnet)


def service_in_public_subnet(env: Environment) -> None:
    """One of the frontend's tasks runs in a public subnet."""
    env.main.client("ecs").update_service(
        cluster="dev-app",
        service="frontend",
        networkConfiguration=compute.network(env, [env.private[0], env.public[0]]),
    )


def versioning_suspended(env: Environment) -> None:
    """The pipeline's bucket keeps no versions."""
    env.main.client("s3").put_bucket_versioning(Bucket=delivery.BUCKET, VersioningConfiguration={"Status": "Suspended"})


EVERY = (
    nat_deleted,
    tasks_open_to_the_world,
    certificate_of_another_host,
    image_from_docker_hub,
    green_takes_all,
    dns_without_alias,
    database_shut,
    secret_missing,
    pipeline_without_deploy,
    registry_closed,
    third_public_subnet,
    service_in_public_subnet,
    versioning_suspended,
)
BY_NAME = {fault.__name__: fault for fault in EVERY}
