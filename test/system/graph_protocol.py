# SPDX-License-Identifier: Apache-2.0
"""What holds for every resource: errors, query options, pages, batches, versions of objects, limits (graph-api.md section 1,
clients-and-conventions.md section 2.3)."""
import gzip
import json
import random
import time
import urllib.parse

from graph_lab import DM, NOWHERE, VERSIONS, check_error

CASES = []
COLLECTIONS = [f"{DM}/windowsAutopilotDeviceIdentities", f"{DM}/importedWindowsAutopilotDeviceIdentities",
               f"{DM}/importedWindowsAutopilotDeviceIdentityUploads", f"{DM}/windowsAutopilotDeploymentProfiles",
               f"{DM}/deviceEnrollmentConfigurations", f"{DM}/deviceConfigurations", f"{DM}/domainJoinConnectors",
               f"{DM}/ndesConnectors", f"{DM}/managedDevices", f"{DM}/autopilotEvents", f"{DM}/configurationPolicies",
               f"{DM}/importedDeviceIdentities", f"{DM}/auditEvents", f"{DM}/reports/exportJobs", "deviceAppManagement/mobileApps", "devices", "groups",
               "users", "organization", "policies/mobileDeviceManagementPolicies"]
PROFILES = f"{DM}/windowsAutopilotDeploymentProfiles"
DEVICES = f"{DM}/windowsAutopilotDeviceIdentities"


def case(f):
    CASES.append(f)
    return f


# --- errors ---

@case
def what_is_not_there_is_not_found_in_every_collection(lab):
    for version in VERSIONS:
        for path in COLLECTIONS:
            lab.refused(404, "GET", f"{path}/{NOWHERE}", version=version, code="ResourceNotFound")
            lab.refused(404, "GET", f"{path}('{NOWHERE}')", version=version)
            lab.refused(404, "GET", f"{path}/{'x' * 300}", version=version)


@case
def an_error_names_the_request_of_the_service_and_of_the_client(lab):
    answer = lab.call("GET", f"groups/{NOWHERE}", headers={"client-request-id": "mine-1"})
    error = check_error(answer)
    assert error["innerError"]["client-request-id"] == answer.headers["client-request-id"] == "mine-1", answer
    assert answer.headers["request-id"] != lab.call("GET", f"groups/{NOWHERE}").headers["request-id"]
    assert "client-request-id" not in lab.call("GET", "groups", headers={"client-request-id": "x" * 500}).headers


@case
def an_unknown_path_or_method_has_the_shape_of_an_error_too(lab):
    for method, path, status in [("GET", "nothing", 404), ("PATCH", "groups", 405), ("GET", f"{DM}/nothing", 404),
                                 ("DELETE", f"{DM}/auditEvents/{NOWHERE}", 405), ("PUT", PROFILES, 405)]:
        answer = lab.call(method, path, {} if method == "PATCH" else None)
        assert answer.status == status, (method, path, str(answer))
        check_error(answer)
    assert "GET" in lab.call("PATCH", "groups", {}).headers["Allow"]


@case
def a_request_without_a_token_is_told_what_is_needed(lab):
    for token in (None, ):
        answer = lab.send("GET", "/v1.0/groups", token=token)
        assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer"), answer
        check_error(answer, "InvalidAuthenticationToken")


@case
def malformed_query_options_are_named_with_their_place(lab):
    wrong = ["$filter=", "$filter=displayName", "$filter=displayName eq", "$filter=displayName eq 'x", "$filter=(displayName",
             "$filter=nonsense eq 1", "$filter=displayName eq 1 2", "$filter=displayName like 'x'", "$filter=contains('x')",
             "$filter=createdDateTime gt 'yesterday'", "$filter=displayName in ()", "$top=-1", "$top=x", "$top=0",
             "$skip=-1", "$skip=x", "$orderby=nonsense", "$orderby=displayName sideways", "$select=nonsense",
             "$expand=nonsense", "$count=perhaps", "$skiptoken=AAAA", "$skiptoken=***", "$format=xml"]
    for path in ("groups", PROFILES):
        for query in wrong:
            if query.startswith("$format"):
                continue
            answer = lab.call("GET", f"{path}?{query}")
            assert answer.status == 400, (path, query, str(answer))
            check_error(answer, "BadRequest")
    lab.refused(400, "GET", "groups?$filter=displayName eq 'x' and nonsense eq 1", word="column")
    lab.refused(400, "GET", f"{DM}/autopilotEvents?$filter=deviceSerialNumbr eq 'x'",
                word="Could not find a property named 'deviceSerialNumbr' on type 'microsoft.graph.")
    lab.refused(400, "GET", f"{DEVICES}?$filter=serialNumbr eq 'x'", word="serialNumber")


