"""Fill a running emulator with an environment: `build.py --endpoint URL --variant dev`.

Prints the ids of what it built, as JSON.
"""

import argparse
import json

from environment import account, compute, decoys, delivery, entry, network, registry, roles
from environment.account import Environment, Naming

BARE = Naming(tags={"Environment": "development"}, tiers=False)
CONFORMANT = (network, entry, roles, registry, compute, delivery)


def build(endpoint: str, naming: Naming) -> Environment:
    """The environment as the design wants it, among things of others."""
    env = account.start(endpoint, naming)
    for part in (*CONFORMANT, decoys):
        part.build(env)
    return env


def main() -> None:
    """Builds the variant that was asked for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--endpoint", required=True)
    arguments.add_argument("--variant", choices=["dev", "broken", "bare-tags", "crowd"], default="dev")
    chosen = arguments.parse_args()
    env = build(chosen.endpoint, BARE if chosen.variant == "bare-tags" else Naming())
    ids = {key: value for key, value in vars(env).items() if isinstance(value, str | list | dict)}
    print(json.dumps(ids, indent=2, sort_keys=True))


if __name__ == "__main__":
    main()
