# SPDX-License-Identifier: Apache-2.0
"""Devices, groups, users, the organization and its policies; devices under management and their deployments (graph-api.md
sections 9, 10, 13)."""
import json
import time

from graph_lab import DM, NOWHERE, VERSIONS, target

CASES = []
DEVICES = f"{DM}/windowsAutopilotDeviceIdentities"
MANAGED = f"{DM}/managedDevices"
EVENTS = f"{DM}/autopilotEvents"
PROFILES = f"{DM}/windowsAutopilotDeploymentProfiles"
PAGES = f"{DM}/deviceEnrollmentConfigurations"
ACTIONS = ["wipe", "retire", "cleanWindowsDevice", "syncDevice", "rebootNow", "shutDown", "remoteLock", "resetPasscode",
           "locateDevice", "windowsDefenderScan", "windowsDefenderUpdateSignatures", "setDeviceName", "rotateBitLockerKeys",
           "rotateLocalAdminPassword", "deprovision", "disable", "reenable", "createDeviceLogCollectionRequest"]
REFUSED = {"resetPasscode": "passcode_not_there", "locateDevice": "location_not_there",
           "windowsDefenderScan": "defender_not_there", "windowsDefenderUpdateSignatures": "defender_not_there",
           "rotateBitLockerKeys": "bitlocker_not_there", "rotateLocalAdminPassword": "local_admin_not_there"}
MANAGED_V1 = """id deviceName managedDeviceName serialNumber azureADDeviceId azureADRegistered udid imei meid iccid wiFiMacAddress
 ethernetMacAddress userId userPrincipalName userDisplayName emailAddress manufacturer model totalStorageSpaceInBytes
 freeStorageSpaceInBytes physicalMemoryInBytes subscriberCarrier phoneNumber operatingSystem osVersion jailBroken isEncrypted
 isSupervised androidSecurityPatchLevel managementAgent managementState managedDeviceOwnerType deviceEnrollmentType
 deviceRegistrationState complianceState enrollmentProfileName deviceCategoryDisplayName notes requireUserEnrollmentApproval
 enrolledDateTime lastSyncDateTime complianceGracePeriodExpirationDateTime managementCertificateExpirationDate
 easActivationDateTime exchangeLastSuccessfulSyncDateTime easActivated easDeviceId exchangeAccessState
 exchangeAccessStateReason partnerReportedThreatState activationLockBypassCode remoteAssistanceSessionUrl
 configurationManagerClientEnabledFeatures deviceHealthAttestationState deviceActionResults""".split()
MANAGED_BETA = """autopilotEnrolled joinType skuFamily skuNumber ownerType hardwareInformation usersLoggedOn roleScopeTagIds
 windowsActiveMalwareCount deviceType chassisType processorArchitecture""".split()


def case(f):
    CASES.append(f)
    return f


def directory_device(lab, serial, tag=""):
    registration = lab.import_devices([serial], tag=tag)[0]
    return registration, lab.get(f"{DEVICES}/{registration}")["azureActiveDirectoryDeviceId"]


# --- devices ---

@case
def a_directory_device_carries_its_physical_ids(lab):
    registration, device = directory_device(lab, "DIR-1", "dir tag")
    for version in VERSIONS:
        for query in (f"deviceId eq '{device}'", f"deviceID eq '{device.upper()}'", f"id eq '{device}'",
                      f"physicalIds/any(p:p eq '[ZTDID]:{registration}')", "physicalIds/any(a:a eq '[OrderID]:dir tag')",
                      "physicalIds/any(p:startswith(p,'[OrderID]:dir'))",
                      f"physicalIds/any(p:startswith(p,'[ZTDID]')) and deviceId eq '{device}'", "displayName eq 'DIR-1'"):
            found = lab.get(f"devices?$filter={query}", version, {"ConsistencyLevel": "eventual"})["value"]
            assert [d["id"] for d in found] == [device], (query, found)
        one = lab.get(f"devices(deviceId='{device}')", version)
        assert f"[ztdid]:{registration}" in [p.lower() for p in one["physicalIds"]], one
        assert one["accountEnabled"] is True and one["onPremisesSyncEnabled"] is None, one
        for name in ("profileType", "enrollmentProfileName", "deviceOwnership", "isManaged", "isCompliant", "mdmAppId",
                     "managementType", "operatingSystem", "trustType", "systemLabels", "deviceVersion", "manufacturer", "model",
                     "approximateLastSignInDateTime", "registrationDateTime", "alternativeSecurityIds"):
            assert name in one, (version, name)
    lab.refused(400, "GET", "devices(nonsense='x')")


