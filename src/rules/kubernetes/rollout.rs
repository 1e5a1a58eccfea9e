//! Where a deployment stands on its way to what is asked of it.

use crate::model::kubernetes::workload::{DEPLOYMENTS, Deployment};
use crate::model::seen::Gap;
use crate::rules::evidence::undecided;
use crate::rules::kleene::Verdict;
use crate::rules::{Ref, World};

/// Every pod that is asked for, at least one, runs the newest template and is available.
pub(crate) fn steady(deployment: Ref<'_>) -> Verdict {
    if let Some(gap) = stale(deployment) {
        return Err(gap);
    }
    let facts = World::facts::<Deployment>(deployment);
    // What the API server takes an absent count for.
    let asked = facts.replicas.unwrap_or(1);
    if asked < 1 {
        return Ok(false);
    }
    if facts.updated >= asked && facts.available >= asked {
        // Pods of older templates are among the available ones: only where there are none do those all run the newest.
        match facts.pods {
            None => return Err(undecided(deployment, "its status counts no pods of any template")),
            Some(pods) if pods <= facts.updated => return Ok(true),
            Some(_) => {}
        }
    }
    progressing(deployment).map_or(Ok(false), Err)
}

/// Why the counts in the status can't be relied on, or may be others in a moment.
pub(crate) fn moving(deployment: Ref<'_>) -> Option<Gap> {
    stale(deployment).or_else(|| progressing(deployment))
}

/// The status still tells of an earlier generation.
pub(crate) fn stale(deployment: Ref<'_>) -> Option<Gap> {
    let facts = World::facts::<Deployment>(deployment);
    (facts.observed_generation < facts.generation)
        .then(|| in_transition(deployment, "the deployment's status is of an earlier generation"))
}

/// A rollout is on its way. One that is paused, or has taken too long, is not.
fn progressing(deployment: Ref<'_>) -> Option<Gap> {
    let facts = World::facts::<Deployment>(deployment);
    let under_way = facts.conditions.iter().any(|condition| {
        condition.r#type == "Progressing"
            && condition.status == "True"
            && matches!(
                condition.reason.as_deref(),
                Some("NewReplicaSetCreated" | "FoundNewReplicaSet" | "ReplicaSetUpdated")
            )
    });
    (under_way && !facts.paused)
        .then(|| in_transition(deployment, "a rollout of the deployment is in progress"))
}

fn in_transition(deployment: Ref<'_>, why: &str) -> Gap {
    let namespace = &World::facts::<Deployment>(deployment).namespace;
    Gap::in_transition(DEPLOYMENTS.primary(), &deployment.scope, namespace, why)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::kind::Kind;
    use crate::model::seen::Why;
    use crate::rules::testing::kubernetes::{deployment, object, with};
    use crate::rules::testing::{Scene, the};

    /// Three pods asked for and there, but for `changes`.
    fn judged(changes: &Value) -> Verdict {
        let counts = json!({ "replicas": 3, "pods": 3, "updated": 3, "ready": 3, "available": 3 });
        let facts = with(&with(&deployment(), &counts), changes);
        let snapshot = Scene::new().object::<Deployment>("api", &facts).snapshot();
        steady(the(&snapshot, Kind::K8sDeployment, &object("deployment", "api")))
    }

    fn progress(status: &str, reason: &str) -> Value {
        json!([{ "type": "Progressing", "status": status, "reason": reason }])
    }

    #[test]
    fn all_pods_updated_and_available_is_steady() {
        assert_eq!(judged(&json!({})), Ok(true));
        assert_eq!(judged(&json!({ "conditions": progress("True", "NewReplicaSetAvailable") })), Ok(true));
        let one = json!({ "replicas": null, "pods": 1, "updated": 1, "ready": 1, "available": 1 });
        assert_eq!(judged(&one), Ok(true), "one is asked for where nothing is said");
    }

    #[test]
    fn too_few_pods_are_not_steady() {
        assert_eq!(judged(&json!({ "available": 2 })), Ok(false));
        assert_eq!(judged(&json!({ "updated": 2 })), Ok(false));
        assert_eq!(judged(&json!({ "pods": 4 })), Ok(false), "the available ones may be old");
        let none = json!({ "replicas": 0, "pods": null, "updated": 0, "ready": 0, "available": 0 });
        assert_eq!(judged(&none), Ok(false));
    }

    #[test]
    fn a_rollout_on_its_way_can_not_be_told() {
        for reason in ["NewReplicaSetCreated", "FoundNewReplicaSet", "ReplicaSetUpdated"] {
            let gap = judged(&json!({ "updated": 1, "conditions": progress("True", reason) }));
            assert_eq!(gap.map_err(|gap| gap.why), Err(Why::InTransition));
        }
        let surging = json!({ "pods": 4, "conditions": progress("True", "ReplicaSetUpdated") });
        assert_eq!(judged(&surging).map_err(|gap| gap.why), Err(Why::InTransition));
    }

    #[test]
    fn a_rollout_that_is_stuck_is_not_steady() {
        let late = progress("False", "ProgressDeadlineExceeded");
        assert_eq!(judged(&json!({ "updated": 1, "conditions": late })), Ok(false));
        let paused =
            json!({ "updated": 1, "paused": true, "conditions": progress("True", "ReplicaSetUpdated") });
        assert_eq!(judged(&paused), Ok(false));
    }

    #[test]
    fn an_older_status_is_no_status() {
        for observed in [json!(1), json!(null)] {
            let gap =
                judged(&json!({ "generation": 2, "observed_generation": observed })).expect_err("stale");
            assert_eq!((gap.call.as_str(), gap.why), ("k8s:ListDeployments", Why::InTransition));
            assert_eq!(gap.key, crate::rules::testing::kubernetes::NAMESPACE);
        }
        assert!(judged(&json!({ "pods": null })).is_err(), "old pods may be among the available ones");
    }
}
