//! Whether an endpoint's policy lets anybody use a table. Who it is that asks is a question of rights, not of packets.

use crate::model::aws::ec2::VpcEndpoint;
use crate::model::aws::policy::{Principal, Statement};
use crate::rules::evidence::undecided;
use crate::rules::iam::pattern::{fits, fits_action};
use crate::rules::kleene::{Verdict, and, any, not};
use crate::rules::{Ref, World};

/// What is done with the items of a table.
const ACTIONS: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];

pub(super) fn lets_someone(endpoint: Ref<'_>, table: Ref<'_>) -> Verdict {
    let Some(policy) = &World::facts::<VpcEndpoint>(endpoint).policy else { return Ok(true) };
    let said = |allow, action| {
        let statements = policy.statements.iter().filter(move |statement| statement.allow == allow);
        any(statements.map(|statement| meets(statement, action, endpoint, table)))
    };
    any(ACTIONS.iter().map(|action| and(not(said(false, action)), || said(true, action))))
}

/// Whether a statement is about this, whoever asks; open where that depends on who does, or how.
fn meets(statement: &Statement, action: &str, endpoint: Ref<'_>, table: Ref<'_>) -> Verdict {
    let listed = |patterns: &[String]| patterns.iter().any(|pattern| fits_action(pattern, action));
    let about_action =
        listed(&statement.actions) || (!statement.not_actions.is_empty() && !listed(&statement.not_actions));
    let named = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, &table.id));
    let variable = |patterns: &[String]| patterns.iter().any(|pattern| pattern.contains("${"));
    let open = |why: &str| Err(undecided(endpoint, why));
    if !about_action {
        return Ok(false);
    }
    let (listed, negated) = if statement.not_resources.is_empty() {
        (&statement.resources, false)
    } else {
        (&statement.not_resources, true)
    };
    match (named(listed) || listed.is_empty(), negated) {
        (true, true) => return Ok(false),
        (false, false) if !variable(listed) => return Ok(false),
        (false, _) if variable(listed) => return open("what its policy is for depends on the request"),
        _ => {}
    }
    if !statement.conditions.is_empty() {
        return open("its policy sets conditions");
    }
    let everyone =
        |principal: &Principal| principal.id == "*" && matches!(principal.r#type.as_str(), "*" | "AWS");
    match (statement.principals.iter().any(everyone), statement.not_principals.is_empty()) {
        (true, true) => Ok(true),
        // A statement that names nobody says nothing.
        (false, true) if statement.principals.is_empty() => Ok(false),
        _ => open("its policy names who may use it"),
    }
}
