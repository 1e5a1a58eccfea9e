"""The API on two ports: one for most, one of other certificates, as if another cluster's."""

import os
import socket
import ssl
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from .access import Access, EntraUser
from .api import Api, Dropped, Request
from .certificates import ADDRESS, HOST, Authority, Pair
from .eks_bearer import Keys


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Listener"

    def respond(self) -> None:
        """Answers one request."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        certificate = self.connection.getpeercert() or None
        asked = Request(self.command, self.path, certificate, self.headers.get("Authorization"))
        try:
            said = self.server.api.answer(asked)
        except Dropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(said.code)
        headers = {"Content-Type": said.content, "Content-Length": str(len(said.body)), **said.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = respond

    def log_message(self, *_arguments) -> None:
        """Says nothing: the requests are noted."""


class Listener(ThreadingHTTPServer):
    """One port."""

    daemon_threads = True

    def __init__(self, api: Api, authority: Authority) -> None:
        super().__init__((ADDRESS, 0), Handler)
        self.api = api
        # The handshake takes place in the connection's own thread: one that stalls keeps nobody waiting.
        self.socket = context(authority).wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, _request, _address) -> None:
        """Callers that don't trust the certificate, or hang up, are no errors of the server."""


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
