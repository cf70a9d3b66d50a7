# SPDX-License-Identifier: Apache-2.0
"""The life of one PC in the eleven steps of Autopilot's hybrid tutorial (behaviour K20), from an empty service to a user
who is signed in, with a proof for everything that is claimed. The demo shows it, test/system/e2e asserts it.

Each proof is a command that anybody can repeat; most of the commands are not Ferry's. A claim that does not hold is
recorded and the story goes on, so that one run shows everything; a step that cannot be done ends it.
"""
import base64
import gzip
import json
import pathlib
import re
import shlex
import subprocess
import time

from ferrylab import ALICE, DOMAIN, LAB_BIN, OU, WLAN_XML, LabError, make_package
from terminal import Terminal, TerminalError, decode_qr, render

SERIAL = "CN-0001"
PSK = "correct horse battery"
DC = "10.66.0.10"
BASE = "DC=corp,DC=example,DC=com"
NOTICE = "./Device/Vendor/MSFT/Policy/Config/LocalPoliciesSecurityOptions/InteractiveLogon_MessageTextForUsersAttemptingToLogOn"
IDLE = "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"
PRINTER = "./User/Vendor/MSFT/Policy/Config/Education/DefaultPrinterName"
RULE = '(device.devicePhysicalIds -any (_ -eq "[OrderID]:sales"))'
AS_CONNECTOR = "KRB5CCNAME=FILE:$(mktemp) && export KRB5CCNAME && kinit -k -t {keytab} {who} && "

# Every row of the Enrollment Status Page, as it is named in events.
ROWS = {"devicePreparation": ("securing", "joining", "registering", "preparing"),
        "deviceSetup": ("policies", "certificates", "networks", "apps"),
        "accountSetup": ("accountJoining", "accountPolicies", "accountCertificates", "accountNetworks", "accountApps")}


class Observer:
    """Who watches the story. This one does not."""

    def step_begins(self, number, title):
        pass

    def step_ended(self, ok, seconds):
        pass

    def note(self, text):
        pass

    def screen(self, title, text):
        pass

    def listing(self, title, text):
        pass

    def proof(self, claim, ok, command, output):
        pass


