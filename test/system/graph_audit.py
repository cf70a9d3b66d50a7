# SPDX-License-Identifier: Apache-2.0
"""The audit log: one event for each change, in a chain that shows what was altered (graph-api.md section 1, threats 24)."""
import hashlib
import json
import subprocess

from graph_directory import ACTIONS, enrolled
from graph_lab import DM, NOWHERE, VERSIONS, target
from graph_policies import CONFIGURATIONS, ENROLLMENT, EXAMPLE, PAGE, POLICIES, PROFILES, preparation
from graph_registration import DEVICES, IDENTIFIERS, IMPORTED, UPLOADS

CASES = []
AUDIT = f"{DM}/auditEvents"
APPS = "deviceAppManagement/mobileApps"
SCRIPTS = f"{DM}/deviceManagementScripts"
ASSOCIATIONS = f"{DM}/devicePreparationAssociations"
MOBILITY = "policies/mobileDeviceManagementPolicies/0000000a-0000-0000-c000-000000000000"
JOIN = {"@odata.type": "#microsoft.graph.windowsDomainJoinConfiguration", "displayName": "Audit join",
        "activeDirectoryDomainName": "corp.example.com", "computerNameStaticPrefix": "PC-",
        "computerNameSuffixRandomCharCount": 8, "organizationalUnit": ""}
# Reads that are a POST because their question is long; what is not offered; what changes nothing.
READS = ("hasPayloadLinks", "evaluateDynamicMembership", "searchExistingIdentities", "retrieveEnrollmentTimeDeviceMembershipTarget", "$batch",
         "windowsAutopilotSettings", "windowsAutopilotSettings/sync", "createDownloadUrl", *ACTIONS)


def case(f):
    CASES.append(f)
    return f


def head(lab):
    answer = lab.send("GET", "/ferry/v1/audit/chain?after=999999999")
    assert answer.status == 200, answer
    return answer.json["headSeq"]


def verdict(lab):
    answer = lab.send("GET", "/ferry/v1/audit/verify")
    assert answer.status == 200, answer
    return answer.json


def last_event(lab, version="beta"):
    return lab.get(f"{AUDIT}?$top=1", version)["value"][0]


class Counter:
    """Sends changes, and sees that each makes one event."""

    def __init__(self, lab, version):
        self.lab, self.version, self.done, self.wrong = lab, version, set(), []

    def go(self, method, pattern, body=None, events=1, root=None, **names):
        """Send it; `pattern` as in the route table."""
        path = pattern
        for name, value in names.items():
            path = path.replace("{" + name + "}", value)
        before = head(self.lab)
        if root is None:
            answer = self.lab.call(method, path, body, version=self.version)
        else:
            answer = self.lab.send(method, root + path, body)
        assert answer.status < 300, f"{method} {path}: {answer}"
        if head(self.lab) - before != events:
            self.wrong.append(f"{method} {path}: {head(self.lab) - before} events")
        self.done.add((method, pattern))
        return answer.json

    def assigned(self, path, made, group, part="assignments"):
        self.go("POST", path + "/{id}/assignments", target("groupAssignmentTarget", group), id=made)
        one = self.lab.get(f"{path}/{made}/assignments")["value"][0]["id"]
        other = self.go("PATCH", path + "/{id}/assignments/{assignment}", target("allDevicesAssignmentTarget"), id=made,
                        assignment=one)["id"]
        self.go("DELETE", path + "/{id}/assignments/{assignment}", id=made, assignment=other)
        self.go("POST", path + "/{id}/assign", {part: [target("allDevicesAssignmentTarget")]}, id=made)
        self.go("POST", path + "/{id}/assign", {part: []}, id=made)

    def document(self, path, body, change, group, part="assignments"):
        made = self.go("POST", path, body)["id"]
        self.go("PATCH", path + "/{id}", change, id=made)
        self.assigned(path, made, group, part)
        return made


