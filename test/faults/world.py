# SPDX-License-Identifier: Apache-2.0
"""One lab with a service, a connector and everything that a deployment needs assigned; devices come and go.

A `Journey` carries one device from power-on to signed out, whatever happens on the way: it looks at the screen and does
what a person would do there.
"""
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "lab"))
from ferrylab import ALICE, DOMAIN, OU, WLAN_XML, Lab, LabError, start_time  # noqa: E402

MENU_RULE = '(device.devicePhysicalIds -any (_ -eq "[OrderID]:sales"))'
RESTART_RULE = '(device.devicePhysicalIds -any (_ -eq "[OrderID]:restarts"))'
JOURNAL = "pc/root/var/lib/ferry-agent/journal.json"
# The package takes part in the power cut: an armed point `package.NAME` ends dpkg and the agent in its middle.
SCRIPT = """#!/bin/sh
set -e
point=package.%s
if [ -n "${FERRY_FP_FILE:-}" ] && grep -qx "$point:kill" "$FERRY_FP_FILE" 2>/dev/null && [ ! -e /var/tmp/cut ]; then
	: >/var/tmp/cut
	agent=$(cut -d ' ' -f 4 "/proc/$PPID/stat")
	echo "$point" >>"$FERRY_FP_FILE.fired"
	kill -9 "$agent" "$PPID"
	exit 1
fi
"""

PASSING = ("poweringoff", "reboot")  # nobody presses anything there, and then the device is off


def package(folder, name="contoso-hello", mib=4):
    """A .deb with some weight whose scripts can be the scene of a power cut."""
    tree = pathlib.Path(folder) / name
    (tree / "DEBIAN").mkdir(parents=True, exist_ok=True)
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: 1.0\nArchitecture: all\nMaintainer: IT <it@example.com>\nDescription: greets\n")
    for script in ("preinst", "postinst"):
        (tree / "DEBIAN" / script).write_text(SCRIPT % script)
        (tree / "DEBIAN" / script).chmod(0o755)
    (tree / "opt" / name).mkdir(parents=True, exist_ok=True)
    (tree / "opt" / name / "hello").write_text("#!/bin/sh\necho Hello from Contoso\n")
    (tree / "opt" / name / "hello").chmod(0o755)
    (tree / "opt" / name / "weight").write_bytes(os.urandom(mib << 20))
    target = pathlib.Path(folder) / f"{name}_1.0_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(target)], check=True,
                   capture_output=True)
    return target


