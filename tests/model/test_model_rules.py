"""The rules that constructors hold, from Python and from JSON alike."""

from dataclasses import replace
from typing import Any

import pytest

from pastwatch.errors import BadValue
from pastwatch.model.assessment import (
    Confidence,
    Coverage,
    Finding,
    FindingKind,
    Likelihood,
    Withdrawal,
)
from pastwatch.model.authority import Act, Authority, AuthorityKind, Event, Scope, Signature
from pastwatch.model.case import AuthorityState, AuthorityStatus, Case, ProtectedKind, Protection
from pastwatch.model.claim import Claim, Figure, Grade, Lineage, Reliability, Root, Stance, TimeSaid
from pastwatch.model.note import Annotation, Code, Judgement, Note
from pastwatch.model.party import Account, Actor, Party
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.model.record import Citation, Envelope, Part, Record
from pastwatch.model.relation import Relation
from pastwatch.model.source import Gap, Handover, LawfulBasis, Source
from pastwatch.model.watch import (
    Acknowledged,
    Alert,
    CountRule,
    Learned,
    Per,
    RiseRule,
    Severity,
    Verdict,
    Watch,
)
from pastwatch.model.when import DAY_US, EARLIEST_US, LATEST_US, Basis, Span, When, iso, parse_iso

ID = bytes(16)
CITED = Citation(record_id=ID, part=0, start_byte=1, end_byte=2, text_sha256=bytes(32))
COVERAGE = Coverage(
    held=10, in_scope=8, readable=7, scanned=6, matched=5, shown=4, reviewed=3, unreadable=1
)
JUDGED = Finding(
    finding_id="f1",
    kind=FindingKind.JUDGEMENT,
    statement="It was them.",
    citations=(CITED,),
    likelihood=Likelihood.LIKELY,
    confidence=Confidence.LOW,
    reasons="one source",
)
AUTHORITY = Authority(
    authority_id="a1",
    kind=AuthorityKind.CASE,
    event_id="e1",
    purpose="find out",
    acts=(Act.READ,),
    granted_by="ben",
    granted_to="ana",
    ground="order 7",
    scope=Scope(span=Span(start_us=0, end_us=DAY_US)),
    valid=Span(start_us=0, end_us=DAY_US),
)
SOURCE = Source(
    source_id="s", name="mail", medium="mail", lawful_basis=LawfulBasis.OWN, held_since_us=0
)


def refused(value: Any, /, match: str, **changed: Any) -> None:
    """Assert that the change is refused from Python, and from JSON with the same words."""
    with pytest.raises(BadValue, match=match):
        replace(value, **changed)
    with pytest.raises(BadValue, match=match):
        from_plain(type(value), {**to_plain(value), **to_plain(changed)})


def test_a_finding_of_nothing_needs_its_coverage() -> None:
    nothing = Finding(
        finding_id="f1", kind=FindingKind.NEGATIVE, statement="Nothing.", coverage=COVERAGE
    )
    refused(nothing, "needs its coverage", coverage=None)
    refused(nothing, "of nothing needs its coverage", coverage=None, citations=(CITED,))


def test_a_finding_without_citations_needs_its_coverage() -> None:
    refused(JUDGED, "without citations needs its coverage", citations=())
    assert replace(JUDGED, citations=(), coverage=COVERAGE).coverage == COVERAGE


def test_an_assumption_rests_on_nothing_and_says_so() -> None:
    said = Finding(finding_id="f1", kind=FindingKind.ASSUMPTION, statement="The clocks agree.")
    refused(said, "without citations", kind=FindingKind.OBSERVATION)
    refused(said, "says something", statement=" \n")


def test_likelihood_and_confidence_belong_to_judgements_alone() -> None:
    for kind in set(FindingKind) - {FindingKind.JUDGEMENT}:
        refused(JUDGED, "belong to judgements", kind=kind, coverage=COVERAGE)
        refused(JUDGED, "belong to judgements", kind=kind, coverage=COVERAGE, likelihood=None)
    refused(JUDGED, "states a likelihood", likelihood=None)
    refused(JUDGED, "states its confidence", confidence=None)
    refused(JUDGED, "with its reasons", reasons=" ")


def test_insufficient_to_judge_is_a_judgement_without_confidence() -> None:
    open_question = replace(JUDGED, likelihood=Likelihood.INSUFFICIENT, confidence=None, reasons="")
    assert open_question.confidence is None


