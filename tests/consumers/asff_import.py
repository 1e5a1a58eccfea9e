"""Imports findings into Security Hub as the AWS SDK does: checked against botocore's model of the API (its shapes and
what it documents of lengths and items), then sent to moto in batches. Prints what was imported of each file, as JSON."""

import collections
import json
import os
import re
import sys
from datetime import datetime

# The emulator answers in this process; nothing of this machine's own configuration is to be read.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
)

import boto3  # noqa: E402
from botocore.validate import ParamValidator  # noqa: E402
from moto import mock_aws  # noqa: E402

SESSION = boto3.Session()
API = SESSION.client("securityhub", region_name="us-east-1").meta.service_model.operation_model("BatchImportFindings")
BATCH = API.input_shape.members["Findings"]
FINDING = BATCH.member
# The service's quotas, of a finding and of a request.
FINDING_BYTES = 240 * 1024
REQUEST_BYTES = 6 * 1024 * 1024


def documented(shape, name, value):
    """What the member's documentation says of its length."""
    text = shape.documentation or ""
    if isinstance(value, str) and (most := re.search(r"Maximum length of (\d+)", text)):
        if len(value) > int(most[1]):
            yield f"{name} is longer than {most[1]}"
    if isinstance(value, list) and (most := re.search(r"Maximum number of (\d+) item", text)):
        if len(value) > int(most[1]):
            yield f"{name} has more than {most[1]} items"
    if isinstance(value, dict) and (most := re.search(r"up to (\d+) key-value pairs", text)):
        key, longest = re.search(r"key can contain up to (\d+).*value can contain up to (\d+)", text).groups()
        if len(value) > int(most[1]):
            yield f"{name} has more than {most[1]} pairs"
        for own, text in value.items():
            if len(own) > int(key) or len(text) > int(longest):
                yield f"{name}.{own} is too long"


def broken(shape, name, value):
    """What the model says that botocore leaves to the service: patterns, enumerations, documented lengths."""
    if shape.type_name == "structure":
        for own, member in value.items():
            yield from documented(shape.members[own], f"{name}.{own}", member)
            yield from broken(shape.members[own], f"{name}.{own}", member)
    elif shape.type_name == "list":
        for number, item in enumerate(value):
            yield from broken(shape.member, f"{name}[{number}]", item)
    elif shape.type_name == "map":
        for own, item in value.items():
            yield from broken(shape.key, f"{name} key {own!r}", own)
            yield from broken(shape.value, f"{name}.{own}", item)
    elif shape.type_name == "string":
        pattern = shape.metadata.get("pattern")
        if pattern and not re.search(pattern, value):
            yield f"{name} is {value!r}, not of {pattern}"
        if shape.enum and value not in shape.enum:
            yield f"{name} is {value!r}, not one of {shape.enum}"


def check(finding):
    report = ParamValidator().validate(finding, FINDING)
    if report.has_errors():
        yield report.generate_report()
        return
    yield from broken(FINDING, "finding", finding)
    if len(json.dumps(finding).encode()) > FINDING_BYTES:
        yield "the finding is too large"
    known = FINDING.members["Resources"].member.members["Details"].members
    for resource in finding["Resources"]:
        if resource["Type"] not in {"Other", *known}:
            yield f"there is no resource type {resource['Type']}"
    for name in ("CreatedAt", "UpdatedAt"):
        datetime.strptime(finding[name], "%Y-%m-%dT%H:%M:%S.%fZ")
    arn = re.fullmatch(r"arn:([^:]+):securityhub:([^:]+):(\d{12}):product/(\d{12})/default", finding["ProductArn"])
    if not arn:
        yield f"not the ARN of an account's own product: {finding['ProductArn']}"
    elif {arn[3], arn[4]} != {finding["AwsAccountId"]}:
        yield f"{finding['ProductArn']} is not of account {finding['AwsAccountId']}"
    elif SESSION.get_partition_for_region(arn[2]) != arn[1]:
        yield f"{arn[2]} is no region of {arn[1]}"


def batches(findings):
    """As the README tells users to: by account and region, as many as a request takes."""
    by_product = collections.defaultdict(list)
    for finding in findings:
        by_product[finding["ProductArn"]].append(finding)
    for product, group in by_product.items():
        for start in range(0, len(group), BATCH.metadata["max"]):
            yield product.split(":")[3], group[start : start + BATCH.metadata["max"]]


def imported(path):
    with open(path, encoding="utf-8") as file:
        findings = json.load(file)
    for number, finding in enumerate(findings):
        if errors := list(check(finding)):
            sys.exit(f"{path}: finding {number}: " + "; ".join(errors)[:2000])
    ids = [(finding["ProductArn"], finding["Id"]) for finding in findings]
    assert len(set(ids)) == len(ids), "two findings have one id"

    counts = collections.Counter()
    with mock_aws():
        regions = set()
        for region, batch in batches(findings):
            assert len(json.dumps(batch).encode()) <= REQUEST_BYTES, "the request is too large"
            hub = SESSION.client("securityhub", region_name=region)
            answer = hub.batch_import_findings(Findings=batch)
            assert answer["FailedCount"] == 0 and answer["SuccessCount"] == len(batch), answer
            regions.add(region)
        for region in regions:
            hub = SESSION.client("securityhub", region_name=region)
            for page in hub.get_paginator("get_findings").paginate():
                for finding in page["Findings"]:
                    verdict = f"{finding['Compliance']['Status']} {finding['Severity']['Label']}"
                    counts[f"{finding['AwsAccountId']} {verdict} {finding['Workflow']['Status']} {finding['RecordState']}"] += 1
    assert sum(counts.values()) == len(findings), counts
    return counts


print(json.dumps([imported(path) for path in sys.argv[1:]]))
