# SPDX-License-Identifier: Apache-2.0
"""Profiles, assignments, enrolment configurations, domain join, connectors, apps, device preparation (graph-api.md sections 5
to 8 and 11)."""
from graph_lab import DM, NOWHERE, VERSIONS, target

CASES = []
PROFILES = f"{DM}/windowsAutopilotDeploymentProfiles"
ENROLLMENT = f"{DM}/deviceEnrollmentConfigurations"
CONFIGURATIONS = f"{DM}/deviceConfigurations"
POLICIES = f"{DM}/configurationPolicies"
CONNECTORS = f"{DM}/domainJoinConnectors"
APPS = "deviceAppManagement/mobileApps"
HYBRID = "#microsoft.graph.activeDirectoryWindowsAutopilotDeploymentProfile"
ENTRA = "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile"
PAGE = "#microsoft.graph.windows10EnrollmentCompletionPageConfiguration"
# The example of graph-api.md section 5.
EXAMPLE = {"@odata.type": HYBRID, "displayName": "HJ", "description": "", "locale": "os-default", "deviceType": "windowsPc",
           "preprovisioningAllowed": True, "hardwareHashExtractionEnabled": False, "deviceNameTemplate": "",
           "roleScopeTagIds": ["0"], "hybridAzureADJoinSkipConnectivityCheck": True,
           "outOfBoxExperienceSetting": {"privacySettingsHidden": True, "eulaHidden": True, "userType": "standard",
                                         "deviceUsageType": "singleUser", "keyboardSelectionPageSkipped": True,
                                         "escapeLinkHidden": True}}
OLD = {"@odata.type": HYBRID, "displayName": "Old", "description": "", "language": "en-US", "extractHardwareHash": True,
       "enableWhiteGlove": True, "hybridAzureADJoinSkipConnectivityCheck": False,
       "outOfBoxExperienceSettings": {"hidePrivacySettings": True, "hideEULA": True, "userType": "standard",
                                      "deviceUsageType": "singleUser", "skipKeyboardSelectionPage": True,
                                      "hideEscapeLink": True},
       "enrollmentStatusScreenSettings": {"hideInstallationProgress": True, "customErrorMessage": "call us",
                                          "installProgressTimeoutInMinutes": 30}}


def case(f):
    CASES.append(f)
    return f


# --- profiles ---

@case
def a_profile_that_cannot_be_is_refused(lab):
    lab.refused(400, "POST", PROFILES, {"@odata.type": HYBRID}, word="displayName")
    shared = dict(EXAMPLE, outOfBoxExperienceSetting={"deviceUsageType": "shared"})
    lab.refused(400, "POST", PROFILES, shared)
    lab.refused(400, "POST", PROFILES, dict(EXAMPLE, **{"@odata.type": PAGE}))
    lab.refused(404, "PATCH", f"{PROFILES}/{NOWHERE}", {"displayName": "x"})


@case
def a_profile_is_made_read_changed_and_deleted(lab):
    for version in VERSIONS:
        made = lab.call("POST", PROFILES, EXAMPLE, version=version)
        assert made.status == 201 and made.json["@odata.type"] == HYBRID, made
        path = f"{PROFILES}/{made.json['id']}"
        read = lab.get(path, version)
        for name, value in EXAMPLE.items():
            assert read[name] == value, (name, read)
        assert read["createdDateTime"] == read["lastModifiedDateTime"] > "2020", read
        changed = lab.good("PATCH", path, {"@odata.type": HYBRID, "description": "new",
                                           "outOfBoxExperienceSetting": {"userType": "administrator"}}, version=version)
        assert changed["description"] == "new" and changed["displayName"] == "HJ", changed
        assert changed["outOfBoxExperienceSetting"]["userType"] == "administrator", changed
        assert changed["outOfBoxExperienceSetting"]["eulaHidden"] is True, changed
        assert changed["lastModifiedDateTime"] > changed["createdDateTime"] == read["createdDateTime"], changed
        # What was read goes back as it is.
        again = lab.good("PATCH", path, lab.get(path, version), version=version)
        assert again["outOfBoxExperienceSetting"] == changed["outOfBoxExperienceSetting"], again
        lab.good("DELETE", path, version=version)
        lab.refused(404, "DELETE", path, version=version)


