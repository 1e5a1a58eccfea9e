"""IAM roles and what they may do."""

import json

from .account import COMMON, MAIN, REGION, Environment, pairs

MANAGED = "arn:aws:iam::aws:policy/service-role"
PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
PUSH = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
]


def build(env: Environment) -> None:
    """Roles of tasks, build, deployment and pipeline."""
    env.task_role = role(env, "dev-task", "ecs-tasks")
    allow(env, "dev-task", "data", statement(["dynamodb:GetItem"], [f"arn:aws:dynamodb:{REGION}:{MAIN}:table/dev-*"]))
    env.exec_role = role(env, "dev-exec", "ecs-tasks", f"{MANAGED}/AmazonECSTaskExecutionRolePolicy")
    env.build_role = role(env, "dev-build", "codebuild")
    secrets = [f"arn:aws:secretsmanager:{REGION}:{MAIN}:secret:{name}-*" for name in ("emrimages", "github")]
    allow(
        env,
        "dev-build",
        "build",
        statement(["secretsmanager:GetSecretValue"], secrets),
        statement(PUSH, [f"arn:aws:ecr:{REGION}:{COMMON}:repository/app/*"]),
        statement(["ecr:GetAuthorizationToken"], ["*"]),
    )
    env.deploy_role = role(env, "dev-deploy", "codedeploy", "arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS")
    env.pipeline_role = role(env, "dev-pipeline", "codepipeline")
    allow(env, "dev-pipeline", "pipeline", statement(["s3:*"], ["arn:aws:s3:::dev-app-artifacts-*"]))


def role(env: Environment, name: str, service: str, *policies: str) -> str:
    """A role that a service may assume."""
    iam = env.main.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": f"{service}.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), Tags=pairs(env.tags()))
    for policy in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    return made["Role"]["Arn"]


def statement(actions: list[str], resources: list[str], **more) -> dict:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def allow(env: Environment, name: str, policy: str, *statements: dict) -> None:
    """Gives a role an inline policy."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    env.main.client("iam").put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
