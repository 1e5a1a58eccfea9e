"""The API in its namespace: what its deployment applies, and what controllers make of it."""

from ..objects import Objects
from . import cluster, manifests
from .manifests import made
from .plan import OLD_RELEASE
from .system import pod_address

PORT, CONTAINER_PORT = 8080, 80
EMULATED_SECRET = "emulated-secret-value"
"""Stands in a container's variables, where no snapshot and no recording may have it from."""


def build(env: Objects) -> None:
    """Namespace, account, deployment, service and ingress."""
    plan = env.plan
    env.apply(manifests.namespace(plan.namespace, environment="dev"))
    env.apply(made("ServiceAccount", "default", plan.namespace))
    env.apply(service_account(env))
    labels, selector = plan.labels, {"app": plan.app}
    deployment = manifests.deployment(plan.app, plan.namespace, labels, selector, pod_spec(env), plan.replicas, 2)
    deployment["spec"]["template"]["metadata"]["labels"].update(plan.pod_labels)
    old = manifests.replica_set(deployment, 1, 0, f"{plan.registry}/{plan.app}:{OLD_RELEASE}")
    newest = manifests.replica_set(deployment, 2, plan.replicas, plan.image)
    env.pods = [
        manifests.pod(newest, number, env.nodes[number], pod_address(env.nodes[number], number))
        for number in range(plan.replicas)
    ]
    ended = manifests.leaving(manifests.pod(old, 0, env.nodes[2], pod_address(env.nodes[2], 0)))
    env.apply(deployment, old, newest, *env.pods, ended, migrated(env))
    named = {"name": "http"} if plan.hardened else {}
    target = "http" if plan.hardened else CONTAINER_PORT
    port = {**named, "port": PORT, "targetPort": target}
    service = manifests.service(plan.app, plan.namespace, selector, [port], "172.20.81.7", labels=labels)
    env.apply(service, manifests.slice_of(service, [*env.pods, ended], CONTAINER_PORT), ingress(env))


def service_account(env: Objects) -> dict:
    """Whom the pods run as."""
    plan = env.plan
    annotations = plan.account_annotations
    return made("ServiceAccount", cluster.SERVICE_ACCOUNT, plan.namespace, labels=plan.labels, annotations=annotations)


def pod_spec(env: Objects) -> dict:
    """One container; no probes where the published templates have none."""
    probe = {"httpGet": {"path": "/health", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10}
    probes = {"livenessProbe": probe, "readinessProbe": probe} if env.plan.hardened else {}
    container = {
        "name": "api",
        "image": env.plan.image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": CONTAINER_PORT, "protocol": "TCP"}],
        "env": [
            *({"name": name, "value": value} for name, value in env.plan.variables.items()),
            {"name": "Telemetry__Key", "value": EMULATED_SECRET},
        ],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "500m", "memory": "512Mi"}},
        **probes,
    }
    account = {"serviceAccountName": cluster.SERVICE_ACCOUNT, "serviceAccount": cluster.SERVICE_ACCOUNT}
    return {"containers": [container], "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", **account}


def migrated(env: Objects) -> dict:
    """The pod of a job that has ended."""
    container = {"name": "migrate", "image": env.plan.image, "command": ["migrate", EMULATED_SECRET]}
    return made(
        "Pod",
        "migrate-" + manifests.suffix("migrate", 5),
        env.plan.namespace,
        labels={"job-name": "migrate"},
        owner=("Job", "migrate"),
        spec={"containers": [container], "restartPolicy": "Never", "nodeName": env.nodes[0]["name"]},
        status={"phase": "Succeeded", "hostIP": env.nodes[0]["address"]},
    )


def ingress(env: Objects) -> dict:
    """Every public name to the service, over TLS alone."""
    plan = env.plan
    annotations = {"nginx.ingress.kubernetes.io/ssl-redirect": "true"}
    spec: dict = {"rules": [rule(host, plan.app) for host in plan.hosts], "tls": [{"hosts": list(plan.hosts)}]}
    if plan.hardened:
        spec["ingressClassName"] = "nginx"
        spec["tls"][0]["secretName"] = f"{plan.app}-tls"
    else:
        annotations["kubernetes.io/ingress.class"] = "nginx"
    if plan.relayed:
        # The ingress is published at the internal load balancer; the public name is to lead to the other.
        annotations["external-dns.alpha.kubernetes.io/target"] = env.public_address
    published = {"loadBalancer": {"ingress": [env.published]}}
    return made(
        "Ingress", plan.app, plan.namespace, labels=plan.labels, annotations=annotations, spec=spec, status=published
    )


def rule(host: str, name: str, path: str = "/", port: int = PORT) -> dict:
    """One path of a host."""
    return {"host": host, "http": {"paths": [backend(name, path, port)]}}


def backend(name: str, path: str, port: int) -> dict:
    """One path to a service."""
    return {"path": path, "pathType": "Prefix", "backend": {"service": {"name": name, "port": {"number": port}}}}


def of_another_environment(env: Objects, host: str) -> None:
    """Others deploy it as well, with an ingress and a service of the same names; and a namespace is called much alike."""
    name, within = env.plan.app, "test-api"
    labels = {**env.plan.labels, "environment": "test"}
    service = manifests.service(name, within, {"app": name}, [{"port": PORT}], "172.20.9.9", labels=labels)
    spec = {"ingressClassName": "nginx", "rules": [rule(host, name)]}
    published = {"loadBalancer": {"ingress": [env.published]}}
    env.apply(
        manifests.namespace(within, environment="test"),
        manifests.namespace("dev-apis", environment="dev"),
        service,
        made("Ingress", name, within, labels=labels, spec=spec, status=published),
    )
