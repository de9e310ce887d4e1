"""Exchanges are followed by their subject, in order of time, and what was handed on stands out."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest
from tests.stages.reconstruct.networktalks import Said, talk_of_lines, window

from pastwatch.drawing.networkchains import Step, draw_chains
from pastwatch.errors import UsageError
from pastwatch.model.handing import Chains, Handing
from pastwatch.stages.reconstruct.network import aggregate
from pastwatch.stages.reconstruct.networkchains import chains_of


def chains(*lines: tuple[str, str, str], forwarded: bool = False, order: str = "volume") -> Chains:
    """Chains of records (from, to, subject), an hour apart."""
    talk = talk_of_lines([Said(n, one, [other]) for n, (one, other, _) in enumerate(lines)])
    named = replace(talk, subject=pa.array([s for _, _, s in lines], pa.large_string()))
    return chains_of(
        aggregate(named, window()),
        source_names={"box": "the box"},
        forwarded=forwarded,
        order=order,
    )


def test_a_chain_is_followed_from_the_first_record_through_replies_and_forwards() -> None:
    made = chains(
        ("ana", "ben", "the crane"),
        ("ben", "ana", "Re: The  crane"),
        ("ana", "cy", "FW: Re: the crane"),
        ("cy", "ana", "Re: Fwd: the crane"),
        ("di", "ed", "the ferry"),
    )
    (chain,) = made.chains
    assert (chain.subject, chain.source, chain.replies, chain.forwards, chain.accounts) == (
        "the crane", "the box", 2, 1, 3,
    )  # fmt: skip
    assert [link.handing for link in chain.links] == [
        Handing.FIRST, Handing.REPLY, Handing.FORWARD, Handing.REPLY,
    ]  # fmt: skip
    assert [link.at_us for link in chain.links] == sorted(link.at_us or 0 for link in chain.links)
    assert (made.of, made.records) == (1, 4)
    assert "assumption" in made.notes[0]


def test_a_forward_alone_is_a_chain_and_a_reply_alone_is_none() -> None:
    assert chains(("ana", "ben", "Fw: notice")).of == 1
    assert chains(("ana", "ben", "Re: notice")).of == 0
    assert chains(("ana", "ben", "x"), ("ben", "ana", "Re: x"), forwarded=True).of == 0


def test_prefixes_of_other_languages_are_read() -> None:
    made = chains(("ana", "ben", "кран"), ("ben", "ana", "Отв: кран"), ("ana", "cy", "WG: кран"))
    assert [link.handing.value for link in made.chains[0].links] == ["first", "reply", "forward"]


def test_records_without_a_subject_are_no_chain() -> None:
    assert chains(("ana", "ben", ""), ("ben", "ana", "Re: ")).of == 0


def test_chains_are_ordered_by_volume_time_or_name_alone() -> None:
    lines = [("a", "b", "z"), ("b", "a", "Re: z"), ("a", "b", "c"), ("b", "a", "Re: c"), ("a", "b", "Re: c")]  # fmt: skip
    assert [c.subject for c in chains(*lines).chains] == ["c", "z"]
    assert [c.subject for c in chains(*lines, order="first").chains] == ["z", "c"]
    assert [c.subject for c in chains(*lines, order="name").chains] == ["c", "z"]
    with pytest.raises(UsageError, match="not ordered by"):
        chains(*lines, order="risk")


def test_a_long_chain_is_drawn_in_part_and_says_so() -> None:
    steps = [Step("2031-05-06", f"10:{n:02}", f"p{n % 3}", [f"q{n}"], "forward") for n in range(40)]
    svg = draw_chains([("crane", steps)], {}, title="t")
    assert "24 of 40 records, 24 of 43 accounts hidden" in svg
    assert svg.count('class="forward"') == 16 + 1  # and one in the legend