class Story:
    """Tells itself to `observer`, keeps screens in `folder`/screens and what it found in `report`."""

    def __init__(self, lab, folder, observer, store_url=None):
        self.lab, self.observer, self.store_url = lab, observer, store_url
        self.folder = pathlib.Path(folder)
        (self.folder / "screens").mkdir(parents=True, exist_ok=True)
        self.screens = {}
        self.terminal = None
        self.hooks = {}  # name of a moment -> what a test wants to do in it
        self.report = {"steps": [], "device": {}, "joinState": {}, "technicianFlow": {}, "userFlow": {}, "proofs": []}

    # --- telling
    def tell(self):
        """All of it. True when every step was done and every claim holds."""
        try:
            for number, (title, step) in enumerate(STEPS, 1):
                self._step(number, title, step)
        except (LabError, TerminalError, OSError, subprocess.SubprocessError, ValueError, KeyError) as failure:
            self.report["failure"] = self.masked(str(failure))
            return False
        finally:
            self.close_terminal()
        return self.proved()

    def proved(self):
        return len(self.report["steps"]) == len(STEPS) and all(s["ok"] for s in self.report["steps"]) and all(
            p["ok"] for p in self.report["proofs"])

    def _step(self, number, title, step):
        begin, before = time.monotonic(), len(self.report["proofs"])
        self.observer.step_begins(number, title)
        entry = {"name": title, "ok": False, "seconds": 0}
        self.report["steps"].append(entry)
        try:
            step(self)
            entry["ok"] = all(p["ok"] for p in self.report["proofs"][before:])
        finally:
            entry["seconds"] = round(time.monotonic() - begin, 2)
            self.observer.step_ended(entry["ok"], entry["seconds"])

    def moment(self, name):
        if name in self.hooks:
            self.hooks[name]()

    def masked(self, text):
        for secret in (PSK, self._alice_password()):
            text = text.replace(secret, "********") if secret else text
        return text

    def _alice_password(self):
        try:
            return self.lab.alice_password()
        except OSError:
            return ""

    # --- claims
    def claim(self, claim, ok, command, output):
        command, output = self.masked(command), self.masked(output.strip())
        self.report["proofs"].append({"claim": claim, "command": command, "output": output, "ok": bool(ok)})
        self.observer.proof(claim, bool(ok), command, output)
        return bool(ok)

    def show(self, claim, where, script, wanted=None, refused=False, text=None):
        """A claim by a shell command on a node or the device: `wanted` (a regular expression) is in the output, and it
        succeeded, or, for what must be refused, failed."""
        runner = self.lab.device if where == "device" else lambda *c, **o: self.lab.at(where, *c, **o)
        done = runner("bash", "-c", script, check=False, text=text)
        output = done.stdout + done.stderr
        ok = (done.returncode != 0) == refused and (wanted is None or re.search(wanted, output, re.M | re.I))
        self.claim(claim, ok, f"{where}$ {self.readable(script)}", output)
        return output

    def readable(self, script):
        return script.replace(str(self.lab.work), "$LAB").replace(str(self.lab.build), "$BUILD")

    def ferry(self, *arguments, **options):
        return self.lab.ferry(*arguments, **options)

    def show_ferry(self, claim, wanted, *arguments):
        done = self.ferry(*arguments, check=False)
        output = done.stdout + done.stderr
        ok = done.returncode == 0 and all(re.search(w, output, re.M) for w in wanted)
        self.claim(claim, ok, "ferry " + self.readable(shlex.join(map(str, arguments))), output)
        return output

    def device_facts(self):
        return self.lab.ferry_json("device", "show", SERIAL)

    def deployment(self):
        timeline = self.lab.timeline()
        return (timeline["value"] if isinstance(timeline, dict) and "value" in timeline else timeline)[0]

    def sql(self, query):
        """Ask the service's database behind its back."""
        if self.store_url:
            return self.lab.run("psql", "-XAt", "-d", self.store_url, "-c", query)
        return self.lab.run("sqlite3", "-readonly", self.lab.work / "service" / "ferry.db", query)

    def claim_sql(self, claim, query, wanted):
        output = self.sql(query).stdout.strip()
        tool = "psql" if self.store_url else "sqlite3 ferry.db"
        self.claim(claim, output == wanted, f"{tool} {shlex.quote(query)}", output)

    def as_account(self, who, command):
        keytab = self.lab.work / "dc" / "secrets" / f"{who}.keytab"
        return AS_CONNECTOR.format(keytab=keytab, who=who) + command

    # --- the person at the device
    def open_terminal(self):
        """ferry-oobe on the device, in a real terminal of 80x25."""
        self.terminal = Terminal(self.lab.work, 20)
        variables = " ".join(f"{name}={shlex.quote(self.lab.env[name])}" for name in ("LAB", "FERRY_NS"))
        self.terminal.start(f"exec env {variables} LC_ALL=C.UTF-8 {shlex.quote(str(LAB_BIN / 'device'))} run "
                            "ferry-oobe --socket /run/ferry/oobe.sock")

    def close_terminal(self):
        if self.terminal:
            self.terminal.stop()
            self.terminal = None

    def see(self, name, text, title=None, patience=None):
        """Wait for a page, photograph it, and show it when it has a title."""
        page = self.terminal.wait_for(text, patience)
        self.keep(name, page)
        if title:
            self.observer.screen(title, page)
        return page

    def keep(self, name, page):
        self.screens[name] = page
        (self.folder / "screens" / f"{name}.txt").write_text(page, encoding="utf-8")

    def press(self, *keys):
        self.observer.note("keys: " + " ".join(keys))
        self.terminal.keys(*keys)

    def watch_progress(self, name, *until, timeout=90):
        """Photograph the status page again and again while it works; the last photograph is kept."""
        end = time.monotonic() + timeout
        while self.lab.screen()["screen"] not in until:
            if time.monotonic() > end:
                raise LabError(f"no page {until} within {timeout} s:\n{self.terminal.capture()}")
            page = self.terminal.capture()
            # Only a page that has been there for two looks is whole.
            time.sleep(0.05)
            if "Elapsed time" in page and page == self.terminal.capture():
                self.keep(name, page)
            if self.lab.screen()["screen"] == "failure":
                raise LabError("setup failed:\n" + self.terminal.wait_for("Retry"))
        return self.lab.screen()

    def show_progress(self, name, title, message):
        """The photograph; of a page that stood too short for one, what the same program draws for the same message."""
        if name in self.screens:
            self.observer.screen(title, self.screens[name])
            return
        self.keep(name, render(self.lab.program("oobe", "ferry-oobe"), message, "Elapsed time"))
        self.observer.screen(f"{title} (drawn again from the agent's last message: it went by too fast)", self.screens[name])

    def last_message(self, name):
        """The newest page of that name that the agent sent."""
        return next(s for s in reversed(self.lab.screens) if s["screen"] == name)


