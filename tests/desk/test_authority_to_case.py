"""From a draft to an open case: what must be signed, by whom, and what is refused on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.desk import offices

from pastwatch.desk.founding import found
from pastwatch.desk.holding import Archive
from pastwatch.errors import (
    ArchiveLocked,
    AuthorityExpired,
    BadSignature,
    BadValue,
    SourceError,
    UsageError,
    WrongKey,
)
from pastwatch.ledger.entry import Act
from pastwatch.storage.lock import FileLock

Fill = Callable[..., Path]


@pytest.fixture
def archive(desk: offices.Desk, tmp_path: Path) -> Iterator[Archive]:
    """An archive of forty records on one day, with an event at noon."""
    with desk.open() as opened:
        path = offices.write_lines(tmp_path / "mail.jsonl", offices.lines(40))
        opened.collect(path, source="mail", basis="own", connector="jsonl")
        opened.add_event("event", "An event", at="2017-07-01T12:00Z", references=("report",))
        yield opened


@pytest.fixture
def filled(archive: Archive, tmp_path: Path) -> Fill:
    """A function that drafts an authority and changes lines of it."""

    def fill(name: str = "grant.toml", **lines: str) -> Path:
        path = archive.draft_authority("event", tmp_path / name)
        change(path, **{"ground": '"my own mail"', **lines})
        return path

    return fill


def change(path: Path, **lines: str) -> None:
    """Set lines of a draft to TOML values."""
    text = path.read_text(encoding="utf-8").splitlines()
    for name, value in lines.items():
        (at,) = [n for n, line in enumerate(text) if line.partition(" =")[0] == name]
        text[at] = f"{name} = {value}"
    path.write_text("\n".join(text) + "\n", encoding="utf-8")


def test_drafted_signed_and_opened_a_case_finds_its_records(archive: Archive, filled: Fill) -> None:
    path = filled()
    authority = archive.sign_authority(path)
    assert authority.self_authorised, "requester and approver are one person, and it is said so"
    case, bound, estimate = archive.open_case("event", path)
    assert bound.held_records == 40
    assert (estimate.records, estimate.undated) == (32, 8)
    hits = list(case.look("number"))
    assert len(hits) == 32
    assert hits[0].show(around=1).record.text.startswith("text of number")
    acts = [e.act for e in archive.office.ledger.entries()]
    order = [Act.AUTHORITY, Act.LOCATE, Act.GRANT, Act.CASE_OPEN, Act.OPEN, Act.OPENED]
    assert [acts.index(act) for act in order] == sorted(acts.index(act) for act in order)
    entry = next(e for e in archive.office.ledger.entries() if e.act == Act.AUTHORITY)
    assert entry.outcome["self_authorised"] is True
    case.close()


def test_a_draft_without_a_ground_is_refused(archive: Archive, filled: Fill) -> None:
    with pytest.raises(BadValue, match="states its legal ground"):
        archive.sign_authority(filled(ground='""'))


def test_an_unsigned_draft_opens_no_case(archive: Archive, filled: Fill) -> None:
    with pytest.raises(BadSignature, match="is not signed") as failure:
        archive.open_case("event", filled())
    assert failure.value.hint
    assert "pastwatch authority sign" in failure.value.hint


@pytest.mark.parametrize(
    ("line", "value"),
    [("until", '"2017-07-05T00:00Z"'), ("undated", "true"), ("purpose", '"another"')],
)
def test_a_draft_changed_after_it_was_signed_opens_no_case(
    archive: Archive, filled: Fill, line: str, value: str
) -> None:
    path = filled()
    archive.sign_authority(path)
    change(path, **{line: value})
    with pytest.raises(BadSignature, match="was changed after it was signed"):
        archive.open_case("event", path)


def test_a_signed_file_changed_by_hand_opens_no_case(archive: Archive, filled: Fill) -> None:
    path = filled()
    archive.sign_authority(path)
    signed = path.with_suffix(".signed.json")
    signed.write_bytes(signed.read_bytes().replace(b'"undated":false', b'"undated":true'))
    with pytest.raises(BadSignature, match="was changed after it was signed"):
        archive.open_case("event", signed)
    assert Act.GRANT not in [e.act for e in archive.office.ledger.entries()]


@pytest.mark.parametrize("text", ["", "not toml at all [", 'purpose = "x"\n'])
def test_a_draft_that_does_not_read_is_a_clear_error(
    archive: Archive, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "grant.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"grant\.toml"):
        archive.sign_authority(path)


def test_a_line_unknown_or_missing_is_named(archive: Archive, filled: Fill) -> None:
    path = filled()
    path.write_text(path.read_text() + 'colour = "red"\n')
    with pytest.raises(UsageError, match="no such line: colour"):
        archive.sign_authority(path)
    path.write_text(path.read_text().replace('colour = "red"\n', "").replace("undated =", "# "))
    with pytest.raises(UsageError, match="missing: undated"):
        archive.sign_authority(path)


WIDE = {"from": '"2017-01-01T00:00Z"', "until": '"2017-12-31T00:00Z"'}


def test_a_wide_span_needs_its_necessity_in_writing(archive: Archive, filled: Fill) -> None:
    with pytest.raises(BadValue, match="states why it is necessary"):
        archive.sign_authority(filled(**WIDE))


def test_a_wide_span_gets_its_second_signature_from_the_granting_key(
    archive: Archive, filled: Fill
) -> None:
    path = filled(**WIDE, necessity='"the matter took a year"')
    authority = archive.sign_authority(path)
    assert authority.person_centred
    assert len(authority.signatures) == 1
    case, _, _ = archive.open_case("event", path)
    signatures = case.authority.signatures
    assert len({s.key_id for s in signatures}) == 2
    assert case.authority.self_authorised
    entry = next(e for e in archive.office.ledger.entries() if e.act == Act.AUTHORITY)
    assert (entry.outcome["person_centred"], entry.outcome["self_authorised"]) == (True, True)
    case.close()


def test_more_approvals_than_there_are_keys_open_no_case(archive: Archive, filled: Fill) -> None:
    path = filled(approvals="3")
    archive.sign_authority(path)
    archive.sign_authority(path, granting=True)
    with pytest.raises(BadSignature, match="has 2 of 3 signatures"):
        archive.open_case("event", path)


def test_an_authority_past_its_end_opens_no_case(
    archive: Archive, filled: Fill, desk: offices.Desk
) -> None:
    path = filled()
    archive.sign_authority(path)
    desk.clock.pass_days(15)
    with pytest.raises(AuthorityExpired, match="ended at"):
        archive.open_case("event", path)


def test_an_open_case_ends_with_its_authority(
    archive: Archive, filled: Fill, desk: offices.Desk
) -> None:
    path = filled()
    archive.sign_authority(path)
    case, _, _ = archive.open_case("event", path)
    assert len(list(case.look("number"))) == 32
    desk.clock.pass_days(15)
    with pytest.raises(AuthorityExpired):
        list(case.look("number"))
    with pytest.raises(AuthorityExpired):
        case.show("h1")
    case.close()


def test_a_revoked_authority_ends_its_case_in_every_process(
    archive: Archive, filled: Fill, desk: offices.Desk
) -> None:
    path = filled()
    authority = archive.sign_authority(path)
    case, _, _ = archive.open_case("event", path)
    with desk.open() as elsewhere:
        elsewhere.revoke(authority.authority_id, reason="the ground fell away")
    with pytest.raises(AuthorityExpired, match="was revoked"):
        list(case.look("number"))
    case.close()


def test_a_protected_domain_is_withheld_from_what_is_opened_afterwards(
    archive: Archive, filled: Fill
) -> None:
    archive.protect("p1@a.example", reason="counsel")
    path = filled()
    archive.sign_authority(path)
    case, _, estimate = archive.open_case("event", path)
    assert estimate.protected == 8
    assert len(list(case.look("number"))) == 24
    assert list(case.look("from:p1@a.example")) == []
    assert case.coverage().protected == 8
    case.close()


def test_a_source_without_a_basis_is_refused_and_leaves_nothing(
    desk: offices.Desk, tmp_path: Path
) -> None:
    path = offices.write_lines(tmp_path / "mail.jsonl", offices.lines(3))
    with desk.open() as archive:
        with pytest.raises(UsageError, match="is new and needs its lawful basis"):
            archive.collect(path, source="mail", connector="jsonl")
        with pytest.raises(UsageError, match="is no lawful basis"):
            archive.collect(path, source="mail", basis="curiosity", connector="jsonl")
        assert archive.office.sources() == {}
    assert not [p for p in desk.place.packs.rglob("*") if p.is_file()]


def test_a_source_keeps_its_basis(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='is held on the basis "own"'):
        archive.collect(tmp_path / "mail.jsonl", source="mail", basis="order", connector="jsonl")


def test_two_collectors_of_one_source_exclude_each_other(
    archive: Archive, tmp_path: Path, desk: offices.Desk
) -> None:
    more = offices.write_lines(tmp_path / "more.jsonl", offices.lines(3, first=100))
    source_id = archive.office.source_id("mail")
    with FileLock(desk.place.locks / f"{source_id}.lock").try_now():
        with pytest.raises(ArchiveLocked, match="is held by another process"):
            archive.collect(more, source="mail", connector="jsonl")
        assert (
            archive.collect(more, source="other", basis="own", connector="jsonl").run.records == 3
        )
    assert archive.collect(more, source="mail", connector="jsonl").run.records == 3


def test_a_folder_that_is_not_there_is_a_clear_error(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no file or folder"):
        archive.collect(tmp_path / "absent", source="mail", connector="jsonl")


def test_a_case_is_opened_once(archive: Archive, filled: Fill) -> None:
    path = filled()
    archive.sign_authority(path)
    case, _, _ = archive.open_case("event", path)
    with pytest.raises(UsageError, match="is open already"):
        archive.open_case("event", path)
    case.close()


def test_granting_asks_for_its_own_passphrase(tmp_path: Path) -> None:
    desk = offices.Desk(tmp_path / "desk", offices.Clock())
    asked: list[str] = []
    found(
        desk.place.folder,
        settings=desk.settings,
        person="ana",
        granting_passphrase="open sesame",  # noqa: S106 - it opens nothing but this test
        user_passphrase=None,
        throwaway=False,
        clock=desk.clock,
    )
    path = offices.write_lines(tmp_path / "mail.jsonl", offices.lines(5))

    def ask(name: str) -> str | None:
        asked.append(name)
        return "wrong" if len(asked) == 1 else "open sesame"

    with desk.open(ask=ask) as archive:
        archive.collect(path, source="mail", basis="own", connector="jsonl")
        archive.add_event("event", "An event", at="2017-07-01T12:00Z")
        draft = archive.draft_authority("event", tmp_path / "grant.toml")
        change(draft, ground='"mine"')
        archive.sign_authority(draft)
        assert asked == [], "collecting and signing need no granting key"
        with pytest.raises(WrongKey, match="the passphrase does not open"):
            archive.open_case("event", draft)
        assert Act.LOCATE not in [e.act for e in archive.office.ledger.entries()]
        case, _, _ = archive.open_case("event", draft)
        assert asked == ["granting.key"] * 2
        case.close()


def test_an_archive_without_a_granting_passphrase_must_say_it_is_throw_away(tmp_path: Path) -> None:
    desk = offices.Desk(tmp_path / "desk", offices.Clock())
    with pytest.raises(UsageError, match="needs a passphrase of its own"):
        found(
            desk.place.folder,
            settings=desk.settings,
            person="ana",
            granting_passphrase=None,
            user_passphrase=None,
            throwaway=False,
            clock=desk.clock,
        )
    assert not desk.place.folder.exists()
