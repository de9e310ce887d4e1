"""What is measured on is made fresh, never repeated, and its questions fit its text."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.questions import KINDS, Question

from benchmarks import corpora, given, inputs, questions, stores


def test_chains_of_words_are_the_same_for_a_seed_and_never_repeat_a_text() -> None:
    lines = ["the ship left port", "the port was closed at night", "a ship at night"]
    made = list(inputs._chains(lines, 40_000, seed=2))  # noqa: SLF001 - what the inputs are made of
    assert made == list(inputs._chains(lines, 40_000, seed=2))  # noqa: SLF001 - the same
    assert len(set(made)) == len(made)
    assert sum(len(text.encode()) for text in made) >= 40_000


def test_a_real_set_that_is_not_there_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PASTWATCH_DATA", raising=False)
    assert inputs.prepared("lists", tmp_path) is None
    monkeypatch.setenv("PASTWATCH_DATA", str(tmp_path))
    assert inputs.prepared("cyrillic", tmp_path) is None


def test_much_synthetic_mail_is_mailboxes_that_follow_each_other_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "PART_MEGABYTES", 1)
    made = corpora.named("town-2MB", cache=tmp_path)
    early, late = sorted(made.path.iterdir())
    days = [file.read_bytes().split(b"Date: ")[1][5:7] for file in (early, late)]
    assert days == [b"20", b"02"]  # from 20 April on, each half of 24 days
    lines = [set(file.read_bytes().splitlines()) for file in (early, late)]
    assert len(lines[0] & lines[1]) < len(lines[0]) / 10
    table = given.columns(inputs.Input("town", tmp_path / "town-7-2", "synthetic"), tmp_path)
    times = pq.read_table(table)["sent_us"].to_pylist()
    assert len(times) > 500
    assert times == sorted(times)


def test_call_records_need_no_real_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASTWATCH_DATA", raising=False)
    monkeypatch.setattr(inputs, "CALLS_COUNT", 200)
    made = inputs.prepared("calls", tmp_path)
    assert made is not None
    lines = (made.path / "calls.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 201
    assert lines[0] == "time,sender,recipients,text"


@pytest.fixture
def columns(tmp_path: Path) -> Path:
    """Parsed columns of 600 invented mails."""
    few = [f"word{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}" for n in range(600)]
    body = [
        f"the harbour was closed {few[n]} {'quietly' if n % 3 else 'loudly'}" for n in range(600)
    ]
    table = pa.table(
        {
            "id": list(range(600)),
            "sender": [f"p{n % 7}@unit.example" for n in range(600)],
            "sent_us": [1_500_000_000_000_000 + n * 3_600_000_000 for n in range(600)],
            "body": body,
        }
    )
    path = tmp_path / "made.parquet"
    pq.write_table(table, path)
    return path


def test_every_kind_of_question_is_asked_and_kept_for_the_next_process(columns: Path) -> None:
    asked = questions.chosen(columns, columns.parent)
    assert [q.kind for q in asked] == list(KINDS)
    assert questions.chosen(columns, columns.parent) == asked


def test_words_are_chosen_by_how_often_they_occur(columns: Path) -> None:
    by_kind = {q.kind: q for q in questions.chosen(columns, columns.parent)}
    bodies = pq.read_table(columns, columns=["body"])["body"].to_pylist()
    common = sum(by_kind["common word"].words[0] in b.split() for b in bodies)
    assert common == 200
    assert not any(by_kind["absent word"].words[0] in b for b in bodies)
    window = by_kind["window"]
    assert window.account.endswith("@unit.example")
    assert window.start_us < window.end_us


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (Question("full scan", ("abc",)), "*abc*"),
        (Question("phrase", ("at", "night")), '"at night"'),
        (Question("three words", ("a1", "b2", "c3")), "a1 b2 c3"),
        (Question("100 words", ("a1", "b2")), "a1 OR b2"),
        (Question("20 patterns", ("a+b", "c+d")), "/a+b/ OR /c+d/"),
        (
            Question("window", ("night",), "p@unit.example", 0, 86_400_000_000),
            (
                'from:"p@unit.example" after:1970-01-01T00:00:00+00:00 '
                "before:1970-01-02T00:00:00+00:00 night"
            ),
        ),
    ],
)
def test_a_question_is_said_in_our_query_language(question: Question, text: str) -> None:
    assert question.text == text


def test_a_peer_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(stores.NotInstalled, match="not installed"):
        stores.named("ripgrep over zstd -dc")


def test_sqlite_answers_what_its_columns_hold(columns: Path, tmp_path: Path) -> None:
    rows = pq.read_table(columns)
    for name in ("recipients", "subject"):
        rows = rows.append_column(name, pa.array([""] * rows.num_rows))
    pq.write_table(rows, columns)
    store = stores.named("SQLite FTS5")
    folder = tmp_path / "fts"
    folder.mkdir()
    store.build(store.load(columns), folder)
    ask = store.opened(folder)
    assert ask(Question("common word", ("loudly",))) == 200
    assert ask(Question("phrase", ("the", "harbour"))) == 600
    assert ask(Question("absent word", ("nowhere",))) == 0
    assert ask(Question("full scan", ("harb",))) is None
    assert store.size_bytes(folder) > 0
