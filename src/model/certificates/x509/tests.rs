use super::testing::{AUTHORITY, CHAIN, LEAF, OLD};
use super::*;

fn pem(label: &str, body: &str) -> String {
    format!("subject=x\n-----BEGIN {label}-----\r\n{body}\r\n-----END {label}-----\n")
}

fn at(time: &str) -> DateTime<Utc> {
    time.parse().expect("a time")
}

fn the_leaf() -> Leaf {
    Leaf {
        hosts: vec!["app.example.com".to_owned(), "*.dev.example.com".to_owned()],
        not_before: at("2026-03-01T00:00:00Z"),
        not_after: at("2027-03-01T12:00:00Z"),
    }
}

#[test]
fn a_certificate_is_read_in_every_form_it_comes_in() {
    let inner = pem("CERTIFICATE", LEAF);
    let both = pem("CERTIFICATE", AUTHORITY) + &pem("CERTIFICATE", LEAF);
    for text in [LEAF, CHAIN, &inner, &pem("PKCS7", CHAIN), &both] {
        assert_eq!(leaf(text), Some(the_leaf()), "{text}");
    }
    let encoded = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==";
    assert_eq!(leaf(encoded), None, "a marker in base64 with nothing behind it");
}

#[test]
fn it_is_valid_from_the_first_to_the_last_second() {
    let leaf = the_leaf();
    assert!(leaf.is_valid_at(leaf.not_before) && leaf.is_valid_at(leaf.not_after));
    assert!(!leaf.is_valid_at(at("2026-02-28T23:59:59Z")) && !leaf.is_valid_at(at("2027-03-01T12:00:01Z")));
}

#[test]
fn the_common_name_counts_only_without_alternative_names() {
    let old = leaf(OLD).expect("a certificate");
    assert_eq!(old.hosts, ["old.example.com"]);
    assert!(!the_leaf().hosts.iter().any(|host| host == "ignored.example.com"));
}

#[test]
fn an_authority_alone_is_what_is_presented() {
    let authority = leaf(AUTHORITY).expect("a certificate");
    assert_eq!(
        (authority.hosts, authority.not_after),
        (vec!["example ca".to_owned()], at("2056-01-01T00:00:00Z"))
    );
}

#[test]
fn where_two_may_be_presented_none_is_told() {
    let two = pem("CERTIFICATE", OLD) + &pem("CERTIFICATE", LEAF);
    assert_eq!(leaf(&two), None);
    let twice = pem("CERTIFICATE", LEAF) + &pem("CERTIFICATE", LEAF);
    assert_eq!(leaf(&twice), Some(the_leaf()), "the same one is one");
}

#[test]
fn a_key_is_no_certificate() {
    assert_eq!(leaf(&pem("PRIVATE KEY", LEAF)), None);
}

#[test]
fn whatever_is_cut_off_or_changed_does_no_harm() {
    let whole = decode(CHAIN).expect("base64");
    for end in 0..whole.len() {
        assert_eq!(certificates_of(&whole[..end]), None, "{end}");
    }
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            let found = certificates_of(&changed);
            let _ = found
                .map(|all| all.into_iter().map(certificate_of).map(|it| it.is_some()).collect::<Vec<_>>());
        }
    }
}

#[test]
fn lengths_that_promise_too_much_are_refused() {
    for header in
        [&[0x30, 0x80][..], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x85, 0, 0, 0, 0, 1, 0], &[0x30]]
    {
        assert_eq!(certificates_of(header), None, "{header:x?}");
    }
    let mut deep = vec![];
    for _ in 0..10_000 {
        deep.extend([0x30, 0x83, 0x0f, 0xff, 0xff]);
    }
    assert_eq!(certificates_of(&deep), None);
}

#[test]
fn a_crowd_is_not_looked_at() {
    let many: String = (0..=MOST_CERTIFICATES).map(|_| pem("CERTIFICATE", LEAF)).collect();
    assert_eq!(leaf(&many), None);
    assert_eq!(leaf(&"A".repeat(MOST_BYTES + 1)), None);
    assert_eq!(leaf(""), None);
}

#[test]
fn a_time_is_one_of_two_forms() {
    let told = |tag: u8, text: &str| time((tag, text.as_bytes()));
    assert_eq!(told(UTC_TIME, "491231235959Z"), Some(at("2049-12-31T23:59:59Z")));
    assert_eq!(told(UTC_TIME, "500101000000Z"), Some(at("1950-01-01T00:00:00Z")));
    assert_eq!(told(GENERALIZED_TIME, "20500101000000Z"), Some(at("2050-01-01T00:00:00Z")));
    for odd in [
        "",
        "Z",
        "260101000000",
        "2601010000Z",
        "26010100000Z",
        "261301000000Z",
        "26010100000xZ",
        "2601010000001Z",
    ] {
        assert_eq!(told(UTC_TIME, odd), None, "{odd}");
    }
    assert_eq!(told(INTEGER, "260101000000Z"), None);
}
