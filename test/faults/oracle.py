# SPDX-License-Identifier: Apache-2.0
"""The ten invariants: what must hold whatever was cut. Each is judged from what is there: Active Directory, the service's
database, the device's disk, the logs, and the history of what was acknowledged and shown.

Nothing here knows how a cut was made; `oracle` beside this file is the program.
"""
import base64
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import time

MARK = "ferry-odj:"
PSK = "correct horse battery"
READY_S = 2.0
SPARE_FDS = 80  # connections that are still open, and one to the signer for each of 64 workers
LDAP = r"""
set -e
kinit -k -t "$1" svc-odj@CORP.EXAMPLE.COM
ldapsearch -N -Q -LLL -o ldif-wrap=no -Y GSSAPI -H ldap://dc1.corp.example.com -b DC=corp,DC=example,DC=com "$2" \
    sAMAccountName description objectGUID
"""


class Evidence:
    """Where to look. Database, device's state and logs may be copies of those of the lab."""

    def __init__(self, lab, history, database=None, state=None, gate=None, logs=None):
        self.lab, self.history = lab, history
        self.database = database or lab.work / "service" / "ferry.db"
        self.state = state or lab.work / "pc" / "root" / "var/lib/ferry-agent"
        self.gate = gate or lab.work / "pc" / "root" / "var/lib/ferry-gate"
        self.logs = logs or [lab.work / name for name in (
            "service/ferryd.log", "service/signer.log", "connector.log", "pc/agent.log")]
        self.serial, self.tag = history["serial"], history["tag"]
        self.done = history["outcome"] == "done"
        found = self.query("SELECT device_id FROM device WHERE serial = ?", self.serial)
        self.device = found[0][0] if found else None

    def query(self, sql, *values):
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10) as database:
            return database.execute(sql, values).fetchall()

    def journal(self):
        try:
            return json.loads((self.state / "journal.json").read_text())
        except (OSError, ValueError):
            return {}

    def events(self, serial):
        return [list(row) for row in self.query(
            "SELECT e.deployment_id, e.seq, e.at, e.source, e.phase, e.row_name, e.state, e.fault, e.reason FROM "
            "deployment_event e JOIN deployment USING (deployment_id) JOIN device USING (device_id) WHERE serial = ? "
            "ORDER BY started_at, e.seq", serial)]

    def directory(self, wanted):
        """Objects of Active Directory, one dict each, read by a tool that is not ours."""
        keytab = self.lab.work / "dc" / "secrets" / "svc-odj.keytab"
        text = self.lab.at("conn", "bash", "-c", LDAP, "ldap", keytab, wanted).stdout
        return [dict(re.findall(r"^(\w+):{1,2} (.*)$", block, re.M)) for block in text.split("\n\n") if "dn:" in block]


def acknowledged(see):
    """I1: what was acknowledged is there: registrations, every event of every timeline, and for a device that finished
    all that its screen said."""
    problems = [f"the timeline of {serial} lost events" for serial, before in see.history["timelines"].items()
                if see.events(serial)[:len(before)] != before]
    rows = see.query("SELECT group_tag, state FROM device WHERE serial = ?", see.serial)
    wanted = [(see.tag, "verified")] if see.done else [(see.tag, "verified"), (see.tag, "claimed")]
    if len(rows) != 1 or rows[0] not in wanted:
        problems.append(f"the registration of {see.serial} is {rows}")
    return problems + (finished(see) if see.done else [])


def finished(see):
    problems = []
    waiting = see.query("SELECT i.name, s.state FROM config_item i LEFT JOIN device_item s ON s.item_id = i.item_id "
                        "AND s.device_id = ? WHERE COALESCE(s.state, '') <> 'done' AND (i.name NOT LIKE 'restarts%' OR "
                        "? = 'restarts')", see.device, see.tag)
    if waiting:
        problems.append(f"items not in place: {waiting}")
    enrolled = see.query("SELECT COUNT(*) FROM enrollment WHERE device_id = ? AND state = 'enrolled'", see.device)
    if enrolled != [(1,)]:
        problems.append(f"{enrolled} current enrolments")
    opened = see.query("SELECT kind, state FROM connector_job WHERE device_id = ? AND state IN ('queued', 'leased')",
                       see.device)
    if opened:
        problems.append(f"jobs left open: {opened}")
    name = see.journal().get("computerName", "?")
    proof = see.lab.device("sh", "-c", f"kinit -k '{name}$@CORP.EXAMPLE.COM' && kvno host/{name.lower()}.corp.example.com"
                           " && /opt/contoso-hello/hello && dpkg --audit contoso-hello", check=False)
    if proof.returncode != 0 or "Hello from Contoso" not in proof.stdout or "packages" in proof.stdout:
        problems.append(f"the device's own proof: {proof.stdout}{proof.stderr}")
    return problems