@case
def a_directory_device_is_changed_and_deleted_with_its_registration(lab):
    registration, device = directory_device(lab, "DIR-2")
    lab.refused(404, "PATCH", f"devices/{NOWHERE}", {"accountEnabled": False})
    lab.refused(400, "PATCH", f"devices/{device}", {"accountEnabled": "perhaps"})
    for version in VERSIONS:
        answer = lab.call("PATCH", f"devices/{device}", {"accountEnabled": False, "displayName": f"NEW {version}",
                                                         "extensionAttributes": {"extensionAttribute1": "x"}}, version=version)
        assert answer.status in (200, 204), answer
        now = lab.get(f"devices/{device}", version)
        assert now["accountEnabled"] is False and now["displayName"] == f"NEW {version}", now
        assert now["extensionAttributes"]["extensionAttribute1"] == "x", now
        lab.good("PATCH", f"devices/{device}", {"accountEnabled": True}, version=version)
        for part in ("registeredOwners", "registeredUsers", "memberOf", "transitiveMemberOf"):
            assert lab.get(f"devices/{device}/{part}", version)["value"] == [], part
    lab.good("DELETE", f"devices/{device}")
    lab.refused(404, "GET", f"devices/{device}")
    lab.refused(404, "GET", f"{DEVICES}/{registration}")
    lab.refused(404, "DELETE", f"devices/{device}")


# --- groups ---

@case
def a_group_that_cannot_be_is_refused(lab):
    good = {"displayName": "G", "mailEnabled": False, "mailNickname": "g", "securityEnabled": True}
    for change, word in [({"displayName": None}, "displayName"), ({"displayName": ""}, "displayName"),
                         ({"groupTypes": ["DynamicMembership"]}, "membershipRule"),
                         ({"groupTypes": ["DynamicMembership"], "membershipRule": "(device.nonsense -eq 1)"}, "column"),
                         ({"groupTypes": ["DynamicMembership"], "membershipRule": "(((", }, "column"),
                         ({"groupTypes": ["DynamicMembership"], "membershipRule": "x" * 4000}, ""),
                         ({"members@odata.bind": "x"}, "members@odata.bind"), ({"members@odata.bind": ["x"]}, "members@odata.bind"),
                         ({"members@odata.bind": ["https://x/v1.0/directoryObjects/" + NOWHERE] * 21}, "20")]:
        lab.refused(400, "POST", "groups", dict(good, **change), word=word)
    assert lab.get("groups?$filter=displayName eq 'G'")["value"] == []


@case
def members_of_an_assigned_group_come_and_go(lab):
    _, device = directory_device(lab, "MEM-1")
    _, other = directory_device(lab, "MEM-2")
    group = lab.group("Members", **{"members@odata.bind": [f"{lab.service['url']}/v1.0/devices/{other}"]})
    path = f"groups/{group}/members"
    for body in ({}, {"@odata.id": "x"}, {"@odata.id": f"{lab.service['url']}/v1.0/directoryObjects/{NOWHERE}"}):
        assert lab.call("POST", f"{path}/$ref", body).status in (400, 404), body
    for version in VERSIONS:
        for link in (f"{lab.service['url']}/{version}/directoryObjects/{device}",
                     f"https://graph.microsoft.com/{version}/devices('{device}')"):
            answer = lab.call("POST", f"{path}/$ref", {"@odata.id": link}, version=version)
            assert answer.status == 204, answer
            lab.refused(400, "POST", f"{path}/$ref", {"@odata.id": link}, version=version)
            found = lab.get(path, version)["value"]
            assert {f["id"] for f in found} == {device, other} and found[0]["@odata.type"] == "#microsoft.graph.device", found
            assert {m["id"] for m in lab.get(f"groups/{group}?$expand=members", version)["members"]} == {device, other}
            assert group in [g["id"] for g in lab.get(f"devices/{device}/memberOf", version)["value"]]
            assert group in [g["id"] for g in lab.get(f"devices/{device}/transitiveMemberOf", version)["value"]]
            lab.good("DELETE", f"{path}/{device}/$ref", version=version)
            lab.refused(404, "DELETE", f"{path}/{device}/$ref", version=version)
    lab.good("PATCH", f"groups/{group}", {"members@odata.bind": [f"{lab.service['url']}/v1.0/directoryObjects/{device}"]})
    assert len(lab.get(path)["value"]) == 2
    assert lab.call("GET", f"{path}/$count", headers={"ConsistencyLevel": "eventual"}).status in (200, 404)
    lab.good("DELETE", f"groups/{group}")
    lab.refused(404, "GET", path)


