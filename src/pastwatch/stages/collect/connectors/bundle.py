"""Reads bundles, files that hold other files (zip, tar, gz, bz2, xz, zst, 7z), layer by layer.

Each member is a container of its own, `OUTER/MEMBER`, read by the connector that knows it. Of the
outer file, the bytes a member takes there are framing "member", the rest is framing by the kind of
bundle, and what did not unpack is a gap. Names are shown, and never followed as paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pastwatch import plugins
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.account import left_out
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.items import HEAD_BYTES, Item, below
from pastwatch.stages.collect.reading import read_here
from pastwatch.stages.collect.spool import LAYERS_AT_MOST, Member, Spool, spooled
from pastwatch.stages.collect.unpack import kind_of, unpacked

_MARK = 35


class Bundle:
    """The connector of bundles; options are handed on to whatever reads the members."""

    name = "bundle"
    medium = "mixed"

    def recognises(self, path: Path, head: bytes) -> int:
        """By its first bytes; a format that is itself a zip is surer of it."""
        return _MARK if kind_of(head) and not path.is_dir() else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """First the account of the bundle itself, then its members in the order of their names."""
        container = container_name(path, options)
        layer = int(options.get("layer", 0))
        with opened(path) as view:
            size, kind = len(view), kind_of(bytes(view[:HEAD_BYTES]))
        if not kind or layer >= LAYERS_AT_MOST:
            if size:
                reason = "bundles in bundles, deeper than the limit" if kind else "not a bundle"
                yield Gap(source_id="", reason=reason, bytes=size, container=container)
            return
        with spooled(options.get("spool")) as spool:
            yield from _account(unpacked(path, spool, kind), container, kind, size)
            given = {**options, "layer": layer + 1, "spool": str(spool.folder.parent)}
            for item in below(spool.folder, plugins.every("connectors")):
                name = f"{container}/{_shown(item, spool)}"
                yield from _member(replace(item, name=name), given)


def _account(
    members: Iterator[Member], container: str, kind: str, size: int
) -> Iterator[Batch | Gap]:
    """The outer file's own bytes; what its directory says beyond its size is not believed."""
    left, framing = size, Columns(container)
    for member in members:
        stored = min(member.stored_bytes, left)
        left -= stored
        if member.path is not None:
            framing.frame("member", stored)
        else:
            reason = f"not unpacked: {member.reason}"
            yield Gap(source_id="", reason=reason, bytes=stored, container=container)
    framing.frame(kind[1:], left)
    yield from framing.rest()


def _shown(item: Item, spool: Spool) -> str:
    """The name a member has in its bundle; a folder goes by its place in the spool."""
    return spool.names.get(item.path, item.name)


def _member(item: Item, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
    """What a member holds, and what its reader left out of it."""
    sums = item.sums()
    for piece in read_here(item, {**options, "container": item.name}):
        sums.add(piece, container=item.name)
        yield piece
    yield from left_out(sums, item.name, item.size_bytes)


CONNECTOR = Bundle()