# --- steps 1 to 9: the administrator

def prepare(story):
    """Networks and a domain controller: the company, before Ferry comes to it."""
    story.lab.up()


def automatic_enrolment(story):
    lab = story.lab
    lab.start_service()
    curl = f"curl -sS --cacert {lab.profile['ca']} {lab.profile['url']}"
    story.show("The deployment service is ready: database and signer answer", "conn", f"{curl}/readyz", "^ready")
    story.show("Devices discover management by themselves (MS-MDE2)", "conn",
               f"{curl}/EnrollmentServer/Discovery.svc -o /dev/null -w 'HTTP %{{http_code}}'", "HTTP 200")
    story.show("A client without the service's root certificate does not trust it", "conn",
               f"curl -sS {lab.profile['url']}/readyz", "certificate", refused=True)


def connector(story):
    lab = story.lab
    lab.enroll_connector()
    lab.start_connector()
    story.show("The connector reaches the service and the domain, and may create computers in one OU", "conn",
               f"{lab.program('connector', 'ferry-connector')} --config {lab.work}/connector/connector.conf --self-test",
               r"^ok\s+ou OU=Autopilot")


def quota(story):
    lab = story.lab
    # Zero: nobody may join computers by quota, so that every account below was made by the delegated right.
    lab.at("dc", "ldbmodify", "-H", "/run/samba/ferry-dc/private/sam.ldb",
           text=f"dn: {BASE}\nchangetype: modify\nreplace: ms-DS-MachineAccountQuota\nms-DS-MachineAccountQuota: 0\n")
    search = f"ldapsearch -Q -N -LLL -Y GSSAPI -H ldap://dc1.{DOMAIN} -b {BASE} -s base ms-DS-MachineAccountQuota"
    story.show("The domain's quota for joining computers is 0: no account can be made by quota", "conn",
               story.as_account("svc-odj", search), "ms-DS-MachineAccountQuota: 0")
    add = ("printf 'dn: CN=PC-TRY,{ou}," + BASE + "\\nobjectClass: computer\\nsAMAccountName: PC-TRY$\\n"
           "userAccountControl: 4096\\n' | ldapadd -Q -N -Y GSSAPI -H ldap://dc1." + DOMAIN)
    story.show("The connector's account may not create computers in another OU", "conn",
               story.as_account("svc-odj", add.format(ou="OU=Other")), "Insufficient access", refused=True)
    story.show("Another account may not create computers in the connector's OU", "conn",
               story.as_account("norights", add.format(ou="OU=Autopilot")), "Insufficient access", refused=True)


def register(story):
    lab = story.lab
    lab.make_device(SERIAL)
    story.observer.note("a PC with a TPM 2.0 was manufactured; it has never been switched on")
    csv = lab.device("/usr/sbin/ferry-agentd", "--export-hash").stdout
    (lab.work / "device.csv").write_text(csv)
    story.claim("The device exports its own hardware hash", csv.startswith("Device Serial Number,") and SERIAL in csv,
                "device$ ferry-agentd --export-hash", "\n".join(line[:100] + "…" for line in csv.splitlines()))
    story.show_ferry("Its CSV registers it with the group tag \"sales\"", ["imported 1, existing 0, failed 0"],
                     "device", "import", lab.work / "device.csv", "--group-tag", "sales")


def group(story):
    story.ferry("group", "create", "Sales", "--rule", RULE)
    story.show_ferry("A rule on the tag made it a member of group Sales, and the service says why",
                     ["Sales", "matches the rule"], "device", "show", SERIAL)


def make_root(folder):
    """A root certificate of the company, and a server certificate that it issued."""
    openssl = lambda *a, text=None: subprocess.run(["openssl", *a], check=True, capture_output=True, text=True, input=text)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/root.key", "-out", f"{folder}/root.pem",
            "-subj", "/CN=Contoso Root", "-days", "365")
    request = openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/leaf.key", "-subj",
                      "/CN=intranet.corp.example.com").stdout
    return openssl("x509", "-req", "-CA", f"{folder}/root.pem", "-CAkey", f"{folder}/root.key", "-CAcreateserial", "-days",
                   "30", text=request).stdout