@case
def groups_hold_groups_but_never_themselves(lab):
    outer, inner = lab.group("Outer"), lab.group("Inner")
    _, device = directory_device(lab, "NEST-1")

    def link(i):
        return {"@odata.id": f"{lab.service['url']}/v1.0/directoryObjects/{i}"}

    lab.good("POST", f"groups/{outer}/members/$ref", link(inner))
    lab.good("POST", f"groups/{inner}/members/$ref", link(device))
    for group, member in ((outer, outer), (inner, outer)):
        assert lab.call("POST", f"groups/{group}/members/$ref", link(member)).status == 400, (group, member)
    assert {m["id"] for m in lab.get(f"groups/{outer}/transitiveMembers")["value"]} >= {device}
    assert [g["id"] for g in lab.get(f"groups/{inner}/memberOf")["value"]] == [outer]
    assert {g["id"] for g in lab.get(f"devices/{device}/transitiveMemberOf")["value"]} == {inner, outer}
    for group in (outer, inner):
        lab.good("DELETE", f"groups/{group}")


@case
def a_dynamic_group_follows_its_rule_and_is_not_edited_by_hand(lab):
    _, device = directory_device(lab, "DYN-1", "dyn")
    rule = '(device.devicePhysicalIds -any (_ -eq "[OrderID]:dyn"))'
    group = lab.group("Dynamic", rule)
    for version in VERSIONS:
        read = lab.get(f"groups/{group}", version)
        assert read["groupTypes"] == ["DynamicMembership"] and read["membershipRule"] == rule, read
        assert read["membershipRuleProcessingState"] == "On" and read["securityEnabled"] is True, read
        found = lab.get("groups?$filter=groupTypes/any(c:c eq 'DynamicMembership') and displayName eq 'Dynamic'", version)
        assert [g["id"] for g in found["value"]] == [group]
        assert [m["id"] for m in lab.get(f"groups/{group}/members", version)["value"]] == [device]
        link = {"@odata.id": f"{lab.service['url']}/v1.0/directoryObjects/{device}"}
        assert lab.call("POST", f"groups/{group}/members/$ref", link, version=version).status in (400, 403)
        assert lab.call("DELETE", f"groups/{group}/members/{device}/$ref", version=version).status in (400, 403)
    lab.good("PATCH", f"groups/{group}", {"membershipRule": '(device.devicePhysicalIds -any (_ -eq "[OrderID]:nobody has it"))'})
    assert lab.get(f"groups/{group}/members")["value"] == []
    lab.refused(400, "PATCH", f"groups/{group}", {"membershipRule": "(device.nonsense -eq 1)"}, word="column")
    assert lab.good("PATCH", f"groups/{group}", {"membershipRuleProcessingState": "Paused"})[
        "membershipRuleProcessingState"] == "Paused"
    changed = lab.good("PATCH", f"groups/{group}", {"groupTypes": []})
    assert changed["groupTypes"] == [] and changed["membershipRule"] is None, changed
    lab.good("DELETE", f"groups/{group}")


@case
def owners_are_kept(lab):
    group = lab.group("Owned")
    assert lab.get(f"groups/{group}/owners")["value"] == []
    assert lab.call("POST", f"groups/{group}/owners/$ref",
                    {"@odata.id": f"{lab.service['url']}/v1.0/users/{NOWHERE}"}).status in (400, 404)
    lab.good("DELETE", f"groups/{group}")


# --- users, organization, policies ---

@case
def users_and_the_organization_are_read(lab):
    for version in VERSIONS:
        organization = lab.get("organization", version)["value"]
        assert len(organization) == 1 and organization[0]["id"] == lab.service["tenant"], organization
        assert organization[0]["displayName"] and organization[0]["verifiedDomains"][0]["isInitial"] is True, organization
        lab.get("users?$select=displayName,givenName,userPrincipalName", version)
        lab.refused(404, "GET", f"users/{NOWHERE}", version=version)
        lab.refused(404, "GET", "users/nobody@example.com", version=version)
        lab.refused(404, "GET", "users/nobody@example.com/managedDevices", version=version)
        lab.refused(400, "GET", "me", version=version)


