//! Certificate Manager: the certificates that listeners name.

use aws_sdk_acm::Client;
use aws_sdk_acm::types::CertificateDetail;
use futures::future::BoxFuture;

use super::members::{Unreadable, dns_name, instant, need, tags, text};
use super::{Api, Batch, Collector};
use crate::collect::facts::Facts;
use crate::model::aws::acm::{
    CERTIFICATE, Certificate, DESCRIBE_CERTIFICATE, LIST_TAGS_FOR_CERTIFICATE, TAGS,
};
use crate::model::call::Source;
use crate::model::kind::{Kind, Resource};

pub(super) struct Acm;

impl Collector for Acm {
    fn id(&self) -> &'static str {
        "aws.acm"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&CERTIFICATE, &TAGS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_acm, api);
            for item in &batch.items {
                match *batch.source.calls[0] {
                    DESCRIBE_CERTIFICATE => certificate(api, &client, item.key, into).await,
                    LIST_TAGS_FOR_CERTIFICATE => tags_of(api, &client, item.key, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

async fn certificate(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.describe_certificate().certificate_arn(key).send().await;
    api.ask(&DESCRIBE_CERTIFICATE, key)
        .once_or_absent("ResourceNotFoundException", found, |output| need(output.certificate, "Certificate"))
        .add(into, |found| facts(api, key, found));
}

fn facts(api: &Api, key: &str, found: CertificateDetail) -> Result<Resource, Unreadable> {
    let main = dns_name(&need(found.domain_name, "DomainName")?);
    let head = api.head(key.to_owned(), main.clone(), api.unread(&TAGS, key));
    let mut domains = vec![main];
    for domain in found.subject_alternative_names.unwrap_or_default() {
        let domain = dns_name(&domain);
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    let certificate = Certificate {
        domains,
        status: text(need(found.status, "Status")?),
        r#type: found.r#type.map(text),
        not_before: found.not_before.and_then(instant),
        not_after: found.not_after.and_then(instant),
    };
    Ok(Resource::new(head, certificate))
}

async fn tags_of(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.list_tags_for_certificate().certificate_arn(key).send().await;
    let found = api
        .ask(&LIST_TAGS_FOR_CERTIFICATE, key)
        .once(found, |output| Ok(output.tags.unwrap_or_default()))
        .all(into)
        .map(|all| tags(all.into_iter().map(|tag| (tag.key, tag.value))));
    into.tags(Kind::AcmCertificate, key, found);
}

#[cfg(test)]
mod tests {
    use super::super::canned::Canned;
    use super::*;
    use crate::model::snapshot::Outcome;

    const ID: &str = "arn:aws:acm:us-west-1:111111111111:certificate/1";

    #[tokio::test]
    async fn a_certificate_that_does_not_exist_is_known_not_to() {
        let service = Canned::new([(400, r#"{"__type":"ResourceNotFoundException"}"#)]);
        let found = service.fetch(&Acm, &CERTIFICATE, None, &[ID]).await;
        assert!(found.ids().is_empty());
        assert_eq!(found.entry(&DESCRIBE_CERTIFICATE, ID).outcome, Outcome::Complete);
    }

    #[tokio::test]
    async fn every_name_is_told_once_and_the_main_one_first() {
        let answer = r#"{"Certificate":{"DomainName":"App.example.com","Status":"ISSUED",
            "SubjectAlternativeNames":["*.example.com","app.example.com"]}}"#;
        let found = Canned::new([(200, answer)]).fetch(&Acm, &CERTIFICATE, None, &[ID]).await;
        let certificate = found.resource(ID).as_kind::<Certificate>().expect("a certificate");
        assert_eq!(certificate.domains, ["app.example.com", "*.example.com"]);
    }
}
