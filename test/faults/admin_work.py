# SPDX-License-Identifier: Apache-2.0
"""Administrators at work, and what each of them may rely on: a model made of nothing but acknowledged requests.

Several work at once, each on objects of an own name, so that exactly one request of each may be in the air when the
service dies: what the database holds must be the model, or the model and that request, wholly.
"""
import copy
import itertools
import json
import random

from admin_service import LOST, hardware_hash

GRAPH = "/beta/deviceManagement"
TAGS = ("sales", "kiosk", "eng", "")
MODELS = (("Contoso", "Wing 7"), ("Contoso", "Wing 9"), ("Fabrikam", "Slab"))
MAX_DEVICES, MAX_GROUPS, MAX_OBJECTS = 40, 8, 5
TARGETS = {"group": "#microsoft.graph.groupAssignmentTarget",
           "exclude": "#microsoft.graph.exclusionGroupAssignmentTarget",
           "all_devices": "#microsoft.graph.allDevicesAssignmentTarget"}
COLLECTION = {"profile": "windowsAutopilotDeploymentProfiles", "esp": "deviceEnrollmentConfigurations"}
# A rule, and what it means: written a second time here, so that the service does not judge itself.
RULES = {
    '(device.devicePhysicalIds -any (_ -eq "[OrderID]:sales"))': lambda d: d["group_tag"] == "sales",
    '(device.devicePhysicalIds -any (_ -eq "[OrderID]:kiosk"))': lambda d: d["group_tag"] == "kiosk",
    'device.deviceModel -eq "Wing 7" or device.deviceManufacturer -eq "Fabrikam"':
        lambda d: d["model"] == "Wing 7" or d["manufacturer"] == "Fabrikam",
    'not (device.deviceModel -startsWith "Wing")': lambda d: not d["model"].startswith("Wing"),
    'device.displayName -contains "-1"': lambda d: "-1" in d["serial"],
    'device.displayName -match "^A[0-9]+-[0-9]*3$" and device.deviceManufacturer -eq "Contoso"':
        lambda d: d["serial"].endswith("3") and d["manufacturer"] == "Contoso",
}
HEADER = "Device Serial Number,Windows Product ID,Hardware Hash,Group Tag,Assigned User"
EMPTY = {"devices": {}, "groups": {}, "profile": {}, "esp": {}, "assigned": {}, "deletions": {}, "transfers": {}}
# So many at once need a second administrator: the devices of a request are filled up with names that nobody registered.
TWO_PERSONS = 51
DELETED = "Delete WindowsAutopilotDeviceIdentity"


# What the audit log calls a request; one event each. Registrations by way of Graph are their own record.
AUDITED = {
    "delete": DELETED, "deletions": DELETED,
    "group": "Create Group", "rule": "Patch Group", "profile": "Create WindowsAutopilotDeploymentProfile",
    "patch": "Patch WindowsAutopilotDeploymentProfile", "esp": "Create DeviceEnrollmentConfiguration",
    "assign profile": "Assign WindowsAutopilotDeploymentProfile", "assign esp": "Assign DeviceEnrollmentConfiguration",
    "part": "Import WindowsAutopilotDeviceIdentity",
}
# The others have several events, or devices have one each: Request.events.
EVENTS = {*AUDITED.values(), "Request deletion of devices", "Approve deletion of devices", "Refuse deletion of devices",
          "Request transfer of a device", "Approve transfer of a device", "Refuse transfer of a device",
          "Transfer of a device decided"}


class Request:
    """One change: what is sent, and what it does to a model: one step that is done wholly or not at all, or several
    that are done one after the other."""

    def __init__(self, name, method, path, body, apply, unique=True):
        self.name, self.method, self.path, self.body = name, method, path, body
        self.steps = apply if isinstance(apply, list) else [apply]
        self.unique = unique  # False: done twice it makes two objects, so one looks before one repeats
        self.refused = None  # the named cause, when the service said that nothing was done
        self.actor = None  # one of Service.tokens
        self.events = None  # what the audit log has of it, where AUDITED does not say it; apply() writes it

    def apply(self, model, steps=None):
        for step in self.steps if steps is None else steps:
            step(model)

    def outcomes(self):
        """What may have been done of it, but for nothing."""
        for count in range(1, len(self.steps) + 1):
            yield from itertools.combinations(self.steps, count)


