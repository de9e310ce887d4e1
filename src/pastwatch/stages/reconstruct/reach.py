"""Who could have seen one record, by which way and since when; "unknown" where nothing held tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from pastwatch.model.party import Role
from pastwatch.model.reach import Certainty, Reach, Reached, Way
from pastwatch.stages.reconstruct.membership import Members, Was, event_rows, members_at
from pastwatch.stages.reconstruct.talk import NOBODY, Int64s, Talk

_WAYS: Final = {Role.TO: Way.TO, Role.CC: Way.CC, Role.BCC: Way.BCC}
_LIST: Final = re.compile(
    r"(?:^|[-_.])(?:list|lists|all|everyone|everybody|team|staff|group|members|announce|users|dev|"
    r"discuss|undisclosed[-_. ]recipients?)(?:[-_.@]|$)|-l@|@(?:lists?|groups?|listserv)[.]|^r-\w+@"
)
_LATER_WAYS: Final = frozenset((Way.ANSWERED, Way.RECEIPT, Way.PASSED_ON, Way.RECEIVED_ON))
_LOOKED_AT = 100
"""Of more recipients none is looked at for whether it may be a list's address."""
_LIST_SENDERS = 10
"""An address that so many write to, and that never writes itself, is taken for a list's."""
_RECEIPT: Final = re.compile(r"(?:read|gelesen|lu|leído|letto|прочитано)\s*:", re.IGNORECASE)
_QUOTES_ALL, _NAMED_ONLY = 0.5, -1.0
_MAIL: Final = frozenset(("mail", "email"))


def reach_of(
    talk: Talk,
    row: int,
    *,
    event_texts: Mapping[int, str] | None = None,
    quoted_in: Mapping[bytes, float] | None = None,
) -> Reach:
    """Everybody who could have seen the record at this row, each account and way once.

    `event_texts` are the words of `events_for`; `quoted_in` the records found to carry its words,
    with the share they carry. Rows stand in the order: who wrote, was addressed, was a member,
    answered, passed it on; what is unknown last.
    """
    made = _Rows(talk, row)
    made.addressed()
    members = made.members(event_texts)
    made.copies()
    later = made.answered()
    made.passed_on([n for n in later if made.forwards(n)], quoted_in or {})
    made.others(members)
    dated = bool(talk.dated[row])
    return Reach(
        record_id=talk.record_ids[row].tobytes(),
        earliest_us=int(talk.earliest_us[row]) if dated else None,
        latest_us=int(talk.latest_us[row]) if dated else None,
        conversation=made.conversation_name,
        rows=tuple(made.found.values()),
        notes=tuple(made.notes),
    )


def events_for(talk: Talk, row: int) -> list[int]:
    """The rows whose words say who came into the record's conversation, or left it."""
    conversation = int(talk.conversation[row])
    return event_rows(talk, conversation) if conversation != NOBODY else []


