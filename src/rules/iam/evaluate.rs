//! What one policy document says to one request.

use crate::model::aws::Arn;
use crate::model::aws::policy::{PolicyDocument, Principal, Statement};
use crate::model::kind::Resource;
use crate::model::seen::{Gap, Why};

use super::condition;
use super::pattern::{fits, fits_action};
use super::trust::Token;
use crate::rules::kleene::{Verdict, any};

/// Who asks for what.
pub(super) struct Ask<'a> {
    pub(super) who: Who<'a>,
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
}

pub(super) enum Who<'a> {
    /// The role that the policy is attached to: the document names no principals.
    Holder { role: &'a str },
    /// A role that a resource's policy may name. `by_account`: an Allow for its whole account counts, as it does where
    /// the role's own policies have to allow the request too.
    Role { arn: &'a str, by_account: bool },
    /// A service, on behalf of the resource that it runs.
    Service { name: &'a str, caller: &'a Resource },
    /// Whoever bears this token of an identity provider.
    Bearer(&'a Token<'a>),
}

/// A document and where it was read; what can't be decided in it is a gap there.
pub(super) struct Held<'a> {
    pub(super) document: &'a PolicyDocument,
    pub(super) origin: Gap,
}

impl Held<'_> {
    /// Whether a Deny meets the request.
    pub(super) fn denies(&self, ask: &Ask<'_>) -> Verdict {
        self.says(false, ask)
    }

    /// Whether an Allow meets the request; a Deny is not looked at.
    pub(super) fn allows(&self, ask: &Ask<'_>) -> Verdict {
        self.says(true, ask)
    }

    fn says(&self, allow: bool, ask: &Ask<'_>) -> Verdict {
        let statements = self.document.statements.iter().filter(|statement| statement.allow == allow);
        any(statements.map(|statement| {
            meets(statement, ask).map_err(|detail| Gap { why: Why::Skipped, detail, ..self.origin.clone() })
        }))
    }
}

/// Whether the statement is about this request; `Err` says why that can't be told.
fn meets(statement: &Statement, ask: &Ask<'_>) -> Result<bool, String> {
    let parts = [about_action, about_resource, about_principal, under_conditions];
    let mut open = None;
    for part in parts {
        match part(statement, ask) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(why) => open = open.or(Some(why)),
        }
    }
    open.map_or(Ok(true), Err)
}

#[expect(clippy::unnecessary_wraps, reason = "one of several questions, the others of which may stay open")]
fn about_action(statement: &Statement, ask: &Ask<'_>) -> Result<bool, String> {
    let listed = |patterns: &[String]| patterns.iter().any(|pattern| fits_action(pattern, ask.action));
    Ok(listed(&statement.actions) || (!statement.not_actions.is_empty() && !listed(&statement.not_actions)))
}

/// A statement without resources is about the one that it is attached to.
fn about_resource(statement: &Statement, ask: &Ask<'_>) -> Result<bool, String> {
    let (patterns, negated) = if statement.not_resources.is_empty() {
        (&statement.resources, false)
    } else {
        (&statement.not_resources, true)
    };
    if patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, ask.resource)) {
        return Ok(!negated);
    }
    match patterns.iter().find(|pattern| pattern.contains("${")) {
        Some(pattern) => Err(format!("what {pattern:?} stands for depends on the request")),
        None => Ok(negated),
    }
}

fn about_principal(statement: &Statement, ask: &Ask<'_>) -> Result<bool, String> {
    if matches!(ask.who, Who::Holder { .. }) {
        return Ok(true);
    }
    if statement.not_principals.is_empty() {
        return named(&statement.principals, statement.allow, ask);
    }
    if statement.not_principals.iter().any(is_everyone) {
        return Ok(false);
    }
    // Who is left out depends on account and session as well, which only the request shows.
    match named(&statement.not_principals, false, ask) {
        Ok(false) => Ok(true),
        _ => Err("whether NotPrincipal leaves the caller out depends on its session".to_owned()),
    }
}

fn under_conditions(statement: &Statement, ask: &Ask<'_>) -> Result<bool, String> {
    let mut open = None;
    for condition in &statement.conditions {
        match condition::holds(condition, ask) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(why) => open = open.or(Some(why)),
        }
    }
    open.map_or(Ok(true), Err)
}

fn is_everyone(principal: &Principal) -> bool {
    principal.id == "*" && matches!(principal.r#type.as_str(), "*" | "AWS")
}

/// Whether one of the principals is the caller.
fn named(principals: &[Principal], allow: bool, ask: &Ask<'_>) -> Result<bool, String> {
    let mut open = None;
    for principal in principals {
        match is_caller(principal, allow, &ask.who) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => open = open.or(Some(why)),
        }
    }
    open.map_or(Ok(false), Err)
}

fn is_caller(principal: &Principal, allow: bool, who: &Who<'_>) -> Result<bool, String> {
    if is_everyone(principal) {
        return Ok(true);
    }
    match (principal.r#type.as_str(), who) {
        ("AWS", Who::Role { arn, by_account }) => is_role(&principal.id, arn, !allow || *by_account),
        ("Service", Who::Service { name, caller }) => {
            Ok(is_service(&principal.id, name, &caller.scope.region))
        }
        ("Federated", Who::Bearer(token)) => Ok(principal.id == token.provider),
        _ => Ok(false),
    }
}

/// Whether `id` names the role; `by_account`: its account's id or root does so too.
fn is_role(id: &str, role: &str, by_account: bool) -> Result<bool, String> {
    let Some(role_arn) = Arn::parse(role) else { return Ok(id == role) };
    if id == role {
        return Ok(true);
    }
    if id == role_arn.account {
        return Ok(by_account);
    }
    let Some(arn) = Arn::parse(id).filter(|arn| arn.account == role_arn.account) else { return Ok(false) };
    match (arn.service, arn.resource.split('/').collect::<Vec<_>>().as_slice()) {
        ("iam", ["root"]) => Ok(by_account),
        ("sts", ["assumed-role", name, session]) if *name == role_arn.name() => {
            Err(format!("it names one session of the role, {session}"))
        }
        _ => Ok(false),
    }
}

/// `codedeploy.us-west-1.amazonaws.com` is `codedeploy.amazonaws.com` in that region.
fn is_service(id: &str, service: &str, region: &str) -> bool {
    let Some((name, domain)) = service.split_once('.') else { return id == service };
    let id = id.strip_suffix(".cn").unwrap_or(id);
    id == service || id == format!("{name}.{region}.{domain}")
}
