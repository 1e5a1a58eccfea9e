//! `stores-in`: the buckets that a pipeline keeps its artifacts in.

use std::collections::BTreeSet;

use super::evidence::hop;
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::Arn;
use crate::model::aws::codepipeline::Pipeline;
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};

pub(crate) struct StoresIn;

impl Relation for StoresIn {
    fn meta(&self) -> &'static RelationMeta {
        relation("stores-in").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let mut edges = Edges::default();
        let Some(pipeline) = from.as_kind::<Pipeline>() else { return edges };
        let definition = match pipeline.definition.get() {
            Ok(definition) => definition,
            Err(gap) => {
                edges.gaps.push(gap.clone());
                return edges;
            }
        };
        let partition = Arn::parse(&from.id).map_or("aws", |arn| arn.partition);
        let stores = definition.stores.iter().filter(|store| store.r#type == "S3");
        let names: BTreeSet<_> = stores.map(|store| store.location.as_str()).collect();
        edges.found.extend(names.into_iter().map(|name| Edge {
            to: End::of(Kind::S3Bucket, &format!("arn:{partition}:s3:::{name}"), &from.scope, world),
            attributes: Vec::new(),
            evidence: vec![hop(from, "definition.stores", name)],
            assumptions: Vec::new(),
        }));
        edges
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::aws::{codepipeline, s3};
    use crate::rules::iam::testing::{Found, Lab, here, unread};

    const PIPELINE: &str = "arn:aws:codepipeline:us-west-1:111111111111:release";
    const BUCKET: &str = "arn:aws:s3:::artifacts";

    fn stored(lab: Lab, definition: &Value) -> Found {
        let facts = json!({ "definition": definition, "last_execution": null });
        lab.add(Kind::Codepipeline, PIPELINE, facts).edges(&StoresIn, Kind::Codepipeline, PIPELINE)
    }

    fn one_store() -> Value {
        json!({ "role": "r", "stages": [], "stores": [{ "type": "S3", "location": "artifacts" }] })
    }

    #[test]
    fn the_bucket_is_found_by_its_name() {
        let bucket = json!({
            "location": "us-west-1", "versioning": null, "public_access_block": null, "encryption": null,
        });
        let found = stored(Lab::new().add(Kind::S3Bucket, BUCKET, bucket), &one_store());
        assert_eq!(found.ends(), [BUCKET]);
    }

    #[test]
    fn a_bucket_that_is_gone_is_outside() {
        let lab = Lab::new().complete(&s3::BUCKET, &here().global(), BUCKET);
        assert_eq!(stored(lab, &one_store()).ends(), [format!("! {BUCKET}: no such aws.s3_bucket")]);
    }

    #[test]
    fn what_is_unread_is_open() {
        assert_eq!(stored(Lab::new(), &one_store()).ends(), [format!("? {BUCKET}")]);
        let found = stored(Lab::new(), &unread(&codepipeline::PIPELINE, &here(), PIPELINE));
        assert!(found.edges.is_empty());
        assert_eq!(found.calls(), ["codepipeline:GetPipeline"]);
    }
}
