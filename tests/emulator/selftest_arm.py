"""Check the emulator's Resource Manager, what it lists and how it is spoiled: `python -m unittest selftest_arm`."""

import http.client
import json
import ssl
import tempfile
import threading
import unittest
import urllib.request
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit

from selftest import Emulator

SUBSCRIPTION, SECOND = "7c41e5d2-3b8a-4f06-9e57-d1a2c60b84f3", "e08b6f19-52cd-4a73-8d41-96f7b3c5a21e"
UNDER = f"/subscriptions/{SUBSCRIPTION}"
CORE = f"{UNDER}/resourceGroups/example-stacks-nonprod-euw-core"
OTHERS = f"{UNDER}/resourceGroups/others"
NETWORK = "2024-05-01"
LISTS = "2021-04-01"
PULLER = "9d7f2a10-6c3e-4b58-8e21-f04a5c7b9d13"
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"


def made(path: str, location: str | None = "westeurope", **properties) -> dict:
    """A resource."""
    namespace, *rest = path.rpartition("/providers/")[2].split("/")
    placed = {"location": location, "tags": {}} if location else {}
    kind = "/".join((namespace, *rest[::2]))
    return {"id": path, "name": rest[-1], "type": kind, **placed, "properties": properties}


def group(path: str) -> dict:
    """A resource group."""
    return {**made(f"/providers/Microsoft.Resources/resourceGroups/{path.rpartition('/')[2]}"), "id": path}


def assigned(scope: str, name: str, role: str = ACR_PULL) -> dict:
    """An assignment."""
    definition = f"{UNDER}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"
    return made(path, None, principalId=PULLER, roleDefinitionId=definition, scope=scope)


VNET, ZONE = (
    f"{CORE}/providers/Microsoft.Network/virtualNetworks/core",
    f"{CORE}/providers/Microsoft.Network/dnszones/a.b",
)
GATEWAY = f"{CORE}/providers/Microsoft.Network/applicationGateways/edge"
REGISTRY = f"{CORE}/providers/Microsoft.ContainerRegistry/registries/images"
CLUSTER = f"{CORE}/providers/Microsoft.ContainerService/managedClusters/aks"
ACCOUNT = f"{OTHERS}/providers/Microsoft.DocumentDB/databaseAccounts/menu"
BALANCERS = [f"{CORE}/providers/Microsoft.Network/loadBalancers/lb-{number}" for number in range(7)]
BUILT = [
    *(made(path) for path in BALANCERS),
    group(CORE),
    group(OTHERS),
    group(f"/subscriptions/{SECOND}/resourceGroups/elsewhere"),
    made(VNET, subnets=[{"id": f"{VNET}/subnets/aks", "name": "aks", "properties": {"addressPrefix": "10.1.0.0/20"}}]),
    made(ZONE, "global"),
    made(f"{ZONE}/A/@", None, TTL=300),
    made(f"{ZONE}/CNAME/www", None, TTL=300),
    made(
        GATEWAY,
        operationalState="Running",
        backendAddressPools=[{"name": "pool", "properties": {"backendAddresses": [{"ipAddress": "10.1.0.9"}]}}],
        requestRoutingRules=[
            {
                "properties": {
                    "backendAddressPool": {"id": f"{GATEWAY}/backendAddressPools/pool"},
                    "backendHttpSettings": {"id": f"{GATEWAY}/backendHttpSettingsCollection/http"},
                }
            }
        ],
    ),
    made(REGISTRY),
    made(CLUSTER),
    made(ACCOUNT),
    made(f"{ACCOUNT}/sqlDatabases/menu", None),
    made(f"{ACCOUNT}/sqlDatabases/menu/containers/Menu", None),
    made(f"{OTHERS}/providers/Microsoft.Compute/virtualMachineScaleSets/nodes"),
    assigned(UNDER, "11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    assigned(CORE, "22222222-aaaa-4aaa-8aaa-aaaaaaaaaaaa"),
    assigned(REGISTRY, "33333333-aaaa-4aaa-8aaa-aaaaaaaaaaaa"),
    assigned(OTHERS, "44444444-aaaa-4aaa-8aaa-aaaaaaaaaaaa"),
]


class Served(unittest.TestCase):
    """An emulator with some resources, and ways to ask it."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.emulator = Emulator("--azure-dir", cls.folder.name)
        cls.addClassCleanup(cls.emulator.close)
        cls.told = json.loads((Path(cls.folder.name) / "azure.json").read_text())
        cls.context = ssl.create_default_context(cafile=cls.told["ca"])

    def setUp(self) -> None:
        self.emulator.control("reset")
        self.emulator.control("azure/resources", BUILT)
        self.tokens: dict[str, str] = {}

    def fetch(self, url: str, data: bytes | None = None, **headers: str):
        """Status, headers and body of an answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=self.context), Staying())
        try:
            with opener.open(urllib.request.Request(url, data, named)) as answer:
                return answer.status, answer.headers, answer.read()
        except HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def ask(self, path: str, version: str = NETWORK, who: str = "reader", **query: str) -> tuple[int, dict]:
        """Status and body of an answer of ARM's; a whole URL is asked as it is."""
        url = path
        if not path.startswith("https:"):
            fields = urlencode({"api-version": version, **{f"${name}": value for name, value in query.items()}})
            url = f"{self.told['arm']}{quote(path)}?{fields}"
        code, _, body = self.fetch(url, Authorization=f"Bearer {self.token(who)}")
        return code, json.loads(body)

    def code(self, path: str, *how: str, **more: str) -> tuple[int, str]:
        """Status and code of a refusal."""
        status, said = self.ask(path, *how, **more)
        return status, said["error"]["code"]

    def names(self, path: str, version: str = NETWORK, who: str = "reader", **query: str) -> list[str]:
        """The names of a list, of all its pages."""
        found = []
        while path:
            status, said = self.ask(path, version, who, **query)
            self.assertEqual(200, status, said)
            found += [each["name"] for each in said["value"]]
            path = said.get("nextLink")
        return found

    def apply(self, who: str = "reader", tenant: str | None = None, **form: str) -> tuple[int, dict]:
        """What the authority says to a client; its secret is shown where nothing else is."""
        principal = self.told["principals"][who]
        proof = {} if "client_assertion" in form else {"client_secret": principal["secret"]}
        scope = {"scope": f"{self.told['arm']}/.default", "grant_type": "client_credentials"}
        fields = urlencode({"client_id": principal["client_id"], **scope, **proof, **form}).encode()
        url = f"{self.told['authority']}/{tenant or self.told['tenant']}/oauth2/v2.0/token"
        status, _, body = self.fetch(url, fields)
        return status, json.loads(body)

    def token(self, who: str, **form: str) -> str:
        """A token, one each principal."""
        if form or who not in self.tokens:
            status, said = self.apply(who, **form)
            self.assertEqual(200, status, said)
            if form:
                return said["access_token"]
            self.tokens[who] = said["access_token"]
        return self.tokens[who]

    def spoil(self, **rule) -> None:
        """Puts one fault in the place of all."""
        self.emulator.control("azure/faults", [rule])
        self.addCleanup(self.emulator.control, "azure/faults", [])

    def asked(self, at: str) -> list[dict]:
        """What a port was asked."""
        return [each for each in self.emulator.control("azure/asked", method="GET") if each["at"] == at]


