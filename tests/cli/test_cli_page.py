"""How a hit and its record look: the place marked, cut between characters, nothing obeyed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.cli.page import between, hit_line, print_neighbours, print_record, snippet
from pastwatch.model.party import Party
from pastwatch.model.record import Citation, Envelope, Part, Record
from pastwatch.model.when import Basis, When

AT = 1_491_246_840_000_000


def record_of(
    text: str, *, subject: str = "", parts: tuple[Part, ...] = (), recipients: int = 1
) -> Record:
    envelope = Envelope(
        record_id=bytes(16),
        source_id="s",
        medium="mail",
        claimed=When(earliest_us=AT, latest_us=AT, basis=Basis.HEADER),
        held_us=AT,
        size_bytes=1,
        account_tokens=(),
        conversation_token=bytes(8),
    )
    return Record(
        envelope=envelope,
        source_sha256=bytes(32),
        sender=Party(address="a@b.example", name="Eve\x1b]0;x\x07\u202e"),
        recipients=tuple(Party(address=f"r{n}@b.example") for n in range(recipients)),
        conversation="talk",
        native_id="",
        reply_to="",
        subject=subject,
        text=text,
        parts=parts,
    )


def at(text: str, words: str, *, part: int = 0) -> tuple[Citation, list[tuple[int, int, int]]]:
    start = text.encode().index(words.encode())
    end = start + len(words.encode())
    cited = Citation(
        record_id=bytes(16), part=part, start_byte=start, end_byte=end, text_sha256=bytes(32)
    )
    return cited, [(part, start, end)]


def test_a_hit_is_one_line_in_which_nothing_is_obeyed() -> None:
    text = "before\nthe \x1b[31mred\u202e van"
    cited, spans = at(text, "red")
    line = hit_line(
        "h3", record_of(text), spans, cited, source="mail", offset_s=10_800, colour=False
    )
    assert line == (
        "h3    2017-04-03 22:14 +03:00  mail  Eve␛]0;x␇⟨U+202E⟩ → r0@b.example   "
        "before the ␛[31m[red]⟨U+202E⟩ van"
    )


def test_on_a_terminal_the_place_is_bold() -> None:
    text = "the red van"
    cited, spans = at(text, "red")
    shown = snippet(record_of(text), spans, cited, columns=80, colour=True)
    assert shown == "the \x1b[1mred\x1b[0m van"


def test_a_long_text_is_cut_on_both_sides_and_says_so() -> None:
    text = "старое слово " * 50 + "красный фургон" + " новое слово" * 50
    cited, spans = at(text, "красный фургон")
    shown = snippet(record_of(text), spans, cited, columns=60, colour=False)
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "[красный фургон]" in shown
    assert "\ufffd" not in shown


@given(st.text(max_size=60), st.text(min_size=1, max_size=8), st.text(max_size=60))
def test_a_snippet_never_cuts_a_character(before: str, words: str, after: str) -> None:
    text = (before + words + after).replace("\ufffd", "?")
    if any("\ud800" <= c <= "\udfff" for c in text):
        text = words = "plain"
        before = ""
    start = len(before.replace("\ufffd", "?").encode())
    end = start + len(words.replace("\ufffd", "?").encode())
    cited = Citation(
        record_id=bytes(16), part=0, start_byte=start, end_byte=end, text_sha256=bytes(32)
    )
    shown = snippet(record_of(text), [(0, start, end)], cited, columns=40, colour=False)
    assert "\ufffd" not in shown
    assert "[" in shown


def test_a_hit_in_the_subject_says_where_it_is() -> None:
    cited, spans = at("red van", "red", part=-1)
    shown = snippet(record_of("", subject="red van"), spans, cited, columns=80, colour=False)
    assert shown == "subject: [red] van"


def test_many_recipients_are_counted() -> None:
    assert between(record_of("", recipients=3)).endswith("→ r0@b.example +2")
    assert between(record_of("", recipients=0)).endswith("→ talk")


def test_a_record_is_shown_whole_with_its_attachments(capsys: pytest.CaptureFixture[str]) -> None:
    part = Part(
        name="x\u202etxt.exe", media_type="text/plain", size_bytes=3, sha256=bytes(32), text="key"
    )
    record = record_of("one\x07\ntwo", subject="s\x1bs", parts=(part,))
    print_record("h1", record, [(1, 0, 3)], source="mail", offset_s=0, colour=False)
    printed = capsys.readouterr().out
    assert "subject     s␛s\n\none␇\ntwo\n" in printed
    assert "attachment 1: x⟨U+202E⟩txt.exe (text/plain, 3 B)\n[key]\n" in printed


def test_a_long_neighbour_is_cut_and_the_cut_counted(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\n".join(f"line {n}" for n in range(10))
    print_neighbours([record_of(text)], offset_s=0, colour=False)
    printed = capsys.readouterr().out
    assert "    line 5\n    … 4 more lines\n" in printed
    assert "line 6" not in printed
