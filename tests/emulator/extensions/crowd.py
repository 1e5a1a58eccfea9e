"""Many resources of others, put straight into moto: 2,500 subnets by requests would take minutes."""

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

ACCOUNT, REGION = "111111111111", "us-west-1"
SUBNETS_OF_A_VPC = 250
WITH_LISTENER = 5
TAGS = {"env": "crowd"}


def add(subnets: int = 0, load_balancers: int = 0) -> dict:
    """Adds so many, none of which belongs to the environment; the first few load balancers have a listener."""
    ec2 = ec2_backends[ACCOUNT][REGION]
    made = []
    while len(made) < subnets or (load_balancers and len(made) < 2):
        vpc = ec2.create_vpc("10.99.0.0/16", tags=[{"Key": "env", "Value": "crowd"}])
        for number in range(min(SUBNETS_OF_A_VPC, max(subnets, 2) - len(made))):
            zone = REGION + "ab"[number % 2]
            made.append(ec2.create_subnet(vpc.id, f"10.99.{number}.0/24", availability_zone=zone, tags=TAGS))
    for number in range(load_balancers):
        add_load_balancer(number, made[:2])
    return {"subnets": len(made), "load_balancers": load_balancers}


def add_load_balancer(number: int, subnets: list) -> None:
    """Adds one load balancer of others."""
    elb = elbv2_backends[ACCOUNT][REGION]
    balancer = elb.create_load_balancer(
        name=f"crowd-{number}",
        security_groups=[],
        subnet_ids=[subnet.id for subnet in subnets],
        subnet_mappings=[],
        scheme="internal",
        tags=[{"Key": "env", "Value": "crowd"}],
    )
    if number < WITH_LISTENER:
        fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        elb.create_listener(balancer.arn, "HTTP", 80, None, None, [fixed])
