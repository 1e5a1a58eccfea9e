"""Ports of this machine: each answers in threads of its own, plainly or by TLS, and says nothing of it."""

import socket
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Dropped(Exception):
    """The connection is to end without an answer."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answered(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Code, headers and body of the answer to the request that was read."""
        raise NotImplementedError

    def respond(self) -> None:
        """Answers one request."""
        asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            code, headers, body = self.answered(asked)
        except Dropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = respond

    def log_message(self, *_arguments) -> None:
        """Says nothing: the requests are noted."""


class Listener(ThreadingHTTPServer):
    """One port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str, handler: type[Handler], context: ssl.SSLContext | None) -> None:
        super().__init__((address, 0), handler)
        if context:
            # The handshake takes place in the connection's own thread: one that stalls keeps nobody waiting.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def start(self) -> None:
        """Answers from now on."""
        Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, _request, _address) -> None:
        """Callers that don't trust the certificate, or hang up, are no errors of the server."""
