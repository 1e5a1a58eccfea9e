"""Rules that spoil chosen answers: `POST /emulator/kubernetes/faults`."""

from dataclasses import dataclass
from threading import Event, Lock

FAULTS = {"deny", "unauthorized", "expire", "unserved", "500", "throttle", "html", "empty", "null", "hold", "reset"}
FAULTS |= {"pass"}
"""`pass` spoils nothing, and keeps later rules from what it takes; `expire` spoils pages after the first alone; `null` puts no list into a list; `hold` never answers until the rules
change; `reset` drops the connection."""


@dataclass
class Rule:
    """One rule: which requests it spoils, how, and how often still."""

    resource: str
    """`pods`, `version`; `*` is all."""
    fault: str
    times: int | None = None
    namespace: str | None = None
    user: str | None = None
    continued: bool | None = None
    """Only pages after the first, or only first ones."""
    seconds: int = 1
    """What `throttle` asks callers to wait."""

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"no fault is called {self.fault!r}")
        if self.fault == "expire":
            self.continued = True

    def takes(self, resource: str, namespace: str | None, user: str, continued: bool) -> bool:
        """Whether it spoils this request."""
        return (
            self.times != 0
            and self.resource in ("*", resource)
            and self.namespace in (None, namespace)
            and self.user in (None, user)
            and self.continued in (None, continued)
        )


class Faults:
    """The rules in force; the first that takes a request spoils it."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.lock = Lock()
        self.holding = Event()
        self.released = Event()

    def replace(self, rules: list[dict]) -> None:
        """Puts these rules in the place of all; requests that were held go on."""
        parsed = [Rule(**rule) for rule in rules]
        with self.lock:
            self.rules = parsed
            self.released.set()
            self.holding, self.released = Event(), Event()

    def hold(self) -> None:
        """Keeps a request waiting until the rules change."""
        with self.lock:
            holding, released = self.holding, self.released
        holding.set()
        released.wait()

    def rule_for(self, resource: str, namespace: str | None, user: str, continued: bool) -> Rule | None:
        """The rule that this request meets, if any."""
        with self.lock:
            for rule in self.rules:
                if rule.takes(resource, namespace, user, continued):
                    if rule.times is not None:
                        rule.times -= 1
                    return rule
        return None
