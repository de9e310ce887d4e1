"""Accounts are put forward as one person's with reasons, and what speaks against it is told too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from tests.stages.reconstruct.reachtalks import Said, block, row

from pastwatch.model.party import Role
from pastwatch.stages.reconstruct.identities import Suggestion, suggestions
from pastwatch.stages.reconstruct.identities_selfnaming import (
    CALLS_ITSELF,
    IS_CALLED,
    SIGNS,
    SelfNaming,
)
from pastwatch.stages.reconstruct.identities_spelling import (
    LOCAL,
    NAME,
    NAME_IN_ADDRESS,
    PHONE,
    phone_key,
)
from pastwatch.stages.reconstruct.identities_talking import ANSWERS, IS_ANSWERED, WRITES_BACK
from pastwatch.stages.reconstruct.talk import Talk, talk_of


def found(
    *media: tuple[str, Sequence[Said]], merged: Mapping[str, str] | None = None
) -> tuple[Talk, dict[tuple[str, str], Suggestion]]:
    """The suggestions over records of some media, by the addresses of the two accounts."""
    blocks = [block(said, medium=medium, source=f"s{n}") for n, (medium, said) in enumerate(media)]
    naming = SelfNaming()
    for opened in blocks:
        naming.add(opened)
    made = talk_of(blocks)
    place = {address: n for n, (_, address) in enumerate(made.account_keys)}
    stands_for = {place[a]: place[b] for a, b in (merged or {}).items()}
    listed = suggestions(made, said=naming.evidence(made), stands_for=stands_for)
    names = [address for _, address in made.account_keys]
    by = {}
    for one in listed:
        pair = sorted((names[one.one], names[one.two]))
        by[pair[0], pair[1]] = one
    return made, by


def kinds(one: Suggestion) -> set[str]:
    return {reason.kind for reason in one.reasons}


def test_the_same_local_part_at_two_domains_is_a_reason_but_an_office_is_none() -> None:
    said = [
        Said(by="ana.petrova@a.example", to=["info@a.example"]),
        Said(by="ana.petrova@b.example", to=["info@b.example"]),
    ]
    _, by = found(("mail", said))
    assert set(by) == {("ana.petrova@a.example", "ana.petrova@b.example")}
    assert kinds(by["ana.petrova@a.example", "ana.petrova@b.example"]) == {LOCAL}


def test_a_number_is_one_however_it_is_spelt() -> None:
    said = [Said(by="+7 (999) 123-45-67"), Said(by="89991234567"), Said(by="٠٠٧٩٩٩١٢٣٤٥٦٧")]
    _, by = found(("sms", said))
    assert len(by) == 3
    assert all(kinds(one) == {PHONE} and one.score >= 0.9 for one in by.values())
    assert phone_key("=1+1") == phone_key("12 34") == phone_key("ana") == ""


def test_names_shown_are_compared_across_scripts() -> None:
    said = [
        Said(by="u1", name="Башар Асад"),
        Said(by="u2", name="بشار الأسد"),
        Said(by="u3", name="Ana Petrova"),
    ]
    _, by = found(("chat", said))
    assert set(by) == {("u1", "u2")}
    assert kinds(by["u1", "u2"]) == {NAME}


def test_a_name_shown_stands_in_anothers_address() -> None:
    _, by = found(
        ("chat", [Said(by="u3", name="Ana Petrova")]), ("mail", [Said(by="ana.petrova@a.example")])
    )
    assert NAME_IN_ADDRESS in kinds(by["ana.petrova@a.example", "u3"])


def test_who_answers_what_went_to_another_alone_is_put_forward() -> None:
    said = []
    for n in range(3):
        said.append(Said(at=f"10:{n}0", by="x@a", to=["work@a"], native_id=f"q{n}"))
        said.append(Said(at=f"10:{n}5", by="home@b", to=["x@a"], reply_to=f"q{n}"))
    made, by = found(("mail", said))
    one = by["home@b", "work@a"]
    assert kinds(one) == {ANSWERS}
    assert row(made, 1, "s0") in one.reasons[0].rows


def test_an_answer_to_several_is_no_reason() -> None:
    said = []
    for n in range(3):
        said.append(Said(at=f"10:{n}0", by="x@a", to=["work@a", "home@b"], native_id=f"q{n}"))
        said.append(Said(at=f"10:{n}5", by="home@b", to=["x@a"], reply_to=f"q{n}"))
    assert not found(("mail", said))[1]


def test_turns_tell_who_speaks_for_whom_where_nothing_names_what_it_answers() -> None:
    said = []
    for n in range(4):
        said.append(Said(at=f"1{n}:00", by="lookout", to=["sam"]))
        said.append(Said(at=f"1{n}:03", by="intern", to=["lookout"]))
    _, by = found(("radio", said))
    assert kinds(by["intern", "sam"]) == {WRITES_BACK}
    late = [
        Said(at=f"1{n}:{m}", by=b, to=[t])
        for n in range(4)
        for m, b, t in (("00", "lookout", "sam"), ("40", "intern", "lookout"))
    ]
    assert not found(("radio", late))[1]


def test_what_was_merged_counts_as_one_and_is_not_put_forward_again() -> None:
    said = []
    for n in range(4):
        said.append(Said(at=f"1{n}:00", by="kelly", to=["sam"]))
        said.append(Said(at=f"1{n}:03", by="intern", to=["lookout"]))
    _, apart = found(("radio", said))
    assert ("kelly", "lookout") not in apart
    _, by = found(("radio", said), merged={"intern": "sam"})
    assert kinds(by["kelly", "lookout"]) == {IS_ANSWERED}
    assert ("intern", "sam") not in by


def test_naming_oneself_being_called_and_signing_are_reasons_with_their_records() -> None:
    said = [
        Said(at="10:00", by="falcon", to=["boss"], text="Boss, this is Nadia. All set."),
        Said(at="10:10", by="boss", to=["falcon"], text="Nadia, come at three."),
        Said(at="10:20", by="nadia", to=["kim"], text="Who is there?"),
        Said(at="10:30", by="kim", to=["nadia"], text="See you\n— Kim, +7 999 123-45-67"),
        Said(at="10:40", by="+79991234567", to=["nadia"], text="ok"),
    ]
    made, by = found(("radio", said))
    assert kinds(by["falcon", "nadia"]) == {CALLS_ITSELF, IS_CALLED}
    assert SIGNS in kinds(by["+79991234567", "kim"])
    rows = {r for reason in by["falcon", "nadia"].reasons for r in reason.rows}
    assert rows == {row(made, 0, "s0"), row(made, 1, "s0")}


def test_what_speaks_against_it_lowers_the_score_and_is_told() -> None:
    alone = [Said(by="ana.petrova@a.example"), Said(by="ana.petrova@b.example")]
    _, without = found(("mail", alone))
    said = [Said(by="ana.petrova@a.example", to=["ana.petrova@b.example"])]
    _, by = found(("mail", said))
    pair = ("ana.petrova@a.example", "ana.petrova@b.example")
    assert by[pair].against == ("they wrote to each other, once",)
    assert by[pair].score < without[pair].score
    busy = [
        Said(at=f"10:{n:02d}", by=f"ana.petrova@{d}.example", room=d)
        for n in range(4)
        for d in ("a", "b")
    ]
    _, at_once = found(("mail", busy))
    assert "both wrote within 20 seconds" in at_once[pair].against[0]


def test_a_crowd_under_one_name_is_no_reason() -> None:
    said = [Said(by=f"guest{n}", name="Guest User") for n in range(60)]
    assert not found(("chat", said))[1]


def test_an_empty_slice_and_a_talk_of_nobody_suggest_nothing() -> None:
    assert found(("chat", []))[1] == {}
    assert found(("chat", [Said(by="", to=[("", Role.MEMBER)])]))[1] == {}


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "this is", "— ", "it's \n\n\n", ", , , here"])
def test_odd_words_name_nobody(text: str) -> None:
    _, by = found(("chat", [Said(by="kim", text=text), Said(by="lou", text=text)]))
    assert not by


@pytest.mark.parametrize("text", ["Nadia here, come in", "so: Nadia  \n hier", "busy, Nadia ici"])
def test_a_name_before_here_is_what_one_calls_oneself(text: str) -> None:
    said = [Said(by="falcon", to=["boss"], text=text), Said(at="10:20", by="nadia", to=["kim"])]
    _, by = found(("radio", said))
    assert CALLS_ITSELF in kinds(by["falcon", "nadia"])


def test_each_record_that_names_oneself_halves_the_doubt() -> None:
    scores = []
    for times in (1, 2, 3):
        said = [
            Said(at=f"10:0{n}", by="falcon", to=["boss"], text="this is Nadia.")
            for n in range(times)
        ]
        _, by = found(("radio", [*said, Said(at="10:20", by="nadia", to=["kim"])]))
        scores += [r.score for r in by["falcon", "nadia"].reasons if r.kind == CALLS_ITSELF]
    assert scores == [0.375, 0.562, 0.656]
