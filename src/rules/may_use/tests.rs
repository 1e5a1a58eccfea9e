use serde_json::{Value, json};

use super::*;
use crate::model::aws::{dynamodb, ec2, eks, iam};
use crate::model::kubernetes::workload::SERVICE_ACCOUNTS;
use crate::rules::iam::testing::{Found, Lab, MAIN, SERVER, SHOP, here, in_shop, kubernetes, policy, unread};

const CLUSTER: &str = "arn:aws:eks:us-west-1:111111111111:cluster/main";
const TABLE: &str = "arn:aws:dynamodb:us-west-1:111111111111:table/menu";
const OTHER: &str = "arn:aws:dynamodb:us-west-1:111111111111:table/other";
const ROLE: &str = "arn:aws:iam::111111111111:role/api";
const ISSUER: &str = "oidc.eks.us-west-1.amazonaws.com/id/0123456789ABCDEF";

/// A cluster that is the API server's, two tables, and no VPC endpoints.
fn cluster() -> Lab {
    let facts = json!({
        "status": "ACTIVE", "endpoint": SERVER, "certificate_authority": [], "vpc": "vpc-1", "subnets": [],
        "groups": [], "public_cidrs": [], "logging": [], "oidc_issuer": ISSUER,
    });
    let server = json!({ "server": SERVER, "certificate_authority": [], "version": "v1.33.1" });
    Lab::new()
        .add(Kind::EksCluster, CLUSTER, facts)
        .in_kubernetes(Kind::K8sCluster, SERVER, server)
        .table(TABLE, Value::Null)
        .table(OTHER, Value::Null)
        .complete(&dynamodb::TABLES, &here(), "")
        .complete(&ec2::VPC_ENDPOINTS, &here(), "")
}

trait Shop {
    fn table(self, arn: &str, policy: Value) -> Self;
    fn acting(self, statements: &Value, trust: &Value) -> Self;
    fn associated(self) -> Self;
    fn agent(self, status: &str) -> Self;
    fn annotated(self, role: Option<&str>) -> Self;
    fn provider(self, clients: &[&str]) -> Self;
    fn endpoint(self, id: &str, policy: Value) -> Self;
    fn used(self) -> Found;
}

impl Shop for Lab {
    fn table(self, arn: &str, policy: Value) -> Self {
        let description = unread(&dynamodb::TABLE, &here(), arn);
        let facts = json!({ "description": description, "point_in_time_recovery": false, "policy": policy });
        self.add(Kind::DynamodbTable, arn, facts)
    }

    /// The role, with what it may do and whom it trusts.
    fn acting(self, statements: &Value, trust: &Value) -> Self {
        let facts = json!({
            "trust": policy(trust), "attached_policies": [], "inline_policies": { "own": policy(statements) },
        });
        self.add(Kind::IamRole, ROLE, facts)
    }

    fn associated(self) -> Self {
        let facts =
            json!({ "cluster": CLUSTER, "namespace": "shop", "service_account": "api", "role": ROLE });
        self.add(Kind::EksPodIdentity, "association", facts)
    }

    /// The only add-on.
    fn agent(self, status: &str) -> Self {
        let addon = "arn:aws:eks:us-west-1:111111111111:addon/main/eks-pod-identity-agent/1";
        let facts = json!({ "cluster": CLUSTER, "status": status, "health_issues": [] });
        self.named(Kind::EksAddon, addon, "eks-pod-identity-agent", facts).complete(
            &eks::ADDONS,
            &here(),
            CLUSTER,
        )
    }

    /// The service account, where no association stands before it.
    fn annotated(self, role: Option<&str>) -> Self {
        let facts = json!({ "namespace": SHOP, "aws_role": role });
        self.in_kubernetes(Kind::K8sServiceAccount, &in_shop("serviceaccount", "api"), facts)
            .complete(&eks::POD_IDENTITIES, &here(), CLUSTER)
            .complete(&SERVICE_ACCOUNTS, &kubernetes(), SHOP)
    }

    fn provider(self, clients: &[&str]) -> Self {
        let arn = format!("arn:aws:iam::{MAIN}:oidc-provider/{ISSUER}");
        self.add(Kind::IamOidcProvider, &arn, json!({ "url": ISSUER, "clients": clients }))
    }

    fn endpoint(self, id: &str, policy: Value) -> Self {
        let facts = json!({
            "vpc": "vpc-1", "type": "Gateway", "service": "com.amazonaws.us-west-1.dynamodb",
            "state": "available", "subnets": [], "route_tables": ["rtb-1"], "groups": [],
            "private_dns": false, "policy": policy,
        });
        self.add(Kind::VpcEndpoint, id, facts)
    }

    fn used(self) -> Found {
        let facts = json!({
            "namespace": SHOP, "uid": "u", "updated": 1, "ready": 1, "available": 1, "paused": false,
            "selector": { "labels": {}, "expressions": [] }, "pod_labels": {}, "containers": [],
            "conditions": [], "service_account": "api",
        });
        let deployment = in_shop("deployment", "api");
        self.in_kubernetes(Kind::K8sDeployment, &deployment, facts).edges(
            &MayUse,
            Kind::K8sDeployment,
            &deployment,
        )
    }
}

