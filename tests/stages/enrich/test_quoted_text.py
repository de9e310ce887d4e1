"""What a record only repeats is split off in every language we read; its own words stay."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.model.note import Annotation
from pastwatch.stages.enrich.enrichers.quoted import ENRICHER, new_text, new_text_of, splits_of
from pastwatch.testing.enrichers import record_of

OWN = "Come at nine, gate two."
OLD = "When shall we come, and where?"
ATTRIBUTIONS = {
    "en": "On Mon, 3 Apr 2017 at 12:10, Bo Lind <bo@b.example> wrote:",
    "en-wrapped": "On Monday, 3 April 2017 at 12:10 PM, the man called Bo Lind\n<bo@b.example> wrote:",
    "fr": "Le lun. 3 avr. 2017 à 12:10, Bo Lind <bo@b.example> a écrit :",
    "ru": "3 апреля 2017 г., 12:10 пользователь Bo Lind <bo@b.example> написал:",
    "ru-day": "Понедельник, 3 апреля 2017, 12:10 +03:00 от Бо <bo@b.example> пишет:",
    "uk": "пн, 3 квіт. 2017 р. о 12:10 Bo Lind <bo@b.example> пише:",
    "ar": "في الاثنين، ٣ أبريل ٢٠١٧ في 12:10 ص تمت كتابة ما يلي بواسطة Bo <bo@b.example>:",
    "fa": "در دوشنبه ۳ آوریل ۲۰۱۷ ساعت 12:10 Bo Lind <bo@b.example> نوشت:",
    "he": "\u202bבתאריך יום ב׳, 3 באפר׳ 2017 ב-12:10 מאת \u202aBo\u202c <bo@b.example>:",
    "de": "Am Mo., 3. Apr. 2017 um 12:10 Uhr schrieb Bo Lind <bo@b.example>:",
    "zh": "Bo Lind <bo@b.example> 于2017年4月3日周一 12:10写道：",
}
HEADERS = {
    "en": "From: Bo Lind\nSent: Monday, April 3, 2017\nTo: Ana\nSubject: Gate",
    "fr": "De : Bo Lind\nEnvoyé : lundi 3 avril 2017\nÀ : Ana\nObjet : Porte",
    "ru": "От: Бо\nОтправлено: 3 апреля 2017 г.\nКому: Ана\nТема: Ворота",
    "uk": "Від: Бо\nНадіслано: 3 квітня 2017 р.\nКому: Ана\nТема: Ворота",
    "ar": "من: بو\nتاريخ الإرسال: ٣ أبريل ٢٠١٧\nإلى: آنا\nالموضوع: البوابة",
    "fa": "از: بو\nتاریخ: ۳ آوریل ۲۰۱۷\nبه: آنا\nموضوع: دروازه",
    "he": "מאת: בו\nנשלח: 3 באפריל 2017\nאל: אנה\nנושא: שער",
    "zh": "发件人: Bo\n发送时间: 2017年4月3日\n收件人: Ana\n主题: 门",
}
SIGNATURES = [
    "-- \nAna\nGate office",
    "Best regards,\nAna",
    "Cordialement,\nAna",
    "С уважением,\nАна",
    "مع التحية،\nآنا",
    "با احترام،\nآنا",
    "בברכה,\nאנה",
    "Sent from my iPhone",
    "Отправлено с iPhone",
]


def own_words(text: str, **given: str) -> str:
    return new_text_of(record_of(text, **given)).strip()  # type: ignore[arg-type]


@pytest.mark.parametrize("how", sorted(ATTRIBUTIONS))
def test_a_reply_above_what_it_answers_keeps_its_own_words_alone(how: str) -> None:
    assert own_words(f"{OWN}\n\n{ATTRIBUTIONS[how]}\n\n{OLD}\n") == OWN
    marked = "\n".join(f"> {line}" for line in (OLD, "", OLD))
    assert own_words(f"{OWN}\n\n{ATTRIBUTIONS[how]}\n{marked}\n") == OWN


@pytest.mark.parametrize("language", sorted(HEADERS))
def test_a_printed_header_starts_what_is_repeated(language: str) -> None:
    assert own_words(f"{OWN}\n\n{HEADERS[language]}\n\n{OLD}") == OWN


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_is_no_statement(signature: str) -> None:
    assert own_words(f"{OWN}\n\n{signature}\n") == OWN
    assert own_words(f"{OWN}\n\n{signature}\n\n{HEADERS['en']}\n\n{OLD}") == OWN


def test_answers_between_quoted_lines_stay() -> None:
    text = f"Bo writes:\n> one?\n{OWN}\n\n> two?\nNo."
    assert own_words(text).split("\n") == [OWN, "", "", "No."]


def test_a_forward_is_told_from_a_reply() -> None:
    forwarded = f"{OWN}\n---------- Forwarded message ---------\n{HEADERS['en']}\n\n{OLD}"
    assert [(s.kind, s.how) for s in splits_of(record_of(forwarded))] == [("quoted", "forward")]
    printed = record_of(f"{OWN}\n{HEADERS['en']}\n\n{OLD}", subject="FW: Gate")
    assert [(s.kind, s.how) for s in splits_of(printed)] == [("quoted", "forward")]


def test_the_own_header_printed_above_a_text_hides_nothing_of_it() -> None:
    text = f"{HEADERS['en']}\n\n{OWN}\n\n{HEADERS['fr']}\n\n{OLD}"
    record = record_of(text, subject="Gate", sender="Bo Lind")
    assert [s.kind for s in splits_of(record)] == ["header", "quoted"]
    assert new_text_of(record).strip() == OWN


@pytest.mark.parametrize(
    "text",
    [
        "The paper wrote: come at nine.",
        "He said:\nCome at nine.",
        "From: the gate.\nGo left.",
        "Best regards, he said, and left the room without a further word to anybody there.",
        ">From the gate it is a mile.",
        "On Monday the paper wrote:\nnothing new",
        "a --- b\n---\nc",
    ],
)
def test_what_only_looks_like_a_quote_stays(text: str) -> None:
    assert splits_of(record_of(text)) == ()


def test_kept_spans_give_the_same_words_as_splitting_here_and_now() -> None:
    for header in HEADERS.values():
        record = record_of(f"نعم — {OWN}\n\n{header}\n\n{OLD}")
        assert new_text(record, ENRICHER.enrich([record])) == new_text_of(record)


def test_spans_of_another_record_or_kind_take_nothing_away() -> None:
    record = record_of(OWN)
    foreign = Annotation(
        record_id=bytes(16),
        kind="name",
        value="x",
        maker="m",
        version="1",
        start_byte=0,
        end_byte=4,
    )
    other = Annotation(
        record_id=b"x" * 16,
        kind="quoted",
        value="x",
        maker="m",
        version="1",
        start_byte=0,
        end_byte=4,
    )
    assert new_text(record, [foreign, other]) == OWN


@given(
    st.lists(
        st.sampled_from(
            [OWN, OLD, "> x", "", "From: a", "To: b", "Sent: c", "-- ", ">", "x wrote:", "Cheers,"]
        )
    )
)
def test_spans_stand_apart_in_order_and_cover_what_is_not_new(lines: list[str]) -> None:
    record = record_of("\n".join(lines))
    found = splits_of(record)
    assert all(s.start < s.end for s in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert new_text(record, ENRICHER.enrich([record])) == new_text_of(record)
