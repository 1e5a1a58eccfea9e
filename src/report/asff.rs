//! `asff`: the AWS Security Finding Format, one JSON array, for `aws securityhub batch-import-findings`. Its findings are
//! sorted by the account and region that they are to be imported in. What lies in no account of AWS (a cluster, a
//! subscription) is filed under the run's own; a run without one has no place in Security Hub, and is refused.

use std::io;

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use super::Report;
use super::feed::{Bounds, Entry, Feed, is_account, is_region, object, subject_id};
use super::json::visible;
use crate::model::run::{Disposition, Finding, Run, Severity, Status};

/// Characters that the API takes, by field.
const ID: usize = 512;
const TITLE: usize = 256;
const DESCRIPTION: usize = 1024;
const RECOMMENDATION: usize = 512;
const PRODUCT_FIELD: usize = 2048;
const RESOURCE_FIELD: usize = 1024;
const NOTE: usize = 512;
/// The most values that are told of a list.
const LISTED: usize = 50;

pub(super) struct Asff;

impl Report for Asff {
    fn id(&self) -> &'static str {
        "asff"
    }

    fn write(&self, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
        let feed = Feed::of(run);
        let Some(own) = feed.account() else {
            let why = "no account of AWS was audited, and Security Hub takes findings of such accounts alone";
            return Err(io::Error::new(io::ErrorKind::Unsupported, why));
        };
        let placed = feed.entries().map(|entry| {
            let subject = &entry.finding.subject;
            let account = if is_account(&subject.account) { &subject.account } else { own };
            Placed { account, region: feed.region(account, subject), entry }
        });
        let mut all: Vec<Placed<'_>> = placed.collect();
        // Stable: within one account and region they keep the order of the checks.
        all.sort_by_key(|placed| (placed.account, placed.region));
        let mut before = "[\n";
        for placed in &all {
            let text = serde_json::to_string(&finding(&feed, placed))?;
            write!(out, "{before}{}", visible(&text))?;
            before = ",\n";
        }
        out.write_all(if all.is_empty() { b"[]\n" } else { b"\n]\n" })
    }
}

/// A finding, with the account and region whose Security Hub takes it.
struct Placed<'r> {
    account: &'r str,
    region: &'r str,
    entry: Entry<'r>,
}

fn finding(feed: &Feed<'_>, placed: &Placed<'_>) -> Value {
    let Placed { account, region, entry } = placed;
    let Entry { finding, audit, gone } = entry;
    let mut to = Bounds::default();
    let partition = crate::model::aws::partition(region);
    let at = feed.run.captured_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let open = !gone && finding.status.is_wrong();
    let (label, normalized) = severity(if open { finding.severity } else { Severity::Info });
    let original = finding.severity.as_str();
    let kind =
        format!("Software and Configuration Checks/Industry and Regulatory Standards/{}", audit.design.id);
    let kinds = json!([to.text(&kind, ID)]);
    let says = if finding.says.is_empty() { &finding.check } else { &finding.says };
    let (status, reason) = if *gone { ("NOT_AVAILABLE", "GONE") } else { compliance(finding.status) };
    let message = to.some(&finding.message, DESCRIPTION);
    let waived = finding.disposition.as_ref();
    let fix = to.text(&finding.fix, RECOMMENDATION);
    let cite = to.text(&finding.cite, DESCRIPTION);
    object([
        ("SchemaVersion", "2018-10-08".into()),
        ("Id", to.some(&finding.id, ID).into()),
        (
            "ProductArn",
            format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default").into(),
        ),
        ("ProductName", feed.run.tool.name.as_str().into()),
        ("CompanyName", feed.run.tool.name.as_str().into()),
        ("GeneratorId", to.some(&finding.check, ID).into()),
        ("AwsAccountId", (*account).into()),
        ("Types", kinds.clone()),
        ("CreatedAt", at.as_str().into()),
        ("UpdatedAt", at.as_str().into()),
        ("Severity", json!({ "Label": label, "Normalized": normalized, "Original": original })),
        ("Title", to.some(says, TITLE).into()),
        ("Description", description(finding, *gone, &mut to).into()),
        ("Remediation", object([("Recommendation", object([("Text", fix.into())]))])),
        ("ProductFields", product_fields(feed.run, entry, &mut to)),
        ("Resources", json!([resource(feed, placed, &mut to)])),
        (
            "Compliance",
            object([
                ("Status", status.into()),
                ("RelatedRequirements", if cite.trim().is_empty() { Value::Null } else { json!([cite]) }),
                ("StatusReasons", json!([{ "ReasonCode": reason, "Description": message }])),
            ]),
        ),
        // Taken over when the finding is first imported; after that it is the readers'.
        ("Workflow", json!({ "Status": if waived.is_some() { "SUPPRESSED" } else { "NEW" } })),
        ("RecordState", if *gone { "ARCHIVED" } else { "ACTIVE" }.into()),
        ("Note", waived.map(|waived| note(waived, &at, &mut to)).into()),
        (
            "FindingProviderFields",
            json!({ "Severity": { "Label": label, "Original": original }, "Types": kinds }),
        ),
    ])
}