def status_page(story):
    lab = story.lab
    ferry = story.ferry
    ferry("esp", "create", "Wait for everything", "--logs", "yes", "--group", "Sales")
    story.leaf = make_root(lab.work)
    (lab.work / "wlan.xml").write_text(WLAN_XML)
    ferry("policy", "add", "Notice", "--uri", NOTICE, "--value", "Property of Contoso", "--group", "Sales")
    ferry("cert", "add", "Contoso Root", lab.work / "root.pem", "--all-devices")
    ferry("wifi", "add", "Contoso", "--ssid", "Contoso", "--file", lab.work / "wlan.xml", "--all-devices")
    ferry("app", "add", make_package(lab.work), "--group", "Sales")
    ferry("policy", "add", "Printer", "--uri", PRINTER, "--value", "floor3", "--all-users")
    story.show_ferry("An Enrollment Status Page holds the device until everything is there", ["Wait for everything"],
                     "esp", "list")
    story.observer.note("assigned: 1 policy, 1 root certificate, 1 wireless network, 1 app, 1 policy of the user")
    # What the deployment will change, before it.
    story.show("Before: the device does not trust the company's root certificate", "device",
               "openssl verify -CApath /etc/ssl/certs", "unable to get local issuer", refused=True, text=story.leaf)
    story.show("Before: the app is not installed", "device", "dpkg -l contoso-hello", "no packages found", refused=True)


def profile(story):
    story.ferry("profile", "create", "Hybrid pre-provisioned", "--join", "hybrid", "--preprovisioning", "--trust-store",
                "lab", "--group", "Sales")
    story.show_ferry("The deployment profile reaches the device through its group",
                     ["Deployment profile: Hybrid pre-provisioned\n  why: assigned to group \"Sales\""],
                     "device", "show", SERIAL)


def domain_join(story):
    story.ferry("domainjoin", "create", "Corp", "--domain", DOMAIN, "--ou", OU, "--name", "PC-%RAND:6%",
                "--disable-resealed", "yes", "--group", "Sales")
    story.show_ferry("So do the Enrollment Status Page and the domain-join profile",
                     ["Enrollment Status Page: Wait for everything\n  why: assigned", "Domain join: Corp\n  why: assigned"],
                     "device", "show", SERIAL)


def assign_user(story):
    story.ferry("device", "import", story.lab.work / "device.csv", "--group-tag", "sales", "--user", ALICE, check=False)
    text = story.show_ferry("The same CSV once more assigns the user; the device stays one device",
                            [f"User: +{ALICE}", "State: +claimed"], "device", "show", SERIAL)
    story.observer.listing(f"ferry device show {SERIAL}", text)
    story.report["device"] = {"serial": SERIAL, "ztdId": re.search(r"^Id: +(\S+)", text, re.M).group(1)}
    devices = story.lab.ferry_json("device", "list")
    devices = devices.get("value", devices) if isinstance(devices, dict) else devices
    story.claim("There is exactly one registered device", len(devices) == 1, "ferry -o json device list | jq length",
                str(len(devices)))


# --- step 10: the technician

def dc_reachable(story, claim, reachable):
    story.show(claim, "device", f"timeout 3 bash -c ': </dev/tcp/{DC}/389' && echo connected",
               "connected" if reachable else "unreachable|timed out|^$", refused=not reachable)


def first_pages(story):
    story.see("01-language", "English (United States)")
    story.press("Enter")
    story.see("02-region", "country or region")
    story.press("Enter")
    story.see("02-keyboard", "German")
    story.press("Enter")
    story.see("02-keyboard2", "second keyboard")
    story.press("s")
    story.see("03-welcome", "Welcome to")
    story.press("F12", "F12", "F12", "F12", "F12")
    story.see("04-menu", "Windows Autopilot provisioning")
    story.press("n")