class _Rows:
    """The rows of one record's reach as they are found; the first of an account and way stands."""

    def __init__(self, talk: Talk, row: int) -> None:
        self.talk, self.row = talk, row
        self.found: dict[tuple[str, Way], Reached] = {}
        self.notes: list[str] = []
        self._names: set[str] = set()
        self.dated = bool(talk.dated[row])
        self.at_us = int(talk.earliest_us[row]) if self.dated else None
        self.medium = talk.media[int(talk.medium[row])]
        self.conversation = int(talk.conversation[row])
        if not self.dated:
            self.notes.append(
                "the record has no usable time: who was there at that instant is not known"
            )

    @property
    def conversation_name(self) -> str:
        known = self.conversation != NOBODY
        return self.talk.conversations[self.conversation][1] if known else ""

    def addressed(self) -> None:
        """Who wrote it, and whom it names."""
        talk = self.talk
        sender = int(talk.sender[self.row])
        if sender != NOBODY:
            self._add(sender, Way.WROTE, Certainty.CERTAIN, "the record is from this account")
        for account, role in talk.recipients(self.row):
            if account in (NOBODY, sender) or role == Role.MEMBER:
                continue
            way = _WAYS[Role(role)]
            if self._is_list(account):
                self._add(
                    *(account, Way.LIST, Certainty.POSSIBLE),
                    "addressed; it may stand for a list, whose members are not held",
                )
            else:
                self._add(
                    account, way, Certainty.CERTAIN, "the record is addressed to this account"
                )

    def members(self, event_texts: Mapping[int, str] | None) -> Members | None:
        """Who was in its conversation then, or came into it later."""
        if self.conversation == NOBODY or self._is_mail:
            return None
        if not self.dated:
            own = np.flatnonzero(self.talk.conversation == self.conversation)
            accounts = np.unique(np.concatenate((self.talk.sender[own], self._listed())))
            for account in accounts[accounts != NOBODY].tolist():
                text = "was in the conversation at some time; the record's own time is not known"
                self._add(account, Way.MEMBER, Certainty.POSSIBLE, text)
            return Members((), "the record has no usable time")
        latest_us = int(self.talk.latest_us[self.row])
        members = members_at(
            self.talk, self.conversation, self.at_us or 0, latest_us, event_texts=event_texts
        )
        for one in members.members:
            if one.was is Was.LATER:
                text = f"{one.basis}: whether older records were shown to who comes in is not held"
                self._add(
                    *(one.account, Way.JOINED_LATER, Certainty.POSSIBLE, text),
                    since_us=one.since_us,
                    by=one.row,
                )
            elif one.was is not Was.OUT and one.account != self.talk.sender[self.row]:
                self._add(one.account, Way.MEMBER, one.certainty, one.basis, by=one.row)
        return members

    def copies(self) -> None:
        """Copies of it under the same native id, elsewhere: whom they name, and where they stand."""
        talk = self.talk
        native_id = talk.native_id[self.row].as_py()
        if not native_id or not self._is_mail:
            return
        same = pc.indices_nonzero(pc.equal(talk.native_id, native_id)).to_pylist()
        for row in same:
            if row == self.row:
                continue
            source = talk.sources[int(talk.source[row])]
            self._add_named(
                *("", "", Way.COPY, Certainty.UNKNOWN),
                f"a copy stands in source {source}, whose holder could have seen it",
                by=row,
            )
            for account, role in talk.recipients(row):
                if account != NOBODY and role in _WAYS and not self._has(account):
                    text = "a copy in another source is addressed to this account"
                    self._add(account, _WAYS[Role(role)], Certainty.CERTAIN, text, by=row)

    def answered(self) -> list[int]:
        """Who wrote a record that names it as what is answered; gives those records."""
        talk = self.talk
        native_id = talk.native_id[self.row].as_py()
        if not native_id:
            return []
        named = pc.indices_nonzero(pc.equal(talk.reply_to, native_id)).to_pylist()
        answers = [
            row
            for row in named
            if row != self.row and (self._is_mail or talk.source[row] == talk.source[self.row])
        ]
        for row in answers:
            sender = int(talk.sender[row])
            if sender == NOBODY:
                continue
            is_receipt = _RECEIPT.match(talk.subject[row].as_py()) is not None
            way = Way.RECEIPT if is_receipt else Way.ANSWERED
            text = "a read receipt names it" if is_receipt else "answered it, and so had it by then"
            self._add(sender, way, Certainty.CERTAIN, text, by=row)
        return answers

    def forwards(self, row: int) -> bool:
        """Whether an answer is written as a forward: its readers could see what it carries."""
        subject: str = self.talk.subject[row].as_py().strip().casefold()
        return subject.startswith(("fw:", "fwd:", "wg:", "tr:", "rv:", "пересл"))

    def passed_on(self, forwards: Sequence[int], quoted_in: Mapping[bytes, float]) -> None:
        """Who wrote and who received later records that carry its words."""
        place = self.talk.rows_of(quoted_in)
        shares = dict.fromkeys(forwards, _NAMED_ONLY)
        for record_id, share in quoted_in.items():
            if (row := place.get(record_id)) is not None and row != self.row:
                shares[row] = max(share, shares.get(row, 0.0))
        for row in sorted(shares):
            if self._is_copy(row) or not self._is_later(row):
                continue
            self._carried(row, shares[row])

    def _carried(self, row: int, share: float) -> None:
        talk, sender = self.talk, int(self.talk.sender[row])
        whole = share >= _QUOTES_ALL
        part = "its words" if whole else f"some of its words ({share:.0%} of the pieces compared)"
        if share == _NAMED_ONLY:
            part = "its subject as a forward of it; its words were not found there"
        sure = Certainty.CERTAIN if whole else Certainty.POSSIBLE
        if sender != NOBODY:
            self._add(
                sender, Way.PASSED_ON, sure, f"wrote a later record that carries {part}", by=row
            )
        text = f"received a later record that carries {part}"
        for account, role in talk.recipients(row):
            if account not in (NOBODY, sender):
                certainty = Certainty.POSSIBLE if role == Role.MEMBER else sure
                self._add(account, Way.RECEIVED_ON, certainty, text, by=row)
        if talk.conversation[row] != NOBODY and talk.media[int(talk.medium[row])] not in _MAIL:
            self._add_named(
                *("", "", Way.RECEIVED_ON, Certainty.UNKNOWN),
                f"whoever was in the conversation that a later record carried {part} into",
                by=row,
            )

    def others(self, members: Members | None) -> None:
        """Whom nothing held names."""
        if self._is_mail:
            self._unknown("blind copies leave no trace in the copies held")
        if members is not None and members.others:
            self._unknown(members.others)
        if not self.found or (len(self.found) == 1 and members is None and not self._is_mail):
            self._unknown("the record names nobody it went to")
        self._unknown("whoever it was forwarded or shown to outside of what is held")

    @property
    def _is_mail(self) -> bool:
        return self.medium in _MAIL

    def _listed(self) -> Int64s:
        talk = self.talk
        within = talk.conversation[talk.recipient_row] == self.conversation
        return np.asarray(talk.to_account[within])

    def _is_list(self, account: int) -> bool:
        talk = self.talk
        if not self._is_mail:
            return False
        if _LIST.search(talk.account_keys[account][1]):
            return True
        few = talk.to_start[self.row + 1] - talk.to_start[self.row] <= _LOOKED_AT
        if not few or bool(self._writes[account]):
            return False
        rows = talk.recipient_row[talk.to_account == account]
        return bool(len(np.unique(talk.sender[rows])) >= _LIST_SENDERS)

    @cached_property
    def _writes(self) -> npt.NDArray[np.bool_]:
        """For each account whether it ever wrote."""
        found = np.zeros(len(self.talk.account_keys) + 1, np.bool_)
        found[self.talk.sender] = True  # nobody is the last
        return found

    def _is_copy(self, row: int) -> bool:
        own = self.talk.native_id[self.row].as_py()
        return bool(own and self.talk.native_id[row].as_py() == own)

    def _is_later(self, row: int) -> bool:
        if not self.dated or not self.talk.dated[row]:
            return True
        return int(self.talk.latest_us[row]) >= int(self.talk.earliest_us[self.row])

    def _has(self, account: int) -> bool:
        return ":".join(self.talk.account_keys[account]) in self._names

    def _unknown(self, basis: str) -> None:
        known = {one.basis for (_, way), one in self.found.items() if way is Way.OTHERS}
        if basis not in known:
            self.found[f"\0{len(self.found)}", Way.OTHERS] = Reached(
                account="", name="", way=Way.OTHERS, certainty=Certainty.UNKNOWN, basis=basis
            )

    def _add(
        self,
        account: int,
        way: Way,
        certainty: Certainty,
        basis: str,
        *,
        since_us: int | None = None,
        by: int | None = None,
    ) -> None:
        names = self.talk.names.get(account, ())
        name = names[0][0] if names else ""
        if since_us is None:
            since_us = self._since(way, by)
        key = ":".join(self.talk.account_keys[account])
        self._add_named(key, name, way, certainty, basis, since_us=since_us, by=by)

    def _since(self, way: Way, by: int | None) -> int | None:
        """From when: of the record itself, or of the later record that shows it."""
        if by is not None and way in _LATER_WAYS:
            return int(self.talk.earliest_us[by]) if self.talk.dated[by] else None
        return self.at_us

    def _add_named(
        self,
        account: str,
        name: str,
        way: Way,
        certainty: Certainty,
        basis: str,
        *,
        since_us: int | None = None,
        by: int | None = None,
    ) -> None:
        key = (account or f"\0{len(self.found)}", way)
        self._names.add(account)
        record_id = self.talk.record_ids[self.row if by is None else by].tobytes()
        self.found.setdefault(
            key,
            Reached(
                account=account,
                name=name,
                way=way,
                certainty=certainty,
                basis=basis,
                since_us=since_us,
                record_id=record_id,
            ),
        )


def summary(rows: Sequence[Reached]) -> dict[Certainty, int]:
    """How many accounts are reached for certain, possibly, and how many ways stay unknown."""
    best: dict[str, Certainty] = {}
    unknown = 0
    for row in rows:
        if not row.account:
            unknown += 1
        elif best.get(row.account) is not Certainty.CERTAIN:
            best[row.account] = row.certainty
    sure = sum(one is Certainty.CERTAIN for one in best.values())
    return {
        Certainty.CERTAIN: sure,
        Certainty.POSSIBLE: len(best) - sure,
        Certainty.UNKNOWN: unknown,
    }