def registrations(counter, lab, mark):
    rows = [{"serialNumber": f"{mark}-{n}", "hardwareIdentifier": lab.hash_of(f"{mark}-{n}")} for n in range(4)]
    many = counter.go("POST", f"{IMPORTED}/import", {"importedWindowsAutopilotDeviceIdentities": rows[:2]})["value"]
    one = counter.go("POST", IMPORTED, rows[2])
    counter.go("DELETE", IMPORTED + "/{id}", id=one["id"])
    upload = counter.go("POST", UPLOADS, {"deviceIdentities": rows[3:]})
    counter.go("DELETE", UPLOADS + "/{id}", id=upload["id"])
    tuple_id = counter.go("POST", DEVICES, {"serialNumber": f"{mark}-T", "manufacturer": "Contoso", "model": "Wing 7"})["id"]
    device = many[0]["state"]["deviceRegistrationId"]
    counter.go("PATCH", DEVICES + "/{id}", {"groupTag": "a"}, id=device)
    counter.go("POST", DEVICES + "/{id}/updateDeviceProperties", {"groupTag": "b"}, id=device)
    counter.go("POST", DEVICES + "/{id}/assignUserToDevice", {"userPrincipalName": "a@example.com"}, id=device)
    counter.go("POST", DEVICES + "/{id}/unassignUserFromDevice", {}, id=device)
    counter.go("POST", DEVICES + "/{id}/allowNextEnrollment", {}, id=device)
    account = {"deviceAccountUpn": "r@example.com", "deviceAccountPassword": "secret", "deviceFriendlyName": "Room"}
    counter.go("POST", DEVICES + "/{id}/assignResourceAccountToDevice", account, id=device)
    counter.go("POST", DEVICES + "/{id}/unassignResourceAccountFromDevice", {}, id=device)
    counter.go("DELETE", DEVICES + "/{id}", id=tuple_id)
    counter.go("POST", f"{DEVICES}/deleteDevices", {"serialNumbers": [f"{mark}-1", f"{mark}-2"]}, events=2)
    entry = {"importedDeviceIdentifier": f"{mark}", "importedDeviceIdentityType": "serialNumber"}
    made = counter.go("POST", IDENTIFIERS, entry)["id"]
    counter.go("POST", f"{IDENTIFIERS}/importDeviceIdentityList", {"importedDeviceIdentities": [entry]})
    counter.go("DELETE", IDENTIFIERS + "/{id}", id=made)
    return device


def policies(counter, lab, group, device):
    profile = counter.document(PROFILES, EXAMPLE, {"description": "a"}, group)
    counter.go("POST", PROFILES + "/{id}/assign", {"deviceIds": [device]}, id=profile)
    counter.go("POST", PROFILES + "/{id}/assign", {"deviceIds": [device]}, events=0, id=profile)
    counter.go("POST", PROFILES + "/{id}/assign", {"deviceIds": []}, id=profile)
    counter.go("DELETE", PROFILES + "/{id}", id=profile)
    page = counter.document(ENROLLMENT, {"@odata.type": PAGE, "displayName": "Audit"}, {"description": "a"}, group,
                            "enrollmentConfigurationAssignments")
    counter.go("POST", ENROLLMENT + "/{id}/setPriority", {"priority": 2}, id=page)
    counter.go("DELETE", ENROLLMENT + "/{id}", id=page)
    counter.go("DELETE", CONFIGURATIONS + "/{id}", id=counter.document(CONFIGURATIONS, JOIN, {"description": "a"}, group))
    app = {"@odata.type": "#microsoft.graph.win32LobApp", "displayName": "Audit", "fileName": "a.deb", "size": 1,
           "ferrySha256": hashlib.sha256(b"x").hexdigest()}
    counter.go("DELETE", APPS + "/{id}", id=counter.document(APPS, app, {"publisher": "a"}, group, "mobileAppAssignments"))
    policy = counter.go("POST", POLICIES, preparation("Audit"))["id"]
    counter.go("PATCH", POLICIES + "/{id}", {"description": "a"}, id=policy)
    counter.go("POST", POLICIES + "/{id}/setEnrollmentTimeDeviceMembershipTarget", {"enrollmentTimeDeviceMembershipTargets": [
        {"targetType": "staticSecurityGroup", "targetId": group}]}, id=policy)
    counter.assigned(POLICIES, policy, group)
    counter.go("POST", POLICIES + "/{id}/clearEnrollmentTimeDeviceMembershipTarget", {}, id=policy)
    counter.go("DELETE", POLICIES + "/{id}", id=policy)
    script = {"displayName": "Audit", "fileName": "a.sh", "scriptContent": "ZWNobyBhCg=="}
    script = counter.document(SCRIPTS, script, {"description": "a"}, group, "deviceManagementScriptAssignments")
    assert "scriptContent" not in lab.get(f"{SCRIPTS}/{script}"), "a script's text came out again"
    counter.go("DELETE", SCRIPTS + "/{id}", id=script)
    tuple_ = {"manufacturer": "Contoso", "model": "Wing 7", "serialNumber": f"DP-{counter.version}"}
    made = counter.go("POST", ASSOCIATIONS, tuple_)
    assert made["state"] == "preassociated" and not made["isStale"], made
    # The device's record had only the association to live by, so it goes too.
    counter.go("DELETE", ASSOCIATIONS + "/{id}", events=2, id=made["id"])
    export = counter.go("POST", f"{DM}/reports/exportJobs", {"reportName": "Devices"})["id"]
    counter.go("DELETE", f"{DM}/reports/exportJobs" + "/{id}", id=export)
    connector = lab.send("POST", "/ferry/v1/connectors", b'{"name":"c","domain":"corp.example.com"}').json["id"]
    counter.go("PATCH", f"{DM}/domainJoinConnectors" + "/{id}", {"displayName": "d"}, id=connector)
    counter.go("DELETE", f"{DM}/domainJoinConnectors" + "/{id}", id=connector)


