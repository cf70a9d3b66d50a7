# SPDX-License-Identifier: Apache-2.0
"""Time between the technician and the user: the clocks of everything go forward while the device is off."""
import re

from world import Explained, Journey

LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
UNITS = {"minutes": 60, "days": 86400}


class NotPossible(Exception):
    """The lab cannot do this."""


def seconds_of(text):
    number, unit = re.fullmatch(r"(\d+) (minutes|days)", text).groups()
    return int(number) * UNITS[unit]


def forward(world, seconds):
    """Service, connector and domain controller end and start again that much later. The device's clock is its own."""
    world.stop_connector()
    world.stop_service()
    world.script("dc", "stop")
    world.env.update({"LD_PRELOAD": LIBRARY, "FAKETIME": f"+{seconds}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                      "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"})
    world.script("dc", "resume")
    world.start_service()
    world.start_connector()


def keep(world, serial, row):
    """A technician makes the device ready, it lies on the shelf, its user switches it on. Like cutting.cut."""
    seconds = seconds_of(row["shelf"])
    world.new_device(serial)
    journey = Journey(world, user_start=lambda: forward(world, seconds))
    journey.run("poweringoff")
    journey.env = {"FERRY_CLOCK": f"+{seconds}s", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
    try:
        journey.run(boot=False)
        return journey, [row["shelf"]], None
    except Explained as page:
        return journey, [], str(page)
