"""Start-of-authority records that hold their text."""

from moto.route53.models import Route53Backend

from .replacing import after


def install() -> None:
    """Mends what creates zones."""
    after(Route53Backend, "create_hosted_zone")(write_authority)


def write_authority(_backend, zone, *_args, **_kwargs) -> None:
    """moto puts a whole record where the record's text belongs."""
    for records in zone.rrsets:
        if records.type == "SOA":
            records.records = [value["Value"] if isinstance(value, dict) else value for value in records.records]
