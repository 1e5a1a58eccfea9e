"""The API on two ports: one for most, one of other certificates, as if another cluster's."""

import os
import socket
import ssl
import tempfile

import ports

from .access import Access, EntraUser
from .api import Api, Request
from .certificates import ADDRESS, HOST, Authority, Pair
from .eks_bearer import Keys


class Handler(ports.Handler):
    """One connection."""

    server: "Listener"

    def answered(self, _body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What the API server says."""
        certificate = self.connection.getpeercert() or None
        said = self.server.api.answer(Request(self.command, self.path, certificate, self.headers.get("Authorization")))
        return said.code, {"Content-Type": said.content, **said.headers}, said.body


class Listener(ports.Listener):
    """One port."""

    def __init__(self, api: Api, authority: Authority) -> None:
        super().__init__(ADDRESS, Handler, context(authority))
        self.api = api
        self.start()


NAMES = ("kubernetes.default.svc", "*.hcp.westeurope.azmk8s.io")
"""Other names of the API server: within its cluster, and as one of AKS."""


def context(authority: Authority) -> ssl.SSLContext:
    """TLS by an authority's certificate, for callers with one of its own or with none."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load(made, authority.server("kube-apiserver", *NAMES))
    made.verify_mode = ssl.CERT_OPTIONAL
    made.load_verify_locations(cadata=authority.pem)
    return made


def load(into: ssl.SSLContext, pair: Pair) -> None:
    """Gives a context a certificate and its key, which it takes from a file alone."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as file:
        file.write(pair.certificate + pair.key)
    try:
        into.load_cert_chain(file.name)
    finally:
        os.unlink(file.name)


class Cluster:
    """A running API server."""

    def __init__(self, keys: Keys, entra: EntraUser) -> None:
        self.authority, self.other_authority = Authority("kubernetes"), Authority("elsewhere")
        self.api = Api(Access(keys, entra))
        self.listener = Listener(self.api, self.authority)
        self.other = Listener(self.api, self.other_authority)
        # Bound and never listening: nobody answers there, and nobody else takes the port.
        self.deaf = socket.socket()
        self.deaf.bind((ADDRESS, 0))
        self.url = f"https://{ADDRESS}:{self.listener.server_port}"
        self.elsewhere = f"https://{HOST}:{self.other.server_port}"
        self.unreachable = f"https://{ADDRESS}:{self.deaf.getsockname()[1]}"

    def reset(self) -> None:
        """Forgets all."""
        self.api.faults.replace([])
        self.api.store.clear()
        self.api.page_sizes = {}
        self.api.requests.clear()
        self.api.access = Access(self.api.access.keys, self.api.access.entra)
