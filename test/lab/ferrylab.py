# SPDX-License-Identifier: Apache-2.0
"""The lab as one object: networks, domain controller, service, connector and one PC, all real, for tests and the demo.

Everything is done by the scripts beside this file; nothing here stands in for a part.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAB_BIN = ROOT / "test" / "lab"
DOMAIN = "corp.example.com"
OU = "OU=Autopilot,DC=corp,DC=example,DC=com"
SERVICE_NAME = "autopilot.example.net"
SERVICE_IP = "198.51.100.10"
ALICE = "alice@corp.example.com"


class LabError(Exception):
    """A part of the lab did not do what it was asked for."""


def start_time(pid):
    """Field 22 of /proc/PID/stat, which tells a process from a later one of the same id; None when it is gone."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if stat[0] == "Z" else stat[19]


class Lab:
    """One lab below `work` with programs of `build`; `prefix` names its network namespaces."""

    def __init__(self, build, work, prefix="ferry", organization="Contoso", store_url=None, failpoints=None):
        self.build, self.work = pathlib.Path(build), pathlib.Path(work)
        self.env = dict(os.environ, LAB=str(self.work), FERRY_NS=prefix, FERRY_ORGANIZATION=organization,
                        FERRY_DOMAIN=DOMAIN, FERRY_LAB_CA=str(self.work / "ca"), TSS2_LOG="all+NONE")
        self.env.setdefault("LAB_CACHE", str(ROOT / "build" / "lab-cache"))
        if store_url:
            self.env["FERRY_STORE_URL"] = store_url
        self.failpoints = failpoints
        if failpoints:
            self.env["FERRY_FP_FILE"] = str(failpoints)
        self.domain, self.ou, self.user = DOMAIN, OU, ALICE
        self.connector = None
        self.screens = []
        self.reader = None

    # --- plumbing
    def run(self, *command, check=True, text=None, timeout=120, env=None):
        result = subprocess.run([str(c) for c in command], capture_output=True, text=True, input=text, timeout=timeout,
                                check=False, env={**self.env, **(env or {})})
        if check and result.returncode != 0:
            raise LabError(f"{' '.join(map(str, command))}: {result.returncode}\n{result.stdout}{result.stderr}")
        return result

    def script(self, name, *arguments, **options):
        return self.run(LAB_BIN / name, *arguments, **options)

    def at(self, node, *command, **options):
        return self.script("in", node, *command, **options)

    def program(self, room, name):
        for path in (self.build / name, self.build / "src" / room / name):
            if path.exists():
                return path
        raise LabError(f"{self.build} holds no {name}")

    def last_words(self, lines=15):
        """What every program said last. A failure that comes once in a hundred runs is understood from that or never."""
        told = []
        for log in sorted([*self.work.glob("*.log"), *self.work.glob("pc/*.log"), *self.work.glob("service/**/*.log")]):
            told += [f"--- {log.relative_to(self.work)}", *log.read_text(errors="replace").splitlines()[-lines:]]
        runs = self.connector and self.connector.poll() is None
        return "\n".join([*told, f"--- the connector {'runs' if runs else 'does not run'}"])

    # --- the real world around the device
    def up(self):
        self.work.mkdir(parents=True, exist_ok=True)
        self.down()
        for name in ("service", "connector"):
            shutil.rmtree(self.work / name, ignore_errors=True)
        self.script("net", "up")
        self.script("net", "device", "internet")
        self.script("dc", "start", timeout=300)

    def down(self):
        self.stop_connector()
        self.script("device", "down", check=False)
        if (self.work / "service" / "ferryd.conf").exists():
            self.script("service", "stop", self.work / "service", check=False)
        self.script("dc", "stop", check=False)
        self.script("net", "down", check=False)

    def start_service(self):
        self.at("svc", LAB_BIN / "service", "start", self.work / "service", self.build, SERVICE_NAME, SERVICE_IP)
        self.profile = json.loads((self.work / "service" / "service.json").read_text())

    def stop_service(self):
        self.script("service", "stop", self.work / "service")

    def ferry(self, *arguments, check=True, **options):
        """The administrator's command line, on the service's own network."""
        return self.at("svc", self.program("cli", "ferry"), "--profile", self.work / "service" / "service.json",
                       *arguments, check=check, **options)

    def ferry_json(self, *arguments):
        return json.loads(self.ferry("-o", "json", *arguments).stdout)

    # --- the connector
    def write_connector_config(self, keytab="svc-odj", ou=None, domain=None):
        folder = self.work / "connector"
        folder.mkdir(exist_ok=True, mode=0o700)
        (folder / "connector.conf").write_text(f"""[service]
url = {self.profile['url']}
ca = {self.profile['ca']}
state = {folder}/state
[domain]
name = {domain or self.domain}
principal = {keytab}
keytab = {self.work}/dc/secrets/{keytab}.keytab
krb5_conf = {self.work}/node/conn/krb5.conf
[allow]
ou = {ou or self.ou}
[trust]
stores = {self.work}/service/trust
store = lab
""")
        return folder / "connector.conf"

    def enroll_connector(self, name="dc1-connector"):
        config = self.write_connector_config()
        token = self.ferry_json("connector", "create", name, "--domain", self.domain)["token"]
        self.at("conn", self.program("connector", "ferry-connector"), "--config", config, "--enroll", text=token + "\n")

    def start_connector(self):
        log = open(self.work / "connector.log", "ab")
        self.connector = subprocess.Popen(
            [str(LAB_BIN / "in"), "conn", str(self.program("connector", "ferry-connector")), "--config",
             str(self.work / "connector" / "connector.conf")], env=self.env, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True)
        log.close()
        (self.work / "connector.pid").write_text(f"{self.connector.pid} {start_time(self.connector.pid)}")

    def stop_connector(self, sign=signal.SIGTERM):
        """By its pid file, so that one that an interrupted run left behind is ended too."""
        try:
            pid, started = (self.work / "connector.pid").read_text().split()
            if start_time(pid) == started:
                os.kill(int(pid), sign)
            if self.connector:
                self.connector.wait(40)
        except (OSError, ValueError):
            pass
        (self.work / "connector.pid").unlink(missing_ok=True)
        self.connector = None

    # --- the device
    def make_device(self, serial):
        self.serial = serial
        self.script("device", "make", serial, self.build, self.work / "ca", self.profile["url"], self.profile["ca"])

    def device(self, *command, **options):
        return self.script("device", "run", *command, **options)

    def boot(self, env=None):
        self.screens = []
        self.script("device", "boot", env={**({"FERRY_FP_FILE": ""} if self.failpoints else {}), **(env or {})})
        self.connect_face()

    def cut(self):
        self.disconnect_face()
        self.script("device", "cut")

    def wait_power_off(self):
        self.script("device", "off")
        self.disconnect_face()

    def agent_pid(self):
        """None when it does not run."""
        try:
            pid, started = (self.work / "pc" / "agent.pid").read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if start_time(pid) == started else None

    def agent_alive(self):
        return self.agent_pid() is not None

    def connect_face(self):
        self.face = socket.socket(socket.AF_UNIX)
        self.face.connect(str(self.work / "pc" / "run" / "oobe.sock"))
        self.condition = threading.Condition()
        self.reader = threading.Thread(target=self._read_screens, args=(self.face,), daemon=True)
        self.reader.start()

    def disconnect_face(self):
        if self.reader:
            try:
                self.face.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.reader.join(5)
            self.face.close()
            self.reader = None

    def _read_screens(self, face):
        with face.makefile("r", encoding="utf-8") as lines:
            try:
                for line in lines:
                    with self.condition:
                        self.screens.append(json.loads(line))
                        self.condition.notify_all()
            except (OSError, ValueError):
                pass
        with self.condition:
            self.screens.append({"screen": "(gone)"})
            self.condition.notify_all()

    def screen(self):
        return self.screens[-1] if self.screens else {"screen": "(none)"}

    def wait_screen(self, *names, timeout=60):
        """The current screen if it has one of these names, or the first later one, however shortly it shows."""
        with self.condition:
            begin = max(0, len(self.screens) - 1)
            found = self.condition.wait_for(
                lambda: next((s for s in self.screens[begin:] if s["screen"] in names), None), timeout)
        if not found:
            raise LabError(f"no screen {names} within {timeout} s; it shows {json.dumps(self.screen())[:1500]}\n"
                           + self.log("pc/agent.log"))
        return found

    def act(self, action, **values):
        self.face.sendall((json.dumps({"action": action, **values}) + "\n").encode())

    def log(self, name, lines=15):
        try:
            return "\n".join((self.work / name).read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    # --- pieces of the story
    def first_pages(self):
        """From power-on to the technician's configuration page."""
        while True:
            screen = self.wait_screen("language", "region", "keyboard", "keyboard2", "welcome", "network", "config", "menu")
            name, count = screen["screen"], len(self.screens)
            if name in ("language", "region", "keyboard"):
                self.act("next", value=screen["selected"])
            elif name == "keyboard2":
                self.act("skip")
            elif name == "menu":
                self.act("next", value="provisioning")
            elif name == "config":
                return screen
            else:
                for _ in range(5):
                    self.act("winkey")
            with self.condition:
                self.condition.wait_for(lambda: len(self.screens) > count, 20)

    def alice_password(self):
        return (self.work / "dc" / "secrets" / "alice.pw").read_text().strip()

    def timeline(self):
        """The newest deployment of the device with its events."""
        return self.ferry_json("device", "timeline", self.serial)


def make_package(folder, name="contoso-hello", size_kib=64):
    """A real .deb with one program and some weight."""
    tree = pathlib.Path(folder) / name
    (tree / "DEBIAN").mkdir(parents=True, exist_ok=True)
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: 1.0\nArchitecture: all\nMaintainer: IT <it@example.com>\nDescription: greets\n")
    (tree / "opt" / name).mkdir(parents=True, exist_ok=True)
    program = tree / "opt" / name / "hello"
    program.write_text("#!/bin/sh\necho Hello from Contoso\n")
    program.chmod(0o755)
    (tree / "opt" / name / "weight").write_bytes(os.urandom(size_kib * 1024))
    package = pathlib.Path(folder) / f"{name}_1.0_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", str(tree), str(package)], check=True,
                   capture_output=True)
    return package


WLAN_XML = """<WLANProfile xmlns="http://www.microsoft.com/networking/WLAN/profile/v1"><name>Contoso</name><SSIDConfig>\
<SSID><name>Contoso</name></SSID></SSIDConfig><connectionType>ESS</connectionType><connectionMode>auto</connectionMode>\
<MSM><security><authEncryption><authentication>WPA2PSK</authentication><encryption>AES</encryption><useOneX>false\
</useOneX></authEncryption><sharedKey><keyType>passPhrase</keyType><protected>false</protected>\
<keyMaterial>correct horse battery</keyMaterial></sharedKey></security></MSM></WLANProfile>"""
