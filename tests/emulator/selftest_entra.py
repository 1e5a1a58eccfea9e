"""Check who is let into the emulator's Azure, and what they may there: `python -m unittest selftest_entra`."""

import http.client
import json
import ssl
import time
import unittest
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from arm import jwt
from selftest_arm import (
    ACCOUNT,
    ACR_PULL,
    CLUSTER,
    CORE,
    LISTS,
    NETWORK,
    OTHERS,
    PULLER,
    REGISTRY,
    SECOND,
    SUBSCRIPTION,
    UNDER,
    VNET,
    Served,
    assigned,
    made,
)


class TheAuthority(Served):
    def assertion(self, algorithm: str = "RS256", **claims) -> dict[str, str]:
        """What a client signs with its certificate's key."""
        text = Path(self.told["certificate"]).read_bytes()
        certificate, key = x509.load_pem_x509_certificate(text), load_pem_private_key(text, None)
        client = self.told["principals"]["reader"]["client_id"]
        now = int(time.time())
        audience = f"{self.told['authority']}/{self.told['tenant']}/oauth2/v2.0/token"
        said = {"aud": audience, "iss": client, "sub": client, "jti": "1", "nbf": now, "exp": now + 600, **claims}
        header = {"typ": "JWT", "alg": algorithm, "x5t#S256": jwt.encoded(certificate.fingerprint(SHA256()))}
        signed = ".".join(jwt.encoded(json.dumps(part).encode()) for part in (header, said))
        how = padding.PKCS1v15() if algorithm == "RS256" else padding.PSS(padding.MGF1(SHA256()), 32)
        return self.shown(f"{signed}.{jwt.encoded(key.sign(signed.encode(), how, SHA256()))}")

    @staticmethod
    def shown(token: str) -> dict[str, str]:
        """A token in the place of a secret."""
        return {
            "client_assertion": token,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }

    def refusal(self, **form: str) -> tuple[int, str, list[int]]:
        """How a client is refused."""
        status, said = self.apply(**form)
        self.assertTrue(said["error_description"].startswith(f"AADSTS{said['error_codes'][0]}: "), said)
        return status, said["error"], said["error_codes"]

    def test_a_token_says_who_and_for_whom(self) -> None:
        said = jwt.parts(self.token("one-group"))[1]
        principal = self.told["principals"]["one-group"]
        told = (said["aud"], said["tid"], said["oid"], said["appid"])
        known = (self.told["arm"], self.told["tenant"], principal["object_id"], principal["client_id"])
        self.assertEqual(known, told)
        for_aks = jwt.parts(self.token("reader", scope=f"{self.told['aks']}/.default"))[1]
        self.assertEqual(self.told["aks"], for_aks["aud"])

    def test_refusals_have_the_numbers_that_are_documented(self) -> None:
        self.assertEqual((401, "invalid_client", [7000215]), self.refusal(client_secret="guessed"))
        self.assertEqual((400, "unauthorized_client", [700016]), self.refusal(client_id=SUBSCRIPTION))
        self.assertEqual((400, "invalid_request", [90002]), self.refusal(tenant=SUBSCRIPTION))
        self.assertEqual((400, "invalid_scope", [1002012]), self.refusal(scope=self.told["arm"]))
        self.assertEqual((400, "invalid_resource", [500011]), self.refusal(scope="https://graph.example.com/.default"))
        self.assertEqual((400, "unsupported_grant_type", [70003]), self.refusal(grant_type="password"))

    def test_certificates_sign_assertions(self) -> None:
        for algorithm in ("RS256", "PS256"):
            self.assertEqual(200, self.apply(**self.assertion(algorithm))[0])
        self.assertEqual([700023], self.refusal(**self.assertion(aud="https://example.com"))[2])
        self.assertEqual([700024], self.refusal(**self.assertion(exp=int(time.time()) - 1))[2])
        self.assertEqual([50027], self.refusal(**self.assertion(jti=""))[2])
        client = self.told["principals"]["one-group"]["client_id"]
        self.assertEqual([700027], self.refusal(who="one-group", **self.assertion(iss=client, sub=client))[2])
        forged = self.assertion()["client_assertion"]
        forged = ("A" if forged[-9] != "A" else "B").join((forged[:-9], forged[-8:]))
        self.assertEqual([700027], self.refusal(**self.shown(forged))[2])

    def test_pods_are_trusted_by_their_issuer(self) -> None:
        token = Path(self.told["federated_token"]).read_text()
        self.assertEqual(200, self.apply(**self.shown(token))[0])
        self.assertEqual([700213], self.refusal(who="one-group", **self.shown(token))[2])
        header, claims, signature = token.split(".")
        foreign = jwt.encoded(json.dumps({**jwt.parts(token)[1], "iss": "https://example.com/"}).encode())
        self.assertEqual([700211], self.refusal(**self.shown(f"{header}.{foreign}.{signature}"))[2])
        self.assertEqual([50013], self.refusal(**self.shown(f"{header}.{claims}.AAAA"))[2])

    def test_the_machine_has_an_identity(self) -> None:
        of = urlencode({"resource": self.told["arm"], "api-version": "2018-02-01"})
        url = f"{self.told['identity']}/metadata/identity/oauth2/token?{of}"
        self.assertEqual(400, self.fetch(url)[0])
        status, _, body = self.fetch(url, Metadata="true")
        said = json.loads(body)
        self.assertEqual((200, "Bearer", self.told["arm"]), (status, said["token_type"], said["resource"]))
        app = f"{self.told['identity']}/msi/token?{of}"
        self.assertEqual(400, self.fetch(app, X_IDENTITY_HEADER="guessed")[0])
        self.assertEqual(200, self.fetch(app, X_IDENTITY_HEADER=self.told["identity_header"])[0])
        self.tokens["managed"] = said["access_token"]
        self.assertEqual(200, self.ask(CORE, LISTS, who="managed")[0])

    def test_it_is_discovered(self) -> None:
        where = f"{self.told['authority']}/{self.told['tenant']}"
        said = json.loads(self.fetch(f"{where}/v2.0/.well-known/openid-configuration")[2])
        self.assertEqual(f"{where}/oauth2/v2.0/token", said["token_endpoint"])
        keys = json.loads(self.fetch(said["jwks_uri"])[2])["keys"]
        self.assertEqual(jwt.parts(self.token("reader"))[0]["kid"], keys[0]["kid"])
        asked = f"authorization_endpoint={where}/oauth2/v2.0/authorize&api-version=1.1"
        found = json.loads(self.fetch(f"{self.told['authority']}/common/discovery/instance?{asked}")[2])
        self.assertIn(self.told["tenant"], found["tenant_discovery_endpoint"])


