"""Image repositories of the common account."""

import json

from .account import MAIN, RELEASE, Environment, pairs
from .roles import PULL, PUSH

REPOSITORIES = ("app/backend", "app/frontend")


def build(env: Environment) -> None:
    """Repositories that the environment's account pulls from and its build role pushes to, each with one image."""
    ecr = env.common.client("ecr")
    for name in REPOSITORIES:
        ecr.create_repository(
            repositoryName=name,
            imageScanningConfiguration={"scanOnPush": True},
            imageTagMutability="IMMUTABLE",
            tags=pairs(env.tags()),
        )
        ecr.set_repository_policy(repositoryName=name, policyText=json.dumps(policy(env)))
        ecr.put_image(repositoryName=name, imageManifest=manifest(name), imageTag=RELEASE)


def policy(env: Environment) -> dict:
    """Who of another account may do what."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            grant("pull", f"arn:aws:iam::{MAIN}:root", PULL),
            grant("push", env.build_role, PUSH),
        ],
    }


def grant(sid: str, principal: str, actions: list[str]) -> dict:
    """One grant."""
    return {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions}


def manifest(name: str) -> str:
    """A manifest that no other repository has."""
    digest = f"sha256:{name.encode().hex().ljust(64, '0')}"
    described = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": digest}
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": described,
            "layers": [],
        }
    )
