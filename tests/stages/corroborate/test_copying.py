"""What is copied, rewritten, quoted by both or told independently, and which way it went."""

from __future__ import annotations

import hashlib
import itertools

import pytest

from pastwatch.model.when import Basis, When
from pastwatch.stages.corroborate.copying import (
    COPIES,
    PARAPHRASES,
    SHARES,
    Article,
    Copy,
    Direction,
    find_copies,
    relation_of,
)

HOUR_US = 3_600_000_000
FIRST = (
    "The ferry Linnea ran aground off Korso island at dawn on Friday with 212 passengers on board. "
    "Captain Ove Brandt said the rudder had jammed minutes after the ship left Tarnholm. "
    "Rescue boats from three harbours took everybody off within two hours, and 14 people were "
    "treated for cold. Divers found a crack eleven metres long below the engine room. "
    "The shipping line Nordlink has withdrawn two sister ships until they are inspected."
)
REWRITTEN = (
    "A jammed rudder put the Linnea on the rocks near Korso early on Friday, minutes out of "
    "Tarnholm, her captain, Ove Brandt, has stated. All 212 passengers aboard the ferry were "
    "brought off inside two hours by boats of three harbours; 14 needed treatment for cold. "
    "Below the engine room, divers discovered an eleven metre crack. Nordlink, the line that owns "
    "her, is withdrawing two sister ships for inspection."
)
INDEPENDENT = (
    "I was asleep when the whole cabin tipped, says Runa Falk, one of those brought ashore from "
    "the Linnea. She had boarded to visit her mother in Tarnholm. In the village hall of Korso, "
    "volunteers cooked soup until noon while children slept on gym mats. The mayor praised the "
    "fishermen who came before any lifeboat. Nobody here understands how a ship can lose her way "
    "on so calm a morning, and the old pilots shake their heads."
)
ELSEWHERE = (
    "The council of Marbeck voted on Monday to close the swimming hall for repairs. The roof has "
    "leaked since the winter and the boiler is forty years old. Members of the club will train in "
    "the neighbouring town, the sports officer said. Work should end next spring."
)


def article(
    outlet: str, text: str, *, hour: int | None = None, width_h: int = 0, headline: str = ""
) -> Article:
    when = None
    if hour is not None:
        when = When(
            earliest_us=hour * HOUR_US, latest_us=(hour + width_h) * HOUR_US, basis=Basis.HEADER
        )
    report_id = hashlib.md5(f"{outlet}{text}".encode(), usedforsecurity=False).digest()
    return Article(report_id, outlet, text, headline=headline, published=when)


def found(*articles: Article) -> list[Copy]:
    return list(find_copies(articles))


def test_a_reprint_with_a_new_first_sentence_is_copied_from_the_earlier() -> None:
    reprint = "Holidays began badly for many on Friday. " + FIRST.split(". ", 1)[1]
    (copy,) = found(
        article("Coast Mail", reprint, hour=9),
        article("Tarnholm Times", FIRST, hour=7),
        article("Marbeck Echo", ELSEWHERE, hour=8),
    )
    assert copy.kind == COPIES
    assert copy.direction is Direction.TIME
    assert (copy.taker.outlet, copy.giver.outlet) == ("Coast Mail", "Tarnholm Times")
    assert copy.share > 0.7
    assert "published later" in copy.reason


def test_the_passages_of_a_copy_are_the_same_bytes_in_both() -> None:
    first = article("Tarnholm Times", "Überfahrt – " + FIRST, hour=7)
    second = article("Coast Mail", "Ærlig talt. " + FIRST, hour=9)
    (copy,) = found(first, second)
    for a, b, c, d in copy.passages:
        taken = copy.taker.text.encode()[a:b].decode().lower()
        assert taken == copy.giver.text.encode()[c:d].decode().lower()
    relation = relation_of(copy)
    quoted = relation.citations[0]
    raw = second.text.encode()[quoted.start_byte : quoted.end_byte]
    assert hashlib.sha256(raw).digest() == quoted.text_sha256
    assert (relation.from_id, relation.to_id) == (second.report_id.hex(), first.report_id.hex())


def test_a_rewriting_in_the_same_order_is_a_paraphrase() -> None:
    (copy,) = found(
        article("Tarnholm Times", FIRST, hour=7), article("World Today", REWRITTEN, hour=20)
    )
    assert copy.kind == PARAPHRASES
    assert copy.taker.outlet == "World Today"
    assert 0.4 < copy.share <= 1


