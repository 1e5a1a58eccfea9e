//! What a recording must not show: credentials in any form, and the accounts it was made in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use aws_smithy_types::base64;
use serde_json::Value;

use super::exchange::{Answer, Exchange, Parameters};

/// Stands where a secret stood.
const SCRUBBED: &str = "SCRUBBED";

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
    /// Literal text to what stands for it, the longest first.
    replace: Vec<(String, String)>,
    accounts: Vec<String>,
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
        let accounts = accounts.map(|(account, _)| account.clone()).collect();
        let mut replace: Vec<_> = literal.clone().into_iter().chain(pseudonyms).collect();
        replace.retain(|(from, _)| !from.is_empty());
        replace.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        Self { replace, accounts }
    }

    pub(crate) fn text(&self, text: &str) -> String {
        let text = without_secrets(text);
        let text = constant_elements(&text);
        let text = self.replaced(&text);
        self.replaced_in_base64(&text).into_owned()
    }

    pub(crate) fn exchange(&self, exchange: &mut Exchange) {
        exchange.scope.account = self.replaced(&exchange.scope.account);
        let parameters = std::mem::take(&mut exchange.parameters);
        exchange.parameters = self.parameters(parameters);
        if let Answer::Response { headers, body, .. } = &mut exchange.answer {
            for value in headers.values_mut() {
                *value = self.text(value);
            }
            *body = self.text(&without_plain_variables(body));
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
        let stand_ins = |account: &String| self.replace.iter().any(|(_, to)| to == account);
        let known = self.accounts.iter().filter(|account| !stand_ins(account));
        let accounts = known.filter(|account| texts.iter().any(|text| text.contains(account.as_str())));
        secrets.chain(accounts.cloned()).collect()
    }

    /// In one pass, so that a stand-in is never taken for what it stands for.
    fn replaced(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        'text: while let Some(first) = rest.chars().next() {
            for (from, to) in &self.replace {
                if let Some(after) = rest.strip_prefix(from.as_str()) {
                    out.push_str(to);
                    rest = after;
                    continue 'text;
                }
            }
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
        out
    }

    /// JSON inside base64, as in tokens and encoded policies.
    fn replaced_in_base64<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let words = base64_words(text).into_iter().filter_map(|at| {
            let plain = decoded(&text[at.clone()])?;
            let replaced = self.replaced(&plain);
            (replaced != plain).then(|| (at, base64::encode(replaced)))
        });
        let words: Vec<_> = words.collect();
        splice(text, &words)
    }
}

/// The text without anything that looks like a credential.
pub(crate) fn without_secrets(text: &str) -> Cow<'_, str> {
    let found: Vec<_> = secrets(text).into_iter().map(|at| (at.clone(), stand_in(&text[at]))).collect();
    splice(text, &found)
}

/// Unique ids of principals keep their kind, so that policies that name one still read as such.
fn stand_in(secret: &str) -> String {
    let is_id = ID_PREFIXES.iter().any(|prefix| secret.starts_with(prefix)) && secret.len() >= 16;
    if is_id { format!("{}{ID_FILL}", &secret[..4]) } else { SCRUBBED.to_owned() }
}

const ID_PREFIXES: &[&str] = &["AIDA", "AROA", "AKIA", "ASIA"];
const ID_FILL: &str = "EXAMPLEEXAMPLE00";

/// Marks after which a secret stands, up to the next character that no token has.
const MARKS: &[&str] = &[
    "Bearer ",
    "Signature=",
    "X-Amz-Credential=",
    "X-Amz-Security-Token=",
    "X-Amz-Signature=",
    "Encoded authorization failure message: ",
];

/// Openings of tokens that are told by their form.
const TOKENS: &[&str] = &["ghp_", "gho_", "ghs_", "github_pat_", "xoxb-", "xoxp-", "glpat-", "eyJhbGciOi"];

