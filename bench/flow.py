# SPDX-License-Identifier: Apache-2.0
"""The Technician flow on the lab's real parts: how long it takes, who works meanwhile, and what the agent keeps."""
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "lab"))
PREFIX = "fbench"
TICK = os.sysconf("SC_CLK_TCK")
# Which program counts for whom.
OWNERS = {"swtpm": "TPM", "ferryd": "Ferry", "ferry-signer": "Ferry", "ferry-agentd": "Ferry", "ferry-connector": "Ferry",
          "samba": "DC", "smbd": "DC", "winbindd": "DC", "ldap": "DC", "kdc": "DC", "rpc": "DC"}


def in_lab(process, lab):
    """Other labs may run on this machine: ours has network namespaces of its own, and its TPM is named by its folder."""
    spaces = {space.stat().st_ino for space in pathlib.Path("/run/netns").glob(f"{PREFIX}-*")}
    return ((process / "ns/net").stat().st_ino in spaces or
            str(lab.work).encode() in (process / "cmdline").read_bytes())


def cpu_by_owner(lab):
    """Seconds of CPU of the lab's programs with what their ended children used."""
    total = dict.fromkeys(("TPM", "DC", "Ferry"), 0.0)
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            head, fields = (process / "stat").read_text().rsplit(")", 1)
            name = head.split("(", 1)[1]
            owner = next((o for n, o in OWNERS.items() if name.startswith(n[:15])), None)
            if owner and not in_lab(process, lab):
                continue
        except OSError:
            continue
        if owner:
            total[owner] += sum(int(x) for x in fields.split()[11:15]) / TICK
    return total


def configure(lab, ferrylab):
    """A hybrid deployment as the demo has it, without the app."""
    text = ("./Device/Vendor/MSFT/Policy/Config/LocalPoliciesSecurityOptions/"
            "InteractiveLogon_MessageTextForUsersAttemptingToLogOn")
    (lab.work / "device.csv").write_text(lab.device("/usr/sbin/ferry-agentd", "--export-hash").stdout)
    (lab.work / "wlan.xml").write_text(ferrylab.WLAN_XML)
    lab.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", lab.work / "root.key", "-out",
            lab.work / "root.pem", "-subj", "/CN=Contoso Root", "-days", "100")
    lab.ferry("group", "create", "Sales", "--rule", '(device.devicePhysicalIds -any (_ -eq "[OrderID]:sales"))')
    lab.ferry("profile", "create", "Hybrid", "--join", "hybrid", "--preprovisioning", "--trust-store", "lab", "--group",
              "Sales")
    lab.ferry("esp", "create", "ESP", "--group", "Sales")
    lab.ferry("domainjoin", "create", "Corp", "--domain", ferrylab.DOMAIN, "--ou", ferrylab.OU, "--name", "PC-%RAND:6%",
              "--group", "Sales")
    lab.ferry("policy", "add", "Notice", "--uri", text, "--value", "Property of Contoso", "--all-devices")
    lab.ferry("wifi", "add", "Contoso", "--ssid", "Contoso", "--file", lab.work / "wlan.xml", "--all-devices")
    lab.ferry("cert", "add", "Root", lab.work / "root.pem", "--all-devices")
    lab.ferry("device", "import", lab.work / "device.csv", "--group-tag", "sales", "--user", ferrylab.ALICE)


def agent_memory(lab):
    """RSS and its peak, in MB, of the agent itself."""
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            root, text = os.readlink(status.parent / "root"), status.read_text()
        except OSError:
            continue
        if text.startswith("Name:\tferry-agentd\n") and root.startswith(str(lab.work)):
            values = dict(line.split(":", 1) for line in text.splitlines())
            return int(values["VmRSS"].split()[0]) / 1024, int(values["VmHWM"].split()[0]) / 1024
    raise SystemExit("no agent is running")


def provision(lab):
    """Press Provision, wait for the green page."""
    before, begun = cpu_by_owner(lab), time.monotonic()
    lab.act("provision")
    screen = lab.wait_screen("success", "failure", timeout=120)
    seconds = time.monotonic() - begun
    if screen["screen"] != "success":
        raise SystemExit(f"the Technician flow failed: {screen}")
    used = {owner: value - before[owner] for owner, value in cpu_by_owner(lab).items()}
    return seconds, used


def use(lab, ferrylab):
    """Seal, carry the device to the user's desk, switch it on: seconds to the page that asks for a password, and to the end."""
    lab.act("reseal")
    lab.wait_screen("poweringoff", timeout=60)
    lab.wait_power_off()
    lab.script("net", "device", "corporate")
    begun = time.monotonic()
    lab.boot()
    screen = lab.wait_screen("signin", "failure", timeout=120)
    asked = time.monotonic()
    if screen["screen"] == "signin":
        lab.act("signin", user=ferrylab.ALICE, password=lab.alice_password())
        screen = lab.wait_screen("done", "failure", timeout=120)
    if screen["screen"] != "done":
        raise SystemExit(f"the User flow failed: {screen}")
    return asked - begun, time.monotonic() - asked


def measure(bench):
    import ferrylab
    work = bench.run / "lab"
    lab = ferrylab.Lab(bench.build, work, prefix=PREFIX)
    lab.env["LAB_CACHE"] = os.environ.get("LAB_CACHE", str(ROOT / "build" / "lab-cache"))
    try:
        lab.up()
        lab.start_service()
        lab.enroll_connector()
        lab.start_connector()
        lab.make_device("BENCH-1")
        configure(lab, ferrylab)
        lab.boot()
        lab.first_pages()
        seconds, used = provision(lab)
        rest = max(0.0, seconds - sum(used.values()))
        bench.record("technician_flow_s", "s", seconds, 5, "without an app; CPU of TPM {TPM:.2f}, DC {DC:.2f}, Ferry "
                     "{Ferry:.2f} s".format(**used) + f"; not more than {rest:.2f} s for the disk and any waiting")
        now, peak = agent_memory(lab)
        bench.record("agent_mb", "MB RSS", now, 16, f"after the Technician flow; at most {peak:.1f} during it")
        to_page, after = use(lab, ferrylab)
        bench.record("user_flow_s", "s", to_page, 8, "from switching on at the user's desk to the sign-in page, with the "
                     f"start of the agent; {after:.1f} s more from the password to \"You're all set\"")
    finally:
        lab.disconnect_face()
        lab.down()
