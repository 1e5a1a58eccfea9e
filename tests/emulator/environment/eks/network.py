"""VPC, subnets of four tiers, gateways, routes and security groups."""

from ..account import pairs
from .plan import CLUSTER, ZONES, Eks

TIERS = {
    "private": {"kubernetes.io/role/internal-elb": "1"},
    "database": {},
    "public": {"kubernetes.io/role/elb": "1"},
    "lambda": {},
}
"""The tiers in the order of their networks, and what each is tagged with."""


def build(env: Eks) -> None:
    """Three subnets of each tier; the private ones reach the internet through one NAT gateway."""
    ec2 = env.main.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=env.specification("vpc", CLUSTER))
    env.vpc = vpc["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=env.vpc, EnableDnsHostnames={"Value": True})
    env.subnets = {tier: [] for tier in TIERS}
    for number, (tier, zone) in enumerate((tier, zone) for tier in TIERS for zone in ZONES):
        env.subnets[tier].append(subnet(env, tier, zone, f"10.1.{16 * number}.0/20"))
    gateway = ec2.create_internet_gateway(TagSpecifications=env.specification("internet-gateway", CLUSTER))
    env.igw = gateway["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=env.igw, VpcId=env.vpc)
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=env.specification("elastic-ip", f"{CLUSTER}-nat"))
    env.nat = ec2.create_nat_gateway(
        SubnetId=env.subnets["public"][0],
        AllocationId=address["AllocationId"],
        ConnectivityType="public",
        TagSpecifications=env.specification("natgateway", CLUSTER),
    )["NatGateway"]["NatGatewayId"]
    route_table(env, "public", GatewayId=env.igw)
    route_table(env, "private", NatGatewayId=env.nat)
    route_table(env, "lambda", NatGatewayId=env.nat)
    route_table(env, "database")
    env.balancer_group = group(env, f"{CLUSTER}-alb", "the web")
    env.node_group = group(env, f"{CLUSTER}-node", "the load balancers")
    web = [{"CidrIp": "0.0.0.0/0"}]
    ports = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": web} for port in (80, 443)]
    ec2.authorize_security_group_ingress(GroupId=env.balancer_group, IpPermissions=ports)
    # A network load balancer asks nodes by its clients' addresses, for its health checks by its own; pods of other nodes
    # are asked by the nodes'.
    clients = "10.1.0.0/16" if env.plan.relayed else "0.0.0.0/0"
    node_ports = {"FromPort": 30000, "ToPort": 32767, "IpRanges": [{"CidrIp": clients}]}
    among = {"UserIdGroupPairs": [{"GroupId": env.node_group}]}
    admitted = [{"IpProtocol": "tcp", **node_ports}, {"IpProtocol": "-1", **among}]
    ec2.authorize_security_group_ingress(GroupId=env.node_group, IpPermissions=admitted)


def subnet(env: Eks, tier: str, zone: str, cidr: str) -> str:
    """One subnet."""
    tags = {f"kubernetes.io/cluster/{CLUSTER}": "shared", **TIERS[tier]}
    made = env.main.client("ec2").create_subnet(
        VpcId=env.vpc,
        CidrBlock=cidr,
        AvailabilityZone=zone,
        TagSpecifications=env.specification("subnet", f"{CLUSTER}-{tier}-{zone}", **tags),
    )
    return made["Subnet"]["SubnetId"]


def route_table(env: Eks, tier: str, **target: str) -> None:
    """A tier's table, whose default route leads to one target, or which has none."""
    ec2 = env.main.client("ec2")
    named = env.specification("route-table", f"{CLUSTER}-{tier}")
    table = ec2.create_route_table(VpcId=env.vpc, TagSpecifications=named)["RouteTable"]["RouteTableId"]
    if target:
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
    for each in env.subnets[tier]:
        ec2.associate_route_table(RouteTableId=table, SubnetId=each)


def group(env: Eks, name: str, admits: str) -> str:
    """A security group that admits nothing yet."""
    made = env.main.client("ec2").create_security_group(
        GroupName=name,
        Description=f"admits {admits}",
        VpcId=env.vpc,
        TagSpecifications=[{"ResourceType": "security-group", "Tags": pairs(env.core(name))}],
    )
    return made["GroupId"]
