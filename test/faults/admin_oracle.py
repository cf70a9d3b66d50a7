# SPDX-License-Identifier: Apache-2.0
"""What must hold in the database after every fault, whoever did what: nothing half, nothing that points nowhere, and
membership and assignment equal to a second computation of them."""
import collections
import copy
import json
import time

from admin_work import EVENTS, RULES


def index(rows, key):
    return {row[key]: row for row in rows}


def check_whole(base):
    """Every device with all of its parts, every reference with its object."""
    problems = []
    devices, cohorts = index(base["device"], "device_id"), index(base["cohort"], "cohort_id")
    groups = index(base["directory_group"], "group_id")
    objects = {"profile": index(base["deployment_profile"], "profile_id"), "esp": index(base["esp_profile"], "esp_id")}
    for table in ("device_hash", "directory_device"):
        have = [row["device_id"] for row in base[table]]
        if sorted(have) != sorted(devices):
            problems.append(f"{table}: of {sorted(set(devices) ^ set(have))[:3]} (or twice)")
    for row in base["device"]:
        cohort = cohorts.get(row["cohort_id"])
        if not cohort:
            problems.append(f"device {row['serial']} is in no cohort")
            continue
        facts = json.loads(cohort["attributes"])
        for name, column in (("groupTag", "group_tag"), ("manufacturer", "manufacturer"), ("model", "model")):
            if facts.get(name, "") != row[column]:
                problems.append(f"device {row['serial']} has {column} {row[column]}, its cohort {facts.get(name)}")
    for row in base["cohort_group"]:
        if row["cohort_id"] not in cohorts or row["group_id"] not in groups:
            problems.append(f"cohort_group points to nothing: {row}")
    for row in base["assignment"]:
        kind = objects.get(row["object_kind"])
        if kind is not None and row["object_id"] not in kind:
            problems.append(f"assignment of nothing: {row}")
        if (row["group_id"] is not None and row["group_id"] not in groups) or \
                (row["target"] in ("group", "exclude")) != (row["group_id"] is not None):
            problems.append(f"assignment to nothing: {row}")
    for table, collection in (("deployment_profile", "windowsAutopilotDeploymentProfiles"),
                              ("esp_profile", "deviceEnrollmentConfigurations")):
        read = sorted((next(iter(row.values())), row["name"]) for row in base[table])
        said = sorted((row["object_id"], row["name"]) for row in base["graph_object"]
                      if row["collection"].endswith("/" + collection))
        if read != said:
            problems.append(f"what devices read is not what administrators made: {set(read) ^ set(said)}")
    noted = {}
    for row in base["import_line"]:
        key = (row["import_id"], row["part"], row["status"])
        noted[key] = noted.get(key, 0) + 1
    for row in base["import_part"]:
        wrong = [s for s in ("existing", "failed") if row[s] != noted.pop((row["import_id"], row["part"], s), 0)]
        if wrong or row["lines"] != row["imported"] + row["existing"] + row["failed"]:
            problems.append(f"the counts of a part are not those of its lines: {row}")
    if noted:
        problems.append(f"lines of a part that was not done: {noted}")
    there = {row["serial"] for row in base["device"]}
    for row in base["deletion_request"]:
        if row["state"] == "done" and there & set(json.loads(row["items"])):
            problems.append(f"deleted by two persons, and there: {row['request_id']}")
    for row in base["device_transfer"]:
        if row["state"] == "approved" and row["device_id"] in devices:
            problems.append(f"given to another organization, and there: {row['serial']}")
    serials = [(row["serial"].upper(), row["manufacturer"], row["model"]) for row in base["device"]]
    if len(set(serials)) != len(serials):
        problems.append("a device is registered twice")
    names = [(row["tenant_id"], row["name"].lower()) for row in base["directory_group"]]
    if len(set(names)) != len(names):
        problems.append("two groups of one name")
    return problems


def choose(base, kind, key, table, mine):
    """The object that wins: by priority (X16), then a group beats All devices, then age, then id."""
    objects = index(base[table], key)
    rows = [r for r in base["assignment"] if r["object_kind"] == kind and r["object_id"] in objects]
    excluded = {r["object_id"] for r in rows if r["target"] == "exclude" and r["group_id"] in mine}
    reach = [r for r in rows if r["object_id"] not in excluded and
             (r["target"] == "all_devices" or (r["target"] == "group" and r["group_id"] in mine))]
    order = sorted((objects[r["object_id"]].get("priority") or 1 << 31, r["target"] != "group",
                    objects[r["object_id"]]["created_at"], r["object_id"]) for r in reach)
    return order[0][3] if order else None


