//! `[env.NAME.kubernetes]`: by what the cluster of an env is found and entered.

use std::path::Path;

use super::read::{finish, scrub};
use crate::collect::target::{AwsTarget, AzureTarget, KubernetesTarget, KubernetesWay};
use crate::design::table::{Item, Table};

/// The keys that each name a way in by themselves.
const WAYS: [&str; 4] = ["context", "eks", "aks", "in_cluster"];

/// An empty table is the kubeconfig's current context.
pub(super) fn kubernetes(
    table: Table<'_>,
    aws: Option<&AwsTarget>,
    azure: Option<&AzureTarget>,
    folder: &Path,
) -> KubernetesTarget {
    let mut ways = WAYS.into_iter().filter_map(|key| Some((key, table.get(key)?)));
    let first = ways.next();
    for (key, item) in ways {
        let (other, _) = first.as_ref().expect("a second comes after a first");
        let help = format!("keep one of {}", WAYS.map(|way| format!("`{way}`")).join(", "));
        item.fault(format!("a cluster has one way in: `{other}` says another than `{key}`"), Some(help));
    }
    let way = match &first {
        None => KubernetesWay::default(),
        Some(("eks", item)) => eks(&table, item, aws),
        Some(("aks", item)) => aks(&table, item, azure, folder),
        Some(("in_cluster", item)) => {
            if item.flag() == Some(false) {
                let help = "leave it out, and the kubeconfig's current context is used".to_owned();
                item.fault("`in_cluster` is `true` or not there", Some(help));
            }
            KubernetesWay::InCluster
        }
        Some((_, item)) => KubernetesWay::Context(Some(name(item))),
    };
    let target = KubernetesTarget { way, scrub: scrub(&table) };
    finish(table);
    target
}

fn eks(table: &Table<'_>, item: &Item<'_>, aws: Option<&AwsTarget>) -> KubernetesWay {
    let role = table.text("role");
    match (aws, &role) {
        (None, _) => {
            let help = "add a table `[env.NAME.aws]`; it may be empty".to_owned();
            item.fault("a cluster of EKS is entered with AWS credentials, and this env has none", Some(help));
        }
        (Some(aws), Some(role)) if !aws.accounts.contains_key(role.text) => {
            let help = format!("say who that is in `[env.NAME.aws.account.{}]`", role.text);
            role.fault(format!("this env has no account role `{}`", role.text), Some(help));
        }
        _ => {}
    }
    let region = table.text("region");
    if let (Some(region), Some(aws)) = (&region, aws)
        && !aws.regions.is_empty()
        && !aws.regions.iter().any(|known| known == region.text)
    {
        let help = format!("add it to `regions`; it is scanned in {}", aws.regions.join(", "));
        region.fault(format!("this env is not scanned in `{}`", region.text), Some(help));
    }
    KubernetesWay::Eks {
        cluster: name(item),
        region: region.map(|region| region.text.to_owned()),
        role: role.map(|role| role.text.to_owned()).unwrap_or_default(),
    }
}

fn aks(table: &Table<'_>, item: &Item<'_>, azure: Option<&AzureTarget>, folder: &Path) -> KubernetesWay {
    if azure.is_none() {
        let help = "add a table `[env.NAME.azure]`; it may be empty".to_owned();
        item.fault("a cluster of AKS is entered with Azure credentials, and this env has none", Some(help));
    }
    let subscription = table.text("subscription");
    if let (Some(role), Some(azure)) = (&subscription, azure)
        && !azure.subscriptions.contains_key(role.text)
    {
        let help = "name it in `[env.NAME.azure.subscription]`".to_owned();
        role.fault(format!("this env has no subscription role `{}`", role.text), Some(help));
    }
    KubernetesWay::Aks {
        cluster: name(item),
        group: table.get("group").map(|group| name(&group)),
        subscription: subscription.map(|role| role.text.to_owned()).unwrap_or_default(),
        certificate_authority: table.owned("certificate_authority").map(|file| folder.join(file)),
    }
}

fn name(item: &Item<'_>) -> String {
    let Some(name) = item.text() else { return String::new() };
    if name.text.is_empty() {
        name.fault("this is no name", None);
    }
    name.text.to_owned()
}
