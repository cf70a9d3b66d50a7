#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measure Ferry beside its ceilings, in one run: see bench/README.md. `run.py BUILD OUT.json [NAME…]`."""
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEVICES, MANAGED, ENROLMENTS, ROUNDS = int(os.environ.get("BENCH_DEVICES", "100000")), 64, 250, 3
IDLE_CONNECTIONS = 5000

NGINX = """daemon off; master_process off; worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/nginx.err warn;
events {{ worker_connections 8000; multi_accept on; }}
http {{ access_log off; server_tokens off; keepalive_timeout 300s; keepalive_requests 100000000; tcp_nodelay on;
client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u;
scgi_temp_path {dir}/s; default_type application/json;
ssl_certificate {run}/tls/tls.pem; ssl_certificate_key {run}/tls/tls.key; ssl_client_certificate {dir}/clients.pem;
ssl_verify_client optional; ssl_verify_depth 2; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets on;
server {{ listen 127.0.0.1:{port} ssl backlog=4096; location / {{ return 200 '{body}'; }} }} }}
"""

CONFIG = """[service]
base_url = https://127.0.0.1:{port}
organization = Contoso
domain = corp.example.com
database = {database}
content = {run}/content
signer = {run}/signer.sock
[listen]
address = 127.0.0.1
port = {port}
tls = {run}/tls
max_per_address = 0
"""


def free_port():
    """Below the range that the kernel gives to clients, so that the load generator cannot take it."""
    for _ in range(100):
        port = 16000 + int.from_bytes(os.urandom(2), "big") % 16000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise SystemExit("no free port")


