# SPDX-License-Identifier: Apache-2.0
"""Registrations, their import, corporate identifiers, the settings (graph-api.md sections 2, 3, 4, 12)."""
from graph_lab import DM, NOWHERE, VERSIONS, target

CASES = []
DEVICES = f"{DM}/windowsAutopilotDeviceIdentities"
IMPORTED = f"{DM}/importedWindowsAutopilotDeviceIdentities"
UPLOADS = f"{DM}/importedWindowsAutopilotDeviceIdentityUploads"
IDENTIFIERS = f"{DM}/importedDeviceIdentities"
PROFILES = f"{DM}/windowsAutopilotDeploymentProfiles"
BOTH = {"id", "groupTag", "purchaseOrderIdentifier", "serialNumber", "productKey", "manufacturer", "model", "skuNumber",
        "systemFamily", "resourceName", "enrollmentState", "lastContactedDateTime", "addressableUserName",
        "userPrincipalName", "displayName", "azureActiveDirectoryDeviceId", "managedDeviceId"}
BETA = BOTH | {"azureAdDeviceId", "deploymentProfileAssignmentStatus", "deploymentProfileAssignmentDetailedStatus",
               "deploymentProfileAssignedDateTime", "remediationState", "remediationStateLastModifiedDateTime",
               "userlessEnrollmentStatus", "deviceAccountUpn", "deviceAccountPassword", "deviceFriendlyName"}


def case(f):
    CASES.append(f)
    return f


def device(lab, serial, query=""):
    found = lab.get(f"{DEVICES}?$filter=serialNumber eq '{serial}'{query}")["value"]
    assert len(found) == 1, (serial, found)
    return found[0]


# --- import ---

@case
def an_import_that_cannot_be_read_registers_nothing(lab):
    many = f"{IMPORTED}/import"
    for body in ({}, {"importedWindowsAutopilotDeviceIdentities": {}}, {"importedWindowsAutopilotDeviceIdentities": [7]},
                 {"importedWindowsAutopilotDeviceIdentities": [{"hardwareIdentifier": 5}]}):
        lab.refused(400, "POST", many, body)
    good = {"serialNumber": "GOOD-1", "hardwareIdentifier": lab.hash_of("GOOD-1")}
    bad = {"serialNumber": "X", "hardwareIdentifier": "***"}
    lab.refused(400, "POST", many, {"importedWindowsAutopilotDeviceIdentities": [good, bad]}, word="Edm.Binary")
    lab.refused(400, "POST", IMPORTED, bad, word="Edm.Binary")
    assert lab.get(f"{DEVICES}?$filter=serialNumber eq 'GOOD-1'")["value"] == []


@case
def each_entry_ends_for_itself_with_graphs_number_and_name(lab):
    lab.import_devices(["IMP-1"])
    rows = [{"serialNumber": "IMP-1", "hardwareIdentifier": lab.hash_of("IMP-1")},
            {"serialNumber": "IMP-2", "hardwareIdentifier": "AAAA"},
            {"serialNumber": "IMP-3", "hardwareIdentifier": ""}, {"serialNumber": "IMP-4"},
            {"serialNumber": "IMP-5", "hardwareIdentifier": lab.hash_of("OTHER-5")},
            {"serialNumber": "IMP-6", "hardwareIdentifier": lab.hash_of("IMP-6")},
            {"hardwareIdentifier": lab.hash_of("IMP-7")}]
    made = lab.post(f"{IMPORTED}/import", {"importedWindowsAutopilotDeviceIdentities": rows})["value"]
    states = [(m["state"]["deviceImportStatus"], m["state"]["deviceErrorCode"], m["state"]["deviceErrorName"]) for m in made]
    bad = ("error", 802, "InvalidZtdHardwareHash")
    assert states == [("error", 806, "ZtdDeviceAlreadyAssigned"), bad, bad, bad, bad, ("complete", 0, ""),
                      ("complete", 0, "")], states
    assert made[6]["serialNumber"] == "IMP-7" and made[0]["state"]["deviceRegistrationId"]


