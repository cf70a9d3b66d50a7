# SPDX-License-Identifier: Apache-2.0
"""A service with people, a browser without script, and the codes of an authenticator app: for test/system/signin."""
import base64
import hashlib
import hmac
import html.parser
import http.client
import http.cookies
import json
import re
import secrets
import ssl
import struct
import time
import urllib.parse

import dev_service

PASSWORD = "four quiet ferries cross"
FORM = "application/x-www-form-urlencoded"


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def pkce():
    verifier = b64url(secrets.token_bytes(32))
    return verifier, b64url(hashlib.sha256(verifier.encode()).digest())


def totp(key, step=None):
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    step = int(time.time()) // 30 if step is None else step
    mac = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)

    @property
    def location(self):
        return self.headers.get("Location")

    def query(self, between="?"):
        return dict(urllib.parse.parse_qsl(self.location.partition(between)[2]))

    def page(self):
        return Page(self)


class Page(html.parser.HTMLParser):
    """What a page holds, and that nothing in it needs an exception from its content security policy."""

    def __init__(self, answer):
        super().__init__()
        self.forms, self.links, self.labels, self.ids = [], [], set(), {}
        self.text, self.title, self.error, self.focus = [], "", "", None
        self.inline, self.lang, self._stack = [], None, []
        self.feed(answer.text)
        assert not self.inline, self.inline
        assert self.lang == "en", "no language"
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
                     "form-action 'self'"):
            assert part in policy, policy
        assert "unsafe" not in policy and "*" not in policy, policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "max-age" in answer.headers["Strict-Transport-Security"]

    def handle_starttag(self, tag, attrs):
        got = dict(attrs)
        if tag in ("script", "style", "iframe", "object", "base") or "style" in got or \
                any(name.startswith("on") for name in got):
            self.inline.append((tag, got))
        if tag == "html":
            self.lang = got.get("lang")
        if tag == "form":
            assert got["method"] == "post", got
            self.forms.append({"action": got["action"], "fields": {}, "inputs": [], "buttons": []})
        if tag == "input" and self.forms:
            self.forms[-1]["fields"][got["name"]] = got.get("value", "")
            self.forms[-1]["inputs"].append(got)
            self.ids[got.get("id")] = got
            if "autofocus" in got:
                assert not self.focus, "two fields want the focus"
                self.focus = got["name"]
        if tag == "button":
            self.forms[-1]["buttons"].append(got)
        if tag == "label":
            self.labels.add(got["for"])
        if tag == "a":
            self.links.append(got["href"])
        self._stack.append((tag, got))

    def handle_endtag(self, tag):
        while self._stack and self._stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = [tag for tag, _ in self._stack]
        if "title" in inside and "svg" not in inside:
            self.title += data
        if any(got.get("id") == "error" for _, got in self._stack):
            self.error += data
        self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())

    def check_accessible(self):
        for form in self.forms:
            for field in form["inputs"]:
                if field.get("type") != "hidden" and "hidden" not in field:
                    assert field.get("id") in self.labels, f"{field} has no label"
                    assert "autocomplete" in field, field
                    if self.error:
                        assert field.get("aria-invalid") == "true" and field["aria-describedby"] == "error", field
        assert "ferry" in self.title.lower(), self.title


