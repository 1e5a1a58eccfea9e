//! Role assignments of registries, and what roles allow.

use futures::future::BoxFuture;

use super::members::{Unreadable, lower};
use super::part::{Part, Unfit, resource, whole};
use super::{Api, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::azure::authorization::{
    GET_ROLE_DEFINITION, LIST_ROLE_ASSIGNMENTS, Permission, ROLE_ASSIGNMENTS, ROLE_DEFINITION,
    RoleAssignment, RoleDefinition,
};
use crate::model::azure::containers::ContainerRegistry;
use crate::model::call::Source;
use crate::model::kind::{Head, Resource};

pub(super) struct Authorization;

impl Collector for Authorization {
    fn id(&self) -> &'static str {
        "azure.authorization"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&ROLE_ASSIGNMENTS, &ROLE_DEFINITION]
    }

    fn fetch<'a>(
        &'a self,
        api: &'a Api,
        source: &'static Source,
        item: Item<'a>,
        into: &'a mut Facts,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            match *source.calls[0] {
                LIST_ROLE_ASSIGNMENTS => {
                    let listed = api.list(&LIST_ROLE_ASSIGNMENTS, item).await;
                    let assignments = listed.all(into, whole(|found| assignment(&api.scope.account, found)));
                    let assignments = assignments.map(|mut all| {
                        all.sort();
                        all
                    });
                    into.detail::<ContainerRegistry, _>(item.key, assignments, |registry| {
                        &mut registry.assignments
                    });
                }
                GET_ROLE_DEFINITION => {
                    api.get(&GET_ROLE_DEFINITION, item, &[]).await.add(into, resource(definition));
                }
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

fn assignment(subscription: &str, found: Part<'_>) -> Result<RoleAssignment, Unfit> {
    const ROLE: &str = "properties.roleDefinitionId";
    let role = role_in(subscription, &found.must(ROLE)?);
    Ok(RoleAssignment {
        principal: lower(found.must("properties.principalId")?),
        principal_type: found.text("properties.principalType")?,
        role: role.ok_or_else(|| found.garbled(ROLE))?,
        scope: lower(found.must("properties.scope")?),
        condition: found.text("properties.condition")?,
    })
}

/// A role has one id in every subscription that it can be assigned in, but for where it is seen from.
fn role_in(subscription: &str, id: &str) -> Option<String> {
    const ROLES: &str = "/providers/microsoft.authorization/roledefinitions/";
    let id = lower(id);
    let (_, name) = id.split_once(ROLES)?;
    Some(format!("/subscriptions/{subscription}{ROLES}{name}"))
}

fn definition(head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    const PERMISSIONS: &str = "properties.permissions";
    let properties = found.part("properties")?;
    let permissions = properties.members().any(|(name, _)| name.eq_ignore_ascii_case("permissions"));
    found.need(PERMISSIONS, permissions.then_some(()))?;
    let permissions = found.parts(PERMISSIONS)?.into_iter().map(permission);
    let role = RoleDefinition {
        role_name: found.text("properties.roleName")?,
        r#type: found.text("properties.type")?,
        permissions: permissions.collect::<Result<_, _>>()?,
    };
    Ok(Resource::new(head, role))
}

