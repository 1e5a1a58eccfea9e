//! Who has a role over an account's data: assignments name roles, and roles say what they allow.

use std::collections::BTreeMap;

use super::super::members::lower;
use super::super::part::{Part, Unfit, whole};
use super::super::{Api, Item};
use crate::collect::facts::Facts;
use crate::model::azure::cosmos::{Grant, LIST_SQL_ROLE_ASSIGNMENTS, LIST_SQL_ROLE_DEFINITIONS};
use crate::model::seen::{Gap, Why};

struct Assignment {
    principal: String,
    scope: String,
    /// Last segment of the id of the role, by which an account's roles differ.
    role: String,
}

/// Roles are asked for whatever became of the assignments: the ledger tells of both.
pub(super) async fn read(api: &Api, item: Item<'_>, into: &mut Facts) -> Result<Vec<Grant>, Gap> {
    let assigned = api.list(&LIST_SQL_ROLE_ASSIGNMENTS, item).await;
    let assigned = assigned.all(into, whole(|found| assignment(found, item.key)));
    let roles = api.list(&LIST_SQL_ROLE_DEFINITIONS, item).await.all(into, whole(definition));
    let (assigned, roles) = (assigned?, roles?.into_iter().collect::<BTreeMap<_, _>>());
    let grant = |Assignment { principal, scope, role }| {
        let missing = match roles.get(&role) {
            Some(Some(data_actions)) => {
                return Ok(Grant { principal, scope, data_actions: data_actions.clone() });
            }
            Some(None) => "it takes back some of what it allows",
            None => "it is not listed",
        };
        let unread = Gap::unread(LIST_SQL_ROLE_DEFINITIONS.id, &api.scope, item.key);
        let detail = format!("the role {role} is given, and {missing}");
        Err(Gap { why: Why::Failed, detail, ..unread })
    };
    let mut grants: Vec<Grant> = assigned.into_iter().map(grant).collect::<Result<_, _>>()?;
    grants.sort();
    Ok(grants)
}

fn assignment(found: Part<'_>, account: &str) -> Result<Assignment, Unfit> {
    let role = found.must("properties.roleDefinitionId")?;
    Ok(Assignment {
        principal: lower(found.must("properties.principalId")?),
        scope: scope(&lower(found.must("properties.scope")?), account),
        role: name(&role),
    })
}

/// What a role allows; nothing that a list could say where it takes back a part of it.
fn definition(found: Part<'_>) -> Result<(String, Option<Vec<String>>), Unfit> {
    let (mut allowed, mut taken) = (Vec::new(), false);
    for permission in found.parts("properties.permissions")? {
        allowed.extend(permission.texts("dataActions")?);
        taken |= !permission.texts("notDataActions")?.is_empty();
    }
    allowed.sort();
    allowed.dedup();
    Ok((name(&found.must("id")?), (!taken).then_some(allowed)))
}

/// In the form of ids: an account's data has paths of its own, `dbs/…/colls/…`, below the account or a single slash.
fn scope(scope: &str, account: &str) -> String {
    let within = match scope.strip_prefix(account) {
        Some(within) if within.is_empty() || within.starts_with('/') => within,
        _ if scope.starts_with("/subscriptions/") => return scope.to_owned(),
        _ => scope,
    };
    let mut id = account.to_owned();
    for (at, segment) in within.split('/').filter(|segment| !segment.is_empty()).enumerate() {
        id.push('/');
        id.push_str(match segment {
            "dbs" if at == 0 => "sqldatabases",
            "colls" if at == 2 => "containers",
            other => other,
        });
    }
    id
}

fn name(id: &str) -> String {
    lower(id.rsplit('/').next().unwrap_or(id))
}
