"""Every connector of the project, asked about each other's files: the right one is surest."""

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import pytest

from pastwatch.ports import Connector
from pastwatch.stages.collect import connectors

ROW = {"id": 1, "type": "message", "date": "2017-04-04T06:30:00", "date_unixtime": "1491276600"}
SAMPLES: dict[str, tuple[str, object]] = {
    "telegram": ("result.json", {"name": "a", "id": 1, "messages": [{**ROW, "from": "A", "text": "b"}]}),
    "discord": ("c.json", {"guild": {}, "channel": {}, "dateRange": {}, "messages": [{"id": "1", "content": "x"}]}),
    "facebook": ("message_1.json", {"participants": [], "messages": [{"sender_name": "A", "timestamp_ms": 1}]}),
    "slack": ("2017-04-04.json", [{"type": "message", "user": "U", "text": "x", "ts": "1491276600.000100"}]),
    "signal": ("data.json", {"date": "2017-04-04T06:30:00", "sender": "A", "body": "x", "quote": ""}),
    "sms": ("sms.xml", '<?xml version="1.0"?>\n<smses count="1">\n<sms address="1" date="1" type="1" body="x" />\n</smses>'),
}  # fmt: skip
STYLES: list[dict[str, Any]] = [{}, {"indent": 2}, {"separators": (",", ":")}]


def known() -> dict[str, Connector]:
    found = {}
    for room in pkgutil.iter_modules(connectors.__path__):
        module = importlib.import_module(f"{connectors.__name__}.{room.name}")
        if isinstance(connector := getattr(module, "CONNECTOR", None), Connector):
            found[connector.name] = connector
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_is_claimed_most_surely_by_its_own_connector(name: str) -> None:
    file, content = SAMPLES[name]
    styles = STYLES if isinstance(content, (dict, list)) and name != "signal" else STYLES[:1]
    for style in styles:
        text = content if isinstance(content, str) else json.dumps(content, **style)
        head = text.encode()[:65536]
        marks = {other: one.recognises(Path(file), head) for other, one in known().items()}
        rivals = [mark for other, mark in marks.items() if other != name]
        assert marks[name] > max(rivals), marks


def test_no_connector_claims_or_fails_on_garbage_it_cannot_know() -> None:
    for name, connector in known().items():
        for head in (b"", b"\0" * 100, b"\xff\xfe\xfd", b"{", b"[", b"<", b"[{", b'{"messages":'):
            assert 0 <= connector.recognises(Path("x"), head) <= 90, name
