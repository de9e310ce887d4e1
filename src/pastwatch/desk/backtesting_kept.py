"""Back-tests as they are kept: sealed to whoever made them, and their samples read blind."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.desk.case import CaseWork
from pastwatch.desk.office import Office
from pastwatch.errors import BadValue, IntegrityError, UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.backtest import Backtest, SampledText, SampleRead
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.model.watch import Verdict
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import unwrap_own
from pastwatch.stages.watch.blind import blind_order, sample_read
from pastwatch.storage import durable

_NAMED: Final = re.compile(r"b[0-9]{1,15}")
_FOLDER: Final = "backtests"


def keep(office: Office, made: Backtest, sample: bytes) -> Path:
    """Keep a back-test and its sealed sample, readable with the user's key alone."""
    folder = _folder(office)
    durable.make_dir(folder)
    plain = {"backtest": to_plain(made), "sample": base64.b64encode(sample).decode()}
    wrapped = seal.wrap(
        json.dumps(plain, sort_keys=True).encode(),
        recipients=[office.ring.user().identity.recipient],
    )
    path = folder / f"{made.backtest_id}.age"
    durable.write_new(path, wrapped)
    return path


def kept_backtest(office: Office, backtest_id: str) -> Backtest:
    """A back-test that was made; UsageError when there is none of that name."""
    return _kept(office, backtest_id)[0]


def kept_backtests(office: Office) -> list[Backtest]:
    """Every back-test that was made here, in order."""
    names = [p.stem for p in _folder(office).glob("*.age") if _NAMED.fullmatch(p.stem)]
    return [kept_backtest(office, name) for name in sorted(names, key=lambda n: int(n[1:]))]


def next_sampled(case: CaseWork, backtest_id: str) -> SampledText | None:
    """The next sampled alert that was not judged, its text alone; None once all were.

    Opened under the case's reading authority, and logged as shown. Who, when and where are not
    told, so that it is judged without knowing whether it came before the event.
    """
    case.gate.check(Allowed.READ)
    order = _order(case, backtest_id)
    judged = _verdicts(case, backtest_id)
    number = next((n for n, one in enumerate(order, 1) if one not in judged), None)
    if number is None:
        return None
    (record,) = case.records([bytes.fromhex(order[number - 1])])
    return SampledText(number=number, of=len(order), subject=record.subject, text=record.text)


def judge_sampled(
    case: CaseWork, backtest_id: str, number: int, verdict: Verdict | str
) -> SampleRead:
    """Keep what a reader says of a sampled alert; a verdict stands: it is not given twice."""
    order = _order(case, backtest_id)
    if not 1 <= number <= len(order):
        raise UsageError(f"there is no sampled alert {number}", hint=f"1 to {len(order)}")
    try:
        said = Verdict(verdict)
    except ValueError:
        raise UsageError(f'"{verdict}" is no verdict', hint=", ".join(Verdict)) from None
    judged = _verdicts(case, backtest_id)
    own = order[number - 1]
    if own in judged:
        raise UsageError(f"sampled alert {number} was judged already")
    case.papers.put_setting(_setting(backtest_id), {**judged, own: said.value})
    return sample_of(case, backtest_id)


def sample_of(case: CaseWork, backtest_id: str) -> SampleRead:
    """What the verdicts on a back-test's sample come to so far."""
    made, _ = _kept(case.office, backtest_id)
    verdicts = {one: Verdict(said) for one, said in _verdicts(case, backtest_id).items()}
    return sample_read(verdicts, _order(case, backtest_id), events=len(made.events))


def _order(case: CaseWork, backtest_id: str) -> list[str]:
    """The ids of the sample in the order they are read, once they are those in the ledger."""
    made, sample = _kept(case.office, backtest_id)
    if not sample:
        raise UsageError(
            f"back-test {backtest_id} drew no sample of alerts", hint="make one with --sample"
        )
    sequence = int(backtest_id[1:])
    entries = entries_of(case.office.ledger, Act.BACKTEST)
    entry = next((e for e in entries if e.sequence == sequence), None)
    if entry is None or entry.objects.get("sample") != hashlib.sha256(sample).hexdigest():
        raise IntegrityError(f"the sample of back-test {backtest_id} is not the one in the ledger")
    ids = json.loads(unwrap_own(sample, identity=case.office.ring.user().identity))
    return blind_order(ids, seed=made.seed)


def _verdicts(case: CaseWork, backtest_id: str) -> dict[str, str]:
    held: dict[str, str] = case.papers.setting(_setting(backtest_id), otherwise={})
    return held


def _setting(backtest_id: str) -> str:
    return f"backtest {backtest_id}"


def _kept(office: Office, backtest_id: str) -> tuple[Backtest, bytes]:
    if not _NAMED.fullmatch(backtest_id):
        raise UsageError(f'"{backtest_id}" is no name of a back-test', hint="as b41")
    try:
        wrapped = (_folder(office) / f"{backtest_id}.age").read_bytes()
    except OSError:
        raise UsageError(f"there is no back-test {backtest_id}") from None
    raw = unwrap_own(wrapped, identity=office.ring.user().identity)
    try:
        plain: dict[str, Any] = json.loads(raw)
        sample = base64.b64decode(plain["sample"], validate=True)
        return from_plain(Backtest, plain["backtest"]), sample
    except (ValueError, KeyError, TypeError, BadValue, binascii.Error):
        raise IntegrityError(f"what is kept of back-test {backtest_id} does not read") from None


def _folder(office: Office) -> Path:
    return WatchPlace.of(office.place).folder / _FOLDER
