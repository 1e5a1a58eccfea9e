//! Fields that are worked out from several facts, readable in expressions like any other: `model::relation::DERIVED`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::aws::ec2::PortRange;
use crate::model::aws::route53::Record;
use crate::model::aws::s3::PublicAccessBlock;
use crate::model::azure::dns::DnsRecord;
use crate::model::kind::{Facts, Kind};
use crate::model::seen::Gap;

use super::customer_key::customer_key;
use super::evidence::undecided;
use super::kubernetes::class::class_exists;
use super::kubernetes::conflicts::conflicts;
use super::kubernetes::redirect::redirects_to_https;
use super::kubernetes::rollout::steady;
use super::net::world_ports::world_ports;
use super::net::{azure_ports, azure_routes};
use super::{Ref, World};

/// The value of a derived field, or what keeps it from being known.
pub fn derive(field: &str, resource: Ref<'_>, world: &World<'_>) -> Result<Value, Gap> {
    match (&resource.facts, field) {
        (Facts::AzureSubnet(_), "internet_hop") => Ok(azure_routes::internet_hop(resource, world)?.into()),
        (Facts::DynamodbTable(table), "customer_key") => Ok(customer_key(table, resource, world)?.into()),
        (Facts::NetworkSecurityGroup(_), "world_ports") => Ok(plain(&azure_ports::world_ports(resource)?)),
        (Facts::S3Bucket(bucket), "public_access_blocked") => {
            let block = bucket.public_access_block.get().map_err(Gap::clone)?;
            Ok(block.as_ref().is_some_and(blocks_everything).into())
        }
        (Facts::SecurityGroup(_), "world_ports") => Ok(plain(&world_ports(resource, world)?)),
        (Facts::K8sDeployment(_), "steady") => Ok(steady(resource)?.into()),
        (Facts::K8sIngress(_), "class_exists") => Ok(class_exists(resource, world)?.into()),
        (Facts::K8sIngress(_), "conflicts") => Ok(conflicts(resource, world)?.into()),
        (Facts::K8sIngress(_), "redirects_to_https") => Ok(redirects_to_https(resource, world)?.into()),
        (Facts::AzureDnsRecord(record), "names") => {
            let domain = |other: Ref<'_>| World::facts::<DnsRecord>(other).domain.clone();
            Ok(names(&record.domain, (Kind::AzureDnsZone, &record.zone), resource, domain, world)?.into())
        }
        (Facts::Route53Record(record), "names") => {
            let domain = |other: Ref<'_>| World::facts::<Record>(other).domain.clone();
            Ok(names(&record.domain, (Kind::Route53Zone, &record.zone), resource, domain, world)?.into())
        }
        _ => Err(undecided(resource, format!("{} has no derived field {field}", resource.kind()))),
    }
}

fn plain(ports: &[PortRange]) -> Value {
    serde_json::to_value(ports).expect("port ranges are plain data")
}

