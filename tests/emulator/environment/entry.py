"""Load balancer, listeners, target groups, certificate and DNS."""

from .account import HOST, Environment, pairs


def build(env: Environment) -> None:
    """One public load balancer ends TLS and forwards to three target groups."""
    elb = env.main.client("elbv2")
    made = elb.create_load_balancer(
        Name="dev-app",
        Subnets=env.public,
        SecurityGroups=[env.alb_sg],
        Scheme="internet-facing",
        Type="application",
        Tags=pairs(env.tags()),
    )["LoadBalancers"][0]
    env.alb, env.alb_dns, env.alb_zone = made["LoadBalancerArn"], made["DNSName"], made["CanonicalHostedZoneId"]
    env.certificate = certificate(env, HOST, ["*.dev.example.com"])
    env.groups = {name: target_group(env, name) for name in ("frontend", "backend-blue", "backend-green")}
    elb.create_listener(
        LoadBalancerArn=env.alb,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[
            {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
        ],
        Tags=pairs(env.tags()),
    )
    env.listener = elb.create_listener(
        LoadBalancerArn=env.alb,
        Protocol="HTTPS",
        Port=443,
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": env.certificate}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": env.groups["frontend"]}],
        Tags=pairs(env.tags()),
    )["Listeners"][0]["ListenerArn"]
    env.rule = elb.create_rule(
        ListenerArn=env.listener,
        Priority=10,
        Conditions=[{"Field": "path-pattern", "Values": ["/api/*"]}],
        Actions=[weights(env, blue=100, green=0)],
        Tags=pairs(env.tags()),
    )["Rules"][0]["RuleArn"]
    dns(env)


def certificate(env: Environment, domain: str, more: list[str]) -> str:
    """An issued certificate."""
    acm = env.main.client("acm")
    made = acm.request_certificate(
        DomainName=domain,
        SubjectAlternativeNames=[domain, *more],
        ValidationMethod="DNS",
        Tags=pairs(env.tags()),
    )
    return made["CertificateArn"]


def target_group(env: Environment, name: str) -> str:
    """A target group that takes tasks by their address."""
    made = env.main.client("elbv2").create_target_group(
        Name=f"dev-{name}",
        Protocol="HTTP",
        Port=8080,
        VpcId=env.vpc,
        TargetType="ip",
        HealthCheckPath="/healthz",
        Tags=pairs(env.tags()),
    )
    return made["TargetGroups"][0]["TargetGroupArn"]


def weights(env: Environment, blue: int, green: int) -> dict:
    """An action that shares requests between the backend's two groups."""
    shares = {"backend-blue": blue, "backend-green": green}
    groups = [{"TargetGroupArn": env.groups[name], "Weight": weight} for name, weight in shares.items()]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def dns(env: Environment) -> None:
    """A public zone with the application's alias and records of other things."""
    route53 = env.main.client("route53")
    zone = route53.create_hosted_zone(Name="dev.example.com", CallerReference="dev")["HostedZone"]["Id"]
    env.zone = zone.rpartition("/")[2]
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=env.zone, AddTags=pairs(env.tags()))
    change(env, "CREATE", alias(env))
    change(env, "CREATE", record("dev.example.com", "MX", "10 mail.example.com."))
    change(env, "CREATE", record("dev.example.com", "TXT", '"v=spf1 -all"'))
    change(env, "CREATE", record("status.dev.example.com", "CNAME", "status.example.net"))
    change(env, "CREATE", record("vpn.dev.example.com", "A", "203.0.113.20"))


def alias(env: Environment) -> dict:
    """The application's name as an alias of the load balancer."""
    return {
        "Name": HOST,
        "Type": "A",
        "AliasTarget": {
            "HostedZoneId": env.alb_zone,
            "DNSName": f"dualstack.{env.alb_dns}.",
            "EvaluateTargetHealth": True,
        },
    }


def record(name: str, kind: str, value: str) -> dict:
    """A plain record."""
    return {"Name": name, "Type": kind, "TTL": 300, "ResourceRecords": [{"Value": value}]}


def change(env: Environment, action: str, records: dict) -> None:
    """Creates or deletes one record set."""
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": records}]}
    env.main.client("route53").change_resource_record_sets(HostedZoneId=env.zone, ChangeBatch=batch)
