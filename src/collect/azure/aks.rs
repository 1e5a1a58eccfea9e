//! Where a cluster of AKS is, for whoever enters it by its name. No facts are gathered here.

use std::collections::BTreeSet;

use serde_json::Value;

use super::errors::ArmError;
use super::members::{lower, type_of};
use super::part::{Part, Unfit};
use super::{Api, legacy};
use crate::collect::detail::one_line;
use crate::collect::transport::record::Closed;
use crate::model::azure::containers::{GET_MANAGED_CLUSTER, LIST_MANAGED_CLUSTERS};
use crate::model::azure::group;
use crate::model::call::Call;
use crate::model::seen::Why;

const TYPE: &str = "microsoft.containerservice/managedclusters";

/// What is told of the way into a cluster.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Of its API server: the private name where it has one.
    pub(crate) host: String,
    /// Whether it knows the people and services of Entra ID.
    pub(crate) entra: bool,
}

/// The cluster of this name, whatever its case, in the group where one is named.
pub(crate) async fn cluster(api: &Api, name: &str, group: Option<&str>) -> Result<Told, Closed> {
    let id = match group {
        Some(group) => {
            let subscription = &api.scope.account;
            lower(format!("/subscriptions/{subscription}/resourcegroups/{group}/providers/{TYPE}/{name}"))
        }
        None => find(api, name).await?,
    };
    let path = api.path(&GET_MANAGED_CLUSTER, &id);
    let path = path.ok_or_else(|| failed(&format!("{id} is no id of a cluster")))?;
    let answer = api.client.get(&GET_MANAGED_CLUSTER, &path, &[]).await;
    let answer = answer.map_err(|error| {
        if error.is_absent() { unseen(api, name) } else { closed(api, &GET_MANAGED_CLUSTER, name, &error) }
    })?;
    let told = told(&answer).map_err(|error| failed(&error.to_string()))?;
    if told.stopped {
        return Err(failed(&format!("{name} is stopped: start it")));
    }
    let host = told.host.ok_or_else(|| failed(&format!("AKS names no API server of {name} yet")))?;
    if host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)) {
        Ok(Told { host, entra: told.entra })
    } else {
        Err(failed(&format!("AKS names an API server of {name} that is no host")))
    }
}

struct Way {
    host: Option<String>,
    entra: bool,
    stopped: bool,
}

fn told(answer: &Value) -> Result<Way, Unfit> {
    let properties = Part::of(answer)?.part("properties")?;
    let power = properties.text("powerState.code")?;
    Ok(Way {
        host: properties.lower("privateFQDN")?.or(properties.lower("fqdn")?),
        entra: properties.part("aadProfile")?.is_there(),
        stopped: power.is_some_and(|power| power.eq_ignore_ascii_case("Stopped")),
    })
}

/// The id of the one cluster of this name.
async fn find(api: &Api, name: &str) -> Result<String, Closed> {
    let legacy::Pages { pages, end } =
        legacy::resources(&api.client, &LIST_MANAGED_CLUSTERS, &api.scope.account).await;
    if let Err(error) = end.as_ref().map_err(Clone::clone)
        && !error.is_unused()
    {
        return Err(closed(api, &LIST_MANAGED_CLUSTERS, name, &error));
    }
    let listed = pages.iter().filter_map(|page| page.get("value").and_then(Value::as_array)).flatten();
    let ids = listed.filter_map(|item| item.get("id")?.as_str()).map(lower);
    // Some endpoints pay no heed to the filter.
    let clusters = ids.filter(|id| type_of(id).as_deref() == Some(TYPE));
    let named: BTreeSet<String> =
        clusters.filter(|id| id.rsplit('/').next() == Some(&*lower(name))).collect();
    let groups: Vec<&str> = named.iter().filter_map(|id| group(id)).collect();
    if groups.len() > 1 {
        let groups = groups.join(", ");
        return Err(failed(&format!(
            "clusters called {name} lie in the groups {groups}: say which by `group`"
        )));
    }
    named.into_iter().next().ok_or_else(|| unseen(api, name))
}

/// What may not be seen looks as what is not there.
fn unseen(api: &Api, name: &str) -> Closed {
    let (subscription, needed) = (&api.scope.account, GET_MANAGED_CLUSTER.permissions.join(", "));
    failed(&format!(
        "no cluster {name} is to be seen in subscription {subscription}; to see one takes {needed}"
    ))
}