def test_a_kind_that_is_only_a_word_does_not_slip_past_the_rules() -> None:
    with pytest.raises(BadValue):
        Finding(finding_id="", kind="negative", statement="x", citations=(CITED,))  # type: ignore[arg-type]
    with pytest.raises(BadValue):
        Judgement(record_id=ID, code="defer", reviewer="ana", at_us=0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"in_scope": 11, "unreadable": 4},
        {"readable": 9, "unreadable": 0},
        {"scanned": 8},
        {"matched": 7},
        {"matched": -1},
        {"shown": 9},
        {"shown": -1},
        {"reviewed": 9},
        {"reviewed": -1},
        {"unreadable": 0},
        {"undated": -1},
        {"exposed": -1},
        {"held_bytes": -1},
        {"audio_minutes_human": -0.5},
        {"recall_interval": (0.9, 0.1)},
        {"recall_interval": (-0.1, 0.1)},
        {"recall_interval": (0.9, 1.1)},
    ],
)
def test_each_step_of_a_coverage_lies_within_the_one_before(changed: dict[str, Any]) -> None:
    refused(COVERAGE, "coverage|recall", **changed)


def test_a_coverage_counts_no_infinite_minutes() -> None:
    for minutes in (float("inf"), float("nan")):
        with pytest.raises(BadValue):
            replace(COVERAGE, audio_minutes_held=minutes)


def test_a_time_without_a_basis_cannot_be_written() -> None:
    when = When(earliest_us=1, latest_us=2, basis=Basis.HEADER)
    with pytest.raises(BadValue):
        When(earliest_us=1, latest_us=2, basis="header")  # type: ignore[arg-type]
    with pytest.raises(BadValue):
        from_plain(When, {"earliest_us": 1, "latest_us": 2})
    with pytest.raises(BadValue):
        from_plain(When, {"earliest_us": 1, "latest_us": 2, "basis": None})
    refused(when, "earliest moment is after", earliest_us=3)
    refused(when, "years 1 to 9999", earliest_us=EARLIEST_US - 1)
    refused(when, "years 1 to 9999", latest_us=LATEST_US + 1)


def test_a_span_is_half_open() -> None:
    span = Span(start_us=10, end_us=20)
    assert span.length_us == 10
    assert span.overlaps(0, 10)
    assert not span.overlaps(0, 9)
    assert span.overlaps(19, 99)
    assert not span.overlaps(20, 99)
    refused(span, "ends before it starts", end_us=9)


def test_a_moment_is_shown_in_its_zone_and_never_fails() -> None:
    assert iso(0) == "1970-01-01T00:00:00Z"
    assert iso(0, offset_s=3 * 3600) == "1970-01-01T03:00:00+03:00"
    assert iso(0, offset_s=-(3 * 3600 + 1800)) == "1969-12-31T20:30:00-03:30"
    assert iso(EARLIEST_US) == "0001-01-01T00:00:00Z"
    assert iso(LATEST_US) == "9999-12-31T23:59:59Z"
    for time_us, offset_s in [(EARLIEST_US, -1), (LATEST_US, 1), (LATEST_US + 1, 0), (10**30, 0)]:
        assert iso(time_us, offset_s=offset_s) == f"({time_us} µs)"


def test_a_moment_is_read_with_its_zone() -> None:
    assert parse_iso("2017-04-04T06:30+03:00") == (1_491_276_600_000_000, 10_800)
    assert parse_iso(" 2017-04-04T03:30:00Z ") == (1_491_276_600_000_000, 0)
    assert parse_iso("2017-04-04") == (1_491_264_000_000_000, 0)
    with pytest.raises(BadValue, match="is not a date"):
        parse_iso("4/4/2017")


def test_an_authority_states_purpose_ground_and_acts() -> None:
    refused(AUTHORITY, "purpose", purpose=" ")
    refused(AUTHORITY, "legal ground", ground="")
    refused(AUTHORITY, "at least one act", acts=())


def test_a_span_of_more_than_thirty_days_needs_a_written_necessity() -> None:
    month = Scope(span=Span(start_us=0, end_us=30 * DAY_US))
    longer = Scope(span=Span(start_us=0, end_us=30 * DAY_US + 1))
    assert not replace(AUTHORITY, scope=month).person_centred
    refused(AUTHORITY, "why it is necessary", scope=longer)
    assert replace(AUTHORITY, scope=longer, necessity="because").person_centred


