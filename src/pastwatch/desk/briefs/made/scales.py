"""The annex of scales: what the words, grades and signs of the brief mean, and what they do not."""

from __future__ import annotations

from collections.abc import Iterable

from pastwatch.desk.briefs.made.cells import row, stop
from pastwatch.desk.case import CaseWork
from pastwatch.desk.exhibiting import exhibits_of
from pastwatch.desk.grades import graded_items, graded_sources
from pastwatch.desk.hypotheses import hypotheses_of
from pastwatch.desk.wording import chosen, standards_of_proof
from pastwatch.model.assessment import Confidence
from pastwatch.stages.assess.scales import scale_named
from pastwatch.stages.brief.given import Chapter, Line, Stretch

_CONFIDENCE = {
    Confidence.LOW: "what it rests on is scant, questionable or fragmented, or much is not held",
    Confidence.MODERATE: "what it rests on is credible and plausible, and does not suffice for more",
    Confidence.HIGH: "what it rests on is sound, of several roots, and no other reading stands as well",
}
_RELIABILITY = (
    ("A", "reliable: nothing was ever found to speak against it"),
    ("B", "usually reliable"),
    ("C", "fairly reliable"),
    ("D", "not usually reliable"),
    ("E", "unreliable"),
    ("F", "cannot be judged: no worse than E, it is no judgement"),
)
_CREDIBILITY = (
    ("1", "confirmed by independent roots, two or more"),
    ("2", "fits what is known, and is not confirmed"),
    ("3", "may be so"),
    ("4", "doubtful"),
    ("5", "speaks against what is known"),
    ("6", "cannot be judged: no worse than 5, it is no judgement"),
)
_RATINGS = (
    ("CC", "very consistent with the hypothesis"),
    ("C", "consistent"),
    ("N", "neither"),
    ("I", "inconsistent"),
    ("II", "very inconsistent"),
    ("NA", "does not apply"),
)
_WORDS = (
    (
        "coverage",
        "what was held, in scope, readable, scanned, matched, shown: each part of the one before",
    ),
    (
        "gap",
        "what of a source could not become a record, or is not held; it is counted, not guessed",
    ),
    (
        "sampled",
        "drawn at random by a stated design, and read by a person; only that part has a bound",
    ),
    ("root", "where a statement begins as far as it is told; reports of one root count once"),
    ("claim", "what a report states, as its own; a finding is ours and says what it rests on"),
    ("exhibit", "a file sealed as evidence; a seal proves it unchanged since, never genuine"),
    ("diagnostic", "tells hypotheses apart; what fits all of them tells nothing"),
    ("not diagnostic", "a finding of nothing whose coverage is too low to tell anything"),
    ("relevant", "judged so by a reader; a hit that nobody read is none"),
    ("protected", "withheld, and neither read nor shown; counted where that gives nothing away"),
)


def make(case: CaseWork) -> Chapter | None:
    """The chapter; every brief has it."""
    stretches = [] if chosen(case).standard else [_likelihood(case)]
    stretches.append(_plain("Confidence", ("Word", "Meaning"), _CONFIDENCE.items()))
    stretches.append(_proof(case))
    if graded_sources(case) or graded_items(case) or any(e.value.grade for e in exhibits_of(case)):
        stretches.append(_plain("Grades of sources", ("Grade", "Meaning"), _RELIABILITY))
        stretches.append(_plain("Grades of items", ("Grade", "Meaning"), _CREDIBILITY))
        stretches.append(
            _notes(
                "Both grades stand side by side and are never averaged. A sealed communication is "
                "graded on two questions: whether it was said on this line, and whether it is so."
            )
        )
    if hypotheses_of(case):
        stretches.append(_plain("Ratings of hypotheses", ("Sign", "Meaning"), _RATINGS))
        stretches.append(
            _notes(
                "The order of hypotheses counts what speaks against each, weighted, one root once. "
                "It is no probability, and stands for no word of the scale above."
            )
        )
    stretches.append(_plain("Words of this brief", ("Word", "Meaning"), _WORDS))
    return Chapter(
        key="scales", title="Annex: scales used", stretches=tuple(stretches), after="searches"
    )


def _likelihood(case: CaseWork) -> Stretch:
    choice = chosen(case)
    scale = scale_named(choice.scale)
    who = f", chosen by {choice.by}: {stop(choice.reason)[:-1]}" if choice.by else ""
    which = f", row {choice.row} of {scale.rows}" if scale.rows > 1 else ""
    columns = (
        "Band, in per cent",
        *(f"Row {n}" if scale.rows > 1 else "Terms" for n in range(1, scale.rows + 1)),
    )
    return Stretch(
        heading=f"Likelihood: {scale.name}{which}{who}",
        columns=columns,
        lines=tuple(
            Line(kind="scale", text=row(band.shown, *(", ".join(terms) for terms in band.terms)))
            for band in scale.bands
        ),
    )


def _proof(case: CaseWork) -> Stretch:
    standard = chosen(case).standard
    lines = [
        Line(
            kind="scale",
            text=f"The case is written to the standard “{standard}”."
            if standard
            else "The case chose no standard of proof.",
        ),
        Line(kind="scale", text="A standard of proof has no number, and is never turned into one."),
    ]
    lines += [
        Line(kind="scale", text=f"{one.name[0].upper()}{one.name[1:]}: {one.says}.")
        for one in standards_of_proof()
    ]
    return Stretch(heading="Standards of proof, the weakest first", lines=tuple(lines))


def _plain(heading: str, columns: tuple[str, str], pairs: Iterable[tuple[str, str]]) -> Stretch:
    lines = tuple(Line(kind="scale", text=row(word, says)) for word, says in pairs)
    return Stretch(heading=heading, columns=columns, lines=lines)


def _notes(text: str) -> Stretch:
    return Stretch(heading="", lines=(Line(kind="scale", text=text),))
