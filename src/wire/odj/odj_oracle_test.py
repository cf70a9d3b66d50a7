#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""odj_oracle_test.py ODJ_TOOL: Samba's own programs must read our offline-domain-join blob.

`ndrdump` decodes it and encodes it again (--validate); `net offlinejoin requestodj` joins a computer of its own with it.
"""
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile

TOOL = os.path.abspath(sys.argv[1])
PASSWORD = "Pw-" + secrets.token_urlsafe(60)

# Not "system keytab" or "secrets and keytab": Samba 4.17's requestodj crashes with those.
MEMBER_CONF = """[global]
	workgroup = CORP
	realm = CORP.EXAMPLE.COM
	netbios name = PC-0777
	security = ads
	private dir = {0}/private
	state directory = {0}/state
	cache directory = {0}/cache
	lock directory = {0}/lock
	pid directory = {0}/run
	log file = {0}/log/log.%m
	kerberos method = secrets only
"""


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin")


def write_blob(folder, form):
    path = os.path.join(folder, form)
    with open(path, "wb") as file:
        subprocess.run([TOOL, form], stdout=file, check=True, env=dict(os.environ, ODJ_PASSWORD=PASSWORD))
    return path


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.returncode, done.stdout + done.stderr


def decoded_by_ndrdump(folder):
    if not find("ndrdump"):
        return "skip", "ndrdump (samba-testsuite) is not installed"
    code, text = run(find("ndrdump"), "--validate", "ODJ", "ODJ_PROVISION_DATA_serialized_ptr", "struct",
                     write_blob(folder, "binary"))
    wanted = [r"lpMachineName\s*:\s*\*\s*lpMachineName\s*:\s*'PC-0777'", r"lpDomain\s*: 'corp.example.com'",
              r"S-1-5-21-1760403545-3446481863-3192138470-1106", r"OP_JOINPROV3_PART", r"dump OK"]
    missing = [w for w in wanted if not re.search(w, text)]
    if code != 0 or missing:
        return "not ok", f"exit {code}, not found: {missing}\n{text}"
    if re.search(r"WARNING! (orig bytes|orig and validated differ|\d+ unread)|ndr_.*fail", text, re.I):
        return "not ok", text
    return "ok", ""


def accepted_by_net(folder, form):
    if not find("net"):
        return "skip", "net (samba-common-bin) is not installed"
    member = os.path.join(folder, "member-" + form)
    for part in ("private", "state", "cache", "lock", "run", "log"):
        os.makedirs(os.path.join(member, part))
    conf = os.path.join(member, "smb.conf")
    with open(conf, "w", encoding="ascii") as file:
        file.write(MEMBER_CONF.format(member))
    code, text = run(find("net"), "-s", conf, "offlinejoin", "requestodj", "loadfile=" + write_blob(folder, form))
    if code != 0:
        return "not ok", f"exit {code}\n{text}"
    with open(os.path.join(member, "private", "secrets.tdb"), "rb") as file:
        joined = PASSWORD.encode("utf-16-le") in file.read() or PASSWORD.encode() in open(file.name, "rb").read()
    return ("ok", "") if joined else ("not ok", "secrets.tdb does not hold the machine password")


def main():
    print("1..3", flush=True)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="odj") as folder:
        cases = [
            ("ndrdump decodes our blob and encodes it to the same bytes", decoded_by_ndrdump, ()),
            ("net offlinejoin requestodj takes our savefile", accepted_by_net, ("file",)),
            ("net offlinejoin requestodj takes our base64", accepted_by_net, ("base64",)),
        ]
        for number, (name, check, args) in enumerate(cases, 1):
            result, why = check(folder, *args)
            for line in why.splitlines() if result == "not ok" else []:
                print("# " + line.replace(PASSWORD, "(password)"))
            if result == "skip":
                print(f"ok {number} - {name} # SKIP {why}")
            else:
                print(f"{result} {number} - {name}")
            failed += result == "not ok"
    return 1 if failed else 0


sys.exit(main())
