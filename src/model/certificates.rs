//! Certificates, as far as they are compared, the ones that an API server is trusted by; and read, those that a gateway
//! presents.

mod base64;
pub mod x509;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The certificates in a PEM text: base64 of each one's DER, sorted, each once. That is what stands between the
/// markers, without the line breaks that every tool puts elsewhere.
pub fn authorities(pem: &str) -> Vec<String> {
    let blocks = pem.split(BEGIN).skip(1).filter_map(|block| block.split_once(END));
    let mut found: Vec<String> =
        blocks.map(|(body, _)| body.split_ascii_whitespace().collect::<String>()).collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_certificate_is_the_same_however_its_lines_are_broken() {
        let broken = format!("{BEGIN}\r\nAAEC\r\nAwQF\r\n{END}\r\n");
        let whole = format!("subject=CN = api\n{BEGIN}\nAAECAwQF\n{END}");
        assert_eq!(authorities(&broken), ["AAECAwQF"]);
        assert_eq!(authorities(&broken), authorities(&whole));
    }

    #[test]
    fn a_bundle_is_sorted_and_holds_certificates_alone() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        let bundle = format!("{BEGIN}\nBB==\n{END}\n{key}\n{BEGIN}\nAA==\n{END}\n{BEGIN}\nBB==\n{END}\n");
        assert_eq!(authorities(&bundle), ["AA==", "BB=="]);
    }

    #[test]
    fn what_is_cut_off_or_no_pem_names_none() {
        for text in ["", "AAEC", &format!("{BEGIN}\nAAEC")] {
            assert!(authorities(text).is_empty(), "{text}");
        }
    }
}