@case
def who_may_enrol_is_a_policy_with_groups(lab):
    app = "0000000a-0000-0000-c000-000000000000"
    base, group = "policies/mobileDeviceManagementPolicies", lab.group("May enrol")
    path = f"{base}/{app}"
    for version in VERSIONS:
        policy = lab.get(path, version)
        assert policy["id"] == app and policy["discoveryUrl"].endswith("/EnrollmentServer/Discovery.svc"), policy
        assert [p["id"] for p in lab.get(base, version)["value"]] == [app]
        lab.refused(400, "PATCH", path, {"appliesTo": "some"}, version=version)
        assert lab.good("PATCH", path, {"appliesTo": "selected"}, version=version)["appliesTo"] == "selected"
        link = {"@odata.id": f"{lab.service['url']}/odata/groups('{group}')"}
        lab.good("POST", f"{path}/includedGroups/$ref", link, version=version)
        lab.refused(400, "POST", f"{path}/includedGroups/$ref", link, version=version)
        lab.refused(404, "POST", f"{path}/includedGroups/$ref", {"@odata.id": f"https://x/groups/{NOWHERE}"}, version=version)
        assert [g["id"] for g in lab.get(f"{path}/includedGroups", version)["value"]] == [group]
        assert [g["id"] for g in lab.get(f"{path}?$expand=includedGroups", version)["includedGroups"]] == [group]
        lab.good("DELETE", f"{path}/includedGroups/{group}/$ref", version=version)
        lab.refused(404, "DELETE", f"{path}/includedGroups/{group}/$ref", version=version)
        lab.good("PATCH", path, {"appliesTo": "all"}, version=version)
    lab.refused(404, "GET", f"{base}/{NOWHERE}")
    lab.good("DELETE", f"groups/{group}")


@case
def who_may_register_devices_is_a_policy_put_as_a_whole(lab):
    path = "policies/deviceRegistrationPolicy"
    for version in VERSIONS:
        policy = lab.get(path, version)
        assert policy["userDeviceQuota"] == 50 and policy["multiFactorAuthConfiguration"] == "notRequired", policy
        lab.refused(400, "PUT", path, dict(policy, userDeviceQuota="many"), version=version)
        lab.refused(400, "PUT", path, dict(policy, multiFactorAuthConfiguration="perhaps"), version=version)
        policy["userDeviceQuota"] = 20
        policy["localAdminPassword"] = {"isEnabled": True}
        assert lab.good("PUT", path, policy, version=version)["userDeviceQuota"] == 20
        now = lab.get(path, version)
        assert now["localAdminPassword"]["isEnabled"] is True and now["azureADJoin"]["allowedToJoin"]["@odata.type"], now
        lab.good("PUT", path, dict(now, userDeviceQuota=50, localAdminPassword={"isEnabled": False}), version=version)


@case
def the_management_endpoint_is_looked_up(lab):
    for version in VERSIONS:
        for key in ("appId=0000000a-0000-0000-c000-000000000000", "0000000a-0000-0000-c000-000000000000"):
            found = lab.get(f"servicePrincipals/{key}/endpoints", version)["value"]
            assert any(e["uri"].endswith("Discovery.svc") for e in found) and found[0]["providerName"], found
    found = lab.get("servicePrincipals(appId='0000000a-0000-0000-c000-000000000000')/endpoints")["value"]
    assert found
    lab.refused(404, "GET", f"servicePrincipals/{NOWHERE}/endpoints")


# --- deployments ---

def begin(lab, serial):
    """What a device says at its first boot: a claim, that makes a deployment."""
    answer = lab.send("POST", "/device/v1/deployments", json.dumps({"hardwareHash": lab.hash_of(serial)}).encode(), token=None)
    assert answer.status in (200, 201), answer
    return answer.json["deployment"]


