"""Policies of tables, whose revisions repeat from run to run."""

from moto.dynamodb.models.table import ResourcePolicy
from moto.moto_api._internal import mock_random

from .replacing import after


def install() -> None:
    """Replaces what counts a policy's revisions: moto takes the time for it."""
    after(ResourcePolicy, "__init__")(number)


def number(policy, _made, *_args, **_kwargs) -> None:
    """A revision's number."""
    policy.revision_id = str(mock_random.randint(10**12, 10**13 - 1))
