# SPDX-License-Identifier: Apache-2.0
"""A service of tools/dev-server and the command line that speaks to it, for the tests of this folder."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Nothing of the developer's own settings reaches a program under test.
BARE = {k: v for k, v in os.environ.items() if not k.startswith("FERRY_")}


def sound(text):
    return "Sanitizer" not in text and "runtime error" not in text


def start(build, *options, postgres=False, **environment):
    """What tools/dev-server prints (url, ca, tenant, clientId, clientSecret, admin, dir, pid, stop), as a dictionary."""
    command = [ROOT / "tools" / "dev-server", *options]
    if postgres:
        command += ["--postgres", os.environ["FERRY_STORE_URL"]]
    # A pipe, whose end comes only when nobody holds it: the service must not.
    done = subprocess.run(command, env=dict(BARE, FERRY_BUILD_ROOT=str(build), **environment), stdout=subprocess.PIPE,
                          check=True, text=True, timeout=90)
    assert done.stdout.count("\n") == 1, done.stdout
    return json.loads(done.stdout)


def stop(service):
    subprocess.run(["sh", "-c", service["stop"]], check=False, timeout=60)


class Done:
    """A program that ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return f"exit {self.code}\n{self.out}{self.err}"[:3000]

    @property
    def json(self):
        return json.loads(self.out)


def ferry(program, *args, stdin="", **environment):
    """The command line, with these variables and no other of its own."""
    done = subprocess.run([program, *args], env=dict(BARE, **environment), text=True, capture_output=True, input=stdin,
                          check=False, timeout=120)
    assert sound(done.stderr), done.stderr
    return Done(done.returncode, done.stdout, done.stderr)
