"""What a reader's child may not do: reach a network, start a program, open what is not its own.

Each wall is put up where the system has it; what holds is told by name, so that it can be said.
Sources: landlock(7), seccomp(2), unshare(2), setrlimit(2).
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from pastwatch.stages.collect.callfilter import MACHINES, code_for

MEMORY_BYTES = 2 * 1024**3
FILE_BYTES = 8 * 1024**3
OPEN_FILES = 256

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES, _SECCOMP, _DIE_WITH_PARENT = 38, 22, 1
_KILLED = 9
_LANDLOCK_CREATE, _LANDLOCK_RULE, _LANDLOCK_RESTRICT = 444, 445, 446
_READ = 1 << 2 | 1 << 3
_WRITE = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8  # write, remove, make folder, make file
_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights each version knows
_RIGHTS = 16
_SCOPES_SINCE_ABI, _OWN_SIGNALS_AND_SOCKETS = 6, 3
# What Python and its packages read of a system: nothing in it says anything of its users, and of
# /proc there is only the child's own part, for the parent's holds its environment.
_SYSTEM_PATHS = (
    *(
        "/usr",
        "/lib",
        "/lib64",
        "/dev/null",
        "/dev/urandom",
        "/sys/devices/system",
        "/sys/fs/cgroup",
    ),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/etc/mime.types", "/etc/fonts"),
    *("/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf", "/etc/os-release", "/etc/locale.alias"),
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems"),
    *("/proc/sys/vm", "/proc/sys/kernel", "/proc/version"),
)


def put_up(readable: Sequence[Path], writable: Sequence[Path]) -> tuple[str, ...]:
    """Put up every wall this system has, and name those that hold; there is no way back.

    `readable` and `writable` are the only folders and files left open, with Python's own.
    """
    held = [_limits()]
    if sys.platform == "linux":
        system = ctypes.CDLL(None, use_errno=True)
        system.prctl(_DIE_WITH_PARENT, _KILLED, 0, 0, 0)
        system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        held += [_network(system), _files(system, readable, writable), _calls(system)]
    return tuple(filter(None, held))


def _limits() -> str:
    try:
        import resource
    except ModuleNotFoundError:
        return ""
    wanted = [("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", OPEN_FILES), ("RLIMIT_FSIZE", FILE_BYTES)]
    if sys.platform == "linux":
        wanted.append(("RLIMIT_DATA", MEMORY_BYTES))
    for name, asked in wanted:
        limit = getattr(resource, name)
        hard = resource.getrlimit(limit)[1]
        most = asked if hard == resource.RLIM_INFINITY else min(asked, hard)
        resource.setrlimit(limit, (most, most))
    return "limits"


def _network(system: ctypes.CDLL) -> str:
    """A network of its own, in which there is nothing."""
    alone = system.unshare(_NEW_NETWORK) == 0 or system.unshare(_NEW_USER | _NEW_NETWORK) == 0
    return "no-network" if alone else ""


def _files(system: ctypes.CDLL, readable: Sequence[Path], writable: Sequence[Path]) -> str:
    abi = system.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        return ""
    known = (1 << _RIGHTS_BY_ABI.get(abi, _RIGHTS)) - 1
    attributes = struct.pack("=Q", known)
    if abi >= _SCOPES_SINCE_ABI:
        attributes = struct.pack("=QQQ", known, 0, _OWN_SIGNALS_AND_SOCKETS)
    rules = system.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return ""
    truncate = known & 1 << 14
    for path in _existing([*readable, *_own_folders()]):
        _allow(system, rules, path, _READ)
    for path in _existing(writable):
        _allow(system, rules, path, _READ | _WRITE | truncate)
    done = system.syscall(_LANDLOCK_RESTRICT, rules, 0)
    os.close(rules)
    return "own-files-only" if done == 0 else ""


def _allow(system: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    if not path.is_dir():
        rights &= 1 << 1 | 1 << 2 | 1 << 14  # the rights a file can have
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rule = struct.pack("=Qi", rights, opened)
    system.syscall(_LANDLOCK_RULE, rules, 1, rule, 0)
    os.close(opened)


def _own_folders() -> list[Path]:
    """Where Python and its packages stand."""
    return [
        Path(p) for p in (*_SYSTEM_PATHS, sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path)
    ]


def _existing(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if str(path) not in {"", "."} and path.exists()]


def _calls(system: ctypes.CDLL) -> str:
    """A filter of system calls; what it refuses fails like a call without permission."""
    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        return ""
    code = code_for(machine)
    program = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(code) // 8, ctypes.addressof(program))
    return "no-programs" if system.prctl(_SECCOMP, 2, header, 0, 0) == 0 else ""