@case
def both_generations_of_names_are_taken_and_given(lab):
    old = lab.post(PROFILES, OLD)
    read = lab.get(f"{PROFILES}/{old['id']}")
    for name, value in OLD.items():
        if name == "enrollmentStatusScreenSettings":
            assert read[name]["customErrorMessage"] == "call us" and read[name]["allowDeviceUseOnInstallFailure"] is False, read
        else:
            assert read[name] == value, (name, read[name])
    assert read["locale"] == "en-US" and read["preprovisioningAllowed"] and read["hardwareHashExtractionEnabled"], read
    assert read["outOfBoxExperienceSetting"] == {**EXAMPLE["outOfBoxExperienceSetting"]}, read
    first = lab.get(f"{PROFILES}/{old['id']}", "v1.0")
    assert not {"language", "enableWhiteGlove", "extractHardwareHash", "outOfBoxExperienceSettings"} & set(first), first
    new = lab.post(PROFILES, EXAMPLE)
    assert new["language"] == "os-default" and new["enableWhiteGlove"] is True, new
    assert new["outOfBoxExperienceSettings"]["hideEULA"] is True and "eulaHidden" not in new["outOfBoxExperienceSettings"], new
    changed = lab.good("PATCH", f"{PROFILES}/{new['id']}", {"enableWhiteGlove": False, "language": "de-DE"})
    assert changed["preprovisioningAllowed"] is False and changed["locale"] == "de-DE", changed
    for profile in (old, new):
        lab.good("DELETE", f"{PROFILES}/{profile['id']}")


@case
def profiles_are_found_by_name_and_by_type(lab):
    ids = [lab.post(PROFILES, dict(EXAMPLE, displayName="Filter hybrid"))["id"],
           lab.post(PROFILES, {"@odata.type": ENTRA, "displayName": "Filter entra"})["id"]]
    for query, wanted in [("startswith(displayName,'Filter')", ids), ("isof('microsoft.graph.azureADWindowsAutopilotDeploymentProfile')", ids[1:]),
                          ("isof('microsoft.graph.activeDirectoryWindowsAutopilotDeploymentProfile') and displayName eq 'filter hybrid'", ids[:1]),
                          ("preprovisioningAllowed eq true and contains(displayName,'Filter')", ids[:1]),
                          ("createdDateTime gt 2020-01-01T00:00:00Z and startswith(displayName,'Filter')", ids),
                          ("createdDateTime lt 2020-01-01 and startswith(displayName,'Filter')", []),
                          ("outOfBoxExperienceSetting/userType eq 'standard' and startswith(displayName,'Filter')", ids[:1]),
                          ("roleScopeTagIds/any(t:t eq '0') and startswith(displayName,'Filter')", ids)]:
        for version in VERSIONS:
            assert [p["id"] for p in lab.get(f"{PROFILES}?$filter={query}", version)["value"]] == wanted, query
    for profile in ids:
        lab.good("DELETE", f"{PROFILES}/{profile}")


@case
def a_profile_of_no_particular_type_is_for_entra_joined_devices(lab):
    made = lab.post(PROFILES, {"displayName": "No type"})
    assert made["@odata.type"] == ENTRA and made["locale"] == "os-default" and made["deviceType"] == "windowsPc", made
    assert lab.good("PATCH", f"{PROFILES}/{made['id']}", {"@odata.type": None, "description": "x"})["@odata.type"] == ENTRA
    lab.good("DELETE", f"{PROFILES}/{made['id']}")


@case
def a_profile_in_use_stays(lab):
    made = lab.post(PROFILES, EXAMPLE)["id"]
    group = lab.group("In use")
    lab.post(f"{PROFILES}/{made}/assignments", target("groupAssignmentTarget", group))
    lab.refused(409, "DELETE", f"{PROFILES}/{made}", code="Conflict")
    lab.good("DELETE", f"{PROFILES}/{made}/assignments/{made}_{group}_0")
    lab.good("DELETE", f"{PROFILES}/{made}")
    lab.good("DELETE", f"groups/{group}")


# --- assignments ---

@case
def an_assignment_that_cannot_be_is_refused(lab):
    made = lab.post(PROFILES, EXAMPLE)["id"]
    path = f"{PROFILES}/{made}/assignments"
    for body in ({}, {"target": None}, {"target": {}}, {"target": {"groupId": NOWHERE}}, target("groupAssignmentTarget"),
                 target("groupAssignmentTarget", NOWHERE), target("nonsenseTarget"), {"target": "x"}):
        lab.refused(400, "POST", path, body)
    lab.refused(404, "POST", f"{PROFILES}/{NOWHERE}/assignments", target("allDevicesAssignmentTarget"))
    lab.refused(404, "GET", f"{path}/{NOWHERE}")
    lab.refused(404, "DELETE", f"{path}/{made}_{NOWHERE}_0")
    lab.refused(400, "POST", f"{PROFILES}/{made}/assign", {})
    assert lab.get(path)["value"] == []
    lab.good("DELETE", f"{PROFILES}/{made}")


