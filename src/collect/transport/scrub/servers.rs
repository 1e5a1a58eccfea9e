//! Names of API servers: whoever knows one knows where to knock.
//!
//! EKS tells clusters apart by an id that stands in the endpoint, in upper or lower case, and in the OIDC issuer, and so
//! in IAM: the id is what gets a stand-in, so that all of them still match.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// Text that is replaced wherever it stands, or only where it is not part of a longer name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Replacement {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) whole: bool,
}

impl Replacement {
    /// The rest behind it, where `rest` starts with it.
    pub(super) fn applies<'t>(&self, before: Option<char>, rest: &'t str) -> Option<&'t str> {
        let after = rest.strip_prefix(self.from.as_str())?;
        let of_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let part = before.is_some_and(of_name) || after.starts_with(of_name);
        (!self.whole || !part).then_some(after)
    }
}

/// Stands for every API server that is not one of EKS.
const ELSEWHERE: &str = "cluster.example.com";

/// In an endpoint, and in an issuer, which IAM writes percent-encoded.
static IDS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [r"(?i)\b([0-9a-f]{32})\.[a-z0-9.-]*\beks\b", r"(?i)\beks[a-z0-9.-]*(?:/|%2f)id(?:/|%2f)([0-9a-f]{32})\b"]
        .map(|pattern| Regex::new(pattern).expect("a fixed pattern"))
});

/// What stands for the API server of a run, given by its address, and for others of EKS that the texts name.
pub(super) fn stand_ins<'t>(server: Option<&str>, texts: impl Iterator<Item = &'t str>) -> Vec<Replacement> {
    let own: BTreeSet<String> = server.map(ids).unwrap_or_default();
    let mut others: BTreeSet<String> = texts.flat_map(ids).collect();
    others.retain(|id| !own.contains(id));
    let elsewhere = server.filter(|_| own.is_empty()).map(elsewhere).unwrap_or_default();
    let numbered = own.iter().chain(&others).zip(1_u16..);
    let of_eks = numbered.flat_map(|(id, number)| {
        let to = format!("0123456789abcdef0123456789ab{number:04x}");
        [(id.clone(), to.clone()), (id.to_ascii_uppercase(), to.to_ascii_uppercase())]
    });
    let of_eks: BTreeSet<_> = of_eks.collect();
    of_eks.into_iter().map(|(from, to)| Replacement { from, to, whole: false }).chain(elsewhere).collect()
}

/// Ids of EKS clusters, in lower case.
fn ids(text: &str) -> BTreeSet<String> {
    let found = IDS.iter().flat_map(|pattern| pattern.captures_iter(text));
    found.map(|found| found[1].to_ascii_lowercase()).collect()
}

/// An address and its host. The loopback interface names nobody, and stands in many texts that mean another.
fn elsewhere(address: &str) -> Vec<Replacement> {
    let port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let host = address.rsplit_once(':').filter(|(_, end)| port(end)).map_or(address, |(host, _)| host);
    let loopback = host.starts_with("127.") || host == "localhost" || host == "[::1]";
    let hidden = if loopback { vec![address] } else { vec![address, host] };
    let to = |from: &str| Replacement { from: from.to_owned(), to: ELSEWHERE.to_owned(), whole: true };
    hidden.into_iter().map(to).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Scrub;
    use crate::collect::transport::record::Cluster;

    const OWN: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f90";

    fn shown(server: &str, text: &str) -> String {
        let cluster =
            Cluster { identity: server.to_owned(), addressed: true, certificate_authority: Vec::new() };
        let none = BTreeMap::new();
        Scrub::new(&none, &none).servers(Some(&cluster), [text].into_iter()).text(text)
    }

    #[test]
    fn a_cluster_of_eks_is_the_same_one_wherever_it_is_named() {
        let (upper, server) = (OWN.to_ascii_uppercase(), format!("{OWN}.gr7.eu-west-2.eks.amazonaws.com"));
        let other = "f".repeat(32);
        let text = format!(
            "https://{upper}.gr7.eu-west-2.eks.amazonaws.com {server} \
             https://oidc.eks.eu-west-2.amazonaws.com/id/{upper} \
             oidc.eks.eu-west-2.amazonaws.com%2Fid%2F{upper} https://oidc.eks.eu-west-2.amazonaws.com/id/{other} \
             md5 {}",
            "e".repeat(32)
        );
        let text = shown(&server, &text);
        let (lower, upper) = ("0123456789abcdef0123456789ab0001", "0123456789ABCDEF0123456789AB0001");
        assert_eq!(
            text,
            format!(
                "https://{upper}.gr7.eu-west-2.eks.amazonaws.com {lower}.gr7.eu-west-2.eks.amazonaws.com \
                 https://oidc.eks.eu-west-2.amazonaws.com/id/{upper} \
                 oidc.eks.eu-west-2.amazonaws.com%2Fid%2F{upper} \
                 https://oidc.eks.eu-west-2.amazonaws.com/id/0123456789abcdef0123456789ab0002 \
                 md5 {}",
                "e".repeat(32)
            )
        );
    }

    #[test]
    fn another_servers_host_is_hidden_but_no_longer_name() {
        let text =
            shown("api.k8s.acme.io:6443", "https://api.k8s.acme.io:6443/x api.k8s.acme.io api.k8s.acme.iot");
        assert_eq!(text, "https://cluster.example.com/x cluster.example.com api.k8s.acme.iot");
        assert_eq!(
            shown("10.0.0.1", "10.0.0.1 10.0.0.12 110.0.0.1"),
            "cluster.example.com 10.0.0.12 110.0.0.1"
        );
        assert_eq!(shown("127.0.0.1:6443", "127.0.0.1:6443 127.0.0.1"), "cluster.example.com 127.0.0.1");
    }
}
