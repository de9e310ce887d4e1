"""A case over a few invented records in several scripts, for whoever searches in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tests.desk import offices

from pastwatch.desk.holding import Archive, OpenCase


def rows(texts: Sequence[str], **more: Any) -> list[dict[str, Any]]:
    """Records of these texts, an hour apart, of four senders in two conversations."""
    return [
        {
            "id": f"m{n}",
            "from": f"p{n % 4}@a.example",
            "to": "q@firm.example" if n % 3 else "r@firm.example",
            "subject": f"note {n}",
            "text": text,
            "date": f"2017-07-{1 + n // 24 % 3:02d}T{n % 24:02d}:00:00Z",
            **more,
        }
        for n, text in enumerate(texts)
    ]


def opened(desk: offices.Desk, archive: Archive, *, acts: str = '"read", "enrich"') -> OpenCase:
    """Every source of the archive in one case, around 2017-07-01, with undated records."""
    archive.add_event("fire", "Fire", at="2017-07-01T12:00+00:00", references=("a",))
    draft = archive.draft_authority("fire", desk.folder / "grant.toml")
    text = draft.read_text().replace('ground = ""', 'ground = "order 17"')
    text = text.replace('acts = ["read"]', f"acts = [{acts}]")
    draft.write_text(re.sub(r"(?m)^undated = false", "undated = true", text))
    archive.sign_authority(draft)
    return archive.open_case("fire", draft)[0]


def case_of(desk: offices.Desk, archive: Archive, texts: Sequence[str], **given: Any) -> OpenCase:
    """A case over one source of these texts."""
    file = offices.write_lines(desk.folder / "input.jsonl", rows(texts))
    archive.collect(file, source="mail", basis="own")
    return opened(desk, archive, **given)


def record_id(case: OpenCase, query: str) -> bytes:
    """The id of the one record that a query hits."""
    (hit,) = case.look(query)
    return hit.citation.record_id


def protect(case: OpenCase, query: str) -> bytes:
    """Judge the one record that a query hits protected."""
    (hit,) = case.look(query)
    case.mark(hit.hit_id, "protected")
    return hit.citation.record_id