@case
def a_filter_that_is_too_deep_or_too_long_is_refused(lab):
    for text in ("(" * 500 + "displayName eq 'x'" + ")" * 500, " or ".join(["displayName eq 'x'"] * 400),
                 "displayName eq '" + "x" * 5000 + "'"):
        answer = lab.call("GET", "groups?$filter=" + text)
        assert answer.status in (400, 413, 414, 431), answer


@case
def a_body_that_is_no_object_is_refused(lab):
    token = {"Authorization": "Bearer " + lab.token}
    for body in (b"[]", b"1", b'"x"', b"{", b"nonsense", b"{\"a\":}", b"\xff\xfe", b"null", b"{" * 100000):
        answer = lab.send("POST", "/beta/groups", body, token, token=None)
        assert answer.status == 400, (body[:20], str(answer))
        check_error(answer, "BadRequest")
    answer = lab.send("POST", "/beta/groups", b" " * (5 << 20), token, token=None)
    assert answer.status in (400, 413), answer


@case
def a_token_may_only_do_what_it_was_given(lab):
    answer = lab.call("GET", f"{DM}/managedDevices/{NOWHERE}/wipe")
    assert answer.status == 405, answer


# --- the same for every collection ---

@case
def every_collection_answers_in_both_versions_with_its_context(lab):
    for version in VERSIONS:
        for path in COLLECTIONS:
            answer = lab.call("GET", path, version=version)
            assert answer.status == 200, (path, str(answer))
            assert answer.json["@odata.context"] == f"{lab.service['url']}/{version}/$metadata#{path}", answer
            assert isinstance(answer.json["value"], list) and answer.headers["request-id"], answer
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8", answer.headers


@case
def every_collection_counts_pages_sorts_selects_and_filters(lab):
    for version in VERSIONS:
        for path in COLLECTIONS:
            count = lab.call("GET", f"{path}/$count", version=version)
            assert count.status == 200 and count.text.isdigit(), (path, str(count))
            asked = lab.get(f"{path}?$count=true&$top=1", version)
            assert asked["@odata.count"] == int(count.text) or path.endswith("auditEvents"), (path, asked)
            ids = [o["id"] for o in lab.get(f"{path}?$orderby=id&$select=id", version)["value"]]
            assert ids == sorted(ids, key=str.lower), (path, ids)
            assert [o["id"] for o in lab.get(f"{path}?$orderby=id desc", version)["value"]][:1] == \
                lab_last(lab, path, version), path
            assert lab.get(f"{path}?$filter=id eq '{NOWHERE}'", version)["value"] == []
            assert lab.call("GET", f"{path}/$count?$filter=id eq '{NOWHERE}'", version=version).text == "0", path


def lab_last(lab, path, version):
    ids = sorted((o["id"] for o in lab.values(f"{path}?$select=id", version)), key=str.lower)
    return ids[-1:]


@case
def version_and_path_are_matched_in_any_case(lab):
    group = lab.group("Any case")
    for target in ("/BETA/Groups/" + group, f"/v1.0/groups/{group}/", f"/V1.0/groups('{group}')",
                   f"/beta/groups/{group.upper()}", f"/beta/groups('{group}')/", f"/beta/groups/{group}?$select=id",
                   f"/beta/groups/{group}/?%24select=id"):
        answer = lab.send("GET", target)
        assert answer.status == 200 and answer.json["id"] == group, (target, str(answer))
    for target in ("/beta/devicemanagement/MANAGEDDEVICES", "/beta/DeviceManagement/managedDevices/?$top=5",
                   "/beta/deviceManagement/managedDevices?%24top=5&%24count=true"):
        assert lab.send("GET", target).status == 200, target
    assert lab.send("GET", "/beta/groups?%24filter=displayName+eq+%27Any%20case%27").json["value"][0]["id"] == group
    lab.good("DELETE", f"groups/{group}")