/// A record's own name, and of a wildcard the zone's other names below the same parent.
fn names(
    own: &str,
    (kind, zone): (Kind, &str),
    resource: Ref<'_>,
    domain: fn(Ref<'_>) -> String,
    world: &World<'_>,
) -> Result<Vec<String>, Gap> {
    let mut names = vec![own.to_owned()];
    if let Some(parent) = own.strip_prefix('*') {
        let found = world.get(kind, zone);
        let found = found.ok_or_else(|| undecided(resource, format!("{zone} is not listed")))?;
        let all = world.children(resource.kind(), found);
        if let Some(gap) = all.gaps.into_iter().next() {
            return Err(gap);
        }
        let below: BTreeSet<String> = all.items.into_iter().map(domain).collect();
        names.extend(below.into_iter().filter(|other| other.ends_with(parent) && other != own));
    }
    Ok(names)
}

fn blocks_everything(block: &PublicAccessBlock) -> bool {
    block.block_public_acls
        && block.ignore_public_acls
        && block.block_public_policy
        && block.restrict_public_buckets
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::aws::dynamodb::Table;
    use crate::model::aws::route53::{RECORDS, Zone};
    use crate::model::aws::s3::{Bucket, PUBLIC_ACCESS_BLOCK};
    use crate::model::azure::dns::{self, DnsZone};
    use crate::model::azure::network::{SecurityGroup, Subnet};
    use crate::model::kubernetes::network::{INGRESS_CLASSES, INGRESSES, Ingress, IngressClass};
    use crate::model::kubernetes::workload::Deployment;
    use crate::model::relation::DERIVED;
    use crate::model::scope::Scope;
    use crate::model::seen::Seen;
    use crate::model::snapshot::Outcome;
    use crate::rules::testing::azure::{SUBSCRIPTION, network};
    use crate::rules::testing::kubernetes::{cluster, deployment, ingress, with};
    use crate::rules::testing::{Scene, group, here, rule, the};

    const BUCKET: &str = "arn:aws:s3:::store";
    const ZONE: &str = "arn:aws:route53:::hostedzone/Z1";

    fn bucket(public_access_block: Seen<Option<PublicAccessBlock>>) -> Bucket {
        Bucket {
            location: "us-west-1".to_owned(),
            versioning: Seen::Known(None),
            public_access_block,
            encryption: Seen::Known(None),
        }
    }

    fn blocks(acls: bool) -> PublicAccessBlock {
        PublicAccessBlock {
            block_public_acls: acls,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        }
    }

    fn blocked(seen: Seen<Option<PublicAccessBlock>>) -> Result<Value, Gap> {
        let snapshot = Scene::new().with(BUCKET, bucket(seen)).snapshot();
        derive("public_access_blocked", the(&snapshot, Kind::S3Bucket, BUCKET), &World::new(&snapshot))
    }

    #[test]
    fn all_four_blocks_make_a_bucket_private() {
        assert_eq!(blocked(Seen::Known(Some(blocks(true)))), Ok(true.into()));
        assert_eq!(blocked(Seen::Known(Some(blocks(false)))), Ok(false.into()));
        assert_eq!(blocked(Seen::Known(None)), Ok(false.into()));
    }

    #[test]
    fn an_unread_block_is_a_gap() {
        let gap = Gap::unread(PUBLIC_ACCESS_BLOCK.primary(), &here().global(), BUCKET);
        assert_eq!(blocked(Err(gap.clone()).into()), Err(gap));
    }

    #[test]
    fn world_ports_are_ranges() {
        let open = group(vec![rule("tcp", 443, 443, &["0.0.0.0/0"])], vec![]);
        let snapshot = Scene::new().with("sg-1", open).snapshot();
        let value =
            derive("world_ports", the(&snapshot, Kind::SecurityGroup, "sg-1"), &World::new(&snapshot));
        assert_eq!(value, Ok(json!([{ "protocol": "tcp", "from": 443, "to": 443 }])));
    }

    fn record(domain: &str) -> Record {
        let facts = json!({
            "zone": ZONE, "zone_private": false, "domain": domain, "type": "A", "values": [],
        });
        serde_json::from_value(facts).expect("a record")
    }

    #[test]
    fn a_wildcard_knows_the_names_beside_it() {
        let scene = || {
            let zone = Zone { domain: "example.com".to_owned(), private: false, records: None };
            let domains = ["example.com", "app.example.com", "*.example.com"];
            domains.iter().fold(Scene::new().with(ZONE, zone), |scene, name| scene.with(name, record(name)))
        };
        let names = |scene: Scene, domain| {
            let snapshot = scene.snapshot();
            derive("names", the(&snapshot, Kind::Route53Record, domain), &World::new(&snapshot))
        };
        let listed = scene().answered(&RECORDS, &here().global(), ZONE, Outcome::Complete);
        assert_eq!(names(listed, "*.example.com"), Ok(json!(["*.example.com", "app.example.com"])));
        assert_eq!(names(scene(), "app.example.com"), Ok(json!(["app.example.com"])));
        let gap = Gap::unread(RECORDS.primary(), &here().global(), ZONE);
        assert_eq!(names(scene(), "*.example.com"), Err(gap));
    }

    fn azure_record(domain: &str) -> Value {
        json!({ "zone": network("dnszones/example.com"), "domain": domain, "type": "A", "addresses": [] })
    }

    #[test]
    fn a_wildcard_of_azure_knows_them_too() {
        let zone = network("dnszones/example.com");
        let id = |name: &str| format!("{}/a/{name}", network("dnszones/example.com"));
        let scene = || {
            let scene = Scene::new().arm::<DnsZone>(&zone, &json!({ "domain": "example.com" }));
            scene
                .arm::<DnsRecord>(&id("*"), &azure_record("*.example.com"))
                .arm::<DnsRecord>(&id("app"), &azure_record("app.example.com"))
        };
        let names = |scene: Scene| {
            let snapshot = scene.snapshot();
            derive("names", the(&snapshot, Kind::AzureDnsRecord, &id("*")), &World::new(&snapshot))
        };
        let listed = scene().asked(&dns::RECORDS, &zone, Outcome::Complete);
        assert_eq!(names(listed), Ok(json!(["*.example.com", "app.example.com"])));
        let gap = Gap::unread(dns::RECORDS.primary(), &Scope::azure(SUBSCRIPTION), &zone);
        assert_eq!(names(scene()), Err(gap));
    }

    fn table() -> Table {
        let description = json!({ "keys": ["ID"] });
        let facts = json!({ "description": description, "point_in_time_recovery": false, "policy": null });
        serde_json::from_value(facts).expect("a table")
    }

    #[test]
    fn every_declared_field_is_derived() {
        let class = json!({ "controller": "k8s.io/ingress-nginx", "default": false });
        let forced = json!({ "nginx.ingress.kubernetes.io/force-ssl-redirect": "true" });
        let subnet =
            json!({ "network": network("virtualnetworks/v"), "prefixes": [], "service_endpoints": [] });
        let snapshot = Scene::new()
            .object::<Deployment>("api", &deployment())
            .cluster_object::<IngressClass>("web", &class)
            .object::<Ingress>("api", &with(&ingress(), &json!({ "class": "web", "annotations": forced })))
            .answered(&INGRESS_CLASSES, &cluster(), "", Outcome::Complete)
            .complete(&[&INGRESSES])
            .with("app.example.com", record("app.example.com"))
            .arm::<DnsRecord>(&network("dnszones/example.com/a/app"), &azure_record("app.example.com"))
            .with(BUCKET, bucket(Seen::Known(None)))
            .with("menu", table())
            .with("sg-1", group(vec![], vec![]))
            .arm::<SecurityGroup>(&network("networksecuritygroups/guard"), &json!({ "rules": [] }))
            .arm::<Subnet>(&network("virtualnetworks/v/subnets/agw"), &subnet)
            .snapshot();
        let world = World::new(&snapshot);
        let derived = |kind: Kind, name: &str| {
            snapshot.of_kind(kind).first().is_some_and(|resource| derive(name, resource, &world).is_ok())
        };
        let missing: Vec<_> = DERIVED
            .iter()
            .map(|field| (field.kind, field.name))
            .filter(|(kind, name)| !derived(*kind, name))
            .collect();
        assert_eq!(missing, []);
    }
}
