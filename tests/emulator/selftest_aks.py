"""Check the environments of the AKS design: `python -m unittest selftest_aks`."""

import base64
import json
import re
import unittest
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address, ip_network

from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates
from cryptography.x509 import DNSName, SubjectAlternativeName

import build
from environment.aks import cluster, faults, network, plan, variations
from environment.aks.certificate import ENDED, UNTIL
from selftest import Emulator

ELSEWHERE = ("/providers/microsoft.authorization/roledefinitions/", "/ipconfigurations/", "/networkinterfaces/")
"""What is referred to and never asked for: Azure's own roles, and parts of machines."""


def within(body) -> Iterator:
    """A body and all that is in it."""
    yield body
    for each in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from within(each)


class Built(unittest.TestCase):
    """An emulator with one variant."""

    variant = "aks"

    @classmethod
    def setUpClass(cls) -> None:
        cls.emulator = Emulator()
        cls.addClassCleanup(cls.emulator.close)
        cls.env = cls.made()

    @classmethod
    def made(cls, *changed: str, variant: str | None = None) -> plan.Aks:
        """The variant anew, with these changes."""
        cls.emulator.control("reset")
        return build.build_aks(cls.emulator.endpoint, variant or cls.variant, list(changed))

    def state(self) -> str:
        """All that was built, but for how often the cluster's objects have changed."""
        azure = self.emulator.control("azure/resources", method="GET")
        objects = self.emulator.control("kubernetes/objects", method="GET")
        return re.sub(r'"resourceVersion": "\d+"', "", json.dumps([azure, objects]))

    def properties(self, resource_id: str) -> dict:
        """What a resource is like."""
        return self.env.told(resource_id)["properties"]

    def certificate_until(self, env: plan.Aks) -> datetime:
        """How long the gateway's certificate is valid; it covers every public name."""
        (shown,) = env.told(env.gateway)["properties"]["sslCertificates"]
        chain = load_der_pkcs7_certificates(base64.b64decode(shown["properties"]["publicCertData"]))
        (leaf,) = [each for each in chain if each.issuer != each.subject]
        names = leaf.extensions.get_extension_for_class(SubjectAlternativeName).value.get_values_for_type(DNSName)
        self.assertIn(f"*.{plan.ZONE}", names)
        return leaf.not_valid_after_utc


class Conformant(Built):
    def test_everything_that_is_referred_to_is_there(self) -> None:
        for variant in ("aks", "aks-broken", "aks-as-templates"):
            parts = [each for body in self.made(variant=variant).resources.values() for each in within(body)]
            bodies = [each for each in parts if isinstance(each, dict) and {"id", "properties"} <= set(each)]
            named = {each["id"].lower() for each in bodies}
            named |= {f"/subscriptions/{each}" for each in (plan.SUBSCRIPTION, plan.OTHER_SUBSCRIPTION)}
            told = {each.lower() for each in parts if isinstance(each, str) and each.startswith("/subscriptions/")}
            missing = {each for each in told - named if not any(part in each for part in ELSEWHERE)}
            # What a fault takes away is still written down where it was used.
            gone = {self.env.insights.lower()} if variant == "aks-broken" else set()
            self.assertEqual(set(), missing - gone, variant)

    def test_arm_and_the_cluster_tell_of_each_other(self) -> None:
        served = self.emulator.control("kubernetes", method="GET")
        self.assertEqual(served["server"], f"https://{self.properties(self.env.cluster)['fqdn']}")
        sizes = dict.fromkeys(cluster.POOLS, 0)
        for (kind, _, _), node in self.env.objects.items():
            if kind == "Node":
                machine = node["spec"]["providerID"].removeprefix("azure://")
                scale_set = machine.rpartition("/virtualMachines/")[0].lower()
                sizes[self.env.resources[scale_set]["tags"]["aks-managed-poolName"]] += 1
        self.assertEqual(cluster.POOLS, sizes)

    def test_one_address_leads_from_the_gateway_to_the_ingress(self) -> None:
        (frontend,) = self.properties(self.env.balancer)["frontendIPConfigurations"]
        address = frontend["properties"]["privateIPAddress"]
        self.assertIn(ip_address(address), ip_network(network.SUBNETS["aks"]))
        self.assertEqual(self.env.subnets["aks"], frontend["properties"]["subnet"]["id"])
        service = self.env.applied("Service", "ingress-nginx-controller", "ingress-nginx")
        ingress = self.env.applied("Ingress", self.env.plan.app)
        pool = self.properties(self.env.gateway)["backendAddressPools"][0]["properties"]["backendAddresses"]
        published = [each["status"]["loadBalancer"]["ingress"] for each in (service, ingress)]
        self.assertEqual([[{"ip": address}]] * 2, published)
        self.assertEqual([{"ipAddress": address}], pool)

    def test_another_core_has_equal_addresses_in_a_network_of_its_own(self) -> None:
        for other in (self.env.prod, self.env.sandbox):
            both = (self.env.balancer, other["balancer"])
            ours, theirs = (self.properties(each)["frontendIPConfigurations"] for each in both)
            self.assertEqual(*(each[0]["properties"]["privateIPAddress"] for each in (ours, theirs)))
            self.assertTrue(theirs[0]["properties"]["subnet"]["id"].startswith(other["network"]))
            self.assertNotEqual(self.env.network, other["network"])

    def test_the_certificate_is_valid_unless_that_is_what_is_wrong(self) -> None:
        self.assertEqual(UNTIL, self.certificate_until(self.made()))
        self.assertEqual(ENDED, self.certificate_until(self.made("certificate_expired")))

    def test_every_change_changes_something_and_nothing_else_does(self) -> None:
        self.made()
        before = self.state()
        self.made()
        self.assertEqual(before, self.state())
        seen = {before: "nothing"}
        for name in (*faults.BY_NAME, *variations.BY_NAME):
            if name == "backend_unhealthy":  # measured, not built
                continue
            self.made(name)
            state = self.state()
            self.assertNotIn(state, seen, f"{name} is as {seen.get(state)}")
            seen[state] = name


class AsTemplates(Built):
    variant = "aks-as-templates"

    def test_the_gateway_leaves_all_to_the_ingress_controller(self) -> None:
        told = self.properties(self.env.gateway)
        self.assertEqual(("Standard_v2", 2), (told["sku"]["tier"], told["sku"]["capacity"]))
        self.assertEqual([[], []], [each["properties"]["hostNames"] for each in told["httpListeners"]])
        pools = [each["properties"]["backendAddressPool"]["id"] for each in told["requestRoutingRules"]]
        self.assertEqual([f"{self.env.gateway}/backendAddressPools/ingress"] * 2, pools)
        self.assertEqual([], told["redirectConfigurations"])
        self.assertTrue(self.certificate_until(self.env))

    def test_keys_and_passwords_open_what_roles_would(self) -> None:
        self.assertTrue(self.properties(self.env.registry)["adminUserEnabled"])
        self.assertFalse(self.properties(self.env.cosmos)["disableLocalAuth"])
        self.assertFalse(self.properties(self.env.cluster)["disableLocalAccounts"])
        account = self.env.applied("ServiceAccount", "api")
        self.assertNotIn("annotations", account["metadata"])


if __name__ == "__main__":
    unittest.main()
