"""Pseudonyms: keyed, one a party, in words too, and never over those who are party to the evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.desk.exporting.pseudonyms import HIDDEN, Pseudonyms
from pastwatch.desk.exporting.survey import Survey, spelt
from pastwatch.model.party import Party, Role
from pastwatch.model.record import Envelope, Part, Record

ANNA = ("mail", "anna@a.example", "Anna Quist")
CARL = ("mail", "carl.ming@b.example", "Carl Ming")
PHONE = ("sms", "+49 30 1234567", "")
NICK = ("irc", "gatekeeper", "")
PERSIAN = ("mail", "reza@c.example", "رضا کریمی")


def masks(*others: tuple[str, str, str], key: bytes = b"k" * 32) -> Pseudonyms:
    surveyed = Survey(
        np.zeros(0, np.int64),
        named={spelt(*ANNA)},
        others={spelt(*one) for one in (others or (CARL, PHONE, NICK, PERSIAN))},
        talks={("s1", "quay")},
        natives={"m1"},
    )
    return Pseudonyms(key, surveyed)


def record(**changes: object) -> Record:
    envelope = Envelope(
        record_id=bytes(16), source_id="s1", medium="mail", claimed=None, held_us=0, size_bytes=1,
        account_tokens=(b"t",), conversation_token=b"t",
    )  # fmt: skip
    made = Record(
        envelope=envelope, source_sha256=b"x" * 32, sender=Party(address=CARL[1], name=CARL[2]),
        recipients=(Party(address="Anna@A.example", name="A. Quist", role=Role.CC),),
        conversation="quay", native_id="m2", reply_to="m1", subject="", text="", parts=(),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Carl Ming came", " came"),
        ("CARL MING, and carl  ming's son", "'s son"),
        ("ask Ming.", f"ask {HIDDEN}."),
        ("a ming vase", "a ming vase"),
        ("mail carl.ming@b.example, now", ", now"),
        ("to Stranger@Elsewhere.example now", " now"),
        ("dial +49 (30) 123-4567 or 030 1234567!", "!"),
        ("@gatekeeper: open", ": open"),
        ("گفت رضا کریمی آمد", " آمد"),
        ("Anna Quist and Anna and anna@a.example", "Anna Quist and Anna and anna@a.example"),
        ("nothing of the sort, 1234 or 2017-07-01", "nothing of the sort, 1234 or 2017-07-01"),
        ("", ""),
    ],
)
def test_words_are_kept_but_what_parties_are_called(said: str, left: str) -> None:
    made = masks().words(said)
    assert made.endswith(left)
    told = ("Carl", "CARL", "Ming.", "Stranger", "b.example", "1234567", "123-4567", "gatekeeper", "رضا")  # fmt: skip
    assert [word for word in told if word in made] == []


def test_parties_ids_conversation_and_hashes_are_put_away() -> None:
    part = Part(name="for Carl Ming.txt", media_type="text/plain", size_bytes=1, sha256=b"y" * 32, text="Ming")  # fmt: skip
    made = masks().record(record(parts=(part,)))
    assert made.sender is not None
    assert made.sender.address.endswith("@pseudonym.invalid")
    assert made.sender.name == ""
    assert made.recipients == (Party(address="Anna@A.example", name="A. Quist", role=Role.CC),)
    assert (made.conversation, made.reply_to) == ("quay", "m1")
    assert made.native_id.startswith("id-")
    assert made.source_sha256 == made.parts[0].sha256 == bytes(32)
    assert "Carl" not in made.parts[0].name
    assert made.envelope.account_tokens == ()
    other = masks().record(record(conversation="only theirs"))
    assert other.conversation.startswith("conversation ")


def test_one_party_has_one_pseudonym_however_it_is_written() -> None:
    one = masks().record(record()).sender
    written_otherwise = record(sender=Party(address=" CARL.Ming@B.example"))
    other = masks().record(written_otherwise).sender
    assert one == other
    assert one is not None
    assert masks().words("carl.ming@b.example") == one.address


def test_another_key_gives_another_pseudonym() -> None:
    assert masks().words(CARL[1]) != masks(key=b"q" * 32).words(CARL[1])


def test_a_party_of_the_evidence_is_spared_where_a_stranger_has_its_name() -> None:
    made = masks(("mail", "other@b.example", "Anna Quist"), ("mail", "q@b.example", "Quist Berg"))
    assert made.words("Anna Quist met Quist") == "Anna Quist met Quist"
    assert made.words("Berg met Quist Berg").startswith(HIDDEN)


NAMES = st.lists(st.sampled_from(["Ulla", "Ebbe", "Straat", "Öz", "Ling", "Mbeki"]), min_size=1, max_size=3)  # fmt: skip
FILLER = st.text(alphabet="abz ,.;-@\n\t'’ÄЖ日5+", max_size=40)


@given(name=NAMES, before=FILLER, after=FILLER)
def test_no_address_of_a_stranger_is_in_words_whatever_stands_around(
    name: list[str], before: str, after: str
) -> None:
    address = ".".join(name).lower() + "@strangers.example"
    made = masks(("mail", address, " ".join(name))).words(f"{before} {address} {after}")
    assert address not in made.lower()
    assert "strangers.example" not in made.lower()


@given(text=st.text(alphabet="xyz 日Ω\n.,;:'’-/\u200d", max_size=200))
def test_words_that_name_nobody_are_unchanged(text: str) -> None:
    assert masks().words(text) == text


def test_a_long_text_of_many_names_takes_one_pass() -> None:
    text = "Carl Ming saw the quay. " * 5000
    made = masks().words(text)
    assert "Carl" not in made
    assert made.count("saw the quay") == 5000
