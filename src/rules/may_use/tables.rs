//! The DynamoDB tables that pods of EKS may use, by the role they act as.

use serde_json::json;

use crate::model::aws::ec2::VpcEndpoint;
use crate::model::aws::eks::Cluster;
use crate::model::kind::Kind;
use crate::model::seen::Gap;
use crate::rules::evidence::{hop, undecided};
use crate::rules::iam::{Identity, assumptions};
use crate::rules::kleene::{Verdict, all, and, any};
use crate::rules::pod_role::{self, PodRole};
use crate::rules::{Doubt, Edge, Edges, End, Ref, World};

const READ: &[&str] = &["dynamodb:GetItem", "dynamodb:Query"];
const WRITE: &[&str] = &["dynamodb:PutItem"];

/// The edges from a deployment of this cluster.
pub(super) fn edges<'s>(from: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Edges<'s> {
    let role = match pod_role::of(from, cluster, world) {
        Ok(Some(role)) => role,
        Ok(None) => return Edges::default(),
        Err(gap) => return Edges { gaps: vec![gap], ..Edges::default() },
    };
    let identity = Identity::of(role.role, &role.cluster.scope, world);
    let tables = world.list(Kind::DynamodbTable, &role.cluster.scope);
    let doubt = |to, gap| Doubt { kind: Kind::DynamodbTable, to, gap };
    let mut edges = Edges::default();
    for table in tables.items {
        let may = |actions| identity.as_ref().map_err(Gap::clone)?.may_use(actions, table);
        let (read, write) = (may(READ), may(WRITE));
        match (any([read.clone(), write.clone()]), &identity) {
            (Ok(true), Ok(identity)) => {
                edges.found.push(edge(&role, identity, table, (read, write), world));
            }
            // Not known to be in reach: perhaps there is no edge at all.
            (Err(gap), _) => edges.doubts.push(doubt(Some(table), gap)),
            _ => {}
        }
    }
    edges.doubts.extend(tables.gaps.into_iter().map(|gap| doubt(None, gap)));
    edges
}

/// The edge to a table that policies let the role use, if it is the pods' and nothing on the way is against it.
fn edge<'s>(
    role: &PodRole<'s>,
    identity: &Identity<'s>,
    table: Ref<'s>,
    (read, write): (Verdict, Verdict),
    world: &World<'s>,
) -> Edge<'s> {
    let endpoints = endpoints(role.cluster, world);
    let whole = |policies: Verdict, actions: &[&str]| {
        let passes = || passes(role.cluster, &endpoints, identity, actions, table);
        and(role.usable.clone(), || and(policies, passes)).map(|may| json!(may))
    };
    let mut evidence = role.evidence.clone();
    evidence.push(hop(table, "name", table.name.as_str()));
    let on_the_way = endpoints.iter().filter_map(|endpoint| endpoint.as_ref().ok());
    evidence.extend(
        on_the_way
            .map(|endpoint| hop(endpoint, "policy", json!(World::facts::<VpcEndpoint>(endpoint).policy))),
    );
    let mut assumptions = assumptions();
    assumptions.push("the pods get to DynamoDB, by no VPC endpoint of another account".to_owned());
    assumptions.push("the key that encrypts the table lets the role use it".to_owned());
    if role.by == "pod_identity" {
        assumptions.push("its pods run on nodes: on Fargate there is no pod identity".to_owned());
    }
    Edge {
        to: End::Resource(table),
        attributes: vec![
            ("by", Ok(json!(role.by))),
            ("role", Ok(json!(role.role))),
            ("read", whole(read, READ)),
            ("write", whole(write, WRITE)),
        ],
        evidence,
        assumptions,
    }
}

/// The endpoints of the cluster's network that take what is meant for DynamoDB, and gaps where there may be more.
fn endpoints<'s>(cluster: Ref<'s>, world: &World<'s>) -> Vec<Result<Ref<'s>, Gap>> {
    let Some(vpc) = World::facts::<Cluster>(cluster).vpc.as_deref() else {
        return vec![Err(undecided(cluster, "it does not name its VPC"))];
    };
    let listing = world.linked_in(Kind::VpcEndpoint, vpc, &cluster.scope);
    let on_the_way = |endpoint: &Ref<'s>| {
        let facts = World::facts::<VpcEndpoint>(endpoint);
        let taken = match facts.r#type.as_str() {
            "Gateway" => !facts.route_tables.is_empty(),
            // Without private DNS it serves those alone who name it.
            _ => facts.private_dns,
        };
        taken
            && facts.state.eq_ignore_ascii_case("available")
            && facts.service.rsplit('.').next() == Some("dynamodb")
    };
    let found = listing.items.into_iter().filter(on_the_way).map(Ok);
    found.chain(listing.gaps.into_iter().map(Err)).collect()
}

/// Whether the endpoints' policies let the role through. Which of several its pods go by is not judged.
fn passes<'s>(
    cluster: Ref<'s>,
    endpoints: &[Result<Ref<'s>, Gap>],
    identity: &Identity<'s>,
    actions: &[&str],
    table: Ref<'s>,
) -> Verdict {
    let answers = || {
        endpoints.iter().map(|endpoint| {
            let endpoint = endpoint.as_ref().map_err(Gap::clone)?;
            identity.passes(endpoint, actions, &table.id)
        })
    };
    match all(answers()) {
        Ok(false) => match any(answers()) {
            Ok(true) => {
                Err(undecided(cluster, "one VPC endpoint lets the role through and another does not"))
            }
            other => other,
        },
        other => other,
    }
}
