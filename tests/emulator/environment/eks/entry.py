"""Load balancers and DNS: how requests come to the cluster."""

from kubernetes.store import uid

from ..account import pairs
from .plan import CLUSTER, ZONE, Eks

NODE_PORTS = {80: 31080, 443: 31443}
"""The ingress controller's ports, and where its service opens them on every node."""
CONTROLLER = "ingress-nginx-controller"


def build(env: Eks) -> None:
    """The ingress controller's load balancer, perhaps a public one before it, and the public names."""
    scheme = "internal" if env.plan.relayed else "internet-facing"
    env.ingress_balancer = network_balancer(env, scheme)
    env.public_balancer = application_balancer(env) if env.plan.relayed else env.ingress_balancer
    env.published = {"hostname": env.ingress_balancer["DNSName"]}
    env.public_address = env.public_balancer["DNSName"]
    names(env)


def network_balancer(env: Eks, scheme: str) -> dict:
    """What the cluster's cloud controller makes for the ingress controller's service: nodes are its targets."""
    elb = env.main.client("elbv2")
    owner = {f"kubernetes.io/cluster/{CLUSTER}": "owned", "kubernetes.io/service-name": f"ingress-nginx/{CONTROLLER}"}
    tags = pairs(owner)
    # The cloud controller names it after the service's uid.
    name = "a" + uid("Service", "ingress-nginx", CONTROLLER).replace("-", "")[:31]
    tier = "private" if scheme == "internal" else "public"
    made = told(
        elb.create_load_balancer(Name=name, Subnets=env.subnets[tier], Scheme=scheme, Type="network", Tags=tags)
    )
    env.node_targets = {}
    for port, node_port in NODE_PORTS.items():
        targets = elb.create_target_group(
            Name=f"k8s-ingress-nginx-{port}",
            Protocol="TCP",
            Port=node_port,
            VpcId=env.vpc,
            TargetType="instance",
            HealthCheckProtocol="TCP",
            Tags=tags,
        )["TargetGroups"][0]["TargetGroupArn"]
        nodes = [{"Id": node["id"], "Port": node_port} for node in env.nodes]
        elb.register_targets(TargetGroupArn=targets, Targets=nodes)
        forward = [{"Type": "forward", "TargetGroupArn": targets}]
        elb.create_listener(
            LoadBalancerArn=made["LoadBalancerArn"], Protocol="TCP", Port=port, DefaultActions=forward, Tags=tags
        )
        env.node_targets[port] = targets
    return made


def application_balancer(env: Eks) -> dict:
    """A public load balancer that ends TLS and sends all to the addresses of the internal one."""
    elb = env.main.client("elbv2")
    tags = pairs(env.core())
    made = told(
        elb.create_load_balancer(
            Name="example-stacks-nonprod-ew2",
            Subnets=env.subnets["public"],
            SecurityGroups=[env.balancer_group],
            Scheme="internet-facing",
            Type="application",
            Tags=tags,
        )
    )
    acm = env.main.client("acm")
    certificate = acm.request_certificate(DomainName=f"*.{ZONE}", ValidationMethod="DNS", Tags=tags)["CertificateArn"]
    targets = elb.create_target_group(
        Name="example-stacks-nonprod-internal",
        Protocol="HTTPS",
        Port=443,
        VpcId=env.vpc,
        TargetType="ip",
        HealthCheckPath="/healthz",
        Tags=tags,
    )["TargetGroups"][0]["TargetGroupArn"]
    addresses = [{"Id": address, "Port": 443} for address in addresses_of(env, env.ingress_balancer)]
    elb.register_targets(TargetGroupArn=targets, Targets=addresses)
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[redirect], Tags=tags
    )
    elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": targets}],
        Tags=tags,
    )
    return made


def told(answer: dict) -> dict[str, str]:
    """How a new load balancer is named."""
    (made,) = answer["LoadBalancers"]
    return {key: made[key] for key in ("LoadBalancerArn", "DNSName", "CanonicalHostedZoneId")}


def addresses_of(env: Eks, balancer: dict) -> list[str]:
    """A load balancer's private addresses."""
    described = "ELB " + balancer["LoadBalancerArn"].partition("loadbalancer/")[2]
    wanted = [{"Name": "description", "Values": [described]}]
    found = env.main.client("ec2").describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]
    return sorted(each["PrivateIpAddress"] for each in found)


def names(env: Eks) -> None:
    """A public zone without tags, with an alias of each host and what external-dns notes beside it."""
    made = env.main.client("route53").create_hosted_zone(Name=ZONE, CallerReference="nonprod")
    env.zone = made["HostedZone"]["Id"].rpartition("/")[2]
    for host in env.plan.hosts:
        change(env, "CREATE", alias(host, env.public_balancer))
        owner = f"heritage=external-dns,external-dns/owner={CLUSTER}"
        owner += f",external-dns/resource=ingress/{env.plan.namespace}/{env.plan.app}"
        change(env, "CREATE", record(host, "TXT", f'"{owner}"'))
        change(env, "CREATE", record(f"a-{host}", "TXT", f'"{owner}"'))
    change(env, "CREATE", record(f"docs.{ZONE}", "CNAME", "docs.example.net"))


def alias(host: str, balancer: dict) -> dict:
    """A name as an alias of a load balancer."""
    target = {
        "HostedZoneId": balancer["CanonicalHostedZoneId"],
        "DNSName": f"{balancer['DNSName']}.",
        "EvaluateTargetHealth": True,
    }
    return {"Name": host, "Type": "A", "AliasTarget": target}


def record(name: str, kind: str, value: str) -> dict:
    """A plain record."""
    return {"Name": name, "Type": kind, "TTL": 300, "ResourceRecords": [{"Value": value}]}


def change(env: Eks, action: str, records: dict) -> None:
    """Creates or deletes one record set."""
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": records}]}
    env.main.client("route53").change_resource_record_sets(HostedZoneId=env.zone, ChangeBatch=batch)
