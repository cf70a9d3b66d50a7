# SPDX-License-Identifier: Apache-2.0
"""How the service behaves with a fleet: import, a changed rule, lists, one device, one token; with few devices and with
many, on SQLite and on PostgreSQL, each beside what the bare database or the bare cryptography needs for the same.

FLEET_SIZES="10000 1000000" and FLEET_DATABASES="sqlite postgresql" choose; FLEET_ONLY="lists rule single token" measures
less. The files of registrations are kept in build/bench-files, because a million lines are 5 GB."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import sqlite3
import ssl
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse

import run

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIZES = [int(n) for n in os.environ.get("FLEET_SIZES", "10000 1000000").split()]
DATABASES = os.environ.get("FLEET_DATABASES", "sqlite postgresql").split()
ONLY = os.environ.get("FLEET_ONLY", "lists rule single token").split()
GRAPH = "/v1.0/deviceManagement"
DEVICES = GRAPH + "/windowsAutopilotDeviceIdentities"
IMPORTED = GRAPH + "/importedWindowsAutopilotDeviceIdentities/import"
PAGE = 100
TAG_RULE = '(device.devicePhysicalIds -any (_ -eq "[OrderID]:{}"))'


def schedstat_us(pids):
    """User and system time of processes, threads included, in microseconds."""
    total = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(task.read_text().split()[0])
    return total / 1000


def children(pid):
    """The processes below one: PostgreSQL's backends."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def registration_file(program, lines):
    """A file of that many lines, made once."""
    folder = ROOT / "build" / "bench-files"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lines}.csv"
    if not path.exists():
        with open(folder / "unfinished", "wb") as out:
            subprocess.run([program, str(lines)], stdout=out, check=True)
        (folder / "unfinished").rename(path)
    return path


def bare_import(file, work):
    """Seconds that sqlite3 takes to bring a file into one table with one index."""
    target = work / "bare.db"
    script = ("CREATE TABLE device(serial TEXT, product TEXT, hash TEXT, tag TEXT, user TEXT);\n"
              "CREATE INDEX device_serial ON device(serial);\n.mode csv\n"
              f".import --skip 1 {file} device\n")
    begun = time.monotonic()
    subprocess.run(["sqlite3", str(target)], input=script, text=True, check=True)
    taken = time.monotonic() - begun
    target.unlink()
    return taken


class Client:
    """One keep-alive connection to the service, with a token."""

    def __init__(self, fleet):
        self.fleet = fleet
        context = ssl.create_default_context(cafile=str(fleet.run / "keys/root.pem"))
        self.connection = http.client.HTTPSConnection("127.0.0.1", fleet.port, context=context, timeout=600)
        self.headers = {}
        self.headers = {"Authorization": "Bearer " + self.token()}

    def token(self):
        body = urllib.parse.urlencode({"client_id": self.fleet.profile["clientId"], "grant_type": "client_credentials",
                                       "client_secret": self.fleet.profile["clientSecret"],
                                       "scope": "https://graph.microsoft.com/.default"})
        path = f"/{self.fleet.profile['tenant']}/oauth2/v2.0/token"
        return self.ask("POST", path, body, "application/x-www-form-urlencoded")["access_token"]

    def ask(self, method, path, body=None, kind="application/json"):
        data = self.fetch(method, path, body, kind)
        return json.loads(data) if data else None

    def fetch(self, method, path, body=None, kind="application/json"):
        """The answer's bytes: reading JSON in Python is no part of what is measured."""
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = kind
            body = body if isinstance(body, str) else json.dumps(body)
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {data[:500]!r}")
        return data


