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
from collections import Counter
from pathlib import Path

TYPES = {
    "openmetrics": "application/openmetrics-text; version=1.0.0; charset=utf-8",
    "text": "text/plain; version=0.0.4; charset=utf-8",
}
PATIENCE = 60

queries = json.loads(Path(sys.argv[1]).read_text())
files = [Path(file).read_bytes() for file in sys.argv[2:]]
paths = [f"/{job}/{n}" for job in TYPES for n in range(len(files))]

# Who comes a second time has stored what the first brought.
scrapes = Counter()
scraped = threading.Condition()


class Exporter(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        _, job, n = self.path.split("/")
        with scraped:
            scrapes[self.path] += 1
            scraped.notify()
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


exporter = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exporter)
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
    config.write_text(json.dumps({"global": {"scrape_interval": "500ms", "scrape_timeout": "500ms"}, "scrape_configs": jobs}))
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
        with scraped:
            done = scraped.wait_for(lambda: all(scrapes[path] > 1 for path in paths), timeout=PATIENCE)
        if not done:
            sys.exit(f"scraped: {dict(scrapes)}\n{log.read_text()}")
        base = f"http://127.0.0.1:{port}"
        for target in ask(base, "targets")["activeTargets"]:
            if target["health"] != "up":
                sys.exit(f"{target['scrapeUrl']}: {target['lastError']}")
        # At one moment, so that they agree with each other.
        now = time.time()
        answers = [ask(base, "query", query=query, time=now)["result"] for query in queries]
    finally:
        server.terminate()
        server.wait()

json.dump(answers, sys.stdout)
