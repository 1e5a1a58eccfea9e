//! Ways into the subscriptions and into the cluster: whichever it is, the same is read, and recorded.

use serde_json::{Value, json};

use crate::program::CONFIG;
use crate::recordings::{LEVELS, same_bytes, shows_nothing};
use crate::report::{Report, only_unknown_is_new};

use super::{CONTEXT, Cloud, NOBODYS, STAND_INS, WAY, text};

/// The API server by the name that it has in Azure, which the emulator's proxy leads to it.
const BY_NAME: [&str; 2] = ["--variation", "api_by_azure_name"];
const CLUSTER: &str = "example-stacks-nonprod-euw-core";

/// Finds the API server by the name that the cluster has in Azure.
fn by_name(cloud: &mut Cloud) {
    cloud.program.set("HTTPS_PROXY", text(&cloud.told["proxy"]));
    let resources = cloud.emulator.azure("GET", "resources", &Value::Null);
    let ours = format!("/managedClusters/{CLUSTER}");
    let named =
        |it: &&Value| text(&it["id"]).ends_with(&ours) && text(&it["properties"]["fqdn"]).contains("azmk8s");
    let resources = resources.as_array().expect("a list");
    let host = text(&resources.iter().find(named).expect("a cluster")["properties"]["fqdn"]);
    let known = std::fs::read_to_string(cloud.emulator.kubeconfig()).expect("a kubeconfig");
    let mut kubeconfig: Value = serde_json::from_str(&known).expect("JSON is YAML");
    kubeconfig["clusters"][0]["cluster"]["server"] = json!(format!("https://{host}:443"));
    cloud.program.kubeconfig(&kubeconfig);
}

/// The cluster by its name alone: no way in where there is none into Azure.
fn by_aks() -> String {
    format!("[env.dev-aks.kubernetes]\naks = {CLUSTER:?}")
}

