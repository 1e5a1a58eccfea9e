//! What the caller may read of a subscription. Lists show what the caller may see and say nothing of the rest, so that
//! one is whole only where the right to read all of it is proven.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::super::authorization::permission;
use super::super::part::whole;
use super::super::{Api, Item};
use super::Answer;
use crate::collect::facts::Facts;
use crate::model::azure::authorization::{LIST_PERMISSIONS, Permission};
use crate::model::call::Call;
use crate::model::seen::{Gap, Why};

/// What the caller may do in a subscription: asked once, whoever wants to know first.
#[derive(Clone, Debug, Default)]
pub(in crate::collect::azure) struct Visible(Arc<OnceCell<Rights>>);

#[derive(Debug)]
struct Rights {
    allowed: Result<Vec<Permission>, Gap>,
    pages: u64,
    items: u64,
}

/// What the ledger says of the rights: of those who shared the answer, one counts its pages.
pub(super) struct Noted {
    failed: Option<Gap>,
    pages: u64,
    items: u64,
}

impl Noted {
    pub(super) fn note(self, api: &Api, into: &mut Facts) {
        match self.failed {
            None => into.complete(&LIST_PERMISSIONS, &api.scope, "", self.pages, self.items),
            Some(gap) => into.failed(&gap, self.pages, self.items),
        }
    }
}

/// Whether the caller may read all that this list could show: by every permission of the call, for whoever lacks one over
/// the subscription may have it in a group, and is shown that group.
pub(super) async fn proof(api: &Api, call: &Call) -> (Noted, Result<(), (Why, String)>) {
    let mut first = false;
    let asked = api.visible.0.get_or_init(|| {
        first = true;
        rights(api)
    });
    let rights = asked.await;
    let (pages, items) = if first { (rights.pages, rights.items) } else { (0, 0) };
    let noted = Noted { failed: rights.allowed.as_ref().err().cloned(), pages, items };
    let lacks = |allowed: &[Permission]| {
        let mut needed = call.permissions.iter();
        needed.find(|action| !allowed.iter().any(|entry| entry.allows(action)))
    };
    let proof = match rights.allowed.as_deref().map(lacks) {
        Ok(None) => Ok(()),
        Ok(Some(action)) => {
            let detail = format!(
                "shows what the caller may see, which may not be all: the right to {action} over the whole subscription is not proven"
            );
            Err((Why::Denied, detail))
        }
        Err(gap) => {
            let call = LIST_PERMISSIONS.id;
            Err((gap.why, format!("shows what the caller may see, and {call} did not tell what that is")))
        }
    };
    (noted, proof)
}

/// What the caller's roles allow, those at wider scopes included.
async fn rights(api: &Api) -> Rights {
    let mut answer = Answer::new(api, &LIST_PERMISSIONS, Item { key: "", subject: None });
    match api.path(&LIST_PERMISSIONS, "") {
        Some(path) => answer.follow(&path).await,
        None => answer.fail(Why::Failed, "it can't be asked about that"),
    }
    let (pages, mut unheeded) = (answer.pages, Facts::default());
    let allowed = answer.all(&mut unheeded, whole(permission));
    let items = allowed.as_ref().map_or(0, |all| all.len() as u64);
    Rights { allowed, pages, items }
}
