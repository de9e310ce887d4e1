"""Whether DKIM and ARC signatures in a mail hold under keys that were supplied, never fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pastwatch.errors import BadValue
from pastwatch.plugins import extra
from pastwatch.stages.enrich.header import Field, fields_of, named
from pastwatch.stages.enrich.held import Check, Held, Outcome, Remark, remark

CHECK = "dkim"
ARC = "arc"
_TAG = re.compile(r"(?:^|;)\s*(\w+)\s*=\s*([^;]*)")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}")


def keys_of(text: str) -> dict[str, str]:
    """Keys as a DNS zone states them, one a line: `selector._domainkey.example.org v=DKIM1; …`.

    BadValue names the line that is none.
    """
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, value = line.strip().partition(" ")
        if "._domainkey." not in name or not _NAME.fullmatch(name.rstrip(".")) or "p=" not in value:
            raise BadValue(f"line {number} of the keys is none", hint="NAME._domainkey.DOMAIN v=…")
        found[name.rstrip(".").lower()] = value.strip().strip('"')
    return found


def dkim(keys: Mapping[str, str]) -> Check:
    """The check under these keys; MissingExtra where it is run without dkimpy."""

    def check(given: list[Held]) -> Iterator[Remark]:
        for held in given:
            fields = fields_of(held)
            if fields:
                yield from _signatures(held, named(fields, "dkim-signature"), keys)
                yield from _chain(held, named(fields, "arc-seal"), keys)

    return check


def _signatures(held: Held, fields: list[Field], keys: Mapping[str, str]) -> Iterator[Remark]:
    if not fields:
        yield remark(held, CHECK, Outcome.ABSENT, "it carries no signature")
    for number, field in enumerate(fields):
        domain, name = _signer(field)
        if name not in keys:
            says = f"signed for {domain or 'a domain it does not name'}: no key was supplied"
            yield remark(held, CHECK, Outcome.UNDECIDED, says, field.place)
            continue
        library = _library()
        if not _is_key(library, name, keys):
            says = f"signed for {domain}: the key supplied is withdrawn, or is none"
            yield remark(held, CHECK, Outcome.UNDECIDED, says, field.place)
            continue
        try:
            holds = library.DKIM(_lines(held.original)).verify(number, dnsfunc=_answers(keys))
        except library.ValidationError as wrong:
            is_body = str(wrong).startswith("body hash mismatch")
            outcome = Outcome.DIFFERS if is_body else Outcome.UNDECIDED
            told = "is of another body" if is_body else "is not well formed"
            yield remark(held, CHECK, outcome, f"the signature for {domain} {told}", field.place)
            continue
        except (library.DKIMException, ValueError, TypeError, LookupError) as wrong:
            says = f"the signature for {domain} cannot be checked ({type(wrong).__name__})"
            yield remark(held, CHECK, Outcome.UNDECIDED, says, field.place)
            continue
        told = "holds" if holds else "does not hold"
        says = f"the signature for {domain} {told} under the key supplied"
        yield remark(held, CHECK, Outcome.AGREES if holds else Outcome.DIFFERS, says, field.place)


def _chain(held: Held, fields: list[Field], keys: Mapping[str, str]) -> Iterator[Remark]:
    """The chain of those who handed it on, as a whole."""
    if not fields:
        return
    if any(_signer(field)[1] not in keys for field in fields):
        says = f"{len(fields)} stations sealed it on its way: not every key was supplied"
        yield remark(held, ARC, Outcome.UNDECIDED, says, fields[0].place)
        return
    library = _library()
    if not all(_is_key(library, _signer(field)[1], keys) for field in fields):
        says = (
            f"{len(fields)} stations sealed it on its way: a key supplied is withdrawn, or is none"
        )
        yield remark(held, ARC, Outcome.UNDECIDED, says, fields[0].place)
        return
    try:
        told = library.ARC(_lines(held.original)).verify(dnsfunc=_answers(keys))[0]
    except (library.DKIMException, ValueError, TypeError, LookupError) as wrong:
        says = f"the chain of seals cannot be checked ({type(wrong).__name__})"
        yield remark(held, ARC, Outcome.UNDECIDED, says, fields[0].place)
        return
    holds = told == library.CV_Pass
    says = f"the chain of {len(fields)} seals {'holds' if holds else 'does not hold'}"
    yield remark(held, ARC, Outcome.AGREES if holds else Outcome.DIFFERS, says, fields[0].place)


def _signer(field: Field) -> tuple[str, str]:
    """The domain a signature is for, and the name its key goes by."""
    tags = {name: value.strip() for name, value in _TAG.findall(field.value)}
    domain = tags.get("d", "").lower()
    domain = domain if _NAME.fullmatch(domain) else ""
    return domain, f"{tags.get('s', '').lower()}._domainkey.{domain}"


def _is_key(library: Any, name: str, keys: Mapping[str, str]) -> bool:
    """Whether a key can be made of what was supplied; the library takes one that cannot for a no."""
    try:
        library.load_pk_from_dns(name.encode(), _answers(keys))
    except (library.KeyFormatError, ValueError, TypeError, LookupError):
        return False
    except library.DKIMException:  # the check itself will meet it, and say so
        return True
    return True


def _answers(keys: Mapping[str, str]) -> Any:
    """What stands in for the name service: the keys supplied, and nothing else."""

    def answer(name: bytes, *_: object, **__: object) -> bytes | None:
        value = keys.get(name.decode("ascii", "replace").rstrip(".").lower())
        return None if value is None else value.encode()

    return answer


def _lines(original: bytes) -> bytes:
    """The mail with the line ends it was signed with; mailboxes keep bare newlines."""
    return re.sub(rb"\r?\n", b"\r\n", original)


def _library() -> Any:
    with extra("authenticity", "checking signatures needs the package dkimpy"):
        import dkim as library
    return library