def directory(counter, lab, device, mark):
    facet = lab.get(f"{DEVICES}/{device}")["azureActiveDirectoryDeviceId"]
    link = {"@odata.id": f"{lab.service['url']}/v1.0/directoryObjects/{facet}"}
    group = counter.go("POST", "groups", {"displayName": f"Audit {mark}", "mailEnabled": False, "mailNickname": "x",
                                          "securityEnabled": True})["id"]
    counter.go("PATCH", "groups/{id}", {"description": "a"}, id=group)
    counter.go("POST", "groups/{id}/members/$ref", link, id=group)
    counter.go("DELETE", "groups/{id}/members/{member}/$ref", id=group, member=facet)
    owner = {"@odata.id": f"{lab.service['url']}/v1.0/servicePrincipals/{lab.service['clientId']}"}
    counter.go("POST", "groups/{id}/owners/$ref", owner, id=group)
    counter.go("DELETE", "groups/{id}/owners/{member}/$ref", id=group, member=lab.service["clientId"])
    counter.go("PATCH", "policies/mobileDeviceManagementPolicies/{id}", {"description": mark}, id=MOBILITY.split("/")[-1])
    mobility = {"id": MOBILITY.split("/")[-1]}
    counter.go("POST", "policies/mobileDeviceManagementPolicies/{id}/includedGroups/$ref",
               {"@odata.id": f"https://x/groups/{group}"}, **mobility)
    counter.go("DELETE", "policies/mobileDeviceManagementPolicies/{id}/includedGroups/{member}/$ref", member=group, **mobility)
    policy = lab.get("policies/deviceRegistrationPolicy")
    counter.go("PUT", "policies/deviceRegistrationPolicy", dict(policy, userDeviceQuota=30 + len(mark)))
    lab.good("PUT", "policies/deviceRegistrationPolicy", policy)
    counter.go("DELETE", "groups/{id}", id=group)
    counter.go("PATCH", "organization/{id}/branding", {"signInPageText": mark}, id=lab.service["tenant"])
    counter.go("DELETE", "organization/{id}/branding", id=lab.service["tenant"])
    counter.go("POST", "devices", {"deviceId": NOWHERE[:-1] + mark[-1], "displayName": mark, "accountEnabled": True})
    lab.good("DELETE", f"devices/{NOWHERE[:-1] + mark[-1]}")
    counter.go("PATCH", "devices/{id}", {"displayName": mark}, id=facet)
    counter.go("DELETE", "devices/{id}", id=facet)
    _, managed = enrolled(lab, f"M{mark}")
    counter.go("PATCH", f"{DM}/managedDevices" + "/{id}", {"managedDeviceName": mark}, id=managed)
    counter.go("DELETE", f"{DM}/managedDevices" + "/{id}", id=managed)
    _, managed = enrolled(lab, f"X{mark}")
    counter.go("POST", f"{DM}/managedDevices/executeAction", {"actionName": "delete", "deviceIds": [managed]})