@case
def an_assignment_is_moved_to_another_target(lab):
    made, groups = lab.post(PROFILES, {"displayName": "Moved"})["id"], [lab.group("Moved A"), lab.group("Moved B")]
    path = f"{PROFILES}/{made}/assignments"
    for version in VERSIONS:
        for group in groups:
            lab.post(path, target("groupAssignmentTarget", group), version)
        first, second = (f"{path}/{made}_{group}_0" for group in groups)
        lab.refused(404, "PATCH", f"{path}/{made}_{NOWHERE}_0", target("allDevicesAssignmentTarget"), version=version)
        lab.refused(400, "PATCH", first, target("groupAssignmentTarget", NOWHERE), version=version)
        lab.refused(400, "PATCH", first, target("nonsenseTarget"), version=version)
        lab.refused(409, "PATCH", first, target("groupAssignmentTarget", groups[1]), version=version)
        assert len(lab.get(path, version)["value"]) == 2
        moved = lab.good("PATCH", first, target("allDevicesAssignmentTarget"), version=version)
        assert moved["target"]["@odata.type"] == "#microsoft.graph.allDevicesAssignmentTarget", moved
        assert lab.get(f"{path}/{moved['id']}", version)["target"] == moved["target"]
        assert lab.good("PATCH", second, {}, version=version)["target"]["groupId"] == groups[1]
        lab.refused(404, "GET", first, version=version)
        assert len(lab.get(path, version)["value"]) == 2
        lab.post(f"{PROFILES}/{made}/assign", {"assignments": []}, version)
    for path in (f"{PROFILES}/{made}", *(f"groups/{group}" for group in groups)):
        lab.good("DELETE", path)


@case
def a_profile_is_assigned_to_single_devices_and_to_no_others(lab):
    ids = lab.import_devices([f"ONE-{n}" for n in range(3)])
    made = lab.post(PROFILES, {"displayName": "Single"})["id"]
    assign, devices = f"{PROFILES}/{made}/assign", f"{DM}/windowsAutopilotDeviceIdentities"
    for body in ({"deviceIds": "x"}, {"deviceIds": [7]}, {"deviceIds": ["x"] * 1001}):
        lab.refused(400, "POST", assign, body)
    lab.refused(404, "POST", assign, {"deviceIds": [ids[0], NOWHERE]})  # the whole is refused
    lab.refused(404, "POST", f"{PROFILES}/{NOWHERE}/assign", {"deviceIds": [ids[0]]})
    assert lab.get(f"{PROFILES}/{made}/assignments")["value"] == []
    everybody = lab.group("Single too")
    for version in VERSIONS:
        def has():
            return sorted(d["id"] for d in lab.get(f"{PROFILES}/{made}/assignedDevices", version)["value"])

        assert lab.call("POST", assign, {"deviceIds": [ids[0], ids[1].upper(), ids[0]]}, version=version).status == 200
        assert has() == sorted(ids[:2])
        target_group = lab.get(f"{PROFILES}/{made}/assignments", version)["value"][0]["target"]["groupId"]
        group = lab.get(f"groups/{target_group}", version)
        assert group["displayName"].startswith("Devices of Single (") and group["groupTypes"] == [], group
        why = lab.send("GET", f"/ferry/v1/devices/ONE-0/explain").text
        assert group["displayName"] in why and "Single" in why, why
        # Others stay; the list is the whole list; once more is no change.
        lab.post(f"{PROFILES}/{made}/assignments", target("groupAssignmentTarget", everybody), version)
        lab.good("POST", assign, {"deviceIds": [ids[1], ids[2]]}, version=version)
        assert has() == sorted(ids[1:]) and len(lab.get(f"{PROFILES}/{made}/assignments", version)["value"]) == 2
        assert lab.get(f"{devices}/{ids[0]}")["deploymentProfileAssignmentStatus"] == "notAssigned"
        lab.good("POST", assign, {"deviceIds": []}, version=version)
        assert has() == [] and len(lab.get(f"{PROFILES}/{made}/assignments", version)["value"]) == 1
        lab.refused(404, "GET", f"groups/{target_group}")
        lab.post(assign, {"assignments": []}, version)
    # With the profile its group goes too; while it is assigned it does not.
    lab.good("POST", assign, {"deviceIds": ids[:1]})
    lab.refused(409, "DELETE", f"{PROFILES}/{made}")
    lab.post(assign, {"assignments": []})
    lab.good("DELETE", f"{PROFILES}/{made}")
    lab.refused(404, "GET", f"groups/{target_group}")
    lab.good("DELETE", f"groups/{everybody}")


