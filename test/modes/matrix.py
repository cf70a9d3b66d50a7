# SPDX-License-Identifier: Apache-2.0
"""The matrix: a table of scenarios in, a table of verdicts out.

A scenario is a section of a *.rows file beside this one (INI; a value may go on in indented lines):

  scenario, join, case   what the row of the docs says
  profile                options of `ferry profile create` (join and trust store are added); none: no profile is assigned
  device                 words: user=UPN, unregistered, no-tpm, untrusted; file (the profile's configuration file is on the
                         device, and the profile assigned to nobody), file=MEMBER:VALUE (changed by hand), assigned
                         (the profile is assigned all the same), file=broken
  admin                  lines `ferry …` or `graph METHOD PATH JSON` before the device is switched on; {serial} and {group} are the row's own
                         {id:UPN} a person's; `after`: the same when the row is over, whatever became of it
  person                 lines `screen: action key=value …`, or `screen: ferry …`: what the person does when that page
                         shows, in order; `screen: network corporate` moves the device's cable. A page without a line gets what most people do; a failure ends the row.
                         `member=VALUE` before the action demands that the page says so, as in `fault=tpm_missing retry`.
                         `screen: fact name=VALUE` looks one of the facts up while the page shows.
  shelf                  how long the device lies on the shelf after Reseal, as `89 minutes`: all clocks go forward, and stay
  claim                  instead of a device: members of POST /device/v1/deployments, as key=value
  expect                 works, or: refused FAULT
  facts                  key=value …, looked up when it is over: mode, trust, upn, result, name, account, people (who
                         has an account on the device), administrator (of it)
  absent                 pages that must not show
  needs                  domain: a domain controller and a connector, the device in the domain's network, or with
                         `internet` outside of it; sync: its people are synchronized; tenant: a second organization
  sample                 yes: also part of the short run

`code=app` is what Mira's authenticator app shows. Passwords of the people in PEOPLE are made anew for each run: `password=…` is not written in rows; `signin: user=UPN` types
the right one, `password=wrong` another; `pass UPN` and `temporary UPN` what an administrator hands over.
"""
import configparser
import hmac
import json
import pathlib
import re
import secrets
import shlex
import sqlite3
import struct
import sys
import time
import uuid

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "test" / "faults"))
sys.path.insert(0, str(ROOT / "test" / "lab"))
import shelf  # noqa: E402
from ferrylab import ALICE, DOMAIN, OU, LabError  # noqa: E402
from world import World  # noqa: E402

PEOPLE = {"lena@contoso.example": "Lena Meyer", "omar@contoso.example": "Omar Said", ALICE: "Alice Adams",
          "tina@contoso.example": "Tina Tran", "mira@contoso.example": "Mira Moss",
          "nina@contoso.example": "Nina Nash"}
WITH_APP = "mira@contoso.example"  # has an authenticator app
STRANGER = "eve@fabrikam.example"
JOURNAL = "pc/root/var/lib/ferry-agent/journal.json"
LIMIT_S, DOMAIN_WAIT_S, SETTLED_S = 90, 6, 1.5
FACTS = {
    "mode": "SELECT mode FROM deployment JOIN device USING (device_id) WHERE serial = ? ORDER BY started_at DESC",
    "result": "SELECT result FROM deployment JOIN device USING (device_id) WHERE serial = ? ORDER BY started_at DESC",
    "upn": "SELECT upn FROM enrollment JOIN device USING (device_id) WHERE serial = ? AND enrollment.state = 'enrolled'",
    "trust": "SELECT trust_type FROM directory_device JOIN device USING (device_id) WHERE serial = ?",
    "name": "SELECT display_name FROM directory_device JOIN device USING (device_id) WHERE serial = ?",
    "named": "SELECT SUBSTR(computer_name, 1, 2) FROM ad_account JOIN device USING (device_id) WHERE serial = ?",
    "source": "SELECT source FROM device WHERE serial = ?",
    "enrollmentProfileName": "SELECT enrollment_profile_name FROM directory_device JOIN device USING (device_id) "
                             "WHERE serial = ?",
    "owner": "SELECT registered_upn FROM directory_device JOIN device USING (device_id) WHERE serial = ?",
    "compliance": "SELECT CASE c.compliant WHEN 1 THEN 'compliant' WHEN 0 THEN 'noncompliant' ELSE 'unknown' END "
                  "FROM device LEFT JOIN compliance c USING (device_id) WHERE serial = ?",
    "items": "SELECT SUM(i.state = 'done') || ' of ' || COUNT(*) FROM device_item i JOIN device USING (device_id) "
             "WHERE serial = ?",
    "reset": "SELECT e.reason FROM deployment_event e JOIN deployment USING (deployment_id) JOIN device USING (device_id) "
             "WHERE serial = ? AND row_name = 'compliance'",
}


