"""Reads the URL of a live source; a password never stands in it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from pastwatch.errors import UsageError

_PORTS = {"imap": 143, "imaps": 993, "nats": 4222, "tls": 4222, "kafka": 9092, "kafkas": 9093}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`scheme://user@host:port/name?option=value`; `password` comes from elsewhere."""

    scheme: str
    host: str = ""
    port: int = 0
    user: str = ""
    name: str = ""
    path: str = ""
    url: str = ""  # of a feed, whose options stand after the # instead
    password: str = field(default="", repr=False)
    options: dict[str, str] = field(default_factory=dict)

    def option(self, name: str, default: str = "") -> str:
        """An option after the question mark."""
        return self.options.get(name, default)

    def seconds(self, name: str, default: float) -> float:
        """An option that is a number of seconds above nothing."""
        text = self.options.get(name, "")
        try:
            value = float(text) if text else default
        except ValueError:
            value = -1.0
        if not 0 < value <= 86_400:  # noqa: PLR2004 - a day
            raise UsageError(f"{name} in the address is a number of seconds up to a day")
        return value

    def only(self, *names: str) -> None:
        """Refuse an option that means nothing here."""
        unknown = sorted(set(self.options) - set(names))
        if unknown:
            known = ", ".join(names) or "none"
            raise UsageError(
                f"the address has an unknown option: {', '.join(unknown)}", hint=f"known: {known}"
            )

    @property
    def is_loopback(self) -> bool:
        """Whether it is this very machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def read_address(url: str, *, password: str = "") -> Address:
    """The parts of a URL; UsageError where it names no server, or holds a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError("the address of the live source does not parse") from None
    if parts.password is not None:
        raise UsageError(
            "a password does not belong in an address",
            hint="set PASTWATCH_LIVE_PASSWORD_FILE to the file that holds it",
        )
    if parts.scheme in _PORTS and not parts.hostname:
        raise UsageError("the address names no server", hint=f"as in {parts.scheme}://host/name")
    is_web = parts.scheme in {"http", "https"}
    return Address(
        scheme=parts.scheme,
        host=parts.hostname or "",
        port=port or _PORTS.get(parts.scheme, 0),
        user=unquote(parts.username or ""),
        name=unquote(parts.path).strip("/"),
        path=unquote(parts.path),
        url=parts._replace(fragment="").geturl() if is_web else "",
        password=password,
        options=dict(parse_qsl(parts.fragment if is_web else parts.query, keep_blank_values=True)),
    )
