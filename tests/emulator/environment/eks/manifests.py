"""Objects of the cluster, as their controllers leave them."""

import hashlib

from kubernetes.resources import BY_KIND
from kubernetes.store import CREATED, uid

LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""What the names that controllers make are made of."""


def made(
    kind: str, name: str, namespace: str | None = None, labels=None, annotations=None, owner=None, **parts
) -> dict:
    """An object; what is None is left out."""
    meta = {"name": name, "namespace": namespace, "labels": labels, "annotations": annotations}
    if owner:
        meta["ownerReferences"] = [reference(*owner, namespace)]
    meta = {key: value for key, value in meta.items() if value}
    return {"apiVersion": BY_KIND[kind].api_version, "kind": kind, "metadata": meta, **parts}


def reference(kind: str, name: str, namespace: str | None) -> dict:
    """Whom an object belongs to."""
    return {
        "apiVersion": BY_KIND[kind].api_version if kind in BY_KIND else "batch/v1",
        "kind": kind,
        "name": name,
        "uid": uid(kind, namespace, name),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def suffix(text: str, length: int) -> str:
    """What a controller adds to a name: here always the same for the same text."""
    return "".join(LETTERS[byte % len(LETTERS)] for byte in hashlib.sha256(text.encode()).digest()[:length])


def condition(kind: str, status: str, reason: str | None = None) -> dict:
    """One condition."""
    told = {"type": kind, "status": status, "lastTransitionTime": CREATED}
    return {**told, "reason": reason} if reason else told


def namespace(name: str, **labels: str) -> dict:
    """A namespace in use."""
    named = {"kubernetes.io/metadata.name": name, **labels}
    return made("Namespace", name, labels=named, spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"})


def service(name: str, within: str, selector: dict, ports: list[dict], address: str, **more) -> dict:
    """A service within the cluster; its parts may be replaced."""
    spec = {
        "type": "ClusterIP",
        "clusterIP": address,
        "clusterIPs": [address],
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "internalTrafficPolicy": "Cluster",
        "sessionAffinity": "None",
        "ports": [{"protocol": "TCP", **port} for port in ports],
        "selector": selector,
        **more.pop("spec", {}),
    }
    return made("Service", name, within, spec=spec, **{"status": {"loadBalancer": {}}, **more})


def deployment(name: str, within: str, labels: dict, selector: dict, spec: dict, replicas: int, revision: int) -> dict:
    """A deployment whose pods all run and are available."""
    counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return made(
        "Deployment",
        name,
        within,
        labels=labels,
        annotations={"deployment.kubernetes.io/revision": str(revision)},
        spec={
            "replicas": replicas,
            "selector": {"matchLabels": selector},
            "template": {"metadata": {"labels": {**labels, **selector}}, "spec": spec},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
        },
        status={
            "observedGeneration": 1,
            **dict.fromkeys(counts, replicas),
            "conditions": [
                condition("Available", "True", "MinimumReplicasAvailable"),
                condition("Progressing", "True", "NewReplicaSetAvailable"),
            ],
        },
    )


def replica_set(of: dict, revision: int, replicas: int, image: str) -> dict:
    """The pods of one template of a deployment."""
    meta, spec = of["metadata"], of["spec"]
    code = suffix(f"{meta['namespace']}/{meta['name']}/{image}", 10)
    labels = {**spec["template"]["metadata"]["labels"], "pod-template-hash": code}
    (first, *others) = spec["template"]["spec"]["containers"]
    pod_spec = {**spec["template"]["spec"], "containers": [{**first, "image": image}, *others]}
    matched = {**spec["selector"]["matchLabels"], "pod-template-hash": code}
    running = {"readyReplicas": replicas, "availableReplicas": replicas, "fullyLabeledReplicas": replicas}
    return made(
        "ReplicaSet",
        f"{meta['name']}-{code}",
        meta["namespace"],
        labels=labels,
        annotations={"deployment.kubernetes.io/revision": str(revision)},
        owner=("Deployment", meta["name"]),
        spec={
            "replicas": replicas,
            "selector": {"matchLabels": matched},
            "template": {"metadata": {"labels": labels}, "spec": pod_spec},
        },
        status={"replicas": replicas, "observedGeneration": 1, **(running if replicas else {})},
    )


def pod(of: dict, number: int, node: dict, address: str) -> dict:
    """A pod of a replica set that runs and is ready."""
    meta, template = of["metadata"], of["spec"]["template"]
    conditions = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    return made(
        "Pod",
        f"{meta['name']}-{suffix(meta['name'] + str(number), 5)}",
        meta["namespace"],
        labels=template["metadata"]["labels"],
        owner=("ReplicaSet", meta["name"]),
        spec={**template["spec"], "nodeName": node["name"]},
        status={
            "phase": "Running",
            "conditions": [condition(each, "True") for each in conditions],
            "hostIP": node["address"],
            "hostIPs": [{"ip": node["address"]}],
            "podIP": address,
            "podIPs": [{"ip": address}],
            "startTime": CREATED,
            "qosClass": "Burstable",
            "containerStatuses": [running(each) for each in template["spec"]["containers"]],
        },
    )


def running(container: dict) -> dict:
    """A container that runs what it was told to."""
    image = container["image"]
    digest = hashlib.sha256(image.encode()).hexdigest()
    return {
        "name": container["name"],
        "image": image,
        "imageID": f"{image.rpartition(':')[0]}@sha256:{digest}",
        "containerID": f"containerd://{hashlib.sha256(digest.encode()).hexdigest()}",
        "ready": True,
        "started": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": CREATED}},
    }


def leaving(gone: dict) -> dict:
    """The same pod, told to end."""
    gone["metadata"]["deletionTimestamp"] = "2026-01-12T10:00:30Z"
    gone["metadata"]["deletionGracePeriodSeconds"] = 30
    unready(gone)
    return gone


def unready(of: dict) -> None:
    """Lets a pod be not ready."""
    for each in of["status"]["conditions"]:
        if each["type"] in ("Ready", "ContainersReady"):
            each.update(status="False", reason="ContainersNotReady")
    for each in of["status"]["containerStatuses"]:
        each["ready"] = False


def slice_of(of: dict, pods: list[dict], port: int) -> dict:
    """A service's endpoints."""
    meta, said = of["metadata"], of["spec"]["ports"][0]
    writer = "endpointslice-controller.k8s.io"
    labels = {"kubernetes.io/service-name": meta["name"], "endpointslice.kubernetes.io/managed-by": writer}
    return made(
        "EndpointSlice",
        f"{meta['name']}-{suffix(meta['name'], 5)}",
        meta["namespace"],
        labels={**meta.get("labels", {}), **labels},
        owner=("Service", meta["name"]),
        addressType="IPv4",
        # A port without a name has the empty one here.
        ports=[{"name": said.get("name", ""), "port": port, "protocol": "TCP"}],
        endpoints=[endpoint(each) for each in pods],
    )


def endpoint(of: dict) -> dict:
    """A pod as an endpoint."""
    meta, status = of["metadata"], of["status"]
    ready = any((each["type"], each["status"]) == ("Ready", "True") for each in status["conditions"])
    ending = "deletionTimestamp" in meta
    target = {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"]}
    return {
        "addresses": [status["podIP"]],
        "conditions": {"ready": ready and not ending, "serving": ready, "terminating": ending},
        "nodeName": of["spec"]["nodeName"],
        "targetRef": {**target, "uid": uid("Pod", meta["namespace"], meta["name"])},
    }
