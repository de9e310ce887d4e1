"""Small archives made by hand: a fake clock, fixed people, and drafts whose truth is plain Python."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pastwatch.archive import layout
from pastwatch.archive.catalogue import Catalogue, RunRow
from pastwatch.archive.gate import Gate
from pastwatch.archive.grant import Granted, make_grant
from pastwatch.archive.identity import SourceKeys, Tokens
from pastwatch.archive.place import Place
from pastwatch.archive.policy import Office, Policy, PolicyKey, signed_policy
from pastwatch.archive.runs import Container, add_source, end_run
from pastwatch.archive.writer import Taken, Writer
from pastwatch.ledger.entry import Act as Logged
from pastwatch.ledger.entry import EntryDraft
from pastwatch.ledger.log import Ledger
from pastwatch.model.authority import Act, Authority, AuthorityKind, Scope
from pastwatch.model.batch import Batch
from pastwatch.model.party import Party
from pastwatch.model.record import Defect, Draft
from pastwatch.model.source import LawfulBasis, Source
from pastwatch.model.when import DAY_US, HOUR_US, Basis, Span, When
from pastwatch.sealing.casekey import AgeIdentity, KeyFile
from pastwatch.storage import durable
from pastwatch.storage.local import LocalStore

START_US = 1_491_000_000_000_000  # 2017-03-31T22:40Z: any fixed time would do
WIDE = Span(start_us=START_US - 4000 * DAY_US, end_us=START_US + 4000 * DAY_US)
PEOPLE = tuple(
    f"p{n}@{d}" for n in range(12) for d in ("a.example", "mail.firm.example", "c.example")
)
WORDS = (
    "harbour",
    "ledger",
    "copper",
    "meeting",
    "погода",
    "طقس",
    "seven",
    "crate",
    "Grüße",
    "noon",
)
AREAS = ("", "", "north", "south")


@dataclass
class Clock:
    """A clock that stands still unless it is pushed."""

    now_us: int = START_US + 100 * DAY_US

    def __call__(self) -> int:
        return self.now_us


@dataclass
class World:
    """An archive with its people, at work without a desk."""

    folder: Path
    ledger: Ledger
    catalogue: Catalogue
    store: LocalStore
    custodian: KeyFile
    collector: KeyFile
    analyst: KeyFile
    clock: Clock
    secrets: tuple[bytes, bytes] = (b"\x01" * 32, b"\x02" * 32)
    sources: dict[str, Source] = field(default_factory=dict)
    case: AgeIdentity = field(default_factory=AgeIdentity.make)
    runs: int = 0

    @classmethod
    def make(cls, folder: Path) -> World:
        """A new archive."""
        here = Place(folder)
        for path in (here.folder, here.packs, here.runs, here.sources, here.locks, here.openings):
            durable.make_dir(path)
        keys = [KeyFile.make(name) for name in ("custodian", "collector", "analyst")]
        posts = ((Office.CUSTODIAN, Office.APPROVER), (Office.COLLECTOR,), (Office.ANALYST,))
        policy = Policy(
            archive_id="aa" * 8,
            keys=tuple(
                PolicyKey(public=k.signing.public, person=k.person, offices=o)
                for k, o in zip(keys, posts, strict=True)
            ),
            recipients=(keys[0].identity.recipient,),
            single_user=False,
        )
        clock = Clock()
        ledger = Ledger.create(here.ledger)
        raw = signed_policy(policy, keys[0].signing)
        entry = EntryDraft(
            act=Logged.POLICY, clock_us=START_US, objects={"policy": sha256_hex(raw)}
        )
        ledger.append([entry], keys[0].signing)
        durable.write_new(here.policy, raw)
        store = LocalStore(here.packs)
        custodian, collector, analyst = keys
        return cls(
            folder, ledger, Catalogue(here.catalogue), store, custodian, collector, analyst, clock
        )

    @property
    def place(self) -> Place:
        """Where all of it stands."""
        return Place(self.folder)

    def close(self) -> None:
        """Let go of the files."""
        self.ledger.close()
        self.catalogue.close()

    def reopen(self) -> None:
        """As another process would see it."""
        self.close()
        self.ledger, self.catalogue = Ledger(self.place.ledger), Catalogue(self.place.catalogue)

    def source(self, name: str, **given: Any) -> Source:
        """The source of that name, registered at its first use."""
        if name not in self.sources:
            made = Source(
                source_id=sha256_hex(name.encode())[:16],
                name=name,
                medium="mail",
                lawful_basis=LawfulBasis.OWN,
                held_since_us=START_US,
                **given,
            )
            self.sources[name] = made
            add_source(
                self.place,
                made,
                None,
                ledger=self.ledger,
                catalogue=self.catalogue,
                signer=self.collector.signing,
                recipients=[self.custodian.identity.recipient],
                clock_us=self.clock(),
            )
        return self.sources[name]

    def keys_of(self, source_id: str) -> SourceKeys:
        """The keyed ids and tokens of a source."""
        return SourceKeys.derive(*self.secrets, source_id)

    def tokens_of(self, source_id: str) -> Tokens:
        """A source's tokens."""
        return Tokens(self.keys_of(source_id).account_key)

    def writer(self, name: str, *, signer: KeyFile | None = None, **given: Any) -> Writer:
        """A writer for the source of that name."""
        source = self.source(name, **given)
        self.runs += 1
        return Writer(
            source,
            run_id=f"run{self.runs:04d}",
            store=self.store,
            ledger=self.ledger,
            catalogue=self.catalogue,
            keys=self.keys_of(source.source_id),
            signer=(signer or self.collector).signing,
            recipients=[self.custodian.identity.recipient],
        )

    def collect(
        self, name: str, drafts: Sequence[Draft], *, container: str = "file", **given: Any
    ) -> Taken:
        """Seal drafts into a source, as one run over one container."""
        writer = self.writer(name, **given)
        batch = Batch(columns=layout.batch_of(drafts), container=container)
        writer.add(batch, clock_us=self.clock())
        writer.flush()
        read = sum(len(d.original) for d in drafts)
        row = RunRow(
            run_id=f"run{self.runs:04d}",
            source_id=self.sources[name].source_id,
            read_bytes=read,
            record_bytes=writer.taken.record_bytes,
            held_bytes=writer.taken.held_bytes,
            gap_bytes=0,
            framing_bytes=0,
            records=writer.taken.records,
            already_held=writer.taken.already_held,
            ended_us=self.clock(),
            sequence=-1,
        )
        end_run(
            self.place,
            row,
            [],
            [Container(name=container, bytes=read)],
            framing={},
            tokens=writer.tokens,
            ledger=self.ledger,
            catalogue=self.catalogue,
            signer=self.collector.signing,
            recipients=[self.custodian.identity.recipient],
        )
        return writer.taken

    def authority(self, scope: Scope | None = None, **given: Any) -> Authority:
        """An authority over a scope, valid now."""
        return Authority(
            **{
                "authority_id": "case-1",
                "kind": AuthorityKind.CASE,
                "event_id": "event",
                "purpose": "to test",
                "acts": (Act.READ,),
                "granted_by": "custodian",
                "granted_to": "analyst",
                "ground": "a test",
                "scope": scope or Scope(span=WIDE, undated=True),
                "valid": Span(start_us=START_US, end_us=START_US + 200 * DAY_US),
                "necessity": "a test",
                **given,
            }
        )

    def grant(self, authority: Authority, *, protected: Sequence[str] = ()) -> Granted:
        """The custodian's act."""
        return make_grant(
            authority,
            store=self.store,
            ledger=self.ledger,
            catalogue=self.catalogue,
            custodian=self.custodian,
            case_recipient=self.case.recipient,
            tokens_of=self.tokens_of,
            protected=list(protected),
            facts={"sources": {s.source_id: {"medium": s.medium} for s in self.sources.values()}},
            clock_us=self.clock(),
            keep_openings=self._keep,
        )

    def gate(self, authority: Authority | None = None, *, protected: Sequence[str] = ()) -> Gate:
        """The gate of a fresh grant."""
        return self.gate_of(self.grant(authority or self.authority(), protected=protected).file)

    def gate_of(self, file: bytes) -> Gate:
        """The gate of a grant file."""
        return Gate(
            file,
            identity=self.case,
            store=self.store,
            ledger=self.ledger,
            catalogue=self.catalogue,
            signer=self.analyst.signing,
            clock=self.clock,
        )

    def packs(self) -> list[Path]:
        """The pack files."""
        return sorted(self.place.packs.rglob("*.pack"))

    def _keep(self, name: str, raw: bytes) -> None:
        path = self.place.openings / f"{name}.json"
        if not path.exists():
            durable.write_new(path, raw)