/// UNKNOWN is the format's WARNING: "some information is missing". What does not apply is `NOT_AVAILABLE`.
fn compliance(status: Status) -> (&'static str, &'static str) {
    let word = match status {
        Status::Pass => "PASSED",
        Status::Unknown => "WARNING",
        Status::Fail => "FAILED",
        Status::NotApplicable => "NOT_AVAILABLE",
    };
    (word, status.as_str())
}

fn severity(severity: Severity) -> (&'static str, u32) {
    match severity {
        Severity::Info => ("INFORMATIONAL", 0),
        Severity::Low => ("LOW", 1),
        Severity::Medium => ("MEDIUM", 40),
        Severity::High => ("HIGH", 70),
        Severity::Critical => ("CRITICAL", 90),
    }
}

/// What was found, then why it matters.
fn description(finding: &Finding, gone: bool, to: &mut Bounds) -> String {
    let was = if gone { "no finding any more; it was: " } else { "" };
    let why = if finding.why.is_empty() { String::new() } else { format!(" — {}", finding.why) };
    let status = finding.status.as_str();
    to.some(&format!("{was}{status}: {}{why}", finding.message), DESCRIPTION)
}

fn note(
    Disposition::Waived { reason, owner, approved_by, expires }: &Disposition,
    at: &str,
    to: &mut Bounds,
) -> Value {
    let text = format!("Waived until {expires} by {owner}: {reason}");
    json!({ "Text": to.text(&text, NOTE), "UpdatedBy": to.some(approved_by, NOTE), "UpdatedAt": at })
}

/// What the format has no place for.
fn product_fields(run: &Run, entry: &Entry<'_>, to: &mut Bounds) -> Value {
    let Entry { finding, audit, .. } = entry;
    let mut calls: Vec<&str> = finding.evidence.iter().map(|evidence| evidence.call.as_str()).collect();
    calls.sort_unstable();
    calls.dedup();
    let facts =
        finding.evidence.iter().take(LISTED).map(|evidence| {
            format!("{} = {}", to.text(&evidence.fact, TITLE), to.value(&evidence.value, TITLE))
        });
    let facts: Vec<String> = facts.collect();
    to.cut |= finding.evidence.len() > LISTED;
    let waiver = finding.disposition.as_ref().map(Disposition::told);
    let joined =
        |texts: &[String]| texts.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join("; ");
    let fields = [
        ("env", run.env.clone()),
        ("design", format!("{} {}", audit.design.id, audit.design.version)),
        ("status", finding.status.as_str().to_owned()),
        ("basis", finding.basis.as_str().to_owned()),
        ("policy", format!("{}:{}", finding.policy.file, finding.policy.line)),
        ("account", finding.subject.account.clone()),
        ("calls", calls.into_iter().filter(|call| !call.is_empty()).collect::<Vec<_>>().join(", ")),
        ("evidence", facts.join("; ")),
        ("assumptions", joined(&finding.assumptions)),
        ("caused-by", joined(&finding.caused_by)),
        ("waiver", waiver.unwrap_or_default()),
        ("state", finding.state_hash.clone()),
        ("snapshot", run.snapshot_digest.clone()),
        ("not-assessed", not_assessed(audit.unassessed.len())),
    ];
    let mut all = Map::new();
    for (key, text) in fields {
        if !text.trim().is_empty() {
            all.insert(format!("stacks-audit/{key}"), to.text(&text, PRODUCT_FIELD).into());
        }
    }
    if to.cut {
        all.insert("stacks-audit/cut".to_owned(), "true".into());
    }
    all.into()
}