fn allow(actions: &[&str], resource: &str) -> Value {
    json!([{ "Effect": "Allow", "Action": actions, "Resource": resource }])
}

fn menu() -> Value {
    allow(&["dynamodb:*"], TABLE)
}

/// Pod identity's trust.
#[expect(clippy::needless_pass_by_value, reason = "the callers make it on the spot")]
fn pods(actions: &[&str], condition: Value) -> Value {
    json!([{
        "Effect": "Allow", "Action": actions, "Principal": { "Service": "pods.eks.amazonaws.com" },
        "Condition": condition,
    }])
}

fn trusting() -> Value {
    pods(&["sts:AssumeRole", "sts:TagSession"], json!({}))
}

/// The trust of tokens under a condition.
#[expect(clippy::needless_pass_by_value, reason = "the callers make it on the spot")]
fn token(condition: Value) -> Value {
    let provider = format!("arn:aws:iam::{MAIN}:oidc-provider/{ISSUER}");
    json!([{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": { "Federated": provider }, "Condition": condition,
    }])
}

fn claims(subject: &str, audience: &str) -> Value {
    json!({ "StringEquals": { format!("{ISSUER}:sub"): subject, format!("{ISSUER}:aud"): audience } })
}

/// By pod identity, all in order.
fn identified(statements: &Value) -> Lab {
    cluster().associated().agent("ACTIVE").acting(statements, &trusting())
}

/// Whether the one edge there is lets read and write.
fn rights(found: &Found) -> (Value, Value) {
    assert_eq!(found.ends(), [TABLE], "{found:?}");
    (found.attribute("read")[0].clone(), found.attribute("write")[0].clone())
}

fn both(value: impl Into<Value>) -> (Value, Value) {
    let value = value.into();
    (value.clone(), value)
}

#[test]
fn a_role_by_pod_identity_uses_the_tables_that_its_policies_name() {
    let found = identified(&menu()).used();
    assert_eq!(rights(&found), both(true));
    assert_eq!(found.attribute("by"), ["pod_identity"]);
    assert_eq!(found.attribute("role"), [ROLE]);
    assert!(found.gaps.is_empty());
    let reader = identified(&allow(&["dynamodb:GetItem", "dynamodb:Query"], TABLE)).used();
    assert_eq!(rights(&reader), (json!(true), json!(false)));
    let getter = identified(&allow(&["dynamodb:GetItem", "dynamodb:PutItem"], TABLE)).used();
    assert_eq!(rights(&getter), (json!(false), json!(true)), "reading takes queries too");
    assert!(identified(&json!([])).used().edges.is_empty());
}

#[test]
fn a_role_that_pods_cannot_come_by_is_of_no_use() {
    let without = |lab: Lab| rights(&lab.acting(&menu(), &trusting()).used());
    assert_eq!(without(cluster().associated().agent("CREATING")), both("? in transition"));
    assert_eq!(without(cluster().associated()), both("? eks:ListAddons"));
    let trusted =
        |trust: &Value| rights(&cluster().associated().agent("ACTIVE").acting(&menu(), trust).used());
    assert_eq!(trusted(&pods(&["sts:AssumeRole"], json!({}))), both(false), "sessions are tagged");
    let of = |cluster: &str| {
        let condition = json!({ "StringEquals": { "aws:SourceArn": cluster } });
        trusted(&pods(&["sts:AssumeRole", "sts:TagSession"], condition))
    };
    assert_eq!(of(CLUSTER), both(true));
    assert_eq!(of("arn:aws:eks:us-west-1:111111111111:cluster/other"), both(false));
}

#[test]
fn an_agent_that_is_no_healthy_add_on_may_run_all_the_same() {
    let none = || cluster().associated().complete(&eks::ADDONS, &here(), CLUSTER);
    let used = |lab: Lab, trust: &Value| rights(&lab.acting(&menu(), trust).used());
    assert_eq!(used(none(), &trusting()), both("? eks:ListClusters"), "Auto Mode and Helm bring it too");
    let left = cluster().associated().agent("DELETE_FAILED");
    assert_eq!(used(left, &trusting()), both("? eks:ListAddons"));
    assert_eq!(used(none(), &pods(&["sts:AssumeRole"], json!({}))), both(false), "trust decides alone");
}