@case
def a_deployment_is_an_autopilot_event(lab):
    group = lab.group("Deployed", '(device.devicePhysicalIds -any (_ -eq "[OrderID]:deployed"))')
    profile = lab.post(PROFILES, {"displayName": "Deployed", "preprovisioningAllowed": True})["id"]
    page = lab.post(PAGES, {"@odata.type": "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration",
                            "displayName": "Deployed"})["id"]
    lab.post(f"{PROFILES}/{profile}/assignments", target("groupAssignmentTarget", group))
    lab.post(f"{PAGES}/{page}/assignments", target("groupAssignmentTarget", group))
    registration = lab.import_devices(["EVT-1"], tag="deployed")[0]
    deployment = begin(lab, "EVT-1")
    for version in VERSIONS:
        found = lab.get(f"{EVENTS}?$filter=deviceSerialNumber eq 'evt-1'&$expand=policyStatusDetails", version)["value"]
        assert [f["id"] for f in found] == [deployment] and found[0]["policyStatusDetails"] == [], found
        event = lab.get(f"{EVENTS}/{deployment}", version)
        assert event["deviceId"] == registration and event["deploymentState"] == "inProgress", event
        assert event["deploymentStartDateTime"] > "2020" and event["deploymentEndDateTime"], event
        for name in ("eventDateTime", "deviceRegisteredDateTime", "enrollmentStartDateTime", "enrollmentType", "managedDeviceName",
                     "windowsAutopilotDeploymentProfileDisplayName", "enrollmentState", "deviceSetupStatus", "accountSetupStatus",
                     "windows10EnrollmentCompletionPageConfigurationDisplayName", "osVersion", "deploymentDuration",
                     "deploymentTotalDuration", "deviceSetupDuration", "accountSetupDuration", "enrollmentFailureDetails",
                     "windows10EnrollmentCompletionPageConfigurationId", "userId", "userPrincipalName"):
            assert name in event, name
        assert lab.get(f"{EVENTS}/{deployment}/policyStatusDetails", version)["value"] == []
        lab.refused(404, "GET", f"{EVENTS}/{NOWHERE}/policyStatusDetails", version=version)
        assert event["windowsAutopilotDeploymentProfileDisplayName"] == "Deployed", event
    lab.good("DELETE", f"{DEVICES}/{registration}")
    lab.refused(404, "GET", f"{EVENTS}/{deployment}")
    lab.post(f"{PROFILES}/{profile}/assign", {"assignments": []})
    for path in (f"{PROFILES}/{profile}", f"{PAGES}/{page}", f"groups/{group}"):
        lab.good("DELETE", path)


@case
def fifty_deployments_are_a_page(lab):
    ids = lab.bulk("EVB-", 55)
    for n, device in enumerate(ids):
        lab.sql("INSERT INTO deployment (deployment_id, tenant_id, device_id, mode, phase, result, reason, proven, attempt, "
                "started_at) VALUES ({0}, {1}, {2}, 'user', 'device', '', '', 1, 1, {3})", f"many-{n}", lab.service["tenant"],
                device, int(time.time() * 1e6))
    page = lab.get(f"{EVENTS}?$filter=startswith(deviceSerialNumber,'EVB-')")
    assert len(page["value"]) == 50 and page["@odata.nextLink"], len(page["value"])
    assert len({e["id"] for e in lab.values(f"{EVENTS}?$filter=startswith(deviceSerialNumber,'EVB-')")}) == 55
    assert len(lab.get(f"{EVENTS}?$top=7")["value"]) == 7


# --- devices under management ---

def enrolled(lab, serial):
    """A registration with an enrolment as the enrolment leaves it, without the TPM that it takes: test/system/e2e has that."""
    registration = lab.import_devices([serial])[0]
    now = int(time.time() * 1e6)
    lab.sql("INSERT INTO deployment (deployment_id, tenant_id, device_id, mode, phase, result, reason, proven, attempt, started_at) "
            "VALUES ({0}, {1}, {2}, 'user', 'device', '', '', 1, 1, {3})", "dep-" + serial, lab.service["tenant"], registration, now)
    lab.sql("INSERT INTO enrollment (enrollment_id, tenant_id, device_id, deployment_id, attestation_id, state, upn, key_sha256, "
            "certificate_sha256, created_at) VALUES ({0}, {1}, {2}, {3}, '', 'enrolled', '', '', {0}, {4})",
            "enrolled-" + serial.lower(), lab.service["tenant"], registration, "dep-" + serial, now)
    return registration, "enrolled-" + serial.lower()


@case
def a_managed_device_has_every_property_of_its_version(lab):
    registration, managed = enrolled(lab, "MAN-1")
    for version in VERSIONS:
        found = lab.get(f"{MANAGED}?$filter=serialNumber eq 'man-1'", version)["value"]
        assert [f["id"] for f in found] == [managed], found
        wanted = MANAGED_V1 + (MANAGED_BETA if version == "beta" else [])
        assert not set(wanted) - set(found[0]), set(wanted) - set(found[0])
        assert version == "beta" or not set(MANAGED_BETA) & set(found[0]), found[0]
        one = lab.get(f"{MANAGED}/{managed}", version)
        assert one["managementState"] == "managed" and one["managementAgent"] == "mdm" and one["complianceState"] == "unknown", one
        directory = lab.get(f"{DEVICES}/{registration}")["azureActiveDirectoryDeviceId"]
        for query in (f"azureADDeviceId eq '{directory}'", f"id eq '{managed}'",
                      "operatingSystem eq 'Windows' and serialNumber eq 'MAN-1'", "startswith(deviceName,'MAN-1')",
                      "managementState eq 'managed' and contains(serialNumber,'man-')"):
            found = lab.get(f"{MANAGED}?$filter={query}", version)["value"]
            assert managed in [f["id"] for f in found] or "operatingSystem" in query, (query, found)
    assert lab.get(f"{DEVICES}/{registration}")["managedDeviceId"] == managed


