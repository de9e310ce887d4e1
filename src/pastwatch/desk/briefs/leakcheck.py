"""What may not leave with a version to be handed out, and the check of every byte that does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from importlib.util import find_spec
from typing import Final

from pastwatch.desk.briefs.handout_names import Register, name_parts
from pastwatch.errors import LeakFound
from pastwatch.model.record import Record
from pastwatch.model.when import When
from pastwatch.stages.brief.given import BriefInput
from pastwatch.stages.brief.leaks import Barred, Guard, Leak, LeakReport, Sort, other_scripts
from pastwatch.stages.brief.redacting_everyday import EVERYDAY
from pastwatch.stages.brief.redacting_times import Times
from pastwatch.stages.brief.redacting_words import words_of
from pastwatch.stages.brief.release import shipped_verifier
from pastwatch.stages.brief.render import asset
from pastwatch.stages.lookback.expand_names import rule_of

ENTITIES: Final = frozenset({"amp", "lt", "gt", "quot", "apos", "nbsp"})
DIGITS_LEAST: Final = 8
_MAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_CALL: Final = re.compile(r"(?<![\d,.])\+?\d[\d ()-]{7,18}\d(?![\d,.])")
TITLE_WORDS: Final = 2
_YEAR_MOST: Final = 9_990
_SECOND_US: Final = 1_000_000
_MINUTE_US: Final = 60 * _SECOND_US


def barred_of(
    given: BriefInput,
    records: Sequence[Record],
    register: Register,
    *,
    times: Times,
    named: Iterable[Sequence[str]] = (),
    canaries: Iterable[str] = (),
    shown_sources: Iterable[str] = (),
    keep: Sequence[str] = (),
) -> list[Barred]:
    """Everything that may not stand in any file, made from the case and not from what was replaced."""
    kept = {" ".join(words_of(k)) for k in keep} | {p for k in keep for p in name_parts(k)}
    found = [Barred(Sort.CANARY, c) for c in canaries]
    for one in register.everyone():
        found += [Barred(Sort.ADDRESS, a) for a in one.addresses]
        found += _names(one.names)
    for names in named:
        found += _names(names)
    shown = set(shown_sources)
    for source in given.sources:
        found += [Barred(Sort.SOURCE, source.name)]
        found += [] if source.source_id in shown else [Barred(Sort.SOURCE, source.source_id)]
    zone = given.event.zone_offset_s
    for record in records:
        found += _of_record(record, times, zone)
    for cited in given.cited:
        found += [Barred(Sort.HASH, c.text_sha256.hex()) for c in cited.quotes]
        found.append(Barred(Sort.HASH, cited.proof.leaf_salt.hex()))
    for finding in given.findings:
        found += [Barred(Sort.HASH, c.text_sha256.hex()) for c in finding.citations]
    return [b for b in dict.fromkeys(found) if " ".join(words_of(b.value)) not in kept]


def check(
    files: Mapping[str, bytes], barred: Sequence[Barred], *, across_scripts: bool = True
) -> LeakReport:
    """What of the barred stands in the files; verify.py is compared with the one we ship."""
    pages = {n: raw for n, raw in files.items() if n != "verify.py"}
    if files.get("verify.py", shipped_verifier()) != shipped_verifier():
        pages = dict(files)
    found = Guard(barred, own=own_words()).check(pages)
    names = [b.value for b in barred if b.sort is Sort.NAME]
    more = other_scripts(pages, names, rule_of) if across_scripts else []
    return LeakReport(
        leaks=(*found.leaks, *more),
        look=found.look,
        barred=found.barred,
        readings=found.readings,
    )


def refuse(report: LeakReport) -> None:
    """LeakFound where anything barred was found: says where, and of what sort, never what."""
    if report.leaks:
        places = sorted({leak.place for leak in report.leaks})
        more = f" and {len(places) - 3} more places" if len(places) > 3 else ""  # noqa: PLR2004 - enough to begin with
        raise LeakFound(
            f"the leak check found {len(report.leaks)} things that may not leave: "
            f"{'; '.join(places[:3])}{more}",
            hint="nothing was written; see what with --dry-run, and name what is missing with --names",
        )


def own_words() -> frozenset[str]:
    """Words of our pages: markup, style sheet, fixed headings; alone they prove nothing."""
    return frozenset(words_of(asset("brief.css") + asset("brief.html"))) | ENTITIES | _of_template()


@cache
def _of_template() -> frozenset[str]:
    """Words of the template that every Word file begins as: fonts, styles, languages."""
    if find_spec("docx") is None:
        return frozenset()
    from docx import Document

    parts = Document().part.package.iter_parts()
    whole = b" ".join(p.blob for p in parts if str(p.partname).endswith(".xml"))
    return frozenset(words_of(whole.decode("utf-8", "replace")))


def _names(names: Iterable[str]) -> list[Barred]:
    found = []
    for name in names:
        found.append(Barred(Sort.NAME, name))
        found += [Barred(Sort.NAME, part) for part in name_parts(name)]
    return found


def _of_record(record: Record, times: Times, zone_s: int) -> list[Barred]:
    found = [
        Barred(Sort.HASH, record.record_id.hex()),
        Barred(Sort.HASH, record.source_sha256.hex()),
        *(Barred(Sort.HASH, p.sha256.hex()) for p in record.parts if any(p.sha256)),
    ]
    ids = (record.native_id, record.reply_to)
    found += [Barred(Sort.NATIVE_ID, i) for i in ids if len(i) > 3]  # noqa: PLR2004 - a counter is no identity
    for text in (record.text, *(p.text for p in record.parts)):
        found += [Barred(Sort.ADDRESS, one) for one in _MAIL.findall(text)]
        found += [
            Barred(Sort.NUMBER, one)
            for one in _CALL.findall(text)
            if sum(c.isdigit() for c in one) > DIGITS_LEAST
        ]
    found += [Barred(Sort.FILE, p.name) for p in record.parts if len(p.name) > 3]  # noqa: PLR2004 - as above
    title = words_of(record.conversation)
    if len(title) >= TITLE_WORDS and not set(title) <= EVERYDAY:
        found.append(Barred(Sort.TITLE, record.conversation))
    return found + _times(record.envelope.claimed, times, zone_s)


def _times(when: When | None, times: Times, zone_s: int) -> list[Barred]:
    """A time in the forms it is written in: ours, ISO 8601, RFC 5322, seconds and finer since 1970."""
    found = []
    for time_us in {when.earliest_us, when.latest_us} if when else ():
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)
        if time_us % times.step_us == 0 or not 1 < moment.year < _YEAR_MOST:
            continue
        seconds = time_us // _SECOND_US
        found += [str(seconds), str(time_us // 1_000), str(time_us)]
        is_minute = time_us // _MINUTE_US * _MINUTE_US % times.step_us != 0
        for local in (moment, moment.astimezone(timezone(timedelta(seconds=zone_s)))):
            found += [f"{local:%Y-%m-%d %H:%M:%S}", f"{local:%Y%m%dT%H%M%S}"]
            found += [format_datetime(local)[5:-6]]
            forms = ("%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M", "%H:%M:%S %d/%m/%Y")
            found += [local.strftime(form) for form in forms if is_minute]
    return [Barred(Sort.TIME, one) for one in dict.fromkeys(found)]


def told(leaks: Sequence[Leak]) -> list[str]:
    """Leaks for the operator's own terminal: where, and what."""
    return [f"{leak.place}: {leak.value} ({leak.count})" for leak in leaks]
