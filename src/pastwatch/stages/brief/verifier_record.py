"""What the lines about a record (when, from, to …) must say, told from its proved pieces."""

from __future__ import annotations

import struct
from typing import Any

from pastwatch.stages.brief.arithmetic import sha256, shown, strings, unbase64, utc

SENDER, RECIPIENTS, WHEN, SUBJECT, CONTEXT, TEXT, PART = range(7)


def describes(one: dict[str, Any], pieces: list[tuple[int, bytes]], record_id: str) -> bool:
    """Whether a line about a record says what its pieces say."""
    name, _, rest = one["text"].partition(": ")
    held = dict(pieces)
    said: list[str] = []
    if name == "When" and pieces:
        earliest, latest, basis = struct.unpack("<qqB", held[WHEN])
        within = utc(earliest) in rest and utc(latest) in rest
        said = [rest if basis and within else "undated" if not basis else ""]
    elif name == "From" and pieces:
        said = [shown(*strings(held[SENDER], 2)[0]) if held[SENDER] else "not stated"]
    elif name == "To" and pieces:
        said = [", ".join(shown(*p) for p in strings(held[RECIPIENTS], 2, skip=1))]
    elif name == "Conversation" and pieces:  # hidden with the transport's ids when redacted
        said = [strings(held[CONTEXT][1:], 3)[0][0] if CONTEXT in held else rest]
    elif name == "Attachment":
        for content in (c for kind, c in pieces if kind == PART):
            (size,) = struct.unpack_from("<q", content, 32)
            file = strings(content[40:-32], 2)[0][0] or "without a name"
            said.append(f"{file} ({size:,} bytes)")
    elif name == "Record" and pieces:
        said = [record_id]
    return rest in said


class Held:
    """The proved pieces of one record, and the texts of its attachments, ordered and read once."""

    def __init__(self, pieces: list[tuple[int, bytes]], part_texts: dict[str, str]) -> None:
        self.pieces = pieces
        self.part_texts = part_texts
        self.read: dict[int, bytes] = {}
        texts = [c for kind, c in pieces if kind == TEXT]
        self.cut = sorted((struct.unpack_from("<Q", c)[0], c[8:]) for c in texts)

    def quoted(self, cite: dict[str, Any]) -> bytes | None:
        """The bytes a citation names; None when they are not there."""
        start, end, part = cite["start_byte"], cite["end_byte"], cite["part"]
        if not 0 <= start < end:
            return None
        if part == 0:
            inside = [(at, text) for at, text in self.cut if at < end and at + len(text) > start]
            first, at_end = (inside[0][0] if inside else end), inside[0][0] if inside else end
            for at, more in inside:
                if at != at_end:
                    return None
                at_end += len(more)
            text = b"".join(more for _, more in inside)
        elif part == -1:
            first, text = 0, next(c for kind, c in self.pieces if kind == SUBJECT)
        else:
            first, text = 0, self.part_text(part)
        inside_text = first <= start and end <= first + len(text)
        return text[start - first : end - first] if inside_text else None

    def part_text(self, part: int) -> bytes:
        """The text of an attachment, if it is the one that was sealed; empty otherwise."""
        if part not in self.read:
            held = [c for kind, c in self.pieces if kind == PART][part - 1]
            text = unbase64(self.part_texts[str(part)])
            self.read[part] = text if sha256(text) == held[-32:] else b""
        return self.read[part]
