"""Reads metrics by the strict parser of OpenMetrics and by that of the older format, and prints the samples.

usage: openmetrics.py FILE
"""

import json
import sys

from prometheus_client import parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    text = file.read()


def samples(families):
    return [
        [sample.name, dict(sorted(sample.labels.items())), sample.value]
        for family in families
        for sample in family.samples
    ]


strict = list(text_string_to_metric_families(text))
older = samples(parser.text_string_to_metric_families(text))
assert all(family.type == "gauge" and family.documentation for family in strict)
assert samples(strict) == older, "the two formats are read apart"
json.dump(older, sys.stdout)
