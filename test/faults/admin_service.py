# SPDX-License-Identifier: Apache-2.0
"""A service that can be killed, frozen and starved, and its database as one who does not trust the service reads it."""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import sqlite3
import ssl
import struct
import subprocess
import time
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Not an answer: nobody knows whether the request was done.
LOST = 0
# Numbers of the hardware hash's fields.
HASH = {"BYTES": 3000, "OFFLINE_ID": 11, "SERIAL": 14, "MANUFACTURER": 16, "PRODUCT": 17, "EK": 25}
# The graph of everything that administrators change.
TABLES = {
    "device": "device_id, tenant_id, serial, manufacturer, model, group_tag, assigned_upn, cohort_id",
    "device_hash": "device_id", "directory_device": "device_id",
    "cohort": "cohort_id, attributes, undecided, profile_id, esp_id, stale", "cohort_group": "cohort_id, group_id",
    "group_member": "group_id, device_id, by_rule",
    "directory_group": "group_id, tenant_id, name, rule",
    "deployment_profile": "profile_id, name, preprovisioning, trust_store, created_at",
    "esp_profile": "esp_id, name, priority, created_at",
    "assignment": "assignment_id, object_kind, object_id, target, group_id",
    "graph_object": "object_id, collection, name, version",
    "audit_event": "tenant_id, seq, name",
    "import_part": "import_id, part, lines, imported, existing, failed",
    "import_line": "import_id, part, line, status",
    "deletion_request": "request_id, tenant_id, state, items",
    "device_transfer": "transfer_id, tenant_id, device_id, serial, state",
}


def hardware_hash(serial, maker="Contoso", model="Wing 7"):
    """The text that a device's firmware tool would print (src/wire/hwhash/hwhash_encode.c)."""
    ek = bytearray(b"".join(hashlib.sha256(f"{serial}/{i}".encode()).digest() for i in range(8)))
    ek[0] |= 0x80
    ek[-1] |= 1
    body = b""
    for kind, data in ((HASH["EK"], bytes(ek)),
                       (HASH["OFFLINE_ID"], struct.pack("<IHHH", 0, 1, 32, 0) + hashlib.sha256(ek).digest()),
                       *((HASH[k], v.encode() + b"\0") for k, v in (("MANUFACTURER", maker), ("PRODUCT", model),
                                                                    ("SERIAL", serial)))):
        body += struct.pack("<HH", kind, 4 + len(data)) + data
    body = b"OA" + struct.pack("<H", 4 + len(body)) + body
    body += b"CS" + struct.pack("<H", 36) + hashlib.sha256(body).digest()
    return base64.b64encode(body.ljust(HASH["BYTES"], b"\0")).decode()


