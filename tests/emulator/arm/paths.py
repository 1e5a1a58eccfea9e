"""What a path of ARM's names: a scope, a resource in it, or a list."""

from dataclasses import dataclass
from urllib.parse import unquote


class Unreadable(ValueError):
    """No path of ARM's."""


@dataclass(frozen=True)
class Place:
    """A path, read: what is before its last `providers`, and the types and names behind."""

    scope: tuple[str, ...]
    """`("subscriptions", s, "resourceGroups", g)`, an extension's whole resource, or nothing."""
    namespace: str = ""
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def subscription(self) -> str:
        """The subscription's id, if it is in one."""
        return self.scope[1] if len(self.scope) > 1 and self.scope[0].lower() == "subscriptions" else ""

    @property
    def group(self) -> str:
        """The resource group's name, if it is in one."""
        return self.scope[3] if len(self.scope) > 3 and self.scope[2].lower() == "resourcegroups" else ""

    @property
    def type(self) -> str:
        """`microsoft.network/virtualnetworks/subnets`."""
        return "/".join((self.namespace, *self.types)).lower()

    @property
    def is_list(self) -> bool:
        """Whether no name follows the last type."""
        return len(self.types) > len(self.names)

    @property
    def is_extension(self) -> bool:
        """Whether it is of a resource that has a path of its own."""
        return len(self.scope) > 4

    @property
    def scope_id(self) -> str:
        """The path of what is before the provider."""
        return joined(self.scope)

    @property
    def parent_id(self) -> str:
        """The path of what it lies in: its scope, or the resource that it is a child of."""
        above = min(len(self.names), len(self.types) - 1)
        if above < 1:
            return self.scope_id
        pairs = [each for pair in zip(self.types[:above], self.names[:above], strict=True) for each in pair]
        return joined((*self.scope, "providers", self.namespace, *pairs))


def joined(segments: tuple[str, ...]) -> str:
    """A path of these segments."""
    return "".join(f"/{each}" for each in segments)


def segments_of(path: str) -> tuple[str, ...]:
    """A path's segments, decoded."""
    if not path.startswith("/") or "//" in path:
        raise Unreadable(path)
    return tuple(unquote(each) for each in path.strip("/").split("/") if each)


def read(path: str) -> Place:
    """Reads a path."""
    segments = segments_of(path)
    at = max((i for i, each in enumerate(segments) if each.lower() == "providers"), default=None)
    if at is None:
        return Place(segments)
    rest = segments[at + 1 :]
    return Place(segments[:at], *rest[:1], types=rest[1::2], names=rest[2::2])
