//! `reads`: the secrets that a build is given, or may fetch by itself.

use std::collections::BTreeSet;

use serde_json::json;

use super::evidence::hop;
use super::iam::{Identity, assumptions, role_arn};
use super::kleene::{Verdict, and};
use super::world::{Listing, scope_of};
use super::{Doubt, Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::Arn;
use crate::model::aws::codebuild::Project;
use crate::model::aws::secretsmanager;
use crate::model::kind::{Kind, Resource};
use crate::model::relation::{RelationMeta, relation};
use crate::model::scope::Scope;
use crate::model::seen::Gap;

pub(crate) struct Reads;

const READ: &str = "secretsmanager:GetSecretValue";

impl Relation for Reads {
    fn meta(&self) -> &'static RelationMeta {
        relation("reads").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let Some(project) = from.as_kind::<Project>() else { return Edges::default() };
        let references = references(project);
        let role =
            project.role.as_deref().map(|role| Identity::of(&role_arn(role, from), &from.scope, world));
        let permission = |secret: Ref<'_>| match &role {
            None => Ok(false),
            Some(Ok(identity)) => and(identity.may(READ, &secret.id), || let_in(from, secret)),
            Some(Err(gap)) => Err(gap.clone()),
        };
        let mut scopes: BTreeSet<Scope> =
            references.iter().map(|at| scope_of(Kind::Secret, at, &from.scope)).collect();
        scopes.insert(from.scope.clone());

        let mut edges = Edges::default();
        for scope in scopes {
            let listing = secrets(&scope, world);
            for secret in &listing.items {
                let by = references.iter().find(|reference| refers(reference, secret, &from.scope));
                if by.is_none() && scope != from.scope {
                    continue;
                }
                match (by, permission(secret)) {
                    (Some(reference), permission) => {
                        edges.found.push(edge(from, End::Resource(secret), Some(reference), permission));
                    }
                    (None, Ok(true)) => edges.found.push(edge(from, End::Resource(secret), None, Ok(true))),
                    (None, Ok(false)) => {}
                    // Neither given nor known to be in reach: perhaps there is no edge at all.
                    (None, Err(gap)) => {
                        edges.doubts.push(Doubt { kind: Kind::Secret, to: Some(secret), gap });
                    }
                }
            }
            for reference in &references {
                let here = scope_of(Kind::Secret, reference, &from.scope) == scope;
                if here && !listing.items.iter().any(|secret| refers(reference, secret, &from.scope)) {
                    edges.found.push(unmet(from, reference, listing.gaps.first()));
                }
            }
            let unlisted = |gap| Doubt { kind: Kind::Secret, to: None, gap };
            edges.doubts.extend(listing.gaps.into_iter().map(unlisted));
        }
        edges
    }
}

/// What the variables of the project's environment refer to, each once.
fn references(project: &Project) -> BTreeSet<&str> {
    let secret = project.environment.iter().filter(|variable| variable.r#type == "SECRETS_MANAGER");
    secret.filter_map(|variable| variable.reference.as_deref()).collect()
}

fn secrets<'s>(scope: &Scope, world: &World<'s>) -> Listing<'s> {
    if world.scans(&scope.account) {
        return world.list(Kind::Secret, scope);
    }
    let gap = Gap {
        detail: format!("account {} is not scanned in this env", scope.account),
        ..Gap::unread(secretsmanager::SECRETS.primary(), scope, "")
    };
    Listing { items: Vec::new(), gaps: vec![gap] }
}

/// Whether the secret's account lets the project's in: across accounts the secret's policy has to, and it is not read.
fn let_in(from: Ref<'_>, secret: Ref<'_>) -> Verdict {
    if secret.scope.account == from.scope.account {
        return Ok(true);
    }
    Err(Gap {
        detail: "the policies of secrets are not read".to_owned(),
        ..Gap::unread("secretsmanager:GetResourcePolicy", &secret.scope, &secret.id)
    })
}

/// Whether a variable's reference is this secret: its name or ARN, with or without the six characters that Secrets
/// Manager adds, and maybe `:json-key:stage:version` behind.
fn refers(reference: &str, secret: &Resource, near: &Scope) -> bool {
    if scope_of(Kind::Secret, reference, near) != secret.scope {
        return false;
    }
    let named = match Arn::parse(reference) {
        Some(arn) => arn.resource.strip_prefix("secret:").unwrap_or(arn.resource),
        None => reference,
    };
    let named = named.split(':').next().unwrap_or(named);
    let full = Arn::parse(&secret.id).and_then(|arn| arn.resource.strip_prefix("secret:"));
    named == secret.name || Some(named) == full
}

fn edge<'s>(from: Ref<'s>, to: End<'s>, reference: Option<&str>, permission: Verdict) -> Edge<'s> {
    let role = from.as_kind::<Project>().and_then(|project| project.role.as_deref());
    let mut evidence: Vec<_> =
        reference.map(|reference| hop(from, "environment", reference)).into_iter().collect();
    evidence.push(hop(from, "role", json!(role)));
    let attributes = vec![
        ("configured", Ok(json!(reference.is_some()))),
        ("permission", permission.map(|permission| json!(permission))),
    ];
    let mut assumptions = assumptions();
    assumptions.push("neither the secret's own policy nor its key's says otherwise".to_owned());
    Edge { to, attributes, evidence, assumptions }
}