class Postgres:
    """A private server that may be killed."""

    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.start()

    def lab(self, what, **environment):
        return subprocess.run([ROOT / "test" / "lab" / "postgres", what, self.dir], check=True, text=True,
                              capture_output=True, env=dict(os.environ, **environment)).stdout.strip()

    def start(self):
        self.url = self.lab("start")

    def stop(self):
        self.lab("stop")

    @property
    def postmaster(self):
        return int((self.dir / "data" / "postmaster.pid").read_text().split()[0])

    def backends(self):
        """Processes that work for a client."""
        found = []
        for pid in pathlib.Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split():
            try:
                if b"ferry postgres" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(int(pid))
            except FileNotFoundError:
                pass
        return found

    def crash(self):
        """As `pg_ctl stop -m immediate`: no checkpoint, every client cut off."""
        pid = self.postmaster
        os.kill(pid, signal.SIGQUIT)
        until = time.monotonic() + 20
        while not gone(pid):
            assert time.monotonic() < until, "the database does not stop"
            time.sleep(0.01)

    def query(self, sql):
        """Waits while the database recovers."""
        until = time.monotonic() + 20
        while True:
            done = subprocess.run(["psql", "-XAtq", self.url, "-c", sql], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return done.stdout.strip()
            assert time.monotonic() < until, done.stderr
            time.sleep(0.1)


class Service:
    """ferryd and ferry-signer of `build` in `work`, on SQLite or on a Postgres."""

    def __init__(self, build, work, postgres=None, environment=None):
        self.build, self.dir, self.postgres = pathlib.Path(build).resolve(), pathlib.Path(work), postgres
        self.points = self.dir / "points"
        self.environment = dict(os.environ, FERRY_BUILD_ROOT=str(self.build), FERRY_FP_FILE=str(self.points),
                                ASAN_OPTIONS="detect_leaks=0", **(environment or {}))
        self.program, self.tracer, self.token, self.kept = None, None, None, {}
        self.others, self.tokens = {}, {}  # more clients by name, and their tokens
        started = subprocess.run([ROOT / "tools" / "dev-server", "--dir", self.dir, "--keep",
                                  *(["--postgres", postgres.url] if postgres else [])],
                                 check=True, text=True, capture_output=True, env=self.environment)
        self.where = json.loads(started.stdout)
        self.tls = ssl.create_default_context(cafile=self.where["ca"])
        # From here on it is our child.
        self.end(self.where["pid"], signal.SIGTERM)
        self.start()

    # --- processes

    @staticmethod
    def end(pid, how):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return
        until = time.monotonic() + 20
        while not gone(pid) and time.monotonic() < until:
            time.sleep(0.005)

    def start(self):
        """Returns the seconds until it answered."""
        began = time.monotonic()
        (self.dir / "port").unlink(missing_ok=True)
        with open(self.dir / "log" / "ferryd", "a", encoding="utf-8") as log:
            self.program = subprocess.Popen([self.build / "src/ferryd/ferryd", "--config", self.dir / "ferryd.conf",
                                             "--port-file", self.dir / "port"], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=self.environment)
        (self.dir / "ferryd.pid").write_text(f"{self.program.pid}\n")
        while not (self.dir / "port").exists():
            assert self.program.poll() is None, "ferryd does not start: " + self.log()[-2000:]
            assert time.monotonic() < began + 60, "ferryd does not start in time"
            time.sleep(0.002)
        self.kept = {}
        assert self.request("GET", "/healthz", token="")[0] == 200
        return time.monotonic() - began

    def alive(self):
        return self.program.poll() is None

    def is_dead(self, seconds):
        """Whether it died; one who traces it learns that first."""
        until = time.monotonic() + seconds
        while self.alive() and time.monotonic() < until:
            time.sleep(0.002)
        return not self.alive()

    def kill(self):
        if self.alive():
            self.program.kill()
        self.program.wait()
        self.untrace()

    def trace(self, pids, *options):
        """Attach strace with these options, and wait until every thread is traced."""
        argv = ["strace", "-f", "-qq", "-o", "/dev/null", *options]
        for pid in pids:
            argv += ["-p", str(pid)]
        self.tracer = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        until = time.monotonic() + 20
        while not all(traced(pid) for pid in pids):
            if self.tracer.poll() is not None:
                raise AssertionError("strace: " + self.tracer.stderr.read().decode())
            assert time.monotonic() < until, "strace does not attach"
            time.sleep(0.002)

    def untrace(self):
        if self.tracer:
            self.tracer.terminate()
            self.tracer.wait()
            self.tracer.stderr.close()
            self.tracer = None

    def arm(self, text):
        self.points.write_text(text + "\n")

    def stop(self):
        if self.program:
            self.untrace()
            if self.alive():
                self.end(self.program.pid, signal.SIGTERM)
            self.program.kill()
            self.program.wait()
        subprocess.run(["sh", "-c", self.where["stop"]], check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self):
        return (self.dir / "log" / "ferryd").read_text(errors="replace")

    def cpu(self):
        """Seconds of processor time used so far."""
        fields = pathlib.Path(f"/proc/{self.program.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Bytes resident."""
        return int(pathlib.Path(f"/proc/{self.program.pid}/statm").read_text().split()[1]) * 4096

    # --- requests

    def sign_in(self, client=None):
        who = client or self.where
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": who["clientId"],
                                       "client_secret": who["clientSecret"],
                                       "scope": "https://graph.microsoft.com/.default"})
        status, body = self.request("POST", f"/{who['tenant']}/oauth2/v2.0/token", form, token="")
        assert status == 200, (status, body)
        return body["access_token"]

    def add_others(self):
        """A second administrator, and one of another organization."""
        for name, tenant in (("second", self.where["tenant"]), ("other", str(uuid.uuid4()))):
            client = {"tenant": tenant, "clientId": str(uuid.uuid4()), "clientSecret": secrets.token_hex(16)}
            if name == "other":
                self.write(f"INSERT INTO tenant (tenant_id, name, domain, created_at) "
                           f"VALUES ('{tenant}', 'Other', 'other.example.com', 1)")
            digest = hashlib.sha256(client["clientSecret"].encode()).hexdigest()
            self.write(f"INSERT INTO api_client (client_id, tenant_id, name, secret_sha256, roles, created_at) "
                       f"SELECT '{client['clientId']}', '{tenant}', '{name}', '{digest}', roles, created_at "
                       f"FROM api_client WHERE client_id = '{self.where['clientId']}'")
            self.others[name] = client

    def sign_in_all(self):
        self.token = self.sign_in()
        self.tokens = {name: self.sign_in(client) for name, client in self.others.items()}

    def request(self, method, path, body=None, token=None, who=None, timeout=30, headers=None):
        """(status, answer); status LOST when there is no answer. `who`: whose connection; each is used by one thread."""
        if token is None:
            token = self.token = self.token or self.sign_in()
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = "Bearer " + token
        if isinstance(body, dict):
            body = json.dumps(body)
            headers["Content-Type"] = "application/json"
        elif isinstance(body, str) and "Content-Type" not in headers:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = self.kept.get(who) if who is not None else None
        try:
            if not connection:
                url = urllib.parse.urlsplit(self.where["url"])
                connection = http.client.HTTPSConnection(url.hostname, url.port, context=self.tls, timeout=timeout)
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException):
            self.kept.pop(who, None)
            return LOST, None
        if who is not None:
            self.kept[who] = connection
        else:
            connection.close()
        try:
            return answer.status, json.loads(raw) if raw else None
        except ValueError:
            return answer.status, raw

    # --- the database

    def file(self):
        return self.dir / "ferry.db"

    def read(self):
        """{table: [row as dict]} of one moment."""
        if self.postgres:
            parts = ", ".join(f"'{t}', (SELECT COALESCE(json_agg(x), '[]') FROM (SELECT {c} FROM {t}) x)"
                              for t, c in TABLES.items())
            return json.loads(self.postgres.query(f"SELECT json_build_object({parts})"))
        base = sqlite3.connect(self.file(), timeout=20, isolation_level=None)
        try:
            base.row_factory = sqlite3.Row
            base.execute("BEGIN")
            return {t: [dict(r) for r in base.execute(f"SELECT {c} FROM {t}")] for t, c in TABLES.items()}
        finally:
            base.close()

    def write(self, sql):
        if self.postgres:
            self.postgres.query(sql)
            return
        base = sqlite3.connect(self.file(), timeout=20)
        try:
            with base:
                base.execute(sql)
        finally:
            base.close()

    def integrity(self):
        """What the database itself finds wrong."""
        if self.postgres:
            self.postgres.query("CREATE EXTENSION IF NOT EXISTS amcheck")
            self.postgres.query("SELECT bt_index_check(c.oid, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
                                "JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
                                "WHERE n.nspname = 'public'")
            return []
        base = sqlite3.connect(self.file(), timeout=20)
        try:
            problems = [row[0] for row in base.execute("PRAGMA integrity_check") if row[0] != "ok"]
            return problems + [f"foreign key: {tuple(row)}" for row in base.execute("PRAGMA foreign_key_check")]
        finally:
            base.close()


def gone(pid):
    """Whether it ended, if its parent asked for it or not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def traced(pid):
    try:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            if "TracerPid:\t0\n" in (task / "status").read_text():
                return False
    except (FileNotFoundError, ProcessLookupError):
        pass
    return True