@pytest.mark.parametrize("other", [INDEPENDENT, ELSEWHERE])
def test_two_reporters_at_one_event_copy_nothing(other: str) -> None:
    assert not found(article("Tarnholm Times", FIRST, hour=7), article("Korso Post", other, hour=8))


def test_the_same_long_quotation_in_both_is_no_copying() -> None:
    quotation = (
        "“We have done everything that the law asks of us, we have done it in time, and we shall "
        "do it again tomorrow and every day until the last of these ships has been seen by an "
        "inspector who has never met us,” the line's director said."
    )
    one = article("A", f"Nordlink held a press meeting in its canteen today. {quotation}", hour=7)
    other = article(
        "B", f"{quotation} Shares fell by a fifth, then recovered in late trading.", hour=9
    )
    assert not found(one, other)


def test_same_day_without_a_credit_leaves_the_direction_unknown() -> None:
    (copy,) = found(
        article("A", FIRST, hour=0, width_h=23), article("B", FIRST, hour=0, width_h=23)
    )
    assert copy.direction is Direction.UNKNOWN
    assert "not told" in copy.reason


def test_a_credit_outweighs_the_clock() -> None:
    credit = FIRST + " The accident was first told by the Tarnholm Times."
    (copy,) = found(article("Coast Mail", credit, hour=5), article("Tarnholm Times", FIRST, hour=7))
    assert copy.direction is Direction.CREDITED
    assert copy.taker.outlet == "Coast Mail"


def test_a_short_text_that_stands_in_a_longer_one_is_taken_from_it() -> None:
    short = ". ".join(FIRST.split(". ")[:2]) + "."
    longer = FIRST + " " + INDEPENDENT
    (copy,) = found(article("Digest", short), article("Tarnholm Times", longer))
    assert copy.direction is Direction.SUBSET
    assert copy.taker.outlet == "Digest"


def test_two_that_credit_one_agency_share_its_text() -> None:
    wire = "TARNHOLM (Reuters) - " + FIRST
    (copy,) = found(article("A", wire, hour=5), article("B", wire, hour=30))
    assert relation_of(copy).kind == SHARES
    assert copy.direction is Direction.COMMON
    assert copy.agency == "Reuters"
    assert "both credit Reuters" in copy.reason


def test_a_russian_rewriting_is_found_and_an_unrelated_text_is_not() -> None:
    first = (
        "Паром «Линнея» сел на мель у острова Корсо на рассвете в пятницу, на борту находились 212 "
        "пассажиров. Капитан Уве Брандт сообщил, что руль заклинило через несколько минут после "
        "выхода из Тарнхольма. Спасательные катера сняли всех за два часа, 14 человек лечили от "
        "переохлаждения. Водолазы нашли трещину длиной одиннадцать метров."
    )
    again = (
        "У острова Корсо в пятницу на мель села «Линнея»: на пароме было 212 пассажиров. По словам "
        "капитана Уве Брандта, заклинило руль, едва судно вышло из Тарнхольма. За два часа людей "
        "сняли катера спасателей, у 14 пассажиров переохлаждение. Водолазами найдена трещина в "
        "одиннадцать метров."
    )
    other = (
        "Совет города Марбек решил закрыть бассейн на ремонт. Крыша протекает с зимы, котлу сорок "
        "лет. Члены клуба будут тренироваться в соседнем городе."
    )
    copies = found(article("А", first, hour=7), article("Б", again, hour=9), article("В", other))
    assert [(c.kind, c.taker.outlet) for c in copies] == [(PARAPHRASES, "Б")]


def test_what_is_found_does_not_depend_on_the_order_of_the_reports() -> None:
    held = [
        article("Tarnholm Times", FIRST, hour=7),
        article("World Today", REWRITTEN, hour=20),
        article("Coast Mail", FIRST, hour=9),
        article("Marbeck Echo", ELSEWHERE, hour=8),
    ]
    seen = {
        frozenset((c.kind, c.taker.outlet, c.giver.outlet, c.score) for c in found(*order))
        for order in itertools.permutations(held)
    }
    assert len(seen) == 1


@pytest.mark.parametrize("text", ["", " \n", "One.", "—"])
def test_a_report_without_words_copies_nothing(text: str) -> None:
    assert not found(article("A", text), article("B", text), article("C", FIRST))