class TheDoor(Served):
    def refusal(self, **headers: str) -> tuple[int, str]:
        """How a request is refused, which says how to come again."""
        status, told, body = self.fetch(f"{self.told['arm']}{CORE}?api-version={LISTS}", **headers)
        self.assertTrue(told["WWW-Authenticate"].startswith("Bearer authorization_uri="))
        return status, json.loads(body)["error"]["code"]

    def test_bearers_are_checked(self) -> None:
        self.assertEqual((401, "AuthenticationFailed"), self.refusal())
        self.assertEqual((401, "InvalidAuthenticationToken"), self.refusal(Authorization="Bearer replayed"))
        foreign = jwt.Key().sign(jwt.parts(self.token("reader"))[1])
        self.assertEqual((401, "InvalidAuthenticationToken"), self.refusal(Authorization=f"Bearer {foreign}"))
        for_aks = self.token("reader", scope=f"{self.told['aks']}/.default")
        self.assertEqual((401, "InvalidAuthenticationTokenAudience"), self.refusal(Authorization=f"Bearer {for_aks}"))
        self.emulator.control("azure/tokens", {"lifetime": -5})
        old = self.token("reader", grant_type="client_credentials")
        self.assertEqual((401, "ExpiredAuthenticationToken"), self.refusal(Authorization=f"Bearer {old}"))

    def test_another_tenant_sees_nothing(self) -> None:
        self.tokens["reader"] = self.apply(tenant=self.told["tenants"][1])[1]["access_token"]
        self.assertEqual((401, "InvalidAuthenticationTokenTenant"), self.code(UNDER, "2022-12-01"))
        self.assertEqual((200, {"value": []}), self.ask("/subscriptions", "2022-12-01"))

    def test_versions_are_demanded(self) -> None:
        self.assertEqual((400, "MissingApiVersionParameter"), self.code(VNET, ""))
        self.assertEqual((400, "InvalidApiVersionParameter"), self.code(CORE, "2031-01-01"))
        status, said = self.ask(VNET, "2031-01-01")
        self.assertEqual((400, "NoRegisteredProviderFound"), (status, said["error"]["code"]))
        self.assertIn("The supported api-versions are '2018-12-01, ", said["error"]["message"])
        self.emulator.control("azure/versions", {"Microsoft.Network/virtualNetworks": ["2021-05-01"]})
        self.assertEqual((400, "NoRegisteredProviderFound"), self.code(f"{VNET}/subnets"))
        self.assertEqual(["aks"], self.names(f"{VNET}/subnets", "2021-05-01"))

    def test_nothing_is_written(self) -> None:
        for path in (CLUSTER, f"{CLUSTER}/listClusterAdminCredential", f"{ACCOUNT}/listKeys"):
            url = f"{self.told['arm']}{path}?api-version=2024-02-01"
            status, headers, _ = self.fetch(url, b"{}", Authorization=f"Bearer {self.token('reader')}")
            self.assertEqual((405, "GET"), (status, headers["Allow"]))

    def test_what_is_not_there_is_told_apart(self) -> None:
        known = {
            "/subscriptions/00000000-0000-0000-0000-000000000000": "SubscriptionNotFound",
            f"{UNDER}/resourceGroups/none": "ResourceGroupNotFound",
            f"{UNDER}/resourceGroups/none/resources": "ResourceGroupNotFound",
        }
        for path, code in known.items():
            version = LISTS if "/resourceGroups/" in path else "2022-12-01"
            self.assertEqual((404, code), self.code(path, version))
        known = {
            f"{UNDER}/resourceGroups/none/providers/Microsoft.Network/loadBalancers/x": "ResourceGroupNotFound",
            f"{CORE}/providers/Microsoft.Network/loadBalancers/none": "ResourceNotFound",
            f"{VNET}/subnets/none": "ResourceNotFound",
            f"{VNET}-none/subnets/aks": "ParentResourceNotFound",
            f"{CORE}/providers/Microsoft.Network/magicWands/x": "InvalidResourceType",
            f"{CORE}/providers/Example.Magic/wands/x": "InvalidResourceNamespace",
        }
        self.assertEqual(known, {path: self.code(path)[1] for path in known})