@case
def a_managed_device_is_renamed_and_retired(lab):
    registration, managed = enrolled(lab, "MAN-2")
    path = f"{MANAGED}/{managed}"
    lab.refused(404, "PATCH", f"{MANAGED}/{NOWHERE}", {"managedDeviceName": "x"})
    lab.refused(404, "DELETE", f"{MANAGED}/{NOWHERE}")
    lab.refused(400, "PATCH", path, {"managedDeviceOwnerType": "nobody"})
    lab.refused(400, "PATCH", path, {"notes": "x" * 1025})
    lab.refused(400, "PATCH", path, {"notes": ["x"]})
    lab.refused(404, "PATCH", f"{MANAGED}/{NOWHERE}", {"notes": "x"})
    for version in VERSIONS:
        changed = lab.good("PATCH", path, {"managedDeviceName": f"N {version}", "managedDeviceOwnerType": "personal"},
                           version=version)
        assert changed["managedDeviceName"] == f"N {version}" and changed["managedDeviceOwnerType"] == "personal", changed
        assert lab.good("PATCH", path, {"notes": f"lent to \u00c5sa {version}"}, version=version)["notes"] == f"lent to \u00c5sa {version}"
        kept = lab.good("PATCH", path, {"managedDeviceOwnerType": "company"}, version=version)
        assert kept["notes"] == f"lent to \u00c5sa {version}" == lab.get(path, version)["notes"], kept
        assert lab.good("PATCH", path, {"notes": ""}, version=version)["notes"] == ""
    lab.good("DELETE", path)
    lab.refused(404, "GET", path)
    assert lab.get(f"{DEVICES}/{registration}")["managedDeviceId"] == NOWHERE
    assert lab.get(f"{DEVICES}/{registration}")["userlessEnrollmentStatus"] == "allowed"


@case
def what_belongs_to_a_managed_device_is_listed(lab):
    registration, managed = enrolled(lab, "PART-1")
    person = lab.send("POST", "/ferry/v1/users", json.dumps({"userPrincipalName": "part@example.com", "passwordless": True}).encode())
    assert person.status == 201, person
    other = lab.send("POST", "/ferry/v1/users", json.dumps({"userPrincipalName": "other@example.com", "passwordless": True}).encode())
    tenant, now = lab.service["tenant"], int(time.time() * 1e6)
    body = {"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "Part", "omaSettings": [
        {"@odata.type": "#microsoft.graph.omaSettingString", "displayName": "x", "omaUri": "./Device/Vendor/x", "value": "y"}]}
    made = lab.call("POST", f"{DM}/deviceConfigurations", body)
    assert made.status == 201, made
    lab.sql("INSERT INTO device_item (device_id, item_id, tenant_id, deployment_id, state, fault, updated_at, version, reason) "
            "VALUES ({0}, {1}, {2}, {3}, 'failed', 'app_failed', {4}, 1, '')", registration, made.json["id"], tenant, "dep-PART-1", now)
    for version in VERSIONS:
        path = f"{MANAGED}/{managed}"
        for part in ("users", "deviceConfigurationStates", "deviceCompliancePolicyStates", "logCollectionRequests"):
            lab.refused(404, "GET", f"{MANAGED}/{NOWHERE}/{part}", version=version)
        lab.good("POST", f"{DEVICES}/{registration}/unassignUserFromDevice", {}, version=version)
        assert lab.get(f"{path}/users", version)["value"] == []
        assert lab.get("users/part@example.com/managedDevices", version)["value"] == []
        lab.good("POST", f"{DEVICES}/{registration}/assignUserToDevice", {"userPrincipalName": "part@example.com"}, version=version)
        assert [u["id"] for u in lab.get(f"{path}/users?$select=id", version)["value"]] == [person.json["id"]]
        mine = "users/part@example.com/managedDevices"
        assert [d["id"] for d in lab.get(f"{mine}?$filter=serialNumber eq 'PART-1'&$select=id", version)["value"]] == [managed]
        assert lab.get(f"{mine}?$filter=serialNumber eq 'nobody'", version)["value"] == []
        lab.refused(400, "GET", f"{mine}?$filter=serialNumber eq 'x') or (id ne 'x'", version=version)
        theirs = f"users/{other.json['id']}/managedDevices"
        assert lab.get(f"{theirs}?$filter=serialNumber eq 'x' or id ne 'x'", version)["value"] == []
        states = lab.get(f"{path}/deviceConfigurationStates", version)["value"]
        assert [(s["displayName"], s["state"], s["ferryFault"]) for s in states] == [("Part", "error", "app_failed")], states
        for part in ("deviceCompliancePolicyStates", "logCollectionRequests"):
            assert lab.get(f"{path}/{part}", version)["value"] == []
    lab.good("DELETE", f"{MANAGED}/{managed}")
    for path in (f"{DM}/deviceConfigurations/{made.json['id']}",):
        lab.good("DELETE", path)
    for made in (person, other):
        assert lab.send("DELETE", f"/ferry/v1/users/{made.json['id']}").status == 204