def check_assigned(base):
    """Groups and assigned objects of every device, worked out again."""
    problems = []
    cohorts = index(base["cohort"], "cohort_id")
    of_cohort = {}
    for row in base["cohort_group"]:
        of_cohort.setdefault(row["cohort_id"], set()).add(row["group_id"])
    rules = {g["group_id"]: g for g in base["directory_group"] if g["rule"] in RULES}
    known = {}
    for device in base["device"]:
        cohort = cohorts.get(device["cohort_id"])
        if not cohort:
            continue
        wanted = {i for i, g in rules.items() if g["tenant_id"] == device["tenant_id"] and RULES[g["rule"]](device)}
        has = of_cohort.get(device["cohort_id"], set()) & set(rules)
        if has != wanted:
            names = [(rules[i]["name"], rules[i]["rule"], "lacks" if i in wanted else "has") for i in has ^ wanted]
            problems.append(f"{device['serial']}: groups differ from the rules: {names[:5]}")
        key = frozenset(has)
        if key not in known:
            known[key] = (choose(base, "profile", "profile_id", "deployment_profile", has),
                          choose(base, "esp", "esp_id", "esp_profile", has))
        if (cohort["profile_id"], cohort["esp_id"]) != known[key]:
            problems.append(f"{device['serial']}: assigned {cohort['profile_id']}, {cohort['esp_id']}, not {known[key]}")
    return problems


def check_audit_rows(admins, base):
    """Every change is noted once, and no number is missing. What may have been done without a trace may be noted."""
    problems = []
    found = collections.Counter(row["name"] for row in base["audit_event"] if row["name"] in EVENTS)
    wanted = collections.Counter(name for admin in admins for name in admin.audited)
    doubtful = collections.Counter(name for admin in admins for name in admin.doubtful)
    for name in sorted(EVENTS):
        if not wanted[name] <= found[name] <= wanted[name] + doubtful[name]:
            problems.append(f"audit: {found[name]} of {name}, not {wanted[name]} (+ {doubtful[name]})")
    numbers = sorted((row["tenant_id"], row["seq"]) for row in base["audit_event"])
    if any(a[0] == b[0] and b[1] != a[1] + 1 for a, b in zip(numbers, numbers[1:])):
        problems.append("the audit chain has a gap")
    if problems:  # so that the next one is judged on its own
        others = sum((collections.Counter(admin.audited) for admin in admins[1:]), collections.Counter())
        admins[0].audited = list((found - others).elements())
        for admin in admins:
            admin.doubtful = []
    return problems


def check_audit(service, admins, base):
    """The log says what was done, and the service itself finds its chain whole."""
    problems = check_audit_rows(admins, base)
    for token in (service.token, *service.tokens.values()):
        status, verdict = service.request("GET", "/ferry/v1/audit/verify", token=token)
        if status != 200 or not verdict["intact"]:
            problems.append(f"the audit chain is broken: {status} {verdict}")
    return problems


def read_settled(service, seconds=15):
    """The database once no cohort waits to be asked."""
    until = time.monotonic() + seconds
    while True:
        base = service.read()
        if not any(row["stale"] for row in base["cohort"]) or time.monotonic() > until:
            return base
        time.sleep(0.05)


def check(service, base):
    problems = check_whole(base) + check_assigned(base) + service.integrity()
    if any(row["stale"] for row in base["cohort"]):
        problems.append("a cohort is not settled")
    return problems


def forget(table, choose_row=lambda row: True):
    def damage(base):
        base[table].remove(next(row for row in base[table] if choose_row(row)))
    return damage


def change(table, choose_row=lambda row: True, **values):
    def damage(base):
        next(row for row in base[table] if choose_row(row)).update(values)
    return damage


def double(table):
    def damage(base):
        base[table].append(dict(base[table][0]))
    return damage


def agree(base):
    base["deletion_request"].append({"request_id": "x", "state": "done", "items": json.dumps([base["device"][0]["serial"]])})


def give_away(base):
    base["device_transfer"].append(dict(base["device"][0], transfer_id="x", state="approved"))


def lose_membership(base):
    used = {device["cohort_id"] for device in base["device"]}
    base["cohort_group"].remove(next(row for row in base["cohort_group"] if row["cohort_id"] in used))


# Damage that must be found: the oracle that finds nothing proves nothing.
PLANTED = {
    "a device without its directory device": forget("directory_device"),
    "a device without its hash": forget("device_hash"),
    "a device without cohort": change("device", cohort_id=None),
    "a device whose tag its cohort does not have": change("device", group_tag="stolen"),
    "a device registered twice": double("device"),
    "a profile that nobody made": change("deployment_profile", name="another"),
    "a line of an import that is gone": forget("import_line"),
    "a part of an import that is gone": forget("import_part"),
    "a group twice": double("directory_group"),
    "a membership that the rule gives, and nobody wrote": lose_membership,
    "an assignment to a group that is gone": change("assignment", lambda r: r["group_id"], group_id="gone"),
    "an assignment of a profile that is gone": change("assignment", object_id="gone"),
    "a deletion that two persons decided, and a device that stays": agree,
    "a transfer that was approved, and a device that stays": give_away,
    "an assigned profile that no rule gives": change("cohort", profile_id="another", esp_id="another"),
}


def planted(base):
    """[name of the damage that was not found], each done to a copy of what was read."""
    missed = []
    used = {device["cohort_id"] for device in base["device"]}
    base["cohort"].sort(key=lambda row: row["cohort_id"] not in used)
    for name, damage in PLANTED.items():
        damaged = copy.deepcopy(base)
        damage(damaged)
        if not check_whole(damaged) + check_assigned(damaged):
            missed.append(name)
    return missed
