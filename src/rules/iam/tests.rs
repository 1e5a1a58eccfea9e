use serde_json::{Value, json};

use super::testing::{COMMON, Lab, MAIN, common, here, policy, unread};
use super::*;
use crate::model::aws::ecr;
use crate::model::seen::Why;

const ROLE: &str = "arn:aws:iam::111111111111:role/build";
const MANAGED: &str = "arn:aws:iam::111111111111:policy/managed";
const SECRET: &str = "arn:aws:secretsmanager:us-west-1:111111111111:secret:github-abcdef";
const READ: &str = "secretsmanager:GetSecretValue";

fn allow(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

fn deny(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Deny", "Action": action, "Resource": resource })
}

fn asked(lab: Lab, action: &str, resource: &str) -> Verdict {
    let snapshot = lab.snapshot();
    role_may(ROLE, action, resource, &here(), &World::new(&snapshot))
}

/// What a role with these statements may do with the secret.
fn may_read(statements: &Value) -> Verdict {
    asked(Lab::new().role(ROLE, statements), READ, SECRET)
}

/// A role whose one attached policy was not read.
fn half_read(inline: &Value) -> Lab {
    let facts = json!({
        "trust": { "statements": [] },
        "attached_policies": [MANAGED],
        "inline_policies": { "inline": policy(inline) },
    });
    Lab::new().add(Kind::IamRole, ROLE, facts)
}

#[test]
fn statements_are_read_as_iam_reads_them() {
    let others = "arn:aws:secretsmanager:us-west-1:111111111111:secret:other-*";
    for (statements, expected) in [
        (json!([allow(READ, SECRET)]), true),
        (json!([allow("SecretsManager:get*", "*")]), true),
        (json!([allow(READ, "arn:aws:secretsmanager:*:*:secret:github-??????")]), true),
        (json!([allow(READ, others)]), false),
        (json!([allow("secretsmanager:DescribeSecret", "*")]), false),
        (json!([]), false),
        (json!([allow("*", "*"), deny(READ, SECRET)]), false),
        (json!([allow("*", "*"), deny(READ, others)]), true),
        (json!([{ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" }]), true),
        (json!([{ "Effect": "Allow", "NotAction": ["secretsmanager:*"], "Resource": "*" }]), false),
        (json!([{ "Effect": "Allow", "Action": "*", "NotResource": others }]), true),
        (json!([{ "Effect": "Allow", "Action": "*", "NotResource": SECRET }]), false),
        (json!([allow("*", "*"), { "Effect": "Deny", "Action": "*", "NotResource": others }]), false),
    ] {
        assert_eq!(may_read(&statements), Ok(expected), "{statements}");
    }
}

#[test]
fn conditions_that_cannot_be_decided_leave_their_statement_open() {
    let open = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } });
    let allowed = json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": open });
    let denied = json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": open });
    let gap = may_read(&json!([allowed])).expect_err("open");
    assert_eq!(gap.call, "iam:ListRolePolicies");
    assert!(gap.detail.contains("aws:PrincipalOrgID"), "{gap}");
    assert_eq!(may_read(&json!([allowed, allow("*", "*")])), Ok(true));
    assert!(may_read(&json!([denied, allow("*", "*")])).is_err());
    assert_eq!(may_read(&json!([denied])), Ok(false), "nothing allows it, denied or not");
    assert_eq!(may_read(&json!([denied, allow("*", "*"), deny("*", "*")])), Ok(false));
}

#[test]
fn conditions_that_a_scan_can_know_are_decided() {
    let plain = json!({ "Bool": { "aws:SecureTransport": "false" } });
    let denied = json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": plain });
    assert_eq!(may_read(&json!([allow("*", "*"), denied])), Ok(true));
    let elsewhere = json!({ "StringNotEquals": { "aws:RequestedRegion": ["eu-west-1"] } });
    let denied = json!({ "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": elsewhere });
    assert_eq!(may_read(&json!([allow("*", "*"), denied])), Ok(false));
}

#[test]
fn a_variable_in_a_resource_is_open() {
    let own = "arn:aws:secretsmanager:*:*:secret:${aws:PrincipalTag/team}-*";
    assert!(may_read(&json!([allow(READ, own)])).is_err());
    assert_eq!(may_read(&json!([allow(READ, own), allow(READ, SECRET)])), Ok(true));
}

#[test]
fn an_unread_policy_hides_a_deny_but_not_a_decided_one() {
    let gap = asked(half_read(&json!([allow("*", "*")])), READ, SECRET).expect_err("it may hold a Deny");
    assert_eq!((gap.call.as_str(), gap.key.as_str(), gap.why), ("iam:GetPolicy", MANAGED, Why::Skipped));
    assert_eq!(asked(half_read(&json!([deny("*", "*")])), READ, SECRET), Ok(false));
    let read = half_read(&json!([])).add(
        Kind::IamPolicy,
        MANAGED,
        json!({ "version": "v1", "document": policy(&json!([allow("*", "*")])) }),
    );
    assert_eq!(asked(read, READ, SECRET), Ok(true));
}

#[test]
fn unread_lists_of_policies_are_gaps() {
    let global = here().global();
    let role = |attached: Value, inline: Value| {
        let facts = json!({
            "trust": { "statements": [] }, "attached_policies": attached, "inline_policies": inline,
        });
        asked(Lab::new().add(Kind::IamRole, ROLE, facts), READ, SECRET)
    };
    let gap = role(unread(&iam::ATTACHED_POLICIES, &global, ROLE), json!({})).expect_err("unread");
    assert_eq!(gap.call, "iam:ListAttachedRolePolicies");
    let gap = role(json!([]), unread(&iam::INLINE_POLICIES, &global, ROLE)).expect_err("unread");
    assert_eq!(gap.call, "iam:ListRolePolicies");
}

#[test]
fn a_boundary_bounds_and_is_asked_for() {
    let facts = json!({
        "trust": { "statements": [] }, "boundary": MANAGED, "attached_policies": [],
        "inline_policies": { "inline": policy(&json!([allow("*", "*")])) },
    });
    let lab = || Lab::new().add(Kind::IamRole, ROLE, facts.clone());
    let boundary = |statements: Value| json!({ "version": "v1", "document": policy(&statements) });
    assert_eq!(asked(lab(), READ, SECRET).expect_err("unread").key, MANAGED);
    let bounded = lab().add(Kind::IamPolicy, MANAGED, boundary(json!([allow("s3:*", "*")])));
    assert_eq!(asked(bounded, READ, SECRET), Ok(false));
    let roomy = lab().add(Kind::IamPolicy, MANAGED, boundary(json!([allow("*", "*")])));
    assert_eq!(asked(roomy, READ, SECRET), Ok(true));
}

#[test]
fn an_unread_role_is_a_gap_and_a_missing_one_may_nothing() {
    let gap = asked(Lab::new(), READ, SECRET).expect_err("unread");
    assert_eq!((gap.call.as_str(), gap.key.as_str()), ("iam:GetRole", ROLE));
    let gone = Lab::new().complete(&iam::ROLE, &here().global(), ROLE);
    assert_eq!(asked(gone, READ, SECRET), Ok(false));
}

/// Whether a role that owns these statements may pull from a repository with that policy.
fn may_pull(account: &str, own: &Value, theirs: Value) -> Verdict {
    let arn = format!("arn:aws:ecr:us-west-1:{account}:repository/app");
    let snapshot = Lab::new().role(ROLE, own).repository(&arn, theirs).snapshot();
    let world = World::new(&snapshot);
    let repository = world.get(Kind::EcrRepository, &arn).expect("added");
    Identity::of(ROLE, &here(), &world).expect("read").may_use(&["ecr:BatchGetImage"], repository)
}

fn granted(effect: &str, principal: &Value) -> Value {
    policy(&json!([{ "Effect": effect, "Action": "ecr:*", "Principal": principal }]))
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let own = json!([allow("ecr:*", "*")]);
    for (principal, expected) in [
        (json!("*"), true),
        (json!({ "AWS": "*" }), true),
        (json!({ "AWS": MAIN }), true),
        (json!({ "AWS": "arn:aws:iam::111111111111:root" }), true),
        (json!({ "AWS": ROLE }), true),
        (json!({ "AWS": [COMMON, "arn:aws:iam::222222222222:root"] }), false),
        (json!({ "AWS": "arn:aws:iam::111111111111:role/other" }), false),
        (json!({ "Service": "codebuild.amazonaws.com" }), false),
    ] {
        assert_eq!(may_pull(COMMON, &own, granted("Allow", &principal)), Ok(expected), "{principal}");
    }
    assert_eq!(may_pull(COMMON, &json!([]), granted("Allow", &json!("*"))), Ok(false));
    assert_eq!(may_pull(COMMON, &own, Value::Null), Ok(false), "no policy lets no one in");
    let arn = "arn:aws:ecr:us-west-1:999999999999:repository/app";
    let theirs = || unread(&ecr::REPOSITORY_POLICY, &common(), arn);
    assert_eq!(may_pull(COMMON, &own, theirs()).expect_err("unread").call, "ecr:GetRepositoryPolicy");
    assert_eq!(may_pull(COMMON, &json!([]), theirs()), Ok(false), "the role's side decides");
}

#[test]
fn within_an_account_either_side_may_allow_and_each_may_deny() {
    let own = json!([allow("ecr:*", "*")]);
    assert_eq!(may_pull(MAIN, &own, Value::Null), Ok(true));
    assert_eq!(may_pull(MAIN, &own, granted("Deny", &json!({ "AWS": MAIN }))), Ok(false));
    assert_eq!(may_pull(MAIN, &json!([]), granted("Allow", &json!({ "AWS": ROLE }))), Ok(true));
    let delegated = granted("Allow", &json!({ "AWS": MAIN }));
    assert_eq!(may_pull(MAIN, &json!([]), delegated), Ok(false), "the account's name leaves it to the role");
}

#[test]
fn sessions_and_left_out_principals_are_open() {
    let own = json!([allow("ecr:*", "*")]);
    let session = json!({ "AWS": "arn:aws:sts::111111111111:assumed-role/build/nightly" });
    assert!(may_pull(COMMON, &own, granted("Allow", &session)).is_err());
    let others = |left_out: &str| {
        policy(&json!([
            { "Effect": "Allow", "Action": "ecr:*", "Principal": "*" },
            { "Effect": "Deny", "Action": "ecr:*", "NotPrincipal": { "AWS": left_out } },
        ]))
    };
    assert_eq!(may_pull(COMMON, &own, others("arn:aws:iam::222222222222:root")), Ok(false));
    assert!(may_pull(COMMON, &own, others(ROLE)).is_err());
}

/// Whether a role with this trust statement trusts `CodeBuild` on behalf of the project.
fn trusts(statement: &Value) -> Verdict {
    let project = "arn:aws:codebuild:us-west-1:111111111111:project/build";
    let facts = json!({
        "trust": policy(&json!([statement])), "attached_policies": [], "inline_policies": {},
    });
    let caller = json!({ "environment": [], "webhook": false });
    let lab = Lab::new().add(Kind::IamRole, ROLE, facts).add(Kind::CodebuildProject, project, caller);
    let snapshot = lab.snapshot();
    let world = World::new(&snapshot);
    let role = world.get(Kind::IamRole, ROLE).expect("added");
    let caller = world.get(Kind::CodebuildProject, project).expect("added");
    trusts_service(role, "codebuild.amazonaws.com", caller)
}

#[test]
fn a_trust_policy_names_the_service() {
    let statement = |principal: Value, condition: Value| {
        let action = "sts:AssumeRole";
        json!({ "Effect": "Allow", "Action": action, "Principal": principal, "Condition": condition })
    };
    let service = |name: &str| json!({ "Service": ["ec2.amazonaws.com", name] });
    let codebuild = || service("codebuild.amazonaws.com");
    for (principal, condition, expected) in [
        (codebuild(), json!({}), true),
        (service("codebuild.us-west-1.amazonaws.com"), json!({}), true),
        (service("codebuild.eu-west-1.amazonaws.com"), json!({}), false),
        (service("codepipeline.amazonaws.com"), json!({}), false),
        (json!({ "AWS": MAIN }), json!({}), false),
        (codebuild(), json!({ "StringEquals": { "aws:SourceAccount": MAIN } }), true),
        (codebuild(), json!({ "StringEquals": { "aws:SourceAccount": "222222222222" } }), false),
        (
            codebuild(),
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:codebuild:*:111111111111:project/b*" } }),
            true,
        ),
        (codebuild(), json!({ "ArnLike": { "aws:SourceArn": "arn:aws:codebuild:*:*:project/x" } }), false),
    ] {
        assert_eq!(
            trusts(&statement(principal.clone(), condition.clone())),
            Ok(expected),
            "{principal} {condition}"
        );
    }
    assert!(trusts(&statement(codebuild(), json!({ "StringEquals": { "sts:ExternalId": "x" } }))).is_err());
}
