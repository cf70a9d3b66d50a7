# SPDX-License-Identifier: Apache-2.0
"""Time between the technician and the user: the clocks of everything go forward while the device is off."""
import re
import shutil

from world import Explained, Journey

UNITS = {"minutes": 60, "days": 86400}
CERTIFICATE_DAYS = 365


class NotPossible(Exception):
    """The lab cannot do this."""


def seconds_of(text):
    number, unit = re.fullmatch(r"(\d+) (minutes|days)", text).groups()
    return int(number) * UNITS[unit]


def forward(world, seconds, domain=True, since=0):
    """Service, connector and domain controller end and start again that much later; so does the device. `since`: how much
    later than now the connector was enrolled."""
    world.stop_connector()
    world.stop_service()
    if domain:
        world.script("dc", "stop")
    # libfaketime comes before AddressSanitizer's library.
    world.env.update({"FERRY_CLOCK": f"+{seconds}s", "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"})
    if domain:
        world.script("dc", "resume")
    world.start_service()
    if not domain:
        return
    if seconds - since > CERTIFICATE_DAYS * UNITS["days"]:  # nobody heard of it for a year: enrolled again, as its state asks for
        shutil.rmtree(world.work / "connector" / "state")
        world.enroll_connector(f"again-{seconds}")
    world.start_connector()


def keep(world, serial, row):
    """A technician makes the device ready, it lies on the shelf, its user switches it on. Like cutting.cut."""
    seconds = seconds_of(row["shelf"])
    world.new_device(serial)
    journey = Journey(world, user_start=lambda: forward(world, seconds))
    journey.run("poweringoff")
    try:
        journey.run(boot=False)
        return journey, [row["shelf"]], None
    except Explained as page:
        return journey, [], str(page)