@case
def every_change_makes_exactly_one_event(lab):
    routes = lab.send("GET", "/openapi.json").json["paths"]
    for version in VERSIONS:
        counter, mark = Counter(lab, version), f"AUD{VERSIONS.index(version)}"
        group = lab.group(f"Group of {mark}")
        device = registrations(counter, lab, mark)
        policies(counter, lab, group, device)
        directory(counter, lab, device, mark)
        lab.good("DELETE", f"groups/{group}")
        assert not counter.wrong, counter.wrong
        changing = {(method.upper(), path[len(version) + 2:]) for path, methods in routes.items() for method in methods
                    if path.startswith(f"/{version}/") and method != "get" and not path.endswith(READS)}
        assert not changing - counter.done, f"no case for {changing - counter.done}"


@case
def what_only_ferry_has_is_noted_too(lab):
    counter = Counter(lab, "beta")
    made = counter.go("POST", "/ferry/v1/connectors", b'{"name":"n","domain":"corp.example.com"}', root="")
    assert last_event(lab)["activity"] == "Create Connectors", last_event(lab)
    lab.good("DELETE", f"{DM}/domainJoinConnectors/{made['id']}")
    job = counter.go("POST", "/ferry/v1/imports", json.dumps({
        "name": "x", "header": "Device Serial Number,Windows Product ID,Hardware Hash"}).encode(), root="")
    line = f"LINE-1,,{lab.hash_of('LINE-1')}\n".encode()
    counter.go("PUT", f"/ferry/v1/imports/{job['id']}/parts/0?firstLine=2", line, root="")
    counter.go("POST", f"/ferry/v1/imports/{job['id']}/finish", b"{}", root="")
    client = counter.go("POST", "/ferry/v1/clients", json.dumps({"displayName": "Audit"}).encode(), root="")
    ident = client.get("id") or client.get("clientId")
    counter.go("DELETE", f"/ferry/v1/clients/{ident}", root="")
    event = last_event(lab)
    assert event["activityOperationType"] == "Delete" and event["resources"][0]["resourceId"] == ident, event
    asked = counter.go("POST", f"{DM}/managedDevices/executeAction", {"actionName": "wipe", "deviceIds": [NOWHERE] * 51})
    assert last_event(lab)["activity"] == "Request wipe of devices", last_event(lab)
    counter.go("POST", f"/ferry/v1/actionRequests/{asked['@ferry.request']['id']}/refuse", b"", root="")
    assert last_event(lab)["activity"] == "Refuse wipe of devices", last_event(lab)
    assert not counter.wrong, counter.wrong


