//! The AKS design's environment: two subscriptions, and the API server of the cluster in them.

mod asking;
mod commands;
mod entering;
mod faults;
mod pages;
mod recordings;
mod rights;
mod subscriptions;
mod together;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::emulator::Emulator;
use crate::program::{CONFIG, Program};
use crate::report::Report;

const LEVEL: [&str; 2] = ["--level", "hardening"];
/// As the configuration and recordings call the subscriptions, and the addresses that it has of none.
const STAND_INS: [&str; 2] = ["11111111-1111-1111-1111-111111111111", "99999999-9999-9999-9999-999999999999"];
const ADDRESSES: [(&str, &str); 2] =
    [("https://arm.example.com", "arm"), ("https://login.example.com", "authority")];
/// A subscription or tenant that there is not.
const NOBODYS: &str = "22222222-2222-2222-2222-222222222222";
/// The role of the subscription that the registry is in.
const REGISTRY: &str = "registry = \"99999999-9999-9999-9999-999999999999\"";
const WAY: &str = r#"credential = "environment""#;
const CONTEXT: &str = "[env.dev-aks.kubernetes]\ncontext = \"viewer\"";

/// The emulated cloud, and the program that scans it as somebody.
struct Cloud {
    emulator: Emulator,
    program: Program,
    /// Where everything is, and who may ask.
    told: Value,
}

/// One request to Azure, or to who stands beside it.
#[derive(Debug)]
struct Asked {
    /// Which of the ports: `arm`, `authority`, `elsewhere`.
    at: String,
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    bearer: bool,
    /// None where no answer was given.
    code: Option<u64>,
}

impl Cloud {
    /// A variant, scanned by who may read all of it.
    fn with(variant: &str) -> Self {
        Self::changed(variant, &[])
    }

    /// The same of a variant that has been changed: `--fault NAME`, `--variation NAME`.
    fn changed(variant: &str, changes: &[&str]) -> Self {
        let emulator = Emulator::empty();
        emulator.build_changed(variant, changes);
        Self::on(emulator)
    }

    fn on(emulator: Emulator) -> Self {
        let mut cloud = Self { program: Program::on_aks(&emulator), told: emulator.azure_told(), emulator };
        cloud.program.set("SSL_CERT_FILE", text(&cloud.told["ca"]));
        cloud.log_in("reader");
        cloud.configure(CONFIG);
        cloud
    }

    /// By the secret of one of the principals.
    fn log_in(&mut self, who: &str) {
        let principal = self.told["principals"][who].clone();
        self.program.set("AZURE_TENANT_ID", text(&self.told["tenant"]));
        self.program.set("AZURE_CLIENT_ID", text(&principal["client_id"]));
        self.program.set("AZURE_CLIENT_SECRET", text(&principal["secret"]));
    }

    /// As nobody.
    fn log_out(&mut self) {
        for name in [
            "AZURE_TENANT_ID",
            "AZURE_CLIENT_ID",
            "AZURE_CLIENT_SECRET",
            "AZURE_CLIENT_CERTIFICATE_PATH",
            "AZURE_FEDERATED_TOKEN_FILE",
            "IDENTITY_ENDPOINT",
            "IDENTITY_HEADER",
        ] {
            self.program.unset(name);
        }
    }

    /// Takes a configuration that says stand-ins.
    fn configure(&self, config: &str) {
        self.program.configure(&self.live(config));
    }

    /// The text with what is served in the place of stand-ins.
    fn live(&self, config: &str) -> String {
        let mut text = config.to_owned();
        for (stand_in, id) in STAND_INS.into_iter().zip(self.subscriptions()) {
            text = text.replace(stand_in, &id);
        }
        for (stand_in, name) in ADDRESSES {
            text = text.replace(stand_in, self::text(&self.told[name]));
        }
        text
    }

    /// The ids of the subscriptions, the main one's first.
    fn subscriptions(&self) -> [String; 2] {
        let told = self.emulator.azure("GET", "", &Value::Null);
        let ids = told["subscriptions"].as_array().expect("a list").iter().map(|id| text(id).to_owned());
        ids.collect::<Vec<_>>().try_into().expect("two of them")
    }

    fn check(&self) -> Report {
        self.program.check(&LEVEL)
    }

    /// Spoils ARM's answers from now on by these rules, and by no earlier ones.
    fn faults(&self, rules: &Value) {
        self.emulator.azure("POST", "faults", rules);
    }

    /// What was asked since it was last forgotten.
    fn asked(&self) -> Vec<Asked> {
        let listed = self.emulator.azure("GET", "asked", &Value::Null);
        let own = |it: &Value, name: &str| text(&it[name]).to_owned();
        let asked = |it: &Value| Asked {
            at: own(it, "at"),
            method: own(it, "method"),
            path: own(it, "path"),
            query: serde_json::from_value(it["query"].clone()).expect("texts"),
            bearer: it["bearer"].as_bool().expect("yes or no"),
            code: it["code"].as_u64(),
        };
        listed.as_array().expect("a list").iter().map(asked).collect()
    }

    /// The same of one port.
    fn asked_at(&self, at: &str) -> Vec<Asked> {
        let mut asked = self.asked();
        asked.retain(|it| it.at == at);
        asked
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}
