"""Claims in Arabic, Russian and French, and in which language a report is written."""

from __future__ import annotations

import pytest

from pastwatch.stages.corroborate.claims import read_claims
from pastwatch.stages.corroborate.claims_language import language_of


def told(text: str, language: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    found = read_claims(text, report_id=b"an invented page", language=language).claims
    return [(c.who_says, c.stance.value, c.statement, c.via) for c in found]


@pytest.mark.parametrize(
    ("language", "text", "who", "stance", "statement"),
    [
        (
            "fr",
            "Le maire a déclaré mardi que le pont tenait.",
            "Le maire",
            "asserts",
            "le pont tenait",
        ),
        ("fr", "« Le pont tenait », a affirmé le maire.", "le maire", "asserts", "Le pont tenait"),
        ("fr", "Le pont tenait, selon deux témoins.", "deux témoins", "asserts", "Le pont tenait"),
        ("fr", "La société dément toute faute.", "La société", "denies", "toute faute"),
        ("fr", "Le gardien nie avoir dormi.", "Le gardien", "denies", "avoir dormi"),
        ("fr", "Les experts pensent que le pont cède.", "Les experts", "hedges", "le pont cède"),
        ("fr", "Le pont aurait été fermé.", "", "hedges", "Le pont aurait été fermé"),
        ("ru", "Мэр заявил во вторник, что мост закрыт.", "Мэр", "asserts", "мост закрыт"),
        ("ru", "«Мост закрыт», — сказал сторож.", "сторож", "asserts", "Мост закрыт"),
        ("ru", "Мост закрыт, сообщила полиция.", "полиция", "asserts", "Мост закрыт"),
        ("ru", "По словам мэра, мост закрыт.", "мэра", "asserts", "мост закрыт"),
        ("ru", "Мэр отрицает, что мост закрыт.", "Мэр", "denies", "мост закрыт"),
        ("ru", "Мэр назвал обвинения ложью.", "Мэр", "denies", "обвинения"),
        ("ru", "Эксперты считают, что мост стар.", "Эксперты", "hedges", "мост стар"),
        ("ru", "Сторож якобы скрылся.", "", "hedges", "Сторож якобы скрылся"),
        ("ar", "قالت الشرطة إن الجسر مغلق.", "الشرطة", "asserts", "الجسر مغلق"),
        ("ar", "الحارس قال إن الجسر مغلق.", "الحارس", "asserts", "الجسر مغلق"),
        ("ar", "الجسر مغلق بحسب الشرطة.", "الشرطة", "asserts", "الجسر مغلق"),
        ("ar", "ونفى الحارس أن الجسر مغلق.", "الحارس", "denies", "الجسر مغلق"),
        ("ar", "يعتقد خبراء أن الجسر قديم.", "خبراء", "hedges", "الجسر قديم"),
        ("ar", "يقال إن الحارس هرب.", "", "hedges", "الحارس هرب"),
    ],
)
def test_a_sentence_says_so_much_in_its_language(
    language: str, text: str, who: str, stance: str, statement: str
) -> None:
    assert told(text, language) == [(who, stance, statement, ())]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Le maire n'a pas dit qui avait fermé le pont."),
        ("fr", "Si le maire dit que le pont tient, tant mieux."),
        ("fr", "Qui a dit que le pont tenait ?"),
        ("fr", "Le porte-parole a refusé de répondre."),
        ("ru", "Никто не утверждал, что мост закрыт."),
        ("ru", "Если мэр говорит, что мост закрыт, мы верим."),
        ("ru", "Мэр не сказал, кто закрыл мост."),
        ("ar", "لم يقل الوزير من أغلق الجسر."),
        ("ar", "هل قال الوزير إن الجسر مغلق؟"),
        ("ar", "ورفض المتحدث التعليق."),
    ],
)
def test_a_negated_supposed_or_asked_saying_is_none(language: str, text: str) -> None:
    assert told(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "who", "via"),
    [
        ("ru", "Газета пишет со ссылкой на источник, что мост закрыт.", "источник", "Газета"),
        ("ru", "Ольга сказала, что мастер сообщил ей, что мост закрыт.", "мастер", "Ольга"),
        (
            "fr",
            "Selon le Courrier, qui cite deux ingénieurs, le pont tient.",
            "deux ingénieurs",
            "le Courrier",
        ),
    ],
)
def test_chains_are_followed_in_other_languages(
    language: str, text: str, who: str, via: str
) -> None:
    ((found, stance, _, through),) = told(text, language)
    assert (found, stance, through) == (who, "attributes", (via,))


def test_parties_deny_one_by_one_in_every_language() -> None:
    assert [who for who, *_ in told("L'armée et la police nient avoir tiré.", "fr")] == [
        "L'armée",
        "la police",
    ]
    assert [who for who, *_ in told("Армия и полиция отрицают вину.", "ru")] == ["Армия", "полиция"]
    assert [who for who, *_ in told("نفى الجيش والشرطة إطلاق النار.", "ar")] == ["الجيش", "الشرطة"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The port said that the crane was old and in the way of the ships.", "en"),
        ("Le port a dit que la grue était vieille et que les navires passaient.", "fr"),
        ("Порт сообщил, что кран старый и мешает судам.", "ru"),
        ("قال الميناء إن الرافعة قديمة.", "ar"),
        ("Порт повідомив, що кран старий і заважає суднам.", "und"),
        ("بندر گفت که جرثقیل قدیمی است و راه کشتی‌ها را گرفته.", "und"),
        ("Der Hafen sagte, dass der Kran alt ist und den Schiffen im Weg steht.", "und"),
        ("El puerto dijo que la grúa era vieja y que los barcos no pasaban por ella.", "und"),
        ("港口说起重机很旧。", "und"),
        ("", "und"),
        ("1234 — 5678", "und"),
    ],
)
def test_a_language_is_told_or_left_unchecked(text: str, language: str) -> None:
    assert language_of(text) == language
