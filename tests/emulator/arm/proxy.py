"""A proxy by which callers reach this cloud, and the API server, by the names that Azure's have.

`HTTPS_PROXY` leads there: what is asked of `management.azure.com` or of an AKS cluster's name comes to the emulator.
"""

import socket
from collections.abc import Callable
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from kubernetes.certificates import ADDRESS, HOST

TAKEN, REFUSED = b"HTTP/1.1 200 Connection Established\r\n\r\n", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


class Tunnel(StreamRequestHandler):
    """One connection."""

    server: "Proxy"

    def handle(self) -> None:
        """Reads where to, and joins both ends."""
        method, _, rest = self.rfile.readline().decode("latin-1").partition(" ")
        host, _, port_asked = rest.partition(" ")[0].lower().rpartition(":")
        while self.rfile.readline().strip():
            pass
        port = self.server.port_of(host, port_asked) if method == "CONNECT" else None
        self.server.note(method, host, port is not None)
        if port is None:
            self.wfile.write(REFUSED)
            return
        with socket.create_connection((ADDRESS, port)) as other:
            self.wfile.write(TAKEN)
            back = Thread(target=carry, args=(other, self.connection), daemon=True)
            back.start()
            carry(self.connection, other)
            back.join()


class Proxy(ThreadingTCPServer):
    """The proxy's port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, note: Callable[[str, str, bool], None]) -> None:
        super().__init__((ADDRESS, 0), Tunnel)
        self.note = note
        self.ports: dict[str, int] = {}
        """By name, or by what names end with."""
        self.url = f"http://{ADDRESS}:{self.server_address[1]}"
        Thread(target=self.serve_forever, daemon=True).start()

    def port_of(self, host: str, port: str) -> int | None:
        """Where a name leads; this machine's own names lead where they say."""
        if host in (ADDRESS, HOST):
            return int(port)
        return next((port for name, port in self.ports.items() if host == name or host.endswith(f".{name}")), None)

    def handle_error(self, _request, _address) -> None:
        """Callers that hang up are no errors."""


def carry(here: socket.socket, there: socket.socket) -> None:
    """Carries what comes until nothing more does."""
    try:
        while data := here.recv(65536):
            there.sendall(data)
        there.shutdown(socket.SHUT_WR)
    except OSError:
        pass
