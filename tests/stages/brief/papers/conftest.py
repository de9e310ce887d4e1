"""A brief with a lot in it: 200 cited records, four scripts, wide tables, pictures, long names."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pastwatch.drawing.canvas import Canvas
from pastwatch.model.assessment import Finding, FindingKind
from pastwatch.model.party import Party
from pastwatch.model.record import Citation, Record
from pastwatch.stages.brief.given import (
    BriefInput,
    Chapter,
    CitedRecord,
    Edition,
    Line,
    Picture,
    Stretch,
)
from pastwatch.stages.brief.outline import build
from pastwatch.stages.brief.sentences import Outline

CITED = 200
LONG_NAME = "Konstantin-Aleksandr von und zu Hohenwaldstein-Brückenthal, Deputy Head of Stores"
TEXTS = (
    "The carts left before dawn and nobody counted them at the gate.",
    "هل وصل الخبز؟ قال السائق إنه على الطريق منذ الساعة 04:30.",
    'הסחורה נמצאת במחסן, אמר הנהג של "Depot 7" בטלפון.',
    "Груз ушёл до рассвета, у ворот никто не считал.",
    "Он сказал: «الخبز على الطريق», and then hung up (04:30).",
    '#read("/etc/passwd") *bold* $x^2$ <script>alert(1)</script> [a](b) {{ 7 }} \\ `c`',
    "A name that turns round: \u202egpj.exe, and one that never breaks: " + "x" * 120,
)
HOW_RATED = ("consistent", "inconsistent", "not diagnostic", "strongly inconsistent")


def citation(record: Record) -> Citation:
    raw = record.text.encode()
    return Citation(
        record_id=record.record_id,
        part=0,
        start_byte=0,
        end_byte=len(raw),
        text_sha256=hashlib.sha256(raw).digest(),
    )


def talk(world: Any) -> list[Record]:
    model = world.given.cited[0].record
    made = []
    for number in range(CITED):
        text = f"{number}. {TEXTS[number % len(TEXTS)]}"
        record_id = hashlib.sha256(text.encode()).digest()[:16]
        long = Party(address=f"{'stores.' * 9}{number}@ministry.example", name=LONG_NAME)
        made.append(
            replace(
                model,
                envelope=replace(model.envelope, record_id=record_id),
                source_sha256=hashlib.sha256(record_id).digest(),
                sender=long if number % 9 == 0 else Party(address="a@b.example", name="سمير"),
                subject=f"Re: stores {number}",
                text=text,
                parts=(),
            )
        )
    return made


def picture(name: str, width: float, words: str) -> Picture:
    sheet = Canvas(width, 260, f"A made-up {name}")
    sheet.words(16, 26, f"{name}: {words}", "title")
    for number in range(12):
        left = 20 + number * (width - 60) / 12
        style = ("gap", "unheld", "unopened", "bar")[number % 4]
        sheet.rect(left, 60 + 9 * number, 40, 150 - 9 * number, style, title="one")
        sheet.words(left, 230, f"no. {number}", "small")
    return Picture(name=name, svg=sheet.svg(), caption=f"Picture of a {name}; {words}.")


def chapters(records: list[Record]) -> tuple[Chapter, ...]:
    cited = [citation(r) for r in records]
    rows = tuple(
        Line(
            kind="item",
            text="\t".join(
                (
                    f"I{n}",
                    LONG_NAME if n % 7 == 0 else TEXTS[n % 5],
                    f"{'ABCDEF'[n % 6]}{n % 6 + 1}",
                    *(HOW_RATED[(n + k) % 4] for k in range(4)),
                )
            ),
            citations=tuple(cited[n * 3 : n * 3 + n % 5 + 1]),
        )
        for n in range(30)
    )
    sides = tuple(
        Line(
            kind="translation",
            text=f"{TEXTS[n]}\tThe words of record {n}, put into English by hand.",
            citations=(cited[n],),
        )
        for n in (1, 2, 3)
    )
    return (
        Chapter(
            key="hypotheses",
            title="Competing hypotheses",
            after="findings",
            stretches=(
                Stretch(
                    heading="Matrix",
                    lines=rows,
                    columns=(
                        "Item",
                        "What it says",
                        "Grade",
                        "H1: moved before dawn",
                        "H2: moved after dawn",
                        "H3: never moved, only spoken of",
                        "H0: none of these / cannot be told",
                    ),
                ),
                Stretch(
                    heading="Dissent",
                    lines=(
                        Line(
                            kind="dissent",
                            text=f"{LONG_NAME} holds H3: the carts were never there.",
                            ledger=(3,),
                        ),
                        Line(kind="warning", text="Stale: rests on a record that came in later."),
                    ),
                ),
            ),
        ),
        Chapter(
            key="pictures",
            title="Pictures",
            after="timeline",
            stretches=(
                Stretch(heading="Lanes", picture=picture("timeline", 720, "قبل الحدث"), lines=()),
                Stretch(
                    heading="Network",
                    picture=picture("network", 1100, "before and after"),
                    lines=(Line(kind="exhibit", text="Two clusters stand apart.", ledger=(3,)),),
                ),
                Stretch(heading="Lineage", picture=picture("lineage", 1000, "שורשים"), lines=()),
            ),
        ),
        Chapter(
            key="translations",
            title="Translations",
            after="records",
            stretches=(
                Stretch(heading="Side by side", lines=sides, columns=("Original", "Translation")),
            ),
        ),
    )


def crowded_input(world: Any, packs: Callable[..., Any]) -> BriefInput:
    records = talk(world)
    proofs = packs("a1", [records])
    given: BriefInput = world.given
    findings = tuple(
        Finding(
            finding_id=f"g{n}",
            kind=FindingKind.OBSERVATION,
            statement=f"Observation {n}: {TEXTS[n % 5]}",
            citations=tuple(citation(r) for r in records[n * 5 : n * 5 + 5]),
        )
        for n in range(CITED // 5)
    )
    cited = tuple(
        CitedRecord(
            label=f"r{n}",
            record=record,
            source="ministry-mail",
            proof=proofs[record.record_id],
            entry_bytes=given.cited[0].entry_bytes,
        )
        for n, record in enumerate(records, 1)
    )
    kept = tuple(f for f in given.findings if not f.citations)
    return replace(
        given,
        findings=kept + findings,
        cited=cited,
        chapters=chapters(records),
        edition=Edition(number=3, supersedes=41, copy=2),
        title="What was said before 4 April 2017, and who was told of it — ماذا قيل قبل ذلك",
    )


@pytest.fixture(scope="session")
def crowded(world: Any, packs: Callable[..., Any], covered: Callable[..., Any]) -> Outline:
    return build(crowded_input(world, packs), coverage_lines=covered)


@pytest.fixture(scope="session")
def small(world: Any, covered: Callable[..., Any]) -> Outline:
    return build(world.given, coverage_lines=covered)
