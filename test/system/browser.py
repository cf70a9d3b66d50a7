# SPDX-License-Identifier: Apache-2.0
"""Chromium for the tests: chromedriver is spoken to directly (W3C WebDriver), all that is needed is a dozen requests."""
import base64
import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request


class Chromium:
    """A fresh browser: no script, this service's authority trusted, one window."""

    def __init__(self, driver, script=True, work=None, shots=None, size=(1000, 800), arguments=()):
        self.work, self.shots = work, shots
        preferences = {"profile.managed_default_content_settings.javascript": 1 if script else 2}
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={size[0]},{size[1]}",
                            "--disable-dev-shm-usage", f"--user-data-dir={tempfile.mkdtemp(dir=self.work)}", *arguments],
                   "prefs": preferences}
        self.driver = driver
        got = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "acceptInsecureCerts": True, "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + got["sessionId"]

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.driver + path, method=method,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as problem:
            raise AssertionError(problem.read().decode()[:500]) from None

    def do(self, method, what, body=None):
        return self.ask(method, self.session + what, body)

    def go(self, url):
        self.do("POST", "/url", {"url": url})

    def keys(self, text):
        """Typed at whatever has the focus: no element is ever named."""
        pressed = []
        for key in text:
            pressed += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": pressed}]})

    def focus(self):
        element = self.do("GET", "/element/active")
        return self.do("GET", f"/element/{list(element.values())[0]}/property/name")

    def focused(self, name):
        """A page gives the focus when it is drawn, which is after it is loaded: what is typed before is lost."""
        self.until(lambda: self.focus() == name)

    @property
    def url(self):
        return self.do("GET", "/url")

    def text(self):
        element = list(self.do("POST", "/element", {"using": "css selector", "value": "body"}).values())[0]
        return self.do("GET", f"/element/{element}/text")

    def title(self):
        return self.do("GET", "/title")

    def until(self, what, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if what():
                    return
            except AssertionError as problem:
                # The page was exchanged while it was looked at.
                if "stale element" not in str(problem) and "no such element" not in str(problem):
                    raise
            time.sleep(0.1)
        raise AssertionError(f"still at {self.url}: {self.text()}")

    def shoot(self, name):
        self.shots.mkdir(parents=True, exist_ok=True)
        path = self.shots / f"{name}.png"
        path.write_bytes(base64.b64decode(self.do("GET", "/screenshot")))
        return path

    def complaints(self):
        return [entry["message"] for entry in self.do("POST", "/se/log", {"type": "browser"})
                if "favicon" not in entry["message"] and "400 (Bad Request)" not in entry["message"]]

    def end(self):
        self.do("DELETE", "")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_driver(home):
    port = free_port()
    program = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "HOME": str(home)})
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=5)
            return program, f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.1)
    raise AssertionError("chromedriver does not start")
