# SPDX-License-Identifier: Apache-2.0
"""Where the power is cut, as data.

STEPS are the 31 power-cut points of a device: T of the technician flow, U of the user flow. Each is cut in the three ways
of WAYS. PROGRAMS are the points at which a program outside the device is killed. "name@3" fires at the third time;
failpoints of one row fire one after the other. SAMPLE names what runs with the ordinary tests; tools/faults runs all of it
and as many random cuts as are asked for, made from a seed.
"""
import random

TECHNICIAN, USER, IMPORT = "technician", "user", "import"
RESTARTS = "restarts"  # the tag of devices that get an app which asks for a restart
AGENT, FERRYD, SIGNER, CONNECTOR, TPM = "agent", "ferryd", "signer", "connector", "tpm"

# (step, what happens there, program that comes by, flow, failpoint)
STEPS = [
    ("T1", "the first page", AGENT, TECHNICIAN, "agent.started"),
    ("T2", "looking for the network", AGENT, TECHNICIAN, "agent.network"),
    ("T3", "the profile was received", AGENT, TECHNICIAN, "agent.profile"),
    ("T4", "the technician's menu", AGENT, TECHNICIAN, "agent.menu"),
    ("T5", "the nonce was received", AGENT, TECHNICIAN, "agent.nonce_received"),
    ("T6", "the credential was activated", AGENT, TECHNICIAN, "agent.credential_activated"),
    ("T7", "the certificate was issued, not stored", FERRYD, TECHNICIAN, "ferryd.enroll_issued"),
    ("T8", "the certificate was stored, not acknowledged", AGENT, TECHNICIAN, "agent.certificate_stored"),
    ("T9", "the enrolment was posted", AGENT, TECHNICIAN, "agent.enroll_posted"),
    ("T10", "the domain join was asked for", FERRYD, TECHNICIAN, "ferryd.odj_queued"),
    ("T11", "the account was made in Active Directory", CONNECTOR, TECHNICIAN, "odj_account_added"),
    ("T12", "the blob was uploaded", CONNECTOR, TECHNICIAN, "connector.after_upload"),
    ("T13", "the blob was received, not written", AGENT, TECHNICIAN, "agent.odj_apply"),
    ("T14", "the blob was written, not applied", AGENT, TECHNICIAN, "agent.odj_written"),
    ("T15", "the join was applied, not acknowledged", AGENT, TECHNICIAN, "agent.odj_applied"),
    ("T16", "a policy in the middle of others", AGENT, TECHNICIAN, "agent.item_noted@8"),
    ("T17", "half of an app was downloaded", AGENT, TECHNICIAN, "agent.downloading"),
    ("T18", "an app in the middle of its installation", AGENT, TECHNICIAN, "package.preinst"),
    ("T19", "an app asked for a restart", AGENT, TECHNICIAN, "agent.restart"),
    ("T20", "device setup was done, not reported", AGENT, TECHNICIAN, "agent.device_done"),
    ("T21", "Reseal was pressed", AGENT, TECHNICIAN, "agent.reseal"),
    ("T22", "the seal was acknowledged, not written", AGENT, TECHNICIAN, "agent.seal_acknowledged"),
    ("T23", "switching off", AGENT, TECHNICIAN, "agent.resealed"),
    ("U1", "switched on by the user", AGENT, USER, "agent.resume"),
    ("U2", "the directory knows the device", AGENT, USER, "agent.directory_answered"),
    ("U3", "the domain controller was looked for", AGENT, USER, "agent.dc_check"),
    ("U4", "the user signed in to Active Directory", AGENT, USER, "agent.signed_in"),
    ("U5", "device setup again", AGENT, USER, "agent.manage"),
    ("U6", "account setup", AGENT, USER, "agent.manage@3"),
    ("U7", "the release was issued, not stored", AGENT, USER, "agent.release_answered"),
    ("U8", "the first session", AGENT, USER, "agent.done"),
]

# The device's own points: cut; cut, and once more where it comes by again; cut, and the service dies in the same moment.
# Points of other programs: the device is cut in that moment; the program is killed; both.
WAYS = {AGENT: ("power cut", "power cut, twice", "power cut, and the service is killed"),
        "outside": ("power cut", "the program is killed", "power cut, and the program is killed")}

