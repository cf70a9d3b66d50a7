# SPDX-License-Identifier: Apache-2.0
"""What the agent can show, one message a page (docs/wire-device.md, "Screen"), and its end of the socket."""
import json
import os
import socket

QR = "https://ferry.corp.example.com/c/8f14e45f-ceea-467a-9575-1f2b3c4d5e6f"
WAIT = 10.0


class Agent:
    """The agent's end of the socket."""

    def __init__(self, path):
        self.path = str(path)
        self.listener = self.connection = None
        self.pending = b""

    def listen(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        self.listener.listen(1)
        self.listener.settimeout(WAIT)

    def accept(self):
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(WAIT)
        self.pending = b""

    def send(self, screen):
        self.raw(json.dumps(screen, ensure_ascii=False).encode() + b"\n")

    def raw(self, data):
        self.connection.sendall(data)

    def action(self):
        while b"\n" not in self.pending:
            data = self.connection.recv(4096)
            if not data:
                raise AssertionError("the face closed the connection")
            self.pending += data
        line, self.pending = self.pending.split(b"\n", 1)
        return json.loads(line)

    def quiet(self, seconds=0.3):
        """Nothing may arrive for a while."""
        self.connection.settimeout(seconds)
        try:
            data = self.connection.recv(4096)
        except TimeoutError:
            data = b""
        self.connection.settimeout(WAIT)
        if data or self.pending:
            raise AssertionError(f"unexpected action {self.pending + data!r}")

    def close(self):
        for end in (self.connection, self.listener):
            if end:
                end.close()
        self.connection = self.listener = None


def esp(apps=2, **more):
    row = lambda name, state, **extra: {"name": name, "state": state, **extra}
    screen = {"screen": "esp", "flow": "technician", "organization": "Contoso", "elapsedSeconds": 77, "message": "",
              "phases": [
                  {"name": "Device preparation", "state": "done", "rows": [
                      row("Securing your hardware", "complete"),
                      row("Joining your organization's network", "complete"),
                      row("Registering your device for mobile management", "complete"),
                      row("Preparing your device for mobile management", "complete")]},
                  {"name": "Device setup", "state": "working", "rows": [
                      row("Security policies", "complete", done=1, total=1),
                      row("Certificates", "waiting", done=0, total=1),
                      row("Network connections", "identifying", done=0, total=0),
                      row("Apps", "working", done=apps, total=7, detail="Installing Contoso VPN 5.2")]}]}
    screen.update(more)
    return screen


LANGUAGE = {"screen": "language", "selected": "en-US", "options": [
    {"id": "de-DE", "label": "Deutsch (Deutschland)"}, {"id": "en-US", "label": "English (United States)"},
    {"id": "fr-FR", "label": "Français (France)"}, {"id": "ja-JP", "label": "日本語 (日本)"}]}
KEYBOARD = {"screen": "keyboard", "selected": "us", "options": [
    {"id": "us", "label": "US"}, {"id": "de", "label": "German"}]}
NETWORK = {"screen": "network", "note": "No network has reached the setup service yet.", "interfaces": [
    {"id": "eth0", "label": "Wired connection", "state": "connected", "detail": "10.66.1.31"},
    {"id": "eth1", "label": "Second wired connection", "state": "disconnected", "detail": ""}]}
WAITING = {"screen": "waiting", "text": "Checking for your organization's settings…"}
WELCOME = {"screen": "welcome", "organization": "Contoso", "user": "alice@corp.example.com", "note": "Ask for Bob."}
CONFIG = {"screen": "config", "organization": "Contoso", "profile": "Hybrid pre-provisioned", "serial": "5CG431037K1",
          "user": "alice@corp.example.com", "model": "EliteBook 840", "joinType": "hybrid", "qr": QR, "note": "",
          "warnings": ["No domain-join profile is assigned to this device."]}
SUCCESS = {"screen": "success", "flow": "technician", "organization": "Contoso", "profile": "Hybrid pre-provisioned",
           "user": "alice@corp.example.com", "computerName": "CONTOSO-04711", "qr": QR, "elapsedSeconds": 754}
FAILURE = {"screen": "failure", "flow": "technician", "organization": "Contoso", "profile": "Hybrid pre-provisioned",
           "user": None, "fault": "dc_unreachable", "code": "0x80070774",
           "title": "No domain controller can be reached",
           "cause": "The device found no domain controller of corp.example.com on this network.",
           "fix": "Connect the device to the company network or its VPN and press Retry.",
           "who": "administrator", "detail": "DNS SRV _ldap._tcp.dc._msdcs.corp.example.com: NXDOMAIN",
           "elapsedSeconds": 4021, "actions": ["retry", "reset", "diagnostics"], "qr": QR}
NO_PROFILE = {"screen": "failure", "flow": "technician", "organization": None, "profile": None, "user": None,
              "fault": "profile_missing", "code": "815", "title": "No deployment profile is assigned",
              "cause": "The device is registered, but no deployment profile reaches any of its groups.",
              "fix": "Assign a profile to a group of this device, then press Retry.", "who": "administrator",
              "detail": "", "elapsedSeconds": None, "actions": ["retry", "diagnostics"], "qr": None}
DIAGNOSTICS = {"screen": "diagnostics", "path": "/var/lib/ferry/diagnostics/5CG431037K1.tar",
               "lines": ["09:30:12 attest: complete", "09:30:14 odj: waiting for the connector",
                         "09:31:02 odj: dc_unreachable"]}
SIGNIN = {"screen": "signin", "organization": "Contoso", "user": "alice@corp.example.com", "error": "",
          "domain": "corp.example.com"}
SIGNIN_ERROR = {**SIGNIN, "error": "The user name or password is not correct."}
DONE = {"screen": "done", "organization": "Contoso", "user": "alice@corp.example.com",
        "lines": ["Joined to the domain corp.example.com.", "Managed by Contoso."]}
ESP_ERROR = esp(elapsedSeconds=3599, message="Setup could not be completed. Please try again or contact your support "
                "person for help.", actions=["retry", "reset", "diagnostics"])
ESP_ERROR["phases"][1]["state"] = "error"
ESP_ERROR["phases"][1]["rows"][1].update(state="error", detail="The certificate authority refused the request "
                                         "(0x800b0109): its own certificate has ended.")
ESP_ERROR["phases"][1]["rows"][3].update(state="skipped", done=0, detail="")
ESP_USER = esp(flow="user")
ESP_USER["phases"] = [ESP_USER["phases"][1], {"name": "Account setup", "state": "pending", "rows": [
    {"name": name, "state": "waiting"} for name in
    ("Joining your organization's network", "Security policies", "Certificates", "Network connections", "Apps")]}]

BRAND = {"color": "#7a1fa2", "support": "Contoso help desk: +1 425 555 0100"}
REGION = {"screen": "region", "selected": "DE", "options": [
    {"id": "DE", "label": "Deutschland"}, {"id": "JP", "label": "日本"}, {"id": "US", "label": "United States"}]}
KEYBOARD2 = {"screen": "keyboard2", "selected": "jp", "options": [{"id": "de"}, {"id": "jp"},
                                                                  {"id": "br", "label": "Português (Brasil)"}]}
NETWORK_WIFI = {"screen": "network", "selected": "Contoso", "interfaces": [
    {"id": "eth0", "kind": "wired", "state": "disconnected", "detail": ""},
    {"id": "wlan0", "kind": "wifi", "state": "portal", "detail": "10.12.0.7"}],
    "portal": "http://portal.cafe.example/", "networks": [
        {"id": "Café", "signal": 88, "secured": False, "state": "portal"},
        {"id": "Contoso", "signal": 70, "secured": True}, {"id": "Contoso-Guest", "signal": 34, "secured": True, "known": True},
        {"id": "未来カフェ", "signal": 12, "secured": True}]}
EULA = {"screen": "eula", "organization": "Contoso"}
PRIVACY = {"screen": "privacy", "organization": "Contoso", "switches": [
    {"id": "location", "on": True}, {"id": "findDevice", "on": False}, {"id": "diagnostics", "on": False},
    {"id": "advertising", "on": False}]}
SIGNIN_USER = {"screen": "signin", "organization": "Contoso", "step": "user", "account": "directory", "style": "win10",
               "branding": BRAND, "user": "alice@corp.example.com"}
SIGNIN_PASSWORD = {**SIGNIN_USER, "step": "password", "style": "win11"}
SIGNIN_CODE = {**SIGNIN_USER, "step": "code", "fault": "signin_code_wrong",
               "title": "The code is not correct"}
MENU_WIN11 = {"screen": "menu", "style": "win11", "options": [{"id": "provision"}, {"id": "preparation"},
                                                              {"id": "diagnostics"}, {"id": "back"}]}
PREFLIGHT = {**CONFIG, "warnings": [], "verdict": "red", "mode": "preprovisioned", "groupTag": "Sales", "preflight": [
    {"check": "checkNetwork", "state": "green"}, {"check": "checkService", "state": "green"},
    {"check": "checkClock", "state": "yellow", "fault": "clock_skew"},
    {"check": "checkConnector", "state": "red", "fault": "connector_down"}, {"check": "checkDomain", "state": "grey"}]}
ESP_WAITING = esp(2, remainingSeconds=3523, elapsedSeconds=77)
ESP_WAITING["phases"] = [
    {"key": "devicePreparation", "name": "x", "state": "working", "rows": [
        {"key": "securing", "state": "complete"},
        {"key": "joining", "state": "working", "say": "waitingConnector", "args": ["corp.example.com"], "sinceSeconds": 42},
        {"key": "registering", "state": "waiting"}, {"key": "preparing", "state": "waiting"}]},
    {"key": "deviceSetup", "name": "x", "state": "pending", "rows": [
        {"key": "policies", "state": "waiting"}, {"key": "apps", "state": "working", "done": 1, "total": 3, "items": [
            {"name": "Contoso VPN 5.2", "state": "complete"}, {"name": "Contoso Office", "state": "working",
                                                               "detail": "42 MiB of 300 MiB"},
            {"name": "7-Zip", "state": "waiting"}]}]}]
REBOOT = {"screen": "reboot", "organization": "Contoso", "why": "policy", "inSeconds": 30}
STAY = {"screen": "staysignedin", "organization": "Contoso", "user": "alice@corp.example.com"}
DONE_FACTS = {"screen": "done", "organization": "Contoso", "user": "alice@corp.example.com", "computerName": "CONTOSO-04711",
              "domain": "corp.example.com", "joinType": "hybrid", "facts": ["joined", "registered", "managed", "compliant"]}
RESET = {"screen": "reset", "organization": "Contoso", "keeps": ["enrollment", "wifi", "certificates", "region"],
         "drops": ["users", "apps", "settings"]}
PREPARATION = {"screen": "preparation", "organization": "Contoso", "percent": 62, "step": "apps", "item": "Contoso VPN 5.2",
               "state": "working", "elapsedSeconds": 345}
PREPARATION_ERROR = {**PREPARATION, "state": "error", "message": "Call the help desk: 0100.", "fault": "app_install_failed",
                     "title": "An app could not be installed", "actions": ["retry", "continue", "diagnostics"]}
ENDED = {"screen": "ended", "how": "retired", "organization": "Contoso"}
GATE = {"screen": "gate", "organization": "Contoso", "why": "waitingDirectory", "percent": 80, "phaseKey": "accountSetup"}
NOT_REGISTERED = {"screen": "welcome", "fault": "device_not_registered"}
SUCCESS_PENDING = {**SUCCESS, "pending": ["Contoso Office", "Contoso Fonts"]}

PAGES = [
    ("language", LANGUAGE, "Deutsch"), ("keyboard", KEYBOARD, "German"), ("network", NETWORK, "Wired"),
    ("waiting", WAITING, "Checking"), ("welcome", WELCOME, "Welcome to"), ("menu", {"screen": "menu"}, "What would"),
    ("config", CONFIG, "Hybrid"), ("esp", esp(), "(2 of 7)"), ("esp-user", ESP_USER, "Account setup"),
    ("esp-error", ESP_ERROR, "refused"), ("success", SUCCESS, "CONTOSO-04711"), ("failure", FAILURE, "0x80070774"),
    ("failure-no-profile", NO_PROFILE, "not assigned"), ("diagnostics", DIAGNOSTICS, "dc_unreachable"),
    ("signin", SIGNIN, "Password"), ("signin-error", SIGNIN_ERROR, "not correct"), ("done", DONE, "all set"),
    ("signedout", {"screen": "signedout"}, "signed out"),
    ("poweringoff", {"screen": "poweringoff", "text": "Resealed. Leave the device off."}, "Resealed"),
    ("unknown", {"screen": "surprise"}, "surprise"),
    ("region", REGION, "Deutschland"), ("keyboard2", KEYBOARD2, "second"), ("network-wifi", NETWORK_WIFI, "Contoso-Guest"),
    ("eula", EULA, "licence terms"), ("privacy", PRIVACY, "privacy settings"), ("signin-user", SIGNIN_USER, "[N]ext"),
    ("signin-password", SIGNIN_PASSWORD, "Not [y]ou"), ("signin-code", SIGNIN_CODE, "Enter code"),
    ("menu-win11", MENU_WIN11, "Pre-provision"), ("preflight", PREFLIGHT, "will fail as"),
    ("esp-waiting", ESP_WAITING, "connector of corp"), ("reboot", REBOOT, "Restart in"), ("staysignedin", STAY, "Stay signed"),
    ("done-facts", DONE_FACTS, "Compliant"), ("reset", RESET, "local administrator"), ("preparation", PREPARATION, "62 %"),
    ("preparation-error", PREPARATION_ERROR, "help desk"), ("ended", ENDED, "retired"), ("gate", GATE, "Nobody can"),
    ("welcome-unregistered", NOT_REGISTERED, "not registered"), ("success-pending", SUCCESS_PENDING, "Contoso Fonts"),
]
