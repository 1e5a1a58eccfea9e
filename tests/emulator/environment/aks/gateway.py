"""The application gateway: where requests come in, and where each host's go."""

from dataclasses import dataclass, field

from . import arm, certificate
from .plan import CLUSTER, INGRESS_ADDRESS, SUBSCRIPTION, ZONE, Aks

KIND = "Microsoft.Network/applicationGateways"
FIREWALL = "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"
FRONTEND, POOL, SETTINGS, PROBE, CERTIFICATE = "public", "ingress", "ingress", "ingress", "wildcard"
ROOT = "issuer"
COLLECTIONS = (
    "sslCertificates", "trustedRootCertificates", "trustedClientCertificates", "sslProfiles", "backendAddressPools",
    "loadDistributionPolicies", "backendHttpSettingsCollection", "backendSettingsCollection", "httpListeners",
    "listeners", "urlPathMaps", "requestRoutingRules", "routingRules", "probes", "rewriteRuleSets",
    "redirectConfigurations", "privateLinkConfigurations",
)  # fmt: skip
"""The lists that a gateway always tells, whether there is anything in them or not."""
TOLD_BACK = {
    "httpListeners": ("httpListeners", ("frontendIPConfiguration", "frontendPort", "sslCertificate")),
    "requestRoutingRules": (
        "requestRoutingRules",
        ("httpListener", "backendAddressPool", "backendHttpSettings", "redirectConfiguration"),
    ),
    "backendHttpSettingsCollection": ("backendHttpSettings", ("probe", "trustedRootCertificates")),
}
"""What refers to parts by which members, and under which name those parts tell of it."""
POLICY = "AppGwSslPolicy20170401S"


