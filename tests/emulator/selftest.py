"""Check the emulator itself: `python -m unittest selftest` in this folder, with the interpreter that setup.sh names."""

import json
import subprocess
import sys
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from front.pages import Paging, Window, cut_xml

HERE = Path(__file__).parent


class Emulator:
    """A running emulator, which ends with the test."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, HERE / "serve.py", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.endpoint = self.process.stdout.readline().removeprefix("ready ").strip()

    def close(self) -> int:
        """Lets go of it; its exit code."""
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(timeout=10)

    def control(self, path: str, body=None, method: str = "POST"):
        """One control request's answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/emulator/{path}", data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def build(self, *arguments: str) -> dict:
        """The ids of what was built, after a reset."""
        self.control("reset")
        command = [sys.executable, HERE / "build.py", "--endpoint", self.endpoint, *arguments]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def client(self, service: str, region: str = "us-west-1"):
        """A client that tries once."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id="selftest",
            aws_secret_access_key="emulator",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


ROLE = "arn:aws:iam::111111111111:role/eks"

READS = {
    "ec2:DescribeVpcs": ("ec2", "describe_vpcs", {}),
    "elasticloadbalancing:DescribeLoadBalancers": ("elbv2", "describe_load_balancers", {}),
    "ecs:ListClusters": ("ecs", "list_clusters", {}),
    "route53:ListHostedZones": ("route53", "list_hosted_zones", {}),
    "s3:GetBucketVersioning": ("s3", "get_bucket_versioning", {"Bucket": "dev-app-artifacts-111111111111"}),
    "rds:DescribeDBInstances": ("rds", "describe_db_instances", {}),
    "iam:GetRole": ("iam", "get_role", {"RoleName": "dev-task"}),
    "dynamodb:ListTables": ("dynamodb", "list_tables", {}),
}
"""One read of each protocol and error form."""


class TheEmulator(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.emulator = Emulator()
        cls.dev = cls.emulator.build()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.emulator.close()

    def setUp(self) -> None:
        self.emulator.control("faults", [])
        self.emulator.control("paging", {})

    def call(self, name: str) -> dict:
        service, method, arguments = READS[name]
        return getattr(self.emulator.client(service), method)(**arguments)

    def code_of(self, name: str) -> str:
        with self.assertRaises(ClientError) as caught:
            self.call(name)
        return caught.exception.response["Error"]["Code"]

    def test_every_service_denies_in_its_own_words(self) -> None:
        codes = {
            "ec2:DescribeVpcs": "UnauthorizedOperation",
            "elasticloadbalancing:DescribeLoadBalancers": "AccessDenied",
            "ecs:ListClusters": "AccessDeniedException",
            "route53:ListHostedZones": "AccessDenied",
            "s3:GetBucketVersioning": "AccessDenied",
            "rds:DescribeDBInstances": "AccessDenied",
            "iam:GetRole": "AccessDenied",
            "dynamodb:ListTables": "AccessDeniedException",
        }
        self.emulator.control("faults", [{"call": name, "fault": "deny"} for name in READS])
        self.assertEqual(codes, {name: self.code_of(name) for name in READS})

    def test_an_organisations_denial_says_so(self) -> None:
        self.emulator.control("faults", [{"call": "ecs:ListClusters", "fault": "deny_scp"}])
        with self.assertRaisesRegex(ClientError, "service control policy"):
            self.call("ecs:ListClusters")

    def test_a_fault_ends_after_its_times(self) -> None:
        self.emulator.control("faults", [{"call": "ec2:*", "fault": "throttle", "times": 1}])
        self.assertEqual("RequestLimitExceeded", self.code_of("ec2:DescribeVpcs"))
        self.call("ec2:DescribeVpcs")

    def test_answers_that_are_none(self) -> None:
        self.emulator.control("faults", [{"call": "ecs:ListClusters", "fault": "reset"}])
        with self.assertRaises(ConnectionClosedError):
            self.call("ecs:ListClusters")
        self.emulator.control("faults", [{"call": "ec2:DescribeVpcs", "fault": "html"}])
        self.assertNotIn("Vpcs", self.call("ec2:DescribeVpcs"))
        self.emulator.control("faults", [{"call": "ecs:ListClusters", "fault": "empty"}])
        self.assertNotIn("clusterArns", self.call("ecs:ListClusters"))

    def test_unknown_operations_are_errors_of_their_protocol(self) -> None:
        unknown = {
            "ec2": ("describe_verified_access_groups", "InvalidAction"),
            "ecs": ("list_service_deployments", "UnknownOperationException"),
            "codedeploy": ("list_on_premises_instances", "UnknownOperationException"),
        }
        for service, (method, code) in unknown.items():
            arguments = {"service": "backend", "cluster": "dev-app"} if service == "ecs" else {}
            with self.assertRaises(ClientError) as caught:
                getattr(self.emulator.client(service), method)(**arguments)
            self.assertEqual(code, caught.exception.response["Error"]["Code"])

    def test_lists_come_in_pages_and_a_page_can_fail(self) -> None:
        whole = self.emulator.client("ec2").describe_subnets()["Subnets"]
        self.emulator.control(
            "paging",
            {"ec2:DescribeSubnets": 3, "ecs:ListClusters": 1, "elasticloadbalancing:DescribeLoadBalancers": 1},
        )
        pages = list(self.emulator.client("ec2").get_paginator("describe_subnets").paginate())
        self.assertEqual(whole, [subnet for page in pages for subnet in page["Subnets"]])
        self.assertEqual(-(-len(whole) // 3), len(pages))
        clusters = list(self.emulator.client("ecs").get_paginator("list_clusters").paginate())
        self.assertEqual([1, 1], [len(page["clusterArns"]) for page in clusters])
        balancers = list(self.emulator.client("elbv2").get_paginator("describe_load_balancers").paginate())
        self.assertEqual([1, 1], [len(page["LoadBalancers"]) for page in balancers])

        self.emulator.control("faults", [{"call": "ec2:DescribeSubnets", "fault": "deny", "page": 2}])
        pages = iter(self.emulator.client("ec2").get_paginator("describe_subnets").paginate())
        self.assertEqual(3, len(next(pages)["Subnets"]))
        with self.assertRaises(ClientError):
            next(pages)

    def test_pages_cut_at_once_keep_their_names(self) -> None:
        window = Window(Paging("list", "token", "token", None, None), 0, 1)
        bodies = [f'<answer xmlns="urn:{name}"><list><item/><item/></list></answer>'.encode() for name in "ab"]
        switching = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        self.addCleanup(sys.setswitchinterval, switching)
        with ThreadPoolExecutor(2) as threads:
            cut = list(threads.map(lambda body: cut_xml(body, window), bodies * 500))
        self.assertEqual([cut_xml(body, window) for body in bodies], sorted(set(cut)))
        self.assertIn(b'<answer xmlns="urn:a"><list><item /></list><token>from-1</token></answer>', cut[0])

    def test_a_caller_may_ask_for_less(self) -> None:
        first = self.emulator.client("ec2").describe_subnets(MaxResults=5)
        self.assertEqual(5, len(first["Subnets"]))
        self.assertIn("NextToken", first)

    def test_more_than_aws_takes_is_refused(self) -> None:
        services = [f"service-{number}" for number in range(11)]
        with self.assertRaisesRegex(ClientError, "InvalidParameterException"):
            self.emulator.client("ecs").describe_services(cluster="dev-app", services=services)

    def test_calls_are_counted_by_account(self) -> None:
        self.emulator.control("calls", method="DELETE")
        role = self.emulator.client("sts").assume_role(
            RoleArn="arn:aws:iam::999999999999:role/stacks-audit", RoleSessionName="scan"
        )["Credentials"]
        common = boto3.client(
            "ecr",
            region_name="us-west-1",
            endpoint_url=self.emulator.endpoint,
            aws_access_key_id=role["AccessKeyId"],
            aws_secret_access_key=role["SecretAccessKey"],
            aws_session_token=role["SessionToken"],
        )
        names = [each["repositoryName"] for each in common.describe_repositories()["repositories"]]
        self.assertEqual(["app/backend", "app/frontend", "tools/cli"], sorted(names))
        counted = {
            (each["account"], each["call"]): each["count"] for each in self.emulator.control("calls", method="GET")
        }
        self.assertEqual(
            {("111111111111", "sts:AssumeRole"): 1, ("999999999999", "ecr:DescribeRepositories"): 1}, counted
        )

    def test_services_run(self) -> None:
        ecs, elb = self.emulator.client("ecs"), self.emulator.client("elbv2")
        backend, frontend = ecs.describe_services(cluster="dev-app", services=["backend", "frontend"])["services"]
        self.assertEqual(
            ("PRIMARY", "STEADY_STATE", 2),
            tuple(backend["taskSets"][0][key] for key in ("status", "stabilityStatus", "runningCount")),
        )
        self.assertEqual("COMPLETED", frontend["deployments"][0]["rolloutState"])
        arns = ecs.list_tasks(cluster="dev-app", serviceName="frontend")["taskArns"]
        for _again in range(2):
            tasks = ecs.describe_tasks(cluster="dev-app", tasks=arns)["tasks"]
            self.assertEqual({"RUNNING"}, {task["lastStatus"] for task in tasks})
        self.assertEqual({"service:frontend"}, {task["group"] for task in tasks})
        addresses = {task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"] for task in tasks}
        told = elb.describe_target_health(TargetGroupArn=self.dev["groups"]["frontend"])["TargetHealthDescriptions"]
        self.assertEqual(addresses, {each["Target"]["Id"] for each in told})
        self.assertEqual({"healthy"}, {each["TargetHealth"]["State"] for each in told})

    def test_health_can_be_set(self) -> None:
        self.emulator.control(
            "health", [{"target_group": "dev-frontend", "state": "unhealthy", "reason": "Target.Timeout"}]
        )
        self.addCleanup(self.emulator.control, "health", [{"target_group": "dev-frontend", "state": "healthy"}])
        told = self.emulator.client("elbv2").describe_target_health(TargetGroupArn=self.dev["groups"]["frontend"])
        self.assertEqual({"unhealthy"}, {each["TargetHealth"]["State"] for each in told["TargetHealthDescriptions"]})


class Clusters(unittest.TestCase):
    """A cluster, what is in it and what stands before it."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.emulator = Emulator()
        cls.first = cls.built()
        cls.ids = cls.built()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.emulator.close()

    @classmethod
    def built(cls) -> dict:
        """The ids of a cluster and its network, after a reset."""
        cls.emulator.control("reset")
        ec2, cls.eks = cls.emulator.client("ec2"), cls.emulator.client("eks")
        vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{number}.0/24")["Subnet"]["SubnetId"] for number in range(2)
        ]
        cluster = cls.eks.create_cluster(
            name="main",
            roleArn=ROLE,
            resourcesVpcConfig={"subnetIds": subnets},
            accessConfig={"authenticationMode": "API"},
            logging={"clusterLogging": [{"types": ["api"], "enabled": True}]},
        )["cluster"]
        made = cls.eks.create_pod_identity_association(
            clusterName="main", namespace="app", serviceAccount="api", roleArn=ROLE
        )
        own = [made["association"]["associationId"], cluster["endpoint"], cluster["identity"]["oidc"]["issuer"]]
        return {"vpc": vpc, "subnets": subnets, "own": own, "network": cluster["resourcesVpcConfig"]}

    def test_ids_repeat_after_a_reset(self) -> None:
        self.assertEqual(self.first, self.ids)

    def test_a_cluster_tells_of_its_network_and_its_logs(self) -> None:
        cluster = self.eks.describe_cluster(name="main")["cluster"]
        network = cluster["resourcesVpcConfig"]
        self.assertEqual(self.ids["vpc"], network["vpcId"])
        self.assertEqual((True, False), (network["endpointPublicAccess"], network["endpointPrivateAccess"]))
        groups = self.emulator.client("ec2").describe_security_groups(GroupIds=[network["clusterSecurityGroupId"]])
        self.assertEqual(self.ids["vpc"], groups["SecurityGroups"][0]["VpcId"])
        enabled = [setup["types"] for setup in cluster["logging"]["clusterLogging"] if setup["enabled"]]
        self.assertEqual([["api"]], enabled)

    def test_a_test_says_where_the_api_server_is(self) -> None:
        said = {"endpoint": "https://api.example.com:6443", "certificate_authority": "QUJD"}
        where = {"account": "111111111111", "region": "us-west-1", "cluster": "main"}
        self.emulator.control("clusters", [{**where, **said}])
        cluster = self.eks.describe_cluster(name="main")["cluster"]
        self.assertEqual(said["endpoint"], cluster["endpoint"])
        self.assertEqual({"data": said["certificate_authority"]}, cluster["certificateAuthority"])

    def test_principals_with_slashes_are_let_in(self) -> None:
        who = {"clusterName": "main", "principalArn": "arn:aws:iam::111111111111:role/team/ops"}
        policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
        self.eks.create_access_entry(**who)
        self.eks.associate_access_policy(**who, policyArn=policy, accessScope={"type": "cluster"})
        self.assertEqual([who["principalArn"]], self.eks.list_access_entries(clusterName="main")["accessEntries"])
        self.assertEqual("STANDARD", self.eks.describe_access_entry(**who)["accessEntry"]["type"])
        told = self.eks.list_associated_access_policies(**who)["associatedAccessPolicies"]
        self.assertEqual([(policy, "cluster")], [(each["policyArn"], each["accessScope"]["type"]) for each in told])
        self.emulator.control("faults", [{"call": "eks:ListAssociatedAccessPolicies", "fault": "deny"}])
        self.addCleanup(self.emulator.control, "faults", [])
        with self.assertRaisesRegex(ClientError, "AccessDeniedException"):
            self.eks.list_associated_access_policies(**who)

    def test_add_ons_come_in_pages_and_missing_ones_say_so(self) -> None:
        for name in ("coredns", "vpc-cni"):
            self.eks.create_addon(clusterName="main", addonName=name, serviceAccountRoleArn=ROLE)
        self.emulator.control("paging", {"eks:ListAddons": 1})
        self.addCleanup(self.emulator.control, "paging", {})
        pages = self.eks.get_paginator("list_addons").paginate(clusterName="main")
        self.assertEqual([["coredns"], ["vpc-cni"]], [page["addons"] for page in pages])
        addon = self.eks.describe_addon(clusterName="main", addonName="vpc-cni")["addon"]
        self.assertEqual(ROLE, addon["serviceAccountRoleArn"])
        with self.assertRaisesRegex(ClientError, "ResourceNotFoundException"):
            self.eks.describe_addon(clusterName="main", addonName="none")

    def test_aliases_of_keys_say_that_there_are_more(self) -> None:
        self.emulator.control("paging", {"kms:ListAliases": 10})
        self.addCleanup(self.emulator.control, "paging", {})
        pages = list(self.emulator.client("kms").get_paginator("list_aliases").paginate())
        self.assertEqual([True, False], [page["Truncated"] for page in pages])
        names = [alias["AliasName"] for page in pages for alias in page["Aliases"]]
        self.assertIn("alias/aws/dynamodb", names)

    def test_repositories_tell_how_they_are_scanned(self) -> None:
        ecr = self.emulator.client("ecr")
        ecr.create_repository(repositoryName="scanned", imageScanningConfiguration={"scanOnPush": True})
        ecr.create_repository(repositoryName="plain")
        told = ecr.batch_get_repository_scanning_configuration(repositoryNames=["scanned", "plain", "none"])
        frequencies = {each["repositoryName"]: each["scanFrequency"] for each in told["scanningConfigurations"]}
        self.assertEqual({"scanned": "SCAN_ON_PUSH", "plain": "MANUAL"}, frequencies)
        self.assertEqual(["none"], [each["repositoryName"] for each in told["failures"]])
        with self.assertRaisesRegex(ClientError, "ValidationException"):
            ecr.batch_get_repository_scanning_configuration(repositoryNames=[f"app-{n}" for n in range(26)])

    def test_interfaces_of_network_load_balancers_share_addresses_with_nodes(self) -> None:
        ec2, elb = self.emulator.client("ec2"), self.emulator.client("elbv2")
        subnets = self.ids["subnets"]
        arn = elb.create_load_balancer(Name="inner", Type="network", Scheme="internal", Subnets=subnets)[
            "LoadBalancers"
        ][0]["LoadBalancerArn"]
        owner = arn.partition(":loadbalancer/")[2]
        self.assertTrue(owner.startswith("net/inner/"))
        described = [{"Name": "description", "Values": [f"ELB {owner}"]}]
        found = ec2.describe_network_interfaces(Filters=described)["NetworkInterfaces"]
        self.assertEqual(sorted(subnets), sorted(each["SubnetId"] for each in found))
        tags = [{"Key": "kubernetes.io/cluster/main", "Value": "owned"}]
        ec2.run_instances(
            ImageId="ami-12345678",
            MinCount=2,
            MaxCount=2,
            SubnetId=subnets[0],
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )
        tagged = [{"Name": "tag-key", "Values": [tags[0]["Key"]]}]
        nodes = ec2.describe_instances(Filters=tagged)["Reservations"][0]["Instances"]
        addresses = [each["PrivateIpAddress"] for each in (*found, *nodes)]
        self.assertEqual(4, len(set(addresses)), addresses)
        elb.delete_load_balancer(LoadBalancerArn=arn)
        self.assertEqual([], ec2.describe_network_interfaces(Filters=described)["NetworkInterfaces"])