def intact(see):
    """I2: the database is whole and the audit log's chain holds."""
    problems = [f"integrity: {row[0]}" for row in see.query("PRAGMA integrity_check") if row[0] != "ok"]
    problems += [f"foreign key: {row}" for row in see.query("PRAGMA foreign_key_check")]
    verdict = json.loads(see.lab.ferry("audit", "verify", "--json").stdout)
    return problems if verdict["intact"] else problems + [f"audit log: {verdict}"]


def registered_once(see):
    """I3: at most one registration per endorsement key and per maker, model and serial number."""
    return [f"{what} is registered {count} times: {value}" for what, column in (
        ("an endorsement key", "ek_id"), ("a PC", "serial_key || '/' || manufacturer || '/' || model"))
        for value, count in see.query(f"SELECT {column} AS k, COUNT(*) FROM device WHERE k IS NOT NULL GROUP BY k "
                                      "HAVING COUNT(*) > 1")]


def directory_agrees(see):
    """I4: the accounts that carry our mark are those that the service knows, one a device."""
    problems = []
    for (name,) in see.query("SELECT computer_name FROM ad_account WHERE device_id = ?", see.device):
        found = see.directory(f"(sAMAccountName={name}$)")
        if len(found) != 1:
            problems.append(f"{len(found)} accounts are called {name}$")
    ours = [o["sAMAccountName"] for o in see.directory(f"(&(objectClass=computer)(description={MARK}*))")]
    owned = {name.lower() + "$" for (name,) in see.query("SELECT computer_name FROM ad_account")}
    orphans = [name for name in ours if name.lower() not in owned]
    if orphans and see.done:
        problems.append(f"accounts that no device owns: {orphans}")
    missing = owned - {name.lower() for name in ours}
    return problems + ([f"accounts that are gone: {sorted(missing)}"] if missing else [])


def consumed_once(see):
    """I5: each nonce and each blob was used once at most."""
    problems = [f"a {name} served {count} proofs" for name in ("quote_nonce", "certify_nonce", "secret")
                for _, count in see.query(f"SELECT hex({name}), COUNT(*) FROM attestation WHERE used > 0 AND "
                                          f"length({name}) > 0 GROUP BY {name} HAVING COUNT(*) > 1")]
    problems += [f"nonces of session {row[0]} were used {row[1]} times" for row in
                 see.query("SELECT session_id, used FROM attestation WHERE used > 1")]
    (delivered,), = see.query("SELECT COUNT(*) FROM connector_job WHERE device_id = ? AND delivered_at IS NOT NULL",
                              see.device)
    (told,), = see.query("SELECT COUNT(*) FROM deployment_event JOIN deployment USING (deployment_id) WHERE "
                         "device_id = ? AND row_name = 'joining' AND state = 'complete'", see.device)
    if see.done and delivered != told:
        problems.append(f"{delivered} blobs delivered, but told {told} times")
    return problems


def proven_first(see):
    """I6: no enrolment and no blob without a proof of the TPM in the very deployment; no blob stays behind."""
    problems = [f"{what} {key} without a proof in its deployment" for what, table, column in (
        ("enrolment", "enrollment", "enrollment_id"), ("blob", "connector_job", "job_id"))
        for (key,) in see.query(
            f"SELECT t.{column} FROM {table} t LEFT JOIN attestation a ON a.session_id = t.attestation_id AND "
            "a.deployment_id = t.deployment_id AND a.proven_at IS NOT NULL AND a.device_id = t.device_id WHERE "
            "a.session_id IS NULL" + (" AND t.kind = 'odj' AND t.state <> 'queued'" if table == "connector_job" else ""))]
    left = see.query("SELECT job_id FROM connector_job WHERE device_id = ? AND sealed_blob IS NOT NULL", see.device)
    if see.done and left:
        problems.append(f"a blob is still stored: {left}")
    return problems


def gate_opens(see):
    """Whether the session gate would let somebody in, judged by the very program that PAM asks, and what it says."""
    done = see.lab.run(see.lab.program("agent", "ferry-gate"), "--dir", see.gate, "--self",
                       see.lab.work / "pc" / "run" / "gate.json", check=False)
    return done.returncode == 0, done.stdout + done.stderr


