//! IAM: the roles that are assumed, the policies that say what they may do, and the identity providers that they trust.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use aws_sdk_iam::types as sdk;
use futures::future::BoxFuture;

use super::members::{Unreadable, marker, need, sorted, tags, without_scheme};
use super::{Api, Batch, Collector};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::iam::{
    ATTACHED_POLICIES, GET_OPEN_ID_CONNECT_PROVIDER, GET_POLICY, GET_POLICY_VERSION, GET_ROLE,
    GET_ROLE_POLICY, INLINE_POLICIES, LIST_ATTACHED_ROLE_POLICIES, LIST_OPEN_ID_CONNECT_PROVIDERS,
    LIST_ROLE_POLICIES, OIDC_PROVIDERS, OidcProvider, POLICY, Policy, ROLE, Role,
};
use crate::model::aws::policy::PolicyDocument;
use crate::model::call::Source;
use crate::model::kind::Resource;
use crate::model::seen::Seen;

const PAGE: i32 = 1000;
const GONE: &str = "NoSuchEntity";

pub(super) struct Iam;

impl Collector for Iam {
    fn id(&self) -> &'static str {
        "aws.iam"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&ROLE, &ATTACHED_POLICIES, &INLINE_POLICIES, &POLICY, &OIDC_PROVIDERS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_iam, api);
            for item in &batch.items {
                match *batch.source.calls[0] {
                    GET_ROLE => role(api, &client, item.key, into).await,
                    LIST_ATTACHED_ROLE_POLICIES => attached(api, &client, item.key, into).await,
                    LIST_ROLE_POLICIES => inline(api, &client, item.key, into).await,
                    GET_POLICY => policy(api, &client, item.key, into).await,
                    LIST_OPEN_ID_CONNECT_PROVIDERS => providers(api, &client, item.key, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

/// Calls take a role's name; ids are ARNs, whose path goes before the name.
fn name_in(key: &str) -> &str {
    Arn::parse(key).map_or(key, |arn| arn.name())
}

async fn role(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.get_role().role_name(name_in(key)).send().await;
    api.ask(&GET_ROLE, key)
        .once_or_absent(GONE, found, |output| need(output.role, "Role"))
        // A role of this name under another path is not the one that was asked about.
        .only(|role| role.arn == key)
        .add(into, |found| facts(api, found));
}

fn facts(api: &Api, found: sdk::Role) -> Result<Resource, Unreadable> {
    let id = found.arn;
    let role = Role {
        trust: document(&need(found.assume_role_policy_document, "AssumeRolePolicyDocument")?)?,
        boundary: found.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn),
        attached_policies: api.unread(&ATTACHED_POLICIES, &id),
        inline_policies: api.unread(&INLINE_POLICIES, &id),
    };
    let found_tags = found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
    Ok(Resource::new(api.head(id, found.role_name, Seen::Known(tags(found_tags))), role))
}

async fn attached(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let list = || client.list_attached_role_policies().role_name(name_in(key)).max_items(PAGE);
    let arns = api
        .ask(&LIST_ATTACHED_ROLE_POLICIES, key)
        .pages(
            |marker| list().set_marker(marker).send(),
            |page| {
                let policies = page.attached_policies.unwrap_or_default().into_iter();
                let arns = policies.map(|policy| need(policy.policy_arn, "PolicyArn"));
                Ok((arns.collect::<Result<_, _>>()?, marker(page.is_truncated, page.marker)?))
            },
        )
        .await
        .all(into);
    into.detail::<Role, _>(key, arns, |role| &mut role.attached_policies);
}

async fn inline(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let list = || client.list_role_policies().role_name(name_in(key)).max_items(PAGE);
    let listed = api
        .ask(&LIST_ROLE_POLICIES, key)
        .pages(
            |marker| list().set_marker(marker).send(),
            |page| Ok((page.policy_names, marker(page.is_truncated, page.marker)?)),
        )
        .await
        .all(into);
    let mut policies = listed.as_ref().map(|_| BTreeMap::new()).map_err(Clone::clone);
    for name in listed.unwrap_or_default() {
        let found = client.get_role_policy().role_name(name_in(key)).policy_name(&name).send().await;
        let document =
            api.ask(&GET_ROLE_POLICY, key).value(into, found, |output| document(&output.policy_document));
        policies = policies.and_then(|mut policies| {
            policies.insert(name, document?);
            Ok(policies)
        });
    }
    into.detail::<Role, _>(key, policies, |role| &mut role.inline_policies);
}

/// A managed policy, and the document of its default version.
async fn policy(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.get_policy().policy_arn(key).send().await;
    let found = api
        .ask(&GET_POLICY, key)
        .once_or_absent(GONE, found, |output| {
            let found = need(output.policy, "Policy")?;
            let version = need(found.default_version_id, "DefaultVersionId")?;
            let tags = found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
            Ok((need(found.policy_name, "PolicyName")?, version, self::tags(tags)))
        })
        .one(into);
    let Ok(Some((name, version, tags))) = found else { return };
    let found = client.get_policy_version().policy_arn(key).version_id(&version).send().await;
    let document = api.ask(&GET_POLICY_VERSION, key).value(into, found, |output| {
        document(&need(need(output.policy_version, "PolicyVersion")?.document, "Document")?)
    });
    if let Ok(document) = document {
        let head = api.head(key.to_owned(), name, Seen::Known(tags));
        into.add(Resource::new(head, Policy { version, document }));
    }
}

async fn providers(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let listed = client.list_open_id_connect_providers().send().await;
    let listed = api.ask(&LIST_OPEN_ID_CONNECT_PROVIDERS, key).once(listed, |output| {
        let providers = output.open_id_connect_provider_list.unwrap_or_default().into_iter();
        providers.map(|provider| need(provider.arn, "Arn")).collect()
    });
    let (arns, _) = listed.noted(into);
    for arn in arns {
        let found = client.get_open_id_connect_provider().open_id_connect_provider_arn(&arn).send().await;
        api.ask(&GET_OPEN_ID_CONNECT_PROVIDER, key).once_or_absent(GONE, found, Ok).add(into, |found| {
            let url = without_scheme(&need(found.url, "Url")?).to_owned();
            let tags = tags(found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
            let head = api.head(arn.clone(), url.clone(), Seen::Known(tags));
            let clients = sorted(found.client_id_list.unwrap_or_default());
            Ok(Resource::new(head, OidcProvider { url, clients }))
        });
    }
}

/// IAM hands out documents percent-encoded.
fn document(encoded: &str) -> Result<PolicyDocument, Unreadable> {
    let json = percent_decoded(encoded).ok_or(Unreadable::Garbled("policy document"))?;
    Ok(PolicyDocument::parse(&json)?)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::super::canned::{Canned, Found};
    use super::*;
    use crate::model::snapshot::Outcome;

    const ID: &str = "arn:aws:iam::111111111111:role/web";
    const TRUST: &str = "%7B%22Statement%22%3A%5B%5D%7D";

    fn role_answer(arn: &str, trust: &str) -> String {
        format!(
            "<GetRoleResponse><GetRoleResult><Role><Path>/</Path><RoleName>web</RoleName><RoleId>A</RoleId>\
             <Arn>{arn}</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate>\
             <AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>\
             </Role></GetRoleResult></GetRoleResponse>"
        )
    }

    async fn role_as(status: u16, body: &str) -> Found {
        Canned::new([(status, body)]).fetch(&Iam, &ROLE, None, &[ID]).await
    }

    #[tokio::test]
    async fn a_role_that_does_not_exist_is_known_not_to() {
        let gone = "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>";
        let elsewhere = role_answer("arn:aws:iam::111111111111:role/other/web", TRUST);
        for (status, body) in [(404, gone), (200, elsewhere.as_str())] {
            let found = role_as(status, body).await;
            assert!(found.ids().is_empty());
            let entry = found.entry(&GET_ROLE, ID);
            assert_eq!((entry.outcome, entry.items), (Outcome::Complete, 0));
        }
    }

    #[tokio::test]
    async fn a_role_whose_trust_cannot_be_read_is_a_gap() {
        let found = role_as(200, &role_answer(ID, "%7B%7D")).await;
        assert_eq!(found.entry(&GET_ROLE, ID).outcome, Outcome::Failed);
    }

    #[tokio::test]
    async fn one_inline_policy_that_was_denied_gaps_them_all() {
        let subject = role_as(200, &role_answer(ID, TRUST)).await.resource(ID).clone();
        let listed = "<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames><member>a</member>\
            <member>b</member></PolicyNames><IsTruncated>false</IsTruncated></ListRolePoliciesResult>\
            </ListRolePoliciesResponse>";
        let read = format!(
            "<GetRolePolicyResponse><GetRolePolicyResult><RoleName>web</RoleName><PolicyName>b</PolicyName>\
             <PolicyDocument>{TRUST}</PolicyDocument></GetRolePolicyResult></GetRolePolicyResponse>"
        );
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
        let service = Canned::new([(200, listed), (403, denied), (200, &read)]);
        let found = service.fetch(&Iam, &INLINE_POLICIES, Some(&subject), &[ID]).await;
        let role = found.resource(ID).as_kind::<Role>().expect("a role");
        assert_eq!(role.inline_policies.gap().expect("denied").call, GET_ROLE_POLICY.id);
        assert_eq!(found.entry(&LIST_ROLE_POLICIES, ID).outcome, Outcome::Complete);
        assert_eq!(found.entry(&GET_ROLE_POLICY, ID).outcome, Outcome::Denied);
    }

    #[tokio::test]
    async fn a_provider_that_went_missing_is_gone_and_one_that_was_denied_makes_the_list_incomplete() {
        let arn = |name: &str| format!("arn:aws:iam::111111111111:oidc-provider/{name}");
        let member = |name: &str| format!("<member><Arn>{}</Arn></member>", arn(name));
        let listed = format!(
            "<ListOpenIDConnectProvidersResponse><ListOpenIDConnectProvidersResult><OpenIDConnectProviderList>{}{}{}\
             </OpenIDConnectProviderList></ListOpenIDConnectProvidersResult></ListOpenIDConnectProvidersResponse>",
            member("a.example.com"),
            member("b.example.com"),
            member("c.example.com"),
        );
        let read = "<GetOpenIDConnectProviderResponse><GetOpenIDConnectProviderResult><Url>https://a.example.com</Url>\
            <ClientIDList><member>sts.amazonaws.com</member></ClientIDList></GetOpenIDConnectProviderResult>\
            </GetOpenIDConnectProviderResponse>";
        let gone = "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>";
        let denied = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
        let outcome = async |last| {
            let service = Canned::new([(200, &listed), (200, read), (404, gone), last]);
            let found = service.fetch(&Iam, &OIDC_PROVIDERS, None, &[""]).await;
            assert_eq!(found.ids(), [arn("a.example.com")]);
            let provider =
                found.resource(&arn("a.example.com")).as_kind::<OidcProvider>().expect("a provider");
            assert_eq!(
                (&*provider.url, &*provider.clients),
                ("a.example.com", &["sts.amazonaws.com".to_owned()][..])
            );
            assert_eq!(found.entry(&LIST_OPEN_ID_CONNECT_PROVIDERS, "").items, 3);
            found.entry(&GET_OPEN_ID_CONNECT_PROVIDER, "").outcome
        };
        assert_eq!(outcome((404, gone)).await, Outcome::Complete);
        assert_eq!(outcome((403, denied)).await, Outcome::Denied);
    }

    #[test]
    fn documents_are_decoded() {
        assert_eq!(percent_decoded("%7B%22a%22%3A%221+1%25%22%7D").as_deref(), Some(r#"{"a":"1+1%"}"#));
        assert_eq!(percent_decoded("%E2%82%AC").as_deref(), Some("€"));
    }

    #[test]
    fn a_document_that_is_cut_off_or_no_text_is_not_guessed_at() {
        for broken in ["%7", "%", "%zz", "%+1", "%FF"] {
            assert_eq!(percent_decoded(broken), None, "{broken}");
        }
        assert!(matches!(document("%7B%7D"), Err(Unreadable::Policy(_))));
    }

    #[test]
    fn a_path_is_no_part_of_a_role_name() {
        assert_eq!(name_in("arn:aws:iam::111111111111:role/service-role/build"), "build");
    }
}