class Staying(urllib.request.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *_arguments) -> None:
        """Stays where it is."""


class TheLists(Served):
    def test_pages_make_the_whole(self) -> None:
        path = f"{UNDER}/providers/Microsoft.Network/loadBalancers"
        self.assertEqual([each.rpartition("/")[2] for each in BALANCERS], self.names(path))
        status, said = self.ask(path)
        self.assertEqual((3, True), (len(said["value"]), said["nextLink"].startswith(f"{self.told['arm']}{path}?")))
        self.assertIn("%24skiptoken=", said["nextLink"])
        self.emulator.control("azure/paging", {"*": 100, "microsoft.network/loadbalancers": 4})
        self.assertEqual(4, len(self.ask(path)[1]["value"]))
        self.assertEqual(2, len(self.ask(path, top="2")[1]["value"]))
        self.assertEqual((400, "InvalidFilterInQueryString"), self.code(path, skiptoken="nonsense"))

    def test_the_last_page_says_so_in_two_ways(self) -> None:
        self.emulator.control("azure/paging", {"*": 100})
        self.assertNotIn("nextLink", self.ask(f"{UNDER}/providers/Microsoft.Network/loadBalancers")[1])
        said = self.ask(f"{UNDER}/providers/Microsoft.Insights/components", "2020-02-02")[1]
        self.assertEqual({"value": [], "nextLink": None}, said)

    def test_resources_of_all_types_have_no_properties(self) -> None:
        path = f"{UNDER}/resources"
        balancers = self.names(path, LISTS, filter="resourceType eq 'microsoft.network/LOADBALANCERS'")
        self.assertEqual(len(BALANCERS), len(balancers))
        either = (
            "resourceType eq 'Microsoft.ContainerRegistry/registries' or resourceType eq 'Microsoft.Network/dnszones'"
        )
        self.assertEqual(["a.b", "images"], sorted(self.names(path, LISTS, filter=either)))
        both = "resourceType eq 'Microsoft.Network/loadBalancers' and name eq 'lb-3'"
        self.assertEqual(["lb-3"], self.names(path, LISTS, filter=both))
        self.assertEqual((400, "InvalidFilterInQueryString"), self.code(path, LISTS, filter="name like 'lb'"))
        self.emulator.control("azure/paging", {"*": 100})
        said = self.ask(path, LISTS)[1]["value"]
        self.assertEqual({"id", "name", "type", "location", "tags"}, set(said[0]))
        ids = [each["id"] for each in said]
        self.assertIn(f"{UNDER}/resourceGroups/OTHERS/providers/Microsoft.Compute/virtualMachineScaleSets/nodes", ids)
        self.assertFalse([each for each in ids if "/subnets/" in each or "/sqlDatabases/" in each or "/A/" in each])
        self.assertEqual(["menu", "nodes"], sorted(self.names(f"{OTHERS}/resources", LISTS)))
        self.assertEqual(["elsewhere"], self.names(f"/subscriptions/{SECOND}/resourcegroups", LISTS))

    def test_paths_know_no_cases_and_ids_keep_theirs(self) -> None:
        self.assertEqual(VNET, self.ask(VNET.upper().replace("/SUBSCRIPTIONS/", "/Subscriptions/"))[1]["id"])
        clusters = self.ask(f"{UNDER}/providers/Microsoft.ContainerService/managedClusters", "2024-02-01")[1]["value"]
        self.assertEqual([CLUSTER.replace("resourceGroups", "resourcegroups")], [each["id"] for each in clusters])

    def test_children_are_listed_in_their_parents(self) -> None:
        self.assertEqual(["aks"], self.names(f"{VNET}/subnets"))
        self.assertEqual("aks", self.ask(f"{VNET}/subnets/aks")[1]["name"])
        zone = ZONE.replace("dnszones", "dnsZones")
        self.assertEqual(["@", "www"], self.names(f"{zone}/recordsets", "2018-05-01"))
        self.assertEqual(["@"], self.names(f"{zone}/A", "2018-05-01"))
        self.assertEqual(f"{ZONE}/A/@", self.ask(f"{zone}/A/@", "2018-05-01")[1]["id"])
        self.assertEqual(["menu"], self.names(f"{ACCOUNT}/sqlDatabases", "2024-05-15"))
        self.assertEqual(["Menu"], self.names(f"{ACCOUNT}/sqlDatabases/menu/containers", "2024-05-15"))
        self.assertEqual((400, "NoRegisteredProviderFound"), self.code(f"{ACCOUNT}/sqlRoleAssignments", "2019-08-01"))

    def test_what_is_taken_away_takes_its_children_along(self) -> None:
        self.emulator.control("azure/resources", [ZONE.lower()], method="DELETE")
        self.assertEqual((404, "ParentResourceNotFound"), self.code(f"{ZONE}/recordsets", "2018-05-01"))
        with self.assertRaises(HTTPError) as refused:
            self.emulator.control("azure/resources", [made(f"{ZONE}/A/@", None)])
        refused.exception.close()
        self.assertEqual(400, refused.exception.code)

    def test_monitor_counts_servers(self) -> None:
        def counted(name: str = "HealthyHostCount") -> list:
            url = f"{self.told['arm']}{GATEWAY}/providers/Microsoft.Insights/metrics?"
            fields = {"api-version": "2023-10-01", "metricnames": name, "$filter": "BackendSettingsPool eq '*'"}
            said = self.ask(url + urlencode(fields))[1]
            (metric,) = said["value"]
            self.assertEqual((name, "Success"), (metric["name"]["value"], metric["errorCode"]))
            series = metric["timeseries"]
            return [(it["metadatavalues"][0]["value"], it["data"][-2]["average"]) for it in series]

        self.assertEqual([("pool~http", 1.0)], counted())
        self.assertEqual([("pool~http", 0.0)], counted("UnhealthyHostCount"))
        ill = {"resource": GATEWAY, "metric": "HealthyHostCount", "pool": "pool~http", "average": 0.0}
        self.emulator.control("azure/metrics", [ill])
        self.assertEqual([("pool~http", 0.0)], counted())
        self.emulator.control("azure/clock", {"now": "2026-01-12T10:00:30Z"})
        path = f"{GATEWAY}/providers/Microsoft.Insights/metrics?api-version=2019-07-01&metricnames=HealthyHostCount"
        said = self.ask(self.told["arm"] + path)[1]
        self.assertEqual("2026-01-12T09:00:30Z/2026-01-12T10:00:30Z", said["timespan"])
        (series,) = said["value"][0]["timeseries"]
        self.assertEqual(({"timeStamp": "2026-01-12T10:00:00Z"}, []), (series["data"][-1], series["metadatavalues"]))
        self.emulator.control("azure/metrics", [{**ill, "average": None}])
        self.assertEqual([], counted())