#[test]
fn a_token_is_let_in_as_the_trust_policy_says() {
    let let_in = |condition: Value| {
        let lab = cluster().annotated(Some(ROLE)).provider(&["sts.amazonaws.com"]);
        let found = lab.acting(&menu(), &token(condition)).used();
        assert_eq!(found.attribute("by"), ["irsa"]);
        rights(&found)
    };
    let subject = "system:serviceaccount:shop:api";
    assert_eq!(let_in(claims(subject, "sts.amazonaws.com")), both(true));
    assert_eq!(let_in(claims("system:serviceaccount:shop:other", "sts.amazonaws.com")), both(false));
    assert_eq!(let_in(claims(subject, "elsewhere")), both(false));
    let like = |pattern: &str| json!({ "StringLike": { format!("{ISSUER}:sub"): pattern } });
    assert_eq!(let_in(like("system:serviceaccount:shop:*")), both(true));
    assert_eq!(let_in(like("system:serviceaccount:other:*")), both(false));
    let undecided = json!({ "StringEquals": { format!("{ISSUER}:azp"): "x" } });
    assert_eq!(let_in(undecided), both("? iam:GetRole"));
}

#[test]
fn the_issuer_must_be_known_to_the_account() {
    let claims = token(claims("system:serviceaccount:shop:api", "sts.amazonaws.com"));
    let known = |lab: Lab| rights(&lab.annotated(Some(ROLE)).acting(&menu(), &claims).used());
    assert_eq!(known(cluster()), both("? iam:ListOpenIDConnectProviders"));
    let listed = || cluster().complete(&iam::OIDC_PROVIDERS, &here().global(), "");
    assert_eq!(known(listed()), both(false));
    assert_eq!(known(listed().provider(&["elsewhere"])), both(false));
    let foreign = "arn:aws:iam::222222222222:role/api";
    let lab = listed().annotated(Some(foreign));
    assert_eq!(lab.used().calls(), ["iam:GetRole", "iam:GetRole"], "what it may do is not known");
}

#[test]
fn pod_identity_wins_and_may_be_where_it_is_not_read() {
    let lab = identified(&menu()).annotated(Some("arn:aws:iam::111111111111:role/other"));
    assert_eq!(lab.used().attribute("role"), [ROLE]);
    let unread = cluster().in_kubernetes(
        Kind::K8sServiceAccount,
        &in_shop("serviceaccount", "api"),
        json!({ "namespace": SHOP, "aws_role": ROLE }),
    );
    let found = unread.used();
    assert!(found.edges.is_empty());
    assert_eq!(found.calls(), ["eks:ListPodIdentityAssociations"]);
}

#[test]
fn no_role_is_no_edge_only_where_that_is_read() {
    let found = cluster().annotated(None).used();
    assert!(found.edges.is_empty() && found.gaps.is_empty(), "{found:?}");
    let found = cluster().complete(&eks::POD_IDENTITIES, &here(), CLUSTER).used();
    assert_eq!(found.calls(), ["k8s:ListServiceAccounts"]);
    assert_eq!(Lab::new().used().calls(), ["eks:ListClusters"], "whose role it would be");
}

#[test]
fn the_tables_own_policy_has_a_say() {
    let said = |effect: &str, statements: &Value| {
        let principal = json!({ "AWS": ROLE });
        let said = policy(&json!([{ "Effect": effect, "Action": "dynamodb:*", "Principal": principal }]));
        identified(statements).table(TABLE, said).used()
    };
    assert_eq!(rights(&said("Allow", &json!([]))), both(true), "either side may allow");
    assert!(said("Deny", &menu()).edges.is_empty());
    let unread = identified(&menu()).table(TABLE, unread(&dynamodb::POLICY, &here(), TABLE)).used();
    assert!(unread.edges.is_empty(), "perhaps there is none");
    assert_eq!(unread.calls(), ["dynamodb:GetResourcePolicy"]);
}

#[test]
fn endpoints_on_the_way_have_a_say() {
    let open = json!([{ "Effect": "Allow", "Action": "*", "Principal": "*", "Resource": "*" }]);
    let closed = json!([{ "Effect": "Allow", "Action": "*", "Principal": "*", "Resource": OTHER }]);
    let through = |policies: &[Value]| {
        let lab = policies
            .iter()
            .enumerate()
            .fold(identified(&menu()), |lab, (n, policy)| lab.endpoint(&format!("vpce-{n}"), policy.clone()));
        rights(&lab.used())
    };
    assert_eq!(through(&[Value::Null]), both(true), "no policy lets everything through");
    assert_eq!(through(&[policy(&open)]), both(true));
    assert_eq!(through(&[policy(&closed)]), both(false));
    assert_eq!(through(&[policy(&open), policy(&closed)]), both("? eks:ListClusters"), "by which is open");
    let denied = identified(&menu()).denied(&ec2::VPC_ENDPOINTS, &here(), "");
    assert_eq!(rights(&denied.used()), both("? ec2:DescribeVpcEndpoints"));
}

#[test]
fn unread_tables_and_roles_are_doubts() {
    let unlisted = identified(&menu()).denied(&dynamodb::TABLES, &here(), "").used();
    assert_eq!(rights(&unlisted), both(true), "what was found stays");
    assert_eq!(unlisted.calls(), ["dynamodb:ListTables"]);
    let found = cluster().associated().agent("ACTIVE").used();
    assert!(found.edges.is_empty());
    assert_eq!(found.calls(), ["iam:GetRole", "iam:GetRole"], "one for each table");
}