@case
def a_directory_device_is_made_before_its_registration_and_lets_nobody_join(lab):
    body = {"accountEnabled": False, "deviceId": "4C299165-6E8F-4B45-A5BA-C5D250A707FF", "displayName": "Later",
            "operatingSystem": "Windows", "operatingSystemVersion": "10.0.26100", "trustType": "AzureAd",
            "alternativeSecurityIds": [{"type": 2, "key": "Y3YxN2E1MWFlYw=="}]}
    known = body["deviceId"].lower()
    for missing in ("deviceId", "displayName"):
        lab.refused(400, "POST", "devices", {k: v for k, v in body.items() if k != missing})
    lab.refused(400, "POST", "devices", dict(body, deviceId="later"))
    for version in VERSIONS:
        made = lab.call("POST", "devices", body, version=version)
        assert made.status == 201 and made.json["id"] == made.json["deviceId"] == known, made
        assert made.headers["Location"].endswith(known), made.headers["Location"]
        lab.refused(409, "POST", "devices", body, version=version)
        read = lab.get(f"devices/{known}", version)
        assert (read["displayName"], read["operatingSystem"], read["accountEnabled"]) == ("Later", "Windows", False), read
        # Nothing that it says of itself makes it joined, registered or managed.
        assert read["physicalIds"] == [] and read["trustType"] is None and not read["isManaged"] and not read["isCompliant"], read
        assert [d["id"] for d in lab.get(f"devices?$filter=deviceId eq '{known}'", version)["value"]] == [known]
        assert known in [d["id"] for d in lab.values("devices?$top=5", version)]
        assert known not in [d["id"] for d in lab.get("devices?$filter=physicalIds/any(p:startswith(p,'[ZTDID]'))")["value"]]
        assert known in [d["id"] for d in lab.get("devices?$filter=not physicalIds/any(p:startswith(p,'[ZTDID]'))")["value"]]
        assert lab.get(f"{DEVICES}?$filter=azureActiveDirectoryDeviceId eq '{known}'", version)["value"] == []
        assert lab.get(f"devices/{known}/memberOf", version)["value"] == []
        group = lab.group("Later")
        lab.refused(404, "POST", f"groups/{group}/members/$ref", {"@odata.id": f"https://x/devices/{known}"})
        lab.good("DELETE", f"groups/{group}")
        gone = lab.send("POST", "/ferry/v1/deregistrations", json.dumps({"devices": [known]}).encode()).json["value"]
        assert [g["fault"] for g in gone] == ["device_not_registered"], gone
        assert lab.good("PATCH", f"devices/{known}", {"displayName": "Still later"}, version=version)["displayName"] == "Still later"
        lab.good("DELETE", f"devices/{known}", version=version)
        lab.refused(404, "DELETE", f"devices/{known}", version=version)


@case
def what_a_device_says_of_its_antivirus_is_shown_and_nothing_else(lab):
    registration, managed = enrolled(lab, "VIR-1")
    path = f"{MANAGED}/{managed}/windowsProtectionState"
    lab.refused(404, "GET", f"{MANAGED}/{NOWHERE}/windowsProtectionState")
    for version in VERSIONS:
        said = lab.get(path, version)
        assert said["id"] == managed and len(said) > 20, said
        assert {v for k, v in said.items() if not k.startswith("@") and k != "id"} == {None}, said
    for node, value in (("Defender/Health/DefenderEnabled", "true"), ("Defender/Health/SignatureOutOfDate", "false"),
                        ("Defender/Health/EngineVersion", "1.1.2"), ("Defender/Health/ComputerState", "9")):
        lab.sql("INSERT INTO device_report (tenant_id, device_id, loc_uri, value, reported_at) VALUES ({0}, {1}, {2}, {3}, 1)",
                lab.service["tenant"], registration, "./Vendor/MSFT/" + node, value)
    for version in VERSIONS:
        said = lab.get(f"{path}?$select=malwareProtectionEnabled,signatureUpdateOverdue,engineVersion,rebootRequired", version)
        assert (said["malwareProtectionEnabled"], said["signatureUpdateOverdue"], said["engineVersion"], said["rebootRequired"]) == \
            (True, False, "1.1.2", None), said
    lab.good("DELETE", f"{MANAGED}/{managed}")


