"""The picture of statements shows every report and root, cuts what is long, and says what it left out."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from pastwatch.drawing.lineage import ReportBox, RootBox, StatementDrawn, draw_lineage


def statement(reports: int = 2, roots: int = 1, **given: object) -> StatementDrawn:
    names = tuple(f"root {n}" for n in range(roots))
    plain: dict[str, object] = {
        "title": "the gate was open",
        "count": f"{reports} reports · {roots} roots",
        "reports": tuple(
            ReportBox(title=f"Outlet {n}", under="an official", via=("Wire",), roots=names)
            for n in range(reports)
        ),
        "roots": tuple(RootBox(name=name, under="named", is_sure=n == 0) for n, name in enumerate(names)),
    }  # fmt: skip
    return StatementDrawn(**{**plain, **given})  # type: ignore[arg-type]


def words(svg: str) -> list[str]:
    return ["".join(e.itertext()) for e in ET.fromstring(svg).iter() if e.tag.endswith("}text")]  # noqa: S314 - our own


def test_every_report_outlet_and_root_stands_in_the_picture() -> None:
    told = words(draw_lineage([statement(3, 2)], title="Roots"))
    for name in ("Outlet 0", "Outlet 1", "Outlet 2", "Wire", "root 0", "root 1", "Roots"):
        assert name in told


def test_a_root_that_may_be_none_of_its_own_has_a_broken_line() -> None:
    svg = draw_lineage([statement(1, 2)], title="Roots")
    assert svg.count('class="doubt"') == 1
    assert svg.count('class="hollow"') == 1


def test_long_words_are_cut_and_denials_stand_beneath() -> None:
    one = statement(title="a very long statement " * 40, beneath=("denied by the port (c3)",))
    told = words(draw_lineage([one], title="Roots"))
    assert "denied by the port (c3)" in told
    assert all(len(line) < 200 for line in told)


def test_statements_stand_under_one_another() -> None:
    one = ET.fromstring(draw_lineage([statement()], title="Roots"))  # noqa: S314 - our own
    three = ET.fromstring(draw_lineage([statement()] * 3, title="Roots"))  # noqa: S314 - our own
    assert float(three.attrib["height"]) > 2 * float(one.attrib["height"])


def test_marks_of_a_text_do_not_become_marks_of_the_picture() -> None:
    svg = draw_lineage([statement(title="<script>&")], title='"><x>')
    assert "<script" not in svg
    assert "<x>" not in svg
    ET.fromstring(svg)  # noqa: S314 - our own


@pytest.mark.parametrize("statements", [[], [statement(0, 0)]])
def test_nothing_to_draw_is_drawn_as_nothing(statements: list[StatementDrawn]) -> None:
    ET.fromstring(draw_lineage(statements, title="Roots"))  # noqa: S314 - our own
