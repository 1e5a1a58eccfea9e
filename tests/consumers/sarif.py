"""Validates SARIF reports by the schema of the standard, as the maintainers of the SDK ship it."""

import json
import sys
from pathlib import Path

import jsonschema

ships = Path(sys.prefix).parent / "node_modules/@microsoft/sarif-multitool-linux/sarif-2.1.0.json"
schema = json.loads(ships.read_text())
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
validator = validator(schema, format_checker=validator.FORMAT_CHECKER)
bad = False
for name in sys.argv[1:]:
    for error in validator.iter_errors(json.loads(Path(name).read_text())):
        print(name, error.json_path, error.message[:300])
        bad = True
sys.exit(bad)
