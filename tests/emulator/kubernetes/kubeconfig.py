"""The folder of what a caller needs: certificates, tokens, and a kubeconfig with a context for each way in."""

import base64
import json
import sys
from pathlib import Path

from .access import MASTERS, TOKENS
from .server import Cluster

PLUGIN = Path(__file__).parent / "exec_credential.py"


def write(cluster: Cluster, folder: Path) -> None:
    """Writes `kubernetes.json`, `kubeconfig` and the files that they name."""
    folder.mkdir(parents=True, exist_ok=True)
    admin = cluster.authority.client("kubernetes-admin", MASTERS)
    files = {
        "ca.crt": cluster.authority.pem,
        "elsewhere-ca.crt": cluster.other_authority.pem,
        "admin.crt": admin.certificate,
        "admin.key": admin.key,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    told = {
        "server": cluster.url,
        "elsewhere": cluster.elsewhere,
        "unreachable": cluster.unreachable,
        "ca": str(folder / "ca.crt"),
        "elsewhere_ca": str(folder / "elsewhere-ca.crt"),
        "admin": {"certificate": str(folder / "admin.crt"), "key": str(folder / "admin.key")},
        "tokens": {user.name: token for token, user in TOKENS.items()},
        "kubeconfig": str(folder / "kubeconfig"),
    }
    (folder / "kubernetes.json").write_text(json.dumps(told, indent=2) + "\n")
    # YAML takes JSON.
    (folder / "kubeconfig").write_text(json.dumps(kubeconfig(cluster, folder), indent=2) + "\n")


def kubeconfig(cluster: Cluster, folder: Path) -> dict:
    """One context for each way in."""
    ca = base64.b64encode(cluster.authority.pem.encode()).decode()
    clusters = {
        "emulated": {"server": cluster.url, "certificate-authority-data": ca},
        "elsewhere": {"server": cluster.elsewhere, "certificate-authority": str(folder / "elsewhere-ca.crt")},
        "unreachable": {"server": cluster.unreachable, "certificate-authority-data": ca},
    }
    tokens = {user.name: token for token, user in TOKENS.items()}
    users = {
        "admin": {"client-certificate": str(folder / "admin.crt"), "client-key": str(folder / "admin.key")},
        **{name: {"token": token} for name, token in tokens.items()},
        "nobody": {"token": "emulated-nobody"},
        "viewer-exec": {"exec": plugin(tokens["viewer"])},
        "broken-exec": {"exec": plugin()},
    }
    contexts = {name: {"cluster": "emulated", "user": name} for name in users}
    contexts["elsewhere"] = {"cluster": "elsewhere", "user": "viewer"}
    contexts["unreachable"] = {"cluster": "unreachable", "user": "viewer"}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "viewer",
        "clusters": [{"name": name, "cluster": it} for name, it in clusters.items()],
        "users": [{"name": name, "user": it} for name, it in users.items()],
        "contexts": [{"name": name, "context": it} for name, it in contexts.items()],
    }


def plugin(*tokens: str) -> dict:
    """A program that tells a token, or fails without one."""
    return {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": [str(PLUGIN), *tokens],
        "interactiveMode": "Never",
        "provideClusterInfo": False,
    }
