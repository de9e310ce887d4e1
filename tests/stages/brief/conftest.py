"""A small archive made by hand: two packs, a policy, a ledger, and a brief released from it."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pastwatch.archive import leaves
from pastwatch.archive.policy import Office, Policy, PolicyKey, signed_policy
from pastwatch.ledger import tree
from pastwatch.ledger.checkpoint import Checkpoint
from pastwatch.ledger.entry import Act, EntryDraft, sign_entry
from pastwatch.ledger.note import sign_note
from pastwatch.model.assessment import Confidence, Coverage, Finding, FindingKind, Likelihood
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.authority import Authority, AuthorityKind, Event, Scope, Signature
from pastwatch.model.party import Party
from pastwatch.model.record import Citation, Envelope, Part, Record
from pastwatch.model.source import Gap, Handover, LawfulBasis
from pastwatch.model.when import DAY_US, HOUR_US, Basis, Span, When, parse_iso
from pastwatch.sealing.signing import SigningKey
from pastwatch.stages.brief import outline, release
from pastwatch.stages.brief.given import (
    Bin,
    BriefInput,
    CitedRecord,
    Figures,
    ReachNote,
    SearchNote,
    SourceNote,
)
from pastwatch.stages.brief.reader import OpenedRecord

EVENT_US, ZONE_S = parse_iso("2017-04-04T06:30:00+03:00")
ORIGIN = "archive-7f3a/ledger"
CUSTODIAN, COLLECTOR, ANALYST, SIGNER = (SigningKey(bytes([n]) * 32) for n in range(1, 5))
LONG = "".join(f"Line {n} of a long note about trucks and bread.\n" for n in range(90))

TALK: tuple[tuple[str, Party, tuple[Party, ...], str, str, int], ...] = (
    (
        "ministry-mail",
        Party(address="a.karim@ministry.example", name="A. Karim"),
        (Party(address="depot@ministry.example"),),
        "Bread for Tuesday",
        "Send the bread before dawn.\r\nTwo loaves, the usual road.\n",
        -9 * HOUR_US,
    ),
    (
        "ministry-mail",
        Party(address="depot@ministry.example", name="Depot"),
        (Party(address="a.karim@ministry.example", name="A. Karim"),),
        "Re: Bread for Tuesday",
        LONG + "The bread is on the road.\n" + LONG,
        -5 * HOUR_US,
    ),
    (
        "street-chat",
        Party(address="+963 900 000 001", name="سمير"),
        (),
        "",
        "هل وصل الخبز؟ قال السائق <b>إنه</b> على الطريق.",
        -4 * HOUR_US,
    ),
)


@dataclass(frozen=True)
class World:
    """What a brief is made of here, and how it is released."""

    given: BriefInput
    opened: tuple[OpenedRecord, ...]
    release: Callable[..., dict[str, bytes]]


def made_record(number: int) -> Record:
    source, sender, recipients, subject, text, shift_us = TALK[number]
    at_us = EVENT_US + shift_us
    original = f"{number}{text}".encode()
    part = Part(
        name="list.txt", media_type="text/plain", size_bytes=9, sha256=bytes(32), text="two carts"
    )
    return Record(
        envelope=Envelope(
            record_id=hashlib.sha256(original).digest()[:16],
            source_id=source,
            medium="mail" if recipients else "chat",
            claimed=When(earliest_us=at_us, latest_us=at_us, basis=Basis.HEADER),
            held_us=EVENT_US + DAY_US,
            size_bytes=len(original),
            account_tokens=(),
            conversation_token=bytes(8),
        ),
        source_sha256=hashlib.sha256(original).digest(),
        sender=sender,
        recipients=recipients,
        conversation="" if recipients else "Neighbours",
        native_id=f"<{number}@ministry.example>",
        reply_to="",
        subject=subject,
        text=text,
        parts=(part,) if number == 0 else (),
    )


def row_of(record: Record) -> dict[str, Any]:
    assert record.envelope.claimed is not None
    return {
        "sender_address": record.sender.address if record.sender else None,
        "sender_name": record.sender.name if record.sender else None,
        "recipients": [
            {"role": int(p.role), "address": p.address, "name": p.name} for p in record.recipients
        ],
        "earliest_us": record.envelope.claimed.earliest_us,
        "latest_us": record.envelope.claimed.latest_us,
        "basis": 2,
        "subject": record.subject,
        "kind": int(record.envelope.kind),
        "conversation": record.conversation,
        "native_id": record.native_id,
        "reply_to": record.reply_to,
        "parts": [
            {
                "name": p.name,
                "media_type": p.media_type,
                "size_bytes": p.size_bytes,
                "sha256": p.sha256,
                "text": p.text,
            }
            for p in record.parts
        ],
    }


def packed(pack_id: str, blocks: Sequence[Sequence[Record]]) -> dict[bytes, leaves.Proof]:
    """The proofs of all records of a pack, by record id."""
    roots, made = [], []
    for number, block in enumerate(blocks):
        seed = hashlib.sha256(f"{pack_id}{number}".encode()).digest()
        pieces = [leaves.pieces(row_of(r), r.text.encode()) for r in block]
        held = leaves.block_leaves(
            seed, [r.record_id for r in block], [r.source_sha256 for r in block], pieces
        )
        salts = leaves.salts(seed, len(block) + sum(map(len, pieces)))
        made.append((block, pieces, held, salts))
        roots.append(leaves.block_root(held))
    found = {}
    for number, (block, pieces, held, salts) in enumerate(made):
        at = 16 * len(block)
        for row, record in enumerate(block):
            salted = []
            for kind, content in pieces[row]:
                salted.append((kind, salts[at : at + 16], content))
                at += 16
            found[record.record_id] = leaves.Proof(
                record_id=record.record_id,
                leaf_salt=salts[16 * row : 16 * row + 16],
                source_sha256=record.source_sha256,
                pieces=tuple(salted),
                row=row,
                block_records=len(block),
                block_path=leaves.block_path(row, held),
                block=number,
                pack_blocks=len(blocks),
                pack_path=leaves.pack_path(number, roots),
                pack_id=pack_id,
                pack_root=leaves.pack_root(roots),
            )
    return found


def quoted(record: Record, words: str, part: int = 0) -> Citation:
    raw = record.part_text(part).encode()
    start = raw.index(words.encode())
    return Citation(
        record_id=record.record_id,
        part=part,
        start_byte=start,
        end_byte=start + len(words.encode()),
        text_sha256=hashlib.sha256(words.encode()).digest(),
    )


def coverage_lines(coverage: Coverage) -> tuple[str, ...]:
    return (
        f"Records: {coverage.held:,} held ▸ {coverage.in_scope:,} in scope ▸ {coverage.scanned:,} scanned.",
        "No bound: nothing was sampled.",
    )


class Log:
    """A ledger in memory: exact bytes of signed entries, and the tree over them."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []

    def append(self, act: Act, signer: SigningKey, **objects: str) -> int:
        draft = EntryDraft(act=act, clock_us=EVENT_US, objects=objects)
        entry = sign_entry(
            draft, signer, sequence=len(self.raw), time_us=EVENT_US + len(self.raw) * 1_000_000
        )
        self.raw.append(entry.to_bytes())
        return entry.sequence

    def path(self, sequence: int) -> list[bytes]:
        held = [tree.leaf_hash(raw) for raw in self.raw]
        return tree.inclusion_path(sequence, len(held), held.__getitem__)

    def checkpoint(self, signer: SigningKey) -> bytes:
        root = tree.root([tree.leaf_hash(raw) for raw in self.raw])
        text = Checkpoint(origin=ORIGIN, size=len(self.raw), root=root).text()
        return sign_note(text, name=ORIGIN, signer=signer, public_key=signer.public)