/// A way to log in: what the configuration says of it, and what the environment does.
fn ways(cloud: &Cloud) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let told = &cloud.told;
    let own = |value: &Value| text(value).to_owned();
    let reader = &told["principals"]["reader"];
    let client =
        || vec![("AZURE_TENANT_ID", own(&told["tenant"])), ("AZURE_CLIENT_ID", own(&reader["client_id"]))];
    let with = |name, value: &Value| [client(), vec![(name, own(value))]].concat();
    let machine = vec![
        ("IDENTITY_ENDPOINT", format!("{}/token", own(&told["identity"]))),
        ("IDENTITY_HEADER", own(&told["identity_header"])),
    ];
    let secret = with("AZURE_CLIENT_SECRET", &reader["secret"]);
    let federated = with("AZURE_FEDERATED_TOKEN_FILE", &told["federated_token"]);
    vec![
        (WAY, secret.clone()),
        ("", secret),
        (WAY, with("AZURE_CLIENT_CERTIFICATE_PATH", &told["certificate"])),
        (r#"credential = "workload_identity""#, federated.clone()),
        ("", federated),
        (r#"credential = "managed_identity""#, machine),
    ]
}

#[test]
fn every_way_in_gives_the_same_verdicts_as_its_recording() {
    let mut cloud = Cloud::changed("aks-broken", &BY_NAME);
    by_name(&mut cloud);
    let mut known: Vec<Option<Report>> = LEVELS.map(|_| None).into();
    let by_aks = by_aks();
    let mut ways: Vec<_> =
        ways(&cloud).into_iter().map(|(way, variables)| (way, variables, CONTEXT)).collect();
    let (way, variables, _) = ways[0].clone();
    ways.push((way, variables, &by_aks));
    for (number, (way, variables, entered)) in ways.into_iter().enumerate() {
        cloud.log_out();
        for (name, value) in &variables {
            cloud.program.set(name, value);
        }
        cloud.configure(&CONFIG.replace(WAY, way).replace(CONTEXT, entered));
        let folder = format!("recorded-{number}");
        let described = format!("{way}, {variables:?}, {entered}");
        cloud.program.done(&["record", "--env", "dev-aks", "-o", &folder]);
        for (level, known) in LEVELS.iter().zip(&mut known) {
            let live = cloud.program.check(&["--level", level]);
            assert_eq!(live.code, 1, "{described}, {level}: {:?}", live.gaps());
            let known = known.get_or_insert_with(|| live.clone());
            assert_eq!(live.verdicts(), known.verdicts(), "{described}, {level}");
            for from in ["tape", "snapshot.ndjson"] {
                let replayed =
                    cloud.program.check(&["--level", level, "--from", &format!("{folder}/{from}")]);
                assert_eq!(replayed.code, 1, "{described}, {level}, {from}");
                assert_eq!(replayed.judged(), known.judged(), "{described}, {level}, {from}");
            }
        }
    }
    let hardened = known.pop().flatten().expect("the last level");
    assert!(hardened.with("FAIL").len() >= 18, "{:?}", hardened.with("FAIL"));
}

#[test]
fn a_conformant_cloud_is_recorded_the_same_each_time() {
    let mut cloud = Cloud::changed("aks", &BY_NAME);
    by_name(&mut cloud);
    cloud.emulator.azure("POST", "clock", &json!({ "now": "2026-01-12T12:00:00Z" }));
    let by_aks = by_aks();
    for (entered, folders) in [(CONTEXT, ["first", "second"]), (&by_aks, ["third", "fourth"])] {
        cloud.configure(&CONFIG.replace(CONTEXT, entered));
        for folder in folders {
            cloud.program.done(&["record", "--env", "dev-aks", "-o", folder]);
        }
        let [first, second] = folders.map(|folder| cloud.program.path(folder));
        same_bytes(&first, &second);
        shows_nothing(&first);
        let live = cloud.check();
        assert_eq!(live.code, 0, "{entered}: {:?}", live.checks());
        let tape = format!("{}/tape", folders[0]);
        let replayed = cloud.program.check(&["--level", "hardening", "--from", &tape]);
        assert_eq!((replayed.code, replayed.judged()), (0, live.judged()), "{entered}");
    }
}

#[test]
fn who_gets_into_nothing_is_told_what_was_tried() {
    let mut cloud = Cloud::with("aks");
    let config = CONFIG.replace(CONTEXT, &by_aks());
    let refused = |cloud: &Cloud, config: &str, why: &[&str]| {
        cloud.configure(config);
        let ended = cloud.program.run(&["--env", "dev-aks"]);
        assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{}", ended.stderr);
        for part in why {
            assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
        }
        assert!(!ended.stderr.contains("emulated-secret"), "{}", ended.stderr);
    };
    cloud.log_out();
    refused(&cloud, &config, &["environment: AZURE_TENANT_ID is not set", "log in"]);
    let every = ["environment: ", "workload_identity: ", "managed_identity: ", "azure_cli: ", "azd: "];
    refused(&cloud, &config.replace(WAY, ""), &every);
    assert_eq!(
        cloud.asked_at("arm").len() + cloud.asked_at("authority").len(),
        0,
        "nobody is asked by nobody"
    );

    cloud.log_in("reader");
    cloud.program.set("AZURE_CLIENT_SECRET", "emulated-secret-of-nobody");
    for config in [&config, &config.replace(WAY, "")] {
        refused(&cloud, config, &["environment: ", "AADSTS7000215"]);
    }
    assert_eq!(cloud.asked_at("arm").len(), 0);

    cloud.log_in("reader");
    refused(&cloud, &config.replace(STAND_INS[0], NOBODYS), &[NOBODYS, "SubscriptionNotFound"]);
    let elsewhere = config.replace(WAY, &format!("{WAY}\ntenant = {NOBODYS:?}"));
    refused(&cloud, &elsewhere, &["is of tenant", NOBODYS, "nothing was judged"]);
    let other = text(&cloud.told["tenants"][1]).to_owned();
    cloud.program.set("AZURE_TENANT_ID", &other);
    refused(&cloud, &config, &["do not get into subscription", "InvalidAuthenticationTokenTenant"]);
}

#[test]
fn a_cluster_is_judged_where_azure_is_closed() {
    let mut cloud = Cloud::with("aks");
    let before = cloud.check();
    cloud.program.set("AZURE_CLIENT_SECRET", "emulated-secret-of-nobody");
    let after = cloud.check();
    assert_eq!(after.code, 3);
    let open = only_unknown_is_new(&before, &after);
    assert!(open.contains("node.cluster") && open.contains("edge.namespace-cluster"), "{open:?}");
    for check in ["node.namespace", "edge.ingress-service", "edge.service-deployment"] {
        assert!(after.with("PASS").contains(check), "{check}: {open:?}");
    }
    assert!(after.detail("azure:ListManagedClusters").contains("AADSTS7000215"));

    // Another tenant's subscription is not judged in part.
    cloud.log_in("reader");
    cloud.configure(&CONFIG.replace(WAY, &format!("{WAY}\ntenant = {NOBODYS:?}")));
    let ended = cloud.program.run(&["--env", "dev-aks"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{}", ended.stderr);
}
