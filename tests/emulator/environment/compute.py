"""ECS cluster, services and the database they use."""

from .account import REGISTRY, RELEASE, Environment, pairs

PORT = 8080


def build(env: Environment) -> None:
    """A frontend that ECS deploys, a backend that CodeDeploy deploys, a database for both."""
    ecs = env.main.client("ecs")
    env.cluster = ecs.create_cluster(clusterName="dev-app", tags=tags(env))["cluster"]["clusterArn"]
    define(env, "frontend", f"{REGISTRY}/app/frontend:{RELEASE}")
    define(env, "backend", f"{REGISTRY}/app/backend:{RELEASE}", sidecar=True)
    serve(env, "frontend", "ECS", env.groups["frontend"])
    serve(env, "backend", "CODE_DEPLOY", env.groups["backend-blue"])
    database(env)


def tags(env: Environment) -> list[dict[str, str]]:
    """The environment's tags as ECS takes them."""
    return pairs(env.tags(), "key", "value")


def define(env: Environment, name: str, image: str, sidecar: bool = False) -> str:
    """A task definition with one essential container, and perhaps one beside it."""
    containers = [
        {
            "name": name,
            "image": image,
            "essential": True,
            "portMappings": [{"containerPort": PORT, "protocol": "tcp"}],
        }
    ]
    if sidecar:
        image = "public.ecr.aws/aws-observability/aws-otel-collector:v0.40.0"
        containers.append({"name": "collector", "image": image, "essential": False})
    made = env.main.client("ecs").register_task_definition(
        family=f"dev-{name}",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        taskRoleArn=env.task_role,
        executionRoleArn=env.exec_role,
        containerDefinitions=containers,
        tags=tags(env),
    )
    return made["taskDefinition"]["taskDefinitionArn"]


def serve(env: Environment, name: str, controller: str, group: str) -> None:
    """A service of two tasks behind one target group."""
    env.main.client("ecs").create_service(
        cluster="dev-app",
        serviceName=name,
        taskDefinition=f"dev-{name}",
        desiredCount=2,
        launchType="FARGATE",
        deploymentController={"type": controller},
        loadBalancers=[{"targetGroupArn": group, "containerName": name, "containerPort": PORT}],
        networkConfiguration=network(env, env.private),
        tags=tags(env),
    )


def network(env: Environment, subnets: list[str]) -> dict:
    """Where tasks run and what guards them."""
    return {
        "awsvpcConfiguration": {
            "subnets": subnets,
            "securityGroups": [env.tasks_sg],
            "assignPublicIp": "DISABLED",
        }
    }


def database(env: Environment) -> None:
    """A private, encrypted MySQL."""
    rds = env.main.client("rds")
    rds.create_db_subnet_group(
        DBSubnetGroupName="dev-db",
        DBSubnetGroupDescription="private subnets",
        SubnetIds=env.private,
        Tags=pairs(env.tags()),
    )
    rds.create_db_instance(
        DBInstanceIdentifier="dev-db",
        Engine="mysql",
        DBInstanceClass="db.t3.small",
        AllocatedStorage=20,
        MasterUsername="app",
        MasterUserPassword="emulated-only",
        DBSubnetGroupName="dev-db",
        VpcSecurityGroupIds=[env.db_sg],
        PubliclyAccessible=False,
        StorageEncrypted=True,
        MultiAZ=False,
        Port=3306,
        Tags=pairs(env.tags()),
    )
