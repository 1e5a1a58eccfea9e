"""Prints the documents of a YAML file as a JSON list.

usage: yaml_documents.py FILE
"""

import json
import sys
from pathlib import Path

import yaml

json.dump(list(yaml.safe_load_all(Path(sys.argv[1]).read_text(encoding="utf-8"))), sys.stdout)
