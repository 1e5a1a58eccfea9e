//! What roles may do: their policies and boundary, the policies of resources, and who may assume them. Organisation
//! and session policies are shown by no snapshot: they are named as assumptions.

mod condition;
mod evaluate;
pub(crate) mod pattern;
mod resource_policy;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod trust;

use crate::model::aws::ec2::VpcEndpoint;
use crate::model::aws::iam::{Policy, Role};
use crate::model::aws::{Arn, ec2, iam};
use crate::model::kind::{Kind, Resource};
use crate::model::scope::Scope;
use crate::model::seen::Gap;

use super::kleene::{Verdict, all, and, any, not, or};
use super::world::NotFound;
use super::{Ref, World};
use evaluate::{Ask, Held, Who};
pub(crate) use trust::{Token, trusts_pods, trusts_service, trusts_token};

/// What every answer about a permission takes for granted.
pub(crate) fn assumptions() -> Vec<String> {
    vec!["no service control, resource control or session policy takes the permission away".to_owned()]
}

/// Whether a role may do something, as its policies and its boundary say.
pub(crate) fn role_may(role: &str, action: &str, resource: &str, near: &Scope, world: &World<'_>) -> Verdict {
    Identity::of(role, near, world)?.may(action, resource)
}

/// A role by ARN; a task definition may call it by its bare name.
pub(crate) fn role_arn(role: &str, owner: &Resource) -> String {
    if role.starts_with("arn:") {
        return role.to_owned();
    }
    let partition = Arn::parse(&owner.id).map_or("aws", |arn| arn.partition);
    format!("arn:{partition}:iam::{}:role/{role}", owner.scope.account)
}

/// A role with its policies, gathered once for many questions.
pub(crate) struct Identity<'s> {
    arn: String,
    policies: Vec<Held<'s>>,
    /// Policies that could not be read: each may hold an Allow or a Deny.
    unread: Vec<Gap>,
    boundary: Option<Result<Held<'s>, Gap>>,
}

impl<'s> Identity<'s> {
    /// The role's policies. A role that is known not to exist has none.
    pub(crate) fn of(role: &str, near: &Scope, world: &World<'s>) -> Result<Self, Gap> {
        let mut identity =
            Self { arn: role.to_owned(), policies: Vec::new(), unread: Vec::new(), boundary: None };
        let role = match world.find(Kind::IamRole, role, near) {
            Ok(found) => found,
            Err(NotFound::Absent) => return Ok(identity),
            Err(NotFound::Unread(gap)) => return Err(gap),
        };
        let facts = World::facts::<Role>(role);
        match facts.attached_policies.get() {
            Ok(arns) => {
                for arn in arns {
                    match managed(arn, role, world) {
                        Ok(policy) => identity.policies.push(policy),
                        Err(gap) => identity.unread.push(gap),
                    }
                }
            }
            Err(gap) => identity.unread.push(gap.clone()),
        }
        match facts.inline_policies.get() {
            Ok(documents) => identity.policies.extend(documents.values().map(|document| Held {
                document,
                origin: Gap::unread(iam::INLINE_POLICIES.primary(), &role.scope, &role.id),
            })),
            Err(gap) => identity.unread.push(gap.clone()),
        }
        identity.boundary = facts.boundary.as_deref().map(|arn| managed(arn, role, world));
        Ok(identity)
    }

    /// Whether the role may do something where only its own policies are asked.
    pub(crate) fn may(&self, action: &str, resource: &str) -> Verdict {
        let ask = self.asking(action, resource);
        and(self.room(&ask), || self.allows(&ask))
    }

    /// Whether the role's own policies leave room for it: no Deny, and nothing outside the boundary.
    pub(crate) fn leaves_room(&self, action: &str, resource: &str) -> Verdict {
        self.room(&self.asking(action, resource))
    }