@case
def an_assignment_is_named_after_profile_and_group(lab):
    made, groups = lab.post(PROFILES, EXAMPLE)["id"], [lab.group(f"Assigned {n}") for n in range(2)]
    path = f"{PROFILES}/{made}/assignments"
    for version in VERSIONS:
        one = lab.call("POST", path, target("groupAssignmentTarget", groups[0]), version=version)
        assert one.status == 201 and one.json["id"] == f"{made}_{groups[0]}_0", one
        assert one.json["source"] == "direct" and one.json["target"]["groupId"] == groups[0], one
        lab.good("POST", path, target("exclusionGroupAssignmentTarget", groups[1]), version=version)
        lab.good("POST", path, target("allDevicesAssignmentTarget"), version=version)
        found = lab.get(path, version)["value"]
        assert {f["target"]["@odata.type"].split(".")[-1] for f in found} == {
            "groupAssignmentTarget", "exclusionGroupAssignmentTarget", "allDevicesAssignmentTarget"}, found
        assert lab.get(f"{path}/{made}_{groups[0]}", version)["id"] == one.json["id"]
        both = lab.get(f"{PROFILES}/{made}?$expand=assignments", version)["assignments"]
        assert [b["id"] for b in both] == [f["id"] for f in found], both
        assert len(lab.get(f"{PROFILES}?$expand=assignments&$filter=id eq '{made}'", version)["value"][0]["assignments"]) == 3
        links = lab.post(f"{PROFILES}/hasPayloadLinks", {"payloadIds": [made, NOWHERE]}, version)["value"]
        assert [link["hasLink"] for link in links] == [True, False], links
        for f in found:
            lab.good("DELETE", f"{path}/{f['id']}", version=version)
        assert lab.get(path, version)["value"] == []
    lab.refused(400, "POST", f"{PROFILES}/hasPayloadLinks", {})
    lab.good("DELETE", f"{PROFILES}/{made}")
    for group in groups:
        lab.good("DELETE", f"groups/{group}")


# --- enrolment configurations ---

@case
def the_defaults_are_there_for_every_tenant(lab):
    for version in VERSIONS:
        found = {c["id"].split("_")[1]: c for c in lab.get(ENROLLMENT, version)["value"] if "_Default" in c["id"]}
        assert {"DefaultWindows10EnrollmentCompletionPageConfiguration", "DefaultLimit", "DefaultPlatformRestrictions",
                "DefaultWindowsHelloForBusiness"} <= set(found), found
        for config in found.values():
            assert config["priority"] == 0 and config["id"].startswith(lab.service["tenant"]), config
            lab.refused(400, "DELETE", f"{ENROLLMENT}/{config['id']}", version=version)
            assert lab.get(f"{ENROLLMENT}/{config['id']}", version)["displayName"] == config["displayName"]
        hello = found["DefaultWindowsHelloForBusiness"]
        lab.refused(400, "PATCH", f"{ENROLLMENT}/{hello['id']}", {"pinMinimumLength": 3}, version=version)
        changed = lab.good("PATCH", f"{ENROLLMENT}/{hello['id']}", {"pinMinimumLength": 8}, version=version)
        assert changed["pinMinimumLength"] == 8 and changed["id"] == hello["id"], changed
        assert len(lab.get(ENROLLMENT, version)["value"]) >= 4
        lab.good("PATCH", f"{ENROLLMENT}/{hello['id']}", {"pinMinimumLength": 6}, version=version)


