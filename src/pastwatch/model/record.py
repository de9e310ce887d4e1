"""What was said: drafts going in, envelopes for scope, records coming out of the gate."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.party import Party
from pastwatch.model.when import When

PART_SUBJECT = -1
PART_TEXT = 0


class Kind(enum.IntEnum):
    """What a record reports; the numbers are part of the archive format."""

    SAID = 0
    EDITED = 1
    DELETED = 2
    REACTED = 3
    CREATED = 4
    JOINED = 5
    ADDED = 6
    LEFT = 7
    REMOVED = 8
    RENAMED = 9
    NOTICE = 10
    CALLED = 11


class Defect(enum.IntFlag):
    """What was wrong with a record as it came; the bits are part of the archive format."""

    NONE = 0
    OPAQUE = 1  # kept whole, not parsed
    BAD_CHARSET = 2
    BAD_ENCODING = 4
    BAD_STRUCTURE = 8
    BAD_DATE = 16
    NO_DATE = 32
    AMBIGUOUS_DATE = 64
    NO_SENDER = 128
    CUT_SHORT = 256
    TEXT_LIMIT = 512
    DOUBTFUL = 1024  # claimed and held times disagree by more than the source's lag
    FALLBACK = 2048  # read by a tolerant fallback


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An attachment: what it is called, what it is, its hash, and its text where read."""

    name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One record's pieces as a connector read them: no id, no key, the original bytes exact."""

    original: bytes
    text: str
    claimed: When | None = None
    sender: Party | None = None
    recipients: tuple[Party, ...] = ()
    conversation: str = ""
    native_id: str = ""
    reply_to: str = ""
    subject: str = ""
    parts: tuple[Part, ...] = ()
    kind: Kind = Kind.SAID
    area: str = ""
    defects: Defect = Defect.NONE
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """All that scope needs to know of a record; itself sealed."""

    record_id: bytes
    source_id: str
    medium: str
    claimed: When | None
    held_us: int
    size_bytes: int
    account_tokens: tuple[bytes, ...]
    conversation_token: bytes
    area: str = ""
    kind: Kind = Kind.SAID
    defects: Defect = Defect.NONE

    def __post_init__(self) -> None:
        if len(self.record_id) != 16:  # noqa: PLR2004 - the format's id length
            raise BadValue("a record id is 16 bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A communication as the gate returns it; never edited."""

    envelope: Envelope
    source_sha256: bytes
    sender: Party | None
    recipients: tuple[Party, ...]
    conversation: str
    native_id: str
    reply_to: str
    subject: str
    text: str
    parts: tuple[Part, ...]

    @property
    def record_id(self) -> bytes:
        """The record's 16-byte id."""
        return self.envelope.record_id

    def part_text(self, part: int) -> str:
        """The text of a part: −1 subject, 0 text, 1… attachments."""
        if part == PART_SUBJECT:
            return self.subject
        if part == PART_TEXT:
            return self.text
        if 1 <= part <= len(self.parts):
            return self.parts[part - 1].text
        raise BadValue(f"a record has no part {part}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A stretch of one part of one record, bound to its exact bytes: `text_sha256` is their hash."""

    record_id: bytes
    part: int
    start_byte: int
    end_byte: int
    text_sha256: bytes

    def __post_init__(self) -> None:
        if self.part < PART_SUBJECT:
            raise BadValue("a citation names the subject, the text or an attachment")
        if not 0 <= self.start_byte <= self.end_byte:
            raise BadValue("a citation ends before it starts")
        if len(self.record_id) != 16 or len(self.text_sha256) != 32:  # noqa: PLR2004
            raise BadValue("a citation names a record and the hash of its text")
