# SPDX-License-Identifier: Apache-2.0
"""reports/exportJobs: lists as files (graph-api.md section 10)."""
import csv
import io
import json
import urllib.parse
import zipfile

from graph_directory import MANAGED, enrolled
from graph_lab import DM, NOWHERE, VERSIONS

CASES = []
JOBS = f"{DM}/reports/exportJobs"


def case(f):
    CASES.append(f)
    return f


def fetch(lab, url, status=200, headers=None):
    """As clients do: the address alone is enough, no token is sent with it."""
    parts = urllib.parse.urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}" == lab.service["url"], url
    answer = lab.send_raw("GET", f"{parts.path}?{parts.query}", headers)
    assert answer[0] == status, answer
    return answer


def file_of(lab, job):
    _, headers, body = fetch(lab, job["url"])
    assert headers["Content-Type"] == "application/zip" and "no-store" in headers["Cache-Control"], headers
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        [name] = archive.namelist()
        return name, archive.read(name).decode()


def rows_of(lab, job):
    name, text = file_of(lab, job)
    assert name == f"{job['reportName']}_{job['id']}.csv", name
    return list(csv.DictReader(io.StringIO(text, newline="")))


@case
def a_report_that_cannot_be_is_refused(lab):
    for version in VERSIONS:
        for body, word in [({}, "reportName"), ({"reportName": "Nonsense"}, "Nonsense"), ({"reportName": None}, "reportName"),
                           ({"reportName": "Devices", "format": "docx"}, "format"),
                           ({"reportName": "Devices", "select": ["nonsense"]}, "nonsense"),
                           ({"reportName": "Devices", "select": ["id&$top=1"]}, "letters"),
                           ({"reportName": "Devices", "select": "id,x"}, "select"),
                           ({"reportName": "Devices", "filter": "nonsense eq 1"}, "nonsense"),
                           ({"reportName": "Devices", "filter": "((("}, "column")]:
            lab.refused(400, "POST", JOBS, body, version=version, word=word)
        for format_ in ("pdf", "xlsx"):
            lab.refused(501, "POST", JOBS, {"reportName": "Devices", "format": format_}, version=version)
        lab.refused(404, "GET", f"{JOBS}/{NOWHERE}", version=version)
        lab.refused(404, "DELETE", f"{JOBS}/{NOWHERE}", version=version)
        lab.refused(405, "PATCH", f"{JOBS}/{NOWHERE}", {}, version=version)
        assert lab.get(JOBS, version)["value"] == []


@case
def the_address_of_a_file_is_a_secret(lab):
    job = lab.post(JOBS, {"reportName": "Devices"})
    url, key = job["url"].split("?key=")
    other = lab.post(JOBS, {"reportName": "Devices"})
    for wrong in (url, url + "?key=", url + "?key=" + key[:-1], url + "?key=" + key.swapcase(), url + "?key=" + other["url"].split("=")[1],
                  f"{url.replace(job['id'], NOWHERE)}?key={key}", f"{url.replace(lab.service['tenant'], NOWHERE)}?key={key}",
                  f"{url.replace(lab.service['tenant'], '%27')}?key={key}"):
        fetch(lab, wrong, 404)
    assert key not in json.dumps(lab.get(f"{DM}/auditEvents?$top=5")), "the audit log has the key"
    assert "ferryKey" not in job, job
    # A day later.
    lab.sql("UPDATE graph_object SET created_at = created_at - 86400000000 WHERE object_id = {0}", job["id"])
    fetch(lab, job["url"], 404)
    fetch(lab, other["url"])
    # It goes when the next one is made.
    third = lab.post(JOBS, {"reportName": "Devices"})
    lab.refused(404, "GET", f"{JOBS}/{job['id']}")
    for made in (other, third):
        lab.good("DELETE", f"{JOBS}/{made['id']}")
        fetch(lab, made["url"], 404)


@case
def devices_under_management_are_exported(lab):
    _, managed = enrolled(lab, "REP-1")
    enrolled(lab, "REP-2")
    lab.good("PATCH", f"{MANAGED}/{managed}", {"notes": '=1+1,"quoted"\nand more'})
    for version in VERSIONS:
        job = lab.call("POST", JOBS, {"reportName": "devices", "filter": "startswith(serialNumber,'REP-')", "localizationType":
                                      "ReplaceLocalizableValues", "snapshotId": ""}, version=version)
        assert job.status == 201 and job.headers["Location"].endswith(job.json["id"]), job
        again = lab.get(f"{JOBS}/{job.json['id']}", version)
        assert again["status"] == "completed" and again["url"] == job.json["url"], again
        assert again["requestDateTime"] < again["expirationDateTime"] and again["format"] == "csv", again
        assert [j["id"] for j in lab.get(JOBS, version)["value"]] == [job.json["id"]]
        name, text = file_of(lab, dict(again, reportName="Devices"))
        rows = {row["serialNumber"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
        assert name.startswith("Devices_") and sorted(rows) == ["REP-1", "REP-2"], rows
        assert rows["REP-1"]["id"] == managed and rows["REP-1"]["managementState"] == "managed", rows
        # A spreadsheet must not run what somebody wrote.
        assert rows["REP-1"]["notes"] == '\'=1+1,"quoted"\nand more', rows["REP-1"]["notes"]
        assert rows["REP-2"]["isEncrypted"] == "false" and rows["REP-2"]["roleScopeTagIds"] == '["0"]', rows["REP-2"]
        lab.good("DELETE", f"{JOBS}/{again['id']}", version=version)
    columns = lab.post(JOBS, {"reportName": "Devices", "select": ["serialNumber", "DeviceName"], "filter": "serialNumber eq 'REP-2'"})
    assert rows_of(lab, columns) == [{"serialNumber": "REP-2", "deviceName": "REP-2"}]
    none = lab.post(JOBS, {"reportName": "Devices", "filter": "serialNumber eq 'nobody'", "select": ["id"]})
    assert file_of(lab, none)[1] == "id\r\n"
    as_json = lab.post(JOBS, {"reportName": "Devices", "format": "json", "filter": "startswith(serialNumber,'REP-')"})
    found = json.loads(file_of(lab, as_json)[1])
    assert found["totalRowCount"] == 2 and found["values"][0]["serialNumber"].startswith("REP-"), found
    empty = lab.post(JOBS, {"reportName": "Devices", "format": "json", "filter": "serialNumber eq 'nobody'"})
    assert json.loads(file_of(lab, empty)[1]) == {"values": [], "totalRowCount": 0}
    for job in lab.get(JOBS)["value"]:
        lab.good("DELETE", f"{JOBS}/{job['id']}")


@case
def every_page_of_a_long_report_is_in_it_once(lab):
    for part in range(4):
        lab.bulk(f"REL{part}-", 550)
    lab.sql("INSERT INTO deployment (deployment_id, tenant_id, device_id, mode, phase, result, reason, proven, attempt, started_at) "
            "SELECT 'report-' || device_id, tenant_id, device_id, 'user', 'device', '', '', 1, 1, 1700000000000000 FROM device "
            "WHERE serial LIKE 'REL_-%'")
    job = lab.post(JOBS, {"reportName": "AutopilotV1DeploymentStatus", "filter": "startswith(deviceSerialNumber,'REL')"})
    found = [row["id"] for row in rows_of(lab, job)]
    assert len(found) == len(set(found)) == 2200, (len(found), len(set(found)))
    lab.good("DELETE", f"{JOBS}/{job['id']}")
