//! Which listeners of one address and port are asked first. Azure's documentation: a gateway of the second version goes
//! by the priority of its rules, the least first, and one that is more particular does not win by that; what was made
//! before there were priorities takes listeners of named hosts before those of every host. A gateway of the first
//! version goes by the order in which its rules stand.

use serde_json::{Value, json};

use super::named;
use crate::model::azure::gateway::{GatewayListener, GatewayProperties, GatewayRule};
use crate::model::names::fits;
use crate::model::seen::Gap;
use crate::rules::Ref;
use crate::rules::evidence::undecided;

/// The hosts that a listener takes.
pub(super) fn hosts(listener: &GatewayListener) -> Vec<&str> {
    if listener.hosts.is_empty() { vec!["*"] } else { listener.hosts.iter().map(String::as_str).collect() }
}

/// The hosts that others take before this rule's listener; a gap where one that can take `host` too may, or may not.
pub(super) fn preceding(
    from: Ref<'_>,
    rule: &GatewayRule,
    listener: &GatewayListener,
    host: &str,
    properties: &GatewayProperties,
) -> Result<Value, Gap> {
    let mut taken = Vec::new();
    let own = properties.rules.iter().position(|other| std::ptr::eq(other, rule));
    for (at, other) in properties.rules.iter().enumerate().filter(|(at, _)| Some(*at) != own) {
        let beside = named(&properties.listeners, other.listener.as_deref(), |it| &it.name);
        let Some(beside) = beside.filter(|beside| is_told(beside) && is_told(listener)) else {
            if first(other, rule) == Some(false) {
                continue;
            }
            return Err(undecided(
                from,
                format!("it does not tell which address and port {} is for", other.name),
            ));
        };
        if !is_beside(beside, listener) {
            continue;
        }
        let first = match first(other, rule) {
            None if is_v1(properties) => Some(Some(at) < own),
            None if is_v2(properties) && beside.hosts.is_empty() != listener.hosts.is_empty() => {
                Some(listener.hosts.is_empty())
            }
            first => first,
        };
        match first {
            Some(true) => taken.extend(hosts(beside)),
            None if hosts(beside).iter().any(|other| meet(other, host)) => {
                let why = format!("nothing says which comes first, {} or {}", other.name, rule.name);
                return Err(undecided(from, why));
            }
            _ => {}
        }
    }
    taken.sort_unstable();
    taken.dedup();
    Ok(json!(taken))
}

/// Which address and port it is for.
fn is_told(listener: &GatewayListener) -> bool {
    listener.port.is_some() && listener.frontend.is_some()
}

/// The same address and port.
fn is_beside(one: &GatewayListener, other: &GatewayListener) -> bool {
    let frontend = |listener: &GatewayListener| listener.frontend.as_deref().map(str::to_ascii_lowercase);
    one.port == other.port && frontend(one) == frontend(other)
}

/// Whether a rule goes before another, where priorities say so.
fn first(one: &GatewayRule, other: &GatewayRule) -> Option<bool> {
    let (one, other) = one.priority.zip(other.priority)?;
    (one != other).then_some(one < other)
}

fn is_v2(properties: &GatewayProperties) -> bool {
    properties.tier.as_deref().is_some_and(|tier| tier.ends_with("_v2"))
}

fn is_v1(properties: &GatewayProperties) -> bool {
    matches!(properties.tier.as_deref(), Some("Standard" | "WAF"))
}

/// Whether some host may be meant by both.
fn meet(one: &str, other: &str) -> bool {
    let is_pattern = |host: &str| host.contains(['*', '?']);
    fits(one, other) || fits(other, one) || (is_pattern(one) && is_pattern(other))
}
