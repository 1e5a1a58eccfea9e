//! Managed identities that users make, and whose tokens they take for their own.

use futures::future::BoxFuture;

use super::members::{Unreadable, group_of, issuer};
use super::part::{Part, Unfit, resource, whole};
use super::{Api, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::azure::identity::{
    FEDERATED_CREDENTIALS, FederatedCredential, IDENTITIES, LIST_FEDERATED_CREDENTIALS, LIST_IDENTITIES,
    ManagedIdentity,
};
use crate::model::call::Source;
use crate::model::kind::{Head, Resource};

pub(super) struct Identities;

impl Collector for Identities {
    fn id(&self) -> &'static str {
        "azure.identity"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&IDENTITIES, &FEDERATED_CREDENTIALS]
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
                LIST_IDENTITIES => {
                    let listed = api.list(&LIST_IDENTITIES, item).await;
                    listed.add(into, resource(|head, found| identity(api, head, found)));
                }
                LIST_FEDERATED_CREDENTIALS => {
                    let trusts =
                        api.list(&LIST_FEDERATED_CREDENTIALS, item).await.all(into, whole(credential));
                    let trusts = trusts.map(|mut all| {
                        all.sort();
                        all
                    });
                    into.detail::<ManagedIdentity, _>(item.key, trusts, |identity| &mut identity.trusts);
                }
                _ => debug_assert!(false, "{} is not asked here", source.primary()),
            }
        })
    }
}

fn identity(api: &Api, head: Head, found: Part<'_>) -> Result<Resource, Unreadable> {
    let identity = ManagedIdentity {
        group: group_of(&head)?,
        principal: found.lower("properties.principalId")?,
        client: found.lower("properties.clientId")?,
        trusts: api.unread(&FEDERATED_CREDENTIALS, &head.id),
    };
    Ok(Resource::new(head, identity))
}

fn credential(found: Part<'_>) -> Result<FederatedCredential, Unfit> {
    let mut audiences = found.texts("properties.audiences")?;
    audiences.sort();
    Ok(FederatedCredential {
        issuer: issuer(&found.must("properties.issuer")?),
        subject: found.must("properties.subject")?,
        audiences,
    })
}

#[cfg(test)]
mod tests {
    use super::super::canned::{Canned, Found, arm_id, list};
    use super::*;
    use crate::model::seen::Gap;
    use crate::model::snapshot::Outcome;

    const APP: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/App";

    async fn listed(members: &str) -> Found {
        let identity = format!(r#"{{"id":"{}","name":"App","location":"westeurope"{members}}}"#, arm_id(APP));
        Canned::new(&[(200, &list(&identity))]).fetch(&Identities, &IDENTITIES, None, "").await
    }

    async fn trusts(credentials: &str) -> (Outcome, Result<Vec<FederatedCredential>, String>) {
        let listed = listed("").await;
        let subject = listed.resource(&arm_id(APP));
        let service = Canned::new(&[(200, &list(credentials))]);
        let found = service.fetch(&Identities, &FEDERATED_CREDENTIALS, Some(subject), &subject.id).await;
        let identity = found.resource(&arm_id(APP)).as_kind::<ManagedIdentity>().expect("an identity");
        let trusts = identity.trusts.get().cloned().map_err(|gap| gap.detail.clone());
        (found.entry(&LIST_FEDERATED_CREDENTIALS, &subject.id).outcome, trusts)
    }

    #[tokio::test]
    async fn an_identity_is_known_by_its_ids() {
        let found = listed(r#","properties":{"tenantId":"T","principalId":"PP-1","clientId":"CC-1"}"#).await;
        let resource = found.resource(&arm_id(APP));
        let identity = resource.as_kind::<ManagedIdentity>().expect("an identity");
        assert_eq!((&*identity.group, identity.principal.as_deref()), ("core", Some("pp-1")));
        assert_eq!(resource.links(), ["cc-1", "pp-1"]);
        assert!(identity.trusts.gap().is_some_and(Gap::can_be_closed));
        let bare = listed("").await;
        let bare = bare.resource(&arm_id(APP)).as_kind::<ManagedIdentity>().expect("an identity");
        assert_eq!((&bare.principal, &bare.client), (&None, &None));
    }

    #[tokio::test]
    async fn whose_tokens_it_takes_is_read_in_one_form() {
        let credential = |issuer: &str, subject: &str| {
            format!(
                r#"{{"id":"/x","name":"aks","properties":{{"issuer":"{issuer}","subject":"{subject}",
                "audiences":["api://AzureADTokenExchange"]}}}}"#
            )
        };
        let both = [
            credential("https://weu.oic.prod-aks.azure.com/t/c/", "system:serviceaccount:dev-api:b"),
            credential("https://token.actions.example.com", "repo:x"),
        ];
        let (outcome, found) = trusts(&both.join(",")).await;
        let found = found.expect("read");
        let told: Vec<_> = found.iter().map(|it| (&*it.issuer, &*it.subject)).collect();
        let own = ("weu.oic.prod-aks.azure.com/t/c", "system:serviceaccount:dev-api:b");
        assert_eq!(told, [("token.actions.example.com", "repo:x"), own]);
        assert_eq!(found[0].audiences, ["api://AzureADTokenExchange"]);
        assert_eq!(outcome, Outcome::Complete);
        assert_eq!(trusts("").await, (Outcome::Complete, Ok(Vec::new())));
    }

    #[tokio::test]
    async fn a_credential_without_a_subject_leaves_open_whom_it_means() {
        let (outcome, found) = trusts(r#"{"properties":{"issuer":"https://x.example.com"}}"#).await;
        assert_eq!(found, Err("answered without `properties.subject`".to_owned()));
        assert_eq!(outcome, Outcome::Failed);
    }
}
