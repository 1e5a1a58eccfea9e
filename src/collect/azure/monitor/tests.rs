use serde_json::{Value, json};

use super::super::canned::{Canned, arm_id, list};
use super::*;
use crate::model::seen::{Gap, Why};
use crate::model::snapshot::Outcome;

fn component_id() -> String {
    arm_id("microsoft.insights/components/Menu")
}

/// Lists the component, and then asks for its properties.
async fn properties_of(status: u16, body: &Value) -> Result<InsightsProperties, Gap> {
    let listed =
        json!({ "id": component_id(), "name": "Menu", "location": "westeurope", "kind": "web" }).to_string();
    let canned = Canned::new(&[(200, &list(&listed)), (status, &body.to_string())]);
    let found = canned.fetch(&Monitor, &COMPONENTS, None, "").await;
    assert_eq!(found.entry(&LIST_COMPONENTS, "").outcome, Outcome::Complete);
    let component = found.resource(&component_id()).clone();
    let found = canned.fetch(&Monitor, &COMPONENT, Some(&component), &component.id).await;
    let component = found.resource(&component_id()).as_kind::<ApplicationInsights>().expect("a component");
    assert_eq!(component.group, "core");
    component.properties.get().cloned().map_err(Clone::clone)
}

#[tokio::test]
async fn a_component_tells_where_its_data_goes_and_no_key() {
    let workspace = arm_id("Microsoft.OperationalInsights/workspaces/Core");
    let body = json!({ "id": component_id(), "name": "Menu", "kind": "web", "properties": {
        "Application_Type": "web", "Flow_Type": null, "InstrumentationKey": "KEY",
        "ConnectionString": "InstrumentationKey=KEY;IngestionEndpoint=https://example.com/",
        "provisioningState": "Succeeded", "RetentionInDays": 90, "IngestionMode": "LogAnalytics",
        "DisableLocalAuth": false, "WorkspaceResourceId": workspace } });
    let found = properties_of(200, &body).await.expect("properties");
    let expected = InsightsProperties {
        state: Some("Succeeded".into()),
        application_type: Some("web".into()),
        ingestion_mode: Some("LogAnalytics".into()),
        workspace: Some(workspace.to_ascii_lowercase()),
        retention_days: Some(90),
        local_auth_disabled: Some(false),
    };
    assert_eq!(found, expected);
    assert!(!format!("{found:?}").contains("KEY"));
}

#[tokio::test]
async fn what_a_component_lacks_is_absent_and_what_it_garbles_is_named() {
    let bare = json!({ "id": component_id(), "properties": { "RetentionInDays": null } });
    assert_eq!(properties_of(200, &bare).await, Ok(InsightsProperties::default()));
    let odd = json!({ "id": component_id(), "properties": { "DisableLocalAuth": "false" } });
    let gap = properties_of(200, &odd).await.expect_err("it can't be read");
    assert_eq!(gap.detail, "answered with a `properties.DisableLocalAuth` that can't be one");
    let denied = json!({ "error": { "code": "AuthorizationFailed", "message": "said" } });
    assert_eq!(properties_of(403, &denied).await.expect_err("it is denied").why, Why::Denied);
    let other = json!({ "id": arm_id("microsoft.insights/components/other") });
    assert_eq!(properties_of(200, &other).await.expect_err("it is another's").why, Why::Failed);
}

#[tokio::test]
async fn a_workspace_is_read_by_its_id() {
    let id = arm_id("Microsoft.OperationalInsights/workspaces/Core");
    let body = json!({ "id": id, "name": "Core", "location": "westeurope", "properties": {
        "provisioningState": "Succeeded", "sku": { "name": "PerGB2018" }, "retentionInDays": 30,
        "customerId": "00000000-0000-0000-0000-000000000000" } });
    let key = id.to_ascii_lowercase();
    let found = Canned::new(&[(200, &body.to_string())]).fetch(&Monitor, &WORKSPACE, None, &key).await;
    let expected = LogAnalyticsWorkspace {
        group: "core".into(),
        state: Some("Succeeded".into()),
        sku: Some("PerGB2018".into()),
        retention_days: Some(30),
    };
    assert_eq!(found.resource(&id).as_kind::<LogAnalyticsWorkspace>(), Some(&expected));
    assert_eq!(found.entry(&GET_WORKSPACE, &key).outcome, Outcome::Complete);

    let gone = r#"{"error":{"code":"ResourceGroupNotFound","message":"said"}}"#;
    let found = Canned::new(&[(404, gone)]).fetch(&Monitor, &WORKSPACE, None, &key).await;
    assert_eq!((found.ids().len(), found.entry(&GET_WORKSPACE, &key).outcome), (0, Outcome::Complete));
}