@case
def a_status_page_has_every_property(lab):
    body = {"@odata.type": PAGE, "displayName": "Page", "description": "d", "showInstallationProgress": True,
            "blockDeviceSetupRetryByUser": True, "allowDeviceResetOnInstallFailure": True,
            "allowLogCollectionOnInstallFailure": True, "customErrorMessage": "call", "installProgressTimeoutInMinutes": 45,
            "allowDeviceUseOnInstallFailure": True, "selectedMobileAppIds": [NOWHERE],
            "trackInstallProgressForAutopilotOnly": True, "disableUserStatusTrackingAfterFirstUser": True,
            "allowNonBlockingAppInstallation": True, "installQualityUpdates": True}
    for change in ({"installProgressTimeoutInMinutes": 0}, {"installProgressTimeoutInMinutes": "soon"},
                   {"customErrorMessage": "x" * 10001}, {"@odata.type": None}, {"displayName": ""}):
        answer = lab.call("POST", ENROLLMENT, dict(body, **change))
        assert answer.status == 400 or change == {"displayName": ""}, (change, str(answer))
        if answer.status == 201:
            lab.good("DELETE", f"{ENROLLMENT}/{answer.json['id']}")
    made = lab.post(ENROLLMENT, body)
    assert made["id"].endswith("_Windows10EnrollmentCompletionPageConfiguration"), made
    for version in VERSIONS:
        read = lab.get(f"{ENROLLMENT}/{made['id']}", version)
        assert all(read[name] == value for name, value in body.items()), read
        assert read["priority"] >= 1 and read["version"] == 1, read
        kind = "windows10EnrollmentCompletionPageConfiguration"
        assert read["deviceEnrollmentConfigurationType"] == kind, read
        listed = lab.get(f"{ENROLLMENT}?$filter=deviceEnrollmentConfigurationType eq '{kind}'", version)["value"]
        assert [entry["id"] for entry in listed] == [made["id"]], listed
        assert [entry["id"] for entry in lab.get(f"{ENROLLMENT}?$filter=isof('microsoft.graph.{kind}') and priority gt 0", version)["value"]] == \
            [made["id"]]
    changed = lab.good("PATCH", f"{ENROLLMENT}/{made['id']}", {"installProgressTimeoutInMinutes": "60"})
    assert changed["installProgressTimeoutInMinutes"] == 60 and changed["version"] == 2, changed
    # The id without its ending is the same object.
    assert lab.get(f"{ENROLLMENT}/{made['id'].split('_')[0]}")["id"] == made["id"]
    lab.good("DELETE", f"{ENROLLMENT}/{made['id']}")


@case
def status_pages_are_assigned_and_put_in_order(lab):
    group = lab.group("Pages")
    ids = [lab.post(ENROLLMENT, {"@odata.type": PAGE, "displayName": f"Order {n}"})["id"] for n in range(3)]

    def order():
        return {i: lab.get(f"{ENROLLMENT}/{i}")["priority"] for i in ids}

    assert list(order().values()) == [1, 2, 3], order()
    for body in ({}, {"priority": 0}, {"priority": "first"}, {"priority": -1}):
        lab.refused(400, "POST", f"{ENROLLMENT}/{ids[2]}/setPriority", body)
    lab.post(f"{ENROLLMENT}/{ids[2]}/setPriority", {"priority": 1})
    assert list(order().values()) == [2, 3, 1], order()
    default = f"{lab.service['tenant']}_DefaultWindows10EnrollmentCompletionPageConfiguration"
    lab.refused(400, "POST", f"{ENROLLMENT}/{default}/setPriority", {"priority": 1})
    lab.refused(400, "POST", f"{ENROLLMENT}/{default}/assign", {"enrollmentConfigurationAssignments": []})
    for version in VERSIONS:
        answer = lab.call("POST", f"{ENROLLMENT}/{ids[0]}/assign", {
            "enrollmentConfigurationAssignments": [target("groupAssignmentTarget", group),
                                                   target("allLicensedUsersAssignmentTarget")]}, version=version)
        assert answer.status == 200, answer
        found = lab.get(f"{ENROLLMENT}/{ids[0]}/assignments", version)["value"]
        assert sorted(f["target"].get("groupId", "") for f in found) == ["", group], found
        lab.good("DELETE", f"{ENROLLMENT}/{ids[0]}/assignments/{found[0]['id']}", version=version)
    for i in ids:
        lab.good("DELETE", f"{ENROLLMENT}/{i}")
    lab.good("DELETE", f"groups/{group}")


