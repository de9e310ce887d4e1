"""What else there is after the event: a staff list, a laboratory's note, and a tracker's positions."""

from __future__ import annotations

import csv
import io
import math
import random
from pathlib import Path

from pastwatch.town.people import ROLES, People
from pastwatch.town.plan import Evidence
from pastwatch.town.rhythm import HOUR_US, Clock, local, universal

DIRECTORY_DAYS_BEFORE = 41
BRIDGE = (60.0210, 28.1040)
"""Where the water works stand: somewhere in the sea, since the town is nowhere."""
_DEPOT = (60.0395, 28.1480)
_POSTS = (
    "dosing technician",
    "shift engineer",
    "clerk",
    "driver",
    "laboratory assistant",
    "fitter",
)
_TRACKED_H = (-12, 6)
_STEP_S = 60
_SILENT_H = (-4.6, -1.4)
_VANS = ("van-1", "van-2", "van-3")
_NOTE = """\
{town} Public Health Laboratory
Note on two swabs from the Lower Bridge water works

Swabs 1 and 2 were taken on {taken} by the fire service, from the floor of the valve room and from
the dosing line, and handed in on {handed}. Method: gas chromatography with mass spectrometry.

Swab 1: residue of a petroleum solvent of the kind sold for cleaning machines.
Swab 2: chlorine compounds, no solvent.

The method does not tell how or when the solvent came to the floor, nor who brought it. The valve
room had been hosed down before swab 1 was taken. No control swab from another room was handed in.
"""


def write_evidence(
    folder: Path, rng: random.Random, clock: Clock, people: People, town: str
) -> Evidence:
    """Writes the three files, alike whether or not anything was planted."""
    folder.mkdir(parents=True, exist_ok=True)
    dated = local(clock.event_us - DIRECTORY_DAYS_BEFORE * 24 * HOUR_US)
    directory, note, track = (folder / n for n in ("staff.csv", "laboratory.txt", "vans.csv"))
    directory.write_bytes(_staff(people).encode())
    note.write_bytes(_note(clock, town).encode())
    track.write_bytes(_positions(rng, clock).encode())
    return Evidence(
        directory=directory,
        directory_dated=f"{dated:%Y-%m-%d}",
        exhibit=note,
        track=track,
        latitude=BRIDGE[0],
        longitude=BRIDGE[1],
    )


def _staff(people: People) -> str:
    """Who is employed at the utility, with post, accounts and telephone; nobody from outside."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["name", "post", "mail", "room", "telephone"])
    own = [p for p in people.everyone if p.domain == people.town_domain]
    posts = {people.cast["A"]: _POSTS[0], people.cast["K"]: "manager"}
    cast = {people.cast[role] for role in ROLES}
    for number, one in enumerate(own):
        post = posts.get(one) or _POSTS[1 + (number + (one in cast)) % (len(_POSTS) - 1)]
        telephone = f"+999 55 {100 + number // 100:03d} {number % 100:02d}"
        table.writerow([one.name, post, one.address, one.handle, telephone])
    return out.getvalue()


def _note(clock: Clock, town: str) -> str:
    taken, handed = (local(clock.event_us + hours * HOUR_US) for hours in (7, 26))
    return _NOTE.format(
        town=town, taken=f"{taken:%Y-%m-%d %H:%M}", handed=f"{handed:%Y-%m-%d %H:%M}"
    )


def _positions(rng: random.Random, clock: Clock) -> str:
    """Three vans round their depot, a position a minute; one is not received for some hours."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["time", "id", "latitude", "longitude", "speed_kmh"])
    phases = [rng.random() * math.tau for _ in _VANS]
    start_us = clock.event_us + _TRACKED_H[0] * HOUR_US
    silent_us = [clock.event_us + int(h * HOUR_US) for h in _SILENT_H]
    for step in range((_TRACKED_H[1] - _TRACKED_H[0]) * 3600 // _STEP_S):
        at_us = start_us + step * _STEP_S * 1_000_000
        for van, (name, phase) in enumerate(zip(_VANS, phases, strict=True)):
            if name == "van-2" and silent_us[0] <= at_us < silent_us[1]:
                continue
            turn = phase + step / (90 + 25 * van)
            latitude = _DEPOT[0] + 0.012 * math.sin(turn) + 0.003 * math.sin(3.1 * turn)
            longitude = _DEPOT[1] + 0.026 * math.cos(turn) + 0.004 * math.cos(2.3 * turn)
            speed = 22 + 14 * math.sin(turn * 5 + van)
            table.writerow(
                [
                    f"{universal(at_us):%Y-%m-%dT%H:%M:%SZ}",
                    name,
                    f"{latitude:.5f}",
                    f"{longitude:.5f}",
                    f"{speed:.0f}",
                ]
            )
    return out.getvalue()
