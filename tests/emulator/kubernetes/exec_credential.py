"""A kubeconfig's exec plugin: tells the token that it is given, and fails where it is given none."""

import json
import sys

if len(sys.argv) != 2:
    sys.exit("no credentials: sign in first")
said = {
    "kind": "ExecCredential",
    "apiVersion": "client.authentication.k8s.io/v1",
    "spec": {"interactive": False},
    "status": {"token": sys.argv[1]},
}
print(json.dumps(said))
