"""Lets a Prometheus server of its own scrape files, and asks it.

usage: prometheus_server.py QUERIES FILE...

QUERIES is a file with a JSON list of PromQL. Each FILE is scraped twice over, as OpenMetrics and as the older text: jobs
`openmetrics` and `text`. Prints a JSON list: what each query was answered with. Fails where a scrape or a query does.
"""

import http.server
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

TYPES = {
    "openmetrics": "application/openmetrics-text; version=1.0.0; charset=utf-8",
    "text": "text/plain; version=0.0.4; charset=utf-8",
}
PATIENCE = 60

queries = json.loads(Path(sys.argv[1]).read_text())
files = [Path(file).read_bytes() for file in sys.argv[2:]]
paths = [f"/{job}/{n}" for job in TYPES for n in range(len(files))]
asked = dict.fromkeys(paths, 0)
turns = threading.Semaphore(0)


class Exporter(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked[self.path] += 1
        turns.release()
        _, job, n = self.path.split("/")
        self.send_response(200)
        self.send_header("Content-Type", TYPES[job])
        self.send_header("Content-Length", str(len(files[int(n)])))
        self.end_headers()
        self.wfile.write(files[int(n)])

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ask(base, what, **parameters):
    url = f"{base}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        sys.exit(f"{parameters}: {error.read().decode()}")


class Server(http.server.ThreadingHTTPServer):
    # Every file may be asked for at once.
    request_queue_size = 128


def scraped(base, deadline):
    """The targets when each has been scraped; a machine that is busy gets another try."""
    while turns.acquire(timeout=max(0, deadline - time.monotonic())):
        # Who asks for a file again is done with the answer before.
        if min(asked.values()) < 2:
            continue
        targets = ask(base, "targets")["activeTargets"]
        slow = [one for one in targets if "deadline exceeded" in one["lastError"] or "timeout" in one["lastError"]]
        if not slow and all(one["health"] != "unknown" for one in targets):
            return targets
    return None


exporter = Server(("127.0.0.1", 0), Exporter)
threading.Thread(target=exporter.serve_forever, daemon=True).start()

with tempfile.TemporaryDirectory() as folder:
    jobs = [
        {
            "job_name": path,
            "metrics_path": path,
            "static_configs": [{"targets": [f"127.0.0.1:{exporter.server_port}"]}],
            "relabel_configs": [{"target_label": "job", "replacement": path.split("/")[1]}],
        }
        for path in paths
    ]
    config = Path(folder, "prometheus.yml")
    # JSON is YAML.
    often = {"scrape_interval": "3s", "scrape_timeout": "3s"}
    config.write_text(json.dumps({"global": often, "scrape_configs": jobs}))
    log = Path(folder, "log")
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    server = subprocess.Popen(command, stdout=log.open("wb"), stderr=subprocess.STDOUT)
    try:
        base = f"http://127.0.0.1:{port}"
        targets = scraped(base, time.monotonic() + PATIENCE)
        if targets is None:
            sys.exit(f"not every file was scraped in time\n{log.read_text()}")
        for target in targets:
            if target["health"] != "up":
                sys.exit(f"{target['scrapeUrl']}: {target['lastError']}")
        # At one moment, so that they agree with each other.
        now = time.time()
        answers = [ask(base, "query", query=query, time=now)["result"] for query in queries]
    finally:
        server.terminate()
        server.wait()

json.dump(answers, sys.stdout)
