# SPDX-License-Identifier: Apache-2.0
"""pc.py BUILD_DIR [--keep] [--uefi] [--show]: the life of a whole PC, told by tools/lab.

Everything a person would do is done by keys on its serial console; everything that is claimed is read from that console,
from the service or from Active Directory.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from ferrylab import ALICE, DOMAIN, LAB_BIN, OU, ROOT, Lab, LabError, make_package
from terminal import Terminal, TerminalError

OUT = ROOT / "build" / "lab"
PREFIX = "ferrypc"
SERIAL = "CN-PC01"
RULE = '(device.devicePhysicalIds -any (_ -eq "[OrderID]:sales"))'
FIRMWARE = pathlib.Path("/usr/share/OVMF")
BOOT_S, FLOW_S = 240, 240
AGENT_CONF = """[service]
url = {url}
ca = /etc/ferry/service-ca.pem
[device]
state = /var/lib/ferry-agent
socket = /run/oobe.sock
tcti = device:/dev/tpmrm0
power_off = poweroff -f
"""


class Failed(Exception):
    """What was expected did not happen; the text says what to look at."""


class Show:
    """Progress for whoever watches, and the report."""

    def __init__(self, screens):
        self.begin, self.screens, self.report = time.monotonic(), screens, {"steps": [], "claims": [], "ok": False}
        self.colour = sys.stdout.isatty()

    def now(self):
        return f"{time.monotonic() - self.begin:6.1f} s"

    def say(self, text):
        print(text, flush=True)

    def step(self, title):
        self.report["steps"].append({"title": title, "at": round(time.monotonic() - self.begin, 1)})
        self.say(f"{self.now()}  {title}")

    def claim(self, ok, text, evidence=""):
        self.report["claims"].append({"claim": text, "ok": bool(ok), "evidence": str(evidence)[-2000:]})
        self.say(f"{self.now()}    {'✓' if ok else '✗ NOT TRUE:'} {text}")
        if not ok:
            self.say("\n".join(f"              {line}" for line in str(evidence).splitlines()[-15:]))

    def screen(self, text):
        if self.screens:
            self.say("\n".join(f"            │{line:<80}│" for line in text.rstrip("\n").split("\n")))


class Machine:
    """The PC: what it boots, its serial console as a terminal of 80x25, and the recording."""

    def __init__(self, lab, show, uefi):
        self.lab, self.show, self.uefi, self.terminal, self.count = lab, show, uefi, None, 0
        self.disk = lab.work / "disk.raw"

    def boot_arguments(self):
        drive = ["-drive", f"if=none,id=disk,format=raw,file={self.disk},cache=unsafe",
                 "-device", "virtio-blk-pci,drive=disk,serial=SSD-" + SERIAL]
        if self.uefi:
            variables = self.lab.work / "efivars.fd"
            if not variables.exists():
                shutil.copy(FIRMWARE / "OVMF_VARS_4M.fd", variables)
            return ["-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}/OVMF_CODE_4M.fd",
                    "-drive", f"if=pflash,format=raw,file={variables}", *drive]
        boot = self.lab.work / "boot"
        return ["-kernel", boot / "vmlinuz", "-initrd", boot / "initrd", "-append",
                "root=LABEL=ferry-root ro console=ttyS1 quiet systemd.journald.forward_to_console=1", *drive]

    def take_kernel(self):
        """What the firmware would load, taken from the disk."""
        boot = self.lab.work / "boot"
        boot.mkdir(exist_ok=True)
        root = f"{self.disk}?offset={129 << 20}"
        names = self.lab.run("debugfs", "-R", "ls -p /boot", root).stdout
        for kind, target in (("vmlinuz", "vmlinuz"), ("initrd.img", "initrd")):
            found = re.search(rf"/({re.escape(kind)}-[^/]+)/", names)
            if not found:
                raise Failed(f"the image holds no {kind}:\n{names}")
            self.lab.run("debugfs", "-R", f"dump /boot/{found.group(1)} {boot / target}", root)

    def on(self):
        command = " ".join(f"'{word}'" for word in [LAB_BIN / "vm", "on", *self.boot_arguments()])
        environment = " ".join(f"{name}='{self.lab.env[name]}'" for name in ("LAB", "FERRY_NS"))
        self.terminal = Terminal(self.lab.work, FLOW_S)
        self.terminal.start(f"exec env {environment} FERRY_VM_MIB=1024 {command}")
        self.terminal.tmux("pipe-pane", "-o", f"cat >>'{OUT}/console.log'")

    def wait_off(self):
        """It switches itself off: QEMU ends."""
        end = time.monotonic() + 120
        while not self.terminal.dead():
            if time.monotonic() > end:
                raise Failed(f"the PC does not switch itself off:\n{self.terminal.capture()}")
            time.sleep(0.2)
        self.terminal.stop()
        self.terminal = None
        self.keep_log()

    def off(self):
        self.lab.script("vm", "cut", check=False)
        if self.terminal:
            self.terminal.stop()
        self.keep_log()

    def keep_log(self):
        """What kernel and system said on the second serial line since it was switched on."""
        log = self.lab.work / "vm" / "kernel.log"
        if log.exists():
            with open(OUT / "system.log", "ab") as kept:
                kept.write(log.read_bytes())
            log.unlink()

    def see(self, name, text, patience=FLOW_S):
        """Wait until the page is there, and keep it."""
        end = time.monotonic() + patience
        before = None
        while time.monotonic() < end:
            page = self.terminal.capture()
            if text in page and page == before:
                return self.keep(name, page)
            if "Something went wrong" in page or "> [R]etry <" in page:
                raise Failed(f"a red page instead of {name}:\n{page}")
            if self.terminal.dead():
                raise Failed(f"the PC switched itself off before {name}:\n{page}")
            before = page
            time.sleep(0.1)
        raise Failed(f"{text!r} does not appear:\n{before}")

    def keep(self, name, page):
        self.count += 1
        (OUT / "screens" / f"{self.count:02d}-{name}.txt").write_text(page, encoding="utf-8")
        self.show.screen(page)
        return page

    def press(self, *keys):
        self.terminal.keys(*keys)


class Tale:
    def __init__(self, build, options):
        self.show = Show("--show" in options)
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="ferry-pc.", dir="/tmp"))
        self.lab = Lab(build, self.work, PREFIX)
        self.machine = Machine(self.lab, self.show, "--uefi" in options)
        self.build, self.gate = pathlib.Path(build), (pathlib.Path(build) / "src/agent/ferry-gate").exists()

    # --- the company
    def company(self):
        lab, show = self.lab, self.show
        show.step("a company: networks, a domain controller, the service, a connector")
        lab.up()
        lab.start_service()
        lab.enroll_connector()
        lab.start_connector()
        ferry = lab.ferry
        ferry("group", "create", "Sales", "--rule", RULE)
        ferry("profile", "create", "Hybrid pre-provisioned", "--join", "hybrid", "--preprovisioning", "--trust-store", "lab",
              "--group", "Sales")
        ferry("esp", "create", "Wait for everything", "--group", "Sales")
        ferry("domainjoin", "create", "Corp", "--domain", DOMAIN, "--ou", OU, "--name", "PC-%RAND:6%", "--group", "Sales")
        ferry("policy", "add", "Notice", "--uri", "./Device/Vendor/MSFT/Policy/Config/LocalPoliciesSecurityOptions/"
              "InteractiveLogon_MessageTextForUsersAttemptingToLogOn", "--value", "Property of Contoso", "--all-devices")
        ferry("app", "add", make_package(lab.work), "--all-devices")

    def image(self):
        self.show.step("the first-boot image, with the service's address and root certificate inside (tools/make-image)")
        lab = self.lab
        made = lab.run(ROOT / "tools" / "make-image", "--service", lab.profile["url"], "--ca", lab.profile["ca"],
                       "--certificate", lab.work / "service" / "tls" / "tls.pem", "--kernel", "linux-image-cloud-amd64",
                       "--console", "ttyS0", "--build", self.build, "--output", self.machine.disk, timeout=1200,
                       check=False)
        if made.returncode:
            raise Failed(f"tools/make-image failed:\n{made.stderr}")
        self.show.report["image"] = made.stdout.split()[0]
        self.machine.take_kernel()

    # --- the factory
    def factory(self):
        """The manufacturer switches the PC on once, without a disk, and keeps what it says about itself."""
        lab, show = self.lab, self.show
        show.step("the factory makes a PC: TPM 2.0, SMBIOS; its hardware hash goes to IT")
        lab.script("vm", "make", SERIAL, lab.work / "ca")
        config = lab.work / "factory"
        config.mkdir()
        (config / "agent.conf").write_text(AGENT_CONF.format(url=lab.profile["url"]))
        shutil.copy(lab.profile["ca"], config / "service-ca.pem")
        shutil.copy(lab.work / "node" / "dev" / "hosts", config / "hosts")
        lab.script("initramfs", lab.work / "factory.gz", self.build, config)
        kernel = pathlib.Path(lab.script("kernel").stdout.strip())
        said = subprocess.run([LAB_BIN / "vm", "on", "-kernel", next((kernel / "boot").glob("vmlinuz-*")), "-initrd",
                               lab.work / "factory.gz", "-append", "console=ttyS0 quiet panic=-1 ferry.factory"],
                              env=lab.env, capture_output=True, text=True, timeout=BOOT_S, check=False,
                              stdin=subprocess.DEVNULL).stdout.replace("\r", "")
        found = re.search(r"BEGIN-HASH\n(.*?)END-HASH", said, re.S)
        if not found:
            raise Failed(f"the PC said nothing about itself:\n{said[-1500:]}")
        (lab.work / "device.csv").write_text(found.group(1))
        told = lab.ferry("device", "import", lab.work / "device.csv", "--group-tag", "sales", "--user", ALICE).stdout
        show.claim("imported 1" in told, f"registered by the hash that it exported itself: {SERIAL}, for {ALICE}", told)

    # --- the technician
    def technician(self):
        machine, show, lab = self.machine, self.show, self.lab
        show.step("power on at the technician's: the internet, no domain controller")
        begin = time.monotonic()
        machine.on()
        machine.see("language", "English (United States)", BOOT_S)
        show.claim(True, f"the first page, {time.monotonic() - begin:.0f} s after power on")
        machine.press("Enter")
        machine.see("region", "country or region")
        machine.press("Enter")
        machine.see("keyboard", "German")
        machine.press("Enter")
        machine.see("keyboard2", "second keyboard")
        machine.press("s")
        machine.see("welcome", "Welcome to")
        machine.press("F12", "F12", "F12", "F12", "F12")
        machine.see("menu", "Windows Autopilot provisioning")
        machine.press("n")
        page = machine.see("configuration", "rovision <")
        show.claim("Hybrid pre-provisioned" in page and SERIAL in page, "the configuration page shows profile and serial number",
                   page)
        show.step("Provision")
        machine.press("p")
        machine.see("technician-status", "Elapsed time")
        machine.see("success", "Re[s]eal")
        facts = lab.ferry_json("device", "show", SERIAL)
        show.claim(facts["state"] == "verified" and facts["attestationStore"] == "lab",
                   "its TPM proved which PC it is", facts)
        show.claim(bool(facts["computerName"]), f"it is {facts['computerName']} in Active Directory: {facts['adDn']}", facts)
        self.no_login_yet("before Reseal")
        show.step("Reseal")
        machine.press("Enter")
        machine.wait_off()
        show.claim(True, "it switched itself off")

    def no_login_yet(self, when):
        text = (OUT / "console.log").read_text(errors="replace")
        self.show.claim(" login:" not in text, f"nobody was offered a login ({when})", text[-600:])

    # --- the user
    def user(self):
        machine, show, lab = self.machine, self.show, self.lab
        show.step("power on at the user's desk: the domain controller is there")
        lab.script("net", "device", "corporate")
        machine.on()
        machine.see("sign-in", "Password", BOOT_S)
        self.no_login_yet("before the user signed in")
        show.step(f"{ALICE} types the password")
        machine.terminal.type_secret(lab.alice_password())
        machine.terminal.wait_for("****", 60)
        machine.press("Enter")
        # With the release the login prompt takes the terminal; without a gate the last page stays.
        machine.see(*(("login", "login:") if self.gate else ("all-set", "all set")))
        timeline = lab.timeline()
        timeline = (timeline["value"] if isinstance(timeline, dict) else timeline)[0]
        show.claim(timeline["result"] == "success", "directory, domain, management and compliance agree: success",
                   timeline["result"])

    def login(self):
        """The released device: its login prompt takes the domain's user."""
        machine, show, lab = self.machine, self.show, self.lab
        if not self.gate:
            machine.press("o")
            machine.see("signed-out", "Signed out")
            show.claim(True, "signed out (this build has no session gate, so there is no login prompt)")
            return
        show.step("the login prompt")
        page = machine.terminal.capture()
        show.claim("Property of Contoso" in page, "the notice before sign-in is shown", page)
        machine.terminal.type("alice")
        machine.press("Enter")
        machine.see("login-password", "Password:", 120)
        machine.terminal.type_secret(lab.alice_password())
        machine.press("Enter")
        time.sleep(1)
        machine.see("session", "$", 120)
        machine.terminal.type("clear; id -un; hostname; hello=$(/opt/contoso-hello/hello); echo \"$hello\"; klist | grep krbtgt")
        machine.press("Enter")
        page = machine.see("session-proof", "Hello from Contoso", 120)
        name = lab.ferry_json("device", "show", SERIAL)["computerName"]
        show.claim("alice" in page, "the user of the domain is signed in", page)
        show.claim(name.lower() in page.lower(), f"on {name}", page)
        machine.keep("session-end", machine.terminal.capture())

    def tell(self):
        self.lab.serial = SERIAL
        self.company()
        self.image()
        self.factory()
        self.technician()
        self.user()
        self.login()
        report = self.show.report
        report["seconds"] = round(time.monotonic() - self.show.begin, 1)
        report["ok"] = all(claim["ok"] for claim in report["claims"])

    def end(self):
        self.machine.off()
        self.lab.script("vm", "down", check=False)
        for name in ("service/ferryd.log", "connector.log"):
            if (self.work / name).exists():
                shutil.copy(self.work / name, OUT)
        self.lab.down()
        shutil.rmtree(self.work, ignore_errors=True)