@case
def an_action_for_several_says_what_became_of_each(lab):
    path = f"{MANAGED}/executeAction"
    for version in VERSIONS:
        _, managed = enrolled(lab, f"BULK-{version[0]}")
        for body in ({}, {"actionName": "delete"}, {"actionName": "explode", "deviceIds": []}, {"deviceIds": [managed]},
                     {"actionName": "delete", "deviceIds": managed}, {"actionName": "delete", "deviceIds": [1]},
                     {"actionName": "syncDevice", "deviceIds": ["x"] * 101}):
            lab.refused(400, "POST", path, body, version=version)
        for action in ("delete", "wipe"):
            asked = lab.good("POST", path, {"actionName": action, "deviceIds": [managed] * 51}, version=version, status=202)
            assert asked["successfulDeviceIds"] == [] and asked["@ferry.request"]["state"] == "waiting", asked
            assert lab.get(f"{MANAGED}/{managed}", version)["managementState"] == "managed"
        lab.refused(400, "POST", path, {"actionName": "wipe", "deviceIds": [managed] * 501}, version=version)
        for action in ("quickScan", "moveDeviceToOrganizationalUnit"):
            said = lab.post(path, {"actionName": action, "deviceIds": [managed, NOWHERE]}, version)
            assert said["notSupportedDeviceIds"] == [managed] and said["notFoundDeviceIds"] == [NOWHERE], said
            assert said["successfulDeviceIds"] == said["failedDeviceIds"] == [], said
        for action, state in (("syncDevice", "managed"), ("retire", "retirePending"), ("wipe", "wipePending")):
            said = lab.post(path, {"actionName": action, "deviceIds": [managed, NOWHERE]}, version)
            assert said["successfulDeviceIds"] == [managed] and said["notFoundDeviceIds"] == [NOWHERE], said
            shown = lab.get(f"{MANAGED}/{managed}", version)
            assert shown["managementState"] == state, (action, shown)
            assert shown["deviceActionResults"][0]["actionName"] == action, shown
            assert shown["deviceActionResults"][0]["actionState"] == "pending", shown
        said = lab.post(path, {"actionName": "delete", "deviceIds": [NOWHERE, managed]}, version)
        assert said["successfulDeviceIds"] == [managed] and said["notFoundDeviceIds"] == [NOWHERE], said
        lab.refused(404, "GET", f"{MANAGED}/{managed}", version=version)


@case
def an_action_that_is_not_offered_says_so_and_is_never_forgotten(lab):
    _, managed = enrolled(lab, "MAN-3")
    lab.refused(400, "POST", f"{MANAGED}/{managed}/wipe", {"keepUserData": "yes"})
    lab.refused(400, "POST", f"{MANAGED}/{managed}/wipe", {"keepUserData": True, "ferryRejoin": True})
    lab.refused(400, "POST", f"{MANAGED}/{managed}/setDeviceName", {"deviceName": "not a name"})
    for version in VERSIONS:
        for action in ACTIONS:
            lab.refused(404, "POST", f"{MANAGED}/{NOWHERE}/{action}", {}, version=version)
            answer = lab.call("POST", f"{MANAGED}/{managed}/{action}", {"keepUserData": False}, version=version)
            if action in REFUSED:
                assert answer.status == 501 and answer.json["error"]["innerError"]["fault"] == REFUSED[action], answer
            elif action == "createDeviceLogCollectionRequest":
                logs = f"{MANAGED}/{managed}/logCollectionRequests"
                assert answer.status == 201 and answer.json["status"] == "pending", str(answer)
                assert answer.json["id"] in [log["id"] for log in lab.get(logs, version)["value"]]
                assert lab.get(f"{logs}/{answer.json['id']}", version)["managedDeviceId"] == managed
                # Nothing has come yet.
                lab.refused(404, "POST", f"{logs}/{answer.json['id']}/createDownloadUrl", {}, version=version)
                lab.refused(404, "POST", f"{logs}/{NOWHERE}/createDownloadUrl", {}, version=version)
            elif action != "setDeviceName":
                assert answer.status == 204, (action, str(answer))
    if lab.call("GET", f"{MANAGED}/{managed}").status == 200:
        lab.good("DELETE", f"{MANAGED}/{managed}")
