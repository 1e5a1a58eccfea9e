"""VPC, subnets, gateways, routes and security groups."""

from .account import Environment

ANYWHERE = [{"CidrIp": "0.0.0.0/0"}]
ANYWHERE_V6 = [{"CidrIpv6": "::/0"}]


def build(env: Environment) -> None:
    """Two public and two private subnets; the private ones reach the internet through a NAT gateway."""
    ec2 = env.main.client("ec2")
    env.vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16", TagSpecifications=env.specification("vpc", "dev-app"))["Vpc"][
        "VpcId"
    ]
    env.public = [subnet(env, "public", zone, f"10.20.{number}.0/24") for number, zone in enumerate("ab")]
    env.private = [subnet(env, "private", zone, f"10.20.{number + 10}.0/24") for number, zone in enumerate("ab")]
    env.igw = ec2.create_internet_gateway(TagSpecifications=env.specification("internet-gateway", "dev-app"))[
        "InternetGateway"
    ]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=env.igw, VpcId=env.vpc)
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=env.specification("elastic-ip", "dev-nat"))
    env.nat = ec2.create_nat_gateway(
        SubnetId=env.public[0],
        AllocationId=address["AllocationId"],
        ConnectivityType="public",
        TagSpecifications=env.specification("natgateway", "dev-app"),
    )["NatGateway"]["NatGatewayId"]
    env.public_routes = route_table(env, "dev-front", env.public, GatewayId=env.igw)
    env.private_routes = route_table(env, "dev-back", env.private, NatGatewayId=env.nat)
    guard(env)


def subnet(env: Environment, tier: str, zone: str, cidr: str) -> str:
    """One subnet."""
    name, tags = env.naming.subnet(tier, zone)
    made = env.main.client("ec2").create_subnet(
        VpcId=env.vpc,
        CidrBlock=cidr,
        AvailabilityZone=f"us-west-1{zone}",
        TagSpecifications=env.specification("subnet", name, **tags),
    )
    return made["Subnet"]["SubnetId"]


def route_table(env: Environment, name: str, subnets: list[str], **target: str) -> str:
    """A table whose default route leads to one target, for these subnets."""
    ec2 = env.main.client("ec2")
    table = ec2.create_route_table(VpcId=env.vpc, TagSpecifications=env.specification("route-table", name))
    table = table["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
    for each in subnets:
        ec2.associate_route_table(RouteTableId=table, SubnetId=each)
    return table


def guard(env: Environment) -> None:
    """The load balancer is open to the web, the tasks to it, the database to the tasks."""
    env.alb_sg = group(env, "dev-alb", "the web")
    env.tasks_sg = group(env, "dev-tasks", "the load balancer")
    env.db_sg = group(env, "dev-db", "the tasks")
    web = [
        {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ANYWHERE, "Ipv6Ranges": ANYWHERE_V6}
        for port in (80, 443)
    ]
    ec2 = env.main.client("ec2")
    ec2.authorize_security_group_ingress(GroupId=env.alb_sg, IpPermissions=web)
    ec2.authorize_security_group_ingress(GroupId=env.tasks_sg, IpPermissions=[from_group(8080, env.alb_sg)])
    ec2.authorize_security_group_ingress(GroupId=env.db_sg, IpPermissions=[from_group(3306, env.tasks_sg)])


def group(env: Environment, name: str, admits: str) -> str:
    """A security group that admits nothing yet."""
    made = env.main.client("ec2").create_security_group(
        GroupName=name,
        Description=f"admits {admits}",
        VpcId=env.vpc,
        TagSpecifications=env.specification("security-group", name),
    )
    return made["GroupId"]


def from_group(port: int, source: str) -> dict:
    """A permission for another group's members."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": source}]}
