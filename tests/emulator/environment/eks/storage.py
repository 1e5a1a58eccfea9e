"""The repository of the API's images, and its table."""

import json

from ..account import pairs
from ..registry import manifest
from . import cluster
from .plan import OLD_RELEASE, RELEASE, Eks

UNTAGGED = {
    "rulePriority": 1,
    "description": "untagged images go",
    "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14},
    "action": {"type": "expire"},
}


def build(env: Eks) -> None:
    """Both, as hard as the plan wants them."""
    repository(env)
    table(env)


def repository(env: Eks) -> None:
    """A repository with two releases."""
    ecr, name = env.main.client("ecr"), env.plan.app
    ecr.create_repository(
        repositoryName=name,
        imageScanningConfiguration={"scanOnPush": env.plan.hardened},
        imageTagMutability="IMMUTABLE" if env.plan.hardened else "MUTABLE",
        tags=pairs(env.application()),
    )
    for release in (OLD_RELEASE, RELEASE):
        ecr.put_image(repositoryName=name, imageManifest=manifest(f"{name}:{release}"), imageTag=release)
    if env.plan.hardened:
        ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps({"rules": [UNTAGGED]}))


def table(env: Eks) -> None:
    """A table with the key ID, paid for by request."""
    more = {}
    if env.plan.hardened:
        key = cluster.key(env, "table", env.application())
        encrypted = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        more = {"SSESpecification": encrypted, "DeletionProtectionEnabled": True}
    dynamodb = env.main.client("dynamodb")
    dynamodb.create_table(
        TableName=env.plan.table,
        KeySchema=[{"AttributeName": "ID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "ID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=pairs(env.application()),
        **more,
    )
    if env.plan.hardened:
        recoverable(env, True)


def recoverable(env: Eks, enabled: bool) -> None:
    """Whether the table can be restored to any point in time."""
    env.main.client("dynamodb").update_continuous_backups(
        TableName=env.plan.table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
    )
