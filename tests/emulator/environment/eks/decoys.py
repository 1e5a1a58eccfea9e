"""What else stands in account and cluster, and belongs to other environments or to nobody."""

from ..account import pairs
from . import application, cluster, entry
from .manifests import made
from .plan import ZONE, Eks

PROD = {"Environment": "prod", "Component": "eks", "Project": "stacks", "Company": "example"}
TEST = {"Environment": "nonprod", "Stage": "test", "Application": "netcore-api"}


def build(env: Eks) -> None:
    """In AWS, then in the cluster."""
    in_aws(env)
    in_cluster(env)


def in_aws(env: Eks) -> None:
    """Another core environment's cluster; balancer, table, zones, repository and instance of others."""
    env.main.client("eks").create_cluster(
        name="example-stacks-prod-ew2-eks",
        version=cluster.VERSION,
        roleArn=env.cluster_role,
        resourcesVpcConfig={"subnetIds": env.subnets["private"]},
        tags=PROD,
    )
    elb = env.main.client("elbv2")
    env.other_balancer = entry.told(
        elb.create_load_balancer(
            Name="test-portal",
            Subnets=env.subnets["public"],
            SecurityGroups=[env.balancer_group],
            Scheme="internet-facing",
            Type="application",
            Tags=pairs(TEST),
        )
    )
    fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    elb.create_listener(
        LoadBalancerArn=env.other_balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[fixed]
    )
    env.main.client("dynamodb").create_table(
        TableName="example-stacks-test-euw2-netcore-api-menu",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        Tags=pairs(TEST),
    )
    route53 = env.main.client("route53")
    route53.create_hosted_zone(
        Name=ZONE,
        CallerReference="inside",
        VPC={"VPCRegion": env.main.session.region_name, "VPCId": env.vpc},
        HostedZoneConfig={"PrivateZone": True},
    )
    route53.create_hosted_zone(Name="prod.example.com", CallerReference="prod")
    entry.change(env, "CREATE", entry.alias(f"test-portal.{ZONE}", env.other_balancer))
    env.main.client("ecr").create_repository(repositoryName="legacy/app")
    env.bastion = cluster.instance(env, env.subnets["private"][0], "example-stacks-bastion")["InstanceId"]


def in_cluster(env: Eks) -> None:
    """Another environment of the same application, and the class of a controller that is AWS's own."""
    application.of_another_environment(env, f"test-api.{ZONE}")
    env.apply(made("IngressClass", "alb", spec={"controller": "ingress.k8s.aws/alb"}))