/// Where credentials and personal session names stand, in order.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let of_token = |c: char| c.is_ascii_alphanumeric() || "-_.~+/=%".contains(c);
    let end_of = |from: usize, member: &dyn Fn(char) -> bool| {
        text[from..].find(|c| !member(c)).map_or(text.len(), |length| from + length)
    };
    for mark in MARKS {
        for (at, _) in text.match_indices(mark) {
            let from = at + mark.len();
            let to = end_of(from, &of_token);
            if to > from && &text[from..to] != SCRUBBED {
                found.push(from..to);
            }
        }
    }
    for token in TOKENS {
        for (at, _) in text.match_indices(token) {
            let to = end_of(at, &of_token);
            if to - at >= token.len() + 16 {
                found.push(at..to);
            }
        }
    }
    for prefix in ID_PREFIXES {
        for (at, _) in text.match_indices(prefix) {
            let to = end_of(at, &|c| c.is_ascii_uppercase() || c.is_ascii_digit());
            let starts = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            if starts && (16..=128).contains(&(to - at)) && !text[at + 4..to].starts_with(ID_FILL) {
                found.push(at..to);
            }
        }
    }
    for (at, _) in text.match_indices("-----BEGIN ") {
        if text[at..].lines().next().is_some_and(|line| line.contains("PRIVATE KEY")) {
            let end = text[at..].find("-----END ").map_or(text.len(), |length| at + length);
            found.push(at..end);
        }
    }
    for (at, mark) in text.match_indices(":assumed-role/") {
        let role = at + mark.len();
        let Some(slash) = text[role..].find('/').map(|length| role + length) else { continue };
        let name = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
        let to = end_of(slash + 1, &name);
        if text[role..slash].chars().all(name) && to > slash + 1 && &text[slash + 1..to] != SCRUBBED {
            found.push(slash + 1..to);
        }
    }
    found.sort_by_key(|at| (at.start, usize::MAX - at.end));
    found.dedup_by(|next, kept| next.start < kept.end);
    found
}

/// Elements whose content differs from answer to answer, and what they hold instead.
const VOLATILE: &[(&str, &str)] = &[
    ("HostId", "0"),
    ("LatestRestorableTime", "1970-01-01T00:00:00Z"),
    ("RequestID", "0"),
    ("RequestId", "0"),
    ("requestId", "0"),
];

fn constant_elements(text: &str) -> Cow<'_, str> {
    let mut found = Vec::new();
    for (element, constant) in VOLATILE {
        let open = format!("<{element}>");
        for (at, _) in text.match_indices(&open) {
            let from = at + open.len();
            if let Some(length) = text[from..].find('<') {
                found.push((from..from + length, (*constant).to_owned()));
            }
        }
    }
    found.sort_by_key(|(at, _)| at.start);
    splice(text, &found)
}

/// Values of plain environment variables: people keep passwords there, and no collector copies them.
fn without_plain_variables(body: &str) -> String {
    fn clear(value: &mut Value, variable: bool) {
        match value {
            Value::Object(members) => {
                let refers = members.get("type").and_then(Value::as_str).is_some_and(|it| it != "PLAINTEXT");
                for (name, value) in members.iter_mut() {
                    if variable && name == "value" && !refers {
                        *value = Value::String(SCRUBBED.to_owned());
                    } else {
                        clear(value, name == "environment" || name == "environmentVariables");
                    }
                }
                if let Some(token) = members.get_mut("OAuthToken") {
                    *token = Value::String(SCRUBBED.to_owned());
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| clear(item, variable)),
            _ => {}
        }
    }
    match serde_json::from_str::<Value>(body) {
        Ok(mut value) => {
            clear(&mut value, false);
            value.to_string()
        }
        Err(_) => body.to_owned(),
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
    String::from_utf8(base64::decode(word).ok()?).ok()
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
        let hidden = base64::encode(r#"{"account":"123412341234"}"#);
        assert!(!scrub().leaks(&hidden).is_empty());
        let shown = scrub().text(&format!("token: {hidden}"));
        assert_eq!(shown, format!("token: {}", base64::encode(r#"{"account":"111111111111"}"#)));
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
            "arn:aws:sts::222222222222:assumed-role/admin/jane@acme.io".to_owned(),
            "account 123412341234".to_owned(),
        ] {
            assert!(!scrub().leaks(&secret).is_empty(), "{secret}");
            assert_eq!(scrub().leaks(&scrub().text(&secret)), Vec::<String>::new(), "{secret}");
        }
        let harmless = "arn:aws:iam::222222222222:role/x sha256:0123 AKIA ASIAN size 1234";
        assert_eq!(scrub().leaks(harmless), Vec::<String>::new());
        assert_eq!(scrub().text(harmless), harmless);
    }

    #[test]
    fn plain_variables_are_cleared_and_references_stay() {
        let body = r#"{"environment":[{"name":"P","value":"hunter2"}],"environmentVariables":[{"name":"S","value":"db:pw","type":"SECRETS_MANAGER"},{"name":"Q","value":"hunter3","type":"PLAINTEXT"}],"tags":[{"key":"k","value":"v"}]}"#;
        let shown = without_plain_variables(body);
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("db:pw") && shown.contains(r#""value":"v""#), "{shown}");
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
