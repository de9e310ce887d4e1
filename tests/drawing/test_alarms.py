"""A picture of alarms: every alert, alarm and event stands where its time says, misses are said."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from pastwatch.drawing.alarms import Curve, EventDrawn, Strip, draw_alarms
from pastwatch.drawing.axis import HOUR_US

STRIP = Strip(
    name="version 1",
    start_us=0,
    end_us=100 * HOUR_US,
    alerts_us=[10 * HOUR_US, 50 * HOUR_US, 50 * HOUR_US + 1],
    alarms=[(10 * HOUR_US, 20 * HOUR_US), (50 * HOUR_US, 60 * HOUR_US)],
    events=[
        EventDrawn(55 * HOUR_US, "leak <1>", 50 * HOUR_US, "lead 5 h"),
        EventDrawn(90 * HOUR_US, "fire", None, "missed"),
    ],
    told="3 alerts",
)
CURVE = Curve("version 1", [(1, 0.2, 0.5), (2, 0.1, 0.5)])


def drawn(**given: object) -> str:
    plain: dict[str, object] = {"strips": [STRIP], "curves": [CURVE], "lines": ["a limit"]}
    return draw_alarms("Watch", "warned of 1 of 2", **{**plain, **given})  # type: ignore[arg-type]


def of_class(svg: str, name: str) -> list[ET.Element]:
    tree = ET.fromstring(svg)  # noqa: S314 - our own picture
    return [one for one in tree.iter() if one.get("class") == name]


def test_alarms_and_alerts_stand_to_scale() -> None:
    svg = drawn()
    first, second = of_class(svg, "alarm")
    left, right = float(first.get("x", 0)), float(second.get("x", 0))
    assert right - left == 400  # of a thousand pixels for a hundred hours
    assert first.get("width") == second.get("width") == "100"
    assert len(of_class(svg, "alert")) == 2  # two in one pixel are one higher stroke
    assert drawn() == svg


def test_an_event_has_its_lead_drawn_and_a_miss_is_said() -> None:
    svg = drawn()
    (lead,) = of_class(svg, "lead")
    ends = re.findall(r"M([\d.]+) [\d.]+H([\d.]+)", lead.get("d", ""))[0]
    assert float(ends[1]) - float(ends[0]) == 50
    words = "".join(ET.fromstring(svg).itertext())  # noqa: S314 - our own picture
    assert "leak <1>: lead 5 h" in words
    assert "fire: missed" in words
    assert "a limit" in words


def test_the_diagram_runs_from_no_alarm_to_always_and_has_the_diagonal_of_luck() -> None:
    svg = drawn(curves=[CURVE, CURVE._replace(name="version 2")])
    (way,) = [one.get("d", "") for one in of_class(svg, "curve")]
    points = [tuple(map(float, p)) for p in re.findall(r"([\d.]+) ([\d.]+)", way)]
    (x0, y0), (x1, y1) = points[0], points[-1]
    assert (x1 - x0, y1 - y0) == (300, 300)
    shares = [((x - x0) / 300, 1 - (y - y0) / 300) for x, y in points]
    assert shares == [(0, 1), (0.1, 0.5), (0.2, 0.5), (1, 0)]
    assert len(of_class(svg, "luck")) == len(of_class(svg, "second")) == 1


def test_without_an_event_there_is_no_diagram_and_time_may_count_from_the_start() -> None:
    svg = drawn(curves=[Curve("quiet", [])], elapsed=True)
    assert not of_class(svg, "luck")
    assert ">24 h<" in svg or ">48 h<" in svg
    assert "1970" not in svg