@case
def imports_are_kept_by_batch_until_the_client_deletes_them(lab):
    for version in VERSIONS:
        serials = [f"BATCH-{version}-{n}" for n in range(3)]
        lab.import_devices(serials, batch=f"batch {version}", version=version)
        found = lab.get(f"{IMPORTED}?$filter=importId eq 'batch {version}'&$orderby=serialNumber", version)["value"]
        assert [f["serialNumber"] for f in found] == serials
        assert all(f["hardwareIdentifier"] is None and f["importId"] == f"batch {version}" for f in found), found
        done = lab.get(f"{IMPORTED}?$filter=state/deviceImportStatus eq 'complete' and importId eq 'batch {version}'", version)
        assert len(done["value"]) == 3
        one = lab.get(f"{IMPORTED}/{found[0]['id']}", version)
        assert one["state"]["deviceRegistrationId"] == device(lab, serials[0])["id"]
        assert one["groupTag"] == "" and ("orderIdentifier" in one) == (version == "beta"), one
        for f in found:
            lab.good("DELETE", f"{IMPORTED}/{f['id']}", version=version)
        lab.refused(404, "DELETE", f"{IMPORTED}/{found[0]['id']}", version=version)
        lab.refused(404, "GET", f"{IMPORTED}/{found[0]['id']}", version=version)
        assert device(lab, serials[0])


@case
def the_oldest_names_of_an_import_are_understood(lab):
    row = {"@odata.type": "#microsoft.graph.importedWindowsAutopilotDeviceIdentity", "orderIdentifier": "old",
           "serialNumber": "OLD-1", "productKey": None, "hardwareIdentifier": lab.hash_of("OLD-1").rstrip("="),
           "state": {"@odata.type": "microsoft.graph.importedWindowsAutopilotDeviceIdentityState", "deviceImportStatus": "pending",
                     "deviceRegistrationId": "", "deviceErrorCode": 0, "deviceErrorName": ""}}
    made = lab.post(IMPORTED, row)
    assert made["state"]["deviceImportStatus"] == "complete" and made["groupTag"] == made["orderIdentifier"] == "old", made
    assert device(lab, "OLD-1")["groupTag"] == "old"


@case
def an_upload_holds_its_devices(lab):
    lab.refused(400, "POST", UPLOADS, {})
    upload = lab.post(UPLOADS, {"deviceIdentities": [{"serialNumber": f"UP-{n}", "hardwareIdentifier": lab.hash_of(f"UP-{n}")}
                                                     for n in range(2)]})
    assert upload["status"] == "complete" and not upload["createdDateTimeUtc"].startswith("0001"), upload
    held = lab.get(f"{UPLOADS}/{upload['id']}/deviceIdentities")["value"]
    assert sorted(h["serialNumber"] for h in held) == ["UP-0", "UP-1"]
    assert upload["id"] in [u["id"] for u in lab.get(UPLOADS)["value"]]
    lab.good("DELETE", f"{UPLOADS}/{upload['id']}")
    lab.refused(404, "GET", f"{UPLOADS}/{upload['id']}/deviceIdentities")


# --- devices ---

@case
def a_registration_has_every_property_of_its_version(lab):
    lab.import_devices(["PROP-1"], tag="t")
    wanted = {"v1.0": BOTH, "beta": BETA}
    for version in VERSIONS:
        found = lab.get(f"{DEVICES}?$filter=serialNumber eq 'PROP-1'", version)["value"][0]
        missing = wanted[version] - set(found)
        assert not missing, (version, missing)
        assert version == "beta" or not {"azureAdDeviceId", "remediationState"} & set(found), found
        assert found["managedDeviceId"] == NOWHERE and found["lastContactedDateTime"] == "0001-01-01T00:00:00Z", found
        assert found["enrollmentState"] == "notContacted" and found["manufacturer"] == "Contoso", found
        assert "deploymentProfile" not in found
    one = lab.get(f"{DEVICES}/{found['id']}?$expand=deploymentProfile,intendedDeploymentProfile")
    assert one["deploymentProfile"] is None and one["intendedDeploymentProfile"] is None
    lab.refused(404, "GET", f"{DEVICES}/{found['id']}/deploymentProfile")


@case
def devices_are_found_by_every_filter_that_tools_send(lab):
    device_id = lab.import_devices(["Find-Me-1"], tag="find tag")[0]
    found = device(lab, "FIND-ME-1")
    directory = found["azureActiveDirectoryDeviceId"]
    for query in ("contains(serialNumber,'find-me')", "contains(serialNumber, 'Me-1')", "serialNumber eq 'find-me-1'",
                  "startswith(serialNumber,'Find')", f"id eq '{device_id}'", f"azureActiveDirectoryDeviceId eq '{directory}'",
                  f"azureAdDeviceId eq '{directory}'", "groupTag eq 'FIND TAG'", f"azureActiveDirectoryDeviceId eq {directory}",
                  "contains(serialNumber,'find-me') and groupTag eq 'find tag'",
                  "enrollmentState eq 'notContacted' and contains(serialNumber,'find-me')",
                  "deploymentProfileAssignmentStatus eq 'notAssigned' and serialNumber eq 'find-me-1'",
                  "userlessEnrollmentStatus ne 'blocked' and serialNumber eq 'find-me-1'",
                  "not (serialNumber ne 'find-me-1')", "serialNumber in ('x','find-me-1')"):
        assert [d["id"] for d in lab.get(f"{DEVICES}?$filter={query}")["value"]] == [device_id], query
    lab.refused(400, "GET", f"{DEVICES}?$filter=enrollmentState eq 'asleep'", word="notContacted")
    assert lab.get(f"{DEVICES}?$filter=contains(serialNumber,'100%25_')")["value"] == []