class Fleet(run.Bench):
    """A service with a number of devices in one of the two databases."""

    def __init__(self, build, work, devices, kind):
        super().__init__(build, work)
        self.devices, self.kind, self.costs = devices, kind, {}
        self.postgres = None

    def database_up(self):
        if self.kind == "postgresql":
            self.postgres = pathlib.Path(tempfile.mkdtemp(prefix="ferry-bench."))
            self.postgres.chmod(0o755)
            self.database = subprocess.run([str(ROOT / "test/lab/postgres"), "start", str(self.postgres)], check=True,
                                           capture_output=True, text=True).stdout.strip()

    def database_down(self):
        if self.postgres:
            subprocess.run([str(ROOT / "test/lab/postgres"), "stop", str(self.postgres)], check=True)
            shutil.rmtree(self.postgres)

    def pids(self):
        """ferryd, ferry-signer and the database's processes."""
        pids = [self.ferryd.pid, self.signer.pid]
        if self.postgres:
            pids += children(int((self.postgres / "data/postmaster.pid").read_text().split()[0]))
        return pids

    def note(self, name, unit, value, goal, note, ceiling=None, ratio=None):
        self.record(f"{name}@{self.devices}/{self.kind}", unit, value, goal, note, ceiling, ratio)

    def cost(self, work, count):
        """CPU in microseconds of the service per call of work(i); the least of three rounds."""
        least = None
        for round_ in range(3):
            pids = self.pids()
            before = schedstat_us(pids)
            for i in range(count):
                work(round_ * count + i)
            used = (schedstat_us(pids) - before) / count
            least = used if least is None else min(least, used)
        return least

    # --- raw SQL on the same rows, for the ceilings
    def sql_seconds(self, statement, parameters=()):
        """The least of three runs of a statement that reads; all rows are fetched."""
        if self.kind == "sqlite":
            with contextlib.closing(sqlite3.connect(f"file:{self.run}/ferry.db?mode=ro", uri=True)) as db:
                return min(self.timed(lambda: db.execute(statement, parameters).fetchall()) for _ in range(3))
        for value in parameters:
            statement = statement.replace("?", "'" + str(value).replace("'", "''") + "'", 1)
        script = "\\timing on\n" + "\\o /dev/null\n" + (statement + ";\n") * 3
        shown = subprocess.run(["psql", "-X", "-q", self.database], input=script, text=True, check=True,
                               capture_output=True).stdout
        return min(float(line.split()[1]) for line in shown.splitlines() if line.startswith("Time:")) / 1000

    @staticmethod
    def timed(work):
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun

    def bare_update(self, tag):
        """One UPDATE of the devices with a tag, in a bare table of the same number of rows."""
        statement = f"UPDATE bare SET given = 'x' WHERE group_tag = '{tag}'"
        if self.kind == "sqlite":
            path = self.run / "bare-update.db"
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
                db.execute(f"ATTACH 'file:{self.run}/ferry.db?mode=ro' AS f")
                db.execute("CREATE TABLE bare(device_id TEXT PRIMARY KEY, group_tag TEXT, given TEXT)")
                db.execute("INSERT INTO bare SELECT device_id, group_tag, '' FROM f.device")
                taken = self.timed(lambda: db.execute(statement))
            path.unlink()
            return taken
        script = ("CREATE TABLE bare(device_id TEXT PRIMARY KEY, group_tag TEXT, given TEXT);\n"
                  "INSERT INTO bare SELECT device_id, group_tag, '' FROM device;\n\\timing on\n"
                  f"{statement};\n\\timing off\nDROP TABLE bare;\n")
        shown = subprocess.run(["psql", "-X", "-q", self.database], input=script, text=True, check=True,
                               capture_output=True).stdout
        return float(next(line for line in shown.splitlines() if line.startswith("Time:")).split()[1]) / 1000

    # --- measuring
    def measure_import(self):
        file = registration_file(self.program("bench/bench_hashes"), self.devices)
        with open(file, "rb") as warm:
            while warm.read(1 << 22):
                pass
        bare = bare_import(file, self.run)
        before = run.memory_kb(self.ferryd.pid)
        taken = self.timed(lambda: self.ferry("device", "import", str(file)))
        peak = run.memory_kb(self.ferryd.pid, "VmHWM")
        self.note("import", "s", taken, 1.0, f"decoded, stored, assigned; {file.stat().st_size / 1e6:.0f} MB; ceiling: "
                  f"sqlite3 .import of the file into one table with an index; ferryd grew from {before / 1024:.0f} to at "
                  f"most {peak / 1024:.0f} MB", bare)

    def some_devices(self, client):
        """Identifiers and serial numbers from a page somewhere in the middle."""
        rows = client.ask("GET", f"{DEVICES}?$top={PAGE}&$filter=contains(serialNumber,'7F')")["value"]
        return [(row["id"], row["serialNumber"]) for row in rows]

    def measure_lists(self, client):
        columns = ("SELECT d.*, c.profile_id, c.assigned_at, r.directory_id, n.enrollment_id FROM device d "
                   "LEFT JOIN cohort c ON c.cohort_id = d.cohort_id "
                   "LEFT JOIN directory_device r ON r.device_id = d.device_id "
                   "LEFT JOIN enrollment n ON n.device_id = d.device_id AND n.state = 'enrolled' WHERE d.tenant_id = ?")
        tenant = self.profile["tenant"]
        part = self.some_devices(client)[PAGE // 2][1][1:7]
        path = f"{DEVICES}?$filter=contains(serialNumber,'{part}')"
        for _ in range(8):  # PostgreSQL may settle for a plan that knows no values after five
            client.fetch("GET", path)
        ours = min(self.timed(lambda: client.fetch("GET", path)) for _ in range(5))
        raw = self.sql_seconds(columns + " AND d.serial_key LIKE ?", (tenant, f"%{part.upper()}%"))
        self.note("contains", "ms", ours * 1000, 2.0, "GET …?$filter=contains(serialNumber,'…') over HTTP and TLS; ceiling: "
                  "the same rows with one SELECT", raw * 1000)
        self.measure_pages(client, columns, tenant)

    def measure_pages(self, client, columns, tenant):
        times, last, path, depth = [], "", f"{DEVICES}?$top={PAGE}", 0
        raw = self.sql_seconds(columns + f" ORDER BY d.serial_key LIMIT {PAGE}", (tenant,))
        while path:
            begun = time.perf_counter()
            data = client.fetch("GET", path)
            times.append(time.perf_counter() - begun)
            page = json.loads(data)
            last = page["value"][-1]["serialNumber"].upper() if page["value"] else last
            depth += len(page["value"])
            path = page.get("@odata.nextLink")
            path = path and path[path.index("/v1.0"):]
        deep_raw = self.sql_seconds(columns + f" AND d.serial_key <= ? ORDER BY d.serial_key DESC LIMIT {PAGE}",
                                    (tenant, last))
        quarter = max(1, len(times) // 4)
        first, deepest = statistics.median(times[:quarter]), statistics.median(times[-quarter:])
        self.note("page", "ms", first * 1000, 2.0, f"median of the first quarter of {len(times)} pages of {PAGE}",
                  raw * 1000)
        self.note("page_deep", "ms", deepest * 1000, 2.0, f"median of the last quarter, to device {depth:,}; "
                  f"{deepest / first:.2f} of the first quarter", deep_raw * 1000)

    def measure_single(self, client):
        devices = self.some_devices(client)
        self.costs["read_one"] = self.cost(lambda i: client.ask("GET", f"{DEVICES}/{devices[i % len(devices)][0]}"), 200)

        def register(i):
            body = {"importedWindowsAutopilotDeviceIdentities": [{"serialNumber": f"ONE-{i}-{os.getpid()}",
                    "hardwareIdentifier": base64.b64encode(self.hash_of(i)).decode(), "groupTag": "Sales"}]}
            client.ask("POST", IMPORTED, body)

        self.costs["register_one"] = self.cost(register, 100)
        self.costs["profile_lookup"] = min(
            self.load(self.port, "profile", "keep", self.pids(), 4000, connections=32)["cpuUs"] for _ in range(3))

    def hash_of(self, i):
        """A hardware hash that the service has not seen: from the generator's file of more devices."""
        if not hasattr(self, "hashes"):
            lines = subprocess.run([self.program("bench/bench_hashes"), str(self.devices + 400)],
                                   stdout=subprocess.PIPE, check=False, text=True).stdout if self.devices <= 20000 \
                else subprocess.run(["sh", "-c", f"'{self.program('bench/bench_hashes')}' {self.devices + 400} | "
                                     "tail -n 400"], stdout=subprocess.PIPE, check=True, text=True).stdout
            self.hashes = [base64.b64decode(line.split(",")[2]) for line in lines.splitlines()[-400:]]
        return self.hashes[i]

    def measure_rule(self, client):
        """A rule that a third of the devices begin to fulfil, and cease to, while others read."""
        group = client.ask("POST", "/v1.0/groups", {
            "displayName": "Changing", "mailEnabled": False, "mailNickname": "changing", "securityEnabled": True,
            "groupTypes": ["DynamicMembership"], "membershipRule": TAG_RULE.format("nobody"),
            "membershipRuleProcessingState": "On"})
        devices = self.some_devices(client)
        reader = Reader(self, devices)
        idle = reader.p99_during(lambda: time.sleep(4))
        path, times = f"/v1.0/groups/{group['id']}", []

        def change():
            until, i = time.monotonic() + 4, 0
            while time.monotonic() < until:
                tag = ("Kiosk", "nobody")[i % 2]
                times.append(self.timed(lambda: client.ask("PATCH", path, {"membershipRule": TAG_RULE.format(tag)})))
                i += 1
                time.sleep(0.05)

        busy = reader.p99_during(change)
        scan = self.sql_seconds("SELECT device_id FROM device WHERE tenant_id = ? AND group_tag = 'Kiosk'",
                                (self.profile["tenant"],))
        taken = statistics.median(times)
        self.note("rule_find", "ms", taken * 1000, 0.25, f"the whole change of a rule for a third of the devices: found, "
                  f"applied, answered; median of {len(times)}; ceiling: one scan with the predicate", scan * 1000)
        self.note("rule_apply", "ms", taken * 1000, 3.0, "the same; ceiling: one UPDATE of the same devices in a bare "
                  "table", self.bare_update("Kiosk") * 1000)
        self.note("rule_others", "ms p99", busy * 1000, 5.0, "GET of one device while rules change; ceiling: while they "
                  "do not", idle * 1000)

    def measure_token(self, _client):
        bare = json.loads(subprocess.run([self.program("bench/bench_bare")], check=True, capture_output=True,
                                         text=True).stdout)["signUs"]
        health = min(self.load(self.port, "health", "keep", self.pids(), 4000, connections=32)["cpuUs"]
                     for _ in range(3))
        rule = (f"ceiling: one signature with the key's algorithm {bare:.0f} and one request on a kept connection "
                f"{health:.0f}")
        again = self.token_cost([""])
        self.note("token", "us CPU", again, 1.5, f"client credentials, the same program again and again; {rule}",
                  bare + health)
        signed = self.token_cost([f" {i}" for i in range(4000)])
        self.note("token_signed", "us CPU", signed, 1.5, f"the same, each for another scope and so signed anew; {rule}",
                  bare + health)

    def token_cost(self, scopes):
        """CPU of a token for each of these words after the scope, in turn."""
        script = b""
        for scope in scopes:
            body = urllib.parse.urlencode({"client_id": self.profile["clientId"], "grant_type": "client_credentials",
                                           "client_secret": self.profile["clientSecret"],
                                           "scope": "https://graph.microsoft.com/.default" + scope})
            request = (f"POST /{self.profile['tenant']}/oauth2/v2.0/token HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                       "Content-Type: application/x-www-form-urlencoded\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
            script += b"session 1\nrequest %d\n%b\n" % (len(request), request)
        (self.run / "load/token").write_bytes(script)
        return min(self.load(self.port, "token", "keep", self.pids(), 2000, connections=8)["cpuUs"] for _ in range(3))


class Reader:
    """Somebody who reads single devices all the time, on a connection of his own."""

    def __init__(self, fleet, devices):
        self.fleet, self.devices = fleet, devices

    def p99_during(self, work):
        times, stop = [], threading.Event()
        client = Client(self.fleet)

        def read():
            while not stop.is_set():
                device = self.devices[len(times) % len(self.devices)][0]
                times.append(Fleet.timed(lambda: client.ask("GET", f"{DEVICES}/{device}")))
                time.sleep(0.002)

        thread = threading.Thread(target=read)
        thread.start()
        work()
        stop.set()
        thread.join()
        return sorted(times)[len(times) * 99 // 100]


def measure_one(build, work, devices, kind):
    work.mkdir(parents=True, mode=0o700)
    fleet = Fleet(build, work, devices, kind)
    try:
        fleet.database_up()
        fleet.make_service()
        fleet.ferryd = fleet.start_ferryd()
        fleet.configure()
        fleet.measure_import()
        fleet.stop(fleet.ferryd)
        fleet.seed(200, run.MANAGED, 1)
        fleet.ferryd = fleet.start_ferryd()
        client = Client(fleet)
        for name in ONLY:
            getattr(fleet, "measure_" + name)(client)
    finally:
        fleet.stop_all()
        fleet.database_down()
        shutil.rmtree(work)
    return fleet


def measure(build, work):
    """All sizes on all databases; a list of results as run.py's."""
    results = []
    for kind in DATABASES:
        fleets = [measure_one(build, work / f"{kind}-{size}", size, kind) for size in SIZES]
        few, many = fleets[0], fleets[-1]
        for name in few.costs if few is not many else ():
            many.note("growth_" + name, "us CPU", many.costs[name], 1.3, f"ceiling: with {few.devices:,} devices",
                      few.costs[name])
        for fleet in fleets:
            results += fleet.results
    return results