def drafts(count: int, *, seed: int = 0, source: str = "mail") -> list[Draft]:
    """Drafts of several accounts, conversations and places; a tenth of them without a usable time."""
    draw = random.Random(f"{source}/{seed}")  # noqa: S311 - test data, not keys
    return [_draft(draw, f"{source}-{seed}-{number}") for number in range(count)]


def dated(draft: Draft) -> bool:
    """Whether a scope's span decides over a draft, in plain Python."""
    return draft.claimed is not None and draft.claimed.width_us < 400 * DAY_US


def exact(draft: Draft, at_us: int) -> Draft:
    """The draft at an exact time."""
    return replace(draft, claimed=When(earliest_us=at_us, latest_us=at_us, basis=Basis.HEADER))


def sha256_hex(raw: bytes) -> str:
    """The hash as the ledger writes it."""
    import hashlib

    return hashlib.sha256(raw).hexdigest()


def opened_frames(
    monkeypatch: Any, view: Callable[[tuple[bytes, int, int]], None] | None = None
) -> list[tuple[bytes, int, int]]:
    """Every frame opened from now on, as (header hash, section, index)."""
    from pastwatch.sealing import opening

    seen: list[tuple[bytes, int, int]] = []
    genuine = opening.open_frame

    def counting(*args: Any, **kwargs: Any) -> int:
        frame = (kwargs["header_hash"], kwargs["section"], kwargs["index"])
        seen.append(frame)
        if view:
            view(frame)
        return genuine(*args, **kwargs)

    monkeypatch.setattr(opening, "open_frame", counting)
    return seen


