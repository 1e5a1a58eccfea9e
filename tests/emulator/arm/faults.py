"""Rules that spoil chosen answers: `POST /emulator/azure/faults`."""

import re
from dataclasses import dataclass
from threading import Event, Lock

FAULTS = {"deny", "throttle", "error", "evil_next", "redirect", "html", "empty", "array", "null", "hang", "drop"}
FAULTS |= {"expired", "policy", "unregistered", "missing", "pass"}


@dataclass
class Rule:
    """One rule: which requests it spoils, how, and how often still."""

    call: str
    """A pattern that is looked for in `GET /path?query`, whatever the cases; or it ends where the path does."""
    fault: str
    times: int | None = None
    from_page: int = 1
    retry_after: int | str | None = 1
    """How long `throttle` and `error` ask callers to wait: seconds, or a date."""
    retry_after_ms: int | None = None
    """The same in Azure's own header, which knows shorter times."""
    code: int = 503
    url: str | None = None

    def __post_init__(self) -> None:
        if self.fault not in FAULTS:
            raise ValueError(f"no fault is called {self.fault!r}")
        self.pattern: re.Pattern = re.compile(self.call, re.IGNORECASE)

    @property
    def waits(self) -> dict[str, str]:
        """The headers that say how long to wait."""
        said = {"Retry_After": self.retry_after, "x_ms_retry_after_ms": self.retry_after_ms}
        return {name: str(value) for name, value in said.items() if value is not None}

    def takes(self, text: str, page: int) -> bool:
        """Whether it spoils this request."""
        found = self.pattern.search(text) or self.pattern.search(text.partition("?")[0])
        return self.times != 0 and page >= self.from_page and found is not None


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

    def rule_for(self, text: str, page: int = 1) -> Rule | None:
        """The rule that this request meets, if any."""
        with self.lock:
            for rule in self.rules:
                if rule.takes(text, page):
                    if rule.times is not None:
                        rule.times -= 1
                    return rule
        return None