@case
def limits_restrictions_and_hello_are_configurations_too(lab):
    kinds = {
        "deviceEnrollmentLimitConfiguration": ({"limit": 7}, {"limit": 0}),
        "deviceEnrollmentPlatformRestrictionsConfiguration": (
            {"windowsRestriction": {"platformBlocked": False, "personalDeviceEnrollmentBlocked": True,
                                    "osMinimumVersion": "10.0.19045", "osMaximumVersion": ""}}, {"windowsRestriction": "none"}),
        "deviceEnrollmentPlatformRestrictionConfiguration": (
            {"platformType": "windows", "platformRestriction": {"platformBlocked": True}}, {"platformType": "dos"}),
        "deviceEnrollmentWindowsHelloForBusinessConfiguration": (
            {"state": "enabled", "pinMinimumLength": 8, "pinMaximumLength": 20, "pinUppercaseCharactersUsage": "required",
             "securityDeviceRequired": True}, {"pinMinimumLength": 20, "pinMaximumLength": 8}),
    }
    for kind, (good, bad) in kinds.items():
        for version in VERSIONS:
            base = {"@odata.type": f"#microsoft.graph.{kind}", "displayName": kind}
            lab.refused(400, "POST", ENROLLMENT, {**base, **bad}, version=version)
            made = lab.post(ENROLLMENT, {**base, **good}, version)
            read = lab.get(f"{ENROLLMENT}/{made['id']}", version)
            for name, value in good.items():
                same = {k: read[name][k] for k in value} if isinstance(value, dict) else read[name]
                assert same == value, (kind, name, read)
            lab.good("DELETE", f"{ENROLLMENT}/{made['id']}", version=version)


# --- domain join and other configurations ---

@case
def a_domain_join_profile_is_checked(lab):
    body = {"@odata.type": "#microsoft.graph.windowsDomainJoinConfiguration", "displayName": "Join",
            "activeDirectoryDomainName": "corp.example.com", "computerNameStaticPrefix": "PC-",
            "computerNameSuffixRandomCharCount": 8, "organizationalUnit": "OU=A,DC=corp,DC=example,DC=com"}
    for change, word in [({"activeDirectoryDomainName": "CORP"}, "corp.example.com"), ({"activeDirectoryDomainName": None}, ""),
                         ({"organizationalUnit": "Computers"}, "DC="), ({"computerNameStaticPrefix": "WAYTOOLONGPREFIX"}, ""),
                         ({"computerNameStaticPrefix": "PC A"}, ""), ({"computerNameSuffixRandomCharCount": 16}, ""),
                         ({"computerNameStaticPrefix": "ABCDEFGHIJ", "computerNameSuffixRandomCharCount": 10}, "")]:
        lab.refused(400, "POST", CONFIGURATIONS, dict(body, **change), word=word)
    lab.refused(400, "POST", CONFIGURATIONS, {"displayName": "No type"})
    group = lab.group("Joiners")
    for version in VERSIONS:
        made = lab.post(CONFIGURATIONS, body, version)
        path = f"{CONFIGURATIONS}/{made['id']}"
        read = lab.get(path, version)
        assert all(read[name] == value for name, value in body.items()) and read["version"] == 1, read
        assert ("supportsScopeTags" in read) == (version == "beta"), read
        changed = lab.good("PATCH", path, {"computerNameSuffixRandomCharCount": 5}, version=version)
        assert changed["version"] == 2 and changed["ferryNameTemplate"] == "PC-%RAND:5%", changed
        answer = lab.call("POST", f"{path}/assign", {"assignments": [target("groupAssignmentTarget", group)]}, version=version)
        assert answer.status == 200 and answer.json["value"][0]["target"]["groupId"] == group, answer
        assert len(lab.get(f"{path}/assignments", version)["value"]) == 1
        assert lab.get(f"{path}/deviceStatuses", version)["value"] == lab.get(f"{path}/userStatuses", version)["value"] == []
        lab.good("DELETE", path, version=version)
    lab.good("DELETE", f"groups/{group}")


def setting(name, uri, value):
    return {"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": name,
            "omaSettings": [{"@odata.type": "#microsoft.graph.omaSettingString", "displayName": name, "omaUri": uri,
                             "value": value}]}


