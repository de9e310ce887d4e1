"""The text of a watch is read exactly, bound by its hash, and refused with the line that is wrong."""

from __future__ import annotations

import hashlib

import pytest

from pastwatch.errors import UsageError
from pastwatch.model.watch import Per, Severity
from pastwatch.stages.watch.standing import TEMPLATE, read_watch, seconds_of

TEXT = """
watch = "valve-room"
version = 2
owner = "ana"
purpose = "chlorine at the bridge"
authority = "standing-1"
alerts_a_day = 20
horizon = "24h"
query = 'chlorine NEAR/3 bridge'
sources = ["utility-mail"]

[[count]]
at_least = 5
within = "1h"
per = "conversation"
query = "van"

[[rise]]
query = "chlorine OR хлор*"
times = 5
within = "6h"
baseline = "14d"
"""


def test_a_watch_says_what_its_text_says() -> None:
    raw = TEXT.encode()
    watch = read_watch(raw)
    assert (watch.name, watch.version, watch.owner) == ("valve-room", 2, "ana")
    assert watch.text_sha256 == hashlib.sha256(raw).hexdigest()
    assert watch.severity is Severity.WARNING
    assert watch.horizon_s == 86_400
    (count,) = watch.counts
    assert (count.at_least, count.within_s, count.per) == (5, 3600, Per.CONVERSATION)
    (rise,) = watch.rises
    assert (rise.times, rise.within_s, rise.baseline_s) == (5.0, 21_600, 1_209_600)


def test_one_byte_more_is_another_text() -> None:
    assert read_watch(TEXT.encode()).text_sha256 != read_watch(TEXT.encode() + b"\n").text_sha256


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('owner = "ana"', "", "owner"),
        ('owner = "ana"', 'owner = ""', "owner"),
        ("version = 2", 'version = "2"', "'version'"),
        ("version = 2", "version = true", "'version'"),
        ("version = 2", "version = 0", "version from 1"),
        ('"24h"', '"a day"', "no stretch of time"),
        ('"24h"', '"0h"', "no stretch of time"),
        ("chlorine NEAR/3 bridge", "chlorine NEAR/", "does not parse"),
        ('query = "van"', 'query = "(van"', "does not parse"),
        ('query = "van"', 'queries = "van"', "no line 'queries'"),
        ("[[count]]", "[count]", r"\[\[count\]\]"),
        ('per = "conversation"', 'per = "town"', "no way to count"),
        ('baseline = "14d"', 'baseline = "1h"', "shorter than its baseline"),
        ("times = 5", 'times = "5"', "'times'"),
        ('["utility-mail"]', '"utility-mail"', "list of texts"),
        ('watch = "valve-room"', 'watch = "Valve room"', "small letters"),
        ("version = 2", "version = ", "does not parse as TOML"),
        ("alerts_a_day = 20", "alerts_a_day = 20\nalert = 1", "no line 'alert'"),
    ],
)
def test_a_line_that_does_not_fit_is_named(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(UsageError, match=said):
        read_watch(TEXT.replace(old, new).encode())


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"[[", b"a" * 300_000, b""])
def test_what_is_no_text_of_a_watch_is_refused(raw: bytes) -> None:
    with pytest.raises(UsageError):
        read_watch(raw)


def test_a_watch_for_nothing_is_refused() -> None:
    head = TEXT.split("query = 'chlorine", maxsplit=1)[0]
    with pytest.raises(UsageError, match="watches for something"):
        read_watch(head.encode())


def test_the_template_asks_for_what_is_missing() -> None:
    with pytest.raises(UsageError, match="purpose, authority"):
        read_watch(TEMPLATE.format(person="ana").encode())


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30min", 1800), ("6h", 21_600), ("14 d", 1_209_600)]
)
def test_stretches_of_time_are_read(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds
