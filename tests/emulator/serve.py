"""Serve the emulator: moto, made to answer as AWS documents, behind a gateway that can refuse and split answers;
beside it a Kubernetes API server, whose address and certificates `GET /emulator/kubernetes` tells, and Azure Resource
Manager with an authority that gives tokens, of which `GET /emulator/azure` tells.

Prints `ready http://127.0.0.1:PORT` once it listens. It ends when its standard input closes or its parent dies, so
a test that is killed leaves nothing behind.
"""

import argparse
import logging
import os
import sys
import threading
import time
from pathlib import Path

# moto reads these when it is imported.
os.environ.update(
    MOTO_ACM_VALIDATION_WAIT="0",
    MOTO_IAM_LOAD_MANAGED_POLICIES="true",
    MOTO_EC2_LOAD_DEFAULT_AMIS="false",
    AWS_EC2_METADATA_DISABLED="true",
)
# It would name one account for every caller: the gateway tells whose each request is.
os.environ.pop("MOTO_ACCOUNT_ID", None)

from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server  # noqa: E402

import extensions  # noqa: E402
from arm import folder  # noqa: E402
from arm.server import Cloud  # noqa: E402
from front.cluster import key_of  # noqa: E402
from front.gateway import Gateway  # noqa: E402
from kubernetes import kubeconfig  # noqa: E402
from kubernetes.server import Cluster  # noqa: E402

SERVICES = ["acm", "codebuild", "codedeploy", "codepipeline", "dynamodb", "ec2", "ecr", "ecs", "eks", "elbv2", "iam"]
SERVICES += ["kms", "rds", "route53", "s3", "secretsmanager", "sts"]


def loaded_moto() -> DomainDispatcherApplication:
    """moto with its services loaded: loading one takes random numbers, so ids would differ the first time."""
    moto = DomainDispatcherApplication(create_backend_app)
    for service in SERVICES:
        moto.app_instances[service] = create_backend_app(service)
    return moto


def end_with_stdin() -> None:
    """Ends the process when whoever holds the other end of standard input is gone."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def end_with_parent(parent: int) -> None:
    """Ends the process when its parent has died."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def main() -> None:
    """Starts the server and serves until it is ended."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0, help="0 takes a free one")
    arguments.add_argument("--port-file", type=Path, help="where to write the port")
    arguments.add_argument(
        "--kubernetes-dir", type=Path, help="where to write kubernetes.json and the kubeconfig that it names"
    )
    arguments.add_argument("--azure-dir", type=Path, help="where to write azure.json and the files that it names")
    arguments.add_argument("--stay", action="store_true", help="outlive standard input and parent")
    chosen = arguments.parse_args()

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    extensions.install()
    cloud = Cloud()
    cluster = Cluster(key_of, cloud.tokens.aks_user)
    cloud.proxy.ports["azmk8s.io"] = cluster.listener.server_port
    if chosen.kubernetes_dir:
        kubeconfig.write(cluster, chosen.kubernetes_dir.absolute())
    if chosen.azure_dir:
        folder.write(cloud, chosen.azure_dir.absolute())
    gateway = Gateway(loaded_moto(), cluster, cloud)
    server = make_server("127.0.0.1", chosen.port, gateway, threaded=True, request_handler=MotoRequestHandler)
    port = server.server_address[1]
    if chosen.port_file:
        # Renamed into place, so that no reader ever sees half a number.
        partial = chosen.port_file.with_suffix(".partial")
        partial.write_text(str(port))
        partial.rename(chosen.port_file)
    if not chosen.stay:
        threading.Thread(target=end_with_stdin, daemon=True).start()
        threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    print(f"ready http://127.0.0.1:{port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
