"""A case of hostile words and one record to be protected, and every command that reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner

from pastwatch.cli.main import tree
from pastwatch.cli.session import Session
from pastwatch.config import Settings
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import PastwatchError
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.model.record import Record

SECRET = "xylograph"  # noqa: S105 - a word that stands in what is judged protected, and nowhere else
BAD = (
    "\x1b]0;own\x07\x1b[2J\u202egnp\u2066<script>alert(1)</script>\x00\x9b31m&amp;"
    "\ud800\u2028\U000e0041'\"]]>"
)
"""Words that a terminal, a bidirectional display or a picture would obey."""
_LONG = "a" * 1_000_000
_ROWS = [
    {"id": "1@a", "date": "2017-07-01T08:00:00Z", "from": f"Anna {BAD} <anna@a.example>",
     "to": "Ben <ben@a.example>", "subject": f"Pump {BAD}", "text": f"pump {BAD} is broken, please close it"},
    {"id": f"2-{SECRET}@a", "date": "2017-07-01T09:00:00Z", "from": f"{SECRET} Ito <{SECRET}@a.example>",
     "to": "anna@a.example", "subject": f"Re: {SECRET}", "reply_to": "1@a",
     "text": f"pump: the {SECRET} is ready, meet me at the gate of the old mill tonight at nine"},
    {"id": "3@a", "date": "2017-07-01T10:00:00Z", "from": "ben@a.example", "to": "anna@a.example",
     "subject": f"Re: Pump {BAD}", "text": f"pump {_LONG} end", "reply_to": "1@a"},
    {"id": "4@a", "date": "2017-07-02T10:00:00Z", "from": "anna@a.example", "to": "ben@a.example",
     "subject": "Re: gate", "text": "pump again?", "reply_to": f"2-{SECRET}@a"},
    {"id": "5@a", "date": "2017-07-03T10:00:00Z", "from": f"New{BAD} <fresh@a.example>",
     "to": "ben@a.example", "subject": "who", "text": "pump, is it open?"},
    *({"id": f"x{n}@a", "date": f"2017-07-01T1{n}:30:00Z", "from": "ben@a.example",
       "to": "anna@a.example", "subject": "x", "text": "ok, done"} for n in range(4)),
]  # fmt: skip
_CHAT = [
    {"id": f"c{n}", "date": f"2017-07-01T0{n}:10:00Z", "from": who, "conversation": f"room {BAD}",
     "text": f"pump {n} {BAD}"}
    for n, who in enumerate((f"anna {BAD}", f"ben {BAD}", f"anna {BAD}", f"{SECRET}"))
]  # fmt: skip
_REPORT = (
    f"SOURCE: Courier {BAD}\nTITLE: Courier Fire {BAD}\nPUBLISHED: 2017-07-02\n\n"
    f"The port {BAD} said on Saturday that at least 14 people had run. The union denied that the "
    "crane had been moved.\n"
)
_HIDDEN_REPORT = (
    f"SOURCE: The {SECRET} Post\nTITLE: {SECRET} fire\nPUBLISHED: 2017-07-03\n\n"
    f"The {SECRET} office said on Sunday that at least 61 people had run. The {SECRET} office denied "
    "that the crane had been moved.\n"
)


@dataclass
class Place:
    """Where the archive stands, its case's commands, and what was judged protected."""

    folder: Path
    commands: list[list[str]] = field(default_factory=list)
    secret_ids: list[bytes] = field(default_factory=list)
    judgements: list[int] = field(default_factory=list)

    def archive(self) -> Archive:
        return scratch_archive(self.folder, settings=Settings(isolate=False), person="ana")

    def run(self, *words: str) -> tuple[int, str]:
        """Exit status and the answer on stdout; the message of an error where there is one."""
        given = ["--archive", str(self.folder / "archive"), "--keys", str(self.folder / "keys"), "--person", "ana"]  # fmt: skip
        done = CliRunner().invoke(
            tree, [*words, *given], obj=Session(), standalone_mode=False, env={"PASTWATCH_ISOLATE": "0"}
        )  # fmt: skip
        if isinstance(done.exception, PastwatchError):
            return done.exception.exit_status, f"{done.exception} {done.exception.hint}"
        if done.exception is not None:
            raise done.exception
        return int(done.return_value or 0), done.stdout

    def told(self, words: list[str]) -> Iterator[tuple[str, int, str]]:
        """What a command tells as text, as JSON, and as a picture where it draws one."""
        yield "text", *self.run(*words)
        yield "json", *self.run(*words, "--json")
        if words[:2] in PICTURED:
            path = self.folder / "picture.svg"
            path.unlink(missing_ok=True)
            status, _ = self.run(*words, "--picture", str(path))
            yield "picture", status, path.read_text(encoding="utf-8") if path.exists() else ""

    def protect(self) -> None:
        with self.archive() as archive:
            case = archive.case()
            for one in self.secret_ids:
                said = Judgement(
                    record_id=one, code=Code.PROTECTED, reviewer="ana", at_us=case.office.clock()
                )
                self.judgements.append(case.papers.judge(said, mode=Mode.CHOSEN))  # fmt: skip
            case.close()

    def free(self) -> None:
        with self.archive() as archive:
            case = archive.case()
            while self.judgements:
                case.papers.undo(self.judgements.pop(), by="ana", at_us=case.office.clock())
            case.close()