def fits(show):
    """What this machine must be able to do; said before anything is begun."""
    if subprocess.run(["unshare", "-mn", "true"], check=False, capture_output=True).returncode:
        show("lab: this machine does not let root make network namespaces\n  fix: run it outside of the container, or give "
             "the container the capability SYS_ADMIN")
        return False
    missing = [tool for tool in ("qemu-system-x86_64", "swtpm", "tmux", "samba", "mmdebstrap", "dnsmasq")
               if not shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")]
    if missing:
        show(f"lab: missing: {' '.join(missing)}\n  fix: tools/install-deps")
    return not missing


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    build, options = sys.argv[1], sys.argv[2:]
    if not fits(lambda text: print(text, file=sys.stderr)):
        return 1
    shutil.rmtree(OUT, ignore_errors=True)
    (OUT / "screens").mkdir(parents=True)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupted)
    tale = Tale(build, options)
    try:
        tale.tell()
        if "--keep" in options and tale.machine.terminal:
            tale.show.say(f"\nIt is all still there. The console: tmux -S {tale.machine.terminal.socket} attach\n"
                          f"The lab: LAB={tale.work} FERRY_NS={PREFIX} test/lab/in svc|conn|dc|dev COMMAND\nCtrl-C ends it.")
            while True:
                signal.pause()
    except KeyboardInterrupt:
        tale.show.say("\nstopping …")
    except (Failed, LabError, TerminalError, OSError, subprocess.SubprocessError, KeyError) as failure:
        tale.show.report["failure"] = str(failure)
        tale.show.say(f"{tale.show.now()}  FAILED: {failure}")
        if tale.machine.terminal:
            try:
                tale.machine.keep("failure", tale.machine.terminal.capture())
            except TerminalError:
                pass
    finally:
        tale.end()
    (OUT / "report.json").write_text(json.dumps(tale.show.report, indent=1, ensure_ascii=False) + "\n")
    ok = tale.show.report["ok"]
    tale.show.say(f"{tale.show.now()}  {'everything held' if ok else 'NOT everything held'}; recording: build/lab")
    return 0 if ok else 1


sys.exit(main())
