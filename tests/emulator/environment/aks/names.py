"""Public names, and the private ones by which the pods find their database."""

from . import arm
from .plan import PUBLIC_ADDRESS, ZONE, Aks

KIND, PRIVATE = "Microsoft.Network/dnszones", "Microsoft.Network/privateDnsZones"
SERVERS = ("ns1-07.azure-dns.com.", "ns2-07.azure-dns.net.", "ns3-07.azure-dns.org.", "ns4-07.azure-dns.info.")

PRIVATE_START = {
    "email": "azureprivatedns-host.microsoft.com",
    "expireTime": 2419200,
    "host": "azureprivatedns.net",
    "minimumTtl": 10,
    "refreshTime": 3600,
    "retryTime": 300,
    "serialNumber": 1,
}


def build(env: Aks) -> None:
    """The public zone, with an alias of each host, and names of others."""
    env.zone = env.in_core(KIND, ZONE)
    env.put(zone(env.zone), *apex(env.zone))
    for host in env.plan.hosts:
        env.put(alias(env, host))
    env.put(record(env.zone, "CNAME", "docs", CNAMERecord={"cname": "docs.example.net"}))
    env.put(record(env.zone, "TXT", "_acme-challenge", TXTRecords=[{"value": ["u2Yt4kXo1cPz9vQe7bLs"]}]))
    env.put(record(env.zone, "A", "handbook", ARecords=[{"ipv4Address": PUBLIC_ADDRESS}]))


def zone(zone_id: str) -> dict:
    """A public zone."""
    told = {
        "maxNumberOfRecordSets": 10000,
        "maxNumberOfRecordsPerRecordSet": None,
        "nameServers": list(SERVERS),
        "numberOfRecordSets": 8,
        "zoneType": "Public",
    }
    return arm.resource(zone_id, told, location="global", tags={}, etag="00000002-0000-0000-7797-cd793630d501")


def apex(zone_id: str) -> list[dict]:
    """What every zone has at its own name."""
    start = {
        "email": "azuredns-hostmaster.microsoft.com",
        "expireTime": 2419200,
        "host": SERVERS[0],
        "minimumTTL": 300,
        "refreshTime": 3600,
        "retryTime": 300,
        "serialNumber": 1,
    }
    servers = [{"nsdname": each} for each in SERVERS]
    return [
        record(zone_id, "NS", "@", ttl=172800, NSRecords=servers),
        record(zone_id, "SOA", "@", ttl=3600, SOARecord=start),
    ]


def record(zone_id: str, kind: str, name: str, ttl: int = 300, target: str | None = None, **records) -> dict:
    """A record set; an alias where there is a target."""
    below = zone_id.rpartition("/")[2]
    told = {
        "fqdn": f"{below if name == '@' else f'{name}.{below}'}.",
        "TTL": ttl,
        **records,
        "targetResource": arm.referred(target) if target else {},
        "trafficManagementProfile": {},
        "provisioningState": "Succeeded",
    }
    record_id = f"{zone_id}/{kind}/{name}"
    return arm.resource(record_id, told, location=None, etag=arm.guid("etag", record_id))


def alias(env: Aks, host: str, target: str | None = None) -> dict:
    """A host's name as an alias of the gateway's address, or of another."""
    return record(env.zone, "A", label(host), target=target or env.gateway_address, ARecords=[])


def label(host: str) -> str:
    """A host's name within the zone."""
    return host.removesuffix(f".{ZONE}")


def private_zone(zone_id: str, network: str, **addresses: str) -> list[dict]:
    """A private zone that a network knows; its members are written in another way than a public one's."""
    counted = {
        "maxNumberOfRecordSets": 25000,
        "maxNumberOfVirtualNetworkLinks": 1000,
        "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
        "numberOfRecordSets": len(addresses) + 1,
        "numberOfVirtualNetworkLinks": 1,
        "numberOfVirtualNetworkLinksWithRegistration": 0,
        "provisioningState": "Succeeded",
    }
    linked = {
        "provisioningState": "Succeeded",
        "registrationEnabled": False,
        "resolutionPolicy": "Default",
        "virtualNetwork": arm.referred(network),
        "virtualNetworkLinkState": "Completed",
    }
    link = f"{zone_id}/virtualNetworkLinks/{network.rpartition('/')[2]}"
    more = {"location": "global", "tags": {}}
    return [
        arm.resource(zone_id, counted, etag=arm.guid("etag", zone_id), **more),
        arm.resource(link, linked, etag=f'"{arm.guid("etag", link)}"', **more),
        private_record(zone_id, "SOA", "@", soaRecord=PRIVATE_START),
        *(
            private_record(zone_id, "A", name.replace("_", "-"), aRecords=[{"ipv4Address": address}])
            for name, address in addresses.items()
        ),
    ]


def private_record(zone_id: str, kind: str, name: str, **records) -> dict:
    """A private name."""
    below = zone_id.rpartition("/")[2]
    fqdn = f"{below if name == '@' else f'{name}.{below}'}."
    told = {"fqdn": fqdn, "ttl": 3600 if kind == "SOA" else 10, **records, "isAutoRegistered": False}
    record_id = f"{zone_id}/{kind}/{name}"
    return arm.resource(record_id, told, location=None, etag=arm.guid("etag", record_id))