fn closed(api: &Api, call: &Call, name: &str, error: &ArmError) -> Closed {
    let gap = error.gap(call, &api.scope, "");
    Closed {
        why: gap.why,
        detail: one_line(&format!("{} does not tell of {name}: {}", gap.call, gap.detail)),
    }
}

fn failed(detail: &str) -> Closed {
    Closed { why: Why::Failed, detail: one_line(detail) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::canned::{Canned, SUBSCRIPTION, arm_id};
    use super::*;

    fn listed(ids: &[String]) -> String {
        json!({ "value": ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>() }).to_string()
    }

    fn id(group: &str, name: &str) -> String {
        arm_id(&format!("Microsoft.ContainerService/managedClusters/{name}"))
            .replace("/Core/", &format!("/{group}/"))
    }

    fn told(properties: &Value) -> String {
        json!({ "id": id("Core", "App"), "properties": properties }).to_string()
    }

    async fn ask(answers: &[(u16, &str)], group: Option<&str>) -> (Result<Told, Closed>, Vec<String>) {
        let canned = Canned::new(answers);
        (cluster(&canned.api(), "app", group).await, canned.asked())
    }

    #[tokio::test]
    async fn a_cluster_is_found_by_its_name_whatever_its_case() {
        let other = arm_id("Microsoft.ContainerRegistry/registries/app");
        let list = listed(&[id("Core", "App"), id("lab", "trial"), other]);
        let told = told(
            &json!({ "fqdn": "app-1a2b3c4d.hcp.westeurope.azmk8s.io", "aadProfile": { "managed": true } }),
        );
        let (found, asked) = ask(&[(200, &list), (200, &told)], None).await;
        let expected = Told { host: "app-1a2b3c4d.hcp.westeurope.azmk8s.io".into(), entra: true };
        assert_eq!(found.expect("there"), expected);
        assert_eq!(asked.len(), 2, "nobody asks what may be read: {asked:?}");
        let path = format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/core/providers/Microsoft.ContainerService/managedClusters/app?"
        );
        assert!(asked[1].starts_with(&path), "{asked:?}");
    }

    #[tokio::test]
    async fn a_group_that_is_named_needs_no_list_and_tells_namesakes_apart() {
        let list = listed(&[id("core", "app"), id("lab", "app")]);
        let (found, _) = ask(&[(200, &list)], None).await;
        let detail = found.expect_err("which?").detail;
        assert!(detail.contains("core, lab") && detail.contains("`group`"), "{detail}");
        let private = json!({
            "fqdn": "app-1a2b3c4d.hcp.westeurope.azmk8s.io",
            "privateFQDN": "App-5e6f.privatelink.westeurope.azmk8s.io",
            "aadProfile": null,
        });
        let (found, asked) = ask(&[(200, &told(&private))], Some("Lab")).await;
        let expected = Told { host: "app-5e6f.privatelink.westeurope.azmk8s.io".into(), entra: false };
        assert_eq!(found.expect("there"), expected);
        assert!(asked[0].contains("/resourceGroups/lab/"), "{asked:?}");
    }

    #[tokio::test]
    async fn a_cluster_that_is_not_told_of_is_closed_and_says_why() {
        let (list, none) = (listed(&[id("core", "app")]), listed(&[]));
        let denied = r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#;
        let absent = r#"{"error":{"code":"ResourceNotFound","message":"no"}}"#;
        let starting = told(&json!({ "fqdn": "" }));
        let stopped = told(&json!({ "fqdn": "app.example.com", "powerState": { "code": "Stopped" } }));
        let strange = told(&json!({ "fqdn": "app.example.com/x@evil.example.com" }));
        for (answers, why, reason) in [
            (
                &[(403, denied)][..],
                Why::Denied,
                "azure:ListManagedClusters does not tell of app: AuthorizationFailed",
            ),
            (&[(200, &none)], Why::Failed, "takes Microsoft.ContainerService/managedClusters/read"),
            (&[(200, &list), (403, denied)], Why::Denied, "azure:GetManagedCluster does not tell of app"),
            (&[(200, &list), (404, absent)], Why::Failed, "no cluster app is to be seen"),
            (&[(200, &list), (200, &starting)], Why::Failed, "no API server of app yet"),
            (&[(200, &list), (200, &stopped)], Why::Failed, "app is stopped"),
            (&[(200, &list), (200, &strange)], Why::Failed, "that is no host"),
        ] {
            let closed = ask(answers, None).await.0.expect_err(reason);
            assert_eq!(closed.why, why, "{}", closed.detail);
            assert!(closed.detail.contains(reason), "{}", closed.detail);
        }
    }
}
