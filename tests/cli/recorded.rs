//! The recorded, conformant account: for the command and for the reports.

pub(crate) const SNAPSHOT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/aws-ecs-fargate/snapshot.ndjson"));

/// The same where somebody chose a tag and two names.
pub(crate) fn snapshot_with(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a string");
    let account = SNAPSHOT
        .replace(r#""tier":"public""#, &format!(r#""note":{quoted},"tier":"public""#))
        .replace(r#""name":"backend","scope""#, &format!(r#""name":{quoted},"scope""#))
        .replace(r#""name":"dev-public-a""#, &format!(r#""name":{quoted}"#));
    assert_ne!(account, SNAPSHOT);
    account
}
