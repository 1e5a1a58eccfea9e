//! What stands for a provider that this build leaves out: every question to it is a gap that says so.

#[cfg(not(feature = "aws"))]
mod accounts;
#[cfg(not(feature = "kubernetes"))]
mod cluster;
#[cfg(not(feature = "azure"))]
mod subscriptions;

use futures::future::BoxFuture;

use super::facts::Facts;
use super::runner::{Ask, Question};
use super::target::AccessError;
use crate::model::seen::Why;
#[cfg(not(feature = "aws"))]
pub(super) use accounts::Accounts;
#[cfg(not(feature = "kubernetes"))]
pub(super) use cluster::Cluster;
#[cfg(not(feature = "azure"))]
pub(super) use subscriptions::Subscriptions;

/// By the feature's name.
struct Unbuilt(&'static str);

impl Unbuilt {
    fn error(&self) -> AccessError {
        AccessError::NotBuilt { feature: self.0 }
    }
}

impl Ask for Unbuilt {
    fn ask<'a>(&'a self, question: &'a Question<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        let detail = self.error().to_string();
        Box::pin(async move { into.unasked(question, Why::Skipped, &detail) })
    }
}