# (program, flow, failpoint…)
PROGRAMS = [
    *((AGENT, TECHNICIAN, f"agent.{name}") for name in (
        "provision", "begin", "begun", "attest", "attested", "enroll", "enrolled", "manage", "manage@2", "manage@3",
        "odj_noted", "item_noted", "item_noted@10", "item_noted@12", "app_download", "app_install", "app_installed",
        "keys_pinned", "technician_done")),
    (AGENT, TECHNICIAN, "package.postinst"),
    (AGENT, TECHNICIAN, "agent.attested", "agent.enroll_posted", "agent.odj_written", "agent.odj_applied",
     "agent.app_installed", "agent.device_done"),
    *((AGENT, USER, f"agent.{name}") for name in (
        "key_proven", "register", "registered", "manage@2", "user_done", "finish", "finished", "release",
        "released", "account_ready")),

    (FERRYD, IMPORT, "store.before_commit"),
    (FERRYD, IMPORT, "store.after_commit"),
    (FERRYD, TECHNICIAN, "ferryd.attestation_taken"),
    (FERRYD, TECHNICIAN, "ferryd.attestation_proven"),
    (FERRYD, TECHNICIAN, "ferryd.enroll_stored"),
    *((FERRYD, TECHNICIAN, f"ferryd.management_answer{n}") for n in ("", "@2", "@3", "@4")),
    (FERRYD, TECHNICIAN, "ferryd.odj_before_queue"),
    (FERRYD, TECHNICIAN, "ferryd.job_leased"),
    (FERRYD, TECHNICIAN, "ferryd.job_before_store"),
    (FERRYD, TECHNICIAN, "ferryd.job_after_store"),
    (FERRYD, TECHNICIAN, "ferryd.odj_before_delivered"),
    (FERRYD, TECHNICIAN, "ferryd.odj_delivered"),
    (FERRYD, TECHNICIAN, "ferryd.enroll_stored", "ferryd.odj_queued", "ferryd.job_leased", "ferryd.job_after_store",
     "ferryd.odj_before_delivered", "ferryd.odj_delivered"),
    *((FERRYD, TECHNICIAN, f"store.{when}_commit@{n}") for n in range(1, 21, 2) for when in ("before", "after")),
    (FERRYD, USER, "ferryd.management_answer"),
    (FERRYD, USER, "ferryd.management_answer@3"),
    (FERRYD, USER, "ferryd.directory_issued"),
    (FERRYD, USER, "ferryd.job_leased"),
    (FERRYD, USER, "ferryd.job_before_store"),
    (FERRYD, USER, "ferryd.job_after_store"),
    *((FERRYD, USER, f"store.{when}_commit@{n}") for n in range(1, 15, 2) for when in ("before", "after")),

    (SIGNER, TECHNICIAN, "signer.before_answer"),  # the device token
    (SIGNER, TECHNICIAN, "signer.after_answer"),
    (SIGNER, TECHNICIAN, "signer.before_answer@2"),  # the device's certificate
    (SIGNER, TECHNICIAN, "signer.after_answer@2"),
    (SIGNER, USER, "signer.before_answer"),  # the directory's certificate
    (SIGNER, USER, "signer.after_answer"),

    *((CONNECTOR, TECHNICIAN, name) for name in (
        "connector.leased", "connector.before_add", "odj_account_add", "connector.after_add", "connector.before_upload")),
    (CONNECTOR, TECHNICIAN, "odj_account_added", "odj_account_adopted"),
    *((CONNECTOR, USER, name) for name in (
        "connector.leased", "connector.before_upload", "connector.after_upload")),
]

# Between the technician and the user: how long the device lies on the shelf.
SHELVES = ("89 minutes", "91 minutes", "179 days", "181 days", "395 days")

SAMPLE = {("T8", 0), ("T11", 0), ("T14", 2), ("T15", 1), ("T22", 0), ("U4", 0), ("U7", 2)}
SAMPLE_PROGRAMS = {(FERRYD, IMPORT, "store.before_commit"), (AGENT, TECHNICIAN, "package.postinst"),
                   (FERRYD, TECHNICIAN, "ferryd.enroll_stored"), (FERRYD, TECHNICIAN, "ferryd.job_leased"),
                   (FERRYD, TECHNICIAN, "ferryd.odj_delivered"), (SIGNER, TECHNICIAN, "signer.before_answer")}
SAMPLE_SHELVES = ()
# Everything a random cut can meet.
RANDOM_POINTS = sorted({(row[2], row[3], row[4].split("@")[0]) for row in STEPS} | {
    (row[0], row[1], row[2].split("@")[0]) for row in PROGRAMS if row[1] != IMPORT and "restart" not in row[2]} - {(AGENT, TECHNICIAN, "agent.restart")})


def step_rows(sample):
    for step, what, program, flow, point in STEPS:
        for way, text in enumerate(WAYS[AGENT if program == AGENT else "outside"]):
            if not sample or (step, way) in SAMPLE:
                yield {"kind": "step", "step": step, "what": what, "program": program, "flow": flow, "points": [point],
                       "way": text, "name": f"{step}, {what} ({point}): {text}",
                       **({"tag": RESTARTS} if step == "T19" else {})}


def program_rows(sample):
    for row in PROGRAMS:
        if not sample or row in SAMPLE_PROGRAMS:
            yield {"kind": "program", "program": row[0], "flow": row[1], "points": list(row[2:]),
                   "way": "the program is killed", "name": f"{row[0]}, {row[1]}: {', then '.join(row[2:])}"}


def random_rows(count, seed):
    """Half of them at a random pass of a random failpoint, half after random milliseconds."""
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        row = {"kind": "random", "seed": f"{seed}/{number}"}
        if number % 2:
            program, flow, point = dice.choice(RANDOM_POINTS)
            nth = dice.choice((1, 1, 1, 2, 3))
            point = f"{point}@{nth}" if nth > 1 and not point.startswith("package.") else point
            row.update(program=program, flow=flow, points=[point], way="the program is killed",
                       name=f"random {number}: {program}, {flow}: {point}")
        else:
            program = dice.choice((AGENT, AGENT, FERRYD, CONNECTOR, SIGNER, TPM))
            flow, ms = dice.choice((TECHNICIAN, USER)), dice.randrange(0, 4000)
            row.update(program=program, flow=flow, points=[], at_ms=ms, way=f"killed after {ms} ms",
                       name=f"random {number}: {program}, {flow}: after {ms} ms")
        yield row


def shelf_rows(sample):
    for shelf in SAMPLE_SHELVES if sample else SHELVES:
        yield {"kind": "shelf", "program": "", "flow": USER, "points": [], "shelf": shelf, "way": "",
               "name": f"{shelf} between technician and user"}


def rows(sample=False, randoms=0, seed="1"):
    yield from step_rows(sample)
    yield from program_rows(sample)
    yield from shelf_rows(sample)
    yield from random_rows(randoms, seed)
