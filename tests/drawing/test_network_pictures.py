"""A drawn network is the same each time, and its letters lie on no other letters."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from pastwatch.drawing.network import DrawnTie, draw_matrix, draw_network
from pastwatch.drawing.networklayout import lettered, placed


def ring(count: int) -> list[DrawnTie]:
    return [
        DrawnTie(f"p{n}", f"p{(n + step) % count}", 9, 5, 3)
        for n in range(count)
        for step in (1, 3)
    ]


@pytest.mark.parametrize("count", [2, 9, 30, 60])
def test_letters_lie_on_no_letters_and_on_no_circles(count: int) -> None:
    lines = [(n, (n + step) % count) for n in range(count) for step in (1, 3)]
    radii = [6.0 + n % 5 for n in range(count)]
    height = 320.0 + 13 * min(count, 40)
    at = placed(count, [(a, b, 1.0) for a, b in lines], radii, width=1000, height=height)
    boxes = lettered(at, radii, [120.0] * count, lines, sheet=(1000, height))
    for (one, _), (other, _) in itertools.combinations(boxes, 2):
        assert not one.meets(other)
    for number, (box, _) in enumerate(boxes):
        assert box.left >= 0
        assert box.right <= 1000
        for circle, radius in ((at[n], radii[n]) for n in range(count) if n != number):
            nearest = np.clip(circle, (box.left, box.top), (box.right, box.bottom))
            assert np.hypot(*(nearest - circle)) > radius


def test_circles_lie_apart() -> None:
    at = placed(40, [(0, n, 1.0) for n in range(1, 40)], [10.0] * 40, width=1000, height=800)
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 20


def test_the_same_network_is_drawn_alike() -> None:
    names = {f"p{n}": f"Person {n}" for n in range(20)}
    drawn = [
        draw_network(names, ring(20), title="t", under=["3 of 40 ties hidden"]) for _ in range(2)
    ]
    assert drawn[0] == drawn[1]
    assert "3 of 40 ties hidden" in drawn[0]


def test_before_is_unbroken_and_after_is_broken_so_that_print_tells_them_apart() -> None:
    svg = draw_network({}, [DrawnTie("a", "b", 9, 5, 3)], title="t")
    assert ".after{stroke:#e0792a;fill:none;stroke-dasharray:8 3}" in svg
    assert ".before{stroke:#17456e;fill:none}" in svg
    root = ET.fromstring(svg)  # noqa: S314 - our own picture
    drawn = [e.get("class") for e in root.iter() if e.get("class") in {"before", "after", "unsure"}]
    assert {"before", "after", "unsure"} <= set(drawn)


def test_a_name_from_a_record_is_shown_and_never_obeyed() -> None:
    svg = draw_network(
        {"a": "</text><script>x</script>\u202e"}, [DrawnTie("a", "b", 1, 1, 0)], title="t"
    )
    assert "<script>" not in svg
    assert "\u202e" not in svg


def test_many_accounts_are_a_matrix_with_a_row_for_each() -> None:
    order = [(f"p{n}", n // 20) for n in range(80)]
    svg = draw_matrix(order, {}, ring(80), title="t", under=["5 of 9 hidden"])
    root = ET.fromstring(svg)  # noqa: S314 - our own picture
    letters = [e.text or "" for e in root.iter() if e.tag.endswith("text")]
    assert sum(text.startswith("p") for text in letters) == 80
    assert "5 of 9 hidden" in letters


def test_nothing_is_drawn_as_an_empty_sheet() -> None:
    assert draw_network({}, [], title="nobody").startswith("<svg")
    assert draw_matrix([], {}, [], title="nobody").startswith("<svg")