def _draft(draw: random.Random, name: str) -> Draft:
    text = " ".join(draw.choices(WORDS, k=draw.randrange(3, 30))) + f" mark-{name}\n"
    if draw.random() < 0.2:
        text = ""
    subject = f"about {draw.choice(WORDS)}" if draw.random() < 0.7 else ""
    sender = draw.choice(PEOPLE) if draw.random() < 0.95 else ""
    recipients = draw.sample(PEOPLE, draw.randrange(4))
    return Draft(
        original=f"From: {sender}\nSubject: {subject}\nId: {name}\n\n{text}".encode(),
        text=text,
        claimed=_claimed(draw),
        sender=Party(address=sender, name=sender.partition("@")[0]) if sender else None,
        recipients=tuple(Party(address=r) for r in recipients),
        conversation=f"talk {draw.randrange(9)}",
        native_id=name,
        subject=subject,
        area=draw.choice(AREAS),
        defects=Defect.NONE,
    )


def _claimed(draw: random.Random) -> When | None:
    kind = draw.random()
    if kind < 0.06:
        return None
    earliest = START_US + draw.randrange(60 * DAY_US)
    width = 0
    if kind < 0.10:
        width = draw.choice((400 * DAY_US - 1, 400 * DAY_US, 500 * DAY_US))
    elif kind < 0.30:
        width = draw.choice((HOUR_US, DAY_US, 31 * DAY_US))
    return When(earliest_us=earliest, latest_us=earliest + width, basis=Basis.HEADER)
