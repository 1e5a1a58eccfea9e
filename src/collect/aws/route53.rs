//! Route 53: hosted zones and their records.

use aws_sdk_route53::Client;
use aws_sdk_route53::types as sdk;
use futures::future::BoxFuture;

use super::members::{Unreadable, dns_name, need, tags, text};
use super::{Api, Batch, Collector, Item};
use crate::collect::facts::Facts;
use crate::model::aws::Arn;
use crate::model::aws::route53::{
    Alias, LIST_HOSTED_ZONES, LIST_RESOURCE_RECORD_SETS, LIST_TAGS_FOR_RESOURCE, RECORDS, Record, TAGS,
    ZONES, Zone,
};
use crate::model::call::Source;
use crate::model::kind::{Kind, Resource, Tags};
use crate::model::seen::Seen;

const PAGE: i32 = 100;
const RECORDS_PAGE: i32 = 300;

pub(super) struct Route53;

impl Collector for Route53 {
    fn id(&self) -> &'static str {
        "aws.route53"
    }

    fn sources(&self) -> &'static [&'static Source] {
        &[&ZONES, &RECORDS, &TAGS]
    }

    fn fetch<'a>(&'a self, api: &'a Api, batch: &'a Batch<'a>, into: &'a mut Facts) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let client = client!(aws_sdk_route53, api);
            for item in &batch.items {
                match *batch.source.calls[0] {
                    LIST_HOSTED_ZONES => zones(api, &client, item.key, into).await,
                    LIST_RESOURCE_RECORD_SETS => records(api, &client, item, into).await,
                    LIST_TAGS_FOR_RESOURCE => tags_of(api, &client, item.key, into).await,
                    _ => debug_assert!(false, "{} is not asked here", batch.source.primary()),
                }
            }
        })
    }
}

fn zone_in(key: &str) -> &str {
    Arn::parse(key).map_or(key, |arn| arn.name())
}

async fn zones(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let page = |marker| client.list_hosted_zones().max_items(PAGE).set_marker(marker).send();
    api.ask(&LIST_HOSTED_ZONES, key)
        .pages(page, |page| {
            let next = page.is_truncated.then(|| need(page.next_marker, "NextMarker")).transpose()?;
            Ok((page.hosted_zones, next))
        })
        .await
        .add(into, |found| zone(api, found));
}

fn zone(api: &Api, found: sdk::HostedZone) -> Result<Resource, Unreadable> {
    let number = found.id.trim_start_matches("/hostedzone/");
    let id = format!("arn:{}:route53:::hostedzone/{number}", api.partition());
    let domain = domain(&found.name);
    let head = api.head(id.clone(), domain.clone(), api.unread(&TAGS, &id));
    let private = need(found.config, "Config")?.private_zone;
    Ok(Resource::new(head, Zone { domain, private, records: found.resource_record_set_count }))
}

async fn records(api: &Api, client: &Client, item: &Item<'_>, into: &mut Facts) {
    let listing = api.ask(&LIST_RESOURCE_RECORD_SETS, item.key);
    let Some(zone) = item.subject.and_then(|resource| resource.as_kind::<Zone>()) else {
        return listing.impossible::<Resource>("the zone it is about was not read").add(into, Ok);
    };
    let list =
        || client.list_resource_record_sets().hosted_zone_id(zone_in(item.key)).max_items(RECORDS_PAGE);
    let page = |next: Option<Next>| {
        let (name, r#type, identifier) = next.unwrap_or_default();
        let start = list().set_start_record_name(name).set_start_record_identifier(identifier);
        start.set_start_record_type(r#type.as_deref().map(sdk::RrType::from)).send()
    };
    listing
        .pages(page, |page| {
            let name =
                page.is_truncated.then(|| need(page.next_record_name, "NextRecordName")).transpose()?;
            let next =
                name.map(|name| (Some(name), page.next_record_type.map(text), page.next_record_identifier));
            Ok((page.resource_record_sets, next))
        })
        .await
        .add(into, |found| Ok(record(api, item.key, zone.private, found)));
}

/// The name, type and set identifier that the next page starts with.
type Next = (Option<String>, Option<String>, Option<String>);

fn record(api: &Api, zone: &str, zone_private: bool, found: sdk::ResourceRecordSet) -> Resource {
    let domain = domain(&found.name);
    let r#type = text(found.r#type);
    let mut id = format!("{zone}/{domain}/{type}");
    if let Some(variant) = &found.set_identifier {
        id = format!("{id}/{variant}");
    }
    let values = found.resource_records.unwrap_or_default().into_iter();
    let values = values.map(|record| match &*r#type {
        "CNAME" | "NS" => self::domain(&record.value),
        _ => record.value,
    });
    let record = Record {
        zone: zone.to_owned(),
        zone_private,
        domain: domain.clone(),
        values: values.collect(),
        ttl: found.ttl,
        alias: found.alias_target.map(|alias| Alias {
            dns_name: self::domain(&alias.dns_name),
            zone_id: alias.hosted_zone_id,
            evaluate_target_health: alias.evaluate_target_health,
        }),
        set_identifier: found.set_identifier,
        weight: found.weight,
        latency_region: found.region.map(text),
        failover: found.failover.map(text),
        geolocation: found.geo_location.map(place),
        multivalue: found.multi_value_answer,
        health_check: found.health_check_id,
        r#type,
    };
    Resource::new(api.head(id, domain, Seen::Known(Tags::new())), record)
}

/// `continent:EU`, `country:US`, `country:US/CA`; some codes are both a continent's and a country's.
fn place(found: sdk::GeoLocation) -> String {
    let country = found.country_code.map(|country| format!("country:{country}"));
    let country = country.map(|country| match found.subdivision_code {
        Some(part) => format!("{country}/{part}"),
        None => country,
    });
    country.unwrap_or_else(|| format!("continent:{}", found.continent_code.unwrap_or_default()))
}

/// A domain in the one form in which domains are compared. Route 53 writes `\052` for `*`, and other signs so
/// too.
fn domain(name: &str) -> String {
    dns_name(&octal_decoded(name))
}

fn octal_decoded(name: &str) -> String {
    let mut decoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('\\') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let code = rest.get(1..4).filter(|digits| digits.bytes().all(|digit| matches!(digit, b'0'..=b'7')));
        let byte = code.and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(u8::is_ascii);
        decoded.push(byte.map_or('\\', char::from));
        rest = &rest[if byte.is_some() { 4 } else { 1 }..];
    }
    decoded + rest
}

