"""Clusters as AWS tells them: in a VPC, with a group and an issuer of their own, add-ons, and who is let in.

A test says of a cluster where its API server listens and by which certificate it is trusted: AWS makes both up.
"""

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.eks import models, urls
from moto.eks.exceptions import InvalidParameterException, ResourceInUseException, ResourceNotFoundException
from moto.eks.models import Cluster, EKSBackend, Nodegroup, eks_backends, paginated_list
from moto.eks.responses import DEFAULT_MAX_RESULTS, EKSResponse
from moto.moto_api._internal import mock_random

from .replacing import after

VERSION = "1.33"
LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
CHILDREN = ("addons", "access_entries", "pod_identities")
"""What a cluster holds beside moto's own node groups and profiles, each by its name."""

PATHS = (
    "{0}/clusters/(?P<name>[^/]+)/addons$",
    "{0}/clusters/(?P<name>[^/]+)/addons/(?P<addonName>[^/]+)$",
    "{0}/clusters/(?P<name>[^/]+)/access-entries$",
    "{0}/clusters/(?P<name>[^/]+)/access-entries/(?P<principalArn>.+)$",
    "{0}/clusters/(?P<name>[^/]+)/pod-identity-associations$",
    "{0}/clusters/(?P<name>[^/]+)/pod-identity-associations/(?P<associationId>[^/]+)$",
)


def install() -> None:
    """Adds the operations that moto lacks, and what a cluster tells of itself."""
    models.DEFAULT_KUBERNETES_VERSION = VERSION
    after(Cluster, "__init__")(name_parts)
    after(Nodegroup, "__init__")(leave_out_keys)
    after(EKSBackend, "create_cluster")(place)
    EKSResponse.create_cluster = create_cluster
    for operation in OPERATIONS:
        setattr(EKSResponse, operation.__name__, operation)
    for path in PATHS:
        urls.url_paths[path] = urls.response.dispatch


def set_clusters(said: list[dict]) -> None:
    """Takes `[{"account", "region", "cluster", "endpoint": …, "certificate_authority": …}]`, either of the last two."""
    for each in said:
        cluster = eks_backends[each["account"]][each["region"]].clusters[each["cluster"]]
        cluster.endpoint = each.get("endpoint", cluster.endpoint)
        if "certificate_authority" in each:
            cluster.certificate_authority = {"data": each["certificate_authority"]}


def name_parts(cluster, _made, *_args, **_kwargs) -> None:
    """What AWS makes up: moto does so once for all clusters, before ids are made to repeat."""
    region = cluster.arn.split(":")[3]
    own = mock_random.get_random_hex(32).upper()
    cluster.endpoint = f"https://{own}.gr7.{region}.eks.amazonaws.com"
    cluster.identity = {"oidc": {"issuer": f"https://oidc.eks.{region}.amazonaws.com/id/{own}"}}
    cluster.health = {"issues": []}
    cluster.client_request_token = None
    cluster.access_config = {"authenticationMode": "CONFIG_MAP"}
    cluster.upgrade_policy = {"supportType": "EXTENDED"}
    cluster.deletion_protection = False
    for children in CHILDREN:
        setattr(cluster, children, {})
    told = {log for setup in cluster.logging["clusterLogging"] if setup.get("enabled") for log in setup["types"]}
    setups = [(True, told), (False, set(LOG_TYPES) - told)]
    cluster.logging = {
        "clusterLogging": [{"types": sorted(types), "enabled": enabled} for enabled, types in setups if types]
    }


def leave_out_keys(group, _made, *_args, **kwargs) -> None:
    """Nobody gets in by SSH unless it was asked for; AWS names no group for it then."""
    if not kwargs.get("remote_access"):
        group.remote_access = None
        group.resources.pop("remoteAccessSecurityGroup", None)


