//! What a recording must not show: credentials in any form, and the accounts and clusters it was made in.

mod aws_bodies;
mod azure_bodies;
pub(super) mod azure_ids;
pub(crate) mod kubernetes_bodies;
pub(super) mod people;
mod secrets;
mod servers;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::exchange::{Answer, Exchange, Parameters};
use super::record::Cluster;
use crate::model::scope::Provider;
use azure_ids::Known;
use secrets::secrets;
pub(crate) use secrets::without_secrets;
use servers::Replacement;

/// Stands where a secret stood.
pub(super) const SCRUBBED: &str = "SCRUBBED";

/// Stands for the main account, then for further roles in the order of their names.
const PSEUDONYMS: &[&str] = &[
    "111111111111",
    "999999999999",
    "888888888888",
    "777777777777",
    "666666666666",
    "555555555555",
    "444444444444",
    "333333333333",
];

/// Turns text of one set of accounts into text that may be published.
#[derive(Debug, Default)]
pub(crate) struct Scrub {
    /// The longest first.
    replace: Vec<Replacement>,
    /// What must not be left of accounts and clusters.
    hidden: Vec<String>,
}

impl Scrub {
    /// `accounts` by role, the main one under ""; `literal` is what the env wants replaced besides.
    pub(crate) fn new(accounts: &BTreeMap<String, String>, literal: &BTreeMap<String, String>) -> Self {
        let mut pseudonyms = BTreeMap::new();
        for account in accounts.values().filter(|account| !account.is_empty()) {
            let number = pseudonyms.len();
            let next =
                PSEUDONYMS.get(number).map_or_else(|| format!("{:012}", 100 + number), |&it| it.into());
            pseudonyms.entry(account.clone()).or_insert(next);
        }
        let accounts = pseudonyms.iter().filter(|(account, stand_in)| account != stand_in);
        let hidden = accounts.map(|(account, _)| account.clone()).collect();
        let pairs = literal.clone().into_iter().chain(pseudonyms);
        let mut scrub = Self { replace: Vec::new(), hidden };
        scrub.replace_also(pairs.map(|(from, to)| Replacement { from, to, whole: false }));
        scrub
    }

    /// Hides the API server of `cluster`, and every other that these texts name.
    #[must_use]
    pub(crate) fn servers<'t>(
        mut self,
        cluster: Option<&Cluster>,
        texts: impl Iterator<Item = &'t str>,
    ) -> Self {
        let server = cluster.filter(|cluster| cluster.addressed).map(|cluster| cluster.identity.as_str());
        let found = servers::stand_ins(server, texts);
        self.hidden
            .extend(found.iter().filter(|one| !one.whole && one.from != one.to).map(|one| one.from.clone()));
        self.replace_also(found.into_iter());
        self
    }

    /// Hides what Azure knows subscriptions, tenants and people by, as far as the run or these texts tell.
    #[must_use]
    pub(crate) fn azure<'t>(mut self, known: &Known, texts: impl Iterator<Item = &'t str>) -> Self {
        let found = azure_ids::stand_ins(known, texts);
        self.hidden.extend(found.iter().filter(|one| one.from != one.to).map(|one| one.from.clone()));
        self.replace_also(found.into_iter());
        self
    }

    fn replace_also(&mut self, more: impl Iterator<Item = Replacement>) {
        self.replace.extend(more.filter(|one| !one.from.is_empty()));
        self.replace.sort_by(|a, b| b.from.len().cmp(&a.from.len()).then_with(|| a.cmp(b)));
    }

    pub(crate) fn text(&self, text: &str) -> String {
        let text = without_secrets(text);
        let text = aws_bodies::constant_elements(&text);
        let text = self.replaced(&text);
        self.replaced_in_base64(&text).into_owned()
    }

    pub(crate) fn exchange(&self, exchange: &mut Exchange) {
        exchange.scope.account = self.replaced(&exchange.scope.account);
        let parameters = std::mem::take(&mut exchange.parameters);
        exchange.parameters = self.parameters(parameters);
        match &mut exchange.answer {
            Answer::Response(reply) => {
                for value in reply.headers.values_mut() {
                    *value = self.text(value);
                }
                let body = match exchange.scope.provider {
                    Provider::Kubernetes => kubernetes_bodies::without_secrets(&reply.body),
                    Provider::Azure => azure_bodies::without_secrets(&reply.body),
                    Provider::Aws => aws_bodies::without_plain_variables(&reply.body),
                };
                reply.body = self.text(&body);
            }
            Answer::Unreachable(cause) => *cause = self.text(cause),
            Answer::NoCredentials(cause) => *cause = self.text(&people::unsaid(cause)),
            Answer::TimedOut | Answer::TooLarge(_) => {}
        }
    }

    /// What an answer shows by its members' names, where those tell.
    pub(crate) fn leaks_of(exchange: &Exchange) -> Vec<String> {
        match (&exchange.answer, exchange.scope.provider) {
            (Answer::Response(reply), Provider::Azure) => azure_bodies::leaks(&reply.body),
            _ => Vec::new(),
        }
    }

    fn parameters(&self, parameters: Parameters) -> Parameters {
        parameters.into_iter().map(|(name, value)| (name, self.value(value))).collect()
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.value(item)).collect()),
            Value::Object(members) => {
                Value::Object(members.into_iter().map(|(name, value)| (name, self.value(value))).collect())
            }
            other => other,
        }
    }

    /// What in this text looks like a credential, or is an account the run knows by another name.
    pub(crate) fn leaks(&self, text: &str) -> Vec<String> {
        let secrets = secrets(text).into_iter().map(|found| text[found].to_owned());
        let decoded = base64_words(text).into_iter().filter_map(|at| decoded(&text[at]));
        let texts: Vec<String> = decoded.chain([text.to_owned()]).collect();
        let stand_ins = |hidden: &String| self.replace.iter().any(|one| one.to == *hidden);
        let known = self.hidden.iter().filter(|hidden| !stand_ins(hidden));
        let shown = known.filter(|hidden| texts.iter().any(|text| text.contains(hidden.as_str())));
        secrets.chain(shown.cloned()).collect()
    }

    /// In one pass, so that a stand-in is never taken for what it stands for.
    fn replaced(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let (mut rest, mut before) = (text, None);
        while let Some(first) = rest.chars().next() {
            let found = self.replace.iter().find_map(|one| Some((one, one.applies(before, rest)?)));
            let after = if let Some((one, after)) = found {
                out.push_str(&one.to);
                after
            } else {
                out.push(first);
                &rest[first.len_utf8()..]
            };
            before = rest[..rest.len() - after.len()].chars().next_back();
            rest = after;
        }
        out
    }

    /// JSON inside base64, as in tokens and encoded policies.
    fn replaced_in_base64<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let words = base64_words(text).into_iter().filter_map(|at| {
            let plain = decoded(&text[at.clone()])?;
            let replaced = self.replaced(&plain);
            (replaced != plain).then(|| (at, STANDARD.encode(replaced)))
        });
        let words: Vec<_> = words.collect();
        splice(text, &words)
    }
}

