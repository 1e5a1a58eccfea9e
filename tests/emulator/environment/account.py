"""Who builds, where, and under which names."""

import os
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace

import boto3
from botocore.config import Config

MAIN = "111111111111"
COMMON = os.environ.get("EMULATOR_COMMON_ACCOUNT", "999999999999")
REGION = "us-west-1"
HOST = "app.dev.example.com"
REGISTRY = f"{COMMON}.dkr.ecr.{REGION}.amazonaws.com"
RELEASE = "0.0.1_dev1"

KEYS = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}


@dataclass(frozen=True)
class Naming:
    """How this environment says what belongs to it."""

    tags: dict[str, str] = field(default_factory=lambda: {"env": "dev"})
    tiers: bool = True
    """Whether subnets say by name and tag if they are public."""

    def subnet(self, tier: str, zone: str) -> tuple[str, dict[str, str]]:
        """A subnet's name and further tags."""
        if self.tiers:
            return f"dev-{tier}-{zone}", {"tier": tier}
        return f"dev-{ {'public': 'front', 'private': 'back'}[tier] }-{zone}", {}


def pairs(tags: dict[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags in the form that most services take."""
    return [{key: name, value: text} for name, text in tags.items()]


class Account:
    """Clients of one account."""

    def __init__(self, endpoint: str, keys: dict[str, str], region: str = REGION) -> None:
        self.endpoint = endpoint
        self.session = boto3.Session(region_name=region, **keys)
        self.client = cache(self._client)

    def _client(self, service: str):
        config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})
        return self.session.client(service, endpoint_url=self.endpoint, config=config)


def main_account(endpoint: str, region: str = REGION) -> Account:
    """The account of the environment."""
    return Account(endpoint, KEYS, region)


def common_account(endpoint: str) -> Account:
    """The account that all projects share, by the role that a scan takes."""
    role = (
        main_account(endpoint)
        .client("sts")
        .assume_role(RoleArn=f"arn:aws:iam::{COMMON}:role/stacks-audit", RoleSessionName="build")["Credentials"]
    )
    return Account(
        endpoint,
        {
            "aws_access_key_id": role["AccessKeyId"],
            "aws_secret_access_key": role["SecretAccessKey"],
            "aws_session_token": role["SessionToken"],
        },
    )


class Environment(SimpleNamespace):
    """What is built so far: accounts, naming, and the ids that later steps need."""

    main: Account
    common: Account
    naming: Naming

    def tags(self, name: str | None = None, **more: str) -> dict[str, str]:
        """The tags of something that belongs to this environment."""
        return {**({"Name": name} if name else {}), **self.naming.tags, **more}

    def specification(self, kind: str, name: str, **more: str) -> list[dict]:
        """The same, in EC2's form."""
        return [{"ResourceType": kind, "Tags": pairs(self.tags(name, **more))}]


def start(endpoint: str, naming: Naming) -> Environment:
    """An environment with nothing in it."""
    return Environment(main=main_account(endpoint), common=common_account(endpoint), naming=naming)
