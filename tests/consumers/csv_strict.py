"""Reads a CSV report as strictly as Python can, and prints its rows as JSON."""

import csv
import json
import sys

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    text = file.read()
assert "\0" not in text, "a NUL"
assert text.endswith("\r\n"), "the last line has no end"
assert "\n" not in text.replace("\r\n", ""), "a line that ends otherwise"
header, *rows = csv.reader(text.split("\r\n")[:-1], strict=True)
assert len(set(header)) == len(header), "a column twice"
for row in rows:
    assert len(row) == len(header), row
json.dump([dict(zip(header, row)) for row in rows], sys.stdout)
