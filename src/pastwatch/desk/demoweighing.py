"""The demo's weighing: questions before anything is opened, hypotheses rated by two, grades, dissent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pastwatch.desk.case import CaseWork
from pastwatch.desk.claiming import claims_of
from pastwatch.desk.demosaid import TRANSLATED
from pastwatch.desk.grades import grade_item, grade_source
from pastwatch.desk.hypotheses import (
    add_hypothesis,
    add_item,
    add_unfound,
    ask,
    dissent,
    rate,
    refute,
)
from pastwatch.desk.hypotheses_table import table
from pastwatch.desk.negative.making import add_negative
from pastwatch.desk.negative.rehearsing import Wording, rehearse
from pastwatch.desk.timelining_entries import add_entry
from pastwatch.desk.translating import certify
from pastwatch.desk.wording import choose
from pastwatch.model.assessment import FindingKind
from pastwatch.model.claim import Stance
from pastwatch.model.when import iso
from pastwatch.town.reports import THIRD_PARTY

SECOND_READER = "second-reader"
_REPORTS = "open-reports"
_TRANSLATOR = "Ilse Varn"
_NAMES_GROUP = "names the group"
_WORDINGS = [
    Wording(text="the Korvath Circle wants the key by Friday", language="en", medium="mail"),
    Wording(text="Korvath sends somebody to the bridge", language="en", medium="chat"),
    Wording(text="Корват просит ключ до пятницы", language="ru", medium="chat"),
]
"""Words that would count, made up for the rehearsal: nobody of the town says them."""
BROUGHT, FAULT, GROUP, NONE = "y1", "y2", "y3", "y4"


@dataclass(frozen=True, slots=True)
class Weighing:
    """The items of the demo by what they are, and how each of two raters rates them."""

    items: Mapping[str, str]

    def ratings(self, *, cautious: bool) -> list[tuple[str, dict[str, str], str]]:
        """What one of the two says of each item: the cautious one reads less into the talk."""
        said = {
            "talk": (
                ("C", "I", "II", "N", "the words fit what was seen, and fit a cake")
                if cautious
                else ("CC", "II", "II", "N", "van, key, box and hour are those that were seen")
            ),
            "van": ("C", "N", "C", "N", "one watchman; a van by a bridge says little by itself"),
            "solvent": ("N", "N", "N", "N", "it is sold for cleaning machines, and may be theirs"),
            "denial": (
                ("N", "C", "N", "N", "who denies has an interest in it")
                if cautious
                else ("I", "C", "I", "N", "it says that nobody from outside had access")
            ),
            "unnamed": ("N", "N", "I", "N", "nothing names the group"),
            "no pair": ("I", "N", "N", "N", "no pair spoke of what was seen"),
        }
        return [
            (
                name,
                dict(zip((BROUGHT, FAULT, GROUP, NONE), said[what][:4], strict=True)),
                said[what][4],
            )
            for what, name in self.items.items()
        ]


def ask_first(case: CaseWork) -> None:
    """Write down question and hypotheses before anything of the case is opened."""
    choose(case, scale="icd203", reason="the readers of this brief know its terms")
    ask(case, "Did somebody bring something into the water works before the explosion?")
    add_hypothesis(
        case,
        "brought in",
        statement="Somebody brought into the valve room what exploded, with help from inside.",
    )
    add_hypothesis(
        case,
        "technical fault",
        statement="A fault in the chlorine dosing line exploded by itself.",
        argued_by="the spokesperson of the Department of Utilities",
    )
    add_hypothesis(
        case, "the group", statement="The group that the reports name brought it in, without help."
    )
    add_hypothesis(case, "", none=True)


def weigh(case: CaseWork, *, hits: Sequence[str], asked: Sequence[str]) -> Weighing:
    """Keep entries, translations, items and grades; `hits` are the pair's, empty where there is none."""
    claims = {one.name: one.value for one in claims_of(case)}
    watchman = next(n for n, c in claims.items() if "van" in c.statement)
    denied = next(n for n, c in claims.items() if c.stance is Stance.DENIES)
    closed = claims[watchman].report_id.hex()
    add_entry(
        case,
        "The intake is closed, and residents are told to boil water",
        at=iso(case.event.when.start_us, offset_s=case.event.zone_offset_s)[:10],
        cites=[closed],
        reason="the first report says so, and gives no hour",
    )
    negative = {
        one.statement: one.finding_id for one in case.findings() if one.kind is FindingKind.NEGATIVE
    }
    nothing = _nothing_of_the_group(case, negative, asked)
    items = {}
    if hits:
        items["talk"] = add_item(
            case,
            "Two correspondents spoke of a cake, a key and a bridge at six",
            cites=hits,
            relevance="high",
        )
        for hit in hits:
            _translate(case, hit)
    items["van"] = add_item(
        case,
        "A white bakery van is said to have stood by the bridge",
        cites=[watchman],
        source=_REPORTS,
    )
    items["solvent"] = add_item(case, "Solvent on the floor of the valve room", cites=["x1"])
    items["denial"] = add_item(
        case,
        "The Department denies that anybody from outside had access",
        cites=[denied],
        source=_REPORTS,
    )
    for statement, finding in negative.items():
        if _NAMES_GROUP in statement:
            items["unnamed"] = add_unfound(case, statement, finding=nothing)
        else:
            items["no pair"] = add_unfound(case, statement, finding=finding)
    _grade(case, items)
    refute(
        case,
        GROUP,
        "Talk of the group, or of its name, before the event",
        queries=asked,
        outcome="looked for over the whole slice: nothing was found",
    )
    refute(case, FAULT, "A dosing line that was found whole")
    return Weighing(items)


