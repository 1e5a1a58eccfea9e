//! `logs-to`: the resource writes its logs to this workspace.

use crate::model::kind::{Facts, Kind};
use crate::model::relation::{RelationMeta, relation};
use crate::model::seen::Gap;

use super::evidence::hop;
use super::{Edge, Edges, End, Ref, Relation, World};

pub(crate) struct LogsTo;

impl Relation for LogsTo {
    fn meta(&self) -> &'static RelationMeta {
        relation("logs-to").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let workspace = match workspace(from) {
            Ok(workspace) => workspace,
            Err(gap) => return Edges { gaps: vec![gap.clone()], ..Edges::default() },
        };
        let edge = |id: &str| Edge {
            to: End::of(Kind::LogAnalyticsWorkspace, id, &from.scope, world),
            attributes: Vec::new(),
            evidence: vec![hop(from, "properties.workspace", id)],
            assumptions: Vec::new(),
        };
        Edges { found: workspace.map(edge).into_iter().collect(), ..Edges::default() }
    }
}

/// Id of the workspace that the resource names, if it names one.
fn workspace(from: Ref<'_>) -> Result<Option<&str>, &Gap> {
    Ok(match &from.facts {
        Facts::AksCluster(cluster) => cluster.properties.get()?.workspace.as_deref(),
        Facts::ApplicationInsights(component) => component.properties.get()?.workspace.as_deref(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::azure::containers::AksCluster;
    use crate::model::azure::monitor::{ApplicationInsights, COMPONENT, LogAnalyticsWorkspace, WORKSPACE};
    use crate::rules::testing::azure::{SUBSCRIPTION, aks, arm, unasked};
    use crate::rules::testing::{Scene, edges};

    fn core(path: &str) -> String {
        arm(SUBSCRIPTION, "core", path)
    }

    fn logs() -> String {
        core("microsoft.operationalinsights/workspaces/logs")
    }

    /// Where a cluster and a component of these properties write to.
    fn written(scene: Scene, named: &Value, component: &Value) -> [Vec<String>; 2] {
        let (cluster, insights) = (
            core("microsoft.containerservice/managedclusters/menu"),
            core("microsoft.insights/components/menu"),
        );
        let snapshot = scene
            .arm::<AksCluster>(&cluster, &aks(&json!({ "workspace": named })))
            .arm::<ApplicationInsights>(&insights, &json!({ "properties": component }))
            .snapshot();
        let world = World::new(&snapshot);
        [(Kind::AksCluster, cluster), (Kind::ApplicationInsights, insights)].map(|(kind, id)| {
            let edges = edges(&LogsTo, &world, kind, &id);
            let ends = edges.found.iter().map(|edge| edge.end(|gap| gap.call.clone()));
            ends.chain(edges.open().map(|gap| format!("? {}", gap.call))).collect()
        })
    }

    #[test]
    fn both_end_in_the_workspace_that_they_name() {
        let (found, none) = (json!({ "workspace": logs() }), json!({}));
        let there = Scene::new().arm::<LogAnalyticsWorkspace>(&logs(), &json!({}));
        assert_eq!(written(there, &json!(logs()), &found), [[logs()], [logs()]]);
        assert_eq!(written(Scene::new(), &Value::Null, &none), [[""; 0]; 2]);
        let gone = Scene::new().asked(&WORKSPACE, &logs(), crate::model::snapshot::Outcome::Complete);
        let missing = format!("! {}: no such azure.log_analytics_workspace", logs());
        assert_eq!(written(gone, &json!(logs()), &none), [vec![missing], vec![]]);
    }

    #[test]
    fn an_unread_workspace_or_component_is_open() {
        let unread = json!({ "$gap": unasked(&COMPONENT, &core("microsoft.insights/components/menu")) });
        let calls = ["? azure:GetWorkspace", "? azure:GetInsightsComponent"];
        let found = written(Scene::new(), &json!(logs()), &unread);
        assert_eq!(found.concat(), calls);
    }
}
