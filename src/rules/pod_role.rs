//! The IAM role that a deployment's pods act as: by a pod identity association of the cluster, or else by their service
//! account's token, which the role has to trust.

use serde_json::json;

use super::evidence::{hop, undecided};
use super::iam::{Token, trusts_pods, trusts_token};
use super::kleene::{Verdict, and, any, foremost};
use super::world::NotFound;
use super::{Ref, World, apiserver};
use crate::model::aws::Arn;
use crate::model::aws::eks::{self, Addon, Cluster, PodIdentity};
use crate::model::aws::iam::{self, OidcProvider, Role};
use crate::model::kind::Kind;
use crate::model::kubernetes::workload::{Deployment, SERVICE_ACCOUNTS, ServiceAccount};
use crate::model::run::Evidence;
use crate::model::scope::Scope;
use crate::model::seen::Gap;

const AGENT: &str = "eks-pod-identity-agent";
const AUDIENCE: &str = "sts.amazonaws.com";

pub(crate) struct PodRole<'s> {
    /// `pod_identity` or `irsa`.
    pub(crate) by: &'static str,
    /// ARN.
    pub(crate) role: &'s str,
    pub(crate) cluster: Ref<'s>,
    /// Whether the pods really come by it.
    pub(crate) usable: Verdict,
    pub(crate) evidence: Vec<Evidence>,
}

/// The service account of a deployment's pods.
struct Account<'s> {
    deployment: Ref<'s>,
    cluster: Ref<'s>,
    /// Id of the namespace.
    within: &'s str,
    namespace: &'s str,
    name: &'s str,
}

/// The role that the deployment's pods act as; `None` where it is known that they have none.
pub(crate) fn of<'s>(from: Ref<'s>, cluster: Ref<'s>, world: &World<'s>) -> Result<Option<PodRole<'s>>, Gap> {
    let facts = World::facts::<Deployment>(from);
    let account = Account {
        deployment: from,
        cluster,
        within: &facts.namespace,
        namespace: facts.namespace.rsplit('/').next().unwrap_or_default(),
        name: facts.service_account.as_deref().unwrap_or("default"),
    };
    let associations = world.children(Kind::EksPodIdentity, cluster);
    let found = associations.items.into_iter().find(|association| {
        let facts = World::facts::<PodIdentity>(association);
        facts.namespace == account.namespace && facts.service_account == account.name
    });
    match (found, foremost(associations.gaps)) {
        (Some(association), _) => account.by_pod_identity(association, world).map(Some),
        // An association that is not read would win over whatever the service account says.
        (None, Some(gap)) => Err(gap),
        (None, None) => account.by_token(world),
    }
}