def rate_all(case: CaseWork, weighing: Weighing, *, cautious: bool) -> None:
    """The ratings of whoever sits at the desk; the cautious one dissents as well."""
    for item, signs, reason in weighing.ratings(cautious=cautious):
        rate(case, item, signs, reason=reason)
    if cautious:
        dissent(case, "order", "It hangs on ordinary words and one watchman: a cake may be a cake.")


def told(case: CaseWork, say: Callable[[str], None]) -> None:
    """Say the order that came of it."""
    found = table(case, shared=True)
    titles = {one.name: one.hypothesis.title for one in found.hypotheses}
    ranked = [one for one in found.standings if one.rank]
    first = [titles[one.hypothesis] for one in ranked if one.rank == 1]
    order = f"least speaks against: {', '.join(first)}"
    if len(first) == len(ranked):
        order = "nothing tells them apart"
    say(
        f"   {len(found.hypotheses)} hypotheses written down before anything was opened, "
        f"{len(found.items)} items, rated blind by two "
        f"({found.agreement.alike} of {found.agreement.cells} cells alike)"
    )
    say(f"   {order}; an order and no probability, with {len(found.dissents)} dissent")


def _nothing_of_the_group(case: CaseWork, negative: Mapping[str, str], asked: Sequence[str]) -> str:
    """Rehearse the search for the group, and work out the finding of nothing; gives its name."""
    finding = next((f for s, f in negative.items() if _NAMES_GROUP in s), "")
    if not finding:
        return ""
    rehearsal = rehearse(case, _WORDINGS, queries=asked)
    return add_negative(
        case,
        f"Did the {THIRD_PARTY} have a part in it?",
        would_count=f"talk of the {THIRD_PARTY}, or by one of it, before the event",
        queries=asked,
        finding=finding,
        rehearsal=rehearsal,
        parties=[THIRD_PARTY],
    )


def _translate(case: CaseWork, hit: str) -> None:
    (record,) = case.records([case.papers.hit(hit).hit.record_id])
    if text := TRANSLATED.get(record.text.strip()):
        certify(case, hit, text, qualification="sworn translator, ru–en", by=_TRANSLATOR)


def _grade(case: CaseWork, items: Mapping[str, str]) -> None:
    """Sources with a history, and a sealed communication on both of its questions."""
    grade_source(case, _REPORTS, "D", reason="one report copies another")
    grade_source(case, _REPORTS, "C", reason="two of the reports name whom they asked")
    if "talk" not in items:
        return
    grade_item(
        case,
        items["talk"],
        "2",
        question="said",
        reason="two media agree on who wrote when",
        weighed={
            "authenticity": "nothing is signed; both ends' copies agree",
            "handover": "held by ourselves since it was written",
        },
    )
    grade_item(
        case,
        items["talk"],
        "3",
        reason="the words fit what was seen, and fit a cake",
        weighed={
            "boast": "neither speaks to impress anybody",
            "rumour": "each speaks of what they do themselves",
            "deception": "cannot be told from what is held",
        },
    )
