//! What a certificate says of itself, as a client reads it: the names it covers, and from when to when it is valid. As
//! much of DER as that takes; what is not understood in full is not understood at all.

use chrono::{DateTime, NaiveDate, Utc};

use super::base64::decode;

/// What a server presents as its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Lower case, may hold wildcards.
    pub hosts: Vec<String>,
    pub not_before: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
}

impl Leaf {
    pub fn is_valid_at(&self, time: DateTime<Utc>) -> bool {
        (self.not_before..=self.not_after).contains(&time)
    }
}

/// More than any server presents.
const MOST_BYTES: usize = 1 << 20;
const MOST_CERTIFICATES: usize = 32;

/// The server's own certificate among those of a text: PEM, or base64 of DER; single ones, or a PKCS #7 bundle.
pub fn leaf(text: &str) -> Option<Leaf> {
    let bundles = bundles(text)?;
    let mut certificates = Vec::new();
    for bundle in &bundles {
        certificates.extend(certificates_of(bundle)?);
        if certificates.len() > MOST_CERTIFICATES {
            return None;
        }
    }
    certificates.sort_unstable();
    certificates.dedup();
    let parsed: Option<Vec<Certificate<'_>>> = certificates.into_iter().map(certificate_of).collect();
    own(&parsed?)
}

/// A single one, whatever it is; else the one that is no authority and has signed no other.
fn own(all: &[Certificate<'_>]) -> Option<Leaf> {
    let alone = all.len() == 1;
    let signed = |certificate: &Certificate<'_>| {
        all.iter().any(|other| other.issuer == certificate.subject && other.subject != certificate.subject)
    };
    let mut leaves =
        all.iter().filter(|certificate| alone || !(certificate.authority || signed(certificate)));
    let leaf = leaves.next().filter(|_| leaves.next().is_none())?;
    Some(leaf.leaf.clone())
}

/// The DER texts that a text holds.
fn bundles(text: &str) -> Option<Vec<Vec<u8>>> {
    if text.len() > MOST_BYTES {
        return None;
    }
    if text.contains(PEM) {
        return blocks(text);
    }
    let decoded = decode(text)?;
    match std::str::from_utf8(&decoded) {
        Ok(inner) if inner.contains(PEM) => blocks(inner),
        _ => Some(vec![decoded]),
    }
}

const PEM: &str = "-----BEGIN ";

/// What stands between the markers of PEM, where that is certificates.
fn blocks(pem: &str) -> Option<Vec<Vec<u8>>> {
    let named = pem.split(PEM).skip(1).filter_map(|block| block.split_once("-----"));
    let public = named.filter(|(label, _)| matches!(*label, "CERTIFICATE" | "PKCS7"));
    public.map(|(_, rest)| decode(rest.split_once("-----END ")?.0)).collect()
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OID: u8 = 0x06;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const BOOLEAN: u8 = 0x01;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const DNS_NAME: u8 = 0x82;
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];

/// `[n]` of a type that holds others.
const fn tagged(n: u8) -> u8 {
    0xa0 | n
}

/// Values one after the other.
#[derive(Clone, Copy)]
struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    /// The next value, whatever it is.
    fn next(&mut self) -> Option<(u8, &'d [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, value))
    }

    /// The next value, which must be of this type.
    fn take(&mut self, tag: u8) -> Option<&'d [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, value)| value)
    }

    /// The next value if it is of this type; what stands there otherwise stays.
    fn optional(&mut self, tag: u8) -> Option<&'d [u8]> {
        if self.0.first() == Some(&tag) { self.take(tag) } else { None }
    }

    fn inside(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Der)
    }

    /// All that is left, if every value is of this type.
    fn all(mut self, tag: u8) -> Option<Vec<&'d [u8]>> {
        let mut values = Vec::new();
        while !self.0.is_empty() {
            values.push(self.take(tag)?);
        }
        Some(values)
    }
}

/// The certificates of a DER text, each by what is inside its outermost sequence.
fn certificates_of(der: &[u8]) -> Option<Vec<&[u8]>> {
    let outer = Der(der).inside(SEQUENCE)?;
    if outer.0.first() != Some(&OID) {
        return Some(vec![outer.0]);
    }
    let mut outer = outer;
    outer.take(OID).filter(|oid| *oid == SIGNED_DATA)?;
    let mut signed = outer.inside(tagged(0))?.inside(SEQUENCE)?;
    signed.take(INTEGER)?;
    signed.take(SET)?;
    signed.take(SEQUENCE)?;
    signed.inside(tagged(0))?.all(SEQUENCE)
}