impl<'s> Account<'s> {
    fn by_pod_identity(&self, association: Ref<'s>, world: &World<'s>) -> Result<PodRole<'s>, Gap> {
        let facts = World::facts::<PodIdentity>(association);
        let first = facts.role.as_deref().ok_or_else(|| undecided(association, "it names no role"))?;
        let (role, usable) = match facts.target_role.as_deref() {
            None => {
                let trusted = || self.trusted(first, world, |role| trusts_pods(role, self.cluster));
                (first, and(self.agent(world), trusted))
            }
            Some(target) => {
                let why = format!("whether {first} may become {target} is not judged");
                (target, Err(undecided(association, why)))
            }
        };
        let mut evidence = self.evidence(world);
        evidence.push(hop(association, "role", role));
        let agent =
            world.linked(Kind::EksAddon, &self.cluster.id).into_iter().find(|addon| addon.name == AGENT);
        evidence.extend(agent.map(|agent| hop(agent, "status", json!(World::facts::<Addon>(agent).status))));
        evidence.extend(trust(role, world));
        Ok(PodRole { by: "pod_identity", role, cluster: self.cluster, usable, evidence })
    }

    fn by_token(&self, world: &World<'s>) -> Result<Option<PodRole<'s>>, Gap> {
        let accounts = world.linked(Kind::K8sServiceAccount, self.within);
        let Some(account) = accounts.into_iter().find(|account| account.name == self.name) else {
            let scope = &self.deployment.scope;
            return world.snapshot().complete(&SERVICE_ACCOUNTS, scope, self.within).map(|()| None);
        };
        let Some(role) = World::facts::<ServiceAccount>(account).aws_role.as_deref() else { return Ok(None) };
        let cluster = World::facts::<Cluster>(self.cluster);
        let usable = match cluster.oidc_issuer.as_deref() {
            None => Ok(false),
            Some(issuer) => self.lets_in(role, issuer, world),
        };
        let mut evidence = self.evidence(world);
        evidence.push(hop(account, "aws_role", role));
        evidence.push(hop(self.cluster, "oidc_issuer", json!(cluster.oidc_issuer)));
        evidence.extend(trust(role, world));
        Ok(Some(PodRole { by: "irsa", role, cluster: self.cluster, usable, evidence }))
    }

    /// Whether the role's account knows the issuer of the cluster's tokens, and the role lets this one in.
    fn lets_in(&self, role: &str, issuer: &str, world: &World<'s>) -> Verdict {
        let parsed = Arn::parse(role).ok_or_else(|| undecided(self.cluster, format!("{role} is no ARN")))?;
        let provider = format!("arn:{}:iam::{}:oidc-provider/{issuer}", parsed.partition, parsed.account);
        let subject = format!("system:serviceaccount:{}:{}", self.namespace, self.name);
        let token = Token { provider: &provider, issuer, subject: &subject, audience: AUDIENCE };
        and(provides(parsed.account, issuer, world), || {
            self.trusted(role, world, |role| trusts_token(role, &token))
        })
    }

    /// What the role's trust policy says. A role that is known not to exist trusts nobody.
    fn trusted(&self, role: &str, world: &World<'s>, says: impl FnOnce(Ref<'s>) -> Verdict) -> Verdict {
        match world.find(Kind::IamRole, role, &self.cluster.scope) {
            Ok(role) => says(role),
            Err(NotFound::Absent) => Ok(false),
            Err(NotFound::Unread(gap)) => Err(gap),
        }
    }

    /// Whether the agent runs that hands pods their roles. Its add-on is not the only way it comes to be there: that it
    /// is missing, or not well, proves nothing.
    fn agent(&self, world: &World<'s>) -> Verdict {
        let addons = world.children(Kind::EksAddon, self.cluster);
        let Some(agent) = addons.items.into_iter().find(|addon| addon.name == AGENT) else {
            let why = format!("no add-on {AGENT} is there, but Auto Mode or a chart of one's own may run it");
            return Err(foremost(addons.gaps).unwrap_or_else(|| undecided(self.cluster, why)));
        };
        match World::facts::<Addon>(agent).status.as_deref() {
            Some("ACTIVE") => Ok(true),
            Some(status @ ("CREATING" | "UPDATING" | "DELETING")) => {
                let call = eks::ADDONS.primary();
                Err(Gap::in_transition(call, &agent.scope, &self.cluster.id, &format!("{AGENT} is {status}")))
            }
            status => {
                let status = status.unwrap_or("in a state that is not told");
                Err(undecided(agent, format!("it is {status}: whether the agent runs is not known")))
            }
        }
    }

    fn evidence(&self, world: &World<'s>) -> Vec<Evidence> {
        let mut evidence = apiserver::evidence(&self.deployment.scope, self.cluster, world);
        evidence.insert(0, hop(self.deployment, "service_account", self.name));
        evidence
    }
}

/// Whether the account trusts the issuer's tokens where they are meant for STS.
fn provides(account: &str, issuer: &str, world: &World<'_>) -> Verdict {
    let scope = Scope::aws(account, crate::model::scope::GLOBAL);
    if !world.scans(account) {
        return Err(Gap {
            detail: format!("account {account} is not scanned in this env"),
            ..Gap::unread(iam::OIDC_PROVIDERS.primary(), &scope, "")
        });
    }
    let listing = world.list(Kind::IamOidcProvider, &scope);
    let providers = listing.items.iter().map(|found| World::facts::<OidcProvider>(found));
    let known = providers.filter(|provider| provider.url == issuer);
    let answers = known.map(|provider| Ok(provider.clients.iter().any(|client| client == AUDIENCE)));
    any(answers.chain(listing.gaps.iter().map(|gap| Err(gap.clone()))))
}

fn trust(role: &str, world: &World<'_>) -> Option<Evidence> {
    let role = world.get(Kind::IamRole, role)?;
    Some(hop(role, "trust", json!(World::facts::<Role>(role).trust)))
}
