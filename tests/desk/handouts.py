"""A small case with people, numbers and places in it, and versions of its brief to be handed out."""

from __future__ import annotations

from typing import Any

from tests.desk import offices, reviews

from pastwatch.desk.holding import Archive, OpenCase

CANARY = "zebra-lantern-04417"


def rows(count: int = 12) -> list[dict[str, Any]]:
    """Mails between three people that name each other, a fourth, and how to reach them."""
    return [
        {
            "id": f"m{n}.77@mx.quay.example",
            "from": "Nadia Okafor <n.okafor@harbour-trust.example>"
            if n % 2
            else "Tomas Brandvold <tomas@quay.example>",
            "to": "Ivana Petrenko <ivana@harbour-trust.example>",
            "conversation": f"Harbour gate {n // 6}",
            "subject": f"the valve at Pier {n}",
            "text": f"Tomas, call Mr Okafor on +44 20 7946 0123 before 10:38. Ivana opened the valve; "
            f"see https://quay.example/plan{n} and nadia_okafor@quay.example. Петренко знает. "
            f"Will Dr Quillfeather come? Number {n}.",
            "date": f"2017-07-01T{n // 60 % 24:02d}:{n % 60:02d}:07Z",
        }
        for n in range(count)
    ]


def case_of(desk: offices.Desk, archive: Archive) -> OpenCase:
    """A case with three cited records, a finding that names people, and a note."""
    case = reviews.opened(desk, archive, made=rows())
    hits = list(case.look("valve"))
    case.finding(
        "The valve was opened by Ivana Petrenko at 10:38, says Tomas Brandvold.",
        cites=[h.hit_id for h in hits[:3]],
    )
    case.finding("Nobody else than Okafor speaks of it.", kind="negative")
    case.note(hits[0].hit_id, "ask Okafor")
    return case
