"""What can be wrong in Azure: each on its own, or all of `EVERY` at once; none of these hides another."""

import json

from ..eks import faults as within_cluster
from . import access, arm, certificate, cluster, gateway, names, storage
from .plan import INGRESS_ADDRESS, ZONE, Aks

NOBODY = "10.1.32.77"
"""An address in our network that nothing has."""


def change(env: Aks, resource_id: str, **properties) -> None:
    """Puts other values in the place of some of a resource's own."""
    told = env.told(resource_id)
    told["properties"].update(properties)
    if resource_id == env.gateway:
        gateway.linked(told["properties"])
    env.put(told)


def change_part(env: Aks, resource_id: str, collection: str, name: str, **properties) -> None:
    """The same, of a part of a resource."""
    told = env.told(resource_id)
    for each in told["properties"][collection]:
        if each["name"] == name:
            each["properties"].update(properties)
    env.put(told)


def second_host_leads_away(env: Aks) -> None:
    """The second public name is an alias of another environment's address."""
    env.put(names.alias(env, env.plan.hosts[1], env.prod["address"]))


def certificate_expired(env: Aks) -> None:
    """The certificate that the gateway shows is no longer valid."""
    public = certificate.told(f"*.{ZONE}", ZONE, until=certificate.ENDED)
    change_part(env, env.gateway, "sslCertificates", gateway.CERTIFICATE, publicCertData=public)


def tls_policy_old(env: Aks) -> None:
    """The gateway speaks versions of TLS that nobody should."""
    change(env, env.gateway, sslPolicy={"policyType": "Predefined", "policyName": "AppGwSslPolicy20150501"})


def plain_requests_sent_on(env: Aks) -> None:
    """Plain requests for the first public name are sent to the cluster instead of being redirected."""
    name = names.label(env.plan.hosts[0])
    told = env.told(env.gateway)["properties"]
    (rule,) = [each for each in told["requestRoutingRules"] if each["name"] == f"{name}-http"]
    del rule["properties"]["redirectConfiguration"]
    (secured,) = [each["properties"] for each in told["requestRoutingRules"] if each["name"] == f"{name}-https"]
    for key in ("backendAddressPool", "backendHttpSettings"):
        rule["properties"][key] = secured[key]
    kept = [each for each in told["redirectConfigurations"] if each["name"] != f"{name}-http"]
    change(env, env.gateway, requestRoutingRules=told["requestRoutingRules"], redirectConfigurations=kept)


def foreign_backend(env: Aks) -> None:
    """Some requests go to an address that no load balancer has."""
    backends = [{"ipAddress": address} for address in (INGRESS_ADDRESS, NOBODY)]
    change_part(env, env.gateway, "backendAddressPools", gateway.POOL, backendAddresses=backends)


def backend_unhealthy(env: Aks) -> None:
    """The gateway gets no answer from the ingress controller's load balancer."""
    pool = f"{gateway.POOL}~{gateway.SETTINGS}"
    counts = {"HealthyHostCount": 0.0, "UnhealthyHostCount": 1.0}
    measured = [{"resource": env.gateway, "metric": key, "pool": pool, "average": it} for key, it in counts.items()]
    env.control("azure/metrics", measured)


def pull_excluded(env: Aks) -> None:
    """The nodes may do everything with the registry but pull from it."""
    role = "registry operator"
    pull = "Microsoft.ContainerRegistry/registries/pull/read"
    env.take(access.assignment_id(env.registry, "AcrPull", env.kubelet_principal))
    actions = ["Microsoft.ContainerRegistry/registries/*"]
    env.put(access.definition(env.plan.registry_subscription, role, actions, [pull]))
    env.put(access.assignment(env.registry, role, env.kubelet_principal))


def firewall_missing(env: Aks) -> None:
    """Nothing looks at requests before the gateway sends them on."""
    told = env.told(env.gateway)
    told["properties"]["sku"].update(name="Standard_v2", tier="Standard_v2")
    del told["properties"]["firewallPolicy"]
    env.put(told)


def nodes_unguarded(env: Aks) -> None:
    """No security group guards the nodes' subnet."""
    told = env.told(env.network)
    for each in told["properties"]["subnets"]:
        if each["name"] == "aks":
            del each["properties"]["networkSecurityGroup"]
    env.put(told)


def cluster_unpaid(env: Aks) -> None:
    """Nobody promises that the API server is up."""
    env.put({**env.told(env.cluster), "sku": {"name": "Base", "tier": "Free"}})


def logs_kept_briefly(env: Aks) -> None:
    """Logs are gone after a week."""
    change(env, env.workspace, retentionInDays=7)


def registry_admin(env: Aks) -> None:
    """The registry can be entered with a password."""
    change(env, env.registry, adminUserEnabled=True)