class Row:
    """One scenario, as it is written."""

    def __init__(self, name, section):
        self.name, self.scenario, self.join, self.case = name, section["scenario"], section["join"], section["case"]
        self.profile = shlex.split(section["profile"]) if "profile" in section else None
        self.device = section.get("device", "").split()
        self.admin, self.after = lines(section.get("admin", "")), lines(section.get("after", ""))
        self.person = [line.split(": ", 1) for line in lines(section.get("person", ""))]
        self.claim = dict(word.split("=", 1) for word in section["claim"].split()) if "claim" in section else None
        self.expect = section["expect"]
        self.facts = dict(word.split("=", 1) for word in section.get("facts", "").split())
        self.needs = section.get("needs", "").split()
        self.absent = section.get("absent", "").split()
        self.sample = section.get("sample") == "yes"
        self.shelf = shelf.seconds_of(section["shelf"]) if "shelf" in section else 0

    def user(self):
        return next((word[5:] for word in self.device if word.startswith("user=")), None)


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def fault_in(text):
    """The catalogue's name of what a command line tool says."""
    catalogue = (ROOT / "src" / "domain" / "fault.def").read_text()
    for name, cause in re.findall(r'^FAULT\((\w+),.*\n\t"([^"]+)"', catalogue, re.M):
        if cause in text:
            return name
    raise LabError(text)


def read_rows():
    """All rows, in the order of their files' names."""
    rows = []
    for path in sorted(HERE.glob("*.rows")):
        parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        parser.optionxform = str
        parser.read(path, encoding="utf-8")
        rows += [Row(name, parser[name]) for name in parser.sections()]
    names = [row.name for row in rows]
    assert len(names) == len(set(names)), "a name is used twice"
    return rows


def markdown(rows):
    """docs/modes.md."""
    def verdict(row):
        fault = row.expect.split(" ", 1)[1] if row.expect.startswith("refused ") else ""
        return f"refused: `{fault}`" if fault else row.expect
    out = ["<!-- Made by test/system/modes --markdown from test/modes/*.rows, whose rows it runs. -->",
           "# Every scenario, and what becomes of it", "",
           "Each row is carried out on a real device of the laboratory by `test/system/modes`; a refused one ends with the",
           "cause that is named, as the device's page and the timeline have it (ferry-errors(7)).", ""]
    for scenario in dict.fromkeys(row.scenario for row in rows):
        out += [f"## {scenario}", "", "| Join | Case | Verdict |", "|---|---|---|"]
        out += [f"| {row.join} | {row.case} | {verdict(row)} |" for row in rows if row.scenario == scenario]
        out.append("")
    return "\n".join(out)


