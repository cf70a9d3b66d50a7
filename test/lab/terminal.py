# SPDX-License-Identifier: Apache-2.0
"""A person's eyes and hands: a real terminal (a private tmux server), and a camera that reads QR codes from its screen."""
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time


class TerminalError(Exception):
    """What was expected is not on the screen."""


class Terminal:
    """A private tmux server with one pane, whose socket and configuration nobody else uses."""

    def __init__(self, folder, patience=10.0):
        self.socket = str(pathlib.Path(folder) / "tmux.sock")
        self.patience = patience
        self.environment = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
        self.environment.update(LC_ALL="C.UTF-8", TERM="xterm-256color")

    def tmux(self, *arguments, text=None):
        result = subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", *arguments], capture_output=True,
                                text=True, env=self.environment, timeout=20, check=False, input=text)
        if result.returncode:
            raise TerminalError(f"tmux {arguments[0]}: {result.stderr.strip()}")
        return result.stdout

    def start(self, command, columns=80, rows=25):
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), command, ";",
                  "set", "-g", "status", "off", ";", "set", "-g", "remain-on-exit", "on", ";",
                  "set", "-g", "window-size", "manual", ";", "resize-window", "-x", str(columns), "-y", str(rows))

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def type_secret(self, text):
        """Like type(), but no command line of this machine ever holds the text."""
        self.tmux("load-buffer", "-b", "typed", "-", text=text)
        self.tmux("paste-buffer", "-d", "-b", "typed")

    def capture(self):
        return "\n".join(line.rstrip() for line in self.tmux("capture-pane", "-p").rstrip("\n").split("\n")) + "\n"

    def coloured(self):
        return self.tmux("capture-pane", "-p", "-e")

    def wait_for(self, text, patience=None):
        """The first capture with the text, once it is the same twice: the page is complete."""
        end = time.monotonic() + (patience or self.patience)
        before = None
        while time.monotonic() < end:
            now = self.capture()
            if text in now and now == before:
                return now
            before = now
            time.sleep(0.05)
        raise TerminalError(f"{text!r} is not on the screen:\n{before}")

    def pid(self):
        return int(self.tmux("display-message", "-p", "#{pane_pid}").strip())

    def dead(self):
        return self.tmux("display-message", "-p", "#{pane_dead}").strip() == "1"

    def stop(self):
        try:
            self.tmux("kill-server")
        except TerminalError:
            pass


def decode_qr(text, folder):
    """The QR code in a capture, read by zbarimg from a picture of its half blocks; None when there is none."""
    cells = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
    lines = text.split("\n")
    # The first and the last row are quiet zone: the only long runs of full blocks.
    edges = [(number, found) for number, line in enumerate(lines) if (found := re.search("█{25,}", line))]
    if len(edges) < 2:
        return None
    left, right = edges[0][1].span()
    pixels = []
    for line in lines[edges[0][0]:edges[-1][0] + 1]:
        row = [cells[cell] for cell in line[left:right].ljust(right - left)]
        pixels += [[top for top, _ in row], [bottom for _, bottom in row]]
    width = right - left
    scale = 4
    image = pathlib.Path(folder) / "qr.pgm"
    with open(image, "wb") as file:
        file.write(f"P5 {width * scale} {len(pixels) * scale} 255\n".encode())
        for row in pixels:
            file.write(bytes(value for value in row for _ in range(scale)) * scale)
    result = subprocess.run(["zbarimg", "-q", "--raw", str(image)], capture_output=True, text=True, timeout=20,
                            check=False)
    return result.stdout.strip() or None


def render(program, screen, text):
    """What the screens' program draws for one message of the agent, once `text` is there: for pages that stand too
    short a time to be photographed."""
    with tempfile.TemporaryDirectory(prefix="ferry-render-") as folder, socket.socket(socket.AF_UNIX) as listener:
        path = f"{folder}/s"
        listener.bind(path)
        listener.listen(1)
        listener.settimeout(10)
        terminal = Terminal(folder)
        terminal.start(f"exec {program} --socket {path} --no-clock")
        try:
            with listener.accept()[0] as face:
                face.sendall(json.dumps(screen).encode() + b"\n")
                return terminal.wait_for(text)
        finally:
            terminal.stop()
