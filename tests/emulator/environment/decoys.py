"""What else the account holds: none of it belongs to the environment."""

from .account import Environment


def build(env: Environment) -> None:
    """Things of another environment, and of nobody."""
