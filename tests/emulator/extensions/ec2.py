"""Addresses that lie in their subnets and repeat from run to run, and gateways that say what they are."""

from ipaddress import IPv4Network

from moto.ec2.models import elastic_ip_addresses, nat_gateways
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend
from moto.ec2.models.route_tables import Route
from moto.ec2.models.subnets import Subnet
from moto.moto_api._internal import mock_random

RESERVED = 4
"""AWS keeps the first addresses of each subnet."""


def install() -> None:
    """Replaces what creates interfaces and NAT gateways."""
    # No address asked for: the interface then takes the next of its own subnet, which moto's gateway would not.
    nat_gateways.random_private_ip = lambda: None
    NetworkInterfaceBackend.create_network_interface = create_network_interface
    Subnet.get_available_subnet_ip = address_of_instance
    NatGatewayBackend.create_nat_gateway = create_nat_gateway
    # moto names interfaces only where a VPC has DNS host names, and reads the name of every one.
    NetworkInterface.private_dns_name = None
    Route.state = property(route_state)
    # moto takes public addresses from the loopback network; these are kept for documentation.
    elastic_ip_addresses.random_ip = lambda: f"198.51.100.{mock_random.randint(1, 254)}"


moto_create_network_interface = NetworkInterfaceBackend.create_network_interface
moto_create_nat_gateway = NatGatewayBackend.create_nat_gateway


def create_network_interface(self, subnet, private_ip_address=None, *args, **kwargs) -> NetworkInterface:
    """An interface without an address of its own gets the subnet's lowest free one."""
    if not private_ip_address and not kwargs.get("private_ip_addresses") and not args:
        place = self.get_subnet(subnet) if isinstance(subnet, str) else subnet
        private_ip_address = free_address(self, place)
    return moto_create_network_interface(self, subnet, private_ip_address, *args, **kwargs)


def free_address(backend, subnet) -> str:
    """The lowest address that no interface of the subnet has."""
    taken = {eni.private_ip_address for eni in backend.enis.values() if eni.subnet.id == subnet.id}
    addresses = IPv4Network(subnet.cidr_block)
    return next(str(addresses[number]) for number in range(RESERVED, 2**16) if str(addresses[number]) not in taken)


def address_of_instance(self, instance) -> str:
    """Instances share the subnet's addresses with all other interfaces: moto counts them by themselves."""
    address = free_address(self.ec2_backend, self)
    self._subnet_ips[address] = instance
    return address


def create_nat_gateway(self, subnet_id, allocation_id, tags=None, connectivity_type=None) -> NatGateway:
    """A NAT gateway is public unless it is asked to be private."""
    gateway = moto_create_nat_gateway(self, subnet_id, allocation_id, tags, connectivity_type or "public")
    gateway._eni.interface_type = "nat_gateway"
    gateway._eni.status = "in-use"
    for address in gateway.address_set:
        address.update(isPrimary=True, status="succeeded")
    return gateway


def route_state(route: Route) -> str:
    """A route to what is gone, or attached nowhere, leads nowhere."""
    if route.nat_gateway and route.nat_gateway.state == "deleted":
        return "blackhole"
    if route.gateway and hasattr(route.gateway, "attachments") and not route.gateway.attachments:
        return "blackhole"
    return "active"
