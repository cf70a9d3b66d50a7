# SPDX-License-Identifier: Apache-2.0
"""Five bugs, planted in copies of what a finished run left behind: the oracle must find each, and by its own invariant.

Only the second account is planted in the real Active Directory, which cannot be copied; it is removed again.
"""
import contextlib
import pathlib
import shutil
import sqlite3
import tempfile

from oracle import Evidence, judge

ACCOUNT = r"""
set -e
kinit -k -t "$1" svc-odj@CORP.EXAMPLE.COM
dn="CN=PC-PLANTED,OU=Autopilot,DC=corp,DC=example,DC=com"
url=ldap://dc1.corp.example.com
if [ "$2" = add ]; then
	printf 'dn: %s\nobjectClass: computer\nsAMAccountName: PC-PLANTED$\nuserAccountControl: 4098\ndescription: ferry-odj:planted\n' \
		"$dn" | ldapadd -Q -N -Y GSSAPI -H "$url"
else
	ldapdelete -Q -N -Y GSSAPI -H "$url" "$dn"
fi
"""


def copies(see, folder):
    """The same evidence, in copies that may be damaged."""
    folder = pathlib.Path(folder)
    with sqlite3.connect(f"file:{see.database}?mode=ro", uri=True) as source, \
            contextlib.closing(sqlite3.connect(folder / "ferry.db")) as target:
        source.backup(target)
    shutil.copytree(see.state, folder / "state", ignore=lambda _, names: [n for n in names if n == "lock"])
    shutil.copytree(see.gate, folder / "gate")
    (folder / "logs").mkdir()
    logs = []
    for path in see.logs:
        if path.exists():
            shutil.copy(path, folder / "logs" / path.name)
            logs.append(folder / "logs" / path.name)
    return Evidence(see.lab, see.history, folder / "ferry.db", folder / "state", folder / "gate", logs)


def change(see, sql, *values):
    with contextlib.closing(sqlite3.connect(see.database)) as database:
        changed = database.execute(sql, values).rowcount
        database.commit()
        if not changed:
            raise LookupError(f"the bug cannot be planted: nothing matches {sql}")


def lost_acknowledgement(see):
    """An event that the device was told is stored is not there."""
    change(see, "DELETE FROM deployment_event WHERE rowid = (SELECT e.rowid FROM deployment_event e JOIN deployment "
           "USING (deployment_id) WHERE device_id = ? ORDER BY e.seq DESC LIMIT 1)", see.device)


@contextlib.contextmanager
def second_account(see):
    """A second live account with our mark."""
    keytab = see.lab.work / "dc" / "secrets" / "svc-odj.keytab"
    see.lab.at("conn", "bash", "-c", ACCOUNT, "plant", keytab, "add")
    try:
        yield
    finally:
        see.lab.at("conn", "bash", "-c", ACCOUNT, "plant", keytab, "remove")


def nonce_twice(see):
    """A second proof was accepted with the nonces of the first."""
    with contextlib.closing(sqlite3.connect(see.database)) as database:
        names = [row[1] for row in database.execute("PRAGMA table_info(attestation)")]
    rest = ", ".join(name for name in names if name != "session_id")
    change(see, f"INSERT INTO attestation (session_id, {rest}) SELECT 'planted', {rest} FROM attestation WHERE "
           "device_id = ? AND used > 0 AND proven_at IS NOT NULL LIMIT 1", see.device)


def release_without_token(see):
    """The device was handed to its user although it holds no release token."""
    (see.gate / "release.jwt").unlink()


def secret_in_log(see):
    """The user's password was logged."""
    with open(see.logs[-1], "ab") as log:
        log.write(b"debug: " + (see.lab.work / "dc" / "secrets" / "alice.pw").read_bytes())


PLANTS = [("lost acknowledgement", lost_acknowledgement, "I1"), ("second live account", second_account, "I4"),
          ("nonce consumed twice", nonce_twice, "I5"), ("release without a token", release_without_token, "I7"),
          ("secret in a log", secret_in_log, "I10")]


def find_planted(see):
    """For each bug: its name, whether its own invariant found it, and what was said. Undamaged copies must pass."""
    with tempfile.TemporaryDirectory(prefix="ferry-plant-") as folder:
        problems = judge(copies(see, folder))
    yield "nothing was planted", not problems, problems
    for name, plant, invariant in PLANTS:
        with tempfile.TemporaryDirectory(prefix="ferry-plant-") as folder:
            damaged = copies(see, folder)
            with plant(damaged) or contextlib.nullcontext():
                problems = judge(damaged)
        yield name, any(p["invariant"] == invariant for p in problems), problems