@case
def four_properties_are_changed_and_the_answer_is_200(lab):
    device_id = lab.import_devices(["UPD-1"])[0]
    path = f"{DEVICES}/{device_id}"
    for version in VERSIONS:
        for action in ("updateDeviceProperties", "UpdateDeviceProperties", "microsoft.graph.updateDeviceProperties"):
            answer = lab.call("POST", f"{path}/{action}", {"groupTag": version, "userPrincipalName": "u@example.com",
                                                           "addressableUserName": "U", "displayName": "UPD"}, version=version)
            assert answer.status == 200, answer
            now = lab.get(path)
            assert (now["groupTag"], now["userPrincipalName"], now["addressableUserName"], now["displayName"]) == \
                (version, "u@example.com", "U", "UPD"), now
    lab.post(f"{path}/updateDeviceProperties", {"groupTag": ""})
    now = lab.get(path)
    assert now["groupTag"] == "" and now["displayName"] == "UPD"
    assert lab.good("PATCH", path, {"groupTag": "patched", "serialNumber": "UPD-1"})["groupTag"] == "patched"
    lab.refused(404, "POST", f"{DEVICES}/{NOWHERE}/updateDeviceProperties", {"groupTag": "x"})
    lab.refused(404, "PATCH", f"{DEVICES}/{NOWHERE}", {"groupTag": "x"})
    lab.refused(400, "POST", f"{path}/updateDeviceProperties", {"groupTag": 7 * [1]})


@case
def a_user_is_assigned_and_taken_away(lab):
    device_id = lab.import_devices(["USR-1"])[0]
    path = f"{DEVICES}/{device_id}"
    lab.refused(400, "POST", f"{path}/assignUserToDevice", {})
    lab.refused(400, "POST", f"{path}/assignUserToDevice", {"userPrincipalName": ""})
    for version in VERSIONS:
        lab.good("POST", f"{path}/assignUserToDevice", {"userPrincipalName": "u@example.com", "addressableUserName": "U"},
                 version=version, status=200)
        assert lab.get(path, version)["userPrincipalName"] == "u@example.com"
        answer = lab.send("POST", f"/{version}/{path}/unassignUserFromDevice")
        assert answer.status == 200, answer
        assert (lab.get(path)["userPrincipalName"], lab.get(path)["addressableUserName"]) == ("", "")


@case
def unblocking_is_asked_for_again_and_again(lab):
    path = f"{DEVICES}/{lab.import_devices(['BLK-1'])[0]}"
    assert lab.send("POST", f"/beta/{path}/allowNextEnrollment").status == 200
    assert lab.get(path)["userlessEnrollmentStatus"] == "allowed"
    lab.refused(404, "POST", f"{DEVICES}/{NOWHERE}/allowNextEnrollment")