class World(Lab):
    """The lab, and what an administrator prepared in it."""

    def __init__(self, build, work, prefix):
        self.points = pathlib.Path(work) / "points"
        super().__init__(build, work, prefix=prefix, failpoints=self.points)
        self.recoveries = []

    def start(self):
        self.up()
        self.points.write_text("")
        self.start_service()
        self.enroll_connector()
        self.start_connector()
        return self

    def write_connector_config(self, **changes):
        """Many devices pass in an hour."""
        config = super().write_connector_config(**changes)
        config.write_text(config.read_text().replace("[trust]", "max_per_hour = 1000\n[trust]"))
        return config

    def prepare(self):
        self.ferry("group", "create", "Sales", "--rule", f"{MENU_RULE} -or {RESTART_RULE}")
        self.ferry("profile", "create", "Hybrid", "--join", "hybrid", "--preprovisioning", "--trust-store", "lab",
                   "--account", "administrator", "--group", "Sales")
        self.ferry("esp", "create", "ESP", "--group", "Sales")
        self.ferry("domainjoin", "create", "Corp", "--domain", DOMAIN, "--ou", OU, "--name", "PC-%RAND:6%",
                   "--group", "Sales")
        return self

    def prepare_items(self):
        (self.work / "wlan.xml").write_text(WLAN_XML)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(self.work / "r.key"),
                        "-out", str(self.work / "r.pem"), "-subj", "/CN=Contoso Root", "-days", "100"],
                       capture_output=True, check=True)
        self.ferry("policy", "add", "Notice", "--uri", "./Device/Vendor/MSFT/Policy/Config/"
                   "LocalPoliciesSecurityOptions/InteractiveLogon_MessageTextForUsersAttemptingToLogOn",
                   "--value", "Property of Contoso", "--all-devices")
        self.ferry("wifi", "add", "Contoso", "--ssid", "Contoso", "--file", self.work / "wlan.xml", "--all-devices")
        self.ferry("cert", "add", "Root", self.work / "r.pem", "--all-devices")
        self.ferry("app", "add", package(self.work), "--all-devices")
        self.ferry("group", "create", "Restarts", "--rule", RESTART_RULE)
        self.ferry("app", "add", package(self.work, "restarts", 1), "--restart", "--group", "Restarts")
        self.ferry("policy", "add", "Printer", "--uri", "./User/Vendor/MSFT/Policy/Config/Education/DefaultPrinterName",
                   "--value", "floor3", "--all-users")
        return self

    def new_device(self, serial, tag="sales", register=True):
        """Take a PC out of its box; with `register` also import the hash that it exports."""
        self.disconnect_face()
        self.script("device", "down")
        self.script("net", "device", "internet")
        self.make_device(serial)
        self.csv = self.work / "device.csv"
        self.csv.write_text(self.device("/usr/sbin/ferry-agentd", "--export-hash").stdout)
        if register:
            self.register(tag)

    def register(self, tag="sales"):
        self.ferry("device", "import", self.csv, "--group-tag", tag, "--user", self.user)

    def query(self, sql, *values):
        """The service's own records, looked at from outside."""
        with sqlite3.connect(f"file:{self.work}/service/ferry.db?mode=ro", uri=True, timeout=10) as db:
            return db.execute(sql, values).fetchall()

    def device_id(self, serial):
        return self.query("SELECT device_id FROM device WHERE serial = ?", serial)[0][0]

    def events(self, serial):
        return self.query("SELECT e.deployment_id, e.seq, e.at, e.source, e.phase, e.row_name, e.state, e.fault, "
                          "e.reason FROM deployment_event e JOIN deployment USING (deployment_id) JOIN device "
                          "USING (device_id) WHERE serial = ? ORDER BY started_at, e.seq", serial)

    def journal(self):
        try:
            return json.loads((self.work / JOURNAL).read_text())
        except (OSError, ValueError):
            return {}

    # --- programs of the service, by name: ferryd, signer, connector, and the device's tpm
    def program_pid(self, name):
        """None when it does not run."""
        path = {"connector": "connector.pid", "tpm": "pc/tpm/pid"}.get(name, f"service/{name}.pid")
        try:
            pid = int((self.work / path).read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if start_time(pid) else None

    def kill_program(self, name):
        pid = self.program_pid(name)
        if pid:
            os.kill(pid, signal.SIGKILL)

    def start_program(self, name):
        """Start it again after its end; how long it took until it serves goes to `recoveries`."""
        if name == "connector":
            self.stop_connector()
        begin = time.monotonic()
        if name == "connector":
            self.start_connector()
        elif name == "tpm":
            self.script("swtpm", "start", self.work / "pc" / "tpm")
        else:
            self.start_service()
        self.recoveries.append({"program": name, "seconds": round(time.monotonic() - begin, 2)})

    # --- failpoints of the programs outside the device
    def arm(self, entry):
        self.points.with_suffix(".fired").unlink(missing_ok=True)
        self.points.write_text(entry)

    def arm_device(self, entry):
        (self.work / "pc" / "run" / "fp.fired").unlink(missing_ok=True)
        (self.work / "pc" / "run" / "fp").write_text(entry)

    def device_fired(self):
        return fired(self.work / "pc" / "run" / "fp.fired")

    def fired(self):
        return fired(self.points.with_suffix(".fired"))


class Branch(World):
    """Another forest, with premises, a connector and devices of its own, that is served by the service of `world`."""

    def __init__(self, world):
        super().__init__(world.build, world.work / "branch", world.env["FERRY_NS"] + "b")
        self.env.update(FERRY_FOREST="branch", FERRY_INTERNET_OF=world.env["FERRY_NS"], FERRY_LAB_CA=world.env["FERRY_LAB_CA"])
        self.domain, self.ou = "branch.example.org", "OU=Autopilot,DC=branch,DC=example,DC=org"
        self.user, self.profile, self.main = "alice@branch.example.org", world.profile, world
        self.work.mkdir()

    def ferry(self, *arguments, check=True, **options):
        return self.main.ferry(*arguments, check=check, **options)

    def start(self):
        self.up()
        for name in ("service", "ca"):
            (self.work / name).symlink_to(self.main.work / name)
        self.points.write_text("")
        return self

    def down(self):
        (self.work / "service").unlink(missing_ok=True)  # it is the other lab's
        super().down()


def fired(path):
    try:
        return path.read_text().strip()
    except OSError:
        return ""


class Explained(Exception):
    """The journey ends at a red page that says why, and what to do."""


class Journey:
    """One device on its way. `cuts` are device points; each ends with a power cut and a boot."""

    def __init__(self, world, cuts=(), user_cuts=(), user_start=None, on_cut=None, env=None):
        self.world, self.cuts, self.user_cuts, self.user_start = world, list(cuts), list(user_cuts), user_start
        self.env = env or {}
        self.on_cut = on_cut  # what else happens while the device is without power
        self.failures, self.done_cuts, self.looks = [], [], []
        self.retries, self.position, self.screens, self.network_pages = 4, 0, None, 0
        self.power, self.plug_pulled, self.power_cycled = threading.RLock(), False, False
        self.technician_start = None  # what happens when Provision is pressed

    def boot(self, env=None):
        world = self.world
        corporate = world.journal().get("flow") in ("resealed", "user", "done")
        if corporate and self.user_start:
            start, self.user_start = self.user_start, None
            start()
        if corporate:
            self.cuts += self.user_cuts
            self.user_cuts = []
        network = "corporate" if corporate else "internet"
        if (world.work / "device-network").read_text().strip() != network:
            world.script("net", "device", network)
        world.arm_device(self.cuts[0] if self.cuts else "")
        try:
            with self.power:
                world.boot(env={"FERRY_FP_FILE": "/run/ferry/fp", **self.env, **(env or {})})
        except (ConnectionRefusedError, LabError):
            if not world.device_fired():
                raise
            self.is_gone()  # it died before it could show anything

    def pull_plug(self):
        """A power cut from outside, in this moment. False when the device is off."""
        with self.power:
            pid = self.world.agent_pid()
            if not pid:
                return False
            self.plug_pulled = True
            os.kill(pid, signal.SIGKILL)
            return True

    def is_gone(self):
        """The agent ended: by its point, by a power cut from outside, or by the power-off that Reseal asked for."""
        world = self.world
        with self.power:
            if world.device_fired() and self.cuts:
                self.done_cuts.append(self.cuts.pop(0))
            elif self.plug_pulled:
                self.plug_pulled = False
            elif not (world.work / "pc" / "run" / "power").exists():
                raise LabError("the agent ended by itself:\n" + world.log("pc/agent.log"))
            world.cut()
            self.look()
            if self.on_cut and not (world.work / "pc" / "run" / "power").exists():
                happens, self.on_cut = self.on_cut, None
                happens()
        self.boot()

    def look(self):
        """Is the device open, and did the service release it?"""
        found = self.world.query("SELECT result FROM deployment JOIN device USING (device_id) WHERE serial = ? "
                                 "ORDER BY started_at DESC", self.world.serial)
        token = self.world.work / "pc" / "root" / "var/lib/ferry-gate" / "release.jwt"
        self.looks.append({"open": token.exists(), "result": found[0][0] if found else ""})

    def failed(self, screen):
        self.failures.append(screen)
        if not screen.get("fix") or not screen.get("cause") or not screen.get("fault"):
            raise LabError(f"a red page that does not say why: {json.dumps(screen)}")
        time.sleep(1)
        if len(self.failures) <= self.retries:
            self.world.act("retry")
        elif not self.power_cycled:  # what anybody would try next
            self.power_cycled, self.retries = True, self.retries + 2
            self.pull_plug()
        else:
            raise Explained(screen["fault"])

    def act(self, screen):
        world, name = self.world, screen["screen"]
        if name in ("language", "region", "keyboard"):
            world.act("next", value=screen["selected"])
        elif name == "keyboard2":
            world.act("skip")
        elif name == "welcome":
            for _ in range(5):
                world.act("winkey")
        elif name == "menu":
            world.act("next", value="provisioning")
        elif name == "config":
            start, self.technician_start = self.technician_start, None
            world.act("provision")
            if start:
                start()
        elif name == "network":
            self.network_pages += 1
            if self.network_pages <= 3:
                time.sleep(0.5)
                world.act("refresh")
                return
            for _ in range(5):
                world.act("winkey")
        elif name == "failure":
            self.failed(screen)
        elif name == "success":
            world.act("reseal")
        elif name == "signin":
            world.act("signin", user=world.user, password=world.alice_password())
        elif name == "done":
            world.act("signout")

    def next_screen(self, until, wanted):
        """The newest screen that was not looked at yet, or a wanted one that has passed; raises at the time `until`."""
        world = self.world
        if world.screens is not self.screens:
            self.position, self.screens = 0, world.screens
        with world.condition:
            while not world.condition.wait_for(lambda: len(self.screens) > self.position, 1) or \
                    time.monotonic() > until:
                if time.monotonic() > until:
                    raise LabError(f"still at {json.dumps(world.screen())[:600]}\n" + world.log("pc/agent.log"))
            fresh, self.position = self.screens[self.position:], len(self.screens)
            return next((s for s in fresh if s["screen"] in PASSING and s["screen"] in wanted), fresh[-1])

    def run(self, *until, timeout=150, boot=True, env=None):
        """To one of the screens `until` (default: signed out), which it returns."""
        deadline = time.monotonic() + timeout
        if boot:
            self.boot(env)
        while True:
            screen = self.next_screen(deadline, until)
            if screen["screen"] == "(gone)":
                self.is_gone()
            elif screen["screen"] in (until or ("signedout",)):
                return screen
            else:
                try:
                    self.act(screen)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it died in this moment; the next screen is "(gone)"
