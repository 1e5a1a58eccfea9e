"""IAM roles: of the cluster, of its nodes, of those who enter it, and of the application's pods."""

import json

from ..account import MAIN, pairs
from .plan import CLUSTER, REGION, Eks

AWS = "arn:aws:iam::aws:policy"
NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly")
READ = ["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
WRITE = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
POD_TRUST = ["sts:AssumeRole", "sts:TagSession"]


def build(env: Eks) -> None:
    """Roles with what each needs."""
    env.cluster_role = role(env, CLUSTER, trust("eks"), env.core(), "AmazonEKSClusterPolicy")
    env.node_role_name = f"{CLUSTER}-node"
    env.node_role = role(env, env.node_role_name, trust("ec2"), env.core(), *NODE_POLICIES)
    account = {"AWS": f"arn:aws:iam::{MAIN}:root"}
    env.deployer_role = role(env, "example-stacks-deployer", trust_of(account, ["sts:AssumeRole"]), env.core())
    env.scanner_role = role(env, "stacks-audit", trust_of(account, ["sts:AssumeRole"]), env.core())
    if env.plan.hardened:
        env.app_role_name = f"example-stacks-dev-{env.plan.app}"
        env.app_role = role(env, env.app_role_name, trust("pods.eks", POD_TRUST), env.application())
        allow_table(env, READ + WRITE)


def role(env: Eks, name: str, trusted: dict, tags: dict[str, str], *policies: str) -> str:
    """A role with AWS's policies of these names."""
    iam = env.main.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trusted), Tags=pairs(tags))
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=f"{AWS}/{policy}")
    return made["Role"]["Arn"]


def trust(service: str, actions: list[str] | None = None) -> dict:
    """Lets a service assume a role."""
    return trust_of({"Service": f"{service}.amazonaws.com"}, actions or ["sts:AssumeRole"])


def trust_of(principal: dict, actions: list[str]) -> dict:
    """Lets somebody assume a role."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": actions}]}


def allow_table(env: Eks, actions: list[str]) -> None:
    """What the application's role may do with its table."""
    table = f"arn:aws:dynamodb:{REGION}:{MAIN}:table/{env.plan.table}"
    allowed = {"Effect": "Allow", "Action": actions, "Resource": [table, f"{table}/index/*"]}
    document = {"Version": "2012-10-17", "Statement": [allowed]}
    env.main.client("iam").put_role_policy(
        RoleName=env.app_role_name, PolicyName="table", PolicyDocument=json.dumps(document)
    )
