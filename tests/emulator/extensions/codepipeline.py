"""Times as numbers, which is what AWS sends and its SDKs read."""

from moto.codepipeline import models
from moto.core.utils import unix_time


def install() -> None:
    """Replaces the function that writes times as text."""
    models.iso_8601_datetime_with_milliseconds = unix_time