class Admin:
    """One administrator, with a prefix of names that nobody else uses."""

    def __init__(self, service, prefix, seed, token=None):
        self.service, self.prefix, self.token = service, prefix, token
        self.random = random.Random(f"{prefix}/{seed}")
        self.model, self.ids, self.made = copy.deepcopy(EMPTY), {}, 0
        self.job, self.parts = None, 0  # a file that is imported in parts, and how many of it were made
        self.open = None  # the request whose outcome is not known
        self.asked = {}  # devices of the deletions that were asked for
        self.history, self.problems = [], []
        self.audited = []  # names of the events that must be in the audit log
        self.doubtful = []  # those that may be: what was in the air left no other trace
        self.done_steps = 0

    def name(self):
        self.made += 1
        return f"{self.prefix}-{self.made}"

    # --- requests

    def importing(self, serials):
        entries, wanted = [], {}
        for serial in serials:
            maker, model = MODELS[sum(serial.encode()) % len(MODELS)]
            tag, user = self.random.choice(TAGS), self.random.choice(("", "alice@corp.example.com"))
            entries.append({"serialNumber": serial, "groupTag": tag, "assignedUserPrincipalName": user,
                            "hardwareIdentifier": hardware_hash(serial, maker, model)})
            wanted[serial] = (tag, user)

        def apply(model):
            for serial, new in wanted.items():
                old = model["devices"].get(serial, ("", ""))
                model["devices"][serial] = (new[0] or old[0], new[1] or old[1])  # what is left empty stays

        return Request("import", "POST", f"{GRAPH}/importedWindowsAutopilotDeviceIdentities/import",
                       {"importedWindowsAutopilotDeviceIdentities": entries}, apply)

    def a_new_import(self):
        room = MAX_DEVICES - len(self.model["devices"])
        if room <= 0:
            return self.a_deletion()
        return self.importing([self.name() for _ in range(self.random.randint(1, min(12, room)))])

    def a_part(self):
        """Lines of a file, one of which is no device."""
        room = MAX_DEVICES - len(self.model["devices"])
        if not self.job:
            return Request("job", "POST", "/ferry/v1/imports", {"name": self.prefix, "header": HEADER}, lambda m: None,
                           unique=False)
        if room <= 0:
            return self.a_deletion()
        wanted, lines = {}, []
        for _ in range(self.random.randint(1, min(12, room))):
            serial, tag = self.name(), self.random.choice(TAGS)
            wanted[serial] = (tag, "")
            lines.append(f"{serial},,{hardware_hash(serial, *MODELS[sum(serial.encode()) % len(MODELS)])},{tag},")
        lines.insert(self.random.randint(0, len(lines)), f"{self.prefix}-none,,bm8gaGFzaA==,,")
        self.parts += 1
        request = Request("part", "PUT", f"/ferry/v1/imports/{self.job}/parts/{self.parts}?firstLine={100 * self.parts}"
                          "&results=all",
                          "\r\n".join(lines) + "\r\n", lambda m: m["devices"].update(wanted))
        request.counts = {"lines": len(lines), "imported": len(wanted), "existing": 0, "failed": 1}
        return request

    def a_changed_tag(self):
        serials = sorted(self.model["devices"])
        if not serials:
            return self.a_new_import()
        request = self.importing(self.random.sample(serials, min(len(serials), self.random.randint(1, 4))))
        request.name = "tag"
        return request

    def a_deletion(self):
        serials = sorted(self.model["devices"])
        if not serials:
            return self.a_new_import()
        serial = self.random.choice(serials)
        return Request("delete", "DELETE", f"{GRAPH}/windowsAutopilotDeviceIdentities/{self.ids[serial]}", None,
                       lambda m: m["devices"].pop(serial))

    def several_deletions(self):
        serials = sorted(self.model["devices"])
        if len(serials) < 4:
            return self.a_new_import()
        chosen = self.random.sample(serials, self.random.randint(2, 4))
        return Request("deletions", "POST", f"{GRAPH}/windowsAutopilotDeviceIdentities/deleteDevices",
                       {"serialNumbers": chosen}, [lambda m, s=s: m["devices"].pop(s, None) for s in chosen])

    @staticmethod
    def ending(request, serials, *events, **states):
        """The request takes devices away, and leaves `events` and one more for each of them."""
        def apply(model):
            gone = [s for s in serials if model["devices"].pop(s, None) is not None]
            for kind, values in states.items():
                model[kind].update(values)
            request.events = [*events, *[DELETED] * len(gone)]
        request.steps = [apply]
        return request

    def a_deregistration(self):
        serials = sorted(self.model["devices"])
        if len(serials) < 3:
            return self.a_new_import()
        chosen = self.random.sample(serials, self.random.randint(1, 3))
        return self.ending(Request("deregister", "POST", "/ferry/v1/deregistrations", {"devices": chosen}, None), chosen)

    def two_persons(self):
        """Many deletions are asked for by one and decided by another."""
        waiting = sorted(k for k, state in self.model["deletions"].items() if state == "waiting")
        serials = sorted(self.model["devices"])
        if waiting and (len(waiting) > 2 or self.random.random() < 0.6):
            name, agree = self.random.choice(waiting), self.random.random() < 0.8
            request = Request("agree" if agree else "refuse", "POST", f"/ferry/v1/deregistrations/{self.ids[name]}/"
                              + ("approve" if agree else "refuse"), {}, None)
            request.actor = "second"
            return self.ending(request, self.asked[name] if agree else [],
                               f"{'Approve' if agree else 'Refuse'} deletion of devices",
                               deletions={name: "done" if agree else "refused"})
        if len(serials) < 3:
            return self.a_new_import()
        name, chosen = self.name(), self.random.sample(serials, self.random.randint(1, 3))
        self.asked[name] = chosen
        request = Request("ask", "POST", "/ferry/v1/deregistrations", {
            "devices": [name, *chosen, *(f"{name}-none-{i}" for i in range(TWO_PERSONS))]}, None, unique=False)
        return self.ending(request, [], "Request deletion of devices", deletions={name: "waiting"})

    def a_transfer(self):
        """Another organization asks for a device, and this one decides."""
        waiting = sorted(k for k, state in self.model["transfers"].items() if state == "waiting")
        free = sorted(set(self.model["devices"]) - set(self.model["transfers"]))
        if waiting and (not free or self.random.random() < 0.6):
            serial, agree = self.random.choice(waiting), self.random.random() < 0.8
            word = "approve" if agree else "refuse"
            request = Request("transfer", "POST", f"/ferry/v1/transfers/{self.ids['transfer ' + serial]}/{word}", {}, None)
            return self.ending(request, [serial] if agree else [], "Transfer of a device decided",
                               f"{word.title()} transfer of a device",
                               transfers={serial: "approved" if agree else "refused"})
        if not free:
            return self.a_new_import()
        serial = self.random.choice(free)
        request = Request("ask transfer", "POST", "/ferry/v1/transfers", {
            "serialNumber": serial, "hardwareHash": hardware_hash(serial, *MODELS[sum(serial.encode()) % len(MODELS)])}, None)
        request.actor, request.serial = "other", serial
        return self.ending(request, [], "Request transfer of a device", transfers={serial: "waiting"})

    def a_group(self):
        if len(self.model["groups"]) >= MAX_GROUPS:
            return self.a_changed_tag()
        name, rule = self.name(), self.random.choice(sorted(RULES))
        return Request("group", "POST", "/v1.0/groups", {"displayName": name, "membershipRule": rule},
                       lambda m: m["groups"].update({name: rule}))

    def a_changed_rule(self):
        if not self.model["groups"]:
            return self.a_group()
        name, rule = self.random.choice(sorted(self.model["groups"])), self.random.choice(sorted(RULES))
        return Request("rule", "PATCH", f"/v1.0/groups/{self.ids[name]}", {"membershipRule": rule},
                       lambda m: m["groups"].update({name: rule}))

    def a_profile(self):
        if len(self.model["profile"]) >= MAX_OBJECTS:
            return self.a_changed_profile()
        name = self.name()
        return Request("profile", "POST", f"{GRAPH}/windowsAutopilotDeploymentProfiles", {
            "@odata.type": "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile", "displayName": name,
            "preprovisioningAllowed": True, "ferryTrustStore": "lab"},
            lambda m: m["profile"].update({name: (1, "lab")}), unique=False)

    def a_changed_profile(self):
        if not self.model["profile"]:
            return self.a_profile()
        name = self.random.choice(sorted(self.model["profile"]))
        value = (self.random.randint(0, 1), self.random.choice(("lab", "hardware")))
        return Request("patch", "PATCH", f"{GRAPH}/windowsAutopilotDeploymentProfiles/{self.ids[name]}",
                       {"preprovisioningAllowed": bool(value[0]), "ferryTrustStore": value[1]},
                       lambda m: m["profile"].update({name: value}))

    def a_status_page(self):
        if len(self.model["esp"]) >= MAX_OBJECTS:
            return self.an_assignment()
        name, priority = self.name(), self.random.randint(1, 9)
        return Request("esp", "POST", f"{GRAPH}/deviceEnrollmentConfigurations",
                       {"@odata.type": "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration",
                        "displayName": name, "priority": priority},
                       lambda m: m["esp"].update({name: priority}), unique=False)

    def an_assignment(self):
        objects = [(k, n) for k in COLLECTION for n in sorted(self.model[k])]
        if not objects:
            return self.a_profile()
        kind, name = self.random.choice(objects)
        groups = sorted(self.model["groups"])
        targets = {("group" if self.random.random() < 0.8 else "exclude", g)
                   for g in self.random.sample(groups, min(len(groups), self.random.randint(0, 3)))}
        if self.random.random() < 0.2:
            targets.add(("all_devices", None))
        body = {"assignments" if kind == "profile" else "enrollmentConfigurationAssignments": [
            {"target": dict({"@odata.type": TARGETS[t]}, **({"groupId": self.ids[g]} if g else {}))}
            for t, g in sorted(targets, key=str)]}
        path = f"{GRAPH}/{COLLECTION[kind]}/{self.ids[name]}/" + ("assignments" if kind == "profile" else "assign")
        return Request("assign " + kind, "POST", path, body, lambda m: m["assigned"].update({(kind, name): frozenset(targets)}))

    def next(self):
        make = self.random.choices((self.a_new_import, self.a_part, self.a_changed_tag, self.a_deletion, self.several_deletions,
                                    self.a_group, self.a_changed_rule, self.a_profile, self.a_changed_profile,
                                    self.a_status_page, self.an_assignment, self.a_deregistration, self.two_persons,
                                    self.a_transfer), (6, 4, 4, 2, 1, 3, 2, 2, 2, 1, 5, 2, 4, 4))[0]
        return make()

    # --- their outcome

    def send(self, request):
        token = self.service.tokens[request.actor] if request.actor else self.token
        status, answer = self.service.request(request.method, request.path, request.body, token=token, who=self,
                                              headers={"Content-Type": "text/csv"} if request.name == "part" else None)
        self.history.append({"admin": self.prefix, "n": len(self.history), "name": request.name, "path": request.path,
                             "body": request.body, "status": status, "answer": answer})
        return status, answer

    def learn(self, request, answer):
        """Ids that the answer gives."""
        if request.name in ("import", "tag"):
            for entry in answer["value"]:
                state = entry["state"]
                if state["deviceImportStatus"] != "complete" and state["deviceErrorCode"] != 806:
                    self.problems.append(f"{entry['serialNumber']}: {state}")
                self.ids[entry["serialNumber"]] = state["deviceRegistrationId"]
        elif request.name == "part":
            if {k: answer[k] for k in request.counts} != request.counts:
                self.problems.append(f"{request.path}: {request.counts} expected, answered {answer}")
            self.ids.update({line["serialNumber"]: line["deviceId"] for line in answer["results"] if line["deviceId"]})
        elif request.name in ("deregister", "agree"):
            gone = answer["removed"] if request.name == "agree" else sum(one["removed"] for one in answer["value"])
            if gone != request.events.count(DELETED):
                self.problems.append(f"{request.path}: {request.events.count(DELETED)} were to go, answered {answer}")
        elif request.name in ("ask", "ask transfer"):
            self.ids[request.body["devices"][0] if request.name == "ask" else "transfer " + request.serial] = answer["id"]
        elif request.name == "job":
            self.job, self.parts = answer["id"], 0
        elif answer and "id" in answer and "displayName" in (request.body or {}):
            self.ids[request.body["displayName"]] = answer["id"]

    def do(self, request, repeated=False):
        """False when the outcome is not known, or the service cannot."""
        status, answer = self.send(request)
        if request.name == "deletions" and status == 200 and \
                any(one["deletionState"] == "error" for one in answer["value"]):
            self.open = request  # the database failed in the middle
            return False
        if 200 <= status < 300:
            request.apply(self.model)
            self.learn(request, answer)
            self.note(request, answer)
            return True
        if repeated and status in (404, 409):
            request.apply(self.model)  # it was done the first time
            return True
        if status == LOST or status >= 500:
            self.open = request
            cause = status and isinstance(answer, dict) and answer["error"]["innerError"].get("fault")
            if status and status not in (503, 507):
                self.problems.append(f"{request.name}: answered {status} {answer}")
            elif status and not cause:
                self.problems.append(f"{request.name}: answered {status} without a named cause: {answer}")
            certain = cause and cause not in ("store_commit_unknown", "store_io") and len(request.steps) == 1
            request.refused = cause if certain else None
            return False
        self.problems.append(f"{request.name} {request.path}: {status} {answer}")
        return True

    def work(self, count):
        """Up to `count` requests; ends early when one has no answer."""
        for _ in range(count):
            if self.open or not self.do(self.next()):
                return

    def note(self, request, answer):
        """One event of the audit log for each thing that was done; the second time nothing was."""
        count = 1
        if request.events is not None:
            self.audited.extend(request.events)
            return
        if request.name == "deletions" and answer:
            count = sum(one["deletionState"] == "accepted" for one in answer["value"])
        elif request.name == "deletions":
            count = self.done_steps
        if request.name in AUDITED and not (answer and request.name == "part" and answer["repeated"]):
            self.audited.extend([AUDITED[request.name]] * count)

    # --- what the database says

    def view(self, base):
        """The part of what was read that is ours, in the form of the model; learns the ids."""
        mine = self.prefix + "-"
        out = copy.deepcopy(EMPTY)
        names = {}
        for row in base["device"]:
            if row["serial"].startswith(mine):
                out["devices"][row["serial"]] = (row["group_tag"], row["assigned_upn"])
                self.ids[row["serial"]] = row["device_id"]
        for table, key, fields in (("directory_group", "groups", lambda r: r["rule"]),
                                   ("deployment_profile", "profile", lambda r: (r["preprovisioning"], r["trust_store"])),
                                   ("esp_profile", "esp", lambda r: r["priority"])):
            for row in base[table]:
                if not row["name"].startswith(mine):
                    continue
                if row["name"] in out[key]:
                    self.problems.append(f"two of {row['name']} in {table}")
                out[key][row["name"]] = fields(row)
                identity = next(v for k, v in row.items() if k.endswith("_id") and k != "tenant_id")
                names[identity] = row["name"]
                self.ids[row["name"]] = identity
        for row in base["deletion_request"]:
            name = json.loads(row["items"])[0]
            if name.startswith(mine):
                out["deletions"][name] = row["state"]
                self.ids[name] = row["request_id"]
        for row in base["device_transfer"]:
            if row["serial"].startswith(mine):
                out["transfers"][row["serial"]] = row["state"]
                self.ids["transfer " + row["serial"]] = row["transfer_id"]
        for row in base["assignment"]:
            if row["object_id"] in names:
                key = (row["object_kind"], names[row["object_id"]])
                out["assigned"][key] = out["assigned"].get(key, frozenset()) | {(row["target"], names.get(row["group_id"]))}
        return out

    def changes_nothing(self, request):
        after = copy.deepcopy(self.model)
        request.apply(after)
        return without_empty(after) == without_empty(self.model)

    def judge(self, base):
        """Compares; returns 'absent', 'present' or None for the request in the air."""
        found, expected = self.view(base), without_empty(self.model)
        if found == expected:
            if self.open and self.open.name in AUDITED and self.changes_nothing(self.open):
                self.doubtful.append(AUDITED[self.open.name])
            return "absent" if self.open else None
        for steps in self.open.outcomes() if self.open else ():
            after = copy.deepcopy(self.model)
            self.open.apply(after, steps)
            if found == without_empty(after):
                if self.open.refused:
                    self.problems.append(f"{self.open.name} was refused ({self.open.refused}) and is there")
                self.model, self.done_steps = after, len(steps)
                self.note(self.open, None)
                return "present" if len(steps) == len(self.open.steps) else "partly present"
        self.problems.append(f"{self.prefix}: found {difference(found, expected)} beside what was acknowledged; "
                             f"in the air: {self.open and self.open.name}")
        self.model = found  # so that the next one is judged on its own
        self.open = None
        return None

    def repeat(self, outcome):
        """Does the request in the air again, as a person would; then the model holds it."""
        request, self.open = self.open, None
        if not request or (outcome == "present" and not request.unique):
            return
        if outcome == "present" and request.name == "delete":
            request.steps = []
        if not self.do(request, repeated=True):
            self.problems.append(f"{request.name} cannot be repeated")


def without_empty(model):
    """An object assigned to nothing is one that is not assigned."""
    out = copy.deepcopy(model)
    out["assigned"] = {k: v for k, v in out["assigned"].items() if v}
    return out


def difference(found, expected):
    out = {}
    for key in expected:
        extra = {str(k): v for k, v in found[key].items() if expected[key].get(k) != v}
        lost = {str(k): v for k, v in expected[key].items() if found[key].get(k) != v}
        if extra or lost:
            out[key] = {"there": extra, "acknowledged": lost}
    return json.dumps(out, default=sorted)[:1500]
