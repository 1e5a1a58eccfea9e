"""The WSGI application that every request passes."""

import io
import socket
import sys
import traceback

from arm.server import Cloud
from kubernetes.server import Cluster

from . import pages, refusals
from .call import read_call
from .control import Control
from .faults import CUT_CONNECTION, HOLD, REFUSALS
from .limits import batch_excess

STATUS_TEXT = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}


class Gateway:
    """Counts, spoils, passes on and splits."""

    def __init__(self, moto, cluster: Cluster, cloud: Cloud) -> None:
        self.moto = moto
        self.control = Control(cluster, cloud)

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        path = environ.get("PATH_INFO", "")
        if path.startswith("/emulator/"):
            return send(self.control.answer(environ["REQUEST_METHOD"], path, body), start_response)
        if path.startswith("/moto-api"):
            return send(self.forward(environ, body), start_response)
        return send(self.answer(environ, body), start_response)

    def answer(self, environ, body: bytes) -> refusals.Answer:
        """The answer to a call."""
        call = read_call(environ, body)
        window = pages.window_of(call, self.control.page_sizes)
        where = f"{environ.get('PATH_INFO', '')}?{environ.get('QUERY_STRING', '')}\n"
        text = where + body.decode(errors="replace")
        self.control.calls.count(call, text)
        fault = self.control.faults.fault_for(call, window.page if window else 1, text)
        if fault == CUT_CONNECTION:
            cut_connection(environ)
        if fault == HOLD:
            self.control.faults.hold()
        elif fault:
            return REFUSALS[fault](call)
        excess = batch_excess(call)
        if excess:
            return refusals.too_many(call, *excess)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.account
        pages.narrow(call, self.control.page_sizes, environ)
        if window:
            body = pages.whole(call, window, body)
        try:
            answer = self.forward(environ, body)
        except NotImplementedError:
            return refusals.unknown(call)
        except Exception as error:  # what moto gets wrong must reach the caller in its protocol, never as HTML
            traceback.print_exc(file=sys.stderr)
            return refusals.broken(call, f"{type(error).__name__}: {error}")
        if answer[0] >= 400 and is_html(answer):
            return refusals.unknown(call) if answer[0] == 404 else refusals.broken(call)
        return pages.cut(answer, window) if window else answer

    def forward(self, environ, body: bytes) -> refusals.Answer:
        """What moto answers."""
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        said = {}

        def started(status, headers, _error=None):
            said.update(status=int(status.split()[0]), headers=headers)

        chunks = self.moto(environ, started)
        try:
            content = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        return said["status"], said["headers"], content


def is_html(answer: refusals.Answer) -> bool:
    """Whether a page for people stands where an error belongs."""
    return answer[2].lstrip()[:9].lower().startswith((b"<!doctype", b"<html"))


def send(answer: refusals.Answer, start_response):
    """Sends an answer with the length that it now has."""
    status, headers, body = answer
    kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
    start_response(f"{status} {STATUS_TEXT.get(status, 'Status')}", [*kept, ("Content-Length", str(len(body)))])
    return [body]


def cut_connection(environ) -> None:
    """Drops the connection without an answer, as a broken network would."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("a test asked for it")
