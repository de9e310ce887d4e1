"""Which program seems to have made a mail or an export, and whether it is the one that is named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pastwatch.stages.enrich.header import Field, fields_of, named
from pastwatch.stages.enrich.held import Held, Outcome, Remark, remark

CHECK = "made-by"
_NAMING = ("x-mailer", "user-agent", "x-newsreader", "x-mimeole")
# Forms that programs give to the ids and borders they make, as seen in mail they sent.
_FORMS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("Apple Mail", "content-type", re.compile(r'boundary="?Apple-Mail[=-]')),
    ("Outlook", "content-type", re.compile(r'boundary="?----=_NextPart_[0-9A-F]{3}_')),
    ("Gmail", "message-id", re.compile(r"<CA[\w+=-]{20,}@mail\.gmail\.com>")),
    ("Exchange", "message-id", re.compile(r"<[0-9A-Z]{20,}@\S+\.(?:prod\.outlook\.com|local)>")),
    ("Thunderbird", "content-type", re.compile(r'boundary="?-{12}[0-9A-Za-z]{20,}"?$')),
    ("Yahoo", "message-id", re.compile(r"<\d+\.\d+\.\d+@mail\.yahoo\.com>")),
    ("mutt", "message-id", re.compile(r"<20\d{12}\.[\w-]+@")),
    ("Pine", "message-id", re.compile(r"<Pine\.\w+\.")),
)
_NAMES: dict[str, tuple[str, ...]] = {
    "Apple Mail": ("apple mail", "iphone mail", "ipad mail", "macoutlook"),
    "Outlook": ("outlook", "mimeole", "exchange", "windows mail", "windows live mail"),
    "Gmail": ("gmail",),
    "Exchange": ("outlook", "exchange"),
    "Thunderbird": ("thunderbird", "mozilla", "seamonkey", "icedove"),
    "Yahoo": ("yahoo",),
    "mutt": ("mutt",),
    "Pine": ("pine",),
}


def made_by(given: list[Held]) -> Iterator[Remark]:
    """One remark a mail: the program named, the one its form suggests, and whether they differ."""
    for held in given:
        fields = fields_of(held)
        if fields:
            yield _of(held, fields)


def _of(held: Held, fields: list[Field]) -> Remark:
    stated = [field for name in _NAMING for field in named(fields, name)]
    seen = [
        (program, field)
        for program, name, form in _FORMS
        for field in named(fields, name)
        if form.search(field.value)
    ]
    if not stated and not seen:
        return remark(held, CHECK, Outcome.ABSENT, "no program is named, and no form known")
    if not seen:
        return remark(
            held, CHECK, Outcome.UNDECIDED, "it names a program, and no form known", stated[0].place
        )
    program, field = seen[0]
    if not stated:
        says = f"its form is that of {program}; it names no program"
        return remark(held, CHECK, Outcome.UNDECIDED, says, field.place)
    agrees = any(name in one.value.lower() for one in stated for name in _NAMES[program])
    says = f"its form is that of {program}, and it names {'it' if agrees else 'another program'}"
    return remark(held, CHECK, Outcome.AGREES if agrees else Outcome.DIFFERS, says, field.place)