def released_by_service(see):
    """I7: nobody's session before the service released the device, and none without its token."""
    problems = [f"the device held a release while its deployment was {look['result']}" for look in see.history["looks"]
                if look["open"] and look["result"] != "success"]
    result = see.query("SELECT result FROM deployment WHERE device_id = ? ORDER BY started_at DESC", see.device)
    success = result[:1] == [("success",)]
    opens, said = gate_opens(see)
    if opens and not success:
        problems.append(f"the gate is open, the deployment is {result}")
    if see.journal().get("flow") == "done" and not (success and opens):
        problems.append(f"the device was handed to its user: the deployment is {result}, the gate says {said.strip()}")
    return problems


def screen_true(see):
    """I8: a red page says what, why and what to do, and blames nothing else for a TPM that went away; the last page is what
    the service knows."""
    problems = [f"a red page that does not say why: {json.dumps(page)[:300]}" for page in see.history["pages"]
                if not (page.get("fault") and page.get("title") and page.get("cause") and page.get("fix"))]
    if see.history.get("cut") == "tpm":
        problems += [f"the TPM went away, and the page names {page['fault']}" for page in see.history["pages"]
                     if not str(page.get("fault")).startswith("tpm_")]
    running = see.query("SELECT phase, result FROM deployment WHERE device_id = ?", see.device)
    if see.done and running != [("done", "success")]:
        problems.append(f"the screen says signed out, deployments are {running}")
    if not see.done and ("done", "success") in running:
        problems.append("the screen says that it failed, the deployment is a success")
    return problems


def ready_again(see):
    """I9: a program that was killed serves again within two seconds of being started."""
    return [f"{r['program']} needed {r['seconds']:.1f} s" for r in see.history["recoveries"] if r["seconds"] > READY_S]


def nothing_left(see):
    """I10: no process, descriptor or half a file is left, and no secret is in a log."""
    return processes_left(see) + descriptors(see) + half_files(see) + secrets_in_logs(see)


def processes_left(see):
    try:
        agent = int((see.lab.work / "pc" / "agent.pid").read_text().split()[0])
    except (OSError, ValueError):
        agent = 0
    until = time.monotonic() + 3
    while True:
        out = subprocess.run(["ip", "netns", "pids", f"{see.lab.env['FERRY_NS']}-dev"], capture_output=True, text=True,
                             check=False).stdout
        left = [pid for pid in map(int, out.split()) if pid != agent]
        if not left or time.monotonic() > until:
            return [f"processes left on the device: {left}"] if left else []
        time.sleep(0.1)


def descriptors(see):
    problems = []
    for name, pid in see.history["programs"].items():
        try:
            count = len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue
        base = see.history["descriptors"].get(name, count)
        if count > base + SPARE_FDS:
            problems.append(f"{name} has {count} open descriptors, at first it had {base}")
    return problems


def half_files(see):
    if not see.done:
        return []
    folders = [see.state, see.lab.work / "connector" / "state", see.lab.work / "service" / "content"]
    left = [str(path) for folder in folders if folder.is_dir() for path in folder.rglob("*")
            if path.suffix in (".new", ".part", ".tmp")]
    return [f"half a file is left: {left}"] if left else []


def known_secrets(see):
    """Name and every form of what no log may hold."""
    profile = json.loads((see.lab.work / "service" / "service.json").read_text())
    values = {"the wireless key": PSK.encode(), "the API client's secret": profile["clientSecret"].encode(),
              "alice's password": (see.lab.work / "dc" / "secrets" / "alice.pw").read_bytes().strip()}
    for name, value in values.items():
        yield name, {value, value.decode().encode("utf-16-le"), value.hex().encode(),
                     base64.b64encode(value).rstrip(b"=")}
    keys = see.lab.device("klist", "-K", "-k", check=False).stdout if see.done else ""
    for key in set(re.findall(r"\(0x([0-9a-f]{32,})\)", keys)):
        yield "a key of the machine", {bytes.fromhex(key), key.encode(), key.upper().encode(),
                                       base64.b64encode(bytes.fromhex(key)).rstrip(b"=")}


def secrets_in_logs(see):
    places = {path.name: path.read_bytes() for path in [*see.logs, *see.state.glob("diagnostics*")] if path.exists()}
    return [f"{what} is in {name}" for what, forms in known_secrets(see) for name, content in places.items()
            if any(form in content for form in forms)]


INVARIANTS = {"I1": acknowledged, "I2": intact, "I3": registered_once, "I4": directory_agrees, "I5": consumed_once,
              "I6": proven_first, "I7": released_by_service, "I8": screen_true, "I9": ready_again, "I10": nothing_left}


def judge(see):
    """Invariant and what is wrong, for everything that is wrong."""
    if not see.device:
        return [{"invariant": "I1", "what": f"{see.serial} is not registered"}]
    return [{"invariant": name, "what": what} for name, invariant in INVARIANTS.items() for what in invariant(see)]