fn splice<'a>(text: &'a str, replacements: &[(Range<usize>, String)]) -> Cow<'a, str> {
    if replacements.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, with) in replacements {
        out.push_str(&text[from..at.start]);
        out.push_str(with);
        from = at.end;
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

/// Where base64 of a JSON object may stand: `{"` is `eyJ` there.
fn base64_words(text: &str) -> Vec<Range<usize>> {
    let words = text.match_indices("eyJ").map(|(at, _)| {
        let end = text[at..].find(|c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c));
        at..end.map_or(text.len(), |length| at + length)
    });
    words.filter(|at| !text[..at.start].ends_with(|c: char| c.is_ascii_alphanumeric())).collect()
}

fn decoded(word: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(word).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub() -> Scrub {
        let accounts = [("", "123412341234"), ("common", "111111111111"), ("dns", "123412341234")];
        let accounts = accounts.map(|(role, account)| (role.to_owned(), account.to_owned()));
        let literal = BTreeMap::from([("acme.io".to_owned(), "example.com".to_owned())]);
        Scrub::new(&BTreeMap::from(accounts), &literal)
    }

    #[test]
    fn accounts_get_stable_names_in_one_pass() {
        let text = scrub().text("arn:aws:ecr:us-west-1:123412341234:repository/x 111111111111 222222222222");
        assert_eq!(text, "arn:aws:ecr:us-west-1:111111111111:repository/x 999999999999 222222222222");
        assert_eq!(scrub().text("https://api.acme.io/"), "https://api.example.com/");
    }

    #[test]
    fn accounts_inside_encodings_are_found_too() {
        let hidden = STANDARD.encode(r#"{"account":"123412341234"}"#);
        assert!(!scrub().leaks(&hidden).is_empty());
        let shown = scrub().text(&format!("token: {hidden}"));
        assert_eq!(shown, format!("token: {}", STANDARD.encode(r#"{"account":"111111111111"}"#)));
        assert_eq!(scrub().text("arn%3Aaws%3Aiam%3A%3A123412341234"), "arn%3Aaws%3Aiam%3A%3A111111111111");
    }

    #[test]
    fn a_leak_is_found_and_scrubbing_removes_it() {
        let key = ["AKIA", "Q7J2M5N8P1R4T6V9"].concat();
        for secret in [
            key.clone(),
            format!("Credential: {key}/x"),
            ["-----BEGIN RSA PRIVATE", " KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"].concat(),
            ["ghp", "_0123456789abcdefghijABCDEFGHIJ012345"].concat(),
            "https://x/?X-Amz-Signature=0123abcd&y".to_owned(),
            "Authorization: Bearer abc.def".to_owned(),
            r#"{"httpProxy":"http://jane:hunter2@proxy.example.com:3128/"}"#.to_owned(),
            "arn:aws:sts::222222222222:assumed-role/admin/jane@acme.io".to_owned(),
            "account 123412341234".to_owned(),
        ] {
            assert!(!scrub().leaks(&secret).is_empty(), "{secret}");
            assert_eq!(scrub().leaks(&scrub().text(&secret)), Vec::<String>::new(), "{secret}");
        }
        let harmless = "arn:aws:iam::222222222222:role/x sha256:0123 AKIA ASIAN size 1234 https://h:80/a:b@c";
        assert_eq!(scrub().leaks(harmless), Vec::<String>::new());
        assert_eq!(scrub().text(harmless), harmless);
    }

    #[test]
    fn request_ids_do_not_differ() {
        let body = "<R><RequestId>0f-1</RequestId><requestId>7</requestId><Name>n</Name></R>";
        assert_eq!(
            scrub().text(body),
            "<R><RequestId>0</RequestId><requestId>0</requestId><Name>n</Name></R>"
        );
    }
}
