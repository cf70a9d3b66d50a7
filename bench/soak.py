# SPDX-License-Identifier: Apache-2.0
"""soak.py BUILD JSON [--minutes N] [--devices N] [--slow-clients N]: see tools/soak."""
import argparse
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
BARE = {k: v for k, v in os.environ.items() if not k.startswith("FERRY_")}
FEWEST = 6  # rounds; the first third fills caches, pools and connections, and is not compared
PAUSE_S = 5  # between two bytes of a slow client
# Of each kind, how much more than after a third of the rounds is no leak; slow clients come and go beside it, and the
# database's pages fill the caches that src/store/db_sqlite.c gives the writer (128 MB) and 32 readers (4 MB each).
SLACK = {"rss_mb": 24, "descriptors": 16, "threads": 2}
PAGE_CACHES_MB = 128 + 32 * 4


def held(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    field = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if len(line.split()) > 1}
    return {"rss_mb": round(int(field["VmRSS"]) / 1024, 1), "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "threads": int(field["Threads"])}


class SlowClients:
    """Connections that send their request a byte at a time, and are opened again when the service has enough of them."""

    def __init__(self, service, count):
        url = urllib.parse.urlsplit(service["url"])
        self.where, self.count, self.over = (url.hostname, url.port), count, threading.Event()
        self.context = ssl.create_default_context(cafile=service["ca"])
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def connect(self):
        try:
            plain = socket.create_connection(self.where, timeout=10)
            return self.context.wrap_socket(plain, server_hostname=self.where[0])
        except OSError:
            return None

    def run(self):
        clients = []
        while not self.over.wait(PAUSE_S):
            alive = []
            for client in clients:
                try:
                    client.sendall(b"G")
                    alive.append(client)
                except OSError:
                    client.close()
            clients = alive
            while len(clients) < self.count and not self.over.is_set():
                client = self.connect()
                if not client:
                    break
                clients.append(client)
        for client in clients:
            client.close()

    def end(self):
        self.over.set()
        self.thread.join()


class Soak:
    def __init__(self, build, options):
        self.build, self.options = build, options
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ferry-soak-"))
        self.rounds, self.service = [], None

    def program(self, *args):
        return subprocess.run([str(a) for a in args], env=dict(BARE, FERRY_BUILD_ROOT=str(self.build)), check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def begin(self):
        fleet = self.build / "src/fleet/ferry-fleet"
        store = self.program(fleet, "--dir", self.dir / "fleet", "--init").strip()
        self.service = json.loads(self.program(ROOT / "tools/dev-server", "--dir", self.dir / "service", "--trust-stores",
                                               pathlib.Path(store).parent))
        ferry = [self.build / "src/cli/ferry", "--profile", self.dir / "service/profile.json"]
        self.program(*ferry, "esp", "create", "Page", "--progress", "yes", "--all-devices")
        self.program(*ferry, "profile", "create", "Soak", "--join", "directory", "--preprovisioning", "yes", "--trust-store",
                     "fleet", "--all-devices")

    def round(self):
        first = len(self.rounds) * self.options.devices + 1
        said = json.loads(subprocess.run(
            [self.build / "src/fleet/ferry-fleet", "--dir", self.dir / "fleet", "--profile", self.dir / "service/profile.json",
             "--json", "--quiet", "--register", "--devices", str(self.options.devices), "--first", str(first)],
            env=BARE, check=False, text=True, stdout=subprocess.PIPE).stdout)
        row = {"completed": said["completed"], "failures": said["failures"], "p99_ms": said["latencyMs"]["flow"]["p99"]}
        for name in ("ferryd", "ferry-signer"):
            row[name] = held(int((self.dir / f"service/{name}.pid").read_text()))
        self.rounds.append(row)
        print(f"round {len(self.rounds)}: {json.dumps(row)}", flush=True)
        return row

    def problems(self):
        for number, row in enumerate(self.rounds, 1):
            if row["failures"] or row["completed"] != self.options.devices:
                yield f"round {number}: {row['completed']} of {self.options.devices} devices, {row['failures']}"
        if len(self.rounds) < FEWEST:
            yield f"only {len(self.rounds)} rounds: nothing can be said of what grows"
            return
        for name in ("ferryd", "ferry-signer"):
            warm, last = self.rounds[len(self.rounds) // 3][name], self.rounds[-1][name]
            own = {"rss_mb": PAGE_CACHES_MB, "descriptors": self.options.slow_clients} if name == "ferryd" else {}
            for what, slack in SLACK.items():
                if last[what] > warm[what] + slack + own.get(what, 0):
                    yield f"{name}: {what} grew from {warm[what]} to {last[what]}"

    def end(self):
        if self.service:
            subprocess.run(["sh", "-c", self.service["stop"]], check=False)
        shutil.rmtree(self.dir, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("json", type=pathlib.Path)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--devices", type=int, default=50)
    parser.add_argument("--slow-clients", type=int, default=200)
    options = parser.parse_args()
    soak = Soak(options.build.resolve(), options)
    try:
        soak.begin()
        slow = SlowClients(soak.service, options.slow_clients)
        until = time.monotonic() + options.minutes * 60
        while time.monotonic() < until:
            soak.round()
        slow.end()
        problems = list(soak.problems())
        options.json.write_text(json.dumps({"rounds": soak.rounds, "problems": problems}, indent=1) + "\n")
    finally:
        soak.end()
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(soak.rounds)} rounds, {sum(r['completed'] for r in soak.rounds)} devices, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
