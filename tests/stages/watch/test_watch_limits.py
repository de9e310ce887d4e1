"""A watch that follows persons is known by its text alone, and needs more to rest on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pastwatch.model.authority import Act, Authority, AuthorityKind, Scope, Signature
from pastwatch.model.watch import CountRule, Per, RiseRule, Severity, Watch
from pastwatch.model.when import DAY_US, Span
from pastwatch.stages.watch.limits import accounts_of, directed, refusals

NOW_US = 10 * DAY_US
WATCH = Watch(
    name="valve",
    version=1,
    owner="ana",
    purpose="chlorine at the bridge",
    severity=Severity.WARNING,
    authority_id="standing-1",
    alerts_a_day=20,
    horizon_s=3600,
    text_sha256="0" * 64,
    query="chlorine NEAR/3 bridge",
)
SIGNED = tuple(
    Signature(key_id=f"{n:016x}", person=p, signed_us=1, signature="")
    for n, p in enumerate(("ana", "ben"))
)
STANDING = Authority(
    authority_id="standing-1",
    kind=AuthorityKind.STANDING,
    event_id="",
    purpose="warn of chlorine",
    acts=(Act.READ,),
    granted_by="ben",
    granted_to="ana",
    ground="order 12",
    scope=Scope(span=Span(start_us=0, end_us=20 * DAY_US)),
    valid=Span(start_us=0, end_us=60 * DAY_US),
    review_us=30 * DAY_US,
    signatures=SIGNED[:1],
)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("from:ana@x.example AND chlorine", "it asks from:"),
        ("to:board", "it asks to:"),
        ('"ana@x.example"', "it names an address or a handle"),
        ("chlorine AND @valve_man", "it names an address or a handle"),
        ('"+44 20 7946 0958"', "it names a number"),
        ("4915112345678", "it names a number"),
        ("/0049[0-9]{9,}/", "it names a number"),
        (r"/\d{3}[- ]?\d{4}/", "it names a number"),
        ("/[a-z.]+@[a-z]+/", "it names an address or a handle"),
        ("Ahmed AND chlorine", "it names a person"),
        ("smith*", "it names a person"),
        ("chlorine OR Сергей", "it names a person"),
        ("subject:fatima", "it names a person"),
        ("/[Rr]obert|Robert/", "it names a person"),
        ("chlorine NOT johnson", "it names a person"),
    ],
)
def test_what_follows_persons_is_known_by_its_text(query: str, reason: str) -> None:
    assert reason in {one.reason for one in directed(replace(WATCH, query=query))}


@pytest.mark.parametrize(
    "query",
    [
        "chlorine NEAR/3 bridge",
        "valve AND (pump OR насос*)",
        "/[Vv]alve [0-9]{1,3}/",
        '"mark the bridge"',
        "source:mail AND after:2031-01-01 AND chlorine",
        "h2so4 OR 2031",
        "гранат* OR مضخة",
    ],
)
def test_what_follows_things_is_not_taken_for_persons(query: str) -> None:
    assert directed(replace(WATCH, query=query)) == ()


def test_rhythms_by_account_pair_or_list_follow_persons() -> None:
    rules = (
        CountRule(at_least=5, within_s=60, per=Per.PAIR),
        CountRule(at_least=5, within_s=60, query="valve", per=Per.CONVERSATION),
        CountRule(at_least=5, within_s=60, between=("Ana@x", "ben@x")),
    )
    rise = RiseRule(query="valve", times=5.0, within_s=60, baseline_s=600, per=Per.ACCOUNT)
    watch = replace(WATCH, counts=rules, rises=(rise,))
    assert [one.branch for one in directed(watch)] == ["count 1", "rise 1", "count 3"]
    assert accounts_of(watch) == ("ana@x", "ben@x")


@pytest.mark.parametrize(
    "query",
    ["NOT chlorine", "e*", "chlorine OR /.+/", "/./", "/[a-zа-я]/", "source:mail", "the OR *ab*"],
)
def test_a_watch_for_nearly_everything_is_refused(query: str) -> None:
    found = refusals(replace(WATCH, query=query), STANDING, now_us=NOW_US)
    assert found == ("its query asks for nothing in particular",)


def test_a_watch_for_things_runs_under_one_signature() -> None:
    assert refusals(WATCH, STANDING, now_us=NOW_US) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": AuthorityKind.CASE}, "not a standing one"),
        ({"review_us": None}, "no date on which it is reviewed"),
        ({"valid": Span(start_us=0, end_us=NOW_US)}, "not valid now"),
        ({"acts": (Act.EXPORT,)}, "neither reading nor counting"),
    ],
)
def test_a_standing_authority_is_valid_reviewed_and_allows(
    changes: dict[str, object], said: str
) -> None:
    (found,) = refusals(WATCH, replace(STANDING, **changes), now_us=NOW_US)  # type: ignore[arg-type]
    assert said in found


def test_following_persons_needs_accounts_listed_two_signatures_and_a_reason() -> None:
    watch = replace(WATCH, query="from:ana@x AND chlorine")
    found = refusals(
        watch, replace(STANDING, valid=Span(start_us=0, end_us=91 * DAY_US)), now_us=NOW_US
    )
    assert [one.partition(": ")[2].split(" ")[0] for one in found] == ["1", "its", "its", "its"]
    enough = replace(
        STANDING,
        scope=replace(STANDING.scope, accounts=("Ana@x",), span=Span(start_us=0, end_us=DAY_US)),
        signatures=SIGNED,
        necessity="a threat was made by telephone",
    )
    assert refusals(watch, enough, now_us=NOW_US) == ()
    assert refusals(replace(watch, query="from:ben@x"), enough, now_us=NOW_US) != ()