PICTURED = (
    ["timeline", "show"], ["threads", "show"], ["network", "show"], ["network", "chains"],
    ["exhibits", "list"], ["reports", "roots"],
)  # fmt: skip


def open_case(archive: Archive, folder: Path, **lines: str | bool | list[str]) -> OpenCase:
    """A case over all that the archive holds."""
    archive.add_event("e", "The fire", at="2017-07-01T15:00+03:00", references=("report",))
    return open_self_authorised(
        archive, "e", folder / "grant.toml", ground="own data", necessity="all", span_hours=100, **lines
    )[0]  # fmt: skip


def collected(folder: Path) -> Place:
    """An archive that holds the records, without a case."""
    place = Place(folder)
    with place.archive() as archive:
        for name, rows, medium in (("box", _ROWS, "mail"), ("room", _CHAT, "chat")):
            path = folder / f"{name}.jsonl"
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            archive.collect(path, source=name, basis="own", connector="jsonl", medium=medium)
    return place


def filled(folder: Path) -> Place:
    """An archive with a case in which everything that can be argued has been argued."""
    place = collected(folder)
    with place.archive() as archive:
        case = open_case(archive, folder)
        ids = {hit.citation.record_id: hit for hit in case.look("pump")}
        records = {r.native_id: r for r in case.records(list(ids))}
        hidden = records[f"2-{SECRET}@a"]
        case.finding(f"The {SECRET} was ready.", cites=[ids[hidden.record_id].hit_id])
        case.finding("The pump broke.", cites=[ids[records["1@a"].record_id].hit_id])
        place.secret_ids = [r.record_id for r in records.values() if _is_secret(r)]
        case.close()
    of_hidden, of_open = hidden.record_id.hex(), records["1@a"].record_id.hex()
    child = records["4@a"].record_id.hex()
    _argue(place, of_hidden, of_open, child)
    with place.archive() as archive:
        case = archive.case()
        from pastwatch.desk.bringing import records_of_medium

        brought = [
            i for m in ("report", "exhibit", "directory") for i in records_of_medium(case, m)
        ]
        place.secret_ids += [r.record_id for r in case.records(brought) if _is_secret(r)]
        case.close()
    place.commands = _commands(of_open, child)
    return place


def _is_secret(record: Record) -> bool:
    return SECRET in f"{record.native_id} {record.sender} {record.subject} {record.text}"


