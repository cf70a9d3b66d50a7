# SPDX-License-Identifier: Apache-2.0
"""Devices in parallel through the Technician flow: ferry-fleet against a service, all at the same time, on SQLite and on
PostgreSQL; and fewer of them that join a real domain by way of a real connector. DEVICES_SIZES="20 200 2000",
DEVICES_DATABASES="sqlite postgresql" and DEVICES_HYBRID="20 200" choose."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import fleet
import flow

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "lab"))
import ferrylab  # noqa: E402
SIZES = [int(n) for n in os.environ.get("DEVICES_SIZES", "20 200 2000").split()]
DATABASES = os.environ.get("DEVICES_DATABASES", "sqlite postgresql").split()
HYBRID = [int(n) for n in os.environ.get("DEVICES_HYBRID", "20 200").split()]
GROWTH = 1.5
# Devices bring processors of their own. Simulated ones use this machine's, and thousands of them that wait for their turn on
# it would run into their own timeouts before they have spoken: so they go before the service.
BEHIND = ["nice", "-n", "10"]


class Site:
    """A service that trusts the fleet's maker, with a profile that lets every device begin."""

    def __init__(self, bench, work, kind):
        self.bench, self.build, self.work, self.kind, self.postgres, self.service = bench, bench.build, work, kind, None, None
        self.fleet_dir, self.service_dir = work / "simulated", work / "service"

    def begin(self):
        store = pathlib.Path(self.run("src/fleet/ferry-fleet", "--dir", self.fleet_dir, "--init").strip())
        argv = [*BEHIND, ROOT / "tools/dev-server", "--dir", self.service_dir, "--trust-stores", store.parent]
        if self.kind == "postgresql":
            self.postgres = pathlib.Path(tempfile.mkdtemp(prefix="ferry-bench."))
            self.postgres.chmod(0o755)
            argv += ["--postgres", subprocess.run([*BEHIND, ROOT / "test/lab/postgres", "start", self.postgres], check=True,
                                                  capture_output=True, text=True).stdout.strip()]
        self.service = json.loads(subprocess.run(argv, env=dict(os.environ, FERRY_BUILD_ROOT=str(self.build)), check=True,
                                                 stdout=subprocess.PIPE, text=True).stdout)
        self.ferry("esp", "create", "Page", "--progress", "yes", "--all-devices")
        self.ferry("profile", "create", "Fleet", "--join", "directory", "--preprovisioning", "yes", "--trust-store", "fleet",
                   "--all-devices")

    def close(self):
        if self.service:
            subprocess.run(["sh", "-c", self.service["stop"]], check=False)
        if self.postgres:
            subprocess.run([ROOT / "test/lab/postgres", "stop", self.postgres], check=True)
            shutil.rmtree(self.postgres)

    def run(self, program, *args):
        return subprocess.run([self.build / program, *map(str, args)], check=True, stdout=subprocess.PIPE, text=True).stdout

    def ferry(self, *args):
        self.run("src/cli/ferry", *args, "--profile", self.service_dir / "profile.json")

    def simulate(self, *args):
        """The result, also when not every device got through; None after --register-only."""
        argv = [self.build / "src/fleet/ferry-fleet", "--dir", self.fleet_dir, "--profile", self.service_dir / "profile.json",
                "--quiet", "--json", *args]
        done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit("ferry-fleet ends with " + str(done.returncode))
        return json.loads(done.stdout) if done.stdout else None

    def pids(self, what):
        if what == "database":
            return fleet.children(int((self.postgres / "data/postmaster.pid").read_text().split()[0])) if self.postgres else []
        return [int((self.service_dir / f"{what}.pid").read_text())]