def made_policy() -> bytes:
    offices = (
        (CUSTODIAN, "Ø. Custodian", Office.CUSTODIAN),
        (COLLECTOR, "collector", Office.COLLECTOR),
        (ANALYST, "N. Analyst", Office.ANALYST),
        (SIGNER, "signer", Office.CHECKPOINT),
    )
    keys = tuple(PolicyKey(public=k.public, person=p, offices=(o,)) for k, p, o in offices)
    return signed_policy(Policy(archive_id="7f3a", keys=keys, recipients=()), CUSTODIAN)


def made_world(collector: SigningKey = COLLECTOR) -> World:
    log, policy = Log(), made_policy()
    log.append(Act.POLICY, CUSTODIAN, policy=hashlib.sha256(policy).hexdigest())
    records = [made_record(n) for n in range(len(TALK))]
    cited = []
    for pack_id, blocks in (
        ("a1", [[records[0]], [made_record(1), replace_text(records[0])]]),
        ("b2", [[records[2]]]),
    ):
        proofs = packed(pack_id, blocks)
        any_proof = next(iter(proofs.values()))
        sequence = log.append(
            Act.COLLECT_COMMIT,
            collector,
            pack=hashlib.sha256(pack_id.encode()).hexdigest(),
            root=any_proof.pack_root.hex(),
        )
        cited += [
            (r, proofs[r.record_id], log.raw[sequence]) for r in records if r.record_id in proofs
        ]
    authority = log.append(Act.AUTHORITY, CUSTODIAN)
    grant = log.append(Act.GRANT, CUSTODIAN)
    opened = log.append(Act.OPENED, ANALYST)
    given = made_input(records, cited, authority=authority, grant=grant, opened=opened)

    def released(
        made: BriefInput = given,
        *,
        change: Callable[[dict[str, bytes]], dict[str, bytes]] = lambda files: files,
        assessed: Mapping[str, str] | None = None,
        **options: Any,
    ) -> dict[str, bytes]:
        """The brief's files; `change` forges them before they are hashed into the ledger.

        `assessed` are the objects of an entry of act "assess" that comes before the release.
        """
        plan = outline.build(made, coverage_lines=coverage_lines)
        own = Log()
        own.raw = list(log.raw)
        if assessed is not None:
            own.append(Act.ASSESS, ANALYST, **assessed)
        files = change(release.files(plan, opened=shown, **options))
        sequence = own.append(Act.RELEASE, ANALYST, **release.release_objects(files))
        needed = {0, sequence, *release.entries_needed(plan)}
        sealed = release.seal_files(
            checkpoint=own.checkpoint(SIGNER),
            policies=[(0, policy)],
            release=sequence,
            entries={n: (own.raw[n], own.path(n)) for n in needed},
        )
        return {**files, **sealed}

    shown = tuple(
        OpenedRecord(
            record=r,
            source=r.envelope.source_id,
            label=f"r{n}",
            spans=((0, 0, 4),),
            marks=("relevant",),
        )
        for n, r in enumerate(records, 1)
    )
    return World(given=given, opened=shown, release=released)