@case
def a_room_s_account_is_kept_without_its_password(lab):
    path = f"{DEVICES}/{lab.import_devices(['ROOM-1'])[0]}"
    body = {"userPrincipalName": "room@example.com", "addressableUserName": "Room", "resourceAccountName": "Room 7",
            "deviceAccountUpn": "room7@example.com", "deviceAccountPassword": "hunter2-7f3c", "deviceFriendlyName": "Big room"}
    for bad in ({}, {"deviceAccountUpn": ""}, {"resourceAccountName": "x"}):
        lab.refused(400, "POST", f"{path}/assignResourceAccountToDevice", bad)
    lab.refused(413, "POST", f"{path}/assignResourceAccountToDevice", dict(body, deviceFriendlyName="x" * 300))
    lab.refused(404, "POST", f"{DEVICES}/{NOWHERE}/assignResourceAccountToDevice", body)
    lab.refused(404, "POST", f"{DEVICES}/{NOWHERE}/unassignResourceAccountFromDevice")
    for version in VERSIONS:
        for _ in range(2):
            assert lab.call("POST", f"{path}/assignResourceAccountToDevice", body, version=version).status == 200
            now = lab.get(path)
            assert (now["resourceName"], now["deviceAccountUpn"], now["deviceFriendlyName"], now["userPrincipalName"]) == \
                ("Room 7", "room7@example.com", "Big room", "room@example.com"), now
            assert not now["deviceAccountPassword"], now
        assert lab.get(path, "v1.0")["resourceName"] == "Room 7"
        for _ in range(2):
            assert lab.send("POST", f"/{version}/{path}/unassignResourceAccountFromDevice").status == 200
            now = lab.get(path)
            assert (now["resourceName"], now["deviceAccountUpn"], now["deviceFriendlyName"]) == ("", "", ""), now
    for table in ("device_resource_account", "audit_event"):
        lab.good("POST", f"{path}/assignResourceAccountToDevice", body)
        assert "hunter2-7f3c" not in lab.sql(f"SELECT * FROM {table}") and "room7" in lab.sql(f"SELECT * FROM {table}"), table
    lab.good("DELETE", path)


@case
def a_device_without_a_hash_is_registered_by_maker_model_and_serial_number(lab):
    lab.refused(400, "POST", DEVICES, {"serialNumber": "TUP-1"})
    lab.refused(400, "POST", DEVICES, {"manufacturer": "Contoso", "model": "Wing 7"})
    body = {"@odata.type": "#microsoft.graph.windowsAutopilotDeviceIdentity", "serialNumber": "TUP-1", "manufacturer": "Contoso",
            "model": "Wing 7", "groupTag": "tuple", "productKey": None, "purchaseOrderIdentifier": ""}
    answer = lab.call("POST", DEVICES, body)
    assert answer.status == 201 and answer.json["serialNumber"] == "TUP-1" and answer.json["groupTag"] == "tuple", answer
    again = lab.call("POST", DEVICES, body)
    assert again.status in (200, 201) and again.json["id"] == answer.json["id"], again
    lab.good("DELETE", f"{DEVICES}/{answer.json['id']}")


@case
def devices_are_deregistered_alone_and_by_serial_numbers(lab):
    ids = lab.import_devices(["DEL-1", "DEL-2", "DEL-3"])
    lab.refused(404, "DELETE", f"{DEVICES}/{NOWHERE}")
    lab.good("DELETE", f"{DEVICES}/{ids[0]}", version="v1.0")
    lab.refused(404, "DELETE", f"{DEVICES}/{ids[0]}")
    lab.refused(400, "POST", f"{DEVICES}/deleteDevices", {})
    lab.refused(400, "POST", f"{DEVICES}/deleteDevices", {"serialNumbers": [7]})
    done = lab.post(f"{DEVICES}/deleteDevices", {"serialNumbers": ["DEL-2", "NOT-THERE", "DEL-3"]})["value"]
    assert [d["deletionState"] for d in done] == ["accepted", "failed", "accepted"], done
    assert done[0]["deviceRegistrationId"] == ids[1] and done[1]["errorMessage"] and done[2]["serialNumber"] == "DEL-3"
    assert lab.get(f"{DEVICES}?$filter=contains(serialNumber,'DEL-')")["value"] == []
    lab.import_devices(["DEL-1"])


@case
def a_device_shows_its_profile_as_soon_as_the_import_answers(lab):
    rule = '(device.devicePhysicalIds -any (_ -eq "[OrderID]:shown"))'
    group = lab.group("Shown", rule)
    profile = lab.post(PROFILES, {"@odata.type": "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile",
                                  "displayName": "Shown"})["id"]
    lab.post(f"{PROFILES}/{profile}/assignments", target("groupAssignmentTarget", group))
    device_id = lab.import_devices(["SHOW-1"], tag="shown")[0]
    for version in VERSIONS:
        found = lab.get(f"{DEVICES}/{device_id}?$expand=deploymentProfile", version)
        assert found["deploymentProfile"]["id"] == profile, found
        assert lab.get(f"{DEVICES}/{device_id}/deploymentProfile", version)["displayName"] == "Shown"
        assert lab.get(f"{DEVICES}/{device_id}/intendedDeploymentProfile", version)["id"] == profile
    one = lab.get(f"{DEVICES}?$expand=deploymentProfile($select=displayName),intendedDeploymentProfile"
                  "&$filter=serialNumber eq 'SHOW-1'")["value"][0]
    assert one["deploymentProfile"]["displayName"] == "Shown" and "locale" not in one["deploymentProfile"], one
    assert one["deploymentProfileAssignmentStatus"].startswith("assigned"), one
    assert not one["deploymentProfileAssignedDateTime"].startswith("0001")
    assert [d["id"] for d in lab.get(f"{PROFILES}/{profile}/assignedDevices")["value"]] == [device_id]
    lab.post(f"{DEVICES}/{device_id}/updateDeviceProperties", {"groupTag": "other"})
    assert lab.get(f"{DEVICES}/{device_id}")["deploymentProfileAssignmentStatus"] == "notAssigned"
    assert lab.get(f"{PROFILES}/{profile}/assignedDevices")["value"] == []
    assert lab.post(f"{PROFILES}/{profile}/assign", {"assignments": []})["value"] == []
    lab.good("DELETE", f"{PROFILES}/{profile}")
    lab.good("DELETE", f"groups/{group}")