/// What a role, or all roles of the caller, allow in one entry.
pub(super) fn permission(found: Part<'_>) -> Result<Permission, Unfit> {
    Ok(Permission {
        actions: found.texts("actions")?,
        not_actions: found.texts("notActions")?,
        data_actions: found.texts("dataActions")?,
        not_data_actions: found.texts("notDataActions")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::canned::{Canned, Found, SUBSCRIPTION, arm_id, list};
    use super::super::containers::Containers;
    use super::*;
    use crate::model::azure::containers::REGISTRIES;
    use crate::model::seen::Seen;
    use crate::model::snapshot::Outcome;

    const PULL: &str = "7f951dda-4ed3-4680-a7ca-43fe172d538d";

    fn acr() -> String {
        arm_id("Microsoft.ContainerRegistry/registries/Acr")
    }

    fn role(name: &str) -> String {
        format!("/subscriptions/{SUBSCRIPTION}/providers/microsoft.authorization/roledefinitions/{name}")
    }

    fn assigned(principal: &str, role: &str, more: &str) -> String {
        format!(
            r#"{{"id":"/x/roleAssignments/1","name":"1","type":"Microsoft.Authorization/roleAssignments","properties":{{
            "principalId":"{principal}","principalType":"ServicePrincipal","roleDefinitionId":"{role}",
            "scope":"/subscriptions/{SUBSCRIPTION}","createdOn":"2024-01-01T00:00:00Z"{more}}}}}"#
        )
    }

    async fn assignments(answers: &[(u16, &str)]) -> (Found, Seen<Vec<RoleAssignment>>, Vec<String>) {
        let listed = list(&format!(r#"{{"id":"{}","name":"Acr"}}"#, acr()));
        let listed = Canned::new(&[(200, &listed)]).fetch(&Containers, &REGISTRIES, None, "").await;
        let service = Canned::new(answers);
        let subject = listed.resource(&acr()).clone();
        let found = service.fetch(&Authorization, &ROLE_ASSIGNMENTS, Some(&subject), &subject.id).await;
        let registry = found.resource(&acr()).as_kind::<ContainerRegistry>().expect("a registry");
        let assignments = registry.assignments.clone();
        (found, assignments, service.asked())
    }

    #[tokio::test]
    async fn roles_are_those_of_the_registry_and_above_wherever_they_are_defined() {
        let tenant_wide = format!("/providers/Microsoft.Authorization/roleDefinitions/{PULL}");
        let own =
            format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{PULL}");
        let condition = r#","condition":"@Resource[x] StringEquals 'y'""#;
        let both = [assigned("BB", &tenant_wide, r#","condition":null"#), assigned("AA", &own, condition)];
        let (found, assignments, asked) = assignments(&[(200, &list(&both.join(",")))]).await;
        let assignments = assignments.get().expect("read");
        let told: Vec<_> =
            assignments.iter().map(|it| (&*it.principal, &*it.role, it.condition.is_some())).collect();
        let role = role(PULL);
        assert_eq!(told, [("aa", &*role, true), ("bb", &*role, false)]);
        assert_eq!(assignments[0].scope, format!("/subscriptions/{SUBSCRIPTION}"));
        let entry = found.entry(&LIST_ROLE_ASSIGNMENTS, &lower(acr()));
        assert_eq!((entry.outcome, entry.items), (Outcome::Complete, 2));
        assert!(
            asked[0].ends_with("/roleAssignments?api-version=2022-04-01&%24filter=atScope%28%29"),
            "{asked:?}"
        );
        assert_eq!(asked.len(), 1, "what it shows does not hang on what the caller may see: {asked:?}");
    }

    #[tokio::test]
    async fn one_assignment_that_cannot_be_read_leaves_them_all_unknown() {
        let good = assigned("AA", &role(PULL), "");
        for (bad, detail) in [
            ("{}".to_owned(), "answered without `properties.roleDefinitionId`"),
            (assigned("", &role(PULL), ""), "answered without `properties.principalId`"),
            (
                assigned("AA", "/elsewhere", ""),
                "answered with a `properties.roleDefinitionId` that can't be one",
            ),
        ] {
            let (found, assignments, _) = assignments(&[(200, &list(&[&*good, &*bad].join(",")))]).await;
            assert_eq!(assignments.gap().expect("a gap").detail, detail);
            assert_eq!(found.entry(&LIST_ROLE_ASSIGNMENTS, &lower(acr())).outcome, Outcome::Failed);
        }
        let denied = r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#;
        let (found, assignments, _) = assignments(&[(403, denied)]).await;
        assert!(assignments.gap().is_some());
        assert_eq!(found.entry(&LIST_ROLE_ASSIGNMENTS, &lower(acr())).outcome, Outcome::Denied);
    }

    #[tokio::test]
    async fn a_role_says_what_it_allows() {
        let body = format!(
            r#"{{"id":"/providers/Microsoft.Authorization/roleDefinitions/{PULL}","name":"{PULL}",
            "type":"Microsoft.Authorization/roleDefinitions","properties":{{"roleName":"AcrPull","type":"BuiltInRole",
            "description":"acr pull","assignableScopes":["/"],"permissions":[
                {{"actions":["Microsoft.ContainerRegistry/registries/pull/read"],"notActions":[],"dataActions":["d"]}}]}}}}"#
        );
        let found =
            Canned::new(&[(200, &body)]).fetch(&Authorization, &ROLE_DEFINITION, None, &role(PULL)).await;
        let definition = found.resource(&role(PULL)).as_kind::<RoleDefinition>().expect("a role");
        assert_eq!(definition.role_name.as_deref(), Some("AcrPull"));
        assert_eq!(definition.r#type.as_deref(), Some("BuiltInRole"));
        assert!(definition.permissions[0].allows("Microsoft.ContainerRegistry/registries/pull/read"));
        assert!(definition.permissions[0].allows_data("D"));
        let silent = body.replace("permissions", "rights");
        let found =
            Canned::new(&[(200, &silent)]).fetch(&Authorization, &ROLE_DEFINITION, None, &role(PULL)).await;
        let entry = found.entry(&GET_ROLE_DEFINITION, &role(PULL));
        assert_eq!(
            (entry.outcome, &*entry.detail),
            (Outcome::Failed, "answered without `properties.permissions`")
        );
    }
}
