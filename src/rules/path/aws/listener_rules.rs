//! Which rules of a listener never get to see a request.

use serde_json::json;

use crate::model::aws::elbv2::{Condition, ListenerRule};
use crate::model::kind::Kind;
use crate::rules::balancing::forwards::Forward;
use crate::rules::evidence::hop;
use crate::rules::path::leg::{Hop, Loss};
use crate::rules::path::reason::Reason;
use crate::rules::{Ref, World};

/// Why a forward is never followed, as far as the listener's rules that were read tell.
pub(super) fn never<'s>(forward: &Forward<'s>, world: &World<'s>) -> Option<Loss<'s>> {
    let own = forward.by;
    if forward.weight == 0 {
        let says = format!("it gives {} no share of the requests", forward.name());
        return Some(loss(
            Hop::of(own).by([hop(own, "forward", json!({ "target_group": forward.group, "weight": 0 }))]),
            says,
        ));
    }
    let conditions = conditions(own);
    if let Some(condition) = conditions.iter().find(|condition| matches_nothing(condition)) {
        let says = format!("no request has what its {} asks for", condition.field);
        return Some(loss(Hop::of(own).by([hop(own, "conditions", json!(conditions))]), says));
    }
    let number = number(own);
    let earlier = world.children(Kind::ListenerRule, forward.listener).items.into_iter().find(|rule| {
        rule.id != own.id && self::number(rule) < number && takes_all_of(self::conditions(rule), conditions)
    })?;
    let first = Hop::of(earlier).by([
        hop(earlier, "priority", json!(World::facts::<ListenerRule>(earlier).priority)),
        hop(earlier, "conditions", json!(self::conditions(earlier))),
    ]);
    Some(loss(first, "it takes every request before the rule that sends there gets to see one".to_owned()))
}

fn loss(at: Hop<'_>, says: String) -> Loss<'_> {
    Loss::told(at, Reason::RuleNeverMatches, says)
}

/// Whether a rule asks where requests come from: it takes those of some packets and not those of others.
pub(super) fn picks_sources(rule: Ref<'_>) -> bool {
    conditions(rule).iter().any(|condition| condition.field == "source-ip" && !matches_everything(condition))
}

/// A listener's own actions are its default rule.
fn conditions(rule: Ref<'_>) -> &[Condition] {
    rule.as_kind::<ListenerRule>().map(|rule| rule.conditions.as_slice()).unwrap_or_default()
}

/// The default rule comes last; one of no number that is known comes before nothing.
fn number(rule: Ref<'_>) -> i64 {
    let rule = rule.as_kind::<ListenerRule>().filter(|rule| !rule.is_default);
    rule.and_then(|rule| rule.priority.parse().ok()).unwrap_or(i64::MAX)
}

/// Whether a rule of these conditions takes every request that one of those would. What a header or a query must hold is
/// not compared: its name is not always among the values.
fn takes_all_of(earlier: &[Condition], later: &[Condition]) -> bool {
    earlier.iter().all(|condition| {
        let no_wider = |other: &Condition| {
            other.field == condition.field
                && matches!(
                    condition.field.as_str(),
                    "host-header" | "path-pattern" | "http-request-method" | "source-ip"
                )
                && !other.values.is_empty()
                && other.values.iter().all(|value| condition.values.contains(value))
        };
        matches_everything(condition) || later.iter().any(no_wider)
    })
}

fn matches_everything(condition: &Condition) -> bool {
    let has = |value: &str| condition.values.iter().any(|known| known == value);
    match condition.field.as_str() {
        "host-header" => has("*"),
        "path-pattern" => has("*") || has("/*"),
        "source-ip" => has("0.0.0.0/0") && has("::/0"),
        _ => false,
    }
}

/// A host has no space and no slash in it, and every path begins with a slash.
fn matches_nothing(condition: &Condition) -> bool {
    let none =
        |never: fn(&String) -> bool| !condition.values.is_empty() && condition.values.iter().all(never);
    match condition.field.as_str() {
        "host-header" => none(|value| value.contains(['/', ' '])),
        "path-pattern" => none(|value| !value.starts_with(['/', '*', '?'])),
        _ => false,
    }
}