class TheFaults(Served):
    BALANCERS = f"{UNDER}/providers/Microsoft.Network/loadBalancers"

    def get(self, path: str = BALANCERS):
        """Status, headers and body of an answer of ARM's."""
        url = f"{self.told['arm']}{path}?api-version={NETWORK}"
        return self.fetch(url, Authorization=f"Bearer {self.token('reader')}")

    def test_answers_can_be_spoiled(self) -> None:
        self.spoil(call="loadBalancers$", fault="throttle", times=2, retry_after=3, retry_after_ms=20)
        status, headers, _ = self.get()
        self.assertEqual((429, "3", "20"), (status, headers["Retry-After"], headers["x-ms-retry-after-ms"]))
        self.assertEqual([429, 200], [self.get()[0], self.get()[0]])
        codes = {"deny": 403, "error": 503, "expired": 401, "policy": 403, "unregistered": 409, "missing": 404}
        for fault, expected in codes.items():
            self.spoil(call="get .*/loadbalancers", fault=fault)
            self.assertEqual((expected, 200), (self.get()[0], self.get(VNET)[0]))
        for fault, expected in {"html": b"<!DOCTYPE", "empty": b"{}", "null": b'{"value":null}'}.items():
            self.spoil(call="loadBalancers", fault=fault)
            self.assertTrue(self.get()[2].startswith(expected))
        self.spoil(call="/token$", fault="error", code=500)
        self.assertEqual(500, self.apply()[0])

    def test_faults_know_queries_and_pages(self) -> None:
        self.spoil(call="resources\\?.*resourceType eq 'Microsoft.Network/loadBalancers'", fault="error", from_page=2)
        text = "resourceType eq 'Microsoft.Network/loadBalancers'"
        status, said = self.ask(f"{UNDER}/resources", LISTS, filter=text)
        self.assertEqual((200, 503), (status, self.ask(said["nextLink"])[0]))
        self.assertEqual(200, self.ask(f"{UNDER}/resources", LISTS)[0])

    def test_callers_can_be_led_away(self) -> None:
        self.spoil(call="loadBalancers", fault="evil_next")
        link = json.loads(self.get()[2])["nextLink"]
        self.assertEqual(self.told["elsewhere"], "{0.scheme}://{0.netloc}".format(urlsplit(link)))
        self.assertEqual([], self.asked("elsewhere"))
        self.fetch(link, Authorization="Bearer leaked")
        self.fetch(f"{self.told['elsewhere_http']}/somewhere")
        self.assertEqual([True, False], [each["bearer"] for each in self.asked("elsewhere")])
        self.spoil(call="loadBalancers", fault="redirect")
        status, headers, _ = self.get()
        self.assertEqual((302, True), (status, headers["Location"].startswith(self.told["elsewhere"])))

    def test_connections_end_and_requests_hang(self) -> None:
        self.spoil(call="loadBalancers", fault="drop")
        with self.assertRaises((http.client.RemoteDisconnected, ConnectionError, ssl.SSLError, URLError)):
            self.get()
        self.spoil(call="loadBalancers", fault="hang")
        codes = []
        asking = threading.Thread(target=lambda: codes.append(self.get()[0]))
        asking.start()
        self.emulator.control("azure/held", method="GET")
        self.assertEqual([], codes)
        self.emulator.control("azure/faults", [])
        asking.join()
        self.assertEqual([200], codes)

    def test_what_was_asked_is_told(self) -> None:
        self.get()
        (token,) = self.asked("authority")
        (asked,) = self.asked("arm")
        self.assertEqual(("POST", 200), (token["method"], token["code"]))
        expected = {"method": "GET", "path": self.BALANCERS, "bearer": True, "principal": "reader", "code": 200}
        self.assertEqual(expected, {key: asked[key] for key in expected})
        self.assertEqual({"api-version": NETWORK}, asked["query"])
        self.emulator.control("azure/asked", method="DELETE")
        self.assertEqual([], self.asked("arm"))


if __name__ == "__main__":
    unittest.main()
