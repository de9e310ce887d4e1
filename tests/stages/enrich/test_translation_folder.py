"""Translation runs only from a folder that was given, and is labelled for what it is."""

from __future__ import annotations

import builtins
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pastwatch.errors import MissingExtra, UsageError
from pastwatch.stages.enrich.enrichers import translate
from pastwatch.stages.enrich.enrichers.translate import CUT, ENRICHER, FIRST_LETTERS, LABEL
from pastwatch.testing.enrichers import check, hostile_texts, record_of


def shouted(texts: Sequence[str]) -> list[str]:
    return [text.strip().upper() for text in texts]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "model.bin").write_bytes(b"weights")
    monkeypatch.setattr(translate, "_loaded", lambda _: ("toy", shouted))
    return tmp_path


def test_without_a_folder_there_is_no_translation() -> None:
    with pytest.raises(UsageError, match="needs a model, and none comes with it"):
        ENRICHER.setup({})


def test_every_value_is_labelled_and_spans_its_sentence(folder: Path) -> None:
    made = ENRICHER.setup({"model": str(folder), "from": "ru"})
    text = "Обед готов. Идите!\n\n--- 12"
    marks = list(made.enrich([record_of(text), record_of("plain English", number=1)]))
    values = [json.loads(a.value) for a in marks]
    assert [v["text"] for v in values] == ["ОБЕД ГОТОВ.", "ИДИТЕ!"]
    assert {v["label"] for v in values} == {LABEL} == {"machine translation, not evidence"}
    assert {(v["from"], v["to"]) for v in values} == {("ru", "en")}
    shown = [text.encode()[a.start_byte : a.end_byte].decode().strip() for a in marks]
    assert shown == ["Обед готов.", "Идите!"]


def test_a_long_text_is_cut_and_says_so(folder: Path) -> None:
    made = ENRICHER.setup({"model": str(folder), "from": "ru"})
    *_, last = made.enrich([record_of("слово " * FIRST_LETTERS)])
    assert last.kind == CUT
    assert json.loads(last.value) == {"read": FIRST_LETTERS, "of": 6 * FIRST_LETTERS}


def test_hostile_texts_end(folder: Path) -> None:
    made = ENRICHER.setup({"model": str(folder), "from": "fr"})
    for text in hostile_texts():
        records = [record_of(text)]
        check(made, records, made.enrich(records))


def test_the_version_names_languages_and_model(folder: Path) -> None:
    first = ENRICHER.setup({"model": str(folder), "from": "ru"}).version
    assert ENRICHER.setup({"model": str(folder), "from": "ar"}).version != first
    (folder / "config.json").write_text("{}")
    assert ENRICHER.setup({"model": str(folder), "from": "ru"}).version != first


@pytest.mark.parametrize("given", [{}, {"from": "Russian!"}, {"from": "ru", "to": "1"}])
def test_languages_are_two(folder: Path, given: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="from one language to another"):
        ENRICHER.setup({"model": str(folder), **given})


def test_a_folder_that_is_missing_or_another_is_told(folder: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        ENRICHER.setup({"model": str(folder / "none"), "from": "ru"})
    with pytest.raises(UsageError, match="holds another model"):
        ENRICHER.setup({"model": str(folder), "from": "ru", "sha256": "0" * 64})


def test_a_missing_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    real = builtins.__import__

    def refused(name: str, *given: Any, **named: Any) -> Any:
        if name in {"ctranslate2", "sentencepiece"}:
            raise ModuleNotFoundError(name=name)
        return real(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", refused)
    with pytest.raises(MissingExtra) as missing:
        ENRICHER.setup({"model": str(tmp_path), "from": "ru"})
    assert missing.value.hint == "pip install 'pastwatch[models]'"