@dataclass
class Gateway:
    """A gateway that is being put together: its parts, by collection and in order."""

    id: str
    subnet: str
    address: str
    zones: list[str] | None = None
    firewall: str | None = None
    """The policy that requests are judged by before they are sent on."""
    parts: dict[str, list[dict]] = field(default_factory=dict)

    def to(self, collection: str, name: str) -> dict[str, str]:
        """A reference to a part."""
        return arm.referred(f"{self.id}/{collection}/{name}")

    def add(self, collection: str, name: str, **told) -> None:
        """One more part."""
        self.parts.setdefault(collection, []).append(arm.part(self.id, collection, name, told))

    def listen(
        self, name: str, port: int, hosts: tuple[str, ...] = (), secured_by: str | None = None, single: bool = False
    ) -> None:
        """A listener: of these hosts, or of all that no other one takes; a single host has a member of its own."""
        told = {
            "frontendIPConfiguration": self.to("frontendIPConfigurations", FRONTEND),
            "frontendPort": self.to("frontendPorts", f"port-{port}"),
            "protocol": "Https" if secured_by else "Http",
            "hostNames": list(hosts),
            "requireServerNameIndication": bool(secured_by and hosts),
            "customErrorConfigurations": [],
            "enableHttp3": False,
        }
        if single:
            told |= {"hostName": hosts[0], "hostNames": []}
        if secured_by:
            told["sslCertificate"] = self.to("sslCertificates", secured_by)
        self.add("httpListeners", name, **told)

    def serve(self, name: str, priority: int, settings: str, pool: str = POOL) -> None:
        """A rule that sends a listener's requests, of the same name, to a pool."""
        told = {"ruleType": "Basic", "priority": priority, "httpListener": self.to("httpListeners", name)}
        told["backendAddressPool"] = self.to("backendAddressPools", pool)
        self.add(
            "requestRoutingRules", name, **told, backendHttpSettings=self.to("backendHttpSettingsCollection", settings)
        )

    def redirect(self, name: str, priority: int, listener: str) -> None:
        """A rule that answers a listener's requests with the address of another listener."""
        self.add(
            "redirectConfigurations",
            name,
            redirectType="Permanent",
            targetListener=self.to("httpListeners", listener),
            includePath=True,
            includeQueryString=True,
        )
        told = {"ruleType": "Basic", "priority": priority, "httpListener": self.to("httpListeners", name)}
        self.add("requestRoutingRules", name, **told, redirectConfiguration=self.to("redirectConfigurations", name))

    def send(self, name: str, port: int, host: str | None = None, probed: str | None = PROBE) -> None:
        """How requests are sent on: under their own host, or under one that stands here."""
        told = {
            "port": port,
            "protocol": "Https" if port == 443 else "Http",
            "cookieBasedAffinity": "Disabled",
            "pickHostNameFromBackendAddress": False,
            "path": None,
            "requestTimeout": 30,
        }
        if host:
            told["hostName"] = host
        if probed:
            told["probe"] = self.to("probes", probed)
        if port == 443:
            told["trustedRootCertificates"] = [self.to("trustedRootCertificates", ROOT)]
        self.add("backendHttpSettingsCollection", name, **told)

    def probe(self, name: str, port: int, host: str) -> None:
        """How a backend is asked whether it is well."""
        told = {
            "protocol": "Https" if port == 443 else "Http",
            "host": host,
            "path": "/healthz",
            "interval": 30,
            "timeout": 30,
            "unhealthyThreshold": 3,
            "pickHostNameFromBackendHttpSettings": False,
            "minServers": 0,
            "match": {"body": "", "statusCodes": ["200-399"]},
        }
        self.add("probes", name, **told)

    def pool(self, name: str, *addresses: str) -> None:
        """Backends."""
        self.add("backendAddressPools", name, backendAddresses=[{"ipAddress": each} for each in addresses])

    def secure(self, name: str, public: str) -> None:
        """A certificate to show."""
        self.add("sslCertificates", name, publicCertData=public)

    def body(self) -> dict:
        """The whole, as ARM tells it."""
        tier = "WAF_v2" if self.firewall else "Standard_v2"
        guarded = {"firewallPolicy": arm.referred(self.firewall)} if self.firewall else {}
        told = {
            "sku": {"name": tier, "tier": tier, "family": "Generation_1", "capacity": 2},
            "operationalState": "Running",
            "gatewayIPConfigurations": [
                arm.part(self.id, "gatewayIPConfigurations", "gateway", {"subnet": arm.referred(self.subnet)})
            ],
            "authenticationCertificates": [],
            "frontendIPConfigurations": [
                arm.part(
                    self.id,
                    "frontendIPConfigurations",
                    FRONTEND,
                    {
                        "privateIPAllocationMethod": "Dynamic",
                        "publicIPAddress": arm.referred(self.address),
                    },
                )
            ],
            "frontendPorts": [arm.part(self.id, "frontendPorts", f"port-{port}", {"port": port}) for port in (80, 443)],
            **{collection: self.parts.get(collection, []) for collection in COLLECTIONS},
            "sslPolicy": {"policyType": "Predefined", "policyName": POLICY},
            "enableHttp2": True,
            **guarded,
            "customErrorConfigurations": [],
            "privateEndpointConnections": [],
            "defaultPredefinedSslPolicy": "AppGwSslPolicy20220101",
        }
        zoned = {"zones": self.zones} if self.zones else {}
        linked(told)
        return arm.networked(self.id, told, tags={}, **zoned)


def linked(told: dict) -> None:
    """Lets the parts of a gateway tell of those that refer to them."""
    parts = {each["id"]: each for value in told.values() if isinstance(value, list) for each in value if "id" in each}
    for collection, (name, members) in TOLD_BACK.items():
        for each in parts.values():
            # What tells back is a list; a rule's own reference of that name is none.
            if isinstance(each["properties"].get(name), list):
                del each["properties"][name]
        for part in told[collection]:
            values = [part["properties"].get(member) for member in members]
            for value in values:
                for to in value if isinstance(value, list) else [value] if value else []:
                    parts[to["id"]]["properties"].setdefault(name, []).append(arm.referred(part["id"]))


