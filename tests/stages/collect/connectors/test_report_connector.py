"""Articles: header lines in any order, headlines, both times, and nothing of a page lost."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors import report, webpages
from pastwatch.stages.collect.connectors.writtendates import WrittenDates
from pastwatch.testing.connectors import ConnectorConformance, accounted

DAY_US = 24 * 3600 * 1_000_000
PLAIN = """SOURCE: The Harbour Post

TITLE: FERRY STOPS

AUTHOR: Anna Berg
PUBLISHED: 2017/04/04
UPDATED: 5 April 2017 14:05

LOCATION: Nordhaven

The ferry does not sail today.

0930 - The bridge is shut.
1015 - Мост открыт.
Corrected: the bridge was never shut
"""
PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Ferry stops | The Harbour Post</title>
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle",
"headline":"Ferry stops","datePublished":"2017-04-04T06:30:00+03:00","dateModified":"2017-04-04T09:30:00+03:00",
"author":[{"@type":"Person","name":"Anna Berg"},{"name":"Omar Weir"}],"publisher":{"name":"The Harbour Post"}}]}</script>
</head><body><nav>weather and sport</nav>
<article><h1>Ferry stops</h1><p>The ferry does not sail today, the harbour office said on Tuesday,
and nobody could say when it would sail again.</p><p>Мост is shut as well.</p></article>
<footer>a word in the footer</footer></body></html>
"""


def read(path: Path, **options: str) -> dict[str, Any]:
    found = list(report.CONNECTOR.read(path, options))
    assert accounted(found) == {path.name: path.stat().st_size}
    (row,) = [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]
    assert row["original"] == path.read_bytes()
    return dict(row)


def article(tmp_path: Path, content: str, **options: str) -> dict[str, Any]:
    path = tmp_path / "article.txt"
    path.write_text(content, encoding="utf-8", newline="")
    return read(path, **options)


class TestPlainArticle(ConnectorConformance):
    connector = report.CONNECTOR
    least_records = 1

    def sample(self) -> bytes:
        return PLAIN.encode()


class TestPage(ConnectorConformance):
    connector = report.CONNECTOR
    suffix = ".html"
    least_records = 1
    options: ClassVar = {"zone": "+03:00"}

    def sample(self) -> bytes:
        return PAGE.encode()


def test_header_lines_become_fields_and_stay_as_stated(tmp_path: Path) -> None:
    row = article(tmp_path, PLAIN, zone="UTC")
    assert row["subject"] == "FERRY STOPS"
    assert (row["sender_address"], row["sender_name"]) == ("The Harbour Post", "Anna Berg")
    assert row["area"] == "Nordhaven"
    assert row["latest_us"] - row["earliest_us"] == DAY_US + (14 * 60 + 6) * 60_000_000 - 1
    assert row["text"].startswith("The ferry does not sail today.\n\n0930")
    stated = row["parts"][0]["text"]
    assert "published: 2017/04/04\nupdated: 5 April 2017 14:05" in stated
    assert "mark: Corrected: the bridge was never shut" in stated
    assert row["defects"] == Defect.NONE


def test_without_a_zone_a_day_is_wider_and_flagged(tmp_path: Path) -> None:
    row = article(tmp_path, "SOURCE: A\nTITLE: B\nPUBLISHED: 2017/04/04\n\nwords")
    assert row["latest_us"] - row["earliest_us"] == DAY_US + 26 * 3600 * 1_000_000 - 1
    assert row["defects"] == Defect.AMBIGUOUS_DATE


@pytest.mark.parametrize(
    ("header", "byline", "defects"),
    [
        ("PUBLISHED: By Anna Berg\n\n2017/04/04\n", "Anna Berg", Defect.FALLBACK),
        ("AUTHOR: 4 April 2017\nPUBLISHED: FERRY STOPS\n", None, Defect.FALLBACK),
        ("PUBLISHED: 4 April 2017  1405\n", None, Defect.NONE),
        ("PUBLISHED: soon\nAUTHOR: Anna\n", "Anna", Defect.BAD_DATE),
        ("AUTHOR: Anna\n", "Anna", Defect.NO_DATE),
    ],
)
def test_a_date_under_another_name_is_found_or_its_lack_is_said(
    tmp_path: Path, header: str, byline: str | None, defects: Defect
) -> None:
    row = article(tmp_path, f"SOURCE: Post\nTITLE: Ferry\n{header}\nwords", zone="UTC")
    assert row["sender_name"] == byline
    assert row["defects"] == defects
    assert (row["earliest_us"] is None) == bool(defects & (Defect.BAD_DATE | Defect.NO_DATE))


