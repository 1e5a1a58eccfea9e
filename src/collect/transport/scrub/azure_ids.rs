//! Ids by which Azure knows subscriptions, tenants and people: GUIDs, in any case, and with or without dashes. Each gets
//! a stand-in that is the same wherever it stands, in other providers' answers too, so that all of them still match.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::servers::Replacement;

/// What a run knows of Azure, besides what it was answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// By role, the main one under "".
    pub(crate) subscriptions: BTreeMap<String, String>,
    pub(crate) tenants: BTreeSet<String>,
    /// Host, and port where it has one, of Resource Manager.
    pub(crate) endpoints: BTreeSet<String>,
}

/// Where recordings say that Resource Manager is, wherever it was.
const ENDPOINT: &str = "management.azure.com";

static GUID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
        .expect("a fixed pattern")
});
static SUBSCRIPTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
        .expect("a fixed pattern")
});

/// Members that say who somebody is, in lower case.
const WHO: &[&str] =
    &["admingroupobjectids", "createdby", "customerid", "lastmodifiedby", "message", "oid", "updatedby"];

/// What else such members end with: there are `clientId`, `identityClientId`, `azure.workload.identity/client-id`, ….
const WHO_ENDS: &[&str] = &["appid", "applicationid", "clientid", "client-id", "objectid", "principalid"];
const TENANT: &[&str] = &["tenantid", "tenant-id"];

/// Not all of them stand in a path.
const SUBSCRIPTIONS: &[&str] = &["subscriptionid", "subscription-id"];

/// Ids that are the same for everybody: of Entra ID's application for AKS.
const EVERYBODYS: &[&str] = &["6dae42f8-4368-4678-94ff-3960e28e3630"];

/// What is told of ids by the texts of a run.
#[derive(Default)]
struct Found {
    subscriptions: BTreeSet<String>,
    tenants: BTreeSet<String>,
    people: BTreeSet<String>,
    /// By the id in lower case.
    spellings: BTreeMap<String, BTreeSet<String>>,
}

/// What stands for each id of these, kind by kind: what is a subscription is no tenant, and what is either is no person.
pub(super) fn stand_ins<'t>(known: &Known, texts: impl Iterator<Item = &'t str>) -> Vec<Replacement> {
    let mut found = Found::default();
    for text in texts {
        found.read(text);
    }
    let mut named = BTreeMap::new();
    let own = known.subscriptions.values().chain(&found.subscriptions);
    number(&mut named, own, subscription);
    number(&mut named, known.tenants.iter().chain(&found.tenants), tenant);
    number(&mut named, found.people.iter(), person);
    let mut all = Vec::new();
    for (id, to) in named {
        let spellings = found.spellings.remove(&id).unwrap_or_default();
        let spellings = spellings.into_iter().chain([id.clone(), id.to_ascii_uppercase()]);
        let plain = |id: &str| id.replace('-', "");
        let pairs = spellings.map(|from| (from, to.clone())).chain([(plain(&id), plain(&to))]);
        let pairs: BTreeSet<_> = pairs.collect();
        all.extend(pairs.into_iter().map(|(from, to)| Replacement { from, to, whole: false }));
    }
    let endpoints = known.endpoints.iter().filter(|host| *host != ENDPOINT);
    all.extend(endpoints.map(|from| Replacement {
        from: from.clone(),
        to: ENDPOINT.to_owned(),
        whole: true,
    }));
    all
}

/// Numbers ids that have no name yet, in the order they come.
fn number<'i>(
    named: &mut BTreeMap<String, String>,
    ids: impl Iterator<Item = &'i String>,
    stand_in: fn(usize) -> String,
) {
    let mut next = 0;
    for id in ids.filter(|id| GUID.is_match(id)) {
        named.entry(id.to_ascii_lowercase()).or_insert_with(|| {
            next += 1;
            stand_in(next - 1)
        });
    }
}

/// `11111111-1111-1111-1111-111111111111`, then nines, twos, threes and so on.
fn subscription(number: usize) -> String {
    const DIGITS: [char; 9] = ['1', '9', '2', '3', '4', '5', '6', '7', '8'];
    repeated(&DIGITS, number).unwrap_or_else(|| format!("10000000-0000-4000-8000-{number:012}"))
}

/// `aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa`, then with further letters.
fn tenant(number: usize) -> String {
    const LETTERS: [char; 6] = ['a', 'b', 'c', 'd', 'e', 'f'];
    repeated(&LETTERS, number).unwrap_or_else(|| format!("a0000000-0000-4000-8000-{number:012}"))
}

fn person(number: usize) -> String {
    format!("d0000000-0000-4000-8000-{:012}", number + 1)
}

fn repeated(of: &[char], number: usize) -> Option<String> {
    let mark = of.get(number)?;
    Some([8, 4, 4, 4, 12].map(|length| mark.to_string().repeat(length)).join("-"))
}

impl Found {
    fn read(&mut self, text: &str) {
        for guid in GUID.find_iter(text) {
            let guid = guid.as_str();
            self.spellings.entry(guid.to_ascii_lowercase()).or_default().insert(guid.to_owned());
        }
        for found in SUBSCRIPTION.captures_iter(text) {
            self.subscriptions.insert(found[1].to_ascii_lowercase());
        }
        match serde_json::from_str(text) {
            Ok(value) => self.walk("", &value),
            // Why there is no answer, in somebody's words.
            Err(_) => self.people.extend(ids(text)),
        }
    }

