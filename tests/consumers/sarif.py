"""Validates a SARIF report by the schema of the standard, as the maintainers of the SDK ship it."""

import json
import sys
from pathlib import Path

import jsonschema

ships = Path(sys.prefix).parent / "node_modules/@microsoft/sarif-multitool-linux/sarif-2.1.0.json"
schema = json.loads(ships.read_text())
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
report = json.loads(Path(sys.argv[1]).read_text())
errors = list(validator(schema, format_checker=validator.FORMAT_CHECKER).iter_errors(report))
for error in errors[:20]:
    print(error.json_path, error.message[:300])
sys.exit(bool(errors))