@case
def two_values_for_one_node_are_said_when_the_second_is_assigned(lab):
    node = "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"
    everybody = {"assignments": [target("allDevicesAssignmentTarget")]}
    five, ten = (lab.post(CONFIGURATIONS, setting(name, node, value))["id"] for name, value in (("Five", "5"), ("Ten", "10")))
    paths = [f"{CONFIGURATIONS}/{made}" for made in (five, ten)]
    lab.import_devices(["CONFLICT-1"])
    assert "@ferry.findings" not in lab.post(f"{paths[0]}/assign", everybody)
    lab.refused(409, "POST", f"{paths[1]}/assign", everybody, headers={"Prefer": "handling=strict"}, word="Five")
    assert lab.get(f"{paths[1]}/assignments")["value"] == []
    said = lab.post(f"{paths[1]}/assign", everybody)["@ferry.findings"]
    assert [(f["severity"], f["fault"]) for f in said] == [("warning", "policy_conflict")], said
    assert "\"Five\" and \"Ten\"" in said[0]["text"] and "\"Five\" is older" in said[0]["text"], said
    assert said[0]["devices"] >= 1 and said[0]["examples"], said
    whole = lab.send("POST", "/ferry/v1/preflight", b"{}").json
    assert "policy_conflict" in {f["fault"] for f in whole["findings"]}, whole
    explained = lab.send("GET", "/ferry/v1/devices/CONFLICT-1/explain").json
    lost = {i["name"]: i.get("conflict") for i in explained["items"]}
    assert lost["Five"] is None and "is older and counts" in lost["Ten"], explained["items"]
    # The same value is no conflict, and the answer to the change says what is left.
    changed = lab.good("PATCH", paths[1], {"omaSettings": setting("Ten", node, "5")["omaSettings"]})
    assert "@ferry.findings" not in changed, changed
    changed = lab.good("PATCH", paths[1], {"omaSettings": setting("Ten", node, "9")["omaSettings"]})
    assert changed["@ferry.findings"][0]["fault"] == "policy_conflict", changed
    for path in paths:
        lab.good("DELETE", path)


@case
def a_tunnel_of_a_name_that_another_has_is_refused(lab):
    config = ('{"endpoint": "vpn.example.com:51820", "gatewayKey": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=", '
              '"allowed": "10.66.0.0/24", "pool": "10.99.0.0/24"}')
    corp, home = (f"./Device/Vendor/Ferry/WireGuard/{name}/Config" for name in ("corp", "home"))
    made = lab.post(CONFIGURATIONS, setting("Corp", corp, config))["id"]
    for name in ("Corp", "Another"):
        refused = lab.refused(409, "POST", CONFIGURATIONS, setting(name, corp, config), word="corp already")
        assert "vpn_name_taken" in str(refused), refused
    other = lab.post(CONFIGURATIONS, setting("Home", home, config))["id"]
    lab.refused(409, "PATCH", f"{CONFIGURATIONS}/{other}", {"omaSettings": setting("Home", corp, config)["omaSettings"]},
                word="corp already")
    lab.good("PATCH", f"{CONFIGURATIONS}/{made}", {"displayName": "Corporation"})
    lab.good("DELETE", f"{CONFIGURATIONS}/{made}")
    lab.good("PATCH", f"{CONFIGURATIONS}/{other}", {"omaSettings": setting("Home", corp, config)["omaSettings"]})
    lab.good("DELETE", f"{CONFIGURATIONS}/{other}")


@case
def a_secret_of_a_custom_configuration_goes_in_and_never_comes_out(lab):
    canary = "canary-4711"
    body = {"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "Wi-Fi",
            "omaSettings": [{"@odata.type": "#microsoft.graph.omaSettingString", "displayName": "key",
                             "omaUri": "./Device/Vendor/MSFT/WiFi/Profile/Net/WlanXml", "value": canary}]}
    for change in ({"omaSettings": []}, {"omaSettings": None}, {"omaSettings": [{"omaUri": "x", "value": "y"}]}):
        lab.refused(400, "POST", CONFIGURATIONS, dict(body, **change))
    made = lab.call("POST", CONFIGURATIONS, body)
    assert made.status == 201 and canary not in made.text, made
    path = f"{CONFIGURATIONS}/{made.json['id']}"
    for where in (path, CONFIGURATIONS, f"{DM}/auditEvents"):
        for version in VERSIONS:
            assert canary not in lab.call("GET", where, version=version).text, where
    lab.good("PATCH", path, {"displayName": "Wi-Fi 2"})
    lab.good("DELETE", path)
    assert canary not in lab.call("GET", f"{DM}/auditEvents").text


# --- connectors ---

@case
def a_connector_is_named_and_removed(lab):
    made = lab.send("POST", "/ferry/v1/connectors", b'{"name":"site","domain":"corp.example.com"}')
    assert made.status == 201, made
    path = f"{CONNECTORS}/{made.json['id']}"
    lab.refused(400, "PATCH", path, {})
    lab.refused(404, "DELETE", f"{CONNECTORS}/{NOWHERE}")
    for version in VERSIONS:
        read = lab.get(path, version)
        assert read["displayName"].startswith("site") and read["state"] in ("inactive", "pending"), read
        assert lab.good("PATCH", path, {"displayName": f"site {version}"}, version=version)["displayName"] == f"site {version}"
        assert lab.get(f"{DM}/ndesConnectors", version)["value"] == []
    lab.good("DELETE", path)
    lab.refused(404, "GET", path)


