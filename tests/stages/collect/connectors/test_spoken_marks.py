"""Transcripts with marks about themselves: a mark is nobody, and every speaker has a record."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from pastwatch.model.batch import Batch
from pastwatch.model.record import Kind
from pastwatch.stages.collect.connectors import transcript
from pastwatch.testing.connectors import ConnectorConformance, accounted

EPOCH = {"epoch": "2017-04-04T06:00:00+03:00"}
MARKED = """[00:00:00:04]
LCC: lift-off
[00:00:00:05]
_page : 8
_tape : Tape 1/1
CDR: the clock is running
CC: we see it
 and hear it

[00:00:00:09]
_images: [
    {
        "filename" : "a.jpg"
    }
    ]
[00:00:00:11]
# should that be "go"?
CC: go
LCC: note: nothing
CDR: yes

_page : 9

CDR: and on

[00:00:00:11]
CC: out
[00:00:00:11]
CDR: out
[00:00:00:11]
LCC: out
[00:00:00:12]
_lang: ru
Кедр: вижу
Заря 1 (Каманин): понял
[00:00:00:13]
Кедр: да
[00:00:00:13]
Заря 1 (Каманин): да
[00:00:00:14]
Заря 1 (Каманин): всё
"""


def read(path: Path) -> list[dict[str, Any]]:
    found = list(transcript.CONNECTOR.read(path, EPOCH))
    assert accounted(found) == {path.name: path.stat().st_size}
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


class TestMarked(ConnectorConformance):
    connector = transcript.CONNECTOR
    options: ClassVar = EPOCH

    def sample(self) -> bytes:
        return MARKED.encode()

    def test_marks_are_stated_and_are_no_speakers(self, tmp_path: Path) -> None:
        rows = read(self.place(tmp_path, self.sample()))
        said = [(r["sender_name"], r["text"].strip()) for r in rows if r["kind"] == Kind.SAID]
        assert said == [
            ("LCC", "lift-off"),
            ("CDR", "the clock is running"),
            ("CC", "we see it\n and hear it"),
            ("CC", "go"),
            ("LCC", "note: nothing"),
            ("CDR", "yes"),
            ("CDR", "and on"),
            ("CC", "out"),
            ("CDR", "out"),
            ("LCC", "out"),
            ("Кедр", "вижу"),
            ("Заря 1 (Каманин)", "понял"),
            ("Кедр", "да"),
            ("Заря 1 (Каманин)", "да"),
            ("Заря 1 (Каманин)", "всё"),
        ]
        assert rows[1]["parts"][0]["text"] == "page: 8\ntape: Tape 1/1"
        notices = [r for r in rows if r["kind"] == Kind.NOTICE]
        assert [r["sender_name"] for r in notices] == [None, None]
        assert "a.jpg" in notices[0]["text"]
        assert "_page : 9" in notices[1]["text"]

    def test_two_who_speak_under_one_time_share_it(self, tmp_path: Path) -> None:
        rows = read(self.place(tmp_path, self.sample()))
        first, second = rows[1:3]
        assert first["earliest_us"] == second["earliest_us"]
        assert second["original"] == b"CC: we see it\n and hear it"


def test_real_missions_have_a_record_for_each_who_speaks(data_set: Callable[[str], Path]) -> None:
    missions = data_set("mission-transcripts") / "apollo/spacelog/missions"
    spoken = counted = 0
    for path in sorted(missions.glob("*/transcripts/*")):
        if path.name in {"_meta", "MEDIA"} or not path.stat().st_size:
            continue
        rows = read(path)
        spoken += sum(row["kind"] == Kind.SAID for row in rows)
        # Counted another way: lines that begin with a name and a colon.
        lines = re.findall(
            r"(?m)^(?![ \t_\[#])[^\n:\[\]{}\"]{1,60}:(?:[ \t]|$)", path.read_text(encoding="utf-8")
        )
        counted += len(lines)
        assert len({row["sender_name"] for row in rows}) < 25
    assert counted == 55_334
    assert abs(spoken - counted) <= 10
