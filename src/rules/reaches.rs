//! `reaches`: the container can use this database.

use serde_json::{Value, json};

use crate::model::aws::ecs::{Container, Service};
use crate::model::aws::rds::{Cluster, Instance};
use crate::model::kind::{Facts, Kind};
use crate::model::relation::{RelationMeta, relation};
use crate::model::run::Evidence;
use crate::model::seen::Gap;

use super::evidence::{hop, undecided};
use super::iam;
use super::net::connection::{self, Side};
use super::net::public_service;
use super::net::security_groups::Guard;
use super::world::NotFound;
use super::{Edge, Edges, End, Ref, Relation, World};

/// What a container that uses a table must at least be allowed to do.
const USES_TABLE: &str = "dynamodb:GetItem";

pub(crate) struct Reaches;

impl Relation for Reaches {
    fn meta(&self) -> &'static RelationMeta {
        relation("reaches").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let container = World::facts::<Container>(from);
        let service = match world.find(Kind::EcsService, &container.service, &from.scope) {
            Ok(service) => service,
            Err(NotFound::Unread(gap)) => return Edges { gaps: vec![gap], ..Edges::default() },
            Err(NotFound::Absent) => {
                let gap = undecided(from, format!("{} is not listed", container.service));
                return Edges { gaps: vec![gap], ..Edges::default() };
            }
        };
        let mut edges = Edges::default();
        for kind in ends {
            let databases = world.list(*kind, &service.scope);
            edges.gaps.extend(databases.gaps);
            edges
                .found
                .extend(databases.items.into_iter().map(|database| edge(from, service, database, world)));
        }
        edges
    }
}

fn edge<'s>(container: Ref<'s>, service: Ref<'s>, database: Ref<'s>, world: &World<'s>) -> Edge<'s> {
    let facts = World::facts::<Service>(service);
    let client = Side::new(service, &facts.groups, &facts.subnets, world);
    let mut evidence = vec![
        hop(container, "service", service.id.as_str()),
        hop(service, "network", json!({ "subnets": facts.subnets, "groups": facts.groups })),
    ];
    let (mut permission, mut assumptions) = (Ok(Value::Null), Vec::new());
    let network = match &database.facts {
        Facts::RdsInstance(instance) => {
            evidence.push(listens(database, instance.port, &instance.groups));
            let server = Side::new(database, &instance.groups, &instance.subnets, world);
            connects(&client, &server, instance.port, world)
        }
        Facts::RdsCluster(cluster) => {
            evidence.push(listens(database, cluster.port, &cluster.groups));
            connects(&client, &of_cluster(database, cluster, world), cluster.port, world)
        }
        _ => {
            let role = World::facts::<Container>(container).task_role.as_deref();
            let may = role.map_or(Ok(false), |role| {
                let role = iam::role_arn(role, container);
                iam::role_may(&role, USES_TABLE, &database.id, &container.scope, world)
            });
            permission = may.map(Value::from);
            assumptions.extend(iam::assumptions());
            assumptions.push("policies of VPC endpoints on the way allow it".to_owned());
            let public_ip = facts.assign_public_ip.as_deref() == Some("ENABLED");
            public_service::connects(&client, public_ip, "dynamodb", world)
        }
    };
    Edge {
        to: End::Resource(database),
        attributes: vec![("network", network.map(Value::from)), ("permission", permission)],
        evidence,
        assumptions,
    }
}

fn listens(database: Ref<'_>, port: Option<i64>, groups: &[String]) -> Evidence {
    hop(database, "network", json!({ "port": port, "groups": groups }))
}

fn connects<'s>(
    client: &Side<'s>,
    server: &Side<'s>,
    port: Option<i64>,
    world: &World<'s>,
) -> Result<bool, Gap> {
    let port = port.ok_or_else(|| undecided(server.guard.of, "its port is not told"))?;
    connection::connects(client, server, port, world)
}

/// A cluster doesn't name its subnets; its members do, all the same ones.
fn of_cluster<'s>(database: Ref<'s>, cluster: &'s Cluster, world: &World<'s>) -> Side<'s> {
    let guard = Guard { of: database, groups: &cluster.groups };
    let listed = world.linked_in(Kind::RdsInstance, &database.name, &database.scope);
    let Some(member) = listed.items.into_iter().find(|member| member.scope == database.scope) else {
        let none = || undecided(database, "has no member instance that tells its subnets");
        return Side { guard, subnets: Err(listed.gaps.into_iter().next().unwrap_or_else(none)) };
    };
    let subnets = &World::facts::<Instance>(member).subnets;
    Side { guard, ..Side::new(member, &[], subnets, world) }
}

#[cfg(test)]
mod tests;