def configuration_page(story):
    page = story.see("05-configuration", "rovision <", "The technician's configuration page")
    story.press("r")
    page = story.see("05-configuration-refreshed", "downloaded again")
    code = decode_qr(page, story.lab.work) or ""
    story.claim("The QR code on the screen names this device", story.report["device"]["ztdId"] in code,
                "zbarimg --raw (a picture of the screen)", code)
    for fact in ("Contoso", "Hybrid pre-provisioned", ALICE, SERIAL):
        if fact not in page:
            story.claim(f"The configuration page shows {fact}", False, "screen", page)


def technician(story):
    lab = story.lab
    story.report["technicianFlow"] = {"result": "failed", "seconds": 0}
    story.moment("switched_off")
    story.observer.note("power on; the device is plugged into the internet, not into the company's network")
    lab.boot()
    story.open_terminal()
    first_pages(story)
    configuration_page(story)
    dc_reachable(story, "The device cannot reach the domain controller", False)
    story.moment("before_provision")
    begin = time.monotonic()
    story.press("p")
    story.moment("provisioning")
    story.watch_progress("06-technician-status", "success")
    story.report["technicianFlow"] = {"result": "success", "seconds": round(time.monotonic() - begin, 2)}
    story.technician_status = story.last_message("esp")
    story.show_progress("06-technician-status", "The Enrollment Status Page while it worked", story.technician_status)
    page = story.see("07-success", "Success: this device is ready", "The green page")
    green = re.search(r"\x1b\[[0-9;]*42m", story.terminal.coloured().split("\n", 1)[0])
    story.claim("The page is green and offers Reseal", green and "> Re[s]eal <" in page, "screen", page.split("\n")[1])
    dc_reachable(story, "All this happened without reaching the domain controller", False)
    facts = story.device_facts()
    story.report["device"].update(computerName=facts["computerName"], adDn=facts["adDn"])
    story.claim("The deployment is not called a success yet: nobody has signed in",
                story.deployment()["result"] == "running", "ferry -o json device timeline | jq '.[0].result'",
                story.deployment()["result"])
    technician_proofs(story, facts)
    story.press("Enter")
    # The last page may be gone before anybody could read it: power goes off behind it.
    lab.wait_screen("poweringoff", "(gone)")
    lab.wait_power_off()
    story.close_terminal()
    power = (lab.work / "pc" / "run" / "power").read_text().strip()
    story.claim("Reseal switched the device off", power == "off" and not lab.agent_alive(), "$LAB/pc/run/power", power)
    story.observer.note("resealed; the device is off and goes into its box")


def technician_proofs(story, facts):
    name = facts["computerName"]
    search = (f"ldapsearch -Q -N -LLL -Y GSSAPI -H ldap://dc1.{DOMAIN} -b {BASE} '(sAMAccountName={name}$)' "
              "dNSHostName objectGUID")
    found = story.show("Active Directory has exactly one computer account of that name, in the delegated OU", "conn",
                       story.as_account("svc-odj", search), f"dNSHostName: {name}.{DOMAIN}")
    guid = re.search(r"objectGUID:: (\S+)", found)
    same = guid and guid_text(guid.group(1)) == facts["adObjectGuid"]
    story.claim("Its objectGUID is the one that the service recorded", same and found.count("dn: CN=") == 1
                and facts["adDn"] in found, "device show: adObjectGuid", facts["adObjectGuid"])
    story.show("After: the device trusts what the company's root certificate issued", "device",
               "openssl verify -CApath /etc/ssl/certs", "stdin: OK", text=story.leaf)
    story.show("After: the app is installed and runs", "device",
               "dpkg -l contoso-hello | tail -n 1 && /opt/contoso-hello/hello", "(?s)^ii .*Hello from Contoso")
    story.show("The wireless network is there, readable by root only", "device",
               "stat -c '%a %U %n' /etc/NetworkManager/system-connections/Contoso.nmconnection && "
               "cat /etc/NetworkManager/system-connections/Contoso.nmconnection",
               rf"(?s)^600 root .*ssid=Contoso.*psk={PSK}")
    story.show("The notice before sign-in is there", "device", "cat /etc/issue.d/60-ferry.issue", "^Property of Contoso$")
    story.claim_sql("The service no longer has the sealed domain-join blob: it was removed when the device had it",
                    "SELECT count(*) FROM connector_job WHERE sealed_blob IS NOT NULL", "0")


