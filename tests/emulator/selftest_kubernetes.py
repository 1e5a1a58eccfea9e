"""Check the emulator's API server, and the environments of the EKS design: `python -m unittest selftest_kubernetes`."""

import base64
import http.client
import json
import ssl
import subprocess
import tempfile
import threading
import unittest
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError, URLError

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from kubernetes import eks_bearer
from selftest import Emulator

CLUSTER, REGION = "example-stacks-nonprod-ew2-eks", "eu-west-2"
PODS = "/api/v1/namespaces/dev-api/pods"


def bearer(cluster: str = CLUSTER, secret: str = "test", query: str = "") -> str:
    """What a client of EKS shows."""
    url = f"https://sts.{REGION}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", url, headers={"x-k8s-aws-id": cluster})
    SigV4QueryAuth(Credentials("test", secret), "sts", REGION, expires=60).add_auth(request)
    text = base64.urlsafe_b64encode((request.prepare().url + query).encode()).decode()
    return eks_bearer.PREFIX + text.rstrip("=")


class Served(unittest.TestCase):
    """An emulator with the EKS environment, and ways to ask its API server."""

    variant = "eks"

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.emulator = Emulator("--kubernetes-dir", cls.folder.name)
        cls.addClassCleanup(cls.emulator.close)
        cls.built = cls.emulator.build("--variant", cls.variant)
        cls.told = json.loads((Path(cls.folder.name) / "kubernetes.json").read_text())
        cls.kubeconfig = json.loads(Path(cls.told["kubeconfig"]).read_text())

    def ask(
        self, path: str, token: str | None = "emulated-viewer", method: str = "GET", admin: bool = False, **at: str
    ):
        """Status, headers and body of an answer; `server` and `ca` may be others."""
        context = ssl.create_default_context(cafile=at.get("ca", self.told["ca"]))
        if admin:
            context.load_cert_chain(self.told["admin"]["certificate"], self.told["admin"]["key"])
        request = urllib.request.Request(at.get("server", self.told["server"]) + path, method=method)
        if token and not admin:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, context=context) as answer:
                return answer.status, answer.headers, answer.read()
        except HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def json(self, path: str, **how) -> tuple[int, dict]:
        """Status and body of an answer of JSON."""
        code, _, body = self.ask(path, **how)
        return code, json.loads(body)

    def names(self, path: str, **how) -> list[str]:
        """The names of a list."""
        code, said = self.json(path, **how)
        self.assertEqual(200, code, said)
        return [item["metadata"]["name"] for item in said["items"]]

    def spoil(self, **rule) -> None:
        """Puts one fault in the place of all, for this test."""
        self.emulator.control("kubernetes/faults", [rule])
        self.addCleanup(self.emulator.control, "kubernetes/faults", [])


