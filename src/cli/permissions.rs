//! `permissions`: the least policy the scanner needs, from what collectors declare.

mod aws;
mod azure;
mod kubernetes;

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};

use super::context::Context;
use super::exit::Exit;
use super::opened::{configuration, library};
use super::output;
use super::trouble::Trouble;
use crate::engine::needs;
use crate::model::call::Call;
use crate::model::kind::Kind;
use crate::model::scope;

/// Print the least-privilege policy that the scanner's role needs
#[derive(Args, Debug)]
pub(super) struct Permissions {
    /// Only what this design needs; may be repeated [default: everything this version can read]
    #[arg(long = "design", value_name = "DESIGN")]
    designs: Vec<String>,

    #[arg(long)]
    provider: Provider,

    /// For Azure: the env in whose subscriptions the role may be assigned
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Provider {
    /// An IAM policy
    Aws,
    /// A custom role, for `az role definition create --role-definition @FILE`
    Azure,
    /// A cluster role
    Kubernetes,
}

impl Provider {
    fn of(self) -> scope::Provider {
        match self {
            Self::Aws => scope::Provider::Aws,
            Self::Azure => scope::Provider::Azure,
            Self::Kubernetes => scope::Provider::Kubernetes,
        }
    }
}

impl Permissions {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let of = self.provider.of();
        let calls: Vec<&'static Call> =
            self.calls(context)?.into_iter().filter(|call| call.provider() == of).collect();
        if calls.is_empty() {
            tracing::warn!("nothing is asked of {of}: this allows nothing", of = of.as_str());
        }
        let policy = match self.provider {
            Provider::Aws => aws::policy(calls),
            Provider::Azure => {
                let subscriptions = self.subscriptions(context)?;
                if subscriptions.is_empty() {
                    let nowhere = azure::NOWHERE;
                    tracing::warn!(
                        "put your subscription's id in the place of {nowhere} before the role is made, or name \
                         the env with --env"
                    );
                }
                azure::role(&calls, &subscriptions)
            }
            Provider::Kubernetes => kubernetes::cluster_role(calls),
        };
        output::to_stdout(|out| writeln!(out, "{policy:#}"))?;
        Ok(Exit::Conformant)
    }

    /// Those that the env names.
    fn subscriptions(&self, context: &Context) -> anyhow::Result<BTreeSet<String>> {
        let Some(env) = &self.env else { return Ok(BTreeSet::new()) };
        let config = configuration(context)?;
        let azure = config.env(env)?.azure.iter();
        Ok(azure.flat_map(|it| it.subscription.iter().chain(it.subscriptions.values())).cloned().collect())
    }

    fn calls(&self, context: &Context) -> anyhow::Result<Vec<&'static Call>> {
        if self.designs.is_empty() {
            return Ok(calls(Kind::ALL.iter().copied()).collect());
        }
        let library = library(context, configuration(context).ok().as_ref())?;
        let mut needed = BTreeMap::new();
        for id in &self.designs {
            let Some(design) = library.designs.get(id) else {
                let there: Vec<&str> = library.designs.keys().map(String::as_str).collect();
                let trouble = Trouble::usage(format!("there is no design {id:?}"));
                return Err(trouble.help(format!("designs there: {}", there.join(", "))).into());
            };
            needed.extend(needs::calls(design));
        }
        Ok(needed.into_values().collect())
    }
}

/// Every call that tells something of these kinds.
fn calls(kinds: impl IntoIterator<Item = Kind>) -> impl Iterator<Item = &'static Call> {
    let sources = kinds.into_iter().flat_map(|kind| kind.meta().sources());
    sources.flat_map(|source| source.calls.iter().copied())
}

/// What one provider is ever asked.
#[cfg(test)]
fn all(provider: scope::Provider) -> Vec<&'static Call> {
    calls(Kind::ALL.iter().copied()).filter(|call| call.provider() == provider).collect()
}
