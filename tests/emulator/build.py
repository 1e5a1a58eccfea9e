"""Fill a running emulator with an environment: `build.py --endpoint URL --variant dev`.

Prints the ids of what it built, as JSON.
"""

import argparse
import json
import urllib.request

from environment import account, compute, decoys, delivery, entry, faults, network, registry, roles
from environment.account import Environment, Naming

BARE = Naming(tags={"Environment": "development"}, tiers=False)
CONFORMANT = (network, entry, roles, registry, compute, delivery)
CROWD = {"subnets": 2500, "load_balancers": 200}


def build(endpoint: str, naming: Naming) -> Environment:
    """The environment as the design wants it, among things of others."""
    env = account.start(endpoint, naming)
    for part in (*CONFORMANT, decoys):
        part.build(env)
    return env


def crowd(endpoint: str) -> None:
    """Adds what thousands of requests would."""
    request = urllib.request.Request(f"{endpoint}/emulator/crowd", json.dumps(CROWD).encode(), method="POST")
    urllib.request.urlopen(request).close()


def main() -> None:
    """Builds the variant that was asked for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--endpoint", required=True)
    arguments.add_argument("--variant", choices=["dev", "broken", "bare-tags", "crowd"], default="dev")
    arguments.add_argument(
        "--fault", action="append", default=[], choices=faults.BY_NAME, help="break one thing; may be repeated"
    )
    chosen = arguments.parse_args()

    env = build(chosen.endpoint, BARE if chosen.variant == "bare-tags" else Naming())
    if chosen.variant == "crowd":
        crowd(chosen.endpoint)
    named = [faults.BY_NAME[name] for name in chosen.fault]
    for fault in faults.EVERY if chosen.variant == "broken" else named:
        fault(env)
    ids = {key: value for key, value in vars(env).items() if isinstance(value, str | list | dict)}
    print(json.dumps(ids, indent=2, sort_keys=True))


if __name__ == "__main__":
    main()
