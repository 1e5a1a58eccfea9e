//! The conditions of a statement, as far as a scan knows what a request would carry.

use crate::model::aws::Arn;
use crate::model::aws::policy::Condition;
use crate::model::kind::{Kind, Resource};

use super::evaluate::{Ask, Who};
use super::pattern::fits;
use super::trust::Token;

/// What a request would carry under a key: one text, or, where only its beginning is known, stand-ins with ends of
/// different length that nobody can write: what fits all of them takes any end.
struct Carried(Vec<String>);

/// Whether the condition holds; `Err` says why that can't be told.
pub(super) fn holds(condition: &Condition, ask: &Ask<'_>) -> Result<bool, String> {
    decide(condition, ask).ok_or_else(|| {
        let Condition { operator, key, values } = condition;
        format!("the condition {operator} {key} {values:?} can't be decided")
    })
}

fn decide(condition: &Condition, ask: &Ask<'_>) -> Option<bool> {
    let operator = condition.operator.to_ascii_lowercase();
    let operator = operator.strip_suffix("ifexists").unwrap_or(&operator);
    let (matches, negated): (fn(&str, &str) -> bool, bool) = match operator {
        "stringequals" => (|value, text| value == text, false),
        "stringnotequals" => (|value, text| value == text, true),
        "stringequalsignorecase" | "bool" => (str::eq_ignore_ascii_case, false),
        "stringnotequalsignorecase" => (str::eq_ignore_ascii_case, true),
        "stringlike" | "arnlike" | "arnequals" => (fits, false),
        "stringnotlike" | "arnnotlike" | "arnnotequals" => (fits, true),
        _ => return None,
    };
    if condition.values.iter().any(|value| value.contains("${")) {
        return None;
    }
    let Carried(texts) = carried(&condition.key, ask)?;
    let hit = condition.values.iter().any(|value| texts.iter().all(|text| matches(value, text)));
    (hit || texts.len() == 1).then_some(hit != negated)
}

/// What the request carries under this key, where a scan can know it.
fn carried(key: &str, ask: &Ask<'_>) -> Option<Carried> {
    let key = key.to_ascii_lowercase();
    let target = Arn::parse(ask.resource);
    let text = match (key.as_str(), &ask.who) {
        // The endpoints of these services take nothing but TLS.
        ("aws:securetransport", _) => "true".to_owned(),
        ("aws:resourceaccount", _) => target.filter(|arn| !arn.account.is_empty())?.account.to_owned(),
        ("aws:requestedregion", _) => target.filter(|arn| !arn.region.is_empty())?.region.to_owned(),
        ("aws:principalarn", Who::Holder { role } | Who::Role { arn: role, .. }) => (*role).to_owned(),
        ("aws:principalaccount", Who::Holder { role } | Who::Role { arn: role, .. }) => {
            Arn::parse(role)?.account.to_owned()
        }
        ("aws:principaltype", Who::Holder { .. } | Who::Role { .. }) => "AssumedRole".to_owned(),
        ("aws:principalisawsservice", who) => matches!(who, Who::Service { .. }).to_string(),
        ("aws:sourceaccount", Who::Service { caller, .. }) => caller.scope.account.clone(),
        ("aws:sourcearn", Who::Service { caller, .. }) => return Some(source_arn(caller)),
        (key, Who::Bearer(token)) => claim(key, token)?,
        _ => return None,
    };
    Some(Carried(vec![text]))
}

/// What the token claims under a key, `<issuer>:sub` or `<issuer>:aud`, whose case does not matter.
fn claim(key: &str, token: &Token<'_>) -> Option<String> {
    let claim = key.strip_prefix(&token.issuer.to_ascii_lowercase())?;
    match claim {
        ":sub" => Some(token.subject.to_owned()),
        ":aud" => Some(token.audience.to_owned()),
        _ => None,
    }
}

/// On whose behalf the service calls. A container's tasks come and go: only where they run is known.
fn source_arn(caller: &Resource) -> Carried {
    if caller.kind() != Kind::EcsContainer {
        return Carried(vec![caller.id.clone()]);
    }
    let partition = Arn::parse(&caller.id).map_or("aws", |arn| arn.partition);
    let scope = &caller.scope;
    let known = format!("arn:{partition}:ecs:{}:{}:", scope.region, scope.account);
    Carried(["\0", "\0\0"].map(|end| format!("{known}{end}")).to_vec())
}