def local_accounts(env: Aks) -> None:
    """The cluster can be entered with a certificate of its own."""
    change(env, env.cluster, disableLocalAccounts=False)


def api_open_to_the_world(env: Aks) -> None:
    """Everybody may knock at the API server."""
    change(env, env.cluster, apiServerAccessProfile={"enablePrivateCluster": False})


def not_monitored(env: Aks) -> None:
    """The cluster's logs go nowhere."""
    addons = env.told(env.cluster)["properties"]["addonProfiles"]
    addons["omsagent"] = {"enabled": False, "config": None}
    change(env, env.cluster, addonProfiles=addons)


def consistency_weak(env: Aks) -> None:
    """Readers may see older data than the design says."""
    policy = {"defaultConsistencyLevel": "Session", "maxIntervalInSeconds": 5, "maxStalenessPrefix": 100}
    change(env, env.cosmos, consistencyPolicy=policy)


def container_by_another_key(env: Aks) -> None:
    """The container is divided by another key."""
    name = env.plan.group
    env.put(storage.container(f"{env.cosmos}/sqlDatabases/{name}", "/tenantId"))


def database_public(env: Aks) -> None:
    """The database can be reached from everywhere."""
    change(env, env.cosmos, publicNetworkAccess="Enabled")


def database_keys(env: Aks) -> None:
    """Whoever has a key comes into the database."""
    change(env, env.cosmos, disableLocalAuth=False)


def not_recoverable(env: Aks) -> None:
    """The database is saved now and then, not all the time."""
    policy = storage.account(env.cosmos, hardened=False)["properties"]["backupPolicy"]
    change(env, env.cosmos, backupPolicy=policy)


def pods_may_only_read(env: Aks) -> None:
    """The pods may not write to the database."""
    env.put(storage.assignment(env.cosmos, storage.READER, env.identity_principal))


def insights_missing(env: Aks) -> None:
    """No Application Insights gets the application's telemetry."""
    env.take(env.insights)


def listener_missing(env: Aks) -> None:
    """No listener of the gateway takes the second public name."""
    name = names.label(env.plan.hosts[1])
    told = env.told(env.gateway)["properties"]
    gone = (f"{name}-https", f"{name}-http")
    collections = ("httpListeners", "requestRoutingRules", "redirectConfigurations")
    kept = {which: [each for each in told[which] if each["name"] not in gone] for which in collections}
    change(env, env.gateway, **kept)


def wildcard_rule_first(env: Aks) -> None:
    """A rule of all names comes before the hosts' own, and sends their requests to others."""
    made = gateway.Gateway(env.gateway, env.subnets["gateway"], env.gateway_address)
    made.listen("everything", 443, (f"*.{ZONE}",), gateway.CERTIFICATE)
    made.serve("everything", 5, "docs", "docs")
    told = env.told(env.gateway)["properties"]
    change(env, env.gateway, **{key: [*told[key], *parts] for key, parts in made.parts.items()})


def backend_of_nobody(env: Aks) -> None:
    """All requests go to an address that no load balancer has."""
    change_part(env, env.gateway, "backendAddressPools", gateway.POOL, backendAddresses=[{"ipAddress": NOBODY}])


def balancer_of_strangers(env: Aks) -> None:
    """Only in networks that ours has nothing to do with a load balancer has the backend's address."""
    env.take(env.balancer)


def balancer_public(env: Aks) -> None:
    """The ingress controller's load balancer has a public address."""
    told = env.told(env.balancer)
    (frontend,) = told["properties"]["frontendIPConfigurations"]
    for key in ("privateIPAddress", "subnet"):
        del frontend["properties"][key]
    frontend["properties"]["privateIPAllocationMethod"] = "Dynamic"
    frontend["properties"]["publicIPAddress"] = arm.referred(env.gateway_address)
    env.put(told)


def host_overridden(env: Aks) -> None:
    """The cluster is asked for another host than the one that was asked for."""
    settings = "backendHttpSettingsCollection"
    change_part(env, env.gateway, settings, gateway.SETTINGS, hostName="api.internal.example.com")


def certificate_of_another_host(env: Aks) -> None:
    """The certificate that the gateway shows is somebody else's."""
    public = certificate.told("portal.example.org")
    change_part(env, env.gateway, "sslCertificates", gateway.CERTIFICATE, publicCertData=public)


def gateway_stopped(env: Aks) -> None:
    """The gateway takes no requests."""
    change(env, env.gateway, operationalState="Stopped")


def gateway_in_another_network(env: Aks) -> None:
    """The gateway stands in a network that has nothing to do with the cluster's."""
    subnet = arm.referred(f"{env.prod['network']}/subnets/gateway")
    change_part(env, env.gateway, "gatewayIPConfigurations", "gateway", subnet=subnet)