/// A reference to a secret that is not among those read.
fn unmet<'s>(from: Ref<'s>, reference: &str, unread: Option<&Gap>) -> Edge<'s> {
    match unread {
        Some(gap) => {
            let to = End::Unread { kind: Kind::Secret, id: reference.to_owned(), gap: gap.clone() };
            edge(from, to, Some(reference), Err(gap.clone()))
        }
        None => edge(from, End::missing(Kind::Secret, reference), Some(reference), Ok(false)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::rules::iam::testing::{Found, Lab, common, here};

    const PROJECT: &str = "arn:aws:codebuild:us-west-1:111111111111:project/build";
    const ROLE: &str = "arn:aws:iam::111111111111:role/build";

    fn secret_arn(name: &str) -> String {
        format!("arn:aws:secretsmanager:us-west-1:111111111111:secret:{name}-AbCdEf")
    }

    fn secret(lab: Lab, name: &str) -> Lab {
        lab.named(Kind::Secret, &secret_arn(name), name, json!({}))
    }

    fn read(lab: Lab, references: &[&str]) -> Found {
        let variable =
            |reference: &&str| json!({ "name": "X", "type": "SECRETS_MANAGER", "reference": reference });
        let mut environment: Vec<Value> = references.iter().map(variable).collect();
        environment.push(json!({ "name": "Y", "type": "PARAMETER_STORE", "reference": "github" }));
        let facts = json!({ "role": ROLE, "environment": environment, "webhook": false });
        lab.add(Kind::CodebuildProject, PROJECT, facts).edges(&Reads, Kind::CodebuildProject, PROJECT)
    }

    fn reader(resource: &str) -> Lab {
        Lab::new().role(ROLE, &json!([{ "Effect": "Allow", "Action": READ, "Resource": resource }])).complete(
            &secretsmanager::SECRETS,
            &here(),
            "",
        )
    }

    #[test]
    fn every_form_of_a_reference_finds_its_secret() {
        let arn = secret_arn("app/github");
        let bare = arn.trim_end_matches("-AbCdEf");
        for reference in [
            "app/github",
            "app/github:token",
            "app/github:token:AWSCURRENT:",
            &arn,
            &format!("{arn}:token::"),
            bare,
        ] {
            let found = read(secret(secret(reader("*"), "app/github"), "app"), &[reference]);
            assert_eq!(found.ends(), [secret_arn("app"), arn.clone()], "{reference}");
            assert_eq!(found.attribute("configured"), [false, true], "{reference}");
            assert_eq!(found.attribute("permission"), [true, true]);
        }
    }

    #[test]
    fn a_secret_that_is_neither_given_nor_in_reach_is_no_edge() {
        let lab = secret(secret(reader(&secret_arn("github")), "github"), "other");
        let found = read(lab, &[]);
        assert_eq!(found.ends(), [secret_arn("github")]);
        assert!(found.gaps.is_empty());
    }

    #[test]
    fn given_but_not_permitted() {
        let found = read(secret(reader("arn:aws:s3:::x"), "github"), &["github"]);
        assert_eq!(found.attribute("configured"), [true]);
        assert_eq!(found.attribute("permission"), [false]);
    }

    #[test]
    fn an_unread_role_leaves_permission_open() {
        let lab = || Lab::new().complete(&secretsmanager::SECRETS, &here(), "");
        let found = read(secret(secret(lab(), "github"), "other"), &["github"]);
        assert_eq!(found.ends(), [secret_arn("github")], "the other one is perhaps no edge");
        assert_eq!(found.attribute("permission"), ["? iam:GetRole"]);
        assert_eq!(found.calls(), ["iam:GetRole"]);
    }

    #[test]
    fn a_secret_that_is_not_there_is_outside_only_where_the_list_is_read() {
        let found = read(reader("*"), &["gone"]);
        assert_eq!(found.ends(), ["! gone: no such aws.secret"]);
        let unlisted = Lab::new().role(ROLE, &json!([])).denied(&secretsmanager::SECRETS, &here(), "");
        let found = read(unlisted, &["gone"]);
        assert_eq!(found.ends(), ["? gone"]);
        assert_eq!(found.calls(), ["secretsmanager:ListSecrets"]);
    }

    #[test]
    fn a_secret_of_an_unscanned_account_is_unread() {
        let foreign = "arn:aws:secretsmanager:us-west-1:222222222222:secret:github-AbCdEf";
        let found = read(secret(reader("*"), "github"), &[foreign]);
        assert_eq!(found.ends(), [secret_arn("github"), format!("? {foreign}")]);
        assert_eq!(found.attribute("configured"), [false, true], "a namesake is not it");
    }

    #[test]
    fn across_accounts_the_secret_has_a_say_that_is_not_read() {
        let shared = "arn:aws:secretsmanager:us-west-1:999999999999:secret:github-AbCdEf";
        let other = "arn:aws:secretsmanager:us-west-1:999999999999:secret:other-AbCdEf";
        let with = |lab: Lab| {
            let lab = lab.named(Kind::Secret, shared, "github", json!({}));
            let lab = lab.named(Kind::Secret, other, "other", json!({}));
            read(lab.complete(&secretsmanager::SECRETS, &common(), ""), &[shared])
        };
        let found = with(reader("*"));
        assert_eq!(found.ends(), [shared], "what else that account holds is not looked at");
        assert_eq!(found.attribute("permission"), ["? secretsmanager:GetResourcePolicy"]);
        assert_eq!(with(reader(other)).attribute("permission"), [false], "the role's side decides");
        assert!(found.gaps.is_empty());
    }
}
