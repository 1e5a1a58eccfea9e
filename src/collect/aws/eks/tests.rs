use super::super::canned::{Canned, Found};
use super::*;
use crate::model::aws::eks::{Cluster, FargateProfile, Nodegroup, PodIdentity};
use crate::model::call::Call;
use crate::model::snapshot::Outcome;

const CLUSTER: &str = "arn:aws:eks:us-west-1:111111111111:cluster/main";
const GONE: (u16, &str) = (404, r#"{"__type":"ResourceNotFoundException","message":"no"}"#);
const DENIED: (u16, &str) = (403, r#"{"__type":"AccessDeniedException","message":"no"}"#);
const ENTRY: &str = "arn:aws:eks:us-west-1:111111111111:access-entry/main/role/111111111111/ops/e1";
const ENTRIES: (u16, &str) = (200, r#"{"accessEntries":["arn:aws:iam::111111111111:role/team/ops"]}"#);
const OPS: (u16, &str) = (
    200,
    r#"{"accessEntry":{"principalArn":"arn:aws:iam::111111111111:role/team/ops","kubernetesGroups":["b","a"],
        "accessEntryArn":"arn:aws:eks:us-west-1:111111111111:access-entry/main/role/111111111111/ops/e1",
        "type":"STANDARD","tags":{}}}"#,
);

/// Base64 of a PEM of two certificates, of which the second sorts first.
fn bundle() -> String {
    let block = |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    aws_smithy_types::base64::encode(format!("{}{}", block("BB\nBB"), block("AAAA")))
}

async fn clusters_as(described: (u16, &str)) -> Found {
    let listed = (200, r#"{"clusters":["main"]}"#);
    Canned::new([listed, described]).fetch(&Eks, &CLUSTERS, None, &[""]).await
}

#[tokio::test]
async fn a_cluster_is_read_into_the_forms_it_is_compared_in() {
    let described = format!(
        r#"{{"cluster":{{"name":"main","arn":"{CLUSTER}","status":"ACTIVE","version":"1.33",
        "endpoint":"https://A1B2.gr7.us-west-1.eks.amazonaws.com","certificateAuthority":{{"data":"{}"}},
        "resourcesVpcConfig":{{"vpcId":"vpc-1","subnetIds":["subnet-b","subnet-a"],
            "clusterSecurityGroupId":"sg-1","endpointPublicAccess":true,"endpointPrivateAccess":false,
            "publicAccessCidrs":["0.0.0.0/0"]}},
        "logging":{{"clusterLogging":[{{"types":["audit","api"],"enabled":true}},
            {{"types":["scheduler"],"enabled":false}}]}},
        "identity":{{"oidc":{{"issuer":"https://oidc.eks.us-west-1.amazonaws.com/id/A1B2"}}}},
        "encryptionConfig":[{{"resources":["secrets"],"provider":{{"keyArn":"key-1"}}}}],
        "accessConfig":{{"authenticationMode":"API_AND_CONFIG_MAP"}},"tags":{{"env":"dev"}}}}}}"#,
        bundle()
    );
    let found = clusters_as((200, &described)).await;
    let resource = found.resource(CLUSTER);
    assert_eq!((&*resource.name, &*resource.tags.get().expect("told with it")["env"]), ("main", "dev"));
    let cluster = resource.as_kind::<Cluster>().expect("a cluster");
    assert_eq!(cluster.endpoint.as_deref(), Some("a1b2.gr7.us-west-1.eks.amazonaws.com"));
    assert_eq!(cluster.certificate_authority, ["AAAA", "BBBB"]);
    assert_eq!(cluster.oidc_issuer.as_deref(), Some("oidc.eks.us-west-1.amazonaws.com/id/A1B2"));
    assert_eq!(cluster.logging, ["api", "audit"]);
    assert_eq!(cluster.secrets_key.as_deref(), Some("key-1"));
    assert_eq!(cluster.subnets, ["subnet-a", "subnet-b"]);
    assert_eq!((cluster.endpoint_public, cluster.endpoint_private), (Some(true), Some(false)));
    assert_eq!(cluster.authentication_mode.as_deref(), Some("API_AND_CONFIG_MAP"));
}