# --- apps ---

@case
def an_app_is_published_and_assigned(lab):
    body = {"@odata.type": "#microsoft.graph.win32LobApp", "displayName": "App", "fileName": "app.deb", "size": 3,
            "ferrySha256": "0" * 64}
    lab.refused(400, "POST", APPS, {"@odata.type": "#microsoft.graph.win32LobApp", "displayName": "App"})
    for version in VERSIONS:
        made = lab.call("POST", APPS, body, version=version)
        if made.status != 201:
            assert made.status in (400, 409), made
            continue
        path = f"{APPS}/{made.json['id']}"
        assert lab.get(path, version)["displayName"] == "App"
        lab.post(f"{path}/assign", {"mobileAppAssignments": [dict(target("allDevicesAssignmentTarget"), intent="required")]})
        assert lab.get(f"{path}/assignments", version)["value"][0]["intent"] == "required"
        assert lab.good("PATCH", path, {"publisher": "P"}, version=version)["publisher"] == "P"
        lab.good("DELETE", path, version=version)


# --- device preparation ---

def preparation(name):
    def setting(key, value):
        return {"settingInstance": {"@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
                                    "settingDefinitionId": f"enrollment_autopilot_dpp_{key}",
                                    "choiceSettingValue": {"value": f"enrollment_autopilot_dpp_{key}_{value}", "children": []}}}
    return {"name": name, "description": "", "platforms": "windows10", "technologies": "enrollment", "roleScopeTagIds": ["0"],
            "templateReference": {"templateId": "80d33118-b7b4-40d8-b15f-81be745e053f_1"},
            "settings": [setting("deploymentmode", 0), setting("deploymenttype", 0), setting("jointype", 0),
                         setting("accountype", 0)]}


@case
def a_preparation_policy_has_settings_a_group_and_assignments(lab):
    for change in ({"name": None}, {"settings": "x"}, {"templateReference": []}):
        lab.refused(400, "POST", POLICIES, dict(preparation("x"), **change))
    owner, users, dynamic = lab.group("Prepared"), lab.group("Users"), lab.group("Moving", '(device.displayName -eq "x")')
    for version in VERSIONS:
        made = lab.post(POLICIES, preparation("Preparation"), version)
        path = f"{POLICIES}/{made['id']}"
        for query in ("templateReference/TemplateId eq '80d33118-b7b4-40d8-b15f-81be745e053f_1'",
                      "templateReference/templateId eq '80d33118-B7B4-40d8-b15f-81be745e053f_1' and name eq 'preparation'"):
            assert [p["id"] for p in lab.get(f"{POLICIES}?$filter={query}", version)["value"]] == [made["id"]], query
        settings = lab.get(f"{path}/settings", version)["value"]
        assert len(settings) == made["settingCount"] == 4, settings
        assert settings[0]["settingInstance"]["settingDefinitionId"] == "enrollment_autopilot_dpp_deploymentmode", settings
        for group, good in ((NOWHERE, False), (dynamic, False), (owner, True)):
            answer = lab.post(f"{path}/setEnrollmentTimeDeviceMembershipTarget", {"enrollmentTimeDeviceMembershipTargets": [
                {"targetType": "staticSecurityGroup", "targetId": group}]}, version)["value"]
            assert answer["validationSucceeded"] is good, answer
        lab.refused(400, "POST", f"{path}/setEnrollmentTimeDeviceMembershipTarget", {}, version=version)
        got = lab.post(f"{path}/retrieveEnrollmentTimeDeviceMembershipTarget", None, version)["value"]
        assert got["enrollmentTimeDeviceMembershipTargets"][0]["targetId"] == owner, got
        lab.post(f"{path}/assign", {"assignments": [target("groupAssignmentTarget", users)]}, version)
        assert lab.get(path, version)["isAssigned"] is True
        assert len(lab.get(f"{path}/assignments", version)["value"]) == 1
        lab.post(f"{path}/clearEnrollmentTimeDeviceMembershipTarget", None, version)
        got = lab.post(f"{path}/retrieveEnrollmentTimeDeviceMembershipTarget", None, version)["value"]
        assert got["enrollmentTimeDeviceMembershipTargets"] == [], got
        assert lab.good("PATCH", path, {"description": "new"}, version=version)["settingCount"] == 4
        lab.post(f"{path}/assign", {"assignments": []}, version)
        lab.good("DELETE", path, version=version)
    for group in (owner, users, dynamic):
        lab.good("DELETE", f"groups/{group}")
