"""The EKS cluster, its nodes, and who gets in."""

import base64

from ..account import MAIN, pairs
from .plan import CLUSTER, REGION, ZONES, Eks

VERSION = "1.36"
ADDONS = ("vpc-cni", "coredns", "kube-proxy")
AGENT = "eks-pod-identity-agent"
POLICIES = "arn:aws:eks::aws:cluster-access-policy"
SERVICE_ACCOUNT = "api"


def build(env: Eks) -> None:
    """A cluster whose API server is the emulator's, with a node group and an instance in each zone."""
    env.secrets_key = key(env, "secrets", env.core())
    eks = env.main.client("eks")
    encrypted = [{"resources": ["secrets"], "provider": {"keyArn": env.secrets_key}}]
    eks.create_cluster(
        name=CLUSTER,
        version=VERSION,
        roleArn=env.cluster_role,
        resourcesVpcConfig={
            "subnetIds": env.subnets["private"] + env.subnets["public"],
            "securityGroupIds": [env.node_group],
            "endpointPublicAccess": True,
            "endpointPrivateAccess": env.plan.hardened,
            "publicAccessCidrs": list(env.plan.public_cidrs),
        },
        logging={"clusterLogging": [{"types": list(env.plan.log_types), "enabled": True}]},
        encryptionConfig=encrypted if env.plan.secrets_encrypted else [],
        accessConfig={"authenticationMode": "API_AND_CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": False},
        tags=env.core(),
    )
    server = env.control("kubernetes", method="GET")
    ca = base64.b64encode(server["ca"].encode()).decode()
    said = {"account": MAIN, "region": REGION, "cluster": CLUSTER}
    env.control("clusters", [{**said, "endpoint": server["server"], "certificate_authority": ca}])
    eks.create_nodegroup(
        clusterName=CLUSTER,
        nodegroupName="bottlerocket",
        version=VERSION,
        nodeRole=env.node_role,
        subnets=env.subnets[env.plan.node_tier],
        amiType="BOTTLEROCKET_x86_64",
        capacityType="ON_DEMAND",
        instanceTypes=["t3.medium"],
        scalingConfig={"minSize": 3, "maxSize": 6, "desiredSize": 3},
        tags=env.core(),
    )
    instances(env)
    extend(env)
    admit(env)


def key(env: Eks, name: str, tags: dict[str, str]) -> str:
    """A KMS key with a name."""
    kms = env.main.client("kms")
    made = kms.create_key(Description=name, Tags=pairs(tags, "TagKey", "TagValue"))["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{CLUSTER}-{name}", TargetKeyId=made["KeyId"])
    return made["Arn"]


def instances(env: Eks) -> None:
    """One node in each zone."""
    tags = {
        f"kubernetes.io/cluster/{CLUSTER}": "owned",
        "eks:cluster-name": CLUSTER,
        "eks:nodegroup-name": "bottlerocket",
    }
    env.nodes = []
    for subnet, zone in zip(env.subnets[env.plan.node_tier], ZONES, strict=True):
        made = instance(env, subnet, f"{CLUSTER}-node", **tags)
        env.nodes.append({"id": made["InstanceId"], "address": made["PrivateIpAddress"], "zone": zone})


def instance(env: Eks, subnet: str, name: str, **tags: str) -> dict:
    """One instance."""
    return env.main.client("ec2").run_instances(
        ImageId="ami-0a1b2c3d4e5f60718",
        InstanceType="t3.medium",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[env.node_group],
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        TagSpecifications=env.specification("instance", name, **tags),
    )["Instances"][0]


def extend(env: Eks) -> None:
    """Add-ons; that of pod identity only where pods have roles."""
    agent = env.plan.hardened and env.plan.agent
    for name in (*ADDONS, AGENT) if agent else ADDONS:
        env.main.client("eks").create_addon(clusterName=CLUSTER, addonName=name, tags=env.core())


def admit(env: Eks) -> None:
    """Nodes, a scan, and a deployment to one namespace get in; and a role for the application's pods."""
    eks = env.main.client("eks")
    eks.create_access_entry(clusterName=CLUSTER, principalArn=env.node_role, type="EC2_LINUX")
    eks.create_access_entry(
        clusterName=CLUSTER, principalArn=env.scanner_role, type="STANDARD", kubernetesGroups=["stacks-audit:viewers"]
    )
    eks.create_access_entry(clusterName=CLUSTER, principalArn=env.deployer_role, type="STANDARD")
    policy, scope = "AmazonEKSEditPolicy", {"type": "namespace", "namespaces": [env.plan.namespace]}
    if env.plan.administrator:
        policy, scope = "AmazonEKSClusterAdminPolicy", {"type": "cluster"}
    eks.associate_access_policy(
        clusterName=CLUSTER, principalArn=env.deployer_role, policyArn=f"{POLICIES}/{policy}", accessScope=scope
    )
    if env.plan.hardened:
        eks.create_pod_identity_association(
            clusterName=CLUSTER,
            namespace=env.plan.namespace,
            serviceAccount=SERVICE_ACCOUNT,
            roleArn=env.app_role,
            tags=env.application(),
        )