def guid_text(encoded):
    """objectGUID as LDIF gives it (base64 of MS-DTYP's mixed-endian form) as text."""
    b = base64.b64decode(encoded)
    return f"{b[3::-1].hex()}-{b[5:3:-1].hex()}-{b[7:5:-1].hex()}-{b[8:10].hex()}-{b[10:].hex()}"


# --- step 11: the user

def user(story):
    lab = story.lab
    story.ferry("policy", "add", "Idle limit", "--uri", IDLE, "--value", "15", "--format", "int", "--all-devices")
    story.observer.note("meanwhile the administrator added one more policy")
    begin = time.monotonic()
    story.report["userFlow"] = {"result": "failed", "seconds": 0}
    story.moment("at_home")
    lab.script("net", "device", "corporate")
    if not lab.agent_alive():
        lab.boot()
        story.open_terminal()
    dc_reachable(story, "At the user's desk the device reaches the domain controller", True)
    story.watch_progress("09-user-status", "signin")
    story.user_device_status = story.last_message("esp")
    story.show("Device setup fetched the policy that was added after the technician", "device",
               "cat /etc/profile.d/60-ferry-idle.sh", "^TMOUT=900")
    sign_in(story)
    story.watch_progress("11-account-status", "done")
    story.report["userFlow"] = {"result": "success", "seconds": round(time.monotonic() - begin, 2)}
    story.user_status = story.last_message("esp")
    story.show_progress("11-account-status", "The Enrollment Status Page in the user's flow", story.user_status)
    story.see("12-done", "You're all set", "The last page")
    story.press("o")
    story.see("13-signed-out", "Signed out")
    user_proofs(story)
    agreement(story)
    timeline(story)
    secrets(story)


def sign_in(story):
    story.see("10-sign-in", "Password")
    story.press("wrong password", "Enter")
    story.see("10-wrong-password", "not correct", patience=30)
    story.claim("A wrong password is refused by the domain controller, and is no failure of the deployment",
                story.deployment()["result"] == "running", "screen", "The user name or password is not correct")
    story.terminal.type_secret(story.lab.alice_password())
    story.observer.note(f"{ALICE} types the password")
    story.terminal.wait_for("****")
    story.terminal.keys("Enter")


def user_proofs(story):
    name = story.report["device"]["computerName"]
    host = f"{name.lower()}.{DOMAIN}"
    story.show("The device is a member of the domain: MIT Kerberos signs in as the machine and gets its own ticket",
               "device", f"export KRB5CCNAME=FILE:/tmp/proof && kinit -k '{name}$' && kvno host/{host} && klist",
               f"host/{host}@CORP.EXAMPLE.COM: kvno = 2")
    story.show("The user's policy is there", "device", "cat /etc/profile.d/61-ferry-alice.sh", "PRINTER=floor3")
    story.show("The device's own verdict", "device", "ferry-agentd status",
               r"(?s)AzureAdJoined : YES.*DomainJoined : YES.*MdmEnrolled : YES")


def agreement(story):
    """Four parties must agree; each is asked where it keeps its own truth."""
    name = story.report["device"]["computerName"]
    facts = story.device_facts()
    agent = json.loads(story.lab.device("ferry-agentd", "status", "--json").stdout)
    compliant = story.sql("SELECT compliant FROM compliance").stdout.strip()
    story.report["joinState"] = {
        "directory": bool(agent["azureAdJoined"] and agent["deviceId"] and facts["trustType"] == "ServerAD"),
        "domain": bool(agent["domainJoined"] and agent["computerName"] == facts["computerName"] == name),
        "mdm": bool(agent["mdmEnrolled"] and facts["enrollmentState"] == "enrolled"),
        "compliant": compliant == "1"}
    story.claim("Directory, domain, management and compliance agree", all(story.report["joinState"].values()),
                "ferry device show, ferry-agentd status, table compliance", json.dumps(story.report["joinState"]))
    story.claim("Its identity was proven by its TPM", facts["state"] == "verified" and facts["attestationStore"] == "lab",
                f"ferry device show {SERIAL}", f"State: {facts['state']}, attested by store: {facts['attestationStore']}")
    story.claim_sql("One device, one enrolment, one directory object, one account",
                    "SELECT (SELECT count(*) FROM device) || ' ' || (SELECT count(*) FROM enrollment) || ' ' || "
                    "(SELECT count(*) FROM directory_device) || ' ' || (SELECT count(*) FROM ad_account)", "1 1 1 1")


