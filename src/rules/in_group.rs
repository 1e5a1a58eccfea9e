//! `in-group`: the resource lies in this resource group.

use crate::model::azure;
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

use super::evidence::{hop, undecided};
use super::{Edge, Edges, End, Ref, Relation, World};

pub(crate) struct InGroup;

impl Relation for InGroup {
    fn meta(&self) -> &'static RelationMeta {
        relation("in-group").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let (Some(subscription), Some(group)) = (azure::subscription(&from.id), azure::group(&from.id))
        else {
            let gap = undecided(from, "its id names no resource group");
            return Edges { gaps: vec![gap], ..Edges::default() };
        };
        let id = format!("/subscriptions/{subscription}/resourcegroups/{group}");
        let edge = Edge {
            to: End::of(Kind::ResourceGroup, &id, &from.scope, world),
            attributes: Vec::new(),
            evidence: vec![hop(from, "group", group)],
            assumptions: Vec::new(),
        };
        Edges { found: vec![edge], ..Edges::default() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::azure::containers::ContainerRegistry;
    use crate::model::azure::resources::ResourceGroup;
    use crate::rules::testing::azure::{FOREIGN, SUBSCRIPTION, arm, unasked, unlisted};
    use crate::rules::testing::{Scene, edges};

    const CORE: &str = "/subscriptions/11111111-1111-1111-1111-111111111111/resourcegroups/core";

    fn registry(subscription: &str) -> String {
        arm(subscription, "core", "microsoft.containerregistry/registries/menu")
    }

    fn lies_in(scene: Scene, subscription: &str) -> String {
        let id = registry(subscription);
        let unread = json!({ "$gap": unasked(&crate::model::azure::containers::REGISTRY, &id) });
        let facts = json!({ "properties": unread, "assignments": unread });
        let snapshot = scene.arm::<ContainerRegistry>(&id, &facts).snapshot();
        let edges = edges(&InGroup, &World::new(&snapshot), Kind::ContainerRegistry, &id);
        assert_eq!((edges.found.len(), edges.open().count()), (1, 0));
        edges.found[0].end(ToString::to_string)
    }

    #[test]
    fn an_id_names_the_group() {
        let core = || Scene::new().arm::<ResourceGroup>(CORE, &json!({ "state": "Succeeded" }));
        assert_eq!(lies_in(core(), SUBSCRIPTION), CORE);
        let listed = Scene::new().inventoried(&[Kind::ResourceGroup]);
        assert_eq!(lies_in(listed, SUBSCRIPTION), format!("! {CORE}: no such azure.resource_group"));
        let unread = unlisted(Kind::ResourceGroup, SUBSCRIPTION);
        assert_eq!(lies_in(Scene::new(), SUBSCRIPTION), format!("? {unread}"));
        let foreign = lies_in(core().inventoried(&[Kind::ResourceGroup]), FOREIGN);
        assert!(foreign.contains("is not scanned in this env"), "{foreign}");
    }
}