class Variants(unittest.TestCase):
    def setUp(self) -> None:
        self.emulator = Emulator()
        self.addCleanup(self.emulator.close)

    def test_ids_repeat_after_a_reset(self) -> None:
        self.assertEqual(self.emulator.build(), self.emulator.build())

    def test_broken_leaves_nothing_whole(self) -> None:
        built = self.emulator.build("--variant", "broken")
        ec2 = self.emulator.client("ec2")
        routes = [route for table in ec2.describe_route_tables()["RouteTables"] for route in table["Routes"]]
        self.assertEqual(1, sum(route["State"] == "blackhole" for route in routes))
        actions = self.emulator.client("elbv2").describe_rules(RuleArns=[built["rule"]])["Rules"][0]["Actions"]
        self.assertEqual([0, 100], [each["Weight"] for each in actions[0]["ForwardConfig"]["TargetGroups"]])
        frontend = self.emulator.client("ecs").describe_services(cluster="dev-app", services=["frontend"])["services"][
            0
        ]
        self.assertTrue(frontend["taskDefinition"].endswith("dev-frontend:2"))
        self.assertIn(built["public"][0], frontend["networkConfiguration"]["awsvpcConfiguration"]["subnets"])
        self.assertEqual((2, 2), (frontend["runningCount"], frontend["desiredCount"]))

    def test_a_crowd_is_large(self) -> None:
        self.emulator.build("--variant", "crowd")
        balancers = self.emulator.client("elbv2").describe_load_balancers()["LoadBalancers"]
        self.assertEqual(202, len(balancers))
        self.assertGreater(len(self.emulator.client("ec2").describe_subnets()["Subnets"]), 2500)

    def test_bare_tags_say_nothing_of_env_or_tier(self) -> None:
        built = self.emulator.build("--variant", "bare-tags")
        subnets = self.emulator.client("ec2").describe_subnets(SubnetIds=built["public"] + built["private"])["Subnets"]
        tags = [{tag["Key"]: tag["Value"] for tag in subnet["Tags"]} for subnet in subnets]
        self.assertEqual([{"Name", "Environment"}] * 4, [set(each) for each in tags])

    def test_it_ends_with_its_standard_input(self) -> None:
        self.assertEqual(0, self.emulator.close())


if __name__ == "__main__":
    unittest.main()