def wait_for(condition, process, what):
    until = time.monotonic() + 60
    while not condition():
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"{what} does not start")
        time.sleep(0.02)


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def memory_kb(pid, field="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise SystemExit(f"no {field} of {pid}")


class Bench:
    """The service with its database, the other servers, and what was measured."""

    def __init__(self, build, work):
        self.build, self.run = build, work
        self.database = f"sqlite:{work}/ferry.db"
        self.port, self.nginx_port, self.single_port = free_port(), free_port(), free_port()
        self.processes, self.results = [], []

    def program(self, name):
        return str(self.build / name)

    # --- the servers
    def start(self, what, command, ready):
        log = open(self.run / f"{what}.log", "ab")
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        log.close()
        self.processes.append(process)
        wait_for(ready, process, what)
        return process

    def stop(self, process):
        process.terminate()
        process.wait(20)
        self.processes.remove(process)

    def stop_all(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.processes = []

    def start_ferryd(self, program="src/ferryd/ferryd", port=None, name="ferryd"):
        config = self.run / f"{name}.conf"
        config.write_text(CONFIG.format(port=port or self.port, run=self.run, database=self.database))
        ready = self.run / f"{name}.port"
        ready.unlink(missing_ok=True)
        return self.start(name, [self.program(program), "--config", str(config), "--port-file", str(ready)], ready.exists)

    def start_nginx(self, body):
        folder = self.run / "nginx"
        folder.mkdir()
        keys = self.run / "keys"
        (folder / "clients.pem").write_text((keys / "root.pem").read_text() + (keys / "issuing.pem").read_text())
        (folder / "nginx.conf").write_text(
            NGINX.format(dir=folder, run=self.run, port=self.nginx_port, body="a" * body))
        return self.start("nginx", ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")],
                          lambda: answers(self.nginx_port))

    def ferry(self, *arguments):
        result = subprocess.run([self.program("src/cli/ferry"), "--profile", str(self.run / "profile.json"), *arguments],
                                capture_output=True, text=True, check=False)
        if result.returncode:
            raise SystemExit(f"ferry {' '.join(arguments)}: {result.stderr}{result.stdout}")

    def set_up(self):
        """Keys, tenant, configuration as an administrator makes it; then 100,000 devices."""
        self.make_service()
        ferryd = self.start_ferryd()
        self.configure()
        self.stop(ferryd)
        self.seed(DEVICES, MANAGED, ENROLMENTS * (ROUNDS + 1))

    def make_service(self):
        """Keys, the signer, and a database with one tenant and its first client."""
        run, signer = self.run, self.program("src/signer/ferry-signer")
        subprocess.run([signer, "--keys", str(run / "keys"), "--init", "--tls-out", str(run / "tls"), "--tls-name",
                        "localhost", "--tls-name", "127.0.0.1"], check=True, capture_output=True)
        self.signer = self.start("signer", [signer, "--keys", str(run / "keys"), "--socket", str(run / "signer.sock")],
                                 (run / "signer.sock").exists)
        (run / "ferryd.conf").write_text(CONFIG.format(port=self.port, run=run, database=self.database))
        client = subprocess.run([self.program("src/ferryd/ferryd"), "--config", str(run / "ferryd.conf"), "--bootstrap"],
                                check=True, capture_output=True, text=True).stdout
        self.profile = {"url": f"https://127.0.0.1:{self.port}", "ca": str(run / "keys/root.pem"), **json.loads(client)}
        (run / "profile.json").write_text(json.dumps(self.profile))

    def configure(self):
        self.ferry("group", "create", "Sales", "--rule", '(device.devicePhysicalIds -any (_ -eq "[OrderID]:sales"))')
        self.ferry("profile", "create", "Hybrid", "--join", "hybrid", "--preprovisioning", "--trust-store", "lab",
                   "--group", "Sales")
        self.ferry("esp", "create", "ESP", "--group", "Sales")
        self.ferry("domainjoin", "create", "Corp", "--domain", "corp.example.com", "--ou",
                   "OU=Autopilot,DC=corp,DC=example,DC=com", "--name", "PC-%RAND:6%", "--group", "Sales")
        for name in ("InteractiveLogon_MessageTitleForUsersAttemptingToLogOn",
                     "InteractiveLogon_MessageTextForUsersAttemptingToLogOn"):
            self.ferry("policy", "add", name, "--value", "Property of Contoso", "--all-devices", "--uri",
                       "./Device/Vendor/MSFT/Policy/Config/LocalPoliciesSecurityOptions/" + name)

    def seed(self, devices, managed, enrolments):
        """Devices that are registered, of them some managed, and some about to enrol; ferryd does not run meanwhile."""
        subprocess.run([self.program("bench/bench_seed"), self.database, str(self.run / "signer.sock"),
                        self.profile["url"], self.profile["tenant"], str(devices), str(managed), str(enrolments),
                        str(self.run / "load")], check=True)

    # --- measuring
    def load(self, port, script, mode, pids, count, threads=1, connections=1, identities=True):
        command = [self.program("bench/bench_load"), "-a", str(port), "-C", str(self.run / "keys/root.pem"), "-s",
                   str(self.run / "load" / script), "-m", mode, "-n", str(count), "-t", str(threads), "-c",
                   str(connections), "-p", ",".join(str(p) for p in pids)]
        if identities:
            command += ["-i", str(self.run / "load" / "id")]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise SystemExit(f"{script} {mode}: {result.stdout}{result.stderr}")
        return json.loads(result.stdout)

    def alternate(self, *runs):
        """Each run ROUNDS times in turn; the least CPU of each, because whatever else runs here only adds."""
        taken = [[] for _ in runs]
        for _ in range(ROUNDS):
            for i, run in enumerate(runs):
                taken[i].append(run())
        return [min(t, key=lambda r: r["cpuUs"]) for t in taken]

    def record(self, name, unit, value, goal, note, ceiling=None, ratio=None):
        if ratio is None:
            ratio = value / ceiling if ceiling else value
        rounded = [round(x, 3) if x is not None else None for x in (value, ceiling, ratio)]
        self.results.append({"name": name, "unit": unit, "value": rounded[0], "ceiling": rounded[1],
                             "ratio": rounded[2], "goal": goal, "note": note})
        # Most goals are ceilings of a ratio, this one is a floor.
        met = ratio >= goal if name.startswith(("group_commit", "devices_per_minute")) else ratio <= goal
        shown = "-" if ceiling is None else f"{ceiling:.1f}"
        print(f"{name:34} {value:10.1f} {shown:>10} {ratio:8.2f} {goal:8} {'' if met else 'missed':7} {unit}; {note}",
              flush=True)

    def measure_idle(self):
        time.sleep(0.5)
        idle = memory_kb(self.ferryd.pid)
        self.record("ferryd_idle_mb", "MB RSS", idle / 1024, 32, f"{DEVICES:,} devices in SQLite, nothing asked yet")

    def measure_connections(self):
        before = memory_kb(self.ferryd.pid)
        command = [self.program("bench/bench_load"), "-a", str(self.port), "-C", str(self.run / "keys/root.pem"), "-s",
                   str(self.run / "load/health"), "-m", "idle", "-c", str(IDLE_CONNECTIONS), "-t", "4", "-i",
                   str(self.run / "load/id")]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if holder.stdout.readline().strip() != "ready":
            raise SystemExit("the idle connections could not be opened")
        time.sleep(0.5)
        each = (memory_kb(self.ferryd.pid) - before) / IDLE_CONNECTIONS
        holder.stdin.close()
        holder.wait(30)
        self.record("idle_connection_kb", "KB RSS", each, 32, f"{IDLE_CONNECTIONS:,} mutual-TLS connections held, one "
                    "request each before; with their TLS sessions")

    def measure_profile(self):
        ours, nginx, health = self.alternate(
            lambda: self.load(self.port, "profile", "keep", [self.ferryd.pid], 16000, connections=32),
            lambda: self.load(self.nginx_port, "profile", "keep", [self.nginx.pid], 24000, connections=32),
            lambda: self.load(self.port, "health", "keep", [self.ferryd.pid], 16000, connections=32))
        self.record("profile_lookup", "us CPU per request", ours["cpuUs"], 2.0,
                    f"answers of {ours['bytes']:.0f} and {nginx['bytes']:.0f} bytes; {MANAGED} devices ask; "
                    f"{health['cpuUs']:.1f} us are HTTP and TLS, {ours['cpuUs'] - health['cpuUs']:.1f} us one read "
                    "transaction over seven tables and the JSON", nginx["cpuUs"])

    def measure_handshakes(self):
        for name, mode, goal in (("mtls_full", "fresh", 0.9), ("mtls_resumed", "resume", 0.55)):
            count = 400 if mode == "fresh" else 600
            ours, nginx = self.alternate(
                lambda m=mode, n=count: self.load(self.port, "health", m, [self.ferryd.pid], n, threads=8),
                lambda m=mode, n=count: self.load(self.nginx_port, "health", m, [self.nginx.pid], n, threads=8))
            if mode == "resume" and min(ours["resumed"], nginx["resumed"]) < count:
                raise SystemExit("not every session was resumed")
            self.record(name, "us CPU per connection", ours["cpuUs"], goal,
                        "nginx as it resumes by default: with tickets" if mode == "resume" else "with one request",
                        nginx["cpuUs"])

    def measure_enrolment(self):
        pids = [self.ferryd.pid, self.signer.pid]
        sessions = (self.run / "load/enrol").read_bytes().split(b"session 3\n")[1:]
        for i in range(ROUNDS + 1):
            part = sessions[i * ENROLMENTS:(i + 1) * ENROLMENTS]
            (self.run / f"load/enrol{i}").write_bytes(b"".join(b"session 3\n" + s for s in part))
        self.load(self.port, f"enrol{ROUNDS}", "fresh", pids, ENROLMENTS, 8, identities=False)
        ours, bare = [], []
        for i in range(ROUNDS):
            ours.append(self.load(self.port, f"enrol{i}", "fresh", pids, ENROLMENTS, 8, identities=False)["cpuUs"])
            bare.append(json.loads(subprocess.run([self.program("bench/bench_bare")], check=True, capture_output=True,
                                                  text=True).stdout))
        least = min(bare, key=lambda b: b["sumUs"])
        self.record("enrolment", "us CPU", min(ours), 1.5,
                    "ferryd and ferry-signer; bare: mutual-TLS handshake {handshakeUs:.0f}, CSR {csrUs:.0f}, certificate "
                    "{issueUs:.0f}".format(**least), least["sumUs"])

    def measure_syncml(self):
        pids = [self.ferryd.pid]
        first, second, profile = self.alternate(
            lambda: self.load(self.port, "syncml1", "keep", pids, 4000, connections=32),
            lambda: self.load(self.port, "syncml2", "keep", pids, 4000, connections=32),
            lambda: self.load(self.port, "profile", "keep", pids, 8000, connections=32))
        self.record("syncml_message", "us CPU per message", (first["cpuUs"] + second["cpuUs"]) / 2, 2.5,
                    "mean of the two messages of a session with nothing to do: the first {:.0f} (notes the contact), "
                    "the second {:.0f} (stores three reports); each is one durable transaction"
                    .format(first["cpuUs"], second["cpuUs"]),
                    profile["cpuUs"])

    def measure_writes(self):
        single = self.start_ferryd("bench/ferryd_single", self.single_port, "single")
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(self.load(self.port, "event", "keep", [self.ferryd.pid], 8000, connections=64))
            theirs.append(self.load(self.single_port, "event", "keep", [single.pid], 2500, connections=64))
        self.stop(single)
        rate = statistics.median(r["perSecond"] for r in ours)
        base = statistics.median(r["perSecond"] for r in theirs)
        self.record("group_commit", "acknowledged writes per second", rate, 3, "64 connections, POST /device/v1/events; "
                    "ceiling: the same service with one transaction per request; CPU per write {:.0f} and {:.0f} us"
                    .format(min(r["cpuUs"] for r in ours), min(r["cpuUs"] for r in theirs)), base, rate / base)


def measure_service(build, work, wanted):
    bench = Bench(build, work)
    try:
        begun = time.monotonic()
        bench.set_up()
        print(f"{DEVICES:,} devices registered in {time.monotonic() - begun:.1f} s", flush=True)
        bench.ferryd = bench.start_ferryd()
        if "memory" in wanted:
            bench.measure_idle()
        sample = bench.load(bench.port, "profile", "keep", [bench.ferryd.pid], 1)
        bench.nginx = bench.start_nginx(int(sample["bytes"]) - 150)
        if "memory" in wanted:
            bench.measure_connections()
        for name, run in (("profile", bench.measure_profile), ("mtls", bench.measure_handshakes),
                          ("enrolment", bench.measure_enrolment), ("syncml", bench.measure_syncml),
                          ("writes", bench.measure_writes)):
            if name in wanted:
                run()
    finally:
        bench.stop_all()
    return bench


def measure(build, work, wanted):
    results = []
    if set(wanted) - {"fleet", "devices"}:
        bench = measure_service(build, work, wanted)
        if "flow" in wanted:
            import flow
            flow.measure(bench)
        results = bench.results
    if "fleet" in wanted:
        import fleet
        results += fleet.measure(build, work)
    if "devices" in wanted:
        import devices
        site = Bench(build, work)
        devices.measure(site, work)
        results += site.results
    return results


def interrupted(number, _):
    """What was started is ended on the way out."""
    raise SystemExit(128 + number)


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    build, out = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    wanted = sys.argv[3:] or ["memory", "profile", "mtls", "enrolment", "syncml", "writes", "flow", "fleet", "devices"]
    work = out.parent / "bench-run"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, mode=0o700)
    print(f"{'':34} {'value':>10} {'ceiling':>10} {'ratio':>8} {'goal':>8}")
    try:
        results = measure(build, work, wanted)
    finally:
        if not os.environ.get("BENCH_KEEP"):
            shutil.rmtree(work, ignore_errors=True)
    out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
