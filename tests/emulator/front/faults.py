"""Rules that spoil chosen answers: `POST /emulator/faults`."""

from dataclasses import dataclass
from threading import Event, Lock

from . import refusals
from .call import Call

REFUSALS = {
    "deny": refusals.denied,
    "deny_scp": lambda call: refusals.denied(call, "service control policy"),
    "throttle": refusals.throttled,
    "unknown": refusals.unknown,
    "500": refusals.broken,
    "html": lambda call: refusals.page(200),
    "html_500": lambda call: refusals.page(500),
    "empty": lambda call: refusals.empty_object(),
}
CUT_CONNECTION = "reset"
HOLD = "hold"


@dataclass
class Rule:
    """One rule: which requests it spoils, how, and how often still."""

    call: str
    fault: str
    times: int | None = None
    page: int | None = None
    account: str | None = None
    region: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        if self.fault not in REFUSALS and self.fault not in (CUT_CONNECTION, HOLD):
            raise ValueError(f"no fault is called {self.fault!r}")

    def takes(self, call: Call, page: int, text: str) -> bool:
        """Whether it spoils this request."""
        return (
            self.times != 0
            and self.call in (call.name, f"{call.service}:*")
            and self.page in (None, page)
            and self.account in (None, call.account)
            and self.region in (None, call.region)
            and (self.key is None or self.key in text)
        )


class Faults:
    """The rules in force; the first that takes a request spoils it."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.lock = Lock()
        self.holding = Event()
        self.released = Event()

    def replace(self, rules: list[dict]) -> None:
        """Puts these rules in the place of all; calls that were held go on."""
        parsed = [Rule(**rule) for rule in rules]
        with self.lock:
            self.rules = parsed
            self.released.set()
            self.holding, self.released = Event(), Event()

    def hold(self) -> None:
        """Keeps a call waiting until the rules change."""
        with self.lock:
            holding, released = self.holding, self.released
        holding.set()
        released.wait()

    def fault_for(self, call: Call, page: int, text: str) -> str | None:
        """The fault that this request meets, if any."""
        with self.lock:
            for rule in self.rules:
                if rule.takes(call, page, text):
                    if rule.times is not None:
                        rule.times -= 1
                    return rule.fault
        return None
