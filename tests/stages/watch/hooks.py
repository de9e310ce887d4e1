"""The other side of a delivery: an HTTP server that answers as told, and a mail server that keeps mail."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pastwatch.model.watch import Severity
from pastwatch.stages.watch.delivery import Notice

SECRET = b"a secret of the hook, long enough"


def notice(number: int, *, severity: Severity = Severity.WARNING) -> Notice:
    """A notice of its own."""
    return Notice(
        alert_id=f"{number:032x}",
        watch="valve-room",
        version=1,
        severity=severity,
        count=number,
        at_us=1_500_000_000_000_000 + number,
    )


@dataclass
class Hook:
    """What a web server got, and what it answers: one status after another, the last for ever."""

    port: int = 0
    statuses: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    hangs: bool = False
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?room=1"

    @property
    def keys(self) -> list[str]:
        return [headers["idempotency-key"] for headers, _ in self.got]


@contextlib.contextmanager
def web(hook: Hook) -> Iterator[Hook]:
    """The server, up."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            if hook.hangs:
                hook.let_go.wait(60)
                self.close_connection = True
                return
            status = hook.statuses.pop(0) if len(hook.statuses) > 1 else hook.statuses[0]
            self.send_response(status)
            for name, value in hook.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hook
    finally:
        hook.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Post:
    """What a mail server got: (signed in as, recipients, lines of the mail), and how it answers."""

    port: int = 0
    mails: list[tuple[str, list[str], str]] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    password: str = ""
    data_code: int = 250
    refuses: Sequence[str] = ()
    in_clear: list[str] = field(default_factory=list)


@contextlib.contextmanager
def mail(post: Post) -> Iterator[Post]:  # noqa: C901 - a whole server
    """A mail server with STARTTLS and AUTH PLAIN (RFC 5321, RFC 3207, RFC 4954), up."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                self.talk()
            if isinstance(self.connection, ssl.SSLSocket):
                for one in (self.rfile, self.wfile, self.connection):
                    one.close()

        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def talk(self) -> None:  # noqa: C901, PLR0912 - a branch for each word
            user, to, secure = "", list[str](), False
            self.say("220 here")
            while line := self.rfile.readline().decode().strip():
                word = line.split(" ")[0].upper()
                if not secure:
                    post.in_clear.append(word)
                if word == "EHLO":
                    offers = ["250-here"]
                    offers += ["250-STARTTLS"] if post.tls and not secure else []
                    offers += ["250-AUTH PLAIN"] if post.password else []
                    for offer in offers:
                        self.say(offer)
                    self.say("250 SIZE 1000000")
                elif word == "STARTTLS" and post.tls:
                    self.say("220 go on")
                    self.connection = post.tls.wrap_socket(self.connection, server_side=True)
                    self.rfile = self.connection.makefile("rb")
                    self.wfile = self.connection.makefile("wb", buffering=0)
                    secure = True
                elif word == "AUTH":
                    _, name, given = base64.b64decode(line.split(" ")[2]).decode().split("\0")
                    user = name if given == post.password else ""
                    self.say("235 in" if user else "535 no")
                elif word == "RCPT":
                    whom = line.partition("<")[2].partition(">")[0]
                    if whom in post.refuses:
                        self.say("550 nobody")
                    else:
                        to.append(whom)
                        self.say("250 yes")
                elif word == "DATA":
                    self.say("354 go on")
                    lines: list[str] = []
                    while (row := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                        lines.append(row)
                    if post.data_code == 250:
                        post.mails.append((user, to, "\n".join(lines)))
                    self.say(f"{post.data_code} told")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 yes")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    post.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield post
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that signs itself, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = dt.timedelta(days=1)
    now = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + 36_500 * day)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "ca.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    whole = folder / "server.pem"
    whole.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + path.read_bytes()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(whole)
    return path, context


def line(folder: Path, text: str) -> Any:
    """The one target of a file in a folder, as it is read; its secret stands beside it."""
    import tomllib

    from pastwatch.stages.watch.delivery import targets_of

    path = folder / "hook.secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(SECRET)
    (one,) = targets_of(tomllib.loads("[[target]]\nname = 'duty'\n" + text), folder=folder)
    return one