#[tokio::test]
async fn a_cluster_in_the_making_has_no_endpoint_and_no_certificates() {
    let described = format!(
        r#"{{"cluster":{{"name":"main","arn":"{CLUSTER}","status":"CREATING","certificateAuthority":{{}},
        "resourcesVpcConfig":{{"vpcId":"vpc-1"}}}}}}"#
    );
    let found = clusters_as((200, &described)).await;
    let cluster = found.resource(CLUSTER).as_kind::<Cluster>().expect("a cluster");
    assert_eq!((&cluster.endpoint, &cluster.secrets_key, &cluster.oidc_issuer), (&None, &None, &None));
    assert!(cluster.certificate_authority.is_empty() && cluster.logging.is_empty());
}

#[tokio::test]
async fn a_cluster_that_cannot_be_read_makes_the_list_incomplete() {
    let lacking = |members: &str| {
        format!(r#"{{"cluster":{{"name":"main","arn":"{CLUSTER}","status":"ACTIVE",{members}}}}}"#)
    };
    let cases = [
        ("{}".to_owned(), "answered without `cluster`"),
        (lacking(r#""tags":{}"#), "answered without `resourcesVpcConfig`"),
    ];
    for (described, detail) in cases {
        let found = clusters_as((200, &described)).await;
        let entry = found.entry(&DESCRIBE_CLUSTER, "");
        assert_eq!((entry.outcome, &*entry.detail), (Outcome::Failed, detail), "{described}");
        assert!(found.ids().is_empty());
    }
}

#[tokio::test]
async fn what_is_not_told_of_a_cluster_is_told_neither_way() {
    for data in ["not base64", "AAAA"] {
        let described = format!(
            r#"{{"cluster":{{"name":"main","arn":"{CLUSTER}","status":"ACTIVE","resourcesVpcConfig":{{}},
            "certificateAuthority":{{"data":"{data}"}}}}}}"#
        );
        let found = clusters_as((200, &described)).await;
        let cluster = found.resource(CLUSTER).as_kind::<Cluster>().expect("a cluster");
        assert!(cluster.certificate_authority.is_empty(), "{data}");
        assert_eq!((cluster.endpoint_public, cluster.endpoint_private), (None, None));
    }
}

