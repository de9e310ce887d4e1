"""Real exports of chats leave as RSMF and read back word for word; real mail leaves as a load file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pastwatch.desk.exporting.writing import export
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import PastwatchError
from pastwatch.model.batch import Batch
from pastwatch.stages.collect.connectors.loadfile import CONNECTOR as LOADFILE
from pastwatch.stages.collect.connectors.rsmf import CONNECTOR as RSMF

SHORT = frozenset(("whatsapp", "telegram", "signal", "facebook"))


def opened(archive: Archive, folder: Path) -> OpenCase:
    archive.add_event("e", "Event", at="2017-07-01T12:00Z", references=("r",))
    return open_self_authorised(
        archive, "e", folder / "grant.toml", ground="published", necessity="a trial",
        since="2000-01-01T00:00:00Z", until="2030-01-01T00:00:00Z", undated=True,
        acts=["read", "export"],
    )[0]  # fmt: skip


def read_back(connector: Any, path: Path) -> Iterator[dict[str, Any]]:
    for batch in connector.read(path, {"zone": "UTC"}):
        if isinstance(batch, Batch):
            yield from batch.columns.to_pylist()


def test_every_chat_that_was_collected_reads_back_from_rsmf(
    data_set: Callable[[str], Path], tmp_path: Path
) -> None:
    paths = [p for p in sorted(data_set("chat-exports").rglob("*")) if p.suffix in {".txt", ".json"}]  # fmt: skip
    with scratch_archive(tmp_path / "a", person="ana") as archive:
        for number, path in enumerate(paths):
            try:
                archive.collect(path, source=f"chat{number}", basis="published")
            except PastwatchError:
                continue
        case = opened(archive, tmp_path)
        made = export(case, "rsmf", tmp_path / "out", what="slice", real_names=True)
        index = case.gate.index()
        records = case.gate.show([index.ref(at) for at in range(len(index))])
        case.close()
    said = Counter(
        "".join(r.text.split())
        for r in records
        if r.envelope.medium in SHORT and r.envelope.kind.name in {"SAID", "EDITED", "DELETED"}
    )
    back = Counter(
        "".join((row["text"] or "").split())
        for path in sorted((tmp_path / "out").glob("*.rsmf"))
        for row in read_back(RSMF, path)
    )
    assert made.records == len(records)
    assert sum(said.values()) > 1000
    assert not said - back


@pytest.mark.timeout(300)
def test_released_mail_reads_back_from_a_load_file(
    data_set: Callable[[str], Path], tmp_path: Path
) -> None:
    path = next(iter(sorted(data_set("foia-mail").rglob("*.jsonl"))))
    few = tmp_path / "few.jsonl"
    with path.open(encoding="utf-8") as lines:
        few.write_text("".join(line for line, _ in zip(lines, range(300), strict=False)), "utf-8")
    with scratch_archive(tmp_path / "a", person="ana") as archive:
        archive.collect(few, source="mail", basis="published", medium="mail")
        case = opened(archive, tmp_path)
        made = export(case, "loadfile", tmp_path / "out", what="slice", real_names=True)
        index = case.gate.index()
        records = case.gate.show([index.ref(at) for at in range(len(index))])
        case.close()
    rows = [r for r in read_back(LOADFILE, tmp_path / "out") if (r["native_id"] or "").startswith("PW")]  # fmt: skip
    assert made.records == len(records) == 300
    said = Counter("".join(r.text.split()) for r in records if r.text.strip())
    assert not said - Counter("".join(row["text"].split()) for row in rows)
