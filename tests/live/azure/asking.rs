//! What a scan asks of Azure: the reads that the printed role permits, each once, and a token now and then.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stacks_audit::model::call::{Call, Wire};
use stacks_audit::model::kind::Kind;
use stacks_audit::model::scope::Provider;

use crate::recordings::LEVELS;

use super::{Asked, Cloud, text};

/// What names a secret, or does something: none of it may be asked for, whoever declared it.
const NEVER: [&str; 6] =
    ["listkeys", "listcluster", "credential", "backendhealth", "readonlykeys", "connectionstrings"];

/// The calls that any design may ask Azure for.
fn declared() -> BTreeSet<&'static str> {
    let sources = Kind::ALL.iter().flat_map(|kind| kind.meta().sources());
    let calls = sources.flat_map(|source| source.calls).filter(|call| call.provider() == Provider::Azure);
    calls.map(|call| call.id).collect()
}

/// The call that a request is; its permissions say so to whoever may do what.
fn call(asked: &Asked, declared: &BTreeSet<&'static str>) -> &'static Call {
    let parts = |path: &str| path.to_ascii_lowercase().split('/').map(str::to_owned).collect::<Vec<_>>();
    let path = parts(&asked.path);
    let fits = |call: &&Call| {
        let Wire::Arm { path: pattern, versions, filter } = call.wire else { return false };
        let pattern = parts(pattern);
        let same =
            pattern.len() == path.len() && pattern.iter().zip(&path).all(|(p, own)| p == "*" || p == own);
        let said = |name: &str| asked.query.get(name).map(String::as_str);
        let filtered = filter.is_none() || said("$filter") == filter || said("$skiptoken").is_some();
        same && filtered && said("api-version").is_some_and(|version| versions.contains(&version))
    };
    let mut fitting = declared.iter().filter_map(|id| Call::named(id)).filter(fits);
    let only = fitting.next().unwrap_or_else(|| panic!("nobody declared {asked:?}"));
    assert!(fitting.next().is_none(), "{asked:?} is several");
    only
}

/// Everything that was asked is a declared read that the role lets its holder do, made once.
fn only_declared_reads(cloud: &Cloud, actions: &BTreeSet<String>) -> BTreeSet<&'static str> {
    let declared = declared();
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    let mut calls = BTreeSet::new();
    for asked in cloud.asked() {
        *times.entry(format!("{} {} {:?}", asked.at, asked.path, asked.query)).or_default() += 1;
        if asked.at == "authority" {
            assert_eq!(
                (asked.method.as_str(), asked.bearer, asked.code),
                ("POST", false, Some(200)),
                "{asked:?}"
            );
            let tenant = text(&cloud.told["tenant"]);
            assert_eq!(asked.path, format!("/{tenant}/oauth2/v2.0/token"));
            continue;
        }
        assert_eq!(
            (asked.at.as_str(), asked.method.as_str(), asked.bearer),
            ("arm", "GET", true),
            "{asked:?}"
        );
        let lower = asked.path.to_ascii_lowercase();
        let hit = NEVER.iter().find(|never| lower.contains(*never) && !lower.contains("federatedidentity"));
        assert_eq!(hit, None, "{asked:?}");
        if lower.split('/').count() == 3 {
            continue; // The subscription itself, before anything is asked in it.
        }
        let call = call(&asked, &declared);
        // A version that this endpoint does not serve is asked for before one that it does.
        let Wire::Arm { versions, .. } = call.wire else { unreachable!("of ARM") };
        let last = versions.last() == asked.query.get("api-version").map(|it| &**it).as_ref();
        assert!(asked.code == Some(200) || asked.code == Some(400) && !last, "{asked:?}");
        for permission in call.permissions {
            assert!(actions.contains(*permission), "{permission} is not in the role: {asked:?}");
        }
        calls.insert(call.id);
    }
    let again: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(again.is_empty(), "asked twice: {again:#?}");
    calls
}

#[test]
fn only_declared_reads_are_made_each_once_and_of_the_types_that_the_design_needs() {
    let cloud = Cloud::with("aks");
    let role = cloud.program.done(&["permissions", "--design", "azure-aks-rest-api", "--provider", "azure"]);
    let role: Value = serde_json::from_str(&role).expect("JSON");
    let actions: BTreeSet<String> =
        role["Actions"].as_array().expect("actions").iter().map(|it| text(it).to_owned()).collect();
    let mut needed = BTreeSet::new();
    for level in LEVELS {
        cloud.emulator.forget_calls();
        let report = cloud.program.check(&["--level", level]);
        assert_eq!(report.code, 0);
        let calls = only_declared_reads(&cloud, &actions);
        let told: BTreeSet<&str> =
            calls.iter().copied().filter(|call| report.coverage(call).is_empty()).collect();
        assert_eq!(told, BTreeSet::new(), "what was asked is in the ledger");
        assert!(calls.is_superset(&needed), "a level asks for what the one before does: {calls:?}");
        needed = calls;
    }
    assert!(needed.len() > 25, "{needed:?}");
    for command in [&["bind"][..], &["record", "-o", "recorded"], &["collect", "-o", "facts.ndjson"]] {
        cloud.emulator.forget_calls();
        cloud.program.done(&[command, &["--env", "dev-aks"]].concat());
        only_declared_reads(&cloud, &actions);
    }
}