#[tokio::test]
async fn what_went_missing_since_it_was_listed_is_gone_and_what_was_denied_is_a_gap() {
    let children: [(&'static Source, &Call, &Call, &str); 5] = [
        (&NODEGROUPS, &LIST_NODEGROUPS, &DESCRIBE_NODEGROUP, r#"{"nodegroups":["a"]}"#),
        (
            &FARGATE_PROFILES,
            &LIST_FARGATE_PROFILES,
            &DESCRIBE_FARGATE_PROFILE,
            r#"{"fargateProfileNames":["a"]}"#,
        ),
        (&ADDONS, &LIST_ADDONS, &DESCRIBE_ADDON, r#"{"addons":["a"]}"#),
        (&ACCESS_ENTRIES, &LIST_ACCESS_ENTRIES, &DESCRIBE_ACCESS_ENTRY, ENTRIES.1),
        (
            &POD_IDENTITIES,
            &LIST_POD_IDENTITY_ASSOCIATIONS,
            &DESCRIBE_POD_IDENTITY_ASSOCIATION,
            r#"{"associations":[{"associationId":"a"}]}"#,
        ),
    ];
    for (source, list, describe, listed) in children {
        for (described, outcome) in
            [(GONE, Outcome::Complete), (DENIED, Outcome::Denied), ((200, "{}"), Outcome::Failed)]
        {
            let service = Canned::new([(200, listed), described]);
            let found = service.fetch(&Eks, source, None, &[CLUSTER]).await;
            assert_eq!(found.entry(describe, CLUSTER).outcome, outcome, "{}", describe.id);
            assert_eq!(found.entry(list, CLUSTER).outcome, Outcome::Complete, "{}", list.id);
            assert!(service.asked()[0].contains("/clusters/main/"), "{:?}", service.asked());
        }
        for (listed, outcome) in
            [((200, "{}"), Outcome::Failed), (DENIED, Outcome::Denied), (GONE, Outcome::Failed)]
        {
            let found = Canned::new([listed]).fetch(&Eks, source, None, &[CLUSTER]).await;
            assert_eq!(found.entry(list, CLUSTER).outcome, outcome, "{}", list.id);
        }
    }
}

#[tokio::test]
async fn every_page_of_node_groups_is_described() {
    let described = |name: &str| {
        format!(
            r#"{{"nodegroup":{{"nodegroupName":"{name}","nodegroupArn":"arn:{name}","status":"DEGRADED",
            "scalingConfig":{{"minSize":1,"maxSize":3,"desiredSize":2}},"subnets":["b","a"],
            "instanceTypes":["t3.medium"],"nodeRole":"role","amiType":"BOTTLEROCKET_x86_64",
            "health":{{"issues":[{{"code":"NodeCreationFailure"}}]}}}}}}"#
        )
    };
    let service = Canned::new([
        (200, r#"{"nodegroups":["one"],"nextToken":"more"}"#),
        (200, r#"{"nodegroups":["two"]}"#),
        (200, &described("one")),
        (200, &described("two")),
    ]);
    let found = service.fetch(&Eks, &NODEGROUPS, None, &[CLUSTER]).await;
    assert!(service.asked()[1].contains("nextToken=more"), "{:?}", service.asked());
    assert_eq!(found.ids(), ["arn:one", "arn:two"]);
    let group = found.resource("arn:two").as_kind::<Nodegroup>().expect("a node group");
    assert_eq!((&*group.cluster, group.status.as_deref()), (CLUSTER, Some("DEGRADED")));
    assert_eq!((group.min, group.desired, group.max), (Some(1), Some(2), Some(3)));
    assert_eq!(
        (&group.subnets[..], &group.health_issues[..]),
        (&["a", "b"].map(String::from)[..], &["NodeCreationFailure".to_owned()][..])
    );
    let notes = [&LIST_NODEGROUPS, &DESCRIBE_NODEGROUP].map(|call| found.entry(call, CLUSTER));
    assert_eq!(notes.map(|entry| (entry.pages, entry.items)), [(2, 2), (2, 2)]);
}

#[tokio::test]
async fn a_fargate_profile_whose_selectors_are_not_told_is_not_read_as_taking_no_pods() {
    let profile = |selectors: &str| {
        format!(r#"{{"fargateProfile":{{"fargateProfileName":"a","fargateProfileArn":"arn:a"{selectors}}}}}"#)
    };
    let told = profile(r#","selectors":[{"namespace":"app-*","labels":{"tier":"api"}}]"#);
    let untold = profile("");
    for (described, outcome) in [(&told, Outcome::Complete), (&untold, Outcome::Failed)] {
        let service = Canned::new([(200, r#"{"fargateProfileNames":["a"]}"#), (200, described)]);
        let found = service.fetch(&Eks, &FARGATE_PROFILES, None, &[CLUSTER]).await;
        assert_eq!(found.entry(&DESCRIBE_FARGATE_PROFILE, CLUSTER).outcome, outcome);
        if outcome == Outcome::Complete {
            let profile = found.resource("arn:a").as_kind::<FargateProfile>().expect("a profile");
            assert_eq!(
                (&*profile.selectors[0].namespace, &*profile.selectors[0].labels["tier"]),
                ("app-*", "api")
            );
        }
    }
}

/// What is read of the policies of the one access entry.
async fn policies_as(answer: (u16, &str)) -> (Found, Canned) {
    let entries = Canned::new([ENTRIES, OPS]).fetch(&Eks, &ACCESS_ENTRIES, None, &[CLUSTER]).await;
    let subject = entries.resource(ENTRY).clone();
    let service = Canned::new([answer]);
    (service.fetch(&Eks, &ACCESS_POLICIES, Some(&subject), &[ENTRY]).await, service)
}

#[tokio::test]
async fn who_is_let_in_is_told_with_the_policies_of_each() {
    let (found, service) = policies_as((
        200,
        r#"{"associatedAccessPolicies":[
            {"policyArn":"view","accessScope":{"type":"namespace","namespaces":["b","a"]}},
            {"policyArn":"admin","accessScope":{"type":"cluster","namespaces":[]}}]}"#,
    ))
    .await;
    let asked =
        "/clusters/main/access-entries/arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Fteam%2Fops/access-policies";
    assert!(service.asked()[0].contains(asked), "{:?}", service.asked());
    let resource = found.resource(ENTRY);
    assert_eq!(resource.name, "arn:aws:iam::111111111111:role/team/ops");
    let entry = resource.as_kind::<AccessEntry>().expect("an access entry");
    assert_eq!(
        (&entry.groups[..], entry.r#type.as_deref()),
        (&["a", "b"].map(String::from)[..], Some("STANDARD"))
    );
    let policies = entry.policies.get().expect("read");
    let told: Vec<_> = policies.iter().map(|it| (&*it.policy, it.namespaces.join(","))).collect();
    assert_eq!(told, [("admin", String::new()), ("view", "a,b".to_owned())]);
}

#[tokio::test]
async fn a_policy_whose_reach_is_not_told_does_not_read_as_the_whole_cluster() {
    let policy = |scope: &str| format!(r#"{{"associatedAccessPolicies":[{{"policyArn":"view"{scope}}}]}}"#);
    for scope in [
        "",
        r#","accessScope":{}"#,
        r#","accessScope":{"type":"namespace"}"#,
        r#","accessScope":{"type":"later"}"#,
    ] {
        let (found, _) = policies_as((200, &policy(scope))).await;
        let entry = found.resource(ENTRY).as_kind::<AccessEntry>().expect("an access entry");
        assert!(entry.policies.gap().is_some(), "{scope}");
        assert_eq!(found.entry(&LIST_ASSOCIATED_ACCESS_POLICIES, ENTRY).outcome, Outcome::Failed);
    }
    let (found, _) = policies_as(DENIED).await;
    assert_eq!(found.entry(&LIST_ASSOCIATED_ACCESS_POLICIES, ENTRY).outcome, Outcome::Denied);
}

#[tokio::test]
async fn policies_of_an_entry_that_was_not_read_are_not_asked_for() {
    let service = Canned::new([]);
    let found = service.fetch(&Eks, &ACCESS_POLICIES, None, &[ENTRY]).await;
    assert_eq!(found.entry(&LIST_ASSOCIATED_ACCESS_POLICIES, ENTRY).outcome, Outcome::Failed);
    assert!(service.asked().is_empty());
}

#[tokio::test]
async fn a_pod_identity_tells_both_roles() {
    let described = r#"{"association":{"associationArn":"arn:p","associationId":"a-1","namespace":"app",
        "serviceAccount":"api","roleArn":"role-1","targetRoleArn":"role-2"}}"#;
    let service = Canned::new([(200, r#"{"associations":[{"associationId":"a-1"}]}"#), (200, described)]);
    let found = service.fetch(&Eks, &POD_IDENTITIES, None, &[CLUSTER]).await;
    assert_eq!(found.resource("arn:p").name, "app/api");
    let identity = found.resource("arn:p").as_kind::<PodIdentity>().expect("an association");
    assert_eq!((identity.role.as_deref(), identity.target_role.as_deref()), (Some("role-1"), Some("role-2")));
}