def test_named_accounts_over_more_than_a_week_make_an_authority_person_centred() -> None:
    week = Scope(span=Span(start_us=0, end_us=7 * DAY_US), accounts=("a",))
    longer = Scope(span=Span(start_us=0, end_us=7 * DAY_US + 1), accounts=("a",))
    assert not replace(AUTHORITY, scope=week).person_centred
    refused(AUTHORITY, "why it is necessary", scope=longer)


def test_an_act_is_allowed_only_where_it_is_listed() -> None:
    assert {act for act in Act if AUTHORITY.allows(act)} == {Act.READ, Act.LOCATE}
    locate = replace(AUTHORITY, acts=(Act.LOCATE,))
    assert {act for act in Act if locate.allows(act)} == {Act.LOCATE}


def test_whoever_grants_to_oneself_is_self_authorised() -> None:
    own = Signature(key_id="k", person="ana", signed_us=1, signature="00")
    other = replace(own, person="ben")
    assert AUTHORITY.self_authorised  # nobody has signed
    assert replace(AUTHORITY, signatures=(own,)).self_authorised
    assert not replace(AUTHORITY, signatures=(own, other)).self_authorised
    assert replace(AUTHORITY, signatures=(other,), granted_by="ana").self_authorised


def test_an_event_without_a_reference_is_unsupported() -> None:
    event = Event(event_id="e", title="E", when=Span(start_us=0, end_us=1))
    assert not event.supported
    assert replace(event, references=("report.html",)).supported


@pytest.mark.parametrize("name", ["", "Mail", "a b", "-a", "a/b", "a" * 65, "почта"])
def test_a_source_has_a_plain_name_and_a_lawful_basis(name: str) -> None:
    refused(SOURCE, "is not a source name", name=name)
    with pytest.raises(BadValue, match="lawful basis"):
        replace(SOURCE, lawful_basis="own")  # type: ignore[arg-type]
    with pytest.raises(BadValue):
        from_plain(Source, {**to_plain(SOURCE), "lawful_basis": None})
    assert SOURCE.document == "no document"
    assert replace(SOURCE, document_sha256="ab").document == "ab"


def test_a_citation_lies_inside_a_part_of_one_record() -> None:
    refused(CITED, "ends before it starts", end_byte=0)
    refused(CITED, "ends before it starts", start_byte=-1)
    refused(CITED, "names a record", record_id=bytes(15))
    refused(CITED, "names a record", text_sha256=bytes(31))
    refused(CITED, "subject, the text or an attachment", part=-2)


def test_what_is_argued_names_its_maker() -> None:
    account = Account(medium="mail", address="a@b.example")
    refused(account, "medium and an address", address="")
    refused(
        Actor(actor_id="x", label="X", accounts=(account,), basis="signature"), "basis", basis=""
    )
    refused(
        Relation(relation_id="r", kind="k", from_id="a", to_id="b", maker="m", reason="r"),
        "maker", maker="",
    )  # fmt: skip
    refused(
        Annotation(record_id=ID, kind="k", value="v", maker="m", version="1"), "maker", version=""
    )
    refused(
        Note(note_id="n1", record_id=ID, text="t", by="ana", at_us=0), "says something", text=" "
    )
    refused(Withdrawal(finding_id="f1", by="ana", reason="r", at_us=0), "and why", reason="")
    refused(
        Judgement(record_id=ID, code=Code.DEFER, reviewer="ana", at_us=0, note="later"),
        "says why", note=" ",
    )  # fmt: skip


def test_counts_and_grades_stay_in_their_bounds() -> None:
    refused(Gap(source_id="s", reason="cut", bytes=0), "reason and a number", bytes=-1)
    refused(Gap(source_id="s", reason="cut", bytes=0), "reason and a number", reason="")
    refused(Grade(reliability=Reliability.A, credibility=1), "1 to 6", credibility=7)
    root = Root(name="a", claims=("c1",), reason="said so itself")
    lineage = Lineage(
        statement="s",
        claims=("c1",),
        reports=(ID,),
        roots=(root,),
        roots_at_least=1,
        roots_at_most=1,
    )
    refused(lineage, "counts once", roots=(root, root))
    refused(lineage, "at least one claim", claims=())
    refused(lineage, "as many roots", roots_at_least=2)
    handed = Handover(acquired_by="a", acquired_from="b", acquired_at="c")
    refused(handed, "who acquired", acquired_from="")


