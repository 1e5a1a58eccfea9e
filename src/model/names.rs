//! DNS names: what a certificate covers and what a record answers. The two read a wildcard differently. And the one
//! form in which an API server's address is compared.

/// Whether a certificate for `pattern` is valid for `host`: its wildcard stands for exactly one left-most label.
pub fn covers(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (plain(pattern), plain(host));
    match pattern.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == parent),
        None => !pattern.is_empty() && pattern == host,
    }
}

/// Whether a DNS record of name `record` can answer for `host`: its wildcard stands for any depth below.
pub fn answers(record: &str, host: &str) -> bool {
    let (record, host) = (plain(record), plain(host));
    match record.strip_prefix("*.") {
        Some(parent) => host
            .strip_suffix(parent)
            .and_then(|below| below.strip_suffix('.'))
            .is_some_and(|below| !below.is_empty()),
        None => !record.is_empty() && record == host,
    }
}

/// The same in a zone that has `others` too: a wildcard leaves a host to whatever name shares more of it than the
/// wildcard's parent does, be it of another type or only on the way to a longer one (RFC 4592).
pub fn answers_beside<'n>(record: &str, mut others: impl Iterator<Item = &'n str>, host: &str) -> bool {
    let (record, host) = (plain(record), plain(host));
    let labels = record.split('.').count();
    let is_closer = |other: &str| shared(&plain(other), &host) >= labels;
    answers(&record, &host) && !(record.starts_with("*.") && others.any(is_closer))
}

/// How many labels two names have in common, from the right.
fn shared(one: &str, other: &str) -> usize {
    one.rsplit('.').zip(other.rsplit('.')).take_while(|(one, other)| one == other).count()
}

/// Whether a zone of name `zone` is where a record for `host` would stand.
pub fn holds(zone: &str, host: &str) -> bool {
    let (zone, host) = (plain(zone), plain(host));
    !zone.is_empty() && (host == zone || host.strip_suffix(&zone).is_some_and(|below| below.ends_with('.')))
}

/// An API server's address: host, and port where it is not 443; lower case, without scheme and path, and without the
/// password that some put before it.
pub fn server(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let address = rest.split('/').next().unwrap_or(rest);
    let address = address.rsplit_once('@').map_or(address, |(_, address)| address);
    address.strip_suffix(":443").unwrap_or(address).to_ascii_lowercase()
}

/// Whether a gateway's listener for `pattern` takes `host`: `*` stands for any run of characters, `?` for one.
pub fn fits(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (plain(pattern), plain(host));
    let (pattern, host) = (pattern.as_bytes(), host.as_bytes());
    // The usual walk: where the rest does not fit, the last star takes one more.
    let (mut at, mut of, mut star) = (0, 0, None);
    while of < host.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, of));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == host[of] => (at, of) = (at + 1, of + 1),
            _ => {
                let Some((last, taken)) = star else { return false };
                star = Some((last, taken + 1));
                (at, of) = (last + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificates_wildcard_is_one_label() {
        assert!(covers("*.example.com", "app.example.com"));
        assert!(covers("*.Example.com.", "APP.example.com"));
        assert!(!covers("*.example.com", "a.b.example.com"));
        assert!(!covers("*.example.com", "example.com"));
        assert!(!covers("*.example.com", ".example.com"));
        assert!(!covers("", ""));
    }

    #[test]
    fn a_listeners_star_is_any_run_of_characters() {
        assert!(fits("*", "app.example.com"));
        assert!(fits("*.Example.com", "a.b.example.com"));
        assert!(fits("app?.example.com", "app1.example.com"));
        assert!(fits("*.app.*", "x.app.example.com"));
        assert!(!fits("*.example.com", "example.com"));
        assert!(!fits("app?.example.com", "app.example.com"));
        assert!(!fits("app.example.com", "app.example.com.evil.example"));
        assert!(!fits("", "app.example.com"));
    }

    #[test]
    fn a_server_is_its_host_and_an_unusual_port() {
        assert_eq!(
            server("https://A1B2.gr7.us-west-1.eks.amazonaws.com"),
            "a1b2.gr7.us-west-1.eks.amazonaws.com"
        );
        assert_eq!(server("https://api.example.com:443/k8s/"), "api.example.com");
        assert_eq!(server("https://api.example.com:6443"), "api.example.com:6443");
        assert_eq!(server("https://[2001:db8::1]:443"), "[2001:db8::1]");
        assert_eq!(server("https://jane:hunter2@api.example.com:6443/"), "api.example.com:6443");
    }

    #[test]
    fn a_zone_holds_itself_and_what_is_below() {
        assert!(holds("example.com", "a.b.example.com"));
        assert!(holds("Example.com.", "example.com"));
        assert!(!holds("example.com", "badexample.com"));
        assert!(!holds("b.example.com", "example.com"));
        assert!(!holds("", "example.com"));
    }

    #[test]
    fn a_records_wildcard_is_any_depth_below() {
        assert!(answers("*.example.com", "a.b.example.com"));
        assert!(answers("App.example.com.", "app.example.com"));
        assert!(!answers("*.example.com", "example.com"));
        assert!(!answers("*.example.com", "badexample.com"));
    }

    #[test]
    fn a_wildcard_leaves_hosts_to_closer_names() {
        let left = |other: &str, host: &str| !answers_beside("*.example.com", [other].into_iter(), host);
        assert!(left("App.example.com.", "app.example.com"));
        assert!(left("app.example.com", "a.app.example.com"), "an existing name ends the wildcard");
        assert!(left("x.app.example.com", "app.example.com"), "a name on the way to another exists");
        assert!(left("*.app.example.com", "a.app.example.com"));
        assert!(!left("api.example.com", "app.example.com"));
        assert!(!left("example.com", "app.example.com"));
        assert!(answers_beside("app.example.com", ["x.app.example.com"].into_iter(), "app.example.com"));
    }
}
