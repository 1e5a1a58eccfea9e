//! `terminates-tls-with`: the certificates that a load balancer's listeners present.

use serde_json::{Value, json};

use super::evidence::hop;
use super::{Edge, Edges, End, Ref, Relation, World};
use crate::model::aws::Arn;
use crate::model::aws::acm::Certificate;
use crate::model::aws::elbv2::Listener;
use crate::model::kind::Kind;
use crate::model::relation::{RelationMeta, relation};
use crate::model::seen::Gap;

pub(crate) struct TerminatesTlsWith;

impl Relation for TerminatesTlsWith {
    fn meta(&self) -> &'static RelationMeta {
        relation("terminates-tls-with").expect("a relation of the model")
    }

    fn edges<'s>(&self, from: Ref<'s>, _ends: &[Kind], world: &World<'s>) -> Edges<'s> {
        let listeners = world.children(Kind::Listener, from);
        let mut edges = Edges { found: Vec::new(), gaps: listeners.gaps, ..Edges::default() };
        for listener in listeners.items {
            let facts = World::facts::<Listener>(listener);
            if !matches!(facts.protocol.as_deref(), Some("HTTPS" | "TLS")) {
                continue;
            }
            let default = facts.default_certificate.as_deref();
            edges.found.extend(default.map(|arn| edge(listener, arn, true, world)));
            match facts.certificates.get() {
                Ok(all) => {
                    let by_name = all.iter().filter(|arn| Some(arn.as_str()) != default);
                    edges.found.extend(by_name.map(|arn| edge(listener, arn, false, world)));
                }
                Err(gap) => edges.gaps.push(gap.clone()),
            }
        }
        edges
    }
}

fn edge<'s>(listener: Ref<'s>, arn: &str, default: bool, world: &World<'s>) -> Edge<'s> {
    let of_acm = Arn::parse(arn).is_some_and(|arn| arn.service == "acm");
    let to = if of_acm {
        End::of(Kind::AcmCertificate, arn, &listener.scope, world)
    } else {
        End::Outside(arn.to_owned())
    };
    let domains = match &to {
        End::Resource(certificate) => Ok(json!(World::facts::<Certificate>(certificate).domains)),
        End::Unread { gap, .. } => Err(gap.clone()),
        End::Outside(_) if of_acm => Ok(json!([])),
        End::Outside(_) => Err(Gap {
            detail: "the names of IAM server certificates are not read".into(),
            ..Gap::unread("iam:GetServerCertificate", &listener.scope.global(), arn)
        }),
    };
    let facts = World::facts::<Listener>(listener);
    let fact = if default { "default_certificate" } else { "certificates" };
    let mut evidence = vec![hop(listener, "port", facts.port), hop(listener, fact, arn)];
    if let (End::Resource(certificate), Ok(domains)) = (&to, &domains) {
        evidence.push(hop(certificate, "domains", domains.clone()));
    }
    let attributes = vec![
        ("port", Ok(json!(facts.port))),
        ("protocol", Ok(json!(facts.protocol))),
        ("default", Ok(Value::Bool(default))),
        ("domains", domains),
    ];
    Edge { to, attributes, evidence, assumptions: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::{acm, elbv2};
    use crate::rules::iam::testing::{Found, Lab, here, unread};

    const BALANCER: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:loadbalancer/app/web/1";
    const LISTENER: &str = "arn:aws:elasticloadbalancing:us-west-1:111111111111:listener/app/web/1/2";
    const MAIN_CERTIFICATE: &str = "arn:aws:acm:us-west-1:111111111111:certificate/main";
    const OTHER_CERTIFICATE: &str = "arn:aws:acm:us-west-1:111111111111:certificate/other";

    fn listening(lab: Lab, protocol: &str, certificates: &Value) -> Found {
        let balancer = json!({ "type": "application", "subnets": [], "groups": [] });
        let listener = json!({
            "load_balancer": BALANCER, "port": 443, "protocol": protocol, "default_actions": [],
            "default_certificate": MAIN_CERTIFICATE, "certificates": certificates,
        });
        lab.add(Kind::LoadBalancer, BALANCER, balancer)
            .add(Kind::Listener, LISTENER, listener)
            .complete(&elbv2::LISTENERS, &here(), BALANCER)
            .edges(&TerminatesTlsWith, Kind::LoadBalancer, BALANCER)
    }

    fn certified(arn: &str, domain: &str) -> Lab {
        let facts = json!({ "domains": [domain], "status": "ISSUED" });
        Lab::new().add(Kind::AcmCertificate, arn, facts)
    }

    #[test]
    fn each_certificate_is_one_edge() {
        let lab = certified(MAIN_CERTIFICATE, "example.com");
        let lab = lab.denied(&acm::CERTIFICATE, &here(), OTHER_CERTIFICATE);
        let found = listening(lab, "HTTPS", &json!([MAIN_CERTIFICATE, OTHER_CERTIFICATE]));
        assert_eq!(found.ends(), [MAIN_CERTIFICATE.to_owned(), format!("? {OTHER_CERTIFICATE}")]);
        assert_eq!(found.attribute("default"), [true, false]);
        assert_eq!(
            found.attribute("domains"),
            [&json!(["example.com"]), &json!("? acm:DescribeCertificate")]
        );
        assert!(found.gaps.is_empty());
    }

    #[test]
    fn unread_certificates_hide_none_that_was_read() {
        let certificates = unread(&elbv2::LISTENER_CERTIFICATES, &here(), LISTENER);
        let found = listening(certified(MAIN_CERTIFICATE, "example.com"), "TLS", &certificates);
        assert_eq!(found.ends(), [MAIN_CERTIFICATE]);
        assert_eq!(found.calls(), ["elasticloadbalancing:DescribeListenerCertificates"]);
    }

    #[test]
    fn plain_listeners_present_nothing_and_ask_nothing() {
        let certificates = unread(&elbv2::LISTENER_CERTIFICATES, &here(), LISTENER);
        let found = listening(Lab::new(), "HTTP", &certificates);
        assert!(found.edges.is_empty() && found.gaps.is_empty(), "{found:?}");
    }

    #[test]
    fn a_server_certificate_of_iam_is_outside_and_its_names_are_unknown() {
        let arn = "arn:aws:iam::111111111111:server-certificate/old";
        let found = listening(certified(MAIN_CERTIFICATE, "a.example"), "HTTPS", &json!([arn]));
        assert_eq!(found.ends()[1], format!("! {arn}"));
        assert_eq!(found.attribute("domains")[1], "? iam:GetServerCertificate");
    }

    #[test]
    fn unread_listeners_are_a_gap() {
        let balancer = json!({ "type": "application", "subnets": [], "groups": [] });
        let found = Lab::new().add(Kind::LoadBalancer, BALANCER, balancer).edges(
            &TerminatesTlsWith,
            Kind::LoadBalancer,
            BALANCER,
        );
        assert_eq!(found.calls(), ["elasticloadbalancing:DescribeListeners"]);
    }
}
