"""Where logs and telemetry go."""

from . import arm
from .plan import CLUSTER, Aks

WORKSPACE, COMPONENT = "Microsoft.OperationalInsights/workspaces", "microsoft.insights/components"


def build(env: Aks) -> None:
    """A workspace, and Application Insights in it."""
    env.workspace = env.in_core(WORKSPACE, CLUSTER)
    env.insights = env.in_core(COMPONENT, CLUSTER)
    env.put(workspace(env.workspace), component(env.insights, env.workspace))


def workspace(workspace_id: str) -> dict:
    """A Log Analytics workspace."""
    told = {
        "customerId": arm.guid("customer", workspace_id),
        "provisioningState": "Succeeded",
        "sku": {"name": "PerGB2018", "lastSkuUpdate": arm.CREATED},
        "retentionInDays": 30,
        "features": {
            "legacy": 0,
            "searchVersion": 1,
            "enableLogAccessUsingOnlyResourcePermissions": True,
        },
        "workspaceCapping": {
            "dailyQuotaGb": -1.0,
            "quotaNextResetTime": "2026-01-13T07:00:00Z",
            "dataIngestionStatus": "RespectQuota",
        },
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
        "createdDate": arm.CREATED,
        "modifiedDate": "2026-01-12T21:40:55.1904382Z",
    }
    return arm.resource(arm.lowered(workspace_id), told, tags={}, etag=f'"{arm.guid("version", workspace_id)}"')


def component(component_id: str, workspace_id: str) -> dict:
    """Application Insights; the provider writes its own name in small letters, and its members as it likes."""
    name = component_id.rpartition("/")[2]
    key = arm.guid("instrumentation", component_id)
    hosts = f"IngestionEndpoint=https://{arm.LOCATION}-5.in.applicationinsights.azure.com/"
    hosts += f";LiveEndpoint=https://{arm.LOCATION}.livediagnostics.monitor.azure.com/"
    told = {
        "ApplicationId": name,
        "AppId": arm.guid("app", component_id),
        "Application_Type": "web",
        "Flow_Type": "Bluefield",
        "Request_Source": "rest",
        "InstrumentationKey": key,
        "ConnectionString": f"InstrumentationKey={key};{hosts};ApplicationId={arm.guid('app', component_id)}",
        "Name": name,
        "CreationDate": "2026-01-12T09:15:33.0197662+00:00",
        "TenantId": workspace_id.split("/")[2],
        "provisioningState": "Succeeded",
        "SamplingPercentage": None,
        "RetentionInDays": 90,
        "WorkspaceResourceId": arm.lowered(workspace_id),
        "IngestionMode": "LogAnalytics",
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
        "Ver": "v2",
    }
    return arm.resource(component_id, told, tags={}, kind="web", etag=f'"{arm.guid("version", component_id)}"')
