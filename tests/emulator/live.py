"""Make a configuration that reaches the emulated Azure: `live.py azure.json stacks-audit.toml WHERE`.

Prints the tenant, and the id and the secret of a client that may read everything.
"""

import json
import sys
from pathlib import Path

from environment.aks.plan import OTHER_SUBSCRIPTION, SUBSCRIPTION

SUBSCRIPTIONS = {
    "11111111-1111-1111-1111-111111111111": SUBSCRIPTION,
    "99999999-9999-9999-9999-999999999999": OTHER_SUBSCRIPTION,
}
"""What scrubbing leaves of the emulator's ids."""


def main() -> None:
    """Writes the configuration."""
    told, template, where = (Path(each) for each in sys.argv[1:])
    azure = json.loads(told.read_text())
    addresses = {"https://arm.example.com": azure["arm"], "https://login.example.com": azure["authority"]}
    text = template.read_text()
    for one, other in (SUBSCRIPTIONS | addresses).items():
        text = text.replace(one, other)
    where.write_text(text)
    reader = azure["principals"]["reader"]
    print(azure["tenant"], reader["client_id"], reader["secret"])


if __name__ == "__main__":
    main()
