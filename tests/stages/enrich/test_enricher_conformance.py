"""The enrichers that come with Pastwatch pass the suite that others' are held to."""

from __future__ import annotations

from typing import ClassVar

from pastwatch.stages.enrich.enrichers import families, language, quoted
from pastwatch.testing.enrichers import EnricherConformance, GathererConformance

STORY = "The train left the station at dawn with nine wagons of grain for the northern depot."


class TestLanguage(EnricherConformance):
    enricher = language.ENRICHER
    alone_alike: ClassVar[bool] = False

    def texts(self) -> list[str]:
        return [
            STORY,
            "Le train est parti à l'aube vers le nord.",
            "Поезд ушёл на рассвете на север",
        ]


class TestQuoted(EnricherConformance):
    enricher = quoted.ENRICHER

    def texts(self) -> list[str]:
        return [
            "Agreed.\n\n> Shall we meet?\n",
            "See below — ça va.\n\n-----Original Message-----\nFrom: b\nSent: 1\nTo: c\n\nCome.",
            "I shall come.\n-- \nAna\n",
        ]


class TestFamilies(GathererConformance):
    enricher = families.ENRICHER

    def texts(self) -> list[str]:
        return [STORY, f"{STORY} Truly.", STORY.upper(), "Nothing like it was ever said " * 3]
