# SPDX-License-Identifier: Apache-2.0
"""demo.py BUILD_DIR | stop: the driver behind tools/demo. Shows the story (story.py) step by step, then stays until Ctrl-C.

Evidence goes to build/demo: report.json, screens/*.txt, logs/. With ONCE=1 it ends by itself; the exit status is 0 only
when everything was proved.
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
import textwrap
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import story as tale
from ferrylab import LAB_BIN, ROOT, Lab, LabError, start_time

OUT = ROOT / "build" / "demo"
PREFIX = os.environ.get("FERRY_NS", "ferrydemo")
SHOWN_LINES = 6


class Show(tale.Observer):
    """Tells the story to a person."""

    def __init__(self):
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        paint = (lambda code: lambda text: f"\x1b[{code}m{text}\x1b[0m") if colour else (lambda code: str)
        self.bold, self.green, self.red, self.dim = paint("1"), paint("32"), paint("31"), paint("2")
        self.proofs = 0

    def say(self, text=""):
        print(text, flush=True)

    def step_begins(self, number, title):
        self.say(f"\n{self.bold(f'[{number:2}/{len(tale.STEPS)}] {title}')}")

    def step_ended(self, ok, seconds):
        self.say(f"        {self.green('done') if ok else self.red('NOT PROVED')} in {seconds:.1f} s")

    def note(self, text):
        self.say(f"        · {text}")

    def screen(self, title, text):
        self.say(f"\n        {title}:")
        self.say("        ┌" + "─" * 80 + "┐")
        for line in text.rstrip("\n").split("\n"):
            self.say("        │" + line + " " * max(0, 80 - len(line)) + "│")
        self.say("        └" + "─" * 80 + "┘\n")

    def listing(self, title, text):
        self.say(f"\n        $ {title}\n" + textwrap.indent(text.rstrip(), "        │ ") + "\n")

    def proof(self, claim, ok, command, output):
        self.proofs += ok
        self.say(f"        {self.green('✓') if ok else self.red('✗ NOT TRUE:')} {claim}")
        # Signing in comes before many commands; what is asked matters.
        short = re.sub(r"\$ KRB5CCNAME=.*?kinit[^&]*&& ", "$ ", command)
        self.say(self.dim(f"            {short if not ok or len(short) <= 150 else short[:147] + '…'}"))
        if ok:
            return
        for line in output.splitlines()[-SHOWN_LINES:]:
            self.say(self.dim(f"            {line[:160]}"))


def work_dir():
    """Where the demo that runs, or one that was interrupted, keeps everything; None when there is none."""
    link = OUT / "lab"
    return pathlib.Path(os.readlink(link)) if link.is_symlink() else None


def running():
    try:
        pid, started = (OUT / "pid").read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if start_time(pid) == started else None


def new_work_dir():
    # Short and private: sockets have short names, and the lab holds the domain's keys.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ferry-demo.", dir="/tmp"))
    (OUT / "lab").symlink_to(folder)
    return folder


def throw_away(folder):
    if folder and folder.is_dir():
        Lab("/", folder, PREFIX).down()
        shutil.rmtree(folder, ignore_errors=True)
    (OUT / "lab").unlink(missing_ok=True)


def stop():
    pid = running()
    if pid:
        os.kill(pid, signal.SIGTERM)
        for _ in range(300):
            if not running():
                break
            time.sleep(0.1)
    throw_away(work_dir())
    (OUT / "pid").unlink(missing_ok=True)
    print("The demo is stopped.")
    return 0


def write_helper(name, command):
    """A short name for a command inside the lab."""
    path = OUT / name
    path.write_text(f"#!/bin/sh\nexec env {command} \"$@\"\n")
    path.chmod(0o700)
    return path.relative_to(ROOT)


def write_helpers(lab):
    env = f"LAB='{lab.work}' FERRY_NS='{PREFIX}'"
    on = f"{env} '{LAB_BIN}/in'"
    write_helper("on", on)
    write_helper("device", f"{env} '{LAB_BIN}/device' run")
    write_helper("ferry", f"{on} svc '{lab.program('cli', 'ferry')}' --profile '{lab.work}/service/service.json'")
    write_helper("ldapsearch", f"{on} conn sh -c 'export KRB5CCNAME=FILE:{lab.work}/look.cc; kinit -k -t "
                 f"{lab.work}/dc/secrets/svc-odj.keytab svc-odj && exec ldapsearch -Q -N -LLL -Y GSSAPI -H "
                 f"ldap://dc1.{tale.DOMAIN} -b {tale.BASE} \"$@\"' ldapsearch")


def keep_logs(lab):
    logs = OUT / "logs"
    logs.mkdir(exist_ok=True)
    for name in ("service/ferryd.log", "service/signer.log", "connector.log", "pc/agent.log", "dc/log/log.samba"):
        if (lab.work / name).exists():
            shutil.copy(lab.work / name, logs)


def summary(show, story, seconds):
    report, device = story.report, story.report["device"]
    show.say("\n" + "─" * 90)
    if not story.proved():
        wrong = [p["claim"] for p in report["proofs"] if not p["ok"]]
        show.say(show.red("NOT everything was proved."))
        for line in wrong:
            show.say(f"  ✗ {line}")
        if "failure" in report:
            show.say(textwrap.indent(report["failure"], "  "))
        show.say("  Evidence: build/demo/report.json, build/demo/screens, build/demo/logs")
        return
    show.say(show.bold("What you have just seen"))
    show.say(textwrap.dedent(f"""\
      A PC was registered by its hardware hash, before anybody had switched it on. A technician, who knows no
      password and had no connection to the company's domain controller, made it ready in \
{report['technicianFlow']['seconds']:.0f} s: its TPM
      proved which PC it is, it was enrolled in management, became {device['computerName']} in Active Directory by a
      blob that only its TPM can open, and got policies, a certificate, a wireless network and an app.
      Its user signed in at the desk ({report['userFlow']['seconds']:.0f} s) and found a PC that Active Directory, directory,
      management and compliance agree about: {json.dumps(report['joinState'])}.

      Real parts: ferryd, ferry-signer, ferry-connector, ferry-agentd, ferry-oobe, a Samba domain controller, a
      software TPM 2.0 and separate networks. {show.proofs} claims were proved, most with tools that are not Ferry's.
      The whole story took {seconds:.0f} s. Evidence: build/demo/report.json, build/demo/screens, build/demo/logs"""))


def look_around(show, lab):
    show.say("\n" + show.bold("It is all still running. Look around, in another terminal:"))
    show.say(textwrap.dedent(f"""\
      service           {lab.profile['url']}   (inside the demo's own network; root certificate: {lab.profile['ca']})
      administrator     build/demo/ferry device show {tale.SERIAL}        build/demo/ferry device timeline {tale.SERIAL}
                        build/demo/ferry --help
      Active Directory  build/demo/ldapsearch '(objectClass=computer)'
      on the device     build/demo/device ferry-agentd status       build/demo/device bash
      on another node   build/demo/on svc|conn|dc|dev COMMAND
      its screen        build/demo/device ferry-oobe --socket /run/ferry/oobe.sock
      logs              {lab.work}/service/ferryd.log, …/connector.log, …/pc/agent.log
      stop              Ctrl-C here, or: tools/demo stop"""))


def tell(build, once):
    show, begin = Show(), time.monotonic()
    show.say(show.bold("Ferry: one PC on its way from the factory to its user. Everything you see is real."))
    lab = Lab(build, new_work_dir(), PREFIX)
    story = tale.Story(lab, OUT, show)
    try:
        show.note("building the company: networks, a domain controller (the very first time this takes a minute)")
        tale.prepare(story)
        story.report["preparationSeconds"] = round(time.monotonic() - begin, 2)
        story.tell()
    except LabError as failure:
        story.report["failure"] = str(failure)
    finally:
        (OUT / "report.json").write_text(json.dumps(story.report, indent=1, ensure_ascii=False) + "\n")
        keep_logs(lab)
    summary(show, story, time.monotonic() - begin)
    if not once and story.proved():
        write_helpers(lab)
        look_around(show, lab)
        try:
            while True:
                signal.pause()
        except KeyboardInterrupt:
            print("\nstopping …")
    return 0 if story.proved() else 1


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    if sys.argv[1:] == ["stop"]:
        return stop()
    if running():
        print("demo: it is running already (tools/demo stop)", file=sys.stderr)
        return 1
    if subprocess.run(["unshare", "-mn", "true"], check=False, capture_output=True).returncode:
        print("demo: this machine does not let root make network namespaces (a container without privileges?)",
              file=sys.stderr)
        return 1
    throw_away(work_dir())
    for leftover in ("screens", "logs"):
        shutil.rmtree(OUT / leftover, ignore_errors=True)
    (OUT / "report.json").unlink(missing_ok=True)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "pid").write_text(f"{os.getpid()} {start_time(os.getpid())}")
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, interrupted)
    try:
        return tell(pathlib.Path(sys.argv[1]), os.environ.get("ONCE") == "1")
    except KeyboardInterrupt:
        print("\nstopping …")
        return 130
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        throw_away(work_dir())
        (OUT / "pid").unlink(missing_ok=True)


sys.exit(main())