class Matrix(World):
    """A lab in which rows are carried out one after the other."""

    def begin(self, rows):
        needed = {need for row in rows for need in row.needs}
        self.work.mkdir(parents=True, exist_ok=True)
        self.sync, self.has_domain, self.clock, self.enrolled_at = "sync" in needed, "domain" in needed, 0, 0
        if "domain" in needed:
            self.up()
        else:
            self.script("net", "up")
            self.script("net", "device", "internet")
        self.points.write_text("")
        self.start_service()
        self.passwords, self.number, self.token = {}, 0, None
        for upn, name in PEOPLE.items():
            self.person(upn, name)
        self.ferry("esp", "create", "Page", "--all-devices")
        self.app = secrets.token_bytes(20)
        with sqlite3.connect(self.work / "service" / "ferry.db", timeout=10) as db:
            db.execute("INSERT INTO user_totp SELECT user_id, tenant_id, ?, 0, 1 FROM directory_user WHERE upn_key = ?",
                       (self.app, WITH_APP))
        if "tenant" in needed:
            self.strangers()
        if "domain" in needed:
            self.enroll_connector()  # after the people: one of the domain has the name of one of them
            self.start_connector()
        if self.sync:
            self.wait_for_person("bob@corp.example.com")
        return self

    def later(self, seconds):
        """Everybody's clock goes forward; tokens and sessions of before are over."""
        self.clock, self.token = self.clock + seconds, None
        shelf.forward(self, self.clock, self.has_domain, self.enrolled_at)
        if self.clock - self.enrolled_at > shelf.CERTIFICATE_DAYS * shelf.UNITS["days"]:
            self.enrolled_at = self.clock

    def write_connector_config(self, **changes):
        """People of the domain whom the connector synchronizes sign in with the password of the domain."""
        config = super().write_connector_config(**changes)
        if self.sync:
            config.write_text(config.read_text().replace(
                "[trust]", "[sync]\nbase = CN=Users,DC=corp,DC=example,DC=com\ninterval = 5\n[sign_in]\npasswords = yes\n"
                "[trust]"))
        return config

    def wait_for_person(self, upn):
        end = time.monotonic() + 60
        while not self.query("SELECT 1 FROM directory_user WHERE upn_key = ?", upn):
            if time.monotonic() > end:
                raise LabError(f"{upn} is not synchronized\n" + self.log("connector.log"))
            time.sleep(0.2)

    def strangers(self):
        """Another organization on this service, with a person whose password is Lena's."""
        tenant, user = str(uuid.uuid4()), str(uuid.uuid4())
        with sqlite3.connect(self.work / "service" / "ferry.db", timeout=10) as db:
            columns = [row[1] for row in db.execute("PRAGMA table_info(directory_user)")]
            theirs = {"user_id": user, "tenant_id": tenant, "upn": STRANGER, "upn_key": STRANGER}
            db.execute("INSERT INTO tenant (tenant_id, name, domain, created_at) VALUES (?, 'Fabrikam', 'fabrikam.example', 1)",
                       (tenant,))
            db.execute(f"INSERT INTO directory_user SELECT {', '.join('?' if c in theirs else c for c in columns)} "
                       "FROM directory_user WHERE upn_key = 'lena@contoso.example'",
                       [theirs[c] for c in columns if c in theirs])
            db.execute("INSERT INTO user_password SELECT ?, ?, hash, must_change, changed_at FROM user_password JOIN "
                       "directory_user USING (user_id) WHERE upn_key = 'lena@contoso.example'", (user, tenant))
        self.passwords[STRANGER] = self.passwords["lena@contoso.example"]

    def person(self, upn, name):
        file = self.work / "password"
        self.passwords[upn] = secrets.token_hex(8)
        file.write_text(self.passwords[upn] + "\n")
        self.ferry("user", "create", upn, "--name", name, "--password-file", file, "--keep-password")

    def graph(self, method, path, body):
        """What no verb of the command line does; {default} in a path is the default platform restriction."""
        if not self.token:
            p = self.profile
            form = (f"grant_type=client_credentials&client_id={p['clientId']}&client_secret={p['clientSecret']}"
                    "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default")
            self.token = json.loads(self.curl("-d", form, f"/{p['tenant']}/oauth2/v2.0/token"))["access_token"]
        path = path.replace("{tenant}", self.profile["tenant"])
        body = re.sub(r"\{id:([^}]+)\}", lambda m: self.query("SELECT user_id FROM directory_user WHERE upn_key = ?",
                                                             m.group(1))[0][0], body)
        out = self.curl("-X", method, "-H", f"Authorization: Bearer {self.token}", "-H", "Content-Type: application/json",
                        "-d", body, path)
        if '"error"' in out:
            raise LabError(out)

    def curl(self, *options):
        *options, path = options
        return self.at("svc", "curl", "-sS", "--cacert", self.profile["ca"], *options, self.profile["url"] + path).stdout

    def fact(self, name, serial):
        if name == "account":
            return self.account_type(serial)
        if name == "administrator":  # whom sudo lets do everything
            file = self.work / "pc/root/etc/sudoers.d/60-ferry"
            return re.match('"([^"]+)" ALL=', file.read_text()).group(1) if file.exists() else "nobody"
        if name == "people":
            lines = (self.work / "pc/root/etc/passwd").read_text().splitlines()
            return ",".join(line.split(":")[0] for line in lines if "@" in line.split(":")[4])
        rows = self.query(FACTS[name], serial)
        return rows[0][0] if rows else None


    def account_type(self, serial):
        """What the person is on the device: what was decided, what sudo is told, and what the service hears of it."""
        said = json.loads((self.work / JOURNAL).read_text()).get("accountType")
        made = "standard" if self.fact("administrator", serial) == "nobody" else "administrator"
        end = time.monotonic() + 30
        while (shown := self.ferry_json("device", "show", serial)["accountType"]) != said and time.monotonic() < end:
            time.sleep(0.1)  # the first session of a device that is its user's
        return said if said == made == shown else f"{said} decided, {made} on the disk, {shown} reported"


