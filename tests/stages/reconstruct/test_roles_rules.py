"""Rules name what somebody does in one record, cite the words, and only ever suggest."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from tests.stages.reconstruct.networktalks import Said, network_of

from pastwatch.errors import BadValue
from pastwatch.model.network import ArguedRole, RoleLabel
from pastwatch.model.party import Party
from pastwatch.model.record import Envelope, Record
from pastwatch.model.when import Basis, When
from pastwatch.stages.reconstruct.communities import divided, graph_of
from pastwatch.stages.reconstruct.roles import OTHERWISE, acts_of, bridges_of, rules, suggestions_of

ASKS, ORDERS, REPORTS = ArguedRole.ASKS, ArguedRole.ORDERS, ArguedRole.REPORTS
ACKNOWLEDGES = ArguedRole.ACKNOWLEDGES
SAYINGS = [
    ("Could you send me the pump figures by noon?", {ASKS}),
    ("I'd like to have all four valves tested.", {ASKS}),
    ("We would like you to stir the tanks.", {ORDERS}),
    ("Go ahead and close the intake.", {ORDERS}),
    ("PORT, the last thing we need here is a reading of both gauges.", {ORDERS}),
    ("Close the gate behind you.", {ORDERS}),
    ("Have them open the sluice.", {ORDERS}),
    ("We've got two pumps out.", {REPORTS}),
    ("The intake is closed.", {REPORTS}),
    ("Roger.", {ACKNOWLEDGES}),
    ("Wilco, on my way", {ACKNOWLEDGES}),
    ("The weather was mild on the river.", set()),
    ("Ты был у врача", set()),
    ("Посмотрел матч?", {ASKS}),
    ("Привезите ящик к мосту.", {ORDERS}),
    ("Докладываю: насос остановлен.", {REPORTS}),
    ("Понял.", {ACKNOWLEDGES}),
    ("> Close the gate\nThe weather was mild.", set()),
]


def said(text: str, *, sender: str | None = "ana@x", number: int = 1, subject: str = "") -> Record:
    envelope = Envelope(
        record_id=bytes([number]) * 16,
        source_id="s",
        medium="mail",
        claimed=When(earliest_us=number, latest_us=number, basis=Basis.HEADER),
        held_us=0,
        size_bytes=1,
        account_tokens=(),
        conversation_token=b"",
    )
    return Record(
        envelope=envelope,
        source_sha256=b"",
        sender=Party(address=sender) if sender else None,
        recipients=(),
        conversation="",
        native_id="",
        reply_to="",
        subject=subject,
        text=text,
        parts=(),
    )


@pytest.mark.parametrize(("text", "roles"), SAYINGS)
def test_a_saying_is_read_by_its_rule(text: str, roles: set[ArguedRole]) -> None:
    assert {act.role for act in acts_of(said(text), source="box")} == roles


def test_an_act_cites_the_very_words_of_its_rule() -> None:
    text = "Насос стоит. We've got two pumps out."
    (act,) = acts_of(said(text), source="box")
    quoted = text.encode()[act.citation.start_byte : act.citation.end_byte]
    assert quoted.decode() == "We've got"
    assert act.citation.text_sha256 == hashlib.sha256(quoted).digest()
    assert act.rule == "we have (en)"
    assert act.account == "mail:ana@x"


def test_a_record_without_a_sender_suggests_nothing() -> None:
    assert acts_of(said("Close the gate.", sender=None), source="box") == []


def test_a_suggestion_cites_its_records_and_says_how_else_it_may_be_read() -> None:
    acts = [a for n in (1, 2) for a in acts_of(said("Close the gate.", number=n), source="box")]
    (one,) = suggestions_of(acts)
    assert (one.role, one.records, len(one.citations)) == (ORDERS, 2, 2)
    assert len(one.otherwise) >= 2
    with pytest.raises(BadValue, match="other readings"):
        replace(one, otherwise=())
    with pytest.raises(BadValue, match="citations"):
        replace(one, citations=())


def test_every_role_has_rules_or_structure_and_two_other_readings() -> None:
    assert {rule.role for rule in rules()} == set(ArguedRole) - {ArguedRole.BROKERS}
    assert {rule.language for rule in rules()} == {"en", "ru"}
    assert all(len(OTHERWISE[role]) >= 2 for role in ArguedRole)


def test_a_label_needs_a_reason_and_a_citation() -> None:
    with pytest.raises(BadValue, match="cites"):
        RoleLabel(account="mail:a", role="orders", reason="her words", citations=())
    with pytest.raises(BadValue, match="a reason"):
        RoleLabel(account="mail:a", role="orders", reason=" ", citations=())


def test_only_the_one_tie_between_two_groups_is_a_bridge() -> None:
    def ring(letter: str) -> list[Said]:
        return [
            Said(n, f"{letter}{n}", [f"{letter}{m}"]) for n in range(5) for m in range(5) if n != m
        ]

    network = network_of([*ring("a"), *ring("b"), Said(9, "a0", ["b0"])])
    assert len(set(divided(graph_of(network), seed=1).tolist())) == 2
    every_account = np.arange(len(network.talk.account_keys))
    assert {b.account for b in bridges_of(network, every_account)} == {"mail:a0", "mail:b0"}
    doubled = network_of([*ring("a"), *ring("b"), Said(9, "a0", ["b0"]), Said(9, "a1", ["b1"])])
    assert bridges_of(doubled, np.arange(len(doubled.talk.account_keys))) == []