def measure_size(site, first, size, small):
    """`small`: the result of the smallest size, which growth is against."""
    used = {what: fleet.schedstat_us(site.pids(what)) for what in ("ferryd", "ferry-signer", "database")}
    said = site.simulate("--devices", size, "--parallel", size, "--first", first, "--retry", 20)
    used = {what: (fleet.schedstat_us(site.pids(what)) - before) / 1000 / size for what, before in used.items()}
    name, flow = f"{size}/{site.kind}", said["latencyMs"]["flow"]
    said["serviceMs"] = sum(used.values())
    small = small or said
    site.bench.record(f"devices_per_minute@{name}", "devices", said["completedPerMinute"], 1 / GROWTH,
                      f"all {size} at once; a flow took {flow['p50']} ms (p50), {flow['p95']} (p95), {flow['p99']} (p99); "
                      f"{said['retries']} calls repeated, {said['retryPages']} times Retry was shown and pressed, {said['failed']} failed "
                      f"{said['failures'] or ''}{said['failedIn'] or ''}; this machine simulates them too, "
                      f"{said['cpuMsPerDevice']['fleet']:.0f} ms CPU each", small["completedPerMinute"])
    site.bench.record(f"device_cpu@{name}", "ms CPU per device", said["serviceMs"], GROWTH,
                      "ferryd {ferryd:.1f}, ferry-signer {ferry-signer:.1f}, database {database:.1f}".format(**used),
                      small["serviceMs"])
    return small


def begin_hybrid(lab, work):
    """A service that trusts the fleet's maker, and a connector of its domain that does."""
    lab.up()
    simulator = [lab.program("fleet", "ferry-fleet"), "--dir", work / "simulated"]
    shutil.copytree(lab.run(*simulator, "--init").stdout.strip(), work / "service/trust/fleet")
    lab.start_service()
    lab.enroll_connector()
    config = work / "connector/connector.conf"
    config.write_text(config.read_text().replace("store = lab", "store = fleet").replace("[trust]", "max_per_hour = 10000\n[trust]"))
    lab.start_connector()
    lab.ferry("esp", "create", "Page", "--progress", "yes", "--all-devices")
    lab.ferry("profile", "create", "Hybrid", "--join", "hybrid", "--preprovisioning", "yes", "--trust-store", "fleet",
              "--all-devices")
    lab.ferry("domainjoin", "create", "Corp", "--domain", ferrylab.DOMAIN, "--ou", ferrylab.OU, "--name", "PC-%RAND:7%",
              "--all-devices")
    return simulator + ["--profile", work / "service/service.json", "--quiet", "--json"]


def measure_hybrid(bench, work):
    """One connector makes one account after the other, so that the domain controller decides."""
    lab, first, small = ferrylab.Lab(bench.build, work, prefix=flow.PREFIX), 1, None
    try:
        simulator = begin_hybrid(lab, work)
        for size in HYBRID:
            lab.at("svc", *simulator, "--register-only", "--devices", size, "--first", first, timeout=600)
            used = flow.cpu_by_owner(lab)
            said = json.loads(lab.at("svc", *simulator, "--devices", size, "--parallel", size, "--first", first, "--retry", 20,
                                     check=False, timeout=1800).stdout)
            used = {owner: (value - used[owner]) * 1000 / size for owner, value in flow.cpu_by_owner(lab).items()}
            small = small or (said["completedPerMinute"], sum(used.values()))
            times = said["latencyMs"]["flow"]
            bench.record(f"devices_per_minute@{size}/hybrid", "devices", said["completedPerMinute"], 1 / GROWTH,
                         f"all {size} at once join a domain of Samba by one connector; a flow took {times['p50']} ms (p50), "
                         f"{times['p99']} (p99); {said['failed']} failed {said['failures'] or ''}", small[0])
            bench.record(f"device_cpu@{size}/hybrid", "ms CPU per device", sum(used.values()), GROWTH,
                         "ferryd, ferry-signer and ferry-connector {Ferry:.0f}, domain controller {DC:.0f}".format(**used), small[1])
            first += size
    finally:
        lab.down()


def measure(bench, work):
    """The growth is against the smallest size of the same run."""
    if HYBRID:
        measure_hybrid(bench, work / "hybrid")
    for kind in DATABASES:
        folder = work / f"devices-{kind}"
        folder.mkdir(parents=True)
        site = Site(bench, folder, kind)
        try:
            site.begin()
            site.simulate("--register-only", "--devices", sum(SIZES) + 5)
            site.simulate("--devices", 5, "--first", sum(SIZES) + 1)  # warm
            first, small = 1, None
            for size in SIZES:
                small = measure_size(site, first, size, small)
                first += size
        finally:
            site.close()
            shutil.rmtree(folder)