def cluster_stopped(env: Aks) -> None:
    """The cluster does not run."""
    change(env, env.cluster, powerState={"code": "Stopped"})


def cluster_failed(env: Aks) -> None:
    """The cluster's last change has failed."""
    change(env, env.cluster, provisioningState="Failed")


def nodes_in_another_network(env: Aks) -> None:
    """The nodes stand in a network that has nothing to do with the gateway's."""
    subnet = f"{env.prod['network']}/subnets/aks"
    profiles = env.told(env.cluster)["properties"]["agentPoolProfiles"]
    change(env, env.cluster, agentPoolProfiles=[{**each, "vnetSubnetID": subnet} for each in profiles])
    for pool in cluster.POOLS:
        change(env, f"{env.cluster}/agentPools/{pool}", vnetSubnetID=subnet)


def pull_not_granted(env: Aks) -> None:
    """Nobody lets the nodes pull from the registry."""
    env.take(access.assignment_id(env.registry, "AcrPull", env.kubelet_principal))


def registry_missing(env: Aks) -> None:
    """There is no registry of the name that images are pulled from."""
    env.take(env.registry)


def cosmos_in_core_group(env: Aks) -> None:
    """The database lies in the core group."""
    move(env, env.cosmos, env.in_core(storage.KIND, env.plan.group))


def move(env: Aks, one: str, other: str) -> None:
    """Puts a resource, and what is below it, elsewhere."""
    below = [env.told(each) for each in sorted(env.resources) if f"{each}/".startswith(f"{one.lower()}/")]
    env.take(one)
    env.put(*json.loads(json.dumps(below).replace(one, other)))


def container_missing(env: Aks) -> None:
    """The database has no container."""
    env.take(f"{env.cosmos}/sqlDatabases/{env.plan.group}/containers/{storage.CONTAINER}")


def pods_not_trusted(env: Aks) -> None:
    """The pods' account is not the one that may act as the identity."""
    (credential,) = [each for each in env.resources if "/federatedidentitycredentials/" in each]
    change(env, credential, subject="system:serviceaccount:test-api:api")


def zone_missing(env: Aks) -> None:
    """There is no public zone of the names."""
    env.take(env.zone)


def record_missing(env: Aks) -> None:
    """The second public name leads nowhere."""
    env.take(f"{env.zone}/A/{names.label(env.plan.hosts[1])}")


def record_of_an_old_address(env: Aks) -> None:
    """The second public name leads to an address that nobody has."""
    name = names.label(env.plan.hosts[1])
    env.put(names.record(env.zone, "A", name, ARecords=[{"ipv4Address": "203.0.113.199"}]))


def service_of_another_address(env: Aks) -> None:
    """The ingress controller's service has another address than its load balancer."""
    changed = env.applied("Service", "ingress-nginx-controller", "ingress-nginx")
    changed["status"] = {"loadBalancer": {"ingress": [{"ip": "10.1.15.99"}]}}
    env.apply(changed)


IN_CLUSTER = (
    within_cluster.namespace_terminating,
    within_cluster.backend_port_wrong,
    within_cluster.service_selects_nothing,
    within_cluster.second_host_without_tls,
    within_cluster.plain_requests_served,
    within_cluster.ingress_of_same_path,
    within_cluster.service_of_another_env,
    within_cluster.sidecar_from_docker_hub,
    within_cluster.one_pod_unready,
)
EVERY = (
    second_host_leads_away,
    certificate_expired,
    tls_policy_old,
    plain_requests_sent_on,
    foreign_backend,
    backend_unhealthy,
    firewall_missing,
    nodes_unguarded,
    cluster_unpaid,
    logs_kept_briefly,
    pull_excluded,
    registry_admin,
    local_accounts,
    api_open_to_the_world,
    not_monitored,
    consistency_weak,
    container_by_another_key,
    database_public,
    database_keys,
    not_recoverable,
    pods_may_only_read,
    insights_missing,
    *IN_CLUSTER,
)
ALONE = (
    listener_missing,
    wildcard_rule_first,
    backend_of_nobody,
    balancer_of_strangers,
    balancer_public,
    host_overridden,
    certificate_of_another_host,
    gateway_stopped,
    gateway_in_another_network,
    cluster_stopped,
    cluster_failed,
    nodes_in_another_network,
    pull_not_granted,
    registry_missing,
    cosmos_in_core_group,
    container_missing,
    pods_not_trusted,
    zone_missing,
    record_missing,
    record_of_an_old_address,
    service_of_another_address,
    within_cluster.no_ready_endpoint,
    within_cluster.class_missing,
    within_cluster.ingress_without_address,
    within_cluster.host_taken_elsewhere,
)
"""Those that would hide others."""
BY_NAME = {fault.__name__: fault for fault in (*EVERY, *ALONE)}
