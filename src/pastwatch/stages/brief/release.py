"""The files of a released brief: made, hashed for the ledger, and tied to its checkpoint."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import rfc8785

from pastwatch.errors import BadValue
from pastwatch.plugins import load
from pastwatch.stages.brief import (
    arithmetic,
    verifier,
    verifier_handout,
    verifier_negative,
    verifier_notice,
    verifier_page,
    verifier_reading,
    verifier_record,
)
from pastwatch.stages.brief.exporters.html import EXPORTER as HTML
from pastwatch.stages.brief.exporters.markdown import EXPORTER as MARKDOWN
from pastwatch.stages.brief.reader import OpenedRecord, reader_page
from pastwatch.stages.brief.sentences import Outline
from pastwatch.stages.brief.sidecar import proofs, sequence_of, sidecar

LEDGER = "ledger.json"
PAPERS = {"pdf": ("typst",), "docx": ("docx", "typst")}
"""The formats for paper, and what each is made with; all of it comes with the extra `papers`."""
_FUTURE = "from __future__ import annotations\n"
_OWN_FOLDER = """
import sys

if __name__ == "__main__" and not sys.flags.isolated:
    sys.path.pop(0)  # or a json.py that somebody put beside this file would be run
"""
_STANDS_ON = (
    arithmetic,
    verifier_handout,
    verifier_negative,
    verifier_notice,
    verifier_page,
    verifier_reading,
    verifier_record,
)
_IMPORT = r"^from {} import (?:\(.*?\)|[^(]*?)\n"


def files(
    outline: Outline,
    *,
    opened: Sequence[OpenedRecord] = (),
    redact: bool = False,
    formats: Sequence[str] = (),
) -> dict[str, bytes]:
    """Every file of the brief but `ledger.json`, by name; the same input gives the same bytes.

    `opened` are the records of the case reader: those already opened, cited or not. With `redact`
    the proofs give uncited text as hashes, and no case reader is written. `formats` names
    exporters whose files stand beside HTML, Markdown and JSON, which are always written;
    UnknownPlugin for a name there is not, MissingExtra where one's extra is not installed.
    """
    asked = [load("exporters", name) for name in dict.fromkeys(formats)]
    made = {
        "brief.html": HTML.export(outline),
        "brief.md": MARKDOWN.export(outline),
        "brief.json": sidecar(outline),
        "proofs.json": proofs(outline, redact=redact),
        "verify.py": shipped_verifier(),
    }
    made |= {
        f"brief{exporter.suffix}": exporter.export(outline)
        for exporter in asked
        if f"brief{exporter.suffix}" not in made
    }
    if not redact:
        given = outline.given
        made["records.html"] = reader_page(
            given.title,
            opened,
            case_id=given.case_id,
            zone_offset_s=given.event.zone_offset_s,
        )
    return made


def papers() -> tuple[str, ...]:
    """The paper formats whose packages are installed here."""
    return tuple(name for name, parts in PAPERS.items() if all(map(find_spec, parts)))


def shipped_verifier() -> bytes:
    """verify.py: the verifier with what it stands on in one file, so that it runs alone."""
    whole = _source(verifier)
    for module in _STANDS_ON:
        stands_on = _source(module).split(_FUTURE, 1)[1].strip() + "\n"
        for other in _STANDS_ON:  # it stands in the same file already, or will
            stands_on = _imports(other).sub("", stands_on)
        whole, count = _imports(module).subn(lambda _, text=stands_on: text, whole, count=1)  # type: ignore[misc]
        if count != 1:
            raise BadValue("the verifier cannot be put together")
    whole = whole.replace(_FUTURE, _FUTURE + _OWN_FOLDER, 1)
    if "import pastwatch" in whole or "from pastwatch" in whole:
        raise BadValue("the verifier does not stand alone")
    return whole.encode()


def _imports(module: ModuleType) -> re.Pattern[str]:
    """The statement that imports from a module."""
    return re.compile(_IMPORT.format(re.escape(module.__name__)), re.DOTALL | re.MULTILINE)


def release_objects(made: Mapping[str, bytes]) -> dict[str, str]:
    """File name -> SHA-256 in hex: the objects of the ledger entry of act "release"."""
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in sorted(made.items())}


def entries_needed(outline: Outline) -> tuple[int, ...]:
    """The ledger sequences a brief rests on: packs of its records, and what its figures cite."""
    cited = {sequence_of(c) for c in outline.given.cited}
    cited |= {c.proof.attested.sequence for c in outline.given.cited if c.proof.attested}
    return tuple(sorted(cited | {n for s in outline.sentences() for n in s.ledger}))


def seal_files(
    *,
    checkpoint: bytes,
    policies: Sequence[tuple[int, bytes]],
    release: int,
    entries: Mapping[int, tuple[bytes, Sequence[bytes]]],
) -> dict[str, bytes]:
    """`ledger.json`, made once the release stands in the ledger under a signed checkpoint.

    `policies`: sequence of the entry that laid each down, and the exact bytes of policy.json, from
    entry 0 on. `entries`: sequence -> (exact bytes, inclusion path at the checkpoint's size) for
    `entries_needed`, the policies' entries and the release.
    """
    whole: dict[str, Any] = {
        "checkpoint": checkpoint.decode(),
        "policies": [
            {"sequence": sequence, "policy": base64.b64encode(raw).decode()}
            for sequence, raw in policies
        ],
        "release": release,
        "entries": {
            str(sequence): {
                "entry": base64.b64encode(raw).decode(),
                "path": [h.hex() for h in path],
            }
            for sequence, (raw, path) in sorted(entries.items())
        },
    }
    return {LEDGER: rfc8785.dumps(whole)}


def _source(module: ModuleType) -> str:
    return Path(str(module.__file__)).read_text(encoding="utf-8")
