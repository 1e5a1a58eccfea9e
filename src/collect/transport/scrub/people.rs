//! What a way into a cluster tells of whoever takes it: what their kubeconfig calls clusters and users, where their
//! files are, and what their plugins say to them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::{SCRUBBED, azure_bodies};
use crate::collect::transport::record::TapeHeader;
use crate::model::scope::Provider;

/// What a plugin said stands behind this.
pub(crate) const SAID: &str = ", and said: ";

/// Stands for a cluster of which nothing but its name in a kubeconfig is known.
const UNADDRESSED: &str = "cluster";

/// kube shows files so.
static FILE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"'"[^"]*"'"#).expect("a fixed pattern"));

/// A header without them. A principal that AWS names too is found by its form, and scrubbed as such.
pub(crate) fn unnamed(header: &TapeHeader) -> TapeHeader {
    let mut header = header.clone();
    let of_aws = header.identity.iter().filter(|one| one.provider == Provider::Aws);
    let of_aws: BTreeSet<String> = of_aws.map(|one| one.principal.clone()).collect();
    for one in header.identity.iter_mut().filter(|one| one.provider == Provider::Kubernetes) {
        if !of_aws.contains(&one.principal) {
            SCRUBBED.clone_into(&mut one.principal);
        }
    }
    for one in header.identity.iter_mut().filter(|one| one.provider == Provider::Azure) {
        SCRUBBED.clone_into(&mut one.principal);
    }
    for id in header.subscriptions.values() {
        if let Some(closed) = header.closed.get_mut(id) {
            closed.detail = azure_bodies::without_people(&closed.detail);
        }
    }
    let Some(cluster) = &mut header.cluster else { return header };
    let Some(mut closed) = header.closed.remove(&cluster.identity) else { return header };
    closed.detail = unsaid(&closed.detail);
    if !cluster.addressed {
        closed.detail =
            closed.detail.replace(&format!("{:?}", cluster.identity), &format!("{UNADDRESSED:?}"));
        UNADDRESSED.clone_into(&mut cluster.identity);
    }
    header.closed.insert(cluster.identity.clone(), closed);
    header
}

/// Why there was no way in, without files, without what a plugin said, and without whom a cloud refused.
pub(super) fn unsaid(cause: &str) -> String {
    let own = cause.split_once(SAID).map_or(cause, |(own, _)| own);
    azure_bodies::without_people(&FILE.replace_all(own, format!("'{SCRUBBED}'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_files_nor_what_a_plugin_said_is_kept() {
        let file = r#"failed to read kubeconfig from '"/home/jane/.kube/config"': No such file"#;
        assert_eq!(unsaid(file), "failed to read kubeconfig from 'SCRUBBED': No such file");
        let said = format!("the kubeconfig's plugin ended with exit status: 1{SAID}enter code ABCD, jane");
        assert_eq!(unsaid(&said), "the kubeconfig's plugin ended with exit status: 1");
        let refused = "AuthorizationFailed: The client 'live.com#jane@acme.io' has no right";
        assert_eq!(unsaid(refused), "AuthorizationFailed: The client 'SCRUBBED' has no right");
    }
}