fn not_assessed(count: usize) -> String {
    if count == 0 { String::new() } else { format!("{count} of the design's requirements") }
}

fn resource(feed: &Feed<'_>, placed: &Placed<'_>, to: &mut Bounds) -> Value {
    let subject = &placed.entry.finding.subject;
    let (kind, arn) = resource_type(&subject.kind);
    let in_aws = is_account(&subject.account);
    let region = in_aws && is_region(&subject.region);
    let id = match arn {
        Some(part) if region && !subject.id.starts_with("arn:") => {
            format!(
                "arn:{}:ec2:{}:{}:{part}/{}",
                feed.partition(subject),
                subject.region,
                subject.account,
                subject.id
            )
        }
        _ => subject_id(&placed.entry),
    };
    let mut other = |key: &'static str, text: &str| (key, Value::from(to.text(text, RESOURCE_FIELD)));
    let other =
        [other("kind", &subject.kind), other("name", &subject.name), other("account", &subject.account)];
    let other =
        other.into_iter().filter(|(_, text)| text.as_str().is_some_and(|text| !text.trim().is_empty()));
    object([
        ("Type", kind.into()),
        ("Id", to.some(&id, ID).into()),
        ("Partition", in_aws.then(|| feed.partition(subject)).into()),
        ("Region", region.then_some(subject.region.as_str()).into()),
        ("Details", json!({ "Other": other.collect::<Value>() })),
    ])
}

