# SPDX-License-Identifier: Apache-2.0
"""How a row of points.py is carried out on a running lab: who is killed or loses power, when, and who starts it again."""
import os
import signal
import threading
import time

import points
from world import ALICE, Explained, Journey, LabError

REST_S = 0.5  # between a program's end and its start


def entries(row, action="kill"):
    """In the form of FERRY_FP: "name@3" is name:kill@3."""
    for point in row["points"]:
        name, _, nth = point.partition("@")
        yield f"{name}:{action}@{nth}" if nth else f"{name}:{action}"


class Watcher(threading.Thread):
    """Does something while a device is on its way; what went wrong is in `problem`."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.world, self.ended, self.done, self.problem, self.journey = world, threading.Event(), [], None, None

    def run(self):
        try:
            self.work()
        except Exception as problem:  # pylint: disable=broad-except
            self.problem = problem

    def waits(self):
        return False

    def stop(self):
        """A point may lie after all that the device waits for: give it a moment."""
        until = time.monotonic() + 5
        while self.waits() and self.is_alive() and time.monotonic() < until:
            time.sleep(0.05)
        self.ended.set()
        if self.is_alive():
            self.join(60)
        self.world.points.write_text("")

    def go_on(self):
        """Lets every program run that a point has stopped."""
        for name in (points.FERRYD, points.SIGNER, points.CONNECTOR):
            pid = self.world.program_pid(name)
            if pid:
                os.kill(pid, signal.SIGCONT)


class Watch(Watcher):
    """Starts a program again, half a second after its failpoint ended it; with `both` the device loses power too."""

    def __init__(self, world, program, wanted, both=False):
        super().__init__(world)
        self.program, self.entries, self.both = program, list(wanted), both

    def start(self):
        self.world.arm(self.entries[0])
        super().start()

    def waits(self):
        return bool(self.entries)

    def work(self):
        while not self.ended.wait(0.02):
            if self.entries and self.world.fired():
                self.done.append(self.entries.pop(0))
                if self.both and self.journey:
                    self.journey.pull_plug()
                self.ended.wait(REST_S)
                self.world.arm(self.entries[0] if self.entries else "")
                self.world.start_program(self.program)


class Moment(Watcher):
    """Cuts the device's power while another program stands still at a point."""

    def __init__(self, world, wanted):
        super().__init__(world)
        self.entries = list(wanted)

    def start(self):
        self.world.arm(self.entries[0])
        super().start()

    def waits(self):
        return bool(self.entries)

    def work(self):
        while not self.ended.wait(0.01):
            if self.entries and self.world.fired():
                self.done.append(self.entries.pop(0))
                self.world.arm("")
                self.journey.pull_plug()
                time.sleep(0.05)
                self.go_on()
        self.go_on()


class Timer(Watcher):
    """Kills a program some milliseconds after it was started; for the agent that is a power cut."""

    def __init__(self, world, program, milliseconds):
        super().__init__(world)
        self.program, self.milliseconds = program, milliseconds

    def waits(self):
        return not self.done

    def work(self):
        if self.ended.wait(self.milliseconds / 1000):
            return
        if self.program == points.AGENT:
            if self.journey.pull_plug():
                self.done.append(f"{self.milliseconds} ms")
            return
        with self.journey.power:  # not while the device changes between on and off
            self.world.kill_program(self.program)
            self.done.append(f"{self.milliseconds} ms")
            self.ended.wait(REST_S)
            self.world.start_program(self.program)


def watcher_of(world, row):
    """Who watches from outside; None when the device's own point is enough."""
    if "at_ms" in row:
        return Timer(world, row["program"], row["at_ms"])
    if row["program"] == points.AGENT:
        return None
    if row["way"] == "power cut":
        return Moment(world, entries(row, "stop"))
    return Watch(world, row["program"], entries(row), both=row["way"].startswith("power cut, and"))


def import_cut(world, row):
    """The registration itself is cut: the administrator imports again until it is said to be there."""
    watch = Watch(world, points.FERRYD, entries(row))
    watch.start()
    try:
        for _ in range(10):
            if world.ferry("device", "import", world.csv, "--group-tag", "sales", "--user", ALICE,
                           check=False).returncode == 0:
                return watch
            time.sleep(REST_S)
        raise LabError("the import does not get through")
    finally:
        watch.stop()


def device_cuts(row):
    """The device's own points, in the order in which they are armed."""
    cuts = list(entries(row)) if row["program"] == points.AGENT and "at_ms" not in row else []
    return cuts * 2 if row["way"] == "power cut, twice" else cuts


def service_dies(world):
    world.kill_program(points.FERRYD)
    time.sleep(REST_S)
    world.start_program(points.FERRYD)


def travel(world, row, journey):
    """Returns what was reached."""
    if row["flow"] == points.IMPORT:
        watch = import_cut(world, row)
        journey.run()
        return watch.done
    watch = watcher_of(world, row)
    if not watch:
        journey.run()
        return journey.done_cuts
    watch.journey = journey
    journey.user_start = watch.start if row["flow"] == points.USER else None
    if row["flow"] == points.TECHNICIAN:
        journey.technician_start = watch.start
        if "at_ms" not in row:
            watch.start()
            journey.technician_start = None
    try:
        journey.run()
    finally:
        watch.stop()
    if watch.problem:
        raise LabError(f"{row['program']} could not be started again: {watch.problem}")
    return watch.done


def cut(world, serial, row):
    """One device on its way from its first page to signed out, cut as the row says. (journey, what was reached, the page
    at which it ended or None)"""
    world.new_device(serial, tag=row.get("tag", "sales"), register=row["flow"] != points.IMPORT)
    user = row["flow"] == points.USER
    journey = Journey(world, cuts=() if user else device_cuts(row), user_cuts=device_cuts(row) if user else ())
    if row["way"] == "power cut, and the service is killed":
        journey.on_cut = lambda: service_dies(world)
    try:
        return journey, travel(world, row, journey), None
    except Explained as page:
        return journey, list(journey.done_cuts), str(page)