def replace_text(record: Record) -> Record:
    """A neighbour in the same block."""
    other = hashlib.sha256(b"neighbour").digest()
    return replace(
        record, envelope=replace(record.envelope, record_id=other[:16]), text="Nothing here.\n"
    )


def made_coverage() -> Coverage:
    gap = Gap(source_id="street-chat", reason="unreadable line", bytes=412, lost_records_at_most=3)
    return Coverage(
        held=27_159,
        in_scope=3_196,
        readable=3_190,
        unreadable=6,
        scanned=3_190,
        matched=41,
        shown=12,
        undated=18,
        protected=4,
        exposed=132,
        gaps=(gap,),
        queries=("bread", "road"),
    )


def made_findings(records: list[Record]) -> tuple[Finding, ...]:
    return (
        Finding(
            finding_id="f1",
            kind=FindingKind.JUDGEMENT,
            statement="The depot was told the evening before that a transport would leave before dawn",
            citations=(
                quoted(records[0], "Send the bread before dawn."),
                quoted(records[1], "The bread is on the road."),
            ),
            likelihood=Likelihood.LIKELY,
            confidence=Confidence.LOW,
            reasons="Two records of one source, and the words may mean what they say",
        ),
        Finding(
            finding_id="f2",
            kind=FindingKind.NEGATIVE,
            statement="No record was found in which a third party speaks of the transport.",
            coverage=made_coverage(),
        ),
        Finding(
            finding_id="f3",
            kind=FindingKind.OBSERVATION,
            statement='A neighbour asked, four hours before, whether "the bread" had arrived',
            citations=(quoted(records[2], "هل وصل الخبز؟"),),
        ),
        Finding(
            finding_id="f4",
            kind=FindingKind.ASSUMPTION,
            statement="Both records were written by the holders of the accounts",
        ),
    )


def made_sources() -> tuple[SourceNote, ...]:
    return (
        SourceNote(
            name="ministry-mail",
            medium="mail",
            lawful_basis=LawfulBasis.ORDER,
            document="ab" * 32,
            handover=Handover(
                acquired_by="Office of the Prosecutor",
                acquired_from="a server of the ministry",
                acquired_at="2017-05-02",
                tool="imager 4.2",
                left_out="two damaged discs",
            ),
            received_us=EVENT_US + 40 * DAY_US,
            held_from_us=EVENT_US - 90 * DAY_US,
            held_until_us=EVENT_US + 30 * DAY_US,
            records=26_000,
            entries=(1,),
        ),
        SourceNote(
            name="street-chat",
            medium="chat",
            lawful_basis=LawfulBasis.CONSENT,
            document="no document",
            handover=None,
            received_us=EVENT_US + 41 * DAY_US,
            held_from_us=EVENT_US - 2 * DAY_US,
            held_until_us=EVENT_US + DAY_US,
            records=1_159,
            entries=(2,),
            gaps=made_coverage().gaps,
        ),
    )