@case
def names_of_options_functions_and_properties_are_matched_in_any_case(lab):
    group = lab.group("Letters O'Neil")
    for query in ("$FILTER=DISPLAYNAME EQ 'letters o''neil'", "$filter=StartsWith(displayName, 'Letters')",
                  "$filter=startswith(displayname,'letters O')", "$filter=contains(DisplayName,'O''N')",
                  "$filter=displayName in ('a','Letters O''Neil')", "$filter=not (displayName ne 'Letters O''Neil')",
                  "$filter=endswith(displayName,'Neil') and securityEnabled eq true",
                  "$filter=tolower(displayName) eq 'letters o''neil'", "$search=\"displayName:Letters\"",
                  "filter=ignored&$filter=displayName eq 'Letters O''Neil'"):
        answer = lab.get("groups?" + query, headers={"ConsistencyLevel": "eventual"})
        assert [g["id"] for g in answer["value"]] == [group], (query, answer)
    lab.good("DELETE", f"groups/{group}")


@case
def characters_that_a_database_has_patterns_of_mean_themselves(lab):
    names = ["100% of_it", "100x of-it", "back\\slash", "back slash", "a.b*c[d]", "axbbc[d]"]
    ids = {name: lab.group(name) for name in names}
    for part, meant in (("0% o", [0]), ("f_i", [0]), ("k\\s", [2]), ("\\", [2]), ("%", [0]), ("_", [0]), (".b*", [4]), ("c[d]", [4, 5]),
                        ("k%s", []), ("x%o", []), ("\\%", []), ("%%", []), ("__", [])):
        found = lab.get(f"groups?$filter=contains(displayName,'{urllib.parse.quote(part)}')")["value"]
        assert {g["id"] for g in found} & set(ids.values()) == {ids[names[n]] for n in meant}, (part, found)
    for group in ids.values():
        lab.good("DELETE", f"groups/{group}")


@case
def a_raw_token_without_the_word_bearer_is_taken(lab):
    for header in (lab.token, "bearer " + lab.token, "BEARER " + lab.token):
        assert lab.send("GET", "/v1.0/groups", headers={"Authorization": header}, token=None).status == 200


