//! Azure: the definition of a custom role, as `az role definition create --role-definition @FILE` takes it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::model::azure::authorization::LIST_PERMISSIONS;
use crate::model::azure::resources::GET_SUBSCRIPTION;
use crate::model::call::Call;

/// What is asked whatever a design asks: that the subscription is there, and what may be read of it.
const ENTRY: [&Call; 2] = [&GET_SUBSCRIPTION, &LIST_PERMISSIONS];

/// Where a role may be assigned, where no subscription is known. Azure refuses it: nobody assigns it unread.
pub(super) const NOWHERE: &str = "<your subscription>";

/// A custom role that allows these calls, and what comes before any of them, and nothing else; to be assigned in these
/// subscriptions.
pub(super) fn role(calls: &[&'static Call], subscriptions: &BTreeSet<String>) -> Value {
    let entry = ENTRY.into_iter().filter(|_| !calls.is_empty());
    let actions: BTreeSet<&str> =
        entry.chain(calls.iter().copied()).flat_map(|call| call.permissions).copied().collect();
    let mut scopes: Vec<String> = subscriptions.iter().map(|id| format!("/subscriptions/{id}")).collect();
    if scopes.is_empty() {
        scopes.push(format!("/subscriptions/{NOWHERE}"));
    }
    json!({
        "Name": "stacks-audit",
        "IsCustom": true,
        "Description": "Reads what stacks-audit judges; changes nothing.",
        "Actions": actions,
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": scopes,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{all, calls};
    use super::*;
    use crate::model::kind::Kind;
    use crate::model::scope::Provider;

    fn actions(role: &Value) -> Vec<&str> {
        role["Actions"].as_array().expect("actions").iter().filter_map(Value::as_str).collect()
    }

    #[test]
    fn every_declared_action_is_there_once_in_order_and_reads() {
        let calls = all(Provider::Azure);
        let role = role(&calls, &BTreeSet::new());
        let actions = actions(&role);
        let declared: BTreeSet<&str> =
            calls.iter().copied().chain(ENTRY).flat_map(|call| call.permissions).copied().collect();
        assert_eq!(actions, declared.into_iter().collect::<Vec<_>>());
        for action in actions {
            assert!(action.ends_with("/read"), "{action}");
            assert!(action.starts_with("Microsoft.") && !action.contains('*'), "{action}");
        }
    }

    #[test]
    fn what_comes_before_any_call_is_allowed_where_there_is_one() {
        let zones = role(&calls([Kind::AzureDnsZone]).collect::<Vec<_>>(), &BTreeSet::new());
        for action in ["Microsoft.Authorization/permissions/read", "Microsoft.Resources/subscriptions/read"] {
            assert!(actions(&zones).contains(&action), "{zones}");
        }
        assert!(!actions(&zones).iter().any(|action| action.contains("DocumentDB")), "{zones}");
        assert_eq!(role(&[], &BTreeSet::new())["Actions"], json!([]), "a design that asks Azure nothing");
    }

    #[test]
    fn it_may_be_assigned_in_the_subscriptions_alone() {
        let id = "11111111-1111-1111-1111-111111111111";
        let known = role(&[], &BTreeSet::from([id.to_owned()]));
        assert_eq!(known["AssignableScopes"], json!([format!("/subscriptions/{id}")]));
        let unknown = role(&[], &BTreeSet::new());
        assert_eq!(unknown["AssignableScopes"], json!(["/subscriptions/<your subscription>"]));
        for empty in ["NotActions", "DataActions", "NotDataActions"] {
            assert_eq!(known[empty], json!([]), "{empty}");
        }
    }
}