/// What Security Hub calls this kind, and how an ARN of EC2 names it: those are known to us by their bare ids.
fn resource_type(kind: &str) -> (&'static str, Option<&'static str>) {
    match kind {
        "aws.acm_certificate" => ("AwsCertificateManagerCertificate", None),
        "aws.codebuild_project" => ("AwsCodeBuildProject", None),
        "aws.dynamodb_table" => ("AwsDynamoDbTable", None),
        "aws.ecr_repository" => ("AwsEcrRepository", None),
        "aws.ecs_cluster" => ("AwsEcsCluster", None),
        "aws.ecs_service" => ("AwsEcsService", None),
        "aws.ecs_task" => ("AwsEcsTask", None),
        "aws.ecs_task_definition" => ("AwsEcsTaskDefinition", None),
        "aws.eks_cluster" => ("AwsEksCluster", None),
        "aws.iam_policy" => ("AwsIamPolicy", None),
        "aws.iam_role" => ("AwsIamRole", None),
        "aws.instance" => ("AwsEc2Instance", Some("instance")),
        "aws.internet_gateway" => ("Other", Some("internet-gateway")),
        "aws.load_balancer" => ("AwsElbv2LoadBalancer", None),
        "aws.nat_gateway" => ("Other", Some("natgateway")),
        "aws.network_acl" => ("AwsEc2NetworkAcl", Some("network-acl")),
        "aws.network_interface" => ("AwsEc2NetworkInterface", Some("network-interface")),
        "aws.prefix_list" => ("Other", Some("prefix-list")),
        "aws.rds_cluster" => ("AwsRdsDbCluster", None),
        "aws.rds_instance" => ("AwsRdsDbInstance", None),
        "aws.route53_zone" => ("AwsRoute53HostedZone", None),
        "aws.route_table" => ("AwsEc2RouteTable", Some("route-table")),
        "aws.s3_bucket" => ("AwsS3Bucket", None),
        "aws.secret" => ("AwsSecretsManagerSecret", None),
        "aws.security_group" => ("AwsEc2SecurityGroup", Some("security-group")),
        "aws.subnet" => ("AwsEc2Subnet", Some("subnet")),
        "aws.vpc" => ("AwsEc2Vpc", Some("vpc")),
        "aws.vpc_endpoint" => ("Other", Some("vpc-endpoint")),
        _ => ("Other", None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn findings(run: &Run) -> Vec<Value> {
        let mut bytes = Vec::new();
        Asff.write(run, &mut bytes).expect("memory takes every byte");
        serde_json::from_slice(&bytes).expect("an array")
    }

    fn of<'f>(findings: &'f [Value], check: &str) -> &'f Value {
        let check = format!("{}/{check}", sample::DESIGN);
        findings.iter().find(|finding| finding["GeneratorId"] == check.as_str()).expect("a finding")
    }

    #[test]
    fn verdicts_are_told_apart() {
        let findings = findings(&sample::run());
        for (check, status, label, workflow) in [
            ("node.vpc", "PASSED", "INFORMATIONAL", "NEW"),
            ("node.nat", "FAILED", "HIGH", "NEW"),
            ("node.database", "WARNING", "MEDIUM", "NEW"),
            ("node.database/private", "FAILED", "CRITICAL", "SUPPRESSED"),
            ("edge.task-registry", "NOT_AVAILABLE", "INFORMATIONAL", "NEW"),
        ] {
            let finding = of(&findings, check);
            assert_eq!(finding["Compliance"]["Status"], status, "{check}");
            assert_eq!(finding["Severity"]["Label"], label, "{check}");
            assert_eq!(finding["Workflow"]["Status"], workflow, "{check}");
        }
        let note = of(&findings, "node.database/private")["Note"]["Text"].as_str().expect("a note");
        assert!(note.contains("until 2027-01-31") && note.contains("OPS-412"), "{note}");
        let said = &of(&findings, "node.vpc")["ProductFields"]["stacks-audit/not-assessed"];
        assert_eq!(said, "1 of the design's requirements");
    }

    #[test]
    fn resources_are_named_as_security_hub_names_them() {
        let findings = findings(&sample::run());
        let resource = |check: &str| of(&findings, check)["Resources"][0].clone();
        let vpc = resource("node.vpc");
        assert_eq!(
            (&vpc["Type"], &vpc["Id"]),
            (&json!("AwsEc2Vpc"), &json!("arn:aws:ec2:us-west-1:111111111111:vpc/vpc-0a1b2c3d"))
        );
        let service = resource("node.service");
        assert_eq!(service["Type"], "AwsEcsService");
        assert_eq!(service["Id"], "arn:aws:ecs:us-west-1:111111111111:service/app/backend");
    }

    #[test]
    fn each_account_and_region_gets_its_own() {
        let mut run = sample::run();
        let all = &mut run.audits[0].findings;
        all[0].subject.account = "222222222222".into();
        all[0].subject.region = "cn-north-1".into();
        all[1].subject.account = "cluster.example.com".into();
        all[1].subject.region = String::new();
        all[2].subject.region = "global".into();
        let ids: Vec<String> = all[..3].iter().map(|finding| finding.id.clone()).collect();
        let findings = findings(&run);
        let arn = |id: &str| {
            findings.iter().find(|finding| finding["Id"] == id).expect("there")["ProductArn"].clone()
        };
        assert_eq!(
            arn(&ids[0]),
            "arn:aws-cn:securityhub:cn-north-1:222222222222:product/222222222222/default"
        );
        for id in &ids[1..] {
            assert_eq!(arn(id), "arn:aws:securityhub:us-west-1:111111111111:product/111111111111/default");
        }
        let mut order: Vec<&str> =
            findings.iter().filter_map(|finding| finding["ProductArn"].as_str()).collect();
        order.dedup();
        assert_eq!(order.len(), 2, "those of one account and region stand together: {order:?}");
    }

    #[test]
    fn nothing_found_is_an_empty_list_and_no_account_is_an_error() {
        assert_eq!(findings(&sample::empty()), [Value::Null; 0]);
        let mut run = sample::run();
        run.identity.clear();
        let error = Asff.write(&run, &mut Vec::new()).expect_err("no account");
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    }

    #[test]
    fn a_finding_stays_within_what_the_api_takes() {
        let mut run = sample::run();
        let long = "\u{202e}".repeat(1 << 14);
        let nat = run.audits[0].findings.iter_mut().find(|f| f.subject.id == "nat").expect("there");
        for text in [
            &mut nat.message,
            &mut nat.says,
            &mut nat.why,
            &mut nat.fix,
            &mut nat.cite,
            &mut nat.subject.name,
        ] {
            text.clone_from(&long);
        }
        nat.evidence[0].value = long.as_str().into();
        nat.evidence = vec![nat.evidence[0].clone(); 100];
        let findings = findings(&run);
        let nat = of(&findings, "node.nat");
        assert!(nat.to_string().len() < 60_000, "a hundred of them fit into a request of 6 MB");
        let title = nat["Title"].as_str().expect("a title");
        assert!(title.ends_with('…') && title.len() <= TITLE + '…'.len_utf8(), "{title}");
        assert_eq!(nat["ProductFields"]["stacks-audit/cut"], "true");
    }
}