class Run:
    """One row under way."""

    def __init__(self, world, row):
        self.world, self.row = world, row
        world.number += 1
        self.serial, self.group = f"MX-{world.number:04d}", f"g-{row.name}"
        self.todo = {}
        for screen, action in row.person:
            self.todo.setdefault(screen, []).append(action)
        self.seen, self.problems = set(), []

    # --- the administrator
    def ferry(self, line):
        if line.startswith("graph "):
            self.world.graph(*line.split(" ", 3)[1:])
            return
        words = [word.format(serial=self.serial, group=self.group, ou=OU, domain=DOMAIN) for word in shlex.split(line)]
        self.world.ferry(*words[1:])

    def prepare(self):
        world, row = self.world, self.row
        world.ferry("group", "create", self.group, "--rule",
                    f'(device.devicePhysicalIds -any (_ -eq "[OrderID]:{row.name}"))')
        self.files = [word[5:] for word in row.device if word == "file" or word.startswith("file=")]
        if row.profile is not None:
            group = () if self.files and "assigned" not in row.device else ("--group", self.group)
            made = world.ferry("profile", "create", f"p-{row.name}", "--join", row.join, "--trust-store", "lab", *group,
                               *row.profile, check=False)
            if made.returncode:
                return f"refused {fault_in(made.stderr)}"
        if row.join == "hybrid" and "domain" in row.needs:
            world.ferry("domainjoin", "create", f"j-{row.name}", "--domain", DOMAIN, "--ou", OU, "--name", "PC-%RAND:6%",
                        "--group", self.group)
        world.new_device(self.serial, register=False)
        config = world.work / "pc/root/etc/ferry/agent.conf"
        config.write_text(config.read_text().replace("[device]\n", f"[device]\ndomain_wait = {DOMAIN_WAIT_S}\n"))
        if "untrusted" in row.device:
            self.other_maker()
        if "unregistered" not in row.device:
            user = ("--user", row.user()) if row.user() else ()
            world.ferry("device", "import", world.csv, "--group-tag", row.name, *user)
        if self.files:
            self.write_file()
        for line in row.admin:
            self.ferry(line)
        return None

    def write_file(self):
        """What an administrator exports and copies to a device that nobody has registered."""
        done = self.world.ferry("profile", "export-json", f"p-{self.row.name}")
        members = json.loads(done.stdout)
        for member, value in (word.split(":", 1) for word in self.files if ":" in word):
            members[member] = int(value) if value.isdigit() else value
        text = "{" if "broken" in self.files else json.dumps(members)
        (self.world.work / "pc/root/etc/ferry/AutopilotConfigurationFile.json").write_text(text)

    def other_maker(self):
        """The TPM's certificate is of an authority that the trust store does not have."""
        world = self.world
        if not (world.work / "ca2").exists():
            world.script("swtpm", "make-ca", world.work / "ca2")
        world.script("swtpm", "stop", world.work / "pc" / "tpm", check=False)
        world.run("rm", "-rf", world.work / "pc" / "tpm")
        world.script("swtpm", "make", world.work / "pc" / "tpm", self.serial, world.work / "ca2")
        world.csv.write_text(world.device("/usr/sbin/ferry-agentd", "--export-hash").stdout)

    # --- without a device
    def claims(self):
        values = {"true": True, "false": False}
        body = {key: values.get(value, int(value) if value.isdigit() else value)
                for key, value in self.row.claim.items()}
        body["hardwareHash"] = self.world.csv.read_text().splitlines()[1].split(",")[2]
        out = self.world.at("svc", "curl", "-sS", "--cacert", self.world.profile["ca"], "-H",
                            "Content-Type: application/json", "--data-binary", "@-",
                            self.world.profile["url"] + "/device/v1/deployments", text=json.dumps(body)).stdout
        error = json.loads(out).get("error")
        return f"refused {error['innerError']['fault']}" if error else "works"

    # --- the person at the device
    def usual(self, screen):
        """What most people do on a page; None: it ends there or goes on by itself."""
        name = screen["screen"]
        return {"language": f"next value={screen.get('selected')}", "region": f"next value={screen.get('selected')}",
                "keyboard": f"next value={screen.get('selected')}", "keyboard2": "skip", "welcome": "next",
                "eula": "accept", "privacy": "accept", "menu": "next value=provision", "config": "provision",
                "success": "reseal", "preparation": "finish" if screen.get("state") == "done" else None, "staysignedin": "accept", "network": "retry",
                "done": "finish" if "finish" in screen.get("actions", []) else "signout"}.get(name)

    def words(self, text, screen):
        name, *rest = shlex.split(text)
        values = dict(word.split("=", 1) for word in rest)
        if values.get("code") == "app":
            values["code"] = self.app_code()
        if name == "signin" and "code" not in values:
            upn = values.setdefault("user", screen.get("user", ""))
            if values.get("password") == "domain":
                secret = self.world.work / "dc" / "secrets" / f"{upn.split('@')[0]}.pw"
                values["password"] = secret.read_text().strip()
            values.setdefault("password", self.world.passwords.get(upn, "unknown"))
        return name, values

    def app_code(self):
        """What an authenticator app shows now (RFC 6238)."""
        digest = hmac.digest(self.world.app, struct.pack(">Q", int(time.time()) // 30), "sha1")
        number = struct.unpack(">I", digest[digest[19] & 15:][:4])[0] & 0x7fffffff
        return f"{number % 1000000:06d}"

    def credential(self, kind, upn):
        """What an administrator hands over: a pass, or a password that must be changed."""
        if kind == "pass":
            made = self.world.ferry_json("user", "tap", upn)
            return {"user": upn, "password": made["temporaryAccessPass"]}
        file = self.world.work / "password"
        self.world.passwords[upn] = secrets.token_hex(8)
        file.write_text(self.world.passwords[upn] + "\n")
        self.world.ferry("user", "password", upn, "--password-file", file)
        return {"user": upn, "password": self.world.passwords[upn]}

    def act(self, screen):
        """Do what the row, or else everybody, does on this page. False: nothing, and the row may end here."""
        name, world = screen["screen"], self.world
        queue = self.todo.get(name, [])
        if name == "config" and "verdict" not in screen:
            return True  # shown once more when the way was tried
        while queue and queue[0].startswith(("ferry ", "graph ", "network ", "fact ")):
            kind, rest = queue[0].split(" ", 1)
            line = queue.pop(0)
            if kind == "network":
                world.script("net", "device", rest)
            elif kind == "fact":
                self.check(f"{name}: ", *rest.split("=", 1))
            else:
                self.ferry(line)
        if queue and re.match(r"\w+=", queue[0]):
            said, _, rest = queue[0].partition(" ")
            member, wanted = said.split("=", 1)
            if screen.get(member) != wanted:
                return True  # the page is drawn again when it knows more
            queue[0] = rest
        text = queue.pop(0) if queue else self.usual(screen)
        if not text:
            return False
        if text.startswith(("pass ", "temporary ")):
            action, values = "signin", self.credential(*text.split())
        else:
            action, values = self.words(text, screen)
        for _ in range(5 if action == "winkey" else 1):
            world.act(action, **values)
        return True

    def ended(self, screen):
        """The verdict, when this page ends the row."""
        name, fault = screen["screen"], screen.get("fault")
        if name in ("signedout", "desktop") and not self.todo.get(name):
            return "works"
        if fault and not self.todo.get(name) and name in ("failure", "signin", "welcome", "preparation"):
            return f"refused {fault}"
        return None

    def carry(self):
        world, position = self.world, 0
        end = time.monotonic() + LIMIT_S
        world.boot()
        while True:
            with world.condition:
                if not world.condition.wait_for(lambda: len(world.screens) > position, end - time.monotonic()):
                    raise LabError(f"still at {json.dumps(world.screen())[:800]}\n" + world.log("pc/agent.log"))
                position, screen = len(world.screens), world.screens[-1]
            if screen["screen"] == "(gone)":
                position = self.power_on()
                continue
            self.seen |= {shown["screen"] for shown in world.screens}
            verdict = self.ended(screen)
            if verdict and (verdict == "works" or self.stays(position)):
                return verdict
            if verdict:
                continue
            if not self.act(screen) and screen["screen"] == "signin":
                raise LabError(f"nothing to do on {json.dumps(screen)[:800]}")

    def stays(self, position):
        """A red page may be drawn once more, with its diagnostics, while the person has pressed a button already."""
        with self.world.condition:
            return not self.world.condition.wait_for(lambda: len(self.world.screens) > position, SETTLED_S)

    def power_on(self):
        """Reseal powered the device off; the person takes it to where the domain is."""
        world = self.world
        if not (world.work / "pc" / "run" / "power").exists():
            raise LabError("the agent ended by itself:\n" + world.log("pc/agent.log"))
        world.cut()
        if self.row.shelf and world.journal().get("flow") == "resealed":
            world.later(self.row.shelf)
        world.boot()
        return 0

    def verdict(self):
        refusal = self.prepare()
        if refusal:
            return refusal
        if self.row.claim is not None:
            return self.claims()
        if self.row.join == "hybrid" and "internet" not in self.row.needs:
            self.world.script("net", "device", "corporate")
        env = {"FERRY_NO_TPM": "1"} if "no-tpm" in self.row.device else {}
        self.world.env.update(env)
        try:
            return self.carry()
        finally:
            self.world.env.pop("FERRY_NO_TPM", None)

    def check(self, when, name, wanted):
        found = self.world.fact(name, self.serial)
        if str(found).lower() != wanted.lower().replace("_", " "):
            self.problems.append(f"{when}{name} is {found}, not {wanted}")

    def judge(self):
        """(verdict, problems)"""
        try:
            verdict = self.verdict()
        finally:
            for line in self.row.after:
                self.ferry(line)
        problems = [] if verdict == self.row.expect else [f"expected {self.row.expect}, it was {verdict}"]
        problems += [f"the page {name} showed" for name in self.row.absent if name in self.seen]
        problems += [f"never done: {screen}: {action}" for screen, rest in self.todo.items() for action in rest]
        for name, wanted in self.row.facts.items():
            self.check("", name, wanted)
        return verdict, problems + self.problems
