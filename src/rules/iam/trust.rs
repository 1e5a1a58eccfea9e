//! Who may become a role, as its trust policy says: services, and bearers of a cluster's tokens.

use crate::model::aws::iam::{self, Role};
use crate::model::kind::Resource;
use crate::model::seen::Gap;
use crate::rules::kleene::{Verdict, all, and, not};
use crate::rules::{Ref, World};

use super::evaluate::{Ask, Held, Who};

/// What hands a role to pods by pod identity.
const PODS: &str = "pods.eks.amazonaws.com";

/// A token of an identity provider, as a role's trust policy sees it.
pub(crate) struct Token<'a> {
    /// ARN of the provider.
    pub(crate) provider: &'a str,
    /// Its URL, without the scheme: what condition keys begin with.
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) audience: &'a str,
}

/// Whether the role's trust policy lets a service assume it, on behalf of `caller`.
pub(crate) fn trusts_service(role: Ref<'_>, service: &str, caller: &Resource) -> Verdict {
    trusts(role, &["sts:AssumeRole"], || Who::Service { name: service, caller })
}

/// Whether the role can be handed to pods of a cluster by pod identity, which tags their sessions.
pub(crate) fn trusts_pods(role: Ref<'_>, cluster: &Resource) -> Verdict {
    trusts(role, &["sts:AssumeRole", "sts:TagSession"], || Who::Service { name: PODS, caller: cluster })
}

/// Whether whoever bears the token may become the role.
pub(crate) fn trusts_token(role: Ref<'_>, token: &Token<'_>) -> Verdict {
    trusts(role, &["sts:AssumeRoleWithWebIdentity"], || Who::Bearer(token))
}

fn trusts<'a>(role: Ref<'a>, actions: &[&'a str], who: impl Fn() -> Who<'a>) -> Verdict {
    let document = &World::facts::<Role>(role).trust;
    let trust = Held { document, origin: Gap::unread(iam::ROLE.primary(), &role.scope, &role.id) };
    all(actions.iter().map(|action| {
        let ask = Ask { who: who(), action, resource: &role.id };
        and(not(trust.denies(&ask)), || trust.allows(&ask))
    }))
}