def made_input(
    records: list[Record],
    cited: list[tuple[Record, leaves.Proof, bytes]],
    *,
    authority: int,
    grant: int,
    opened: int,
) -> BriefInput:
    span = Span(start_us=EVENT_US - 3 * DAY_US, end_us=EVENT_US + 3 * DAY_US)
    event = Event(
        event_id="idlib",
        title="Idlib, 4 April 2017",
        when=Span(start_us=EVENT_US, end_us=EVENT_US + HOUR_US),
        place="Idlib",
        references=("report.html SHA-256 " + "cd" * 32,),
        zone_offset_s=ZONE_S,
    )
    held = Authority(
        authority_id="au-1",
        kind=AuthorityKind.CASE,
        event_id="idlib",
        purpose="Establish who knew of a transport before the event",
        acts=(Allowed.READ,),
        granted_by="Ø. Custodian",
        granted_to="N. Analyst",
        ground="order of the court, 17/204",
        ground_document_sha256="ef" * 32,
        scope=Scope(span=span, source_ids=("ministry-mail", "street-chat")),
        valid=Span(start_us=EVENT_US + 45 * DAY_US, end_us=EVENT_US + 59 * DAY_US),
        signatures=(
            Signature(
                key_id=CUSTODIAN.key_id,
                person="Ø. Custodian",
                signed_us=EVENT_US + 44 * DAY_US,
                signature="",
            ),
        ),
    )
    day_us = DAY_US // 4
    bins = tuple(
        Bin(
            start_us=EVENT_US + n * day_us,
            end_us=EVENT_US + (n + 1) * day_us,
            source=source,
            records=(7 * n * n + 11 * n) % 90 + (20 if source == "ministry-mail" else 3),
            cited=int(n == -1),
        )
        for source in ("ministry-mail", "street-chat")
        for n in range(-12, 12)
    )
    return BriefInput(
        title="What was said before 4 April 2017",
        event=event,
        authority=held,
        archive_id="7f3a",
        case_id="case-1",
        made_us=EVENT_US + 46 * DAY_US,
        made_by="N. Analyst",
        ledger_state="6 entries, root 9f3ab2c4",
        event_entries=(authority,),
        authority_entries=(authority,),
        sources=made_sources(),
        findings=made_findings(records),
        coverage=made_coverage(),
        reach=ReachNote(
            bound=Figures(packs=3, records=4_102, bytes=18_220_114),
            estimate=Figures(blocks=14, records=3_196, accounts=88),
            actual=Figures(blocks=13, records=12),
            exposed=132,
            entries=(grant,),
        ),
        timeline=bins,
        searches=(
            SearchNote(
                query='bread NEAR/5 (road OR "before dawn")',
                at_us=EVENT_US + 45 * DAY_US + HOUR_US,
                by="N. Analyst",
                scanned=3_190,
                hits=41,
                shown=12,
                blocks_opened=13,
                estimate_blocks=14,
                entries=(opened,),
            ),
        ),
        cited=tuple(
            CitedRecord(
                label=f"r{n}",
                record=record,
                source=record.envelope.source_id,
                proof=proof,
                entry_bytes=raw,
                quotes=(quoted(record, "two carts", part=1),) if n == 1 else (),
            )
            for n, (record, proof, raw) in enumerate(cited, 1)
        ),
        notes=("The spelling of names follows the records.",),
    )


@pytest.fixture(scope="session")
def world() -> World:
    return made_world()


@pytest.fixture(scope="session")
def world_of_a_stranger() -> World:
    """The same, its packs signed by a key that the policy does not name."""
    return made_world(SigningKey(bytes([9]) * 32))


@pytest.fixture
def written(tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    def write(files: dict[str, bytes]) -> Path:
        folder = tmp_path / "brief"
        folder.mkdir(exist_ok=True)
        for name, raw in files.items():
            (folder / name).write_bytes(raw)
        return folder

    return write


@pytest.fixture(scope="session")
def packs() -> Callable[..., dict[bytes, leaves.Proof]]:
    return packed


@pytest.fixture(scope="session")
def covered() -> Callable[[Coverage], tuple[str, ...]]:
    return coverage_lines


@pytest.fixture
def cite() -> Callable[..., Citation]:
    return quoted


@pytest.fixture
def relisted() -> Callable[[dict[str, bytes], Callable[[Any], None]], dict[str, bytes]]:
    """Change a sidecar as a forger with the release key would, and write it back canonically."""

    def change(
        files: dict[str, bytes], edit: Callable[[Any], None], name: str = "brief.json"
    ) -> dict[str, bytes]:
        plain = json.loads(files[name])
        edit(plain)
        raw = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        return {**files, name: raw}

    return change


@pytest.fixture
def spelled() -> Callable[[bytes], str]:
    return lambda raw: base64.b64encode(raw).decode()