def timeline(story):
    deployment = story.deployment()
    events = deployment["events"]
    text = story.ferry("device", "timeline", SERIAL).stdout
    command = f"ferry device timeline {SERIAL}"
    story.observer.listing(command, text)
    seen = {(event["phase"], event["row"]) for event in events}
    missing = [f"{phase}/{row}" for phase, rows in ROWS.items() for row in rows if (phase, row) not in seen]
    story.claim("The timeline tells every row of the Enrollment Status Page", not missing, command,
                text + ("missing: " + ", ".join(missing) if missing else ""))
    flow = [event["state"] for event in events if event["phase"] == "flow"]
    story.claim("The deployment succeeded once, at its very end",
                deployment["result"] == "success" and flow.count("success") == 1 and events[-1]["state"] == "success",
                command, " → ".join(flow))


# --- no secret anywhere

def machine_keys(story):
    """The machine's Kerberos keys as the device holds them: hexadecimal, one per encryption type."""
    keys = re.findall(r"\(0x([0-9a-f]{32,})\)", story.lab.device("klist", "-K", "-k").stdout)
    if not keys:
        raise LabError("the keytab shows no keys")
    return sorted(set(keys))


def where_secrets_could_leak(story):
    lab = story.lab
    yield from ((path.name, path.read_bytes()) for path in
                [lab.work / "service" / "ferryd.log", lab.work / "service" / "signer.log", lab.work / "connector.log",
                 lab.work / "pc" / "agent.log",
                 *(lab.work / "pc" / "root" / "var/lib/ferry-agent").glob("*.json")])
    yield from ((path.name, gzip.decompress(path.read_bytes())) for path in
                (lab.work / "pc" / "root" / "var/lib/ferry-agent").glob("diagnostics*"))
    yield "ferry device timeline and show", (story.ferry("device", "timeline", SERIAL).stdout
                                             + story.ferry("device", "show", SERIAL).stdout).encode()


def database(story):
    if story.store_url:
        yield "pg_dump", story.lab.run("pg_dump", "--inserts", "-d", story.store_url).stdout.encode()
    else:
        yield from ((path.name, path.read_bytes()) for path in sorted((story.lab.work / "service").glob("ferry.db*")))


def forms(secret):
    """The same bytes as text, hexadecimal, base64 and UTF-16."""
    return {secret, secret.hex().encode(), secret.hex().upper().encode(), base64.b64encode(secret).rstrip(b"=")}


def secrets(story):
    """The wireless key is a setting: the service must be able to give it to devices, so it may be in the database."""
    password = story.lab.alice_password()
    passwords = {"alice's password": {form for text in (password.encode(), password.encode("utf-16-le"))
                                      for form in forms(text)},
                 "the machine's keys": {form for key in machine_keys(story) for form in forms(bytes.fromhex(key))}}
    everything = {**passwords, "the wireless key": {PSK.encode()},
                  "the API client's secret": {story.lab.profile["clientSecret"].encode()}}
    places = [(name, content, everything) for name, content in where_secrets_could_leak(story)]
    places += [(name, content, passwords) for name, content in database(story)]
    places += [(f"screens/{name}.txt", page.encode(), everything) for name, page in story.screens.items()]
    # A scan that finds nothing proves something only if it would find.
    control = any(ALICE.encode() in content for _, content in database(story))
    story.claim("The scan for secrets works: it finds what is not secret, the user's name", control, "grep", ALICE)
    found = [f"{what} in {name}" for name, content, secrets_ in places for what, texts in secrets_.items()
             if any(text in content for text in texts)]
    story.claim("No log, database, status, timeline or screen holds a password or a machine key", not found,
                "grep for the real values (as text, hexadecimal, base64, UTF-16)",
                "\n".join(found) or f"not found in {len(places)} places: " + ", ".join(
                    name for name, _, _ in places if not name.startswith("screens/")) + ", all screens")


STEPS = [
    ("Set up automatic enrolment", automatic_enrolment), ("Install the connector", connector),
    ("Delegate computer accounts", quota), ("Register the device", register), ("Create a device group", group),
    ("Configure the Enrollment Status Page", status_page), ("Create a deployment profile", profile),
    ("Create a domain-join profile", domain_join), ("Assign the user", assign_user), ("Technician flow", technician),
    ("User flow", user),
]