@case
def large_answers_are_compressed_for_whoever_can_read_them(lab):
    lab.bulk("ZIP-", 40)
    plain = lab.call("GET", f"{DEVICES}?$top=40")
    packed = lab.call("GET", f"{DEVICES}?$top=40", headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed.headers["Vary"], packed.headers
    assert packed.json["value"] == plain.json["value"] and len(packed.raw) < len(plain.raw) / 3
    assert "Content-Encoding" not in plain.headers
    never = lab.call("GET", f"{DEVICES}?$top=40", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in never.headers, never.headers


@case
def a_compressed_request_is_read_and_an_unknown_coding_refused(lab):
    body = json.dumps({"displayName": "Packed", "mailEnabled": False, "mailNickname": "x", "securityEnabled": True}).encode()
    made = lab.send("POST", "/v1.0/groups", gzip.compress(body), {"Content-Encoding": "gzip"})
    assert made.status == 201 and made.json["displayName"] == "Packed", made
    lab.good("DELETE", f"groups/{made.json['id']}")
    # What the SDKs that are generated from Graph's description take for: send it again as it is.
    assert lab.send("POST", "/v1.0/groups", body, {"Content-Encoding": "br"}).status == 415
    assert lab.send("POST", "/v1.0/groups", body, {"Content-Encoding": "gzip"}).status == 400
    assert lab.send("POST", "/v1.0/groups", gzip.compress(b" " * (8 << 20)), {"Content-Encoding": "gzip"}).status == 413


@case
def select_gives_what_was_asked_for_and_the_id(lab):
    group = lab.group("Selected")
    for path in (f"groups/{group}?$select=displayName", "groups?$select=displayName&$filter=displayName eq 'Selected'"):
        found = lab.get(path)
        found = found.get("value", [found])[0]
        assert {k for k in found if not k.startswith("@")} == {"id", "displayName"}, found
    everything = lab.get(f"groups/{group}?$select=*")
    assert "membershipRule" in everything, everything
    lab.good("DELETE", f"groups/{group}")


# --- lenient reading ---

@case
def json_as_the_community_writes_it_is_understood(lab):
    token = {"Authorization": "Bearer " + lab.token}
    made = lab.send("POST", "/beta/groups", b'{ displayName: "Bare keys", mailEnabled: "false", "securityEnabled": "true", '
                    b'mailNickname: "x", groupTypes: [], }', token, token=None)
    assert made.status == 201 and made.json["securityEnabled"] is True, made
    lab.good("DELETE", f"groups/{made.json['id']}")
    profile = {"@odata.type": "microsoft.graph.azureADWindowsAutopilotDeploymentProfile", "DisplayName": "Lenient",
               "deviceType": "WINDOWSPC", "preprovisioningAllowed": "true", "description": None, "locale": "",
               "createdDateTime": "2020-01-01T00:00:00Z", "id": NOWHERE, "unknownMember": {"a": [1]},
               "outOfBoxExperienceSetting": {"UserType": "Standard", "eulaHidden": "True", "deviceUsageType": "SINGLEUSER"},
               "roleScopeTagIds": ["0"], "@odata.context": "x", "assignments@odata.context": "y", "lastModifiedDateTime": None}
    for version in VERSIONS:
        made = lab.post(PROFILES, profile, version)
        assert made["id"] != NOWHERE and made["deviceType"] == "windowsPc" and made["preprovisioningAllowed"] is True, made
        assert made["outOfBoxExperienceSetting"]["userType"] == "standard", made
        assert made["outOfBoxExperienceSetting"]["eulaHidden"] is True, made
        assert not made["createdDateTime"].startswith("2020"), made
        lab.good("DELETE", f"{PROFILES}/{made['id']}", version=version)


@case
def what_is_stored_is_strict_all_the_same(lab):
    good = {"@odata.type": "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile", "displayName": "Strict"}
    for change, word in [({"displayName": None}, "displayName"), ({"displayName": 7}, "displayName"),
                         ({"deviceType": "toaster"}, "windowsPc"), ({"preprovisioningAllowed": "perhaps"}, "preprovisioning"),
                         ({"roleScopeTagIds": "0"}, "roleScopeTagIds"), ({"outOfBoxExperienceSetting": []}, "outOfBox"),
                         ({"outOfBoxExperienceSetting": {"userType": "king"}}, "outOfBoxExperienceSetting/userType"),
                         ({"@odata.type": "#microsoft.graph.nonsense"}, "odata.type"), ({"displayName": "x" * 300}, "256"),
                         ({"displayName": "a\u0000b"}, "NUL")]:
        lab.refused(400, "POST", PROFILES, dict(good, **change), code="BadRequest", word=word)
    lab.refused(400, "POST", PROFILES, {"@odata.type": good["@odata.type"]}, word="displayName")


# --- versions of objects ---

@case
def a_change_made_for_another_version_is_refused(lab):
    body = {"@odata.type": "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile", "displayName": "Versions"}
    made = lab.call("POST", PROFILES, body)
    path, first = f"{PROFILES}/{made.json['id']}", made.headers["ETag"]
    assert made.status == 201 and made.headers["Location"].endswith(path) and made.json["@odata.etag"] == first, made.headers
    changed = lab.call("PATCH", path, {"description": "one"}, {"If-Match": first})
    assert changed.status == 200 and changed.headers["ETag"] != first, changed
    lab.refused(412, "PATCH", path, {"description": "two"}, {"If-Match": first}, code="PreconditionFailed")
    lab.refused(412, "DELETE", path, headers={"If-Match": first}, code="PreconditionFailed")
    lab.refused(412, "PATCH", path, {"description": "two"}, {"If-Match": 'W/"junk"'}, code="PreconditionFailed")
    assert lab.get(path)["description"] == "one"
    assert lab.call("PATCH", path, {"description": "three"}, {"If-Match": "*"}).status == 200
    now = lab.call("GET", path).headers["ETag"]
    assert lab.call("GET", path, headers={"If-None-Match": now}).status == 304
    assert lab.call("GET", path, headers={"If-None-Match": first}).status == 200
    assert lab.call("DELETE", path, headers={"If-Match": now}).status == 204


@case
def who_wants_little_back_gets_little(lab):
    answer = lab.call("POST", "groups", {"displayName": "Minimal", "mailEnabled": False, "mailNickname": "x",
                                         "securityEnabled": True}, {"Prefer": "return=minimal"})
    assert answer.status == 204 and answer.headers["Location"] and not answer.text, answer
    assert answer.headers["Preference-Applied"] == "return=minimal"
    group = answer.headers["Location"].rsplit("/", 1)[1]
    pages = lab.call("GET", "groups", headers={"Prefer": "odata.maxpagesize=1"}).json
    assert len(pages["value"]) == 1
    lab.good("DELETE", f"groups/{group}")


# --- pages ---

@case
def pages_survive_writes_no_row_comes_twice_and_none_is_lost(lab):
    rnd = random.Random(7)
    orders = ["", "&$orderby=displayName", "&$orderby=displayName desc", "&$orderby=createdDateTime desc,displayName",
              "&$filter=startswith(displayName,'Page')&$orderby=description"]
    for version in VERSIONS:
        for order in orders:
            stay = [lab.group(f"Page {rnd.random():.6f}", description=str(n % 3)) for n in range(14)]
            go = [lab.group(f"Page {rnd.random():.6f}", description=str(n % 3)) for n in range(8)]
            seen, link = [], None
            while True:
                page = lab.follow(link) if link else lab.get(f"groups?$top=4{order}", version)
                seen += [g["id"] for g in page["value"]]
                link = page.get("@odata.nextLink")
                if not link:
                    break
                if go:
                    lab.good("DELETE", f"groups/{go.pop()}")
                stay_here = lab.group(f"Page {rnd.random():.6f}")
                go.insert(0, stay_here)
            assert len(seen) == len(set(seen)), (order, "twice")
            assert set(stay) <= set(seen), (order, "lost")
            for group in stay + go:
                lab.good("DELETE", f"groups/{group}")


@case
def pages_of_documents_survive_writes_too(lab):
    def make(n):
        return lab.post(PROFILES, {"displayName": f"Paged {n:03}", "description": str(n % 3)})["id"]

    for order in ("", "&$orderby=displayName desc", "&$orderby=description", "&$orderby=description desc,displayName"):
        stay, go = [make(n) for n in range(9)], [make(n) for n in range(20, 26)]
        seen, link = [], None
        while True:
            page = lab.follow(link) if link else lab.get(f"{PROFILES}?$top=3{order}")
            seen += [p["id"] for p in page["value"]]
            link = page.get("@odata.nextLink")
            if not link:
                break
            gone = go.pop() if go else None
            if gone:
                lab.good("DELETE", f"{PROFILES}/{gone}")
            if len(go) < 5:
                go.insert(0, make(50 + len(seen)))
        assert len(seen) == len(set(seen)) and set(stay) <= set(seen), (order, len(seen))
        for profile in stay + go:
            lab.good("DELETE", f"{PROFILES}/{profile}")


@case
def pages_of_devices_are_complete_with_every_order_and_filter(lab):
    ids = set(lab.bulk("PAGE-", 60, tag="paged"))
    for query in ("$filter=contains(serialNumber,'PAGE-')&$top=7", "$filter=groupTag eq 'paged'&$top=11",
                  "$filter=contains(serialNumber,'PAGE-')&$orderby=groupTag,serialNumber desc&$top=13",
                  "$filter=startswith(serialNumber,'page-')&$top=60", "$filter=groupTag eq 'paged'&$orderby=manufacturer&$top=9"):
        found = [d["id"] for d in lab.values(f"{DEVICES}?{query}")]
        assert len(found) == len(set(found)) == 60 and set(found) == ids, (query, len(found))
    page = lab.get(f"{DEVICES}?$filter=groupTag eq 'paged'&$top=7&$count=true")
    assert page["@odata.count"] == 60 and len(page["value"]) == 7
    second = lab.follow(page["@odata.nextLink"])
    assert second["@odata.count"] == 60 and not {d["id"] for d in second["value"]} & {d["id"] for d in page["value"]}
    skipped = lab.get(f"{DEVICES}?$filter=groupTag eq 'paged'&$top=7&$skip=7")["value"]
    assert [d["id"] for d in skipped] == [d["id"] for d in second["value"]]


@case
def a_token_of_one_list_is_of_no_use_in_another(lab):
    link = lab.get(f"{DEVICES}?$top=3")["@odata.nextLink"]
    token = link.split("skiptoken=")[1].split("&")[0]
    for path in ("groups?$top=3", f"{DEVICES}?$top=3&$filter=groupTag eq 'x'", f"{DEVICES}?$orderby=groupTag", PROFILES):
        sign = "&" if "?" in path else "?"
        lab.refused(400, "GET", f"{path}{sign}$skiptoken={token}")
    assert lab.call("GET", f"{DEVICES}?$top=3&$skiptoken={token}", version="v1.0").status == 400
    lab.refused(400, "GET", f"{DEVICES}?$top=3&$skiptoken={token[:-3]}")


# --- batches ---

def batch(lab, *requests, version="beta"):
    return {r["id"]: r for r in lab.post("$batch", {"requests": list(requests)}, version)["responses"]}


def item(number, url, method="GET", **more):
    return dict({"id": str(number), "method": method, "url": url}, **more)


@case
def a_batch_that_makes_no_sense_is_refused_as_a_whole(lab):
    get = item(1, "/groups")
    for requests in ([get] * 2, [item(n, "/groups") for n in range(21)], [item(1, "https://elsewhere.example/v1.0/groups")],
                     [item(1, "/groups", dependsOn=["9"])], [item(1, "/a", dependsOn=["2"]), item(2, "/b", dependsOn=["1"])],
                     [item(1, "/groups", dependsOn=["1"])], [{"method": "GET", "url": "/groups"}], [{"id": "1", "url": "/groups"}],
                     [{"id": "1", "method": "GET"}], "x", None, [7]):
        lab.refused(400, "POST", "$batch", {"requests": requests})
    lab.refused(400, "POST", "$batch", {})


@case
def each_request_of_a_batch_fails_or_succeeds_for_itself(lab):
    got = batch(lab, item(1, "/groups"), item(2, f"/groups/{NOWHERE}"), item(3, "/nothing"), item(4, "/groups", "PATCH", body={}),
                item(5, "/$batch", "POST", body={"requests": []}), item(6, "/groups?$filter=nonsense"),
                item(7, "/../v1.0/groups"), item(8, "groups"), item(9, "/groups?$filter=displayName%20eq%20'x'&$count=true"))
    assert [got[str(n)]["status"] for n in (1, 2, 3, 4, 6, 8, 9)] == [200, 404, 404, 405, 400, 200, 200], got
    assert got["5"]["status"] in (400, 404) and got["7"]["status"] in (400, 404), got
    assert got["2"]["body"]["error"]["code"] == "ResourceNotFound" and got["1"]["headers"]["Content-Type"], got
    assert got["9"]["body"]["@odata.count"] == 0


@case
def requests_wait_for_what_they_depend_on(lab):
    body = {"displayName": "From a batch", "mailEnabled": False, "mailNickname": "x", "securityEnabled": True}
    for version in VERSIONS:
        got = batch(lab, item("b", "/groups?$filter=displayName eq 'From a batch'", dependsOn=["a"]),
                    item("c", "/groups", "POST", body={"displayName": None}, headers={"Content-Type": "application/json"}),
                    item("d", "/groups", dependsOn=["c"]), item("e", "/groups", dependsOn=["d"]),
                    item("a", "/groups", "post", body=body, headers={"Content-Type": "application/json"}), version=version)
        assert (got["a"]["status"], got["c"]["status"], got["d"]["status"], got["e"]["status"]) == (201, 400, 424, 424), got
        assert [g["id"] for g in got["b"]["body"]["value"]] == [got["a"]["body"]["id"]], got
        assert got["a"]["headers"]["Location"].endswith(got["a"]["body"]["id"])
        lab.good("DELETE", f"groups/{got['a']['body']['id']}")


@case
def twenty_requests_are_a_full_batch_and_none_is_an_empty_one(lab):
    assert len(batch(lab, *[item(n, "/groups") for n in range(20)])) == 20
    assert batch(lab) == {}


@case
def a_request_in_a_batch_may_do_no_more_than_alone(lab):
    answer = lab.send("POST", "/beta/$batch", json.dumps({"requests": [item(1, "/groups")]}).encode(), token=None)
    assert answer.status == 401, answer
    got = batch(lab, item(1, "/../../healthz"), item(2, "/%2e%2e/%2e%2e/device/v1/profile"),
                item(3, "/groups", headers={"Authorization": "Bearer x"}))
    assert got["1"]["status"] in (400, 404) and got["2"]["status"] in (400, 404) and got["3"]["status"] == 200, got


# --- limits; last, because it starts the service anew ---

@case
def who_asks_too_often_is_told_when_to_come_again(lab):
    lab.restart(max_per_client=2)
    try:
        answers = [lab.call("GET", "organization") for _ in range(40)]
        late = [a for a in answers if a.status == 429]
        assert late and {a.status for a in answers} == {200, 429}, [a.status for a in answers]
        check_error(late[0], "TooManyRequests")
        wait = int(late[-1].headers["Retry-After"])
        assert 1 <= wait <= 10, wait
        time.sleep(wait)
        assert lab.call("GET", "organization").status == 200
    finally:
        lab.restart(max_per_client=None)
