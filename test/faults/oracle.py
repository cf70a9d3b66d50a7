# SPDX-License-Identifier: Apache-2.0
"""What must hold whatever happened: asked of Active Directory, the service's database and the device itself."""
import re
import subprocess
import time

MARK = "ferry-odj:"
LDAP = r"""
set -e
kinit -k -t "$1" svc-odj@CORP.EXAMPLE.COM
ldapsearch -N -Q -LLL -o ldif-wrap=no -Y GSSAPI -H ldap://dc1.corp.example.com -b DC=corp,DC=example,DC=com "$2" \
    sAMAccountName description objectGUID
"""


def directory(world, wanted):
    """Objects of Active Directory, one dict each, read by a tool that is not ours."""
    text = world.at("conn", "bash", "-c", LDAP, "ldap", f"{world.work}/dc/secrets/svc-odj.keytab", wanted).stdout
    return [dict(re.findall(r"^(\w+):{1,2} (.*)$", block, re.M)) for block in text.split("\n\n") if "dn:" in block]


def check_directory(world, device):
    """One account for the device's name; every account with our mark belongs to a device."""
    problems = []
    for (name,) in world.query("SELECT computer_name FROM ad_account WHERE device_id = ?", device):
        found = directory(world, f"(sAMAccountName={name}$)")
        if len(found) != 1:
            problems.append(f"{len(found)} accounts are called {name}$")
    ours = directory(world, f"(&(objectClass=computer)(description={MARK}*))")
    owned = {name.lower() + "$" for (name,) in world.query("SELECT computer_name FROM ad_account")}
    orphans = [o["sAMAccountName"] for o in ours if o["sAMAccountName"].lower() not in owned]
    if orphans:
        problems.append(f"accounts that no device owns: {orphans}")
    if len(ours) != len(owned):
        problems.append(f"{len(ours)} marked accounts for {len(owned)} devices")
    return problems


def check_database(world, device):
    problems = [f"integrity: {row[0]}" for row in world.query("PRAGMA integrity_check") if row[0] != "ok"]
    problems += [f"foreign key: {row}" for row in world.query("PRAGMA foreign_key_check")]
    blobs = world.query("SELECT job_id, state FROM connector_job WHERE device_id = ? AND sealed_blob IS NOT NULL", device)
    if blobs:
        problems.append(f"a blob is still stored: {blobs}")
    (delivered,), = world.query("SELECT COUNT(*) FROM connector_job WHERE device_id = ? AND delivered_at IS NOT NULL",
                                device)
    (told,), = world.query("SELECT COUNT(*) FROM deployment_event JOIN deployment USING (deployment_id) WHERE "
                           "device_id = ? AND row_name = 'joining' AND state = 'complete'", device)
    if delivered != told:
        problems.append(f"{delivered} blobs delivered, but told {told} times")
    opened = world.query("SELECT kind, state FROM connector_job WHERE device_id = ? AND state IN ('queued', 'leased')",
                         device)
    if opened:
        problems.append(f"jobs left open: {opened}")
    return problems


def check_registration(world, serial, tag):
    rows = world.query("SELECT group_tag, state, assigned_upn FROM device WHERE serial = ?", serial)
    if len(rows) != 1:
        return [f"{len(rows)} registrations of {serial}"]
    return [] if rows[0][:2] == (tag, "verified") else [f"the registration of {serial} is {rows[0]}"]


def check_finished(world, serial, device):
    """The device is what its screen said: joined, managed, compliant; and its key opens the domain."""
    problems = []
    running = world.query("SELECT phase, result FROM deployment WHERE device_id = ?", device)
    if running != [("done", "success")]:
        problems.append(f"deployments: {running}")
    waiting = world.query("SELECT i.name, s.state FROM config_item i LEFT JOIN device_item s ON s.item_id = i.item_id "
                          "AND s.device_id = ? WHERE COALESCE(s.state, '') <> 'done'", device)
    if waiting:
        problems.append(f"items not in place: {waiting}")
    enrolled = world.query("SELECT COUNT(*) FROM enrollment WHERE device_id = ? AND state = 'enrolled'", device)
    if enrolled != [(1,)]:
        problems.append(f"{enrolled} current enrolments")
    journal = world.journal()
    if journal.get("flow") != "done" or not journal.get("joined"):
        problems.append(f"the journal says {journal.get('flow')}")
    name = journal.get("computerName", "?")
    proof = world.device("sh", "-c", f"kinit -k '{name}$@CORP.EXAMPLE.COM' && kvno host/{name.lower()}.corp.example.com"
                         " && /opt/contoso-hello/hello && dpkg --audit", check=False)
    if proof.returncode != 0 or "Hello from Contoso" not in proof.stdout or "packages" in proof.stdout:
        problems.append(f"the device's own proof: {proof.stdout}{proof.stderr}")
    return problems


def processes(world):
    """Ids on the device's network, where nothing but the agent may be."""
    out = subprocess.run(["ip", "netns", "pids", f"{world.env['FERRY_NS']}-dev"], capture_output=True, text=True,
                         check=False).stdout
    return [int(pid) for pid in out.split()]


def check_processes(world):
    agent = int((world.work / "pc" / "agent.pid").read_text().split()[0])
    until = time.monotonic() + 3
    while time.monotonic() < until:
        left = [pid for pid in processes(world) if pid != agent]
        if not left:
            return []
        time.sleep(0.1)
    return [f"processes left on the device: {left}"]


def check(world, serial, tag, before):
    """Every invariant after a finished journey; the list of what is wrong. `before`: the timeline at the cut."""
    device = world.device_id(serial)
    problems = check_database(world, device) + check_registration(world, serial, tag)
    now = world.events(serial)
    if now[:len(before)] != before:
        problems.append("the timeline lost events")
    return problems + check_finished(world, serial, device) + check_directory(world, device) + check_processes(world)