def build(env: Aks) -> None:
    """A gateway with a listener for each host, or one that takes all as the published templates have it."""
    env.gateway = env.in_core(KIND, CLUSTER)
    firewall = env.in_core(FIREWALL, CLUSTER) if env.plan.hardened else None
    made = Gateway(env.gateway, env.subnets["gateway"], env.gateway_address, ["1", "2", "3"], firewall)
    made.secure(CERTIFICATE, certificate.told(f"*.{ZONE}", ZONE))
    made.pool(POOL, INGRESS_ADDRESS)
    if firewall:
        env.put(firewall_policy(firewall, env.gateway))
        by_host(made, env.plan.hosts)
    else:
        for_all(made, env.plan.hosts[0])
    address = env.told(env.gateway_address)
    address["properties"]["ipConfiguration"] = arm.referred(f"{env.gateway}/frontendIPConfigurations/{FRONTEND}")
    env.put(address, {**made.body(), "identity": identity()} if env.plan.hardened else made.body())


def firewall_policy(policy_id: str, gateway: str) -> dict:
    """What a gateway refuses."""
    told = {
        "resourceState": "Enabled",
        "policySettings": {
            "requestBodyCheck": True,
            "maxRequestBodySizeInKb": 128,
            "fileUploadLimitInMb": 100,
            "state": "Enabled",
            "mode": "Prevention",
        },
        "customRules": [],
        "managedRules": {
            "managedRuleSets": [{"ruleSetType": "OWASP", "ruleSetVersion": "3.2", "ruleGroupOverrides": []}],
            "exclusions": [],
        },
        "applicationGateways": [arm.referred(gateway)],
    }
    return arm.networked(policy_id, told, tags={})


def by_host(made: Gateway, hosts: tuple[str, ...]) -> None:
    """Each host has a listener of its own, and plain requests to it are told to come by TLS."""
    made.add("trustedRootCertificates", ROOT, data=certificate.issuer())
    made.probe(PROBE, 443, hosts[0])
    made.send(SETTINGS, 443)
    for number, host in enumerate(hosts, 1):
        name = host.partition(".")[0]
        # Azure takes one host in either of two members.
        single = number % 2 == 0
        made.listen(f"{name}-https", 443, (host,), CERTIFICATE, single)
        made.listen(f"{name}-http", 80, (host,), single=single)
        made.serve(f"{name}-https", 10 * number, SETTINGS)
        made.redirect(f"{name}-http", 100 + 10 * number, f"{name}-https")
    docs(made)


def docs(made: Gateway) -> None:
    """A site of others by the same gateway, which is asked for by a name of its own."""
    made.pool("docs", "10.1.32.40")
    made.probe("docs", 80, "docs.internal.example.com")
    made.send("docs", 80, "docs.internal.example.com", "docs")
    made.listen("docs", 443, (f"handbook.{ZONE}",), CERTIFICATE)
    made.serve("docs", 300, "docs", "docs")


def for_all(made: Gateway, host: str) -> None:
    """Both ports for every host, both to the ingress controller over plain HTTP, which redirects by itself."""
    made.probe(PROBE, 80, host)
    made.send(SETTINGS, 80)
    made.listen("http", 80)
    made.listen("https", 443, secured_by=CERTIFICATE)
    made.serve("http", 20, SETTINGS)
    made.serve("https", 10, SETTINGS)


def identity() -> dict:
    """Whom the gateway acts as."""
    group = arm.group_id(SUBSCRIPTION, CLUSTER)
    its_id = arm.within(group, "Microsoft.ManagedIdentity/userAssignedIdentities", f"{CLUSTER}-gateway")
    told = {"principalId": arm.guid("principal", its_id), "clientId": arm.guid("client", f"{CLUSTER}-gateway")}
    return {"type": "UserAssigned", "userAssignedIdentities": {its_id: told}}