class TheRights(Served):
    def test_lists_hide_what_the_caller_may_not_see(self) -> None:
        self.assertEqual(["example-stacks-nonprod-euw-core", "others"], self.names(f"{UNDER}/resourcegroups", LISTS))
        narrow = {"who": "one-group"}
        self.assertEqual(["example-stacks-nonprod-euw-core"], self.names(f"{UNDER}/resourcegroups", LISTS, **narrow))
        self.assertNotIn("menu", self.names(f"{UNDER}/resources", LISTS, **narrow))
        self.assertIn("images", self.names(f"{UNDER}/resources", LISTS, **narrow))

    def test_lists_of_a_provider_are_all_or_nothing(self) -> None:
        status, said = self.ask(f"{UNDER}/providers/Microsoft.Network/loadBalancers", who="one-group")
        principal = self.told["principals"]["one-group"]
        expected = (
            f"The client '{principal['client_id']}' with object id '{principal['object_id']}' does not have "
            f"authorization to perform action 'Microsoft.Network/loadBalancers/read' over scope '{UNDER}' or the scope "
            "is invalid. If access was recently granted, please refresh your credentials."
        )
        self.assertEqual((403, expected), (status, said["error"]["message"]))
        self.assertEqual(7, len(self.names(f"{CORE}/providers/Microsoft.Network/loadBalancers", who="one-group")))
        self.assertEqual((403, "AuthorizationFailed"), self.code(ACCOUNT, "2024-05-15", who="one-group"))

    def test_permissions_tell_what_the_caller_may(self) -> None:
        where = "providers/Microsoft.Authorization/permissions"
        reader = {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}
        self.assertEqual([reader], self.ask(f"{UNDER}/{where}", "2022-04-01")[1]["value"])
        self.assertEqual([], self.ask(f"{UNDER}/{where}", "2022-04-01", who="one-group")[1]["value"])
        self.assertEqual([reader], self.ask(f"{CORE}/{where}", "2022-04-01", who="one-group")[1]["value"])

    def test_a_custom_role_is_exactly_what_it_says(self) -> None:
        balancers = f"{UNDER}/providers/Microsoft.Network/loadBalancers"
        self.assertEqual((403, "AuthorizationFailed"), self.code(balancers, who="custom"))
        self.assertEqual((403, "AuthorizationFailed"), self.code(f"{UNDER}/resources", LISTS, who="custom"))
        role = {
            "Name": "stacks-audit",
            "IsCustom": True,
            "Actions": ["microsoft.network/*/read", "Microsoft.Resources/subscriptions/resources/read"],
            "NotActions": ["Microsoft.Network/virtualNetworks/read"],
            "AssignableScopes": [UNDER],
        }
        self.emulator.control("azure/grants", {"custom": [{"role": role, "scope": UNDER}]})
        self.assertEqual(7, len(self.names(balancers, who="custom")))
        self.assertEqual((403, "AuthorizationFailed"), self.code(VNET, who="custom"))
        self.assertEqual(
            (200, "aks"), (lambda it: (it[0], it[1]["name"]))(self.ask(f"{VNET}/subnets/aks", who="custom"))
        )
        self.assertNotIn("core", self.names(f"{UNDER}/resources", LISTS, who="custom"))
        self.assertEqual((403, "AuthorizationFailed"), self.code(CORE, LISTS, who="custom"))
        self.assertEqual([], self.names("/subscriptions", "2022-12-01", who="custom"))

    def test_assignments_of_the_store_count_too(self) -> None:
        assignment = assigned(OTHERS, "55555555-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "acdd72a7-3385-48ef-bd42-f606fba81ae7")
        assignment["properties"]["principalId"] = self.told["principals"]["one-group"]["object_id"]
        self.emulator.control("azure/resources", [assignment])
        self.assertEqual(200, self.ask(ACCOUNT, "2024-05-15", who="one-group")[0])

    def test_assignments_are_inherited(self) -> None:
        def found(scope: str, **query: str) -> list[str]:
            path = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
            return sorted(name[0] for name in self.names(path, "2022-04-01", **query))

        self.assertEqual(["1", "2", "3"], found(REGISTRY, filter="atScope()"))
        self.assertEqual(["1", "2"], found(CORE, filter="atScope()"))
        self.assertEqual(["1", "2", "3"], found(CORE))
        self.assertEqual(["1"], found(UNDER, filter="atScope()"))
        self.assertEqual([], found(UNDER, filter=f"principalId eq '{SECOND}'"))
        above = assigned("/providers/Microsoft.Management/managementGroups/all", "99999999-aaaa-4aaa-8aaa-aaaaaaaaaaaa")
        self.emulator.control("azure/resources", [above])
        self.assertEqual(["1", "2", "3", "9"], found(REGISTRY, filter="atScope()"))
        self.emulator.control("azure/resources", [above["id"]], method="DELETE")
        self.assertEqual(["1", "2", "3", "4"], found(UNDER, filter=f"principalId eq '{PULLER}'"))

    def test_roles_are_told_by_their_ids(self) -> None:
        path = f"{UNDER}/providers/Microsoft.Authorization/roleDefinitions/{ACR_PULL}"
        said = self.ask(path, "2022-04-01")[1]
        self.assertEqual((path, "AcrPull"), (said["id"], said["properties"]["roleName"]))
        own = made(f"{path[:-36]}{PULLER}", None, roleName="own", type="CustomRole", assignableScopes=[UNDER])
        own["properties"]["permissions"] = [{"actions": ["*"], "notActions": []}]
        self.emulator.control("azure/resources", [own])
        self.assertEqual("own", self.ask(own["id"], "2022-04-01")[1]["properties"]["roleName"])
        self.assertEqual(404, self.ask(f"{path[:-36]}{SECOND}", "2022-04-01")[0])


class TheNames(Served):
    def through(self, host: str, path: str, ca: str, **headers: str) -> tuple[int, bytes]:
        """What a host of Azure's answers, by way of the proxy."""
        proxy = urlsplit(self.told["proxy"])
        line = http.client.HTTPSConnection(proxy.hostname, proxy.port, context=ssl.create_default_context(cadata=ca))
        line.set_tunnel(host, 443)
        self.addCleanup(line.close)
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        return answer.status, answer.read()

    def test_the_public_clouds_names_lead_here(self) -> None:
        ca = Path(self.told["ca"]).read_text()
        self.tokens["reader"] = self.token("reader", scope="https://management.azure.com/.default")
        bearer = {"Authorization": f"Bearer {self.tokens['reader']}"}
        path = f"{UNDER}/providers/Microsoft.Network/loadBalancers?api-version={NETWORK}"
        status, body = self.through("management.azure.com", path, ca, **bearer)
        self.assertEqual(200, status)
        self.assertTrue(json.loads(body)["nextLink"].startswith("https://management.azure.com/subscriptions/"))
        with self.assertRaisesRegex(OSError, "403"):
            self.through("example.com", "/", ca)
        self.assertEqual([200, 403], [each["code"] for each in self.asked("proxy")])

    def test_aks_takes_tokens_for_aks(self) -> None:
        ca = self.emulator.control("kubernetes", method="GET")["ca"]
        host, path = "example-1a2b3c4d.hcp.westeurope.azmk8s.io", "/api/v1/namespaces"
        token = self.token("reader", scope=f"{self.told['aks']}/.default")
        self.assertEqual(200, self.through(host, path, ca, Authorization=f"Bearer {token}")[0])
        noted = self.emulator.control("kubernetes/requests", method="GET")[-1]
        self.assertEqual(self.told["principals"]["reader"]["object_id"], noted["user"])
        secrets = "/api/v1/namespaces/dev-api/secrets"
        self.assertEqual(403, self.through(host, secrets, ca, Authorization=f"Bearer {token}")[0])
        head, body, signature = token.split(".")
        forged = jwt.encoded(b"not a signature")
        for wrong in (self.token("reader"), f"{head}.{body}.{forged}"):
            self.assertEqual(401, self.through(host, path, ca, Authorization=f"Bearer {wrong}")[0])


if __name__ == "__main__":
    unittest.main()
