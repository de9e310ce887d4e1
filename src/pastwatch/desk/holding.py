"""The archive as its users hold it: one object for the acts of collecting, opening and checking."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pastwatch import config
from pastwatch.archive.aggregates import Baseline, count_baseline
from pastwatch.archive.grant import Bound, Estimate
from pastwatch.archive.repair import Repairs, repair
from pastwatch.archive.watchplace import WatchPlace
from pastwatch.config import Settings
from pastwatch.desk import authorities, tapping
from pastwatch.desk.annex import destroy_annexes
from pastwatch.desk.case import CaseWork
from pastwatch.desk.clock import now_us
from pastwatch.desk.collecting import CollectReport, collect_into
from pastwatch.desk.counting import custody_of
from pastwatch.desk.keyring import Ask
from pastwatch.desk.office import Office
from pastwatch.desk.opencase import approved, destroy_grant, open_case
from pastwatch.desk.overseeing import Exposure, LedgerLine, checkpoint, exposures, ledger_lines
from pastwatch.desk.overview import Status, status
from pastwatch.desk.repacking import RepackProgress, RepackReport, repack_packs
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.authority import Authority, Event
from pastwatch.model.case import (
    AuthorityState,
    AuthorityStatus,
    Case,
    ProtectedKind,
    Protection,
)
from pastwatch.model.when import Span, parse_iso
from pastwatch.stages.collect.run import Progress

if TYPE_CHECKING:
    from pastwatch.desk.briefs.releasing import BriefMade


class OpenCase(CaseWork):
    """An open case that can also release its brief."""

    def brief(
        self, out: str | Path, *, title: str | None = None, formats: Sequence[str] | None = None
    ) -> BriefMade:
        """Release the brief into a folder that is empty or not there yet.

        `formats` (pdf, docx) beside HTML, Markdown and JSON; all that can be made here by default.
        """
        from pastwatch.desk.briefs.releasing import release  # stands on nearly every room

        return release(self, Path(out), title=title, formats=formats)


class Archive:
    """An archive opened for work. Close it, or use it in a `with` block."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the archive's files."""
        self.office.close()

    def collect(
        self,
        path: str | Path,
        *,
        source: str,
        basis: str | None = None,
        document: str | Path | None = None,
        handover: str | Path | None = None,
        connector: str | None = None,
        medium: str | None = None,
        mapping: str | Path | None = None,
        options: Mapping[str, Any] | None = None,
        level: str | None = None,
        depth: str = "ready",
        watch: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> CollectReport:
        """Seal what stands at a path into a source; see `collecting.collect_into`."""
        return collect_into(
            self.office,
            Path(path),
            source=source,
            basis=basis,
            document=Path(document) if document else None,
            handover=Path(handover) if handover else None,
            connector=connector,
            medium=medium,
            mapping=Path(mapping) if mapping else None,
            options=options,
            level=level,
            depth=depth,
            watch=watch,
            on_progress=on_progress,
            cancel=cancel,
        )

    def add_event(
        self,
        event_id: str,
        title: str,
        *,
        at: str,
        until: str | None = None,
        place: str = "",
        description: str = "",
        references: tuple[str, ...] = (),
    ) -> Event:
        """Declare an event; `at` is ISO 8601 with a zone, which becomes the case's zone."""
        start_us, offset_s = parse_iso(at)
        end_us = parse_iso(until)[0] if until else start_us
        event = Event(
            event_id=event_id,
            title=title,
            when=Span(start_us=start_us, end_us=end_us),
            place=place,
            description=description,
            references=references,
            zone_offset_s=offset_s,
        )
        self.office.desk.add_event(event, by=self.office.person, at_us=self.office.clock())
        return event

    def protect(self, address: str, *, reason: str) -> None:
        """Withhold an account or a domain from every slice granted from now on."""
        kind = ProtectedKind.ACCOUNT if "@" in address.lstrip("@") else ProtectedKind.DOMAIN
        if kind is ProtectedKind.DOMAIN and "." not in address:
            kind = ProtectedKind.ACCOUNT
        self.office.desk.add_protection(
            Protection(
                kind=kind,
                address=address,
                reason=reason,
                by=self.office.person,
                at_us=self.office.clock(),
            )
        )
        if WatchPlace.of(self.office.place).folder.is_dir():
            tapping.protect(self.office, [p.address for p in self.office.desk.protections()])

    def draft_authority(
        self,
        event_id: str,
        path: str | Path,
        *,
        span_hours: int | None = None,
        ground: str = "",
    ) -> Path:
        """Write a commented draft for an event; refused where a file stands."""
        target = Path(path)
        if target.exists():
            raise UsageError(f'"{target.name}" exists already')
        event = self.office.desk.event(event_id)
        text = authorities.draft(
            self.office, event, file_name=target.name, span_hours=span_hours, ground=ground
        )
        target.write_text(text, encoding="utf-8")
        return target

    def sign_authority(self, path: str | Path, *, granting: bool = False) -> Authority:
        """Sign a draft with the user's key, or with the granting key."""
        return authorities.sign(self.office, Path(path), granting=granting)[0]

    def revoke(self, authority_id: str, *, reason: str) -> None:
        """End an authority before its time; keys once granted cannot be called back."""
        office = self.office
        state = office.desk.authority(authority_id)
        entry = EntryDraft(act=Act.REVOKE, clock_us=office.clock(), authority=authority_id)
        (written,) = office.ledger.append([entry], office.ring.user().signing)
        with office.catalogue.changing():
            office.catalogue.end_authority(authority_id, sequence=written.sequence)
        office.desk.put_authority(
            state.authority,
            status=AuthorityStatus.REVOKED,
            by=office.person,
            at_us=office.clock(),
            reason=reason,
        )

    def open_case(
        self,
        event_id: str,
        authority: str | Path,
        *,
        on_bound: Callable[[Bound], None] | None = None,
    ) -> tuple[OpenCase, Bound, Estimate]:
        """Grant a signed authority and open its case; asks for the granting key."""
        event = self.office.desk.event(event_id)
        read = authorities.read_authority(self.office, Path(authority))
        case, bound, estimate = open_case(self.office, event, read, on_bound=on_bound)
        return OpenCase(self.office, case), bound, estimate

    def baseline(self, authority: str | Path) -> Baseline:
        """Counts by source and day under a signed authority that allows the act *baseline*.

        Asks for the granting key. Where a case of the same event is open, the records counted are
        noted in its coverage as "counted, not read".
        """
        office = self.office
        read = authorities.read_authority(office, Path(authority))
        custodian = office.ring.granting()
        read = approved(office, read, custodian)
        counted = count_baseline(read, custody_of(office, custodian))
        for case in office.desk.cases(open_only=True):
            if case.event_id == read.event_id:
                work = CaseWork(office, case)
                work.papers.put_setting("counted", counted.counted)
                work.close()
        return counted

    def case(self, name: str | None = None) -> OpenCase:
        """An open case by its name or its event's; the only open one when none is named."""
        every = self.office.desk.cases(open_only=True)
        cases = [c for c in every if name in (None, c.case_id, c.event_id)]
        if every and not cases:
            known = ", ".join(c.case_id for c in every)
            raise UsageError(f'no open case is called "{name}"', hint=f"open: {known}")
        if not cases:
            raise UsageError("no case is open", hint="open one with 'pastwatch case open'")
        if len(cases) > 1:
            names = ", ".join(c.case_id for c in cases)
            raise UsageError("more than one case is open", hint=f"name one with --case: {names}")
        return OpenCase(self.office, cases[0])

    def events(self) -> list[Event]:
        """The events declared, in order."""
        return self.office.desk.events()

    def authorities(self) -> list[AuthorityState]:
        """The authorities as they stand, in the order they were signed."""
        return self.office.desk.authorities()

    def cases(self) -> list[Case]:
        """The cases, open and closed, in the order they were opened."""
        return self.office.desk.cases()

    def status(self) -> Status:
        """What the archive holds."""
        return status(self.office)

    def ledger_lines(self, start: int = 0) -> Iterator[LedgerLine]:
        """The acts of the ledger, for an overseer."""
        return ledger_lines(self.office, start)

    def exposures(self) -> tuple[Exposure, ...]:
        """How much of each source and account was ever granted and shown."""
        return exposures(self.office)

    def checkpoint(self) -> Path:
        """Sign the ledger as it stands."""
        return checkpoint(self.office)

    def repair(self, *, apply: bool = False) -> Repairs:
        """Put right what a crash left; without `apply` only say what would be done."""
        return repair(self.office.place, dry_run=not apply)

    def repack(
        self,
        *,
        level: str,
        source: str | None = None,
        dry_run: bool = False,
        on_progress: Callable[[RepackProgress], None] | None = None,
    ) -> RepackReport:
        """Rewrite packs at another level; see `repacking.repack_packs`."""
        return repack_packs(
            self.office, level=level, source=source, dry_run=dry_run, on_progress=on_progress
        )

    def close_case(self, name: str | None = None) -> str:
        """Close a case: its granted keys are destroyed here, its papers stay readable.

        Copies of the grant made elsewhere are not called back by it.
        """
        work = self.case(name)
        office = self.office
        destroy_grant(work.case)
        destroy_annexes(work.case)
        office.desk.close_case(work.case_id, at_us=office.clock())
        entry = EntryDraft(act=Act.CASE_CLOSE, clock_us=office.clock(), authority=work.case_id)
        office.ledger.append([entry], office.ring.user().signing)
        work.close()
        return work.case_id


def open_archive(
    folder: str | Path,
    *,
    settings: Settings | None = None,
    ask: Ask | None = None,
    clock: Callable[[], int] = now_us,
) -> Archive:
    """The archive in a folder; `ask(key file's name)` gives passphrases where keys have one."""
    chosen = settings or config.load()
    return Archive(Office(Path(folder), settings=chosen, ask=ask or _from_settings, clock=clock))


def _from_settings(name: str) -> str | None:
    return config.secret("GRANTING_PASSPHRASE" if name == "granting.key" else "PASSPHRASE")
