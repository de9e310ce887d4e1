"""A folder made to harm who verifies it is read within bounds, inside itself, and without effect."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.stages.brief.altering import Files, canonical, edited, own_archive, relisted_release

from pastwatch.stages.brief.release import shipped_verifier
from pastwatch.stages.brief.verifier import Report, main, verify
from pastwatch.stages.brief.verifier_notice import is_signed, line_of, verdict
from pastwatch.stages.brief.verifier_reading import (
    LINES_SHOWN,
    LONGEST_LINE,
    file_bytes,
    is_file_name,
    parsed,
)

Write = Callable[[Files], Path]
READ = ("brief.html", "brief.json", "proofs.json", "ledger.json", "verify.py")
ESCAPES = "\x1b[2J\u202e\x07"


@pytest.fixture(scope="module")
def files(world: Any) -> Files:
    return dict(world.release())


def as_found(folder: Path) -> dict[str, tuple[int, int]]:
    return {p.name: (p.lstat().st_size, p.lstat().st_mtime_ns) for p in folder.iterdir()}


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _link(path: Path) -> None:
    path.with_name("elsewhere").write_bytes(path.with_name("kept").read_bytes())
    path.symlink_to("elsewhere")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes as files")
@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("made", [_pipe, _folder, _endless, _link])
def test_what_is_no_plain_file_is_not_read_and_is_named(
    made: Callable[[Path], None], name: str, files: Files, written: Write
) -> None:
    folder = written({**files, "kept": files[name]})
    (folder / name).unlink()
    made(folder / name)
    before = as_found(folder)
    problems = verify(folder).problems
    assert f"{name} is a link, or no plain file, and was not read" in problems or (
        name == "ledger.json" and "ledger.json does not read, or lacks something" in problems
    )
    assert as_found(folder) == before


@pytest.mark.parametrize("name", ["brief.json", "proofs.json", "ledger.json"])
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[1]",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"9" * 400_000,
        b'{"sentences":5,"records":5,"entries":5}',
        b'{"sentences":null,"records":null,"entries":null,"checkpoint":null}',
        b'{"sentences":[1],"records":{},"entries":{},"checkpoint":"","release":[]}',
        b'{"r1":{"sequence":1e999}}',
        b"\xff\xfe\x00",
        b"\x00" * 1000,
        b'"\\ud800"',
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_json_that_is_none_of_ours_is_a_problem_and_no_traceback(
    name: str, raw: bytes, files: Files, written: Write
) -> None:
    assert not verify(written({**files, name: raw})).is_sound


def test_a_key_that_stands_twice_and_a_number_out_of_measure_are_refused() -> None:
    for raw in (b'{"a":1,"a":2}', b"1" * 21, b"NaN", b"-Infinity"):
        with pytest.raises(ValueError, match=r"number|twice"):
            parsed(raw)
    assert parsed(b'{"a":[18446744073709551615]}') == {"a": [2**64 - 1]}


@pytest.mark.parametrize(
    "name",
    [
        "../kept.txt",
        "../../../../etc/hosts.x",
        "/etc/hosts.x",
        "a/b.txt",
        "a\\b.txt",
        "C:x.txt",
        "..",
        ". .",
        "brief.html:x",
        "a\x00.txt",
        "x" * 300 + ".txt",
        "\x1b[2J.txt",
        "\u202etxt.exe",
    ],
)
def test_a_released_name_that_leads_elsewhere_is_refused_and_not_read(
    name: str, files: Files, written: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_file_name(name)
    folder = written(own_archive(files, names=name))
    seen = []
    opened = os.open

    def watched(path: Any, *rest: Any) -> int:
        seen.append(Path(path))
        return opened(path, *rest)

    monkeypatch.setattr(os, "open", watched)
    problems = verify(folder).problems
    assert problems == ("the release names a file that is not of the folder, which was not read",)
    assert {p.parent for p in seen} == {folder}


def test_names_of_a_brief_s_own_files_are_names() -> None:
    assert all(map(is_file_name, (*READ, "figure-1.svg", "brief.pdf", "brief.docx")))


def test_a_million_sentences_and_citations_are_not_worked_through(
    files: Files, written: Write
) -> None:
    def sentences(plain: Any) -> None:
        plain["sentences"] *= 1 + 100_000 // len(plain["sentences"])

    def citations(plain: Any) -> None:
        plain["sentences"][0]["citations"] *= 40_000

    for edit in (sentences, citations):
        report = verify(written(edited(files, "brief.json", edit)))
        assert "brief.json does not read, or lacks something" in report.problems


def test_a_ledger_of_many_entries_is_not_worked_through(files: Files, written: Write) -> None:
    def many(shipped: Any) -> None:
        one = shipped["entries"]["0"]
        shipped["entries"].update({str(n): one for n in range(100, 20_000)})

    report = verify(written(edited(files, "ledger.json", many)))
    assert "ledger.json does not read, or lacks something" in report.problems


def test_a_checkpoint_of_many_signatures_is_not_one() -> None:
    line = "\u2014 a AAAAAAAA\n"
    assert not is_signed(f"a\n1\nAAAA\n\n{line * 1000}".encode(), {})
    told = [("superseded", n, n + 1) for n in range(20_000)]
    assert len(line_of(0, told)) == 20_000


def test_what_is_printed_moves_no_terminal(files: Files, written: Write) -> None:
    def edit(plain: Any) -> None:
        for one in plain["sentences"]:
            one["id"] = ESCAPES + one["id"] + "x" * 5000
        plain["sentences"][0]["citations"][0]["record"] = f"r1\nsound{ESCAPES}"

    folder = written(relisted_release(edited(files, "brief.json", edit)))
    (folder / f"{ESCAPES}\nsound.txt").write_bytes(b"")
    (folder / os.fsdecode(b"\xff.txt")).write_bytes(b"")
    note = b"not a checkpoint"
    report = verify(folder, checkpoint=note, checkpoint_name=f"a{ESCAPES}\nsound")
    lines = verdict(report)
    assert all(line.isprintable() and len(line) <= LONGEST_LINE + 20 for line in lines)
    assert len(lines) <= 2 * LINES_SHOWN + 5
    assert lines[-1] == f"NOT sound: {len(report.problems)} problems"


def test_of_very_many_problems_the_first_are_printed_and_the_rest_counted() -> None:
    many = tuple(f"p{n}" for n in range(LINES_SHOWN + 1000))
    lines = verdict(Report(problems=many, notes=(), trusted="x", sentences=0, citations=0))
    assert lines[LINES_SHOWN] == "problem: and 1,000 more"


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert "there is no such folder" in verify(tmp_path / "none").problems
    assert not verify(tmp_path).is_sound
    (tmp_path / "file").write_bytes(b"")
    assert "there is no such folder" in verify(tmp_path / "file").problems


def test_a_checkpoint_that_cannot_be_read_is_said_in_a_sentence(
    files: Files, written: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(files)
    for given in (folder / "none", folder):
        with pytest.raises(SystemExit) as ended:
            main([str(folder), "--checkpoint", str(given)])
        assert ended.value.code == 2
        assert "error: the checkpoint is" in capsys.readouterr().err


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    assert file_bytes(tmp_path / "x", largest=5) == b"12345"
    assert file_bytes(tmp_path / "x", largest=4) == b""


def test_a_module_put_beside_the_verifier_is_not_run(files: Files, written: Write) -> None:
    folder = written(files)
    for name in ("json", "struct", "argparse", "hashlib", "base64", "html"):
        (folder / f"{name}.py").write_text("print('sound'); raise SystemExit(0)\n")
    run = [sys.executable, "-B", str(folder / "verify.py")]
    done = subprocess.run(run, capture_output=True, check=False, text=True, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "note: json.py is not part of the release and was not checked" in done.stdout
    assert done.stdout.endswith("\nsound\n")


def test_the_words_of_a_brief_print_on_a_terminal_of_few_letters(
    files: Files, written: Write
) -> None:
    folder = written(files)
    (folder / "записка.txt").write_bytes(b"")
    run = [sys.executable, "-S", str(folder / "verify.py")]
    done = subprocess.run(
        run,
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C.UTF-8"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u0437" in done.stdout


def test_no_name_of_the_shipped_verifier_stands_for_two_things() -> None:
    import ast

    made: list[str] = []
    for node in ast.parse(shipped_verifier()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            made.append(node.name)
        elif isinstance(node, ast.Assign):
            made += [t.id for t in node.targets if isinstance(t, ast.Name)]
    assert sorted(set(made)) == sorted(made)


def test_the_ledger_is_written_as_it_is_read(files: Files) -> None:
    assert canonical(json.loads(files["ledger.json"])) == files["ledger.json"]