struct Certificate<'d> {
    issuer: &'d [u8],
    subject: &'d [u8],
    authority: bool,
    leaf: Leaf,
}

fn certificate_of(certificate: &[u8]) -> Option<Certificate<'_>> {
    let mut body = Der(certificate).inside(SEQUENCE)?;
    body.optional(tagged(0));
    body.take(INTEGER)?;
    body.take(SEQUENCE)?;
    let issuer = body.take(SEQUENCE)?;
    let mut validity = body.inside(SEQUENCE)?;
    let (not_before, not_after) = (time(validity.next()?)?, time(validity.next()?)?);
    let subject = body.take(SEQUENCE)?;
    body.take(SEQUENCE)?;
    // Two unique ids that nobody uses may stand before the extensions.
    body.optional(0x81);
    body.optional(0x82);
    let extensions = match body.optional(tagged(3)) {
        Some(inside) => Extensions::of(Der(inside))?,
        None => Extensions::default(),
    };
    let hosts = match extensions.hosts {
        Some(hosts) => hosts,
        None => common_names(Der(subject))?,
    };
    let leaf = Leaf { hosts, not_before, not_after };
    Some(Certificate { issuer, subject, authority: extensions.authority, leaf })
}

#[derive(Default)]
struct Extensions {
    /// Absent where the certificate has no alternative names, not even other ones than hosts.
    hosts: Option<Vec<String>>,
    authority: bool,
}

impl Extensions {
    fn of(mut extensions: Der<'_>) -> Option<Self> {
        let mut found = Self::default();
        for extension in extensions.inside(SEQUENCE)?.all(SEQUENCE)? {
            let mut extension = Der(extension);
            let id = extension.take(OID)?;
            extension.optional(BOOLEAN);
            let mut value = extension.inside(OCTETS)?;
            match id {
                ALTERNATIVE_NAMES if found.hosts.is_some() => return None,
                ALTERNATIVE_NAMES => found.hosts = Some(hosts(value.inside(SEQUENCE)?)?),
                BASIC_CONSTRAINTS => {
                    let authority = value.inside(SEQUENCE)?.optional(BOOLEAN);
                    found.authority = authority.is_some_and(|it| it != [0]);
                }
                _ => {}
            }
        }
        Some(found)
    }
}

fn hosts(mut names: Der<'_>) -> Option<Vec<String>> {
    let mut hosts = Vec::new();
    while !names.0.is_empty() {
        if let (DNS_NAME, host) = names.next()? {
            hosts.push(text(host)?);
        }
    }
    Some(hosts)
}

fn common_names(subject: Der<'_>) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for set in subject.all(SET)? {
        for attribute in Der(set).all(SEQUENCE)? {
            let mut attribute = Der(attribute);
            if attribute.take(OID)? == COMMON_NAME {
                names.extend(text(attribute.next()?.1));
            }
        }
    }
    Some(names)
}

fn text(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.chars().all(|c| !c.is_control()).then(|| text.to_ascii_lowercase())
}

/// `YYMMDDhhmmssZ` (of 1950 to 2049) or `YYYYMMDDhhmmssZ`.
fn time((tag, value): (u8, &[u8])) -> Option<DateTime<Utc>> {
    let digits = value.strip_suffix(b"Z")?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = digits.split_at_checked(2)?;
            let year = number(year)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = digits.split_at_checked(4)?;
            (number(year)?, rest)
        }
        _ => return None,
    };
    let parts: Option<Vec<u32>> = rest.chunks(2).map(number).collect();
    let [month, day, hour, minute, second] = parts?[..] else { return None };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some(date.and_hms_opt(hour, minute, second)?.and_utc())
}

/// Of two or four digits.
fn number(digits: &[u8]) -> Option<u32> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    let even = digits.len().is_multiple_of(2);
    digits.iter().map(digit).try_fold(0, |number, digit| Some(number * 10 + digit?)).filter(|_| even)
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
