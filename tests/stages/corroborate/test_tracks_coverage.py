"""A gap is told from what else was received in it; a silence is an observation with alternatives."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence

import pytest

from pastwatch.errors import BadValue
from pastwatch.model import track as words
from pastwatch.model.track import TrackGap, TrackKind, TrackSilence, Window
from pastwatch.stages.corroborate.tracks import coverageoftracks
from pastwatch.stages.corroborate.tracks.coverageoftracks import gaps_of, listening_of, subjects_of
from pastwatch.stages.corroborate.tracks.positions import Positions
from pastwatch.stages.corroborate.tracks.reading import ReadAs, Reading, read
from pastwatch.stages.corroborate.tracks.summary import tracks_of

T0_S = 1_935_828_000
INTENT = re.compile(
    r"\b(intent\w*|deliberate\w*|purpose\w*|on purpose|hid(e|es|ing|den)|conceal\w*|evad\w*|"
    r"suspicious\w*|dark ship|went dark|illegal\w*|motive\w*|wanted|meant to|tried to|in order to)\b",
    re.IGNORECASE,
)


def read_times(
    times: dict[str, Sequence[int]], *, heard: Sequence[int] = (), kind: str = "vessel"
) -> Reading:
    """Subjects with a position at each of so many seconds; the first is heard without one too."""
    rows = [
        f"{T0_S + s},{50 + s / 1e6:.6f},{1 + at},{name}"
        for at, (name, seconds) in enumerate(times.items())
        for s in seconds
    ]
    rows += [f"{T0_S + s},,,{next(iter(times))}" for s in heard]
    raw = ("time,lat,lon,id\n" + "\n".join(rows)).encode()
    return read([lambda: raw], ReadAs(kind=TrackKind.CSV, subject_kind=kind))


def gaps(
    positions: Positions, *, windows: Sequence[Window] = (), kind: str = "vessel", end: bool = False
) -> list[TrackGap]:
    listening = listening_of(positions, windows, subject_kind=kind)
    return gaps_of(positions, 0, listening, with_end=end)


STEADY = range(0, 3600, 10)
BROKEN = [s for s in STEADY if not 600 < s < 1800]


def test_silent_while_others_are_received_is_an_observation_of_the_subject() -> None:
    (gap,) = gaps(read_times({"a": BROKEN, "b": STEADY, "c": STEADY}).positions)
    assert gap.silence is TrackSilence.SUBJECT
    assert gap.others == 2
    assert gap.length_s == 1200
    assert gap.covered_s == 1200
    assert gap.own_interval_s == 10
    assert gap.nearest_other_m == pytest.approx(71_500, rel=0.01)
    assert len(gap.alternatives) >= 3


def test_silent_with_everybody_else_is_a_receiver_gap() -> None:
    (gap,) = gaps(read_times({"a": BROKEN, "b": BROKEN, "c": BROKEN}).positions)
    assert gap.silence is TrackSilence.RECEIVER
    assert gap.covered_s == 0
    assert gap.alternatives == ()


def test_silent_longer_than_the_receiver_is_partly_a_receiver_gap() -> None:
    others = [s for s in STEADY if not 600 < s < 1200]
    (gap,) = gaps(read_times({"a": BROKEN, "b": others}).positions)
    assert gap.silence is TrackSilence.PARTLY
    assert gap.covered_s == pytest.approx(600, abs=20)


def test_heard_without_a_position_is_said_so() -> None:
    (gap,) = gaps(read_times({"a": BROKEN, "b": STEADY}, heard=[900, 1000]).positions)
    assert gap.silence is TrackSilence.NO_POSITION
    assert gap.heard == 2


def test_one_subject_alone_tells_nothing_of_coverage() -> None:
    (gap,) = gaps(read_times({"a": BROKEN}).positions)
    assert gap.silence is TrackSilence.UNKNOWN
    assert gap.covered_s == 0
    assert gap.others == 0


def test_a_device_that_records_itself_is_no_receiver_of_others() -> None:
    positions = read_times({"a": BROKEN, "b": STEADY}, kind="device").positions
    (gap,) = gaps(positions, kind="device")
    assert gap.silence is TrackSilence.UNKNOWN
    (alone,) = gaps(read_times({"a": BROKEN}, kind="device").positions, kind="device")
    assert any("recorder" in said for said in alone.alternatives)


def test_stated_windows_win_over_what_is_derived() -> None:
    positions = read_times({"a": BROKEN}).positions
    inside = Window(start_us=T0_S * 10**6, end_us=(T0_S + 3600) * 10**6, stated_by="the port")
    outside = Window(start_us=T0_S * 10**6, end_us=(T0_S + 600) * 10**6, stated_by="the port")
    assert gaps(positions, windows=[inside])[0].silence is TrackSilence.STATED
    assert gaps(positions, windows=[outside])[0].silence is TrackSilence.RECEIVER
    half = Window(start_us=T0_S * 10**6, end_us=(T0_S + 1200) * 10**6, stated_by="the port")
    assert gaps(positions, windows=[half, outside])[0].covered_s == pytest.approx(600)


def test_not_being_received_again_is_shown_when_asked() -> None:
    positions = read_times({"a": range(0, 600, 10), "b": STEADY}).positions
    assert gaps(positions) == []
    (last,) = gaps(positions, end=True)
    assert last.is_last
    assert last.silence is TrackSilence.SUBJECT
    assert last.others == 1


def test_a_track_too_short_to_have_an_interval_has_no_gaps() -> None:
    positions = read_times({"a": [0, 10, 3000], "b": STEADY}).positions
    assert gaps(positions, end=True) == []
    assert subjects_of(positions)[-1].own_interval_s is None


def test_a_gap_is_a_multiple_of_the_tracks_own_interval() -> None:
    slow = [*range(0, 1800, 60), *range(1800 + 300, 3600, 60)]
    assert gaps(read_times({"a": slow, "b": STEADY}).positions) == []
    quick = [*range(0, 1800, 5), *range(1800 + 300, 3600, 5)]
    assert len(gaps(read_times({"a": quick, "b": STEADY}).positions)) == 1


def test_a_silence_with_fewer_than_three_readings_cannot_be_made() -> None:
    with pytest.raises(BadValue, match="at least three"):
        TrackGap(
            subject="a", start_us=0, end_us=1, silence=TrackSilence.SUBJECT, own_interval_s=1,
            others=1, covered_s=1, alternatives=("it was switched off",),
        )  # fmt: skip


def test_no_word_of_intent_stands_anywhere_near_a_silence() -> None:
    said = [*words.ALTERNATIVES, *words.RECORDER_ALTERNATIVES, words.IDENTITY_NOTE, *TrackSilence]
    assert len(words.ALTERNATIVES) >= 3
    assert len(words.RECORDER_ALTERNATIVES) >= 3
    for text in said:
        assert not INTENT.search(str(text)), text
    for module in (words, coverageoftracks):
        assert not INTENT.search(inspect.getsource(module).replace("wanted:", ""))


def test_tracks_are_summed_up_for_the_case() -> None:
    reading = read_times({"a": BROKEN, "b": STEADY, "c": STEADY})
    tracks, _ = tracks_of(reading, title="AIS", subject="", files=[_file()])
    assert tracks.positions == len(BROKEN) + 2 * len(STEADY)
    assert tracks.subject_count == 3
    assert [s.subject for s in tracks.subjects] == ["b", "c", "a"]
    assert tracks.coverage == "by what the receiver reported of all subjects"
    assert [g.silence for g in tracks.gaps] == [TrackSilence.SUBJECT]
    assert tracks.slack_before_us == 0


def test_times_of_unknown_zone_are_intervals_and_take_no_stated_windows() -> None:
    raw = b"time,lat,lon\n2031-05-06 10:00:00,50,1\n"
    reading = read([lambda: raw], ReadAs(kind=TrackKind.CSV))
    tracks, _ = tracks_of(reading, title="t", subject="", files=[_file()])
    assert tracks.zone == "unknown"
    assert (tracks.slack_before_us, tracks.slack_after_us) == (14 * 3600 * 10**6, 12 * 3600 * 10**6)
    window = Window(start_us=0, end_us=1, stated_by="x")
    with pytest.raises(BadValue, match="zone is unknown"):
        tracks_of(reading, title="t", subject="", files=[_file()], windows=[window])


def test_a_file_without_a_single_position_says_why() -> None:
    raw = b"time,lat,lon\nnoon,50,1\n"
    reading = read([lambda: raw], ReadAs(kind=TrackKind.CSV))
    with pytest.raises(BadValue, match="1 × no time that can be read"):
        tracks_of(reading, title="t", subject="", files=[_file()])


def _file() -> words.TrackFile:
    return words.TrackFile(record_id=bytes(16), name="f.csv", sha256=bytes(32), size_bytes=1)