def place(backend, cluster, *_args, **_kwargs) -> None:
    """The cluster's VPC is its subnets', and there it has a group of its own."""
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    network = cluster.resources_vpc_config
    vpc = ec2.get_subnet(network["subnetIds"][0]).vpc_id
    owned = {f"kubernetes.io/cluster/{cluster.name}": "owned", "aws:eks:cluster-name": cluster.name}
    name = f"eks-cluster-sg-{cluster.name}-{mock_random.get_random_hex(8)}"
    group = ec2.create_security_group(name, "EKS created security group", vpc_id=vpc, tags={"Name": name, **owned})
    cluster.resources_vpc_config = {
        "endpointPublicAccess": True,
        "endpointPrivateAccess": False,
        "securityGroupIds": [],
        **network,
        "vpcId": vpc,
        "clusterSecurityGroupId": group.id,
    }
    public = cluster.resources_vpc_config["endpointPublicAccess"]
    cluster.resources_vpc_config.setdefault("publicAccessCidrs", ["0.0.0.0/0"] if public else [])


moto_create_cluster = EKSResponse.create_cluster


def create_cluster(self) -> ActionResult:
    """A cluster with the access that was asked for."""
    answer = moto_create_cluster(self)
    asked = self._get_param("accessConfig") or {}
    self.eks_backend.clusters[self._get_param("name")].access_config.update(
        {key: value for key, value in asked.items() if key == "authenticationMode"}
    )
    return answer


def cluster_of(response: EKSResponse) -> Cluster:
    """The cluster that a request names."""
    return response.eks_backend.describe_cluster(response._get_param("name"))


def child_of(response: EKSResponse, children: str, name: str) -> dict:
    """What of a cluster a request names."""
    cluster = cluster_of(response)
    try:
        return getattr(cluster, children)[name]
    except KeyError:
        raise ResourceNotFoundException(clusterName=cluster.name, message=f"No {name} found.") from None


def add(response: EKSResponse, children: str, name: str, child: dict) -> dict:
    """Adds what is not there yet, and what all of them tell."""
    cluster = cluster_of(response)
    if name in getattr(cluster, children):
        raise ResourceInUseException(clusterName=cluster.name, message=f"{name} already exists.")
    now = utcnow()
    made = {"clusterName": cluster.name, "createdAt": now, "modifiedAt": now, **child}
    made["tags"] = response._get_param("tags") or {}
    getattr(cluster, children)[name] = made
    return made


def page_of(response: EKSResponse, member: str, names) -> ActionResult:
    """A page of a list of names."""
    size = response._get_int_param("maxResults", DEFAULT_MAX_RESULTS)
    names, token = paginated_list(list(names), size, response._get_param("nextToken"))
    return ActionResult({member: names, "nextToken": token})


def arn_of(response: EKSResponse, kind: str, *parts: str) -> str:
    """An ARN of something of a cluster."""
    prefix = cluster_of(response).arn.partition(":cluster/")[0]
    return "/".join([f"{prefix}:{kind}/{response._get_param('name')}", *parts])


def create_addon(self) -> ActionResult:
    """An add-on is active at once."""
    name = self._get_param("addonName")
    addon = {
        "addonName": name,
        "addonArn": arn_of(self, "addon", name, str(mock_random.uuid4())),
        "addonVersion": self._get_param("addonVersion") or "v1.0.0-eksbuild.1",
        "status": "ACTIVE",
        "health": {"issues": []},
    }
    if self._get_param("serviceAccountRoleArn"):
        addon["serviceAccountRoleArn"] = self._get_param("serviceAccountRoleArn")
    return ActionResult({"addon": add(self, "addons", name, addon)})


def describe_addon(self) -> ActionResult:
    """One add-on."""
    return ActionResult({"addon": child_of(self, "addons", self._get_param("addonName"))})


def list_addons(self) -> ActionResult:
    """The names of a cluster's add-ons."""
    return page_of(self, "addons", cluster_of(self).addons)


def create_access_entry(self) -> ActionResult:
    """Lets a principal in, with no policies yet; only where the cluster has entries at all."""
    cluster, principal = cluster_of(self), self._get_param("principalArn")
    if cluster.access_config["authenticationMode"] == "CONFIG_MAP":
        raise InvalidParameterException(message="The cluster's authentication mode has no access entries.")
    account, _, who = principal.split(":", 4)[4].partition(":")
    kind, name = who.split("/")[0], who.split("/")[-1]
    entry = {
        "principalArn": principal,
        "accessEntryArn": arn_of(self, "access-entry", kind, account, name, str(mock_random.uuid4())),
        "kubernetesGroups": self._get_param("kubernetesGroups") or [],
        "username": self._get_param("username") or principal,
        "type": self._get_param("type") or "STANDARD",
        "policies": {},
    }
    return ActionResult({"accessEntry": add(self, "access_entries", principal, entry)})


def describe_access_entry(self) -> ActionResult:
    """One access entry."""
    return ActionResult({"accessEntry": child_of(self, "access_entries", self._get_param("principalArn"))})


def list_access_entries(self) -> ActionResult:
    """The principals that are let in."""
    return page_of(self, "accessEntries", cluster_of(self).access_entries)


def associate_access_policy(self) -> ActionResult:
    """Gives a principal a policy, in a scope that replaces the one it had."""
    principal, policy = self._get_param("principalArn"), self._get_param("policyArn")
    now = utcnow()
    scope = {"namespaces": [], **self._get_param("accessScope")}
    made = {"policyArn": policy, "accessScope": scope, "associatedAt": now, "modifiedAt": now}
    child_of(self, "access_entries", principal)["policies"][policy] = made
    answer = {"clusterName": self._get_param("name"), "principalArn": principal, "associatedAccessPolicy": made}
    return ActionResult(answer)


def list_associated_access_policies(self) -> ActionResult:
    """A principal's policies."""
    principal = self._get_param("principalArn")
    policies = child_of(self, "access_entries", principal)["policies"]
    size = self._get_int_param("maxResults", DEFAULT_MAX_RESULTS)
    names, token = paginated_list(list(policies), size, self._get_param("nextToken"))
    answer = {"clusterName": self._get_param("name"), "principalArn": principal, "nextToken": token}
    return ActionResult({**answer, "associatedAccessPolicies": [policies[name] for name in names]})


def create_pod_identity_association(self) -> ActionResult:
    """Gives the pods of a service account a role."""
    own = f"a-{mock_random.get_random_hex(17)}"
    association = {
        "associationId": own,
        "associationArn": arn_of(self, "podidentityassociation", own),
        **{member: self._get_param(member) for member in ("namespace", "serviceAccount", "roleArn")},
    }
    if self._get_param("targetRoleArn"):
        association["targetRoleArn"] = self._get_param("targetRoleArn")
    return ActionResult({"association": add(self, "pod_identities", own, association)})


def describe_pod_identity_association(self) -> ActionResult:
    """One association."""
    return ActionResult({"association": child_of(self, "pod_identities", self._get_param("associationId"))})


def list_pod_identity_associations(self) -> ActionResult:
    """A cluster's associations, without their roles."""
    associations = cluster_of(self).pod_identities
    size = self._get_int_param("maxResults", DEFAULT_MAX_RESULTS)
    names, token = paginated_list(list(associations), size, self._get_param("nextToken"))
    members = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId")
    summaries = [{member: associations[name][member] for member in members} for name in names]
    return ActionResult({"associations": summaries, "nextToken": token})


OPERATIONS = (
    create_addon,
    describe_addon,
    list_addons,
    create_access_entry,
    describe_access_entry,
    list_access_entries,
    associate_access_policy,
    list_associated_access_policies,
    create_pod_identity_association,
    describe_pod_identity_association,
    list_pod_identity_associations,
)
