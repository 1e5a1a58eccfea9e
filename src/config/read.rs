//! The file's tables to what they mean. What `[defaults]` says holds in every env that does not say otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::azure::azure;
use super::kubernetes::kubernetes;
use super::{Config, DesignConfig, Env};
use crate::collect::target::{AssumeRole, AwsTarget};
use crate::design::diagnose::{Diagnostics, Source, WAY_IN};
use crate::design::table::{File, Item, Table, Text};
use crate::design::{Given, GivenValue};

/// Words in keys that only secrets go by; diagnostics hide what stands behind them.
const SECRETS: [&str; 5] = ["secret", "password", "token", "access_key", "credential"];

/// Reads the file's text; relative paths in it start at its folder.
pub fn load(path: &Path, text: &str) -> Result<Config, Diagnostics> {
    let file = File::new(Source::new(&path.display().to_string(), text));
    let mut tables = file.parse();
    if file.found.borrow().is_empty() {
        merge_defaults(&mut tables);
    }
    let root = Table::new(&file, &tables, 0..0);
    let folder = path.parent().unwrap_or(Path::new(""));
    let policies = root.owned("policies").map(|policies| folder.join(policies));
    // Merged into the envs already; asked for so that it is known.
    let _ = root.get("defaults");
    let mut envs = BTreeMap::new();
    for (id, item) in root.named("env") {
        if let Some(table) = item.table() {
            envs.insert(id.text.to_owned(), env(&id, table, folder));
        }
    }
    root.finish();
    let mut found = file.into_found();
    // A mistake in `[defaults]` shows up in every env, but is one.
    let mut seen = BTreeSet::new();
    found.retain(|one| seen.insert((one.message.clone(), one.at.as_ref().map(|(_, span)| span.start))));
    Diagnostics(found).or(Config { file: path.to_owned(), policies, envs })
}

fn merge_defaults(root: &mut DeTable<'_>) {
    let Some(DeValue::Table(defaults)) = root.get("defaults").map(|value| value.get_ref().clone()) else {
        return;
    };
    let envs = root.iter_mut().find(|(key, _)| key.get_ref() == "env").map(|(_, value)| value.get_mut());
    let Some(DeValue::Table(envs)) = envs else { return };
    for (_, env) in envs {
        if let DeValue::Table(env) = env.get_mut() {
            merge(env, &defaults);
        }
    }
}

fn merge<'a>(into: &mut DeTable<'a>, defaults: &DeTable<'a>) {
    for (key, default) in defaults {
        let name: &str = key.get_ref();
        let known = into.iter_mut().find(|(key, _)| *key.get_ref() == name).map(|(_, value)| value.get_mut());
        match (known, default.get_ref()) {
            (Some(DeValue::Table(table)), DeValue::Table(defaults)) => merge(table, defaults),
            (Some(_), _) => {}
            (None, _) => _ = into.insert(key.clone(), default.clone()),
        }
    }
}

fn env(id: &Text<'_>, table: Table<'_>, folder: &Path) -> Env {
    let designs = table.named("design").into_iter();
    let designs = designs.filter_map(|(id, item)| Some((id.text.to_owned(), design(&item)?)));
    let aws = table.table("aws").map(aws);
    let azure = table.table("azure").map(azure);
    let env = Env {
        name: table.owned("name").unwrap_or_else(|| id.text.to_owned()),
        from: table.owned("from").map(|from| folder.join(from)),
        designs: designs.collect(),
        kubernetes: table
            .table("kubernetes")
            .map(|table| kubernetes(table, aws.as_ref(), azure.as_ref(), folder)),
        aws,
        azure,
    };
    if env.from.is_none() && env.aws.is_none() && env.azure.is_none() && env.kubernetes.is_none() {
        let help = "say `from = \"…\"` for a recording, `[env.NAME.aws]` for an account, `[env.NAME.azure]` for a subscription, or `[env.NAME.kubernetes]` for a cluster"
            .to_owned();
        id.fault(format!("env `{}` does not say where its facts come from", id.text), Some(help));
    }
    finish(table);
    env
}

/// Every key but `select` and `digest` is a parameter of the design, which says whether it knows it.
fn design(item: &Item<'_>) -> Option<DesignConfig> {
    let table = item.table()?;
    let mut read = DesignConfig::default();
    read.params.at = Some((Arc::clone(&table.file.source), table.span.clone()));
    for (key, item) in table.all() {
        match key.text {
            "select" => {
                let overrides = item.table().map(|table| table.all()).unwrap_or_default();
                let written = overrides.into_iter();
                let written =
                    written.filter_map(|(node, item)| Some((node.text.to_owned(), item.text()?.written())));
                read.select = written.collect();
            }
            "digest" => read.digest = item.text().map(|text| text.written()),
            _ => {
                let Given { values, .. } = &mut read.params;
                values.insert(key.text.to_owned(), GivenValue::new(&key, item));
            }
        }
    }
    Some(read)
}

fn aws(table: Table<'_>) -> AwsTarget {
    let (account, accounts) = table.get("account").map(accounts).unwrap_or_default();
    let target = AwsTarget {
        profile: table.owned("profile"),
        account,
        regions: table.all_owned("regions"),
        accounts,
        scrub: scrub(&table),
    };
    finish(table);
    target
}

/// What recordings show in another form.
pub(super) fn scrub(table: &Table<'_>) -> BTreeMap<String, String> {
    let pairs = table.named("scrub").into_iter();
    pairs.filter_map(|(what, item)| Some((what.text.to_owned(), item.text()?.text.to_owned()))).collect()
}

/// `account = "ID"`, or a table: `id`, and a further account per role name.
fn accounts(item: Item<'_>) -> (Option<String>, BTreeMap<String, AssumeRole>) {
    if !item.value.get_ref().is_table() {
        return (account(&item), BTreeMap::new());
    }
    let Some(table) = item.table() else { return Default::default() };
    let id = table.get("id").and_then(|item| account(&item));
    let roles = table.all().into_iter().filter(|(role, _)| role.text != "id");
    (id, roles.filter_map(|(role, item)| Some((role.text.to_owned(), assume(item.table()?)))).collect())
}

fn account(item: &Item<'_>) -> Option<String> {
    let id = item.text()?;
    if id.text.len() != 12 || !id.text.bytes().all(|byte| byte.is_ascii_digit()) {
        id.fault("an account id has twelve digits", None);
    }
    Some(id.text.to_owned())
}

fn assume(table: Table<'_>) -> AssumeRole {
    let role_arn = table.required("role_arn");
    if let Some(arn) = &role_arn
        && !(arn.text.starts_with("arn:") && arn.text.contains(":role/"))
    {
        arn.fault(
            "this is no ARN of a role",
            Some("as in arn:aws:iam::999999999999:role/stacks-audit".to_owned()),
        );
    }
    let role = AssumeRole {
        role_arn: role_arn.map(|arn| arn.text.to_owned()).unwrap_or_default(),
        external_id: table.owned("external_id"),
        session_name: table.owned("session_name"),
    };
    finish(table);
    role
}

/// Keys that nobody asked for; a secret is refused by name.
pub(super) fn finish(table: Table<'_>) {
    let secret =
        |key: &str| key != WAY_IN && SECRETS.iter().any(|word| key.to_ascii_lowercase().contains(word));
    for (key, _) in table.all().into_iter().filter(|(key, _)| secret(key.text)) {
        let help = "use a profile, a role or the environment: the SDK's own chain finds them".to_owned();
        key.fault("secrets never stand in this file", Some(help));
    }
    table.finish_but(secret);
}
