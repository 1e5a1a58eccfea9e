//! Managed identities that users make, and whose tokens they take for their own.

use futures::future::BoxFuture;
use serde::Deserialize;

use super::members::{Unreadable, group_of, issuer, lowered, need, stated};
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
                    listed.add(into, |head, found| identity(api, head, found));
                }
                LIST_FEDERATED_CREDENTIALS => {
                    let trusts = api.list(&LIST_FEDERATED_CREDENTIALS, item).await.all(into, credential);
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

#[derive(Deserialize)]
struct Identity {
    properties: Option<Properties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    principal_id: Option<String>,
    client_id: Option<String>,
}

fn identity(api: &Api, head: Head, found: Identity) -> Result<Resource, Unreadable> {
    let (principal, client) = found.properties.map_or((None, None), |it| (it.principal_id, it.client_id));
    let identity = ManagedIdentity {
        group: group_of(&head)?,
        principal: lowered(principal),
        client: lowered(client),
        trusts: api.unread(&FEDERATED_CREDENTIALS, &head.id),
    };
    Ok(Resource::new(head, identity))
}

#[derive(Deserialize)]
struct Credential {
    properties: Option<Trust>,
}

#[derive(Deserialize)]
struct Trust {
    issuer: Option<String>,
    subject: Option<String>,
    audiences: Option<Vec<String>>,
}

fn credential(found: Credential) -> Result<FederatedCredential, Unreadable> {
    let found = need(found.properties, "properties")?;
    let mut audiences = found.audiences.unwrap_or_default();
    audiences.sort();
    Ok(FederatedCredential {
        issuer: issuer(&need(stated(found.issuer), "issuer")?),
        subject: need(stated(found.subject), "subject")?,
        audiences,
    })
}
