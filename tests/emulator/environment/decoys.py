"""What else the account holds: another environment (`env=test`) and things of nobody.

None of it belongs to the environment, and a scan that lists too much or reads tags loosely will take it in.
"""

from .account import Environment, pairs
from .roles import role

TEST = {"env": "test"}


def build(env: Environment) -> None:
    """Another network with all that stands in it, and what has no network."""
    subnets, group = network(env)
    entry(env, subnets, group)
    compute(env, subnets, group)
    delivery(env)
    nameless(env)


def tagged(kind: str, name: str) -> list[dict]:
    """The other environment's tags, in EC2's form."""
    return [{"ResourceType": kind, "Tags": pairs({"Name": name, **TEST})}]


def network(env: Environment) -> tuple[list[str], str]:
    """A VPC of the same shape."""
    ec2 = env.main.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16", TagSpecifications=tagged("vpc", "test-app"))["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=f"10.30.{number}.0/24",
            AvailabilityZone=f"us-west-1{zone}",
            TagSpecifications=tagged("subnet", f"test-public-{zone}"),
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    gateway = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", "test-app"))
    ec2.attach_internet_gateway(InternetGatewayId=gateway["InternetGateway"]["InternetGatewayId"], VpcId=vpc)
    group = ec2.create_security_group(
        GroupName="test-all",
        Description="everything",
        VpcId=vpc,
        TagSpecifications=tagged("security-group", "test-all"),
    )["GroupId"]
    anything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[anything])
    return subnets, group


def entry(env: Environment, subnets: list[str], group: str) -> None:
    """A load balancer with its target group and listener."""
    elb = env.main.client("elbv2")
    balancer = elb.create_load_balancer(
        Name="test-app", Subnets=subnets, SecurityGroups=[group], Scheme="internet-facing", Tags=pairs(TEST)
    )["LoadBalancers"][0]
    targets = elb.create_target_group(
        Name="test-app", Protocol="HTTP", Port=8080, VpcId=balancer["VpcId"], TargetType="ip", Tags=pairs(TEST)
    )["TargetGroups"][0]["TargetGroupArn"]
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": targets}],
    )


def compute(env: Environment, subnets: list[str], group: str) -> None:
    """A cluster with a service, and two databases."""
    ecs = env.main.client("ecs")
    ecs.create_cluster(clusterName="test-app", tags=pairs(TEST, "key", "value"))
    ecs.register_task_definition(
        family="test-app",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "docker.io/library/nginx:1.27", "essential": True}],
    )
    ecs.create_service(
        cluster="test-app",
        serviceName="app",
        taskDefinition="test-app",
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [group]}},
        tags=pairs(TEST, "key", "value"),
    )
    env.main.client("rds").create_db_instance(
        DBInstanceIdentifier="test-db",
        Engine="postgres",
        DBInstanceClass="db.t3.small",
        AllocatedStorage=20,
        MasterUsername="app",
        MasterUserPassword="emulated-only",
        PubliclyAccessible=True,
        Tags=pairs(TEST),
    )
    env.main.client("dynamodb").create_table(
        TableName="test-menu",
        KeySchema=[{"AttributeName": "ID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "ID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=pairs(TEST),
    )


def delivery(env: Environment) -> None:
    """A pipeline of two stages that never ran."""
    env.main.client("s3").create_bucket(
        Bucket="test-app-artifacts", CreateBucketConfiguration={"LocationConstraint": "us-west-1"}
    )
    source = {
        "name": "Source",
        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"},
        "configuration": {"S3Bucket": "test-app-artifacts", "S3ObjectKey": "source.zip"},
        "outputArtifacts": [{"name": "source"}],
    }
    build = {
        "name": "Build",
        "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
        "configuration": {"ProjectName": "test-build"},
        "inputArtifacts": [{"name": "source"}],
    }
    env.main.client("codepipeline").create_pipeline(
        pipeline={
            "name": "test-app",
            "roleArn": role(env, "test-pipeline", "codepipeline"),
            "artifactStore": {"type": "S3", "location": "test-app-artifacts"},
            "stages": [{"name": "Source", "actions": [source]}, {"name": "Build", "actions": [build]}],
        },
        tags=pairs(TEST, "key", "value"),
    )


def nameless(env: Environment) -> None:
    """A secret and repositories without tags."""
    env.main.client("secretsmanager").create_secret(Name="test/api-key", SecretString="{}")
    env.main.client("ecr").create_repository(repositoryName="legacy/app")
    env.common.client("ecr").create_repository(repositoryName="tools/cli")