    /// Whether the role may do all this with a resource that has a policy of its own: its Deny always counts, its Allow
    /// is needed from another account and enough in the same one.
    pub(crate) fn may_use(&self, actions: &[&str], resource: Ref<'_>) -> Verdict {
        all(actions.iter().map(|action| self.may_use_for(action, resource)))
    }

    fn may_use_for(&self, action: &str, resource: Ref<'_>) -> Verdict {
        let ask = self.asking(action, &resource.id);
        let own = self.room(&ask);
        let across = Arn::parse(&self.arn).is_none_or(|role| role.account != resource.scope.account);
        let policy = |allow: bool| {
            let Some(held) = resource_policy::of(resource)? else { return Ok(false) };
            let who = Who::Role { arn: &self.arn, by_account: across };
            let ask = Ask { who, action, resource: &resource.id };
            if allow { held.allows(&ask) } else { held.denies(&ask) }
        };
        let undenied = || not(policy(false));
        if across {
            and(and(own, || self.allows(&ask)), || and(undenied(), || policy(true)))
        } else {
            and(own, || and(undenied(), || or(self.allows(&ask), || policy(true))))
        }
    }

    /// Whether a VPC endpoint lets the role's requests through, all of these.
    pub(crate) fn passes(&self, endpoint: Ref<'_>, actions: &[&str], resource: &str) -> Verdict {
        let Some(document) = &World::facts::<VpcEndpoint>(endpoint).policy else { return Ok(true) };
        let origin = Gap::unread(ec2::VPC_ENDPOINTS.primary(), &endpoint.scope, &endpoint.id);
        let held = Held { document, origin };
        all(actions.iter().map(|action| {
            let ask = Ask { who: Who::Role { arn: &self.arn, by_account: true }, action, resource };
            and(not(held.denies(&ask)), || held.allows(&ask))
        }))
    }

    fn asking<'a>(&'a self, action: &'a str, resource: &'a str) -> Ask<'a> {
        Ask { who: Who::Holder { role: &self.arn }, action, resource }
    }

    fn room(&self, ask: &Ask<'_>) -> Verdict {
        and(not(self.denies(ask)), || self.bounded(ask))
    }

    fn denies(&self, ask: &Ask<'_>) -> Verdict {
        let boundary = self.boundary.iter().map(|boundary| ask_boundary(boundary, |held| held.denies(ask)));
        any(self.policies.iter().map(|policy| policy.denies(ask)).chain(boundary).chain(self.open()))
    }

    fn allows(&self, ask: &Ask<'_>) -> Verdict {
        any(self.policies.iter().map(|policy| policy.allows(ask)).chain(self.open()))
    }

    /// Whether the boundary, if there is one, leaves room for it.
    fn bounded(&self, ask: &Ask<'_>) -> Verdict {
        self.boundary.as_ref().map_or(Ok(true), |boundary| ask_boundary(boundary, |held| held.allows(ask)))
    }

    fn open(&self) -> impl Iterator<Item = Verdict> {
        self.unread.iter().map(|gap| Err(gap.clone()))
    }
}

fn ask_boundary(boundary: &Result<Held<'_>, Gap>, ask: impl FnOnce(&Held<'_>) -> Verdict) -> Verdict {
    boundary.as_ref().map_err(Clone::clone).and_then(ask)
}

/// A managed policy of this role.
fn managed<'s>(arn: &str, role: Ref<'s>, world: &World<'s>) -> Result<Held<'s>, Gap> {
    match world.find(Kind::IamPolicy, arn, &role.scope) {
        Ok(policy) => Ok(Held {
            document: &World::facts::<Policy>(policy).document,
            origin: Gap::unread(iam::POLICY.primary(), &policy.scope, &policy.id),
        }),
        Err(NotFound::Unread(gap)) => Err(gap),
        Err(NotFound::Absent) => Err(Gap::in_transition(
            iam::POLICY.primary(),
            &role.scope,
            arn,
            "the role names a policy that is gone",
        )),
    }
}
