//! A recording shows nobody's ids, no address and nothing that opens anything.

use serde_json::{Value, json};

use crate::program::files;
use crate::recordings::shows_nothing;

use super::{Cloud, text};

/// All that only the recorded cloud is called by, in lower case: subscriptions, tenants, who asks, and where.
fn marks(cloud: &Cloud) -> Vec<String> {
    let told = &cloud.told;
    let mut marks = cloud.subscriptions().to_vec();
    marks.extend(told["tenants"].as_array().expect("a list").iter().map(|it| text(it).to_owned()));
    for principal in told["principals"].as_object().expect("by name").values() {
        marks.extend(["client_id", "object_id"].map(|name| text(&principal[name]).to_owned()));
    }
    let plain: Vec<String> = marks.iter().map(|id| id.replace('-', "")).collect();
    marks.extend(plain);
    for name in ["arm", "authority", "identity", "elsewhere", "elsewhere_http", "proxy"] {
        let (_, host) = text(&told[name]).split_once("://").expect("an address");
        marks.push(host.to_owned());
    }
    let cluster = cloud.emulator.kubernetes("GET", "", &Value::Null);
    marks.push(text(&cluster["server"]).replace("https://", ""));
    // What a token begins with, and the secrets of principals.
    marks.extend(["eyj0exai", "eyjhbgci", "emulated-", "127.0.0.1", "localhost"].map(str::to_owned));
    marks.iter().map(|mark| mark.to_ascii_lowercase()).collect()
}

fn shows_nobody(cloud: &Cloud, folder: &str) {
    let folder = cloud.program.path(folder);
    shows_nothing(&folder);
    let (marks, files) = (marks(cloud), files(&folder));
    assert!(
        files.iter().filter(|(path, _)| path.to_string_lossy().contains("azure")).count() > 20,
        "{files:?}"
    );
    for (name, text) in files {
        let (name, text) = (name.display().to_string().to_ascii_lowercase(), text.to_ascii_lowercase());
        for mark in &marks {
            assert!(!text.contains(mark), "{name} holds {mark}");
            assert!(!name.contains(mark), "{name} is called by {mark}");
        }
    }
}

#[test]
fn a_recording_shows_no_id_no_token_and_no_address_of_its_making() {
    let cloud = Cloud::with("aks");
    cloud.program.done(&["record", "--env", "dev-aks", "-o", "recorded"]);
    shows_nobody(&cloud, "recorded");

    // What is refused is refused by name.
    cloud.faults(&json!([
        { "call": "resourceType eq 'Microsoft.Insights/components'", "fault": "deny" },
        { "call": "/loadBalancers$", "fault": "policy" },
        { "call": "/sqlDatabases$", "fault": "redirect" },
        { "call": "/recordsets$", "fault": "deny" },
        { "call": "/Microsoft.Insights/metrics$", "fault": "drop" },
        { "call": "/publicIPAddresses$", "fault": "expired" },
    ]));
    let live = cloud.check();
    assert_eq!(live.code, 3);
    let said = ["azure:ListInsightsComponents", "azure:ListLoadBalancers", "azure:ListRecordSets"]
        .map(|call| live.detail(call).to_owned());
    let marks = marks(&cloud);
    assert!(
        said.iter().all(|said| marks.iter().any(|mark| said.contains(mark))),
        "live they are named: {said:?}"
    );
    cloud.program.done(&["record", "--env", "dev-aks", "-o", "refused"]);
    shows_nobody(&cloud, "refused");
    for from in ["refused/tape", "refused/snapshot.ndjson"] {
        let replayed = cloud.program.check(&["--level", "hardening", "--from", from]);
        assert_eq!((replayed.code, replayed.judged()), (3, live.judged()), "{from}");
    }
}

#[test]
fn a_snapshot_judges_as_the_cloud_did() {
    let cloud = Cloud::with("aks-broken");
    let live = cloud.check();
    assert_eq!(live.code, 1);
    for file in ["facts.ndjson", "facts.ndjson.zst"] {
        cloud.program.done(&["collect", "--env", "dev-aks", "-o", file]);
        let judged = cloud.program.check(&["--level", "hardening", "--from", file]);
        assert_eq!((judged.code, judged.verdicts()), (1, live.verdicts()), "{file}");
    }
    let facts = std::fs::read_to_string(cloud.program.path("facts.ndjson")).expect("a snapshot");
    assert!(facts.contains("azure.aks_cluster") && facts.contains("k8s.pod"));
    for secret in ["emulated-secret", "eyJ0eXAi", "eyJhbGci"] {
        assert!(!facts.contains(secret), "{secret}");
    }
}