    fn walk(&mut self, name: &str, value: &Value) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| self.walk(name, value)),
            Value::Array(items) => items.iter().for_each(|item| self.walk(name, item)),
            Value::String(text) => {
                let name = name.to_ascii_lowercase();
                let ends = |with: &[&str]| with.iter().any(|end| name.ends_with(end));
                if ends(TENANT) {
                    self.tenants.extend(ids(text));
                } else if ends(SUBSCRIPTIONS) {
                    self.subscriptions.extend(ids(text));
                } else if WHO.contains(&name.as_str()) || ends(WHO_ENDS) {
                    self.people.extend(ids(text));
                }
            }
            _ => {}
        }
    }
}

/// The ids in a text that are somebody's.
fn ids(text: &str) -> impl Iterator<Item = String> {
    let ids = GUID.find_iter(text).map(|id| id.as_str().to_ascii_lowercase());
    ids.filter(|id| !EVERYBODYS.contains(&id.as_str()) && !id.starts_with("00000000-0000-0000-0000-"))
}

#[cfg(test)]
mod tests {
    use super::super::Scrub;
    use super::*;

    const MAIN: &str = "0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e4f";
    const COMMON: &str = "5e6f7a8b-0000-4000-9000-abcdefabcdef";
    const TENANT: &str = "7b1c2d3e-4f50-4617-8283-94a5b6c7d8e9";
    const PERSON: &str = "c0ffee00-1111-4222-8333-444455556666";

    fn scrub(texts: &[&str]) -> Scrub {
        let subscriptions = [("", MAIN), ("common", COMMON)].map(|(role, id)| (role.into(), id.into()));
        let known = Known {
            subscriptions: subscriptions.into_iter().collect(),
            tenants: [TENANT.to_owned()].into(),
            endpoints: ["localhost:15443".to_owned()].into(),
        };
        let none = BTreeMap::new();
        Scrub::new(&none, &none).azure(&known, texts.iter().copied())
    }

    #[test]
    fn an_id_has_one_stand_in_wherever_it_stands() {
        let upper = MAIN.to_ascii_uppercase();
        let body = format!(
            r#"{{"id": "/subscriptions/{upper}/x", "principalId": "{PERSON}", "tenantId": "{TENANT}",
                "adminGroupObjectIDs": ["{PERSON}"], "roleDefinitionId": "/providers/x/7f951dda-4ed3-4680-a7ca-43fe172d538d",
                "oidc": "https://oic/{TENANT}/", "name": "ws-{plain}", "other": "/subscriptions/fedcba98-7654-4321-8fed-cba987654321"}}"#,
            plain = MAIN.replace('-', "")
        );
        let scrub = scrub(&[&body]);
        let shown = scrub.text(&body);
        let person = "d0000000-0000-4000-8000-000000000001";
        assert_eq!(shown.matches(person).count(), 2, "{shown}");
        assert!(shown.contains("/subscriptions/11111111-1111-1111-1111-111111111111/x"), "{shown}");
        assert!(shown.contains("ws-11111111111111111111111111111111"), "{shown}");
        assert!(shown.contains("https://oic/aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa/"), "{shown}");
        assert!(shown.contains("22222222-2222-2222-2222-222222222222"), "of nobody's role: {shown}");
        assert!(shown.contains("7f951dda-4ed3-4680-a7ca-43fe172d538d"), "a built-in role's: {shown}");
        let elsewhere = format!("client-id: {PERSON}, azure:///subscriptions/{COMMON}");
        let shown = scrub.text(&elsewhere);
        assert_eq!(
            shown,
            format!("client-id: {person}, azure:///subscriptions/99999999-9999-9999-9999-999999999999")
        );
        let link = scrub.text("https://localhost:15443/subscriptions");
        assert_eq!(link, "https://management.azure.com/subscriptions");
    }

    #[test]
    fn members_tell_whose_an_id_is_by_how_their_names_end() {
        for (member, stand_in) in [
            ("subscriptionId", "22222222"),
            ("homeTenantId", "bbbbbbbb"),
            ("serverAppID", "d0000000"),
            ("identityClientId", "d0000000"),
            ("azure.workload.identity/client-id", "d0000000"),
        ] {
            let body = format!(r#"{{"{member}": "fedcba98-7654-4321-8fed-cba987654321"}}"#);
            let shown = scrub(&[&body]).text(&body);
            assert!(shown.contains(&format!(r#"": "{stand_in}"#)), "{shown}");
            assert!(!scrub(&[&body]).leaks(&body).is_empty(), "{body}");
        }
    }

    #[test]
    fn each_kind_of_id_is_found_where_it_was_left() {
        let denied = format!(
            r#"{{"error": {{"message": "The client 'x' with object id '{PERSON}' does not have authorization"}}}}"#
        );
        let scrub = scrub(&[&denied]);
        let mixed = format!("{}{}", &MAIN[..10].to_ascii_uppercase(), &MAIN[10..]);
        for left in [
            MAIN.to_owned(),
            MAIN.to_ascii_uppercase(),
            MAIN.replace('-', ""),
            COMMON.to_owned(),
            TENANT.to_owned(),
            denied,
        ] {
            assert!(!scrub.leaks(&left).is_empty(), "{left}");
            assert_eq!(scrub.leaks(&scrub.text(&left)), Vec::<String>::new(), "{left}");
        }
        let spelt = super::tests::scrub(&[&mixed]);
        assert!(!spelt.leaks(&mixed).is_empty());
        assert_eq!(spelt.text(&mixed), "11111111-1111-1111-1111-111111111111");
    }
}