def _argue(place: Place, hidden: str, open_: str, child: str) -> None:
    folder = place.folder
    bad = "".join(
        c for c in BAD if c not in "\ud800\x00\x07"
    )  # what a text file and a command line can hold
    plain = "".join(
        f"Name {n},cook,p{n}@b.example\n" for n in range(99)
    )  # else it is no text at all
    cell = bad.replace('"', "")
    files = {
        "courier.txt": _REPORT.replace(BAD, bad), "post.txt": _HIDDEN_REPORT, "lab.txt": f"lab {bad}\n{plain}",
        "swab.txt": f"{SECRET}\n", "staff.csv": f"Name,Post,Mail\nAnna {cell},cook {cell},anna@a.example\n{plain}",
        "hidden.csv": f"Name,Post,Mail\nIto {SECRET},chemist,ben@a.example\n",
        "ways.csv": "time,lat,lon,who\n" + "".join(f"2017-07-01T10:{m:02d}:00Z,60.0{m},28.1,van {cell}\n" for m in range(9)),
        "secret.csv": "time,lat,lon,who\n" + "".join(f"2017-07-01T10:{m:02d}:00Z,60.0{m},28.1,{SECRET}\n" for m in range(9)),
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", errors="replace")
    why = f"the {SECRET} says so"
    sheet = ("--source", "staff", "--dated", "2017-03-01", "--grade", "B2", "--basis", "own", "--map", "name=Name,role=Post,mail=Mail")  # fmt: skip
    for words in (
        ("look", "gate"),
        ("timeline", "add", f"Seen {bad}", "--at", "2017-07-01T09:30Z", "--cites", open_, "--reason", bad, "--place", bad),
        ("timeline", "add", f"The {SECRET} seen", "--at", "2017-07-01T09:30Z", "--cites", hidden, "--reason", why),
        ("threads", "link", child, hidden, "--reason", why),
        ("network", "label", "mail:anna@a.example", "asks", "--cites", open_, "--reason", f"asked {bad}"),
        ("network", "label", f"mail:{SECRET}@a.example", "orders", "--cites", hidden, "--reason", why),
        ("actors", "merge", "mail:anna@a.example", "mail:fresh@a.example", "--label", f"Anna {bad}", "--reason", bad, "--cites", open_),
        ("actors", "merge", f"mail:{SECRET}@a.example", "mail:ben@a.example", "--label", SECRET, "--reason", why, "--cites", hidden),
        ("actors", "attribute", "mail:anna@a.example", "--to", f"Ito {SECRET}", "--reason", why, "--cites", hidden),
        ("actors", "directory", "add", str(folder / "staff.csv"), *sheet),
        ("actors", "directory", "add", str(folder / "hidden.csv"), *sheet[:1], f"{SECRET} list", *sheet[2:]),
        ("reports", "read", str(folder / "courier.txt"), str(folder / "post.txt")),
        ("reports", "claim", "at least 14 people", "--report", "Courier", "--who", bad),
        ("reports", "roots"),
        ("exhibits", "add", str(folder / "lab.txt"), "--kind", bad, "--title", bad, "--basis", "order", "--result", bad, "--at", "60.0,28.1"),
        ("exhibits", "add", str(folder / "swab.txt"), "--kind", "swab", "--title", f"{SECRET} swab", "--basis", "order"),
        ("exhibits", "track", "add", str(folder / "ways.csv"), "--basis", "own", "--map", "id=who"),
        ("exhibits", "track", "add", str(folder / "secret.csv"), "--basis", "own", "--map", "id=who"),
    ):  # fmt: skip
        status, text = place.run(*words)
        assert status in (0, 1), (words, text)


def _commands(open_: str, child: str) -> list[list[str]]:
    return [
        line.split()
        for line in (
            "timeline show", "timeline show --hits", "timeline entries --struck",
            "threads list --min 1", "threads list --min 1 --query gate", f"threads show {open_}", f"threads show {child}", "threads across",
            "network show", "network change", "network change --by-handle", "network silences", "network newcomers",
            "network communities", "network chains", "network roles", "network roles --query pump --brokers",
            "actors", "actors suggest", "actors show a1", "actors show a2", "actors directory list",
            "actors directory find --name ito", "actors directory find --account ben@a.example",
            f"reach {open_}", f"reach {child}", "reach h1", "reach h2", "reach f1", "reach f2", "reach c1", "reach c3",
            "reports read", "reports claims --struck", "reports show c1", "reports show c3",
            "reports roots", "reports relations", "reports copies",
            "exhibits list --struck", "exhibits show x1", "exhibits show x2",
            "exhibits track list", "exhibits track show k1", "exhibits track show k2",
        )
    ]  # fmt: skip