class Service:
    """A running ferryd; requests to it with cookies kept, redirects not followed."""

    def __init__(self, work, build, *options):
        vars(self).update(dev_service.start(build, "--dir", work, *options))
        self.origin = self.url
        self.tls = ssl.create_default_context(cafile=self.ca)
        self.admin_token = self.token(grant_type="client_credentials", client_id=self.clientId,
                                      client_secret=self.clientSecret).json()["access_token"]

    def end(self):
        dev_service.stop(vars(self))

    def call(self, method, path, body=None, headers=None):
        url = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPSConnection(url.hostname, url.port, context=self.tls, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def form(self, path, fields, headers=None):
        return self.call("POST", path, urllib.parse.urlencode(fields), {"Content-Type": FORM, **(headers or {})})

    def token(self, tenant=None, headers=None, **fields):
        return self.form(f"/{tenant or self.tenant}/oauth2/v2.0/token", fields, headers)

    def api(self, method, path, body=None, token=None, status=None):
        answer = self.call(method, path, None if body is None else json.dumps(body),
                           {"Authorization": "Bearer " + (token or self.admin_token),
                            "Content-Type": "application/json"})
        wanted = status or (200, 201, 204)
        assert answer.status in ((wanted,) if isinstance(wanted, int) else wanted), (path, answer.status, answer.body)
        return answer.json() if answer.body else None

    def person(self, name, roles=(), **more):
        body = {"userPrincipalName": name, "displayName": more.pop("displayName", "Grace"), "password": PASSWORD,
                "mustChangePassword": False, "roles": list(roles), **more}
        if body.get("passwordless"):
            del body["password"]
        return self.api("POST", "/ferry/v1/users", body)

    def client(self, **more):
        return self.api("POST", "/ferry/v1/clients", {"displayName": "Test", **more})


class Browser:
    """Keeps cookies as a browser does, fills in forms, says where they came from."""

    def __init__(self, service):
        self.service, self.cookies, self.flags = service, {}, {}

    def _keep(self, answer):
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(header).items():
                self.flags[name] = header
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def _headers(self, more=None):
        headers = {"User-Agent": "test", **(more or {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return headers

    def get(self, path, headers=None):
        return self._keep(self.service.call("GET", path.removeprefix(self.service.url), None, self._headers(headers)))

    def post(self, path, fields, headers=None):
        origin = {"Origin": self.service.origin, "Sec-Fetch-Site": "same-origin"}
        return self._keep(self.service.form(path, fields, self._headers({**origin, **(headers or {})})))

    def submit(self, page, headers=None, button=None, **fields):
        form = page.forms[0]
        values = {**form["fields"], **fields}
        if button:
            values.update([button])
        return self.post(form["action"], values, headers)

    def follow(self, answer):
        while answer.status == 303 and answer.location.startswith(("/", self.service.url)):
            answer = self.get(answer.location)
        return answer

    def sign_in(self, name, password=PASSWORD, path="/signin"):
        page = self.get(path).page()
        return self.submit(page, username=name, password=password)


class App:
    """An application that signs people in."""

    def __init__(self, service, redirect="https://app.example.com/cb", kind="web", **more):
        self.service, self.redirect = service, redirect
        self.made = service.client(**{f"{kind}RedirectUris": [redirect], "public": kind != "web", **more})
        self.id, self.secret = self.made["id"], self.made.get("clientSecret")
        self.verifier = None

    def url(self, tenant=None, **changes):
        self.verifier, challenge = pkce()
        query = {"client_id": self.id, "redirect_uri": self.redirect, "response_type": "code",
                 "scope": "openid profile offline_access https://graph.microsoft.com/.default", "state": "st-1",
                 "nonce": "no-1", "code_challenge": challenge, "code_challenge_method": "S256"}
        query.update(changes)
        query = {k: v for k, v in query.items() if v is not None}
        return f"/{tenant or self.service.tenant}/oauth2/v2.0/authorize?" + urllib.parse.urlencode(query)

    def code(self, browser, name, **changes):
        answer = browser.get(self.url(**changes))
        if answer.status == 200:
            answer = browser.submit(answer.page(), username=name, password=PASSWORD)
        assert answer.status == 303, (answer.status, answer.page().words)
        return answer.query()["code"]

    def redeem(self, code, headers=None, tenant=None, **changes):
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect,
                  "client_id": self.id, "code_verifier": self.verifier, "client_secret": self.secret}
        fields.update(changes)
        return self.service.token(tenant, headers, **{k: v for k, v in fields.items() if v is not None})

    def refresh(self, token, **changes):
        fields = {"grant_type": "refresh_token", "refresh_token": token, "client_id": self.id,
                  "client_secret": self.secret}
        fields.update(changes)
        return self.service.token(None, None, **{k: v for k, v in fields.items() if v is not None})


def setup_key(page):
    return re.search(r"Key\s+((?:[A-Z2-7]{4} ?){8})", page.words).group(1).replace(" ", "")