@case
def what_only_ferry_has_is_not_done_when_it_cannot_be_noted(lab):
    tenant, seq = lab.service["tenant"], head(lab)
    user = {"userPrincipalName": "unnoted@example.com", "passwordless": True}
    federation = {"displayName": "Unnoted", "issuer": "https://issuer.example.com", "clientId": "x",
                  "domains": ["unnoted.example.com"]}
    attempts = [("clients", {"displayName": "Unnoted"}), ("users", user), ("federations", federation),
                ("connectors", {"name": "Unnoted", "domain": "corp.example.com"}),
                ("imports", {"name": "Unnoted", "header": "Device Serial Number,Windows Product ID,Hardware Hash"})]
    kept = lab.send("POST", "/ferry/v1/users", json.dumps(dict(user, userPrincipalName="noted@example.com")).encode())
    assert kept.status == 201, kept
    # The place of the next link is taken, as a log that cannot be written would have it.
    lab.sql("INSERT INTO audit_event SELECT tenant_id, {1}, {2}, at, name, component, category, activity, activity_type, operation, "
            "result, correlation_id, actor_name, actor, resource_id, resources, sha256 FROM audit_event "
            "WHERE tenant_id = {0} AND seq = {3}", tenant, seq + 2, NOWHERE, seq)
    try:
        for noun, body in attempts:
            answer = lab.send("POST", f"/ferry/v1/{noun}", json.dumps(body).encode())
            assert answer.status in (409, 500, 503), (noun, str(answer))
        assert lab.send("DELETE", f"/ferry/v1/users/{kept.json['id']}").status in (409, 500, 503)
    finally:
        lab.sql("DELETE FROM audit_event WHERE tenant_id = {0} AND seq = {1}", tenant, seq + 2)
    for noun in ("clients", "users", "federations", "imports"):
        assert "unnoted" not in lab.send("GET", f"/ferry/v1/{noun}").text.lower(), noun
    assert "Unnoted" not in [c["displayName"] for c in lab.get(f"{DM}/domainJoinConnectors")["value"]]
    for noun, body in attempts:
        answer = lab.send("POST", f"/ferry/v1/{noun}", json.dumps(body).encode())
        assert answer.status in (200, 201), (noun, str(answer))
        if noun in ("clients", "users", "federations"):
            assert lab.send("DELETE", f"/ferry/v1/{noun}/{answer.json['id']}").status == 204, noun
    for connector in lab.get(f"{DM}/domainJoinConnectors")["value"]:
        if connector["displayName"] == "Unnoted":
            lab.good("DELETE", f"{DM}/domainJoinConnectors/{connector['id']}")
    assert lab.send("DELETE", f"/ferry/v1/users/{kept.json['id']}").status == 204
    assert verdict(lab)["intact"] is True


@case
def what_was_refused_or_only_read_makes_none(lab):
    before = head(lab)
    for version in VERSIONS:
        for method, path, body in [("POST", "groups", {}), ("PATCH", f"groups/{NOWHERE}", {"displayName": "x"}),
                                   ("DELETE", f"{PROFILES}/{NOWHERE}", None), ("POST", PROFILES, {"displayName": None}),
                                   ("POST", f"{IMPORTED}/import", {}), ("POST", f"{PROFILES}/hasPayloadLinks", {"payloadIds": []}),
                                   ("POST", f"{IDENTIFIERS}/searchExistingIdentities", {"importedDeviceIdentities": []}),
                                   ("POST", f"{DM}/windowsAutopilotSettings/sync", {}), ("GET", "groups", None),
                                   ("POST", "$batch", {"requests": [{"id": "1", "method": "GET", "url": "/groups"}]})]:
            lab.call(method, path, body, version=version)
    assert head(lab) == before


@case
def an_event_says_who_what_and_which_values(lab):
    made = lab.post(PROFILES, EXAMPLE)["id"]
    lab.good("PATCH", f"{PROFILES}/{made}", {"description": "after", "deviceNameTemplate": "N-%SERIAL%"})
    for version in VERSIONS:
        event = lab.get(f"{AUDIT}?$filter=activityOperationType eq 'Patch'&$top=1", version)["value"][0]
        assert event["componentName"] and event["category"] == "Enrollment" and event["activityResult"] == "Success", event
        assert event["activityType"] == "Patch WindowsAutopilotDeploymentProfile", event
        assert event["actor"]["applicationId"] == lab.service["clientId"] and event["actor"]["ipAddress"] == "127.0.0.1", event
        assert "DeviceManagementServiceConfig.ReadWrite.All" in event["actor"]["userPermissions"], event
        resource = event["resources"][0]
        assert resource["resourceId"] == made and resource["displayName"] == "HJ", event
        changes = {c["displayName"]: (c["oldValue"], c["newValue"]) for c in resource["modifiedProperties"]}
        assert changes["description"][1] == "after" and changes["deviceNameTemplate"][1] == "N-%SERIAL%", changes
        assert "displayName" not in changes, changes
        assert lab.get(f"{AUDIT}/{event['id']}", version)["correlationId"] == event["correlationId"]
    times = [e["activityDateTime"] for e in lab.get(f"{AUDIT}?$top=50")["value"]]
    assert times == sorted(times, reverse=True)
    found = lab.get(f"{AUDIT}?$filter=activityDateTime ge {times[0]} and category eq 'Enrollment'")["value"]
    assert all(f["activityDateTime"] >= times[0] for f in found), found
    lab.good("DELETE", f"{PROFILES}/{made}")


