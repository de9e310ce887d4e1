"""TextGrid and ELAN: tiers are speakers, times count from the epoch, no label is lost."""

from pathlib import Path
from typing import Any, ClassVar

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors import elan, textgrid
from pastwatch.testing.connectors import ConnectorConformance

EPOCH = "2017-04-04T06:00:00+03:00"
EPOCH_US = 1_491_274_800_000_000
LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 6.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "Anna 1"
        xmin = 0
        xmax = 6.5
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1.25
            text = "the ""old"" ferry"
        intervals [2]:
            xmin = 1.25
            xmax = 3
            text = ""
        intervals [3]:
            xmin = 3
            xmax = 6.5
            text = "мост 12 shut"
    item [2]:
        class = "TextTier"
        name = "Omar"
        xmin = 0
        xmax = 6.5
        points: size = 2
        points [1]:
            number = 2.5
            mark = "a bell"
        points [2]:
            number = 4
            mark = "two bells"
"""
SHORT = """File type = "ooTextFile short"
"TextGrid"

0
6.5
<exists>
2
"IntervalTier"
"Anna 1"
0
6.5
3
0
1.25
"the ""old"" ferry"
1.25
3
""
3
6.5
"мост 12 shut"
"TextTier"
"Omar"
0
6.5
2
2.5
"a bell"
4
"two bells"
"""
EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2017-04-05T00:00:00+03:00" FORMAT="3.0">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"/>
<TIME_ORDER>
<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="ts2"/>
<TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="4000"/>
</TIME_ORDER>
<TIER LINGUISTIC_TYPE_REF="x" PARTICIPANT="Anna" TIER_ID="A-words">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts3">
<ANNOTATION_VALUE>мост &lt;shut&gt; &amp; quiet</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
<ANNOTATION_VALUE>early</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
</TIER>
<TIER PARENT_REF="A-words" TIER_ID="translation">
<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a3" ANNOTATION_REF="a1"><ANNOTATION_VALUE>bridge shut</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a4" ANNOTATION_REF="none"><ANNOTATION_VALUE/></REF_ANNOTATION></ANNOTATION>
</TIER>
</ANNOTATION_DOCUMENT>
"""


def read(connector: Any, path: Path, **options: str) -> list[dict[str, Any]]:
    found = list(connector.read(path, options))
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


class TestLongTextGrid(ConnectorConformance):
    connector = textgrid.CONNECTOR
    suffix = ".TextGrid"
    options: ClassVar = {"epoch": EPOCH}
    form: ClassVar = LONG
    charset: ClassVar = "utf-8"

    def sample(self) -> bytes:
        return self.form.encode(self.charset)

    def test_each_label_has_its_tier_and_times(self, tmp_path: Path) -> None:
        rows = read(self.connector, self.place(tmp_path, self.sample()), epoch=EPOCH)
        assert [
            (r["sender_name"], r["text"], r["earliest_us"] - EPOCH_US, r["latest_us"] - EPOCH_US)
            for r in rows
        ] == [
            ("Anna 1", 'the "old" ferry', 0, 1_250_000),
            ("Anna 1", "мост 12 shut", 3_000_000, 6_500_000),
            ("Omar", "a bell", 2_500_000, 2_500_000),
            ("Omar", "two bells", 4_000_000, 4_000_000),
        ]
        assert not any(row["defects"] for row in rows)

    def test_an_original_is_the_lines_of_its_label(self, tmp_path: Path) -> None:
        rows = read(self.connector, self.place(tmp_path, self.sample()))
        charset = "utf-16-le" if self.charset == "utf-16" else self.charset
        shown = [row["original"].decode(charset).split() for row in rows]
        assert shown[0][-3:] == ['"the', '""old""', 'ferry"']
        assert shown[0][0] in {"intervals", "0"}
        assert shown[3][0] in {"points", "4"}
        assert all(row["defects"] == Defect.NO_DATE for row in rows)


class TestShortTextGrid(TestLongTextGrid):
    form: ClassVar = SHORT


class TestWideTextGrid(TestLongTextGrid):
    charset: ClassVar = "utf-16"


class TestShortWideTextGrid(TestLongTextGrid):
    form: ClassVar = SHORT
    charset: ClassVar = "utf-16"


class TestElan(ConnectorConformance):
    connector = elan.CONNECTOR
    suffix = ".eaf"
    options: ClassVar = {"epoch": EPOCH}

    def sample(self) -> bytes:
        return EAF.encode()

    def test_each_annotation_has_its_speaker_and_times(self, tmp_path: Path) -> None:
        first, early, translated, lost = read(
            self.connector, self.place(tmp_path, self.sample()), epoch=EPOCH
        )
        assert (first["sender_name"], first["text"]) == ("Anna", "мост <shut> & quiet")
        assert (first["earliest_us"], first["latest_us"]) == (EPOCH_US, EPOCH_US + 4_000_000)
        assert (early["latest_us"], early["defects"]) == (
            EPOCH_US + 4_000_000,
            Defect.AMBIGUOUS_DATE,
        )
        assert (translated["sender_name"], translated["reply_to"]) == ("translation", "a1")
        assert translated["latest_us"] == first["latest_us"]
        assert (lost["text"], lost["defects"]) == ("", Defect.NO_DATE)
        assert first["original"].startswith(b"<ALIGNABLE_ANNOTATION")
        assert first["original"].endswith(b"</ALIGNABLE_ANNOTATION>")