async fn tags_of(api: &Api, client: &Client, key: &str, into: &mut Facts) {
    let found = client.list_tags_for_resource().resource_type(sdk::TagResourceType::Hostedzone);
    let found = found.resource_id(zone_in(key)).send().await;
    let found = api
        .ask(&LIST_TAGS_FOR_RESOURCE, key)
        .once(found, |output| Ok(need(output.resource_tag_set, "ResourceTagSet")?.tags.unwrap_or_default()))
        .all(into)
        .map(|all| tags(all.into_iter().map(|tag| (tag.key, tag.value))));
    into.tags(Kind::Route53Zone, key, found);
}

#[cfg(test)]
mod tests {
    use super::super::canned::Canned;
    use super::*;
    use crate::model::snapshot::Outcome;

    #[tokio::test]
    async fn the_next_page_of_records_starts_at_the_variant_it_names() {
        let id = "arn:aws:route53:::hostedzone/Z1";
        let api = Canned::new([]).api("us-west-1");
        let config = sdk::HostedZoneConfig::builder().private_zone(false).build();
        let found = sdk::HostedZone::builder().id("/hostedzone/Z1").name("example.com.").config(config);
        let subject = zone(&api, found.caller_reference("x").build().expect("all four")).expect("a config");
        assert_eq!(subject.id, id);
        let page = |variant: &str, more: &str| {
            format!(
                "<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet>\
                 <Name>\\052.example.com.</Name><Type>CNAME</Type><SetIdentifier>{variant}</SetIdentifier>\
                 <ResourceRecords><ResourceRecord><Value>Web.example.net.</Value></ResourceRecord>\
                 </ResourceRecords>\
                 </ResourceRecordSet></ResourceRecordSets><MaxItems>1</MaxItems>{more}\
                 </ListResourceRecordSetsResponse>"
            )
        };
        let more = "<IsTruncated>true</IsTruncated><NextRecordName>\\052.example.com.</NextRecordName>\
            <NextRecordType>CNAME</NextRecordType><NextRecordIdentifier>blue</NextRecordIdentifier>";
        let last = page("blue", "<IsTruncated>false</IsTruncated>");
        let service = Canned::new([(200, &page("a/b", more)), (200, &last)]);
        let found = service.fetch(&Route53, &RECORDS, Some(&subject), &[id]).await;
        let blue = format!("{id}/*.example.com/CNAME/blue");
        assert_eq!(found.ids(), [id, &format!("{id}/*.example.com/CNAME/a/b"), &blue]);
        assert_eq!(found.resource(&blue).as_kind::<Record>().expect("a record").values, ["web.example.net"]);
        assert!(service.asked()[1].contains("type=CNAME&identifier=blue"), "{:?}", service.asked());
        assert_eq!(found.entry(&LIST_RESOURCE_RECORD_SETS, id).pages, 2);

        let cut_off = Canned::new([(200, &page("a", "<IsTruncated>true</IsTruncated>"))]);
        let found = cut_off.fetch(&Route53, &RECORDS, Some(&subject), &[id]).await;
        assert_eq!(found.entry(&LIST_RESOURCE_RECORD_SETS, id).outcome, Outcome::Failed);
    }

    #[test]
    fn a_wildcard_is_a_star() {
        assert_eq!(domain(r"\052.Example.com."), "*.example.com");
    }

    #[test]
    fn what_is_no_escape_stays_as_it_is() {
        assert_eq!(octal_decoded(r"a\05"), r"a\05");
        assert_eq!(octal_decoded(r"a\900b\"), r"a\900b\");
        assert_eq!(octal_decoded(r"\377x\344"), r"\377x\344");
    }

    #[test]
    fn places_tell_a_continent_from_a_country() {
        let place = |of: fn(sdk::builders::GeoLocationBuilder) -> sdk::builders::GeoLocationBuilder| {
            super::place(of(sdk::GeoLocation::builder()).build())
        };
        assert_eq!(place(|at| at.continent_code("NA")), "continent:NA");
        assert_eq!(place(|at| at.country_code("NA")), "country:NA");
        assert_eq!(place(|at| at.country_code("US").subdivision_code("CA")), "country:US/CA");
    }
}