@case
def pages_of_the_log_survive_that_it_grows(lab):
    seen, link = [], None
    while len(seen) < 60:
        page = lab.follow(link) if link else lab.get(f"{AUDIT}?$top=20")
        seen += [e["id"] for e in page["value"]]
        link = page["@odata.nextLink"]
        lab.good("DELETE", f"groups/{lab.group('Noise')}")
    assert len(seen) == len(set(seen))


@case
def the_chain_can_be_verified_without_believing_the_service(lab):
    before, seq, after = "0" * 64, 0, 0
    while True:
        page = lab.send("GET", f"/ferry/v1/audit/chain?after={after}").json
        for link in page["value"]:
            seq += 1
            assert link["seq"] == seq
            before = hashlib.sha256(f"{before}\n{link['text']}".encode()).hexdigest()
            assert before == link["sha256"], link
            after = seq
        if len(page["value"]) < 500:
            break
    assert (page["headSeq"], page["headSha256"]) == (seq, before)
    assert verdict(lab) == {"intact": True, "events": seq}
    assert lab.send("GET", "/ferry/v1/audit/chain?after=x").status == 400


def ferry_verify(lab):
    """What the administrator's command finds, which believes nothing that the service says about the chain."""
    done = subprocess.run([f"{lab.build}/src/cli/ferry", "--profile", lab.dir / "service/profile.json", "audit", "verify",
                           "--json"], text=True, capture_output=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


@case
def one_altered_row_is_named(lab):
    seq = head(lab) - 5
    where = f"tenant_id = {{0}} AND seq = {seq}"
    tenant = lab.service["tenant"]
    for column, value in (("actor_name", "somebody else"), ("resources", "[]"), ("result", "Failure"), ("event_id", NOWHERE),
                          ("sha256", "0" * 64)):
        old = lab.sql(f"SELECT {column} FROM audit_event WHERE {where}", tenant)
        lab.sql(f"UPDATE audit_event SET {column} = {{1}} WHERE {where}", tenant, value)
        found = verdict(lab)
        assert found["intact"] is False and found["brokenSeq"] == seq and found["events"] == seq - 1, (column, found)
        assert "altered" in found["finding"], found
        code, said = ferry_verify(lab)
        assert code != 0 and str(seq) in said, (column, said)
        lab.sql(f"UPDATE audit_event SET {column} = {{1}} WHERE {where}", tenant, old)
        assert verdict(lab)["intact"] is True, column
    lab.sql(f"UPDATE audit_event SET at = at + 1 WHERE {where}", tenant)
    assert verdict(lab)["brokenSeq"] == seq
    lab.sql(f"UPDATE audit_event SET at = at - 1 WHERE {where}", tenant)
    assert verdict(lab)["intact"] is True
    code, said = ferry_verify(lab)
    assert code == 0, said


@case
def a_missing_row_is_named(lab):
    # Last of this file's cases that look at the chain: what is deleted stays away, so the chain is mended by its copy.
    tenant, last = lab.service["tenant"], head(lab)
    lab.sql("CREATE TABLE audit_copy AS SELECT * FROM audit_event WHERE tenant_id = {0}", tenant)
    try:
        for seq, finding in ((last - 3, "missing"), (last, "missing")):
            lab.sql("DELETE FROM audit_event WHERE tenant_id = {0} AND seq = {1}", tenant, seq)
            found = verdict(lab)
            assert found["intact"] is False and found["brokenSeq"] == seq and finding in found["finding"], found
            lab.sql("INSERT INTO audit_event SELECT * FROM audit_copy WHERE seq = {0}", seq)
        assert verdict(lab)["intact"] is True
    finally:
        lab.sql("DROP TABLE audit_copy")