def test_a_headline_does_not_run_into_the_first_sentence(tmp_path: Path) -> None:
    row = article(
        tmp_path, "Ferry stops at the pier\n\nUpdated\n\nThe ferry is late.\n\nSo it is.\n"
    )
    assert row["subject"] == "Ferry stops at the pier"
    assert row["text"] == "Updated\n\nThe ferry is late.\n\nSo it is."
    assert row["parts"][0]["text"] == "mark: Updated"
    assert row["defects"] == Defect.NO_DATE | Defect.NO_SENDER


def test_a_page_states_its_times_and_loses_no_word(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    row = read(path)
    assert row["subject"] == "Ferry stops"
    assert (row["sender_address"], row["sender_name"]) == (
        "The Harbour Post",
        "Anna Berg, Omar Weir",
    )
    assert row["latest_us"] - row["earliest_us"] == 3 * 3600 * 1_000_000
    assert "published: 2017-04-04T06:30:00+03:00" in row["parts"][0]["text"]
    everything = "\n".join([row["text"], *(part["text"] for part in row["parts"])])
    for words in ("does not sail", "Мост is shut", "weather and sport", "a word in the footer"):
        assert words in everything


def test_without_the_extra_a_page_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webpages, "_extractor", lambda: None)
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    row = read(path)
    assert "weather and sport" in row["text"]
    assert "a word in the footer" in row["text"]


@pytest.mark.parametrize(
    "head",
    [
        b"From: a@b.org\nDate: Tue, 4 Apr 2017 06:30:00 +0300\nSubject: x\n\nwords",
        b"Title: a book\n\nwords and words",
        b"Some notes\n\nwords and words. More words.",
        b'{"title": "x", "source": "y"}',
        bytes(range(256)),
    ],
)
def test_what_is_no_article_is_not_claimed(head: bytes, tmp_path: Path) -> None:
    assert report.CONNECTOR.recognises(tmp_path / "x.txt", head) == 0


@pytest.mark.parametrize(
    ("written", "readings"),
    [
        ("2017/04/09", 1),
        ("09/04/2017", 2),
        ("19/04/2017", 1),
        ("9. April 2017", 1),
        ("April 9th, 2017, 2:05 pm EST", 1),
        ("20170409", 1),
        ("Sunday, 9 April 2017 at 14.05", 1),
        ("31/31/2017", 0),
        ("9 Smarch 2017", 0),
        ("April 31, 2017", 0),
    ],
)
def test_a_written_date_keeps_every_reading(written: str, readings: int) -> None:
    moment = WrittenDates({"zone": "UTC"}).read(written)
    assert (moment is not None) == (readings > 0)
    if moment:
        assert moment.has_zone == (readings == 1)


def test_one_date_decides_the_order_of_all() -> None:
    dates = WrittenDates({"zone": "UTC"})
    dates.learn(["09/04/2017", "19/04/2017"])
    moment = dates.read("09/04/2017")
    assert moment == WrittenDates({"zone": "UTC"}).read("9 April 2017")


def test_real_articles_name_their_outlet_and_day(data_set: Callable[[str], Path]) -> None:
    folder = data_set("kronos-2021") / "vast/2021_mc1/MC1/News Articles"
    files = sorted(folder.glob("*/*.txt"))
    outlets: Counter[str] = Counter()
    dated = 0
    for path in files:
        assert report.CONNECTOR.recognises(path, path.read_bytes()[:65536]) > 50
        row = read(path)
        outlets[row["sender_address"]] += 1
        dated += row["earliest_us"] is not None
    # Counted another way: the first line of each file, and the folders.
    named = Counter(
        re.search(rb"SOURCE:([^\n]*)", path.read_bytes())[1].strip().decode()  # type: ignore[index]
        for path in files
    )
    assert outlets == named
    assert (len(files), len(outlets), dated) == (845, 29, 845)