# --- settings ---

@case
def the_settings_say_that_everything_is_in_sync(lab):
    for version in VERSIONS:
        settings = lab.get(f"{DM}/windowsAutopilotSettings", version)
        assert settings["syncStatus"] == "completed" and settings["id"] and settings["lastSyncDateTime"] > "2020", settings
        assert lab.send("POST", f"/{version}/{DM}/windowsAutopilotSettings/sync").status == 200
        assert lab.good("PATCH", f"{DM}/windowsAutopilotSettings", {"syncStatus": "failed"}, version=version)["syncStatus"] == \
            "completed"


# --- corporate identifiers ---

@case
def corporate_identifiers_are_imported_found_and_deleted(lab):
    for body in ({}, {"importedDeviceIdentityType": "serialNumber"},
                 {"importedDeviceIdentifier": "", "importedDeviceIdentityType": "serialNumber"},
                 {"importedDeviceIdentifier": "a,b", "importedDeviceIdentityType": "manufacturerModelSerial"},
                 {"importedDeviceIdentifier": "a,,c", "importedDeviceIdentityType": "manufacturerModelSerial"},
                 {"importedDeviceIdentifier": "12", "importedDeviceIdentityType": "imei"},
                 {"importedDeviceIdentifier": "x", "importedDeviceIdentityType": "colour"}):
        lab.refused(400, "POST", IDENTIFIERS, body)
    lab.refused(400, "POST", f"{IDENTIFIERS}/importDeviceIdentityList", {})
    entry = {"importedDeviceIdentifier": "Contoso,Wing 7,C-1", "importedDeviceIdentityType": "manufacturerModelSerial",
             "description": "first"}
    one = lab.post(IDENTIFIERS, entry)
    assert one["importedDeviceIdentifier"] == "Contoso,Wing 7,C-1" and one["enrollmentState"], one
    lab.refused(409, "POST", IDENTIFIERS, dict(entry, importedDeviceIdentifier="CONTOSO,WING 7,c-1"))
    second = dict(entry, importedDeviceIdentifier="Contoso,Wing 7,C-2")
    for version in VERSIONS:
        keep = lab.post(f"{IDENTIFIERS}/importDeviceIdentityList", {
            "importedDeviceIdentities": [dict(entry, description="second"), second],
            "overwriteImportedDeviceIdentities": False}, version)["value"]
        assert [k["status"] for k in keep] == [False, version == "v1.0"], keep
    assert lab.get(f"{IDENTIFIERS}/{one['id']}")["description"] == "first"
    over = lab.post(f"{IDENTIFIERS}/importDeviceIdentityList", {
        "importedDeviceIdentities": [dict(entry, description="third")], "overwriteImportedDeviceIdentities": True})["value"]
    assert over[0]["status"] is True and over[0]["id"] == one["id"] and over[0]["description"] == "third", over
    found = lab.post(f"{IDENTIFIERS}/searchExistingIdentities", {
        "importedDeviceIdentities": [second, dict(second, importedDeviceIdentifier="a,b,absent-1")]})["value"]
    assert [f["importedDeviceIdentifier"] for f in found] == ["Contoso,Wing 7,C-2"], found
    listed = lab.get(f"{IDENTIFIERS}?$filter=importedDeviceIdentifier eq 'contoso,wing 7,c-2'")["value"]
    assert listed[0]["id"] == found[0]["id"], listed
    for i in (one["id"], found[0]["id"]):
        lab.good("DELETE", f"{IDENTIFIERS}/{i}")
    lab.refused(404, "DELETE", f"{IDENTIFIERS}/{one['id']}")
    assert lab.get(IDENTIFIERS)["value"] == []