class TheApiServer(Served):
    def test_lists_are_told_as_a_server_tells_them(self) -> None:
        code, said = self.json("/apis/networking.k8s.io/v1/namespaces/dev-api/ingresses")
        self.assertEqual((200, "IngressList", "networking.k8s.io/v1"), (code, said["kind"], said["apiVersion"]))
        (ingress,) = said["items"]
        self.assertEqual({"metadata", "spec", "status"}, set(ingress))
        meta = ingress["metadata"]
        self.assertTrue({"uid", "resourceVersion", "managedFields", "creationTimestamp"} <= set(meta))
        applied = json.loads(meta["annotations"]["kubectl.kubernetes.io/last-applied-configuration"])
        self.assertEqual(("Ingress", ingress["spec"]), (applied["kind"], applied["spec"]))
        code, one = self.json(f"/api/v1/namespaces/dev-api/pods/{self.names(PODS)[0]}")
        self.assertEqual((200, "Pod", "v1"), (code, one["kind"], one["apiVersion"]))

    def test_pages_make_the_whole(self) -> None:
        whole = self.names(PODS)
        self.assertGreater(len(whole), 2)
        found, token = [], ""
        for left in range(len(whole) - 1, -1, -1):
            _, page = self.json(f"{PODS}?limit=1&continue={token}")
            found += [item["metadata"]["name"] for item in page["items"]]
            token = page["metadata"].get("continue", "")
            self.assertEqual((left, bool(left)), (page["metadata"].get("remainingItemCount", 0), bool(token)))
        self.assertEqual(whole, found)

    def test_a_page_may_be_shorter_than_asked(self) -> None:
        whole = self.names(PODS)
        self.emulator.control("kubernetes/paging", {"pods": 2})
        self.addCleanup(self.emulator.control, "kubernetes/paging", {})
        _, page = self.json(f"{PODS}?limit=500")
        rest = self.names(f"{PODS}?limit=500&continue={page['metadata']['continue']}")
        self.assertEqual(whole, [item["metadata"]["name"] for item in page["items"]] + rest)
        self.assertEqual(whole, self.names(PODS))

    def test_a_token_expires_once(self) -> None:
        _, first = self.json(f"{PODS}?limit=1")
        self.spoil(resource="pods", fault="expire", times=1)
        following = f"{PODS}?limit=1&continue="
        code, said = self.json(following + first["metadata"]["continue"])
        self.assertEqual((410, "Status", "Expired"), (code, said["kind"], said["reason"]))
        self.assertTrue(said["message"].startswith("The provided continue parameter is too old"))
        inconsistent = said["metadata"]["continue"]
        self.assertNotEqual(first["metadata"]["continue"], inconsistent)
        self.assertEqual(self.names(PODS)[1:2], self.names(following + inconsistent))
        code, said = self.json(f"{PODS}?continue=nonsense")
        self.assertEqual((400, "BadRequest"), (code, said["reason"]))

    def test_selectors_choose(self) -> None:
        running = self.names(f"{PODS}?fieldSelector=status.phase!=Succeeded,status.phase!=Failed")
        ended = self.names(f"{PODS}?fieldSelector=status.phase%3DSucceeded")
        self.assertEqual(sorted(self.names(PODS)), sorted(running + ended))
        self.assertEqual((3, 1), (len(running), len(ended)))
        self.assertEqual(["dev-api"], self.names("/api/v1/namespaces?fieldSelector=metadata.name%3Ddev-api"))
        labelled = "/api/v1/namespaces?labelSelector=environment+in+(dev,+test),kubernetes.io/metadata.name!=dev-apis"
        self.assertEqual(["dev-api", "test-api"], self.names(labelled))
        self.assertEqual(400, self.json(f"{PODS}?fieldSelector=spec.shade%3Dblue")[0])

    def test_who_may_not_is_told_so(self) -> None:
        code, said = self.json("/api/v1/namespaces/dev-api/secrets")
        self.assertEqual((403, "Forbidden", {"kind": "secrets"}), (code, said["reason"], said["details"]))
        why = 'User "viewer" cannot list resource "secrets" in API group "" in the namespace "dev-api"'
        self.assertEqual(f"secrets is forbidden: {why}", said["message"])
        narrow = {"token": "emulated-namespace-viewer"}
        self.assertEqual(200, self.json(PODS, **narrow)[0])
        self.assertEqual(403, self.json("/api/v1/namespaces/test-api/pods", **narrow)[0])
        self.assertEqual(403, self.json("/api/v1/pods", **narrow)[0])
        code, said = self.json("/apis/networking.k8s.io/v1/ingressclasses", **narrow)
        self.assertEqual((403, {"group": "networking.k8s.io", "kind": "ingressclasses"}), (code, said["details"]))
        self.assertTrue(said["message"].endswith('in API group "networking.k8s.io" at the cluster scope'))

    def test_nobodys_token_is_no_token(self) -> None:
        code, said = self.json(PODS, token="emulated-nobody")
        self.assertEqual((401, "Unauthorized"), (code, said["reason"]))
        code, said = self.json(PODS, token=None)
        self.assertEqual(403, code)
        self.assertIn('User "system:anonymous"', said["message"])
        self.assertEqual("1", self.json("/version", token=None)[1]["major"])

    def test_a_certificate_says_who_asks(self) -> None:
        self.assertEqual([], self.names("/api/v1/namespaces/dev-api/secrets", admin=True))
        self.assertEqual((404, b"404 page not found\n"), self.ask("/apis/example.com/v1/things", admin=True)[::2])
        code, said = self.json("/api/v1/namespaces/none", admin=True)
        self.assertEqual((404, 'namespaces "none" not found'), (code, said["message"]))
        code, headers, _ = self.ask(PODS, admin=True, method="POST")
        self.assertEqual((405, "GET"), (code, headers["Allow"]))
        noted = self.emulator.control("kubernetes/requests", method="GET")[-1]
        self.assertEqual({"method": "POST", "path": PODS, "user": "kubernetes-admin", "code": 405}, noted)

    def test_eks_bearers_are_checked(self) -> None:
        self.assertEqual(200, self.json(PODS, token=bearer())[0])
        noted = self.emulator.control("kubernetes/requests", method="GET")[-1]
        self.assertEqual("arn:aws:iam::111111111111:user/stacks-audit", noted["user"])
        others = {
            "cluster": bearer("another"),
            "secret": bearer(secret="guessed"),
            "query": bearer(query="&Extra=1"),
            "padding": bearer() + "==",
            "prefix": "k8s-aws-v2." + bearer().partition(".")[2],
        }
        self.assertEqual(
            dict.fromkeys(others, 401), {name: self.json(PODS, token=it)[0] for name, it in others.items()}
        )

    def test_eks_bearers_age(self) -> None:
        def holder(age: timedelta) -> str:
            key = eks_bearer.Key("test", "somebody")
            return eks_bearer.holder(bearer(), CLUSTER, lambda _id: key, datetime.now(UTC) + age)

        self.assertEqual("somebody", holder(timedelta(minutes=14)))
        for age in (timedelta(minutes=16), -timedelta(minutes=6)):
            with self.assertRaisesRegex(eks_bearer.Refused, "expired"):
                holder(age)

    def test_roles_sign_bearers_too(self) -> None:
        role = "arn:aws:iam::111111111111:role/stacks-audit"
        taken = self.emulator.client("sts").assume_role(RoleArn=role, RoleSessionName="scan")["Credentials"]
        request = AWSRequest(
            "GET",
            f"https://sts.{REGION}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
            headers={"x-k8s-aws-id": CLUSTER},
        )
        keys = Credentials(taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"])
        SigV4QueryAuth(keys, "sts", REGION, expires=60).add_auth(request)
        token = base64.urlsafe_b64encode(request.prepare().url.encode()).decode().rstrip("=")
        self.assertEqual(200, self.json(PODS, token=eks_bearer.PREFIX + token)[0])
        noted = self.emulator.control("kubernetes/requests", method="GET")[-1]
        self.assertEqual("arn:aws:sts::111111111111:assumed-role/stacks-audit/scan", noted["user"])

    def test_ways_in_that_lead_elsewhere_or_nowhere(self) -> None:
        elsewhere = {"server": self.told["elsewhere"]}
        self.assertEqual(200, self.ask("/version", ca=self.told["elsewhere_ca"], **elsewhere)[0])
        with self.assertRaisesRegex(URLError, "CERTIFICATE_VERIFY_FAILED"):
            self.ask("/version", **elsewhere)
        with self.assertRaisesRegex(URLError, "refused"):
            self.ask("/version", server=self.told["unreachable"])
        users = {each["name"]: each["user"] for each in self.kubeconfig["users"]}
        plugins = [users[name]["exec"] for name in ("viewer-exec", "broken-exec")]
        ran = [subprocess.run([it["command"], *it["args"]], capture_output=True, text=True) for it in plugins]
        self.assertEqual([0, 1], [each.returncode for each in ran])
        self.assertEqual(200, self.ask(PODS, token=json.loads(ran[0].stdout)["status"]["token"])[0])

    def test_answers_can_be_spoiled(self) -> None:
        self.spoil(resource="pods", fault="throttle", seconds=3, times=1)
        code, headers, _ = self.ask(PODS)
        self.assertEqual((429, "3"), (code, headers["Retry-After"]))
        self.assertEqual(200, self.ask(PODS)[0])
        for fault, expected in {"500": 500, "deny": 403, "unauthorized": 401, "unserved": 404}.items():
            self.spoil(resource="pods", fault=fault)
            self.assertEqual(expected, self.ask(PODS)[0])
            self.assertEqual(200, self.ask("/api/v1/namespaces")[0])
        self.spoil(resource="pods", fault="null", namespace="dev-api")
        self.assertEqual(("PodList", None), tuple(self.json(PODS)[1][key] for key in ("kind", "items")))
        self.spoil(resource="version", fault="html")
        self.assertTrue(self.ask("/version")[2].startswith(b"<!DOCTYPE"))
        self.spoil(resource="*", fault="reset")
        with self.assertRaises((http.client.RemoteDisconnected, ConnectionError, ssl.SSLError, URLError)):
            self.ask(PODS)

    def test_a_held_request_goes_on(self) -> None:
        self.spoil(resource="pods", fault="hold")
        codes = []
        asking = threading.Thread(target=lambda: codes.append(self.ask(PODS)[0]))
        asking.start()
        self.emulator.control("kubernetes/held", method="GET")
        self.assertEqual([], codes)
        self.emulator.control("kubernetes/faults", [])
        asking.join()
        self.assertEqual([200], codes)

    def test_grants_can_be_changed(self) -> None:
        granted = self.emulator.control("kubernetes/grants", method="GET")
        self.addCleanup(self.emulator.control, "kubernetes/grants", granted)
        only = {"group": "", "resource": "namespaces", "namespaces": ["*"], "verbs": ["list"]}
        self.emulator.control("kubernetes/grants", {"stacks-audit:viewers": [only]})
        self.assertEqual((200, 403), (self.ask("/api/v1/namespaces")[0], self.ask(PODS)[0]))


class TheEnvironment(Served):
    def test_eks_and_the_cluster_tell_of_each_other(self) -> None:
        cluster = self.emulator.client("eks", REGION).describe_cluster(name=CLUSTER)["cluster"]
        self.assertEqual(self.told["server"], cluster["endpoint"])
        ca = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
        self.assertEqual(Path(self.told["ca"]).read_text(), ca)
        nodes = self.json("/api/v1/nodes")[1]["items"]
        ids = [node["spec"]["providerID"].rpartition("/")[2] for node in nodes]
        owned = [{"Name": "tag-key", "Values": [f"kubernetes.io/cluster/{CLUSTER}"]}]
        found = self.emulator.client("ec2", REGION).describe_instances(Filters=owned)["Reservations"]
        self.assertEqual(sorted(ids), sorted(each["InstanceId"] for held in found for each in held["Instances"]))

    def test_the_ingress_is_where_the_internal_balancer_is(self) -> None:
        (ingress,) = self.json("/apis/networking.k8s.io/v1/namespaces/dev-api/ingresses")[1]["items"]
        hosts = [each["hostname"] for each in ingress["status"]["loadBalancer"]["ingress"]]
        elb = self.emulator.client("elbv2", REGION)
        balancers = {
            each["Scheme"]: each for each in elb.describe_load_balancers()["LoadBalancers"] if each["Type"] == "network"
        }
        self.assertEqual([balancers["internal"]["DNSName"]], hosts)

    def test_what_is_built_repeats(self) -> None:
        def state() -> list:
            lists = ("/api/v1/nodes", PODS, "/apis/apps/v1/namespaces/dev-api/replicasets")
            return [self.json(path)[1] for path in lists]

        before = state()
        self.assertEqual(self.built, self.emulator.build("--variant", "eks"))
        self.assertEqual(before, state())

    def test_a_reset_forgets_the_cluster(self) -> None:
        self.addCleanup(self.emulator.build, "--variant", "eks")
        self.emulator.control("reset")
        self.assertEqual([], self.names("/api/v1/namespaces"))
        self.assertEqual(401, self.ask(PODS, token=bearer())[0])


class Broken(Served):
    variant = "eks-broken"

    def test_much_is_wrong_at_once(self) -> None:
        cluster = self.emulator.client("eks", REGION).describe_cluster(name=CLUSTER)["cluster"]
        self.assertNotIn("scheduler", cluster["logging"]["clusterLogging"][0]["types"])
        self.assertFalse(cluster.get("encryptionConfig"))
        self.assertEqual("Terminating", self.json("/api/v1/namespaces/dev-api")[1]["status"]["phase"])
        _, said = self.json("/apis/networking.k8s.io/v1/namespaces/dev-api/ingresses/netcore-api")
        self.assertEqual(["/", "/v2", "/docs"], [path["path"] for path in said["spec"]["rules"][0]["http"]["paths"]])
        self.assertEqual(["dev-api.nonprod.example.com"], said["spec"]["tls"][0]["hosts"])
        _, said = self.json("/apis/discovery.k8s.io/v1/namespaces/dev-api/endpointslices")
        ready = {
            it["metadata"]["name"]: [each["conditions"]["ready"] for each in it["endpoints"]] for it in said["items"]
        }
        self.assertEqual([[True, False], []], sorted(ready.values(), reverse=True))


class AsTemplates(Served):
    variant = "eks-as-templates"

    def test_one_public_balancer_leads_to_the_nodes(self) -> None:
        elb = self.emulator.client("elbv2", REGION)
        (balancer,) = [it for it in elb.describe_load_balancers()["LoadBalancers"] if it["Type"] == "network"]
        self.assertEqual("internet-facing", balancer["Scheme"])
        groups = elb.describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])["TargetGroups"]
        self.assertEqual({"instance"}, {group["TargetType"] for group in groups})
        _, said = self.json("/apis/networking.k8s.io/v1/namespaces/dev-netcore-api-cqrs/ingresses")
        (ingress,) = said["items"]
        self.assertEqual("nginx", ingress["metadata"]["annotations"]["kubernetes.io/ingress.class"])
        self.assertNotIn("ingressClassName", ingress["spec"])


if __name__ == "__main__":
    unittest.main()