def test_a_claim_cites_its_own_report_and_states_something() -> None:
    cited = Citation(record_id=ID, part=0, start_byte=0, end_byte=4, text_sha256=bytes(32))
    claim = Claim(
        claim_id="",
        report_id=ID,
        who_says="the port",
        statement="nobody was hurt",
        stance=Stance.ASSERTS,
        citation=cited,
        maker="rules",
        version="1",
    )
    refused(claim, "states something", statement=" ")
    refused(claim, "its own report", report_id=b"r" * 16)
    refused(claim, "maker and version", version="")
    with pytest.raises(BadValue, match="has a stance"):
        replace(claim, stance="says")  # type: ignore[arg-type]
    figure = Figure(text="at least 83", start_byte=0, end_byte=11, low=83)
    refused(figure, "low end", high=80)
    refused(figure, "somewhere in the text", end_byte=0)
    said = TimeSaid(text="on Tuesday", start_byte=0, end_byte=10, earliest_us=1, latest_us=2)
    refused(said, "both ends", latest_us=None)
    refused(said, "before it begins", latest_us=0)


def test_a_watch_says_for_what_for_whom_and_within_which_limits() -> None:
    watch = Watch(
        name="valve",
        version=1,
        owner="ana",
        purpose="chlorine at the bridge",
        severity=Severity.WARNING,
        authority_id="standing-1",
        alerts_a_day=20,
        horizon_s=3600,
        text_sha256="0" * 64,
        query="chlorine",
    )
    refused(watch, "owner", owner="")
    refused(watch, "owner", authority_id="")
    refused(watch, "watches for something", query="")
    refused(watch, "version from 1", version=0)
    refused(watch, "small letters", name="Valve room")
    refused(watch, "how many alerts", alerts_a_day=0)
    refused(watch, "exact text", text_sha256="0")
    count = CountRule(at_least=5, within_s=60, query="q")
    refused(count, "what is counted", query="")
    refused(count, "above nothing", at_least=0)
    assert CountRule(at_least=5, within_s=60, per=Per.PAIR).per.personal
    rise = RiseRule(query="q", times=5.0, within_s=60, baseline_s=600)
    refused(rise, "says of what", query="")
    refused(rise, "above once", times=1.0)
    refused(rise, "shorter than its baseline", baseline_s=60)
    learned = Learned(model_sha256="0" * 64, threshold=0.5, false_alarm_rate=0.01, case_id="c")
    refused(learned, "by its hash", model_sha256="")
    refused(learned, "between 0 and 1", false_alarm_rate=0.0)
    alert = Alert(alert_id="0" * 32, watch="valve", version=1, record_id=ID, source_id="s", at_us=0)
    refused(alert, "an id", alert_id="")
    taken = Acknowledged(alert_id="0" * 32, by="ana", at_us=0, verdict=Verdict.USEFUL)
    refused(taken, "who took note", by="")


def test_what_the_desk_keeps_names_who_and_why() -> None:
    state = AuthorityState(
        authority=AUTHORITY, status=AuthorityStatus.REVOKED, by="ben", at_us=1, reason="over"
    )
    refused(state, "revocation gives its reason", reason="")
    refused(state, "who brought it there", by="")
    case = Case(case_id="c", event_id="e", authority_id="a", folder="c", opened_us=5)
    refused(case, "closes after it opened", closed_us=4)
    refused(case, "a name, an event", authority_id="")
    firm = Protection(
        kind=ProtectedKind.DOMAIN, address="firm.example", reason="lawyer", by="ana", at_us=1
    )
    refused(firm, "an account or a domain", address=" ")
    refused(firm, "who asked for it", reason="")


def test_a_record_gives_each_part_by_its_number() -> None:
    envelope = Envelope(
        record_id=ID, source_id="s", medium="mail", claimed=None, held_us=0, size_bytes=1,
        account_tokens=(), conversation_token=bytes(8),
    )  # fmt: skip
    part = Part(name="a.txt", media_type="text/plain", size_bytes=1, sha256=bytes(32), text="c")
    record = Record(
        envelope=envelope, source_sha256=bytes(32), sender=None, recipients=(), conversation="",
        native_id="", reply_to="", subject="a", text="b", parts=(part,),
    )  # fmt: skip
    assert [record.part_text(n) for n in (-1, 0, 1)] == ["a", "b", "c"]
    assert record.record_id == ID
    for n in (-2, 2):
        with pytest.raises(BadValue):
            record.part_text(n)
    refused(envelope, "16 bytes", record_id=bytes(8))


def test_a_party_is_shown_by_name_and_address() -> None:
    assert Party(address="a@b", name="A").shown == "A <a@b>"
    assert Party(address="a@b", name="a@b").shown == "a@b"
    assert Party(address="", name="A").shown == "A"
    assert Party(address="a@b").shown == "a@b"
