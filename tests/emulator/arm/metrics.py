"""Azure Monitor's metrics of application gateways: how many of a pool's servers answer."""

from datetime import UTC, datetime, timedelta

from .answers import Answer, Request, answer, refused
from .paths import Place

KNOWN = {"healthyhostcount": "HealthyHostCount", "unhealthyhostcount": "UnhealthyHostCount"}
LABELS = {"HealthyHostCount": "Healthy Host Count", "UnhealthyHostCount": "Unhealthy Host Count"}
DIMENSION = "backendsettingspool"
MINUTES = 5


class Metrics:
    """What is measured; tests may say other numbers than that every server answers."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As at first."""
        self.said: dict[tuple[str, str, str], float | None] = {}
        self.now: datetime | None = None
        """When it is, where recordings are to be equal; else the machine knows."""

    def replace(self, given: list[dict]) -> None:
        """`[{"resource", "metric", "pool", "average"}]`; no average: nothing was measured."""
        self.said = {
            (each["resource"].lower(), KNOWN[each["metric"].lower()], each["pool"].lower()): each["average"]
            for each in given
        }

    def answer(self, gateway: dict, place: Place, request: Request) -> Answer:
        """The metrics that are asked for."""
        query = request.query
        names = [name.strip() for name in query.get("metricnames", "").split(",") if name.strip()]
        unknown = [name for name in names if name.lower() not in KNOWN]
        if unknown or not names or not gateway["type"].lower().endswith("/applicationgateways"):
            text = f"Failed to find metric configuration for provider: Microsoft.Network, metric: {','.join(unknown)}, "
            return refused(400, "BadRequest", f"{text}Valid metrics: {','.join(KNOWN.values())}")
        try:
            begins, ends = span_of(query.get("timespan"), self.now or datetime.now(UTC))
        except ValueError:
            return refused(400, "BadRequest", "Detect invalid value for timespan query parameter.")
        by_pool = DIMENSION in query.get("$filter", "").lower()
        value = [self.metric(gateway, KNOWN[name.lower()], place.scope_id, ends, by_pool) for name in names]
        said = {
            "cost": 59,
            "timespan": f"{stamp(begins)}/{stamp(ends)}",
            "interval": query.get("interval", "PT1M"),
            "value": value,
            "namespace": "Microsoft.Network/applicationGateways",
            "resourceregion": gateway.get("location", ""),
        }
        return answer(said)

    def metric(self, gateway: dict, name: str, path: str, ends: datetime, by_pool: bool) -> dict:
        """One metric: a series a pool, or one of all."""
        counts = self.counts(gateway, name)
        if by_pool:
            label = {"value": DIMENSION, "localizedValue": DIMENSION}
            series = [([{"name": label, "value": pool}], average) for pool, average in counts.items()]
        else:
            series = [([], sum(counts.values()) / len(counts))] if counts else []
        told = [{"metadatavalues": labels, "data": points(average, ends)} for labels, average in series]
        return {
            "id": f"{path}/providers/Microsoft.Insights/metrics/{name}",
            "type": "Microsoft.Insights/metrics",
            "name": {"value": name, "localizedValue": LABELS[name]},
            "displayDescription": "Number of backend hosts by what their probes say",
            "unit": "Count",
            "timeseries": told,
            "errorCode": "Success",
        }

    def counts(self, gateway: dict, name: str) -> dict[str, float]:
        """The average of each pool and settings that a rule joins; a stopped gateway measures nothing."""
        said = gateway.get("properties", {})
        if said.get("operationalState") != "Running":
            return {}
        pools = {
            each["name"]: len(each["properties"].get("backendAddresses", [])) for each in said["backendAddressPools"]
        }
        counts: dict[str, float] = {}
        for rule in said.get("requestRoutingRules", []):
            joined = [rule["properties"].get(key) for key in ("backendAddressPool", "backendHttpSettings")]
            if not all(joined):
                continue
            pool, settings = (each["id"].rpartition("/")[2] for each in joined)
            key = f"{pool}~{settings}"
            average = float(pools.get(pool, 0)) if name == "HealthyHostCount" else 0.0
            average = self.said.get((gateway["id"].lower(), name, key.lower()), average)
            if average is not None:
                counts[key] = average
        return counts


def points(average: float, ends: datetime) -> list[dict]:
    """The last minutes; the newest is not measured yet."""
    minutes = [ends.replace(second=0, microsecond=0) - timedelta(minutes=back) for back in range(MINUTES, -1, -1)]
    return [
        {"timeStamp": stamp(at), **({"average": average} if number < MINUTES else {})}
        for number, at in enumerate(minutes)
    ]


def span_of(text: str | None, now: datetime) -> tuple[datetime, datetime]:
    """The time that is asked about: two instants, or the hour before now."""
    if text and "/" in text:
        begins, ends = (datetime.fromisoformat(each) for each in text.split("/"))
        return begins, ends
    return now - timedelta(hours=1), now


def stamp(at: datetime) -> str:
    """A time as Monitor writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
