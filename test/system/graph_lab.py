# SPDX-License-Identifier: Apache-2.0
"""A running service and the manners of its Graph clients, for the cases of test/system/graph*."""
import base64
import gzip
import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.parse

import dev_service

VERSIONS = ("v1.0", "beta")
NOWHERE = "00000000-0000-0000-0000-000000000000"
DM = "deviceManagement"


class Answer:
    def __init__(self, response, body):
        self.status, self.headers, self.raw = response.status, response.headers, body
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.text = body.decode()
        self.json = json.loads(self.text) if "json" in (self.headers.get("Content-Type") or "") and self.text else None

    def __str__(self):
        return f"{self.status} {self.text[:1500]}"


class Lab:
    """One service, one administrator's program that may do everything."""

    def __init__(self, build, hash_tool, postgres):
        self.build, self.hash_tool, self.postgres = build, hash_tool, postgres
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ferry-graph-"))
        self.service = dev_service.start(build, "--dir", self.dir / "service", postgres=postgres)
        self.tls = ssl.create_default_context(cafile=self.service["ca"])
        self.url = urllib.parse.urlsplit(self.service["url"])
        self.token = self.sign_in(self.service["clientId"], self.service["clientSecret"])
        self.connection = None
        self.serials = 0

    def close(self):
        dev_service.stop(self.service)
        shutil.rmtree(self.dir, ignore_errors=True)

    def sign_in(self, client, secret):
        body = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": client, "client_secret": secret,
                                       "scope": "https://graph.microsoft.com/.default"})
        answer = self.send("POST", f"/{self.service['tenant']}/oauth2/v2.0/token", body.encode(),
                           {"Content-Type": "application/x-www-form-urlencoded"}, token=None)
        assert answer.status == 200, answer
        return answer.json["access_token"]

    def send(self, method, target, body=None, headers=None, token=...):
        """One request as it is given; `body` bytes or None."""
        headers = dict(headers or {})
        if token is ...:
            headers.setdefault("Authorization", "Bearer " + self.token)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPSConnection(self.url.hostname, self.url.port, context=self.tls, timeout=60)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def send_raw(self, method, target, headers=None):
        """Without a token: status, headers and the body as bytes."""
        connection = http.client.HTTPSConnection(self.url.hostname, self.url.port, context=self.tls, timeout=60)
        try:
            connection.request(method, target, None, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def call(self, method, path, body=None, headers=None, version="beta"):
        """`path` below the version, with its query as text that is encoded here."""
        path, _, query = path.partition("?")
        target = f"/{version}/{urllib.parse.quote(path, safe=SAFE)}"
        if query:
            target += "?" + urllib.parse.quote(query, safe=SAFE + "?")
        return self.send(method, target, json.dumps(body).encode() if body is not None else None, headers)

    def good(self, method, path, body=None, headers=None, version="beta", status=None):
        answer = self.call(method, path, body, headers, version)
        wanted = [status] if status else {"POST": [200, 201, 204], "DELETE": [204]}.get(method, [200])
        assert answer.status in wanted, f"{method} {version} {path}: {answer}"
        return answer.json

    def get(self, path, version="beta", headers=None):
        return self.good("GET", path, headers=headers, version=version)

    def post(self, path, body=None, version="beta"):
        return self.good("POST", path, {} if body is None else body, version=version)

    def values(self, path, version="beta"):
        """Everything on all pages."""
        found, answer = [], self.get(path, version)
        while True:
            found += answer["value"]
            link = answer.get("@odata.nextLink")
            if not link:
                return found
            answer = self.follow(link)

    def follow(self, link):
        assert link.startswith(self.service["url"]), link
        answer = self.send("GET", link[len(self.service["url"]):])
        assert answer.status == 200, (link, str(answer))
        return answer.json

    def refused(self, status, method, path, body=None, headers=None, version="beta", code=None, word=None):
        """In the shape of Graph's errors (graph-api.md section 1)."""
        answer = self.call(method, path, body, headers, version)
        assert answer.status == status, f"{method} {version} {path}: {status} expected: {answer}"
        return check_error(answer, code, word)

    # --- what cases need ---

    def hash_of(self, serial, maker="Contoso", model="Wing 7", seed=None, parts=None):
        argv = [self.hash_tool, serial, maker, model, serial if seed is None else seed] + ([parts] if parts else [])
        return subprocess.run(argv, text=True, check=True, capture_output=True).stdout.strip()

    def import_devices(self, serials, tag="", batch="", version="beta"):
        rows = [{"serialNumber": s, "hardwareIdentifier": self.hash_of(s), "groupTag": tag, "importId": batch,
                 "productKey": "", "assignedUserPrincipalName": ""} for s in serials]
        made = self.post(f"{DM}/importedWindowsAutopilotDeviceIdentities/import",
                         {"importedWindowsAutopilotDeviceIdentities": rows}, version)["value"]
        assert [m["state"]["deviceImportStatus"] for m in made] == ["complete"] * len(rows), made
        return [m["state"]["deviceRegistrationId"] for m in made]

    def bulk(self, prefix, count, tag=""):
        """Many devices of one kind, quickly: the serial number has a fixed place in the hash."""
        template = base64.b64decode(self.hash_of(prefix + "0000", seed=""))
        rows = []
        for n in range(count):
            serial = f"{prefix}{n:04}"
            data = template.replace((prefix + "0000").encode(), serial.encode())
            rows.append({"serialNumber": serial, "hardwareIdentifier": base64.b64encode(data).decode(), "groupTag": tag})
        made = self.post(f"{DM}/importedWindowsAutopilotDeviceIdentities/import",
                         {"importedWindowsAutopilotDeviceIdentities": rows})["value"]
        assert {m["state"]["deviceImportStatus"] for m in made} == {"complete"}, made[:3]
        return [m["state"]["deviceRegistrationId"] for m in made]

    def group(self, name, rule=None, **more):
        body = {"displayName": name, "mailEnabled": False, "mailNickname": "x", "securityEnabled": True, "groupTypes": []}
        if rule:
            body.update(groupTypes=["DynamicMembership"], membershipRule=rule, membershipRuleProcessingState="On")
        return self.post("groups", dict(body, **more))["id"]

    def sql(self, text, *values):
        """Straight into the database; {0} is the first value."""
        quoted = [str(v) if isinstance(v, int) else "'" + v.replace("'", "''") + "'" for v in values]
        statement = text.format(*quoted)
        if self.postgres:
            argv = ["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-c", statement, os.environ["FERRY_STORE_URL"]]
        else:
            argv = ["sqlite3", "-cmd", ".timeout 20000", self.dir / "service/ferry.db", statement]
        return subprocess.run(argv, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()

    def restart(self, **settings):
        """The same service with other settings in [listen]."""
        config = self.dir / "service/ferryd.conf"
        lines = [line for line in config.read_text().splitlines() if line.split(" =")[0] not in settings]
        at = lines.index("[listen]") + 1
        lines[at:at] = [f"{name} = {value}" for name, value in settings.items() if value is not None]
        config.write_text("\n".join(lines) + "\n")
        pid_file = self.dir / "service/ferryd.pid"
        os.kill(int(pid_file.read_text()), signal.SIGTERM)
        binary = os.path.realpath(f"{self.build}/src/ferryd/ferryd")
        port_file = self.dir / "service/port"
        for _ in range(100):
            time.sleep(0.2)
            port_file.unlink(missing_ok=True)
            with open(self.dir / "service/log/ferryd", "ab") as log:
                child = subprocess.Popen(  # pylint: disable=consider-using-with  # it outlives this function
                    [binary, "--config", config, "--port-file", port_file], stdin=subprocess.DEVNULL, stdout=log,
                    stderr=log, start_new_session=True)
            while child.poll() is None and not port_file.exists():
                time.sleep(0.1)
            if child.poll() is None:
                pid_file.write_text(str(child.pid))
                return
        raise AssertionError("the service does not start again")


SAFE = "/:@!$&'()*,;=-._~[]%"


def check_error(answer, code=None, word=None):
    error = answer.json["error"]
    assert error["code"] and error["message"], answer
    inner = error["innerError"]
    assert inner["request-id"] == answer.headers["request-id"] and inner["date"], answer
    assert code is None or error["code"] == code, answer
    assert word is None or word in error["message"] + (inner.get("hint") or ""), answer
    return error


def target(kind, group=None):
    result = {"@odata.type": f"#microsoft.graph.{kind}"}
    return {"target": dict(result, groupId=group) if group else result}
