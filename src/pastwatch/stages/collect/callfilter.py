"""Which system calls a reader's child is refused, and the filter that refuses them.

Sources: seccomp(2), syscalls(2), and Linux's own tables of call numbers.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass

_THREAD = 0x10000  # of the flags of `clone`
_OTHER_TABLE = 0x40000000  # from here on x86-64 numbers the calls of another table
_MACHINE_AT, _NUMBER_AT, _FIRST_ARGUMENT_AT = 4, 0, 16
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06
_ANSWERS = {"allow": 0x7FFF0000, "refuse": 0x00050000 | 1, "unknown": 0x00050000 | 38}
# Numbers that all machines share: io_uring, pidfd, mounts, other processes' memory, new attributes.
_SHARED = (424, 425, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442, 448, 452, 463, 466, 469)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine's numbers: `own` may be done to this process alone, `refused` not at all.

    `clone3` is answered "not known", so that threads are made by `clone`, whose flags can be read.
    """

    mark: int
    clone3: int
    clone: int
    own: tuple[int, ...]  # kill, tgkill, prlimit64
    refused: tuple[int, ...]


MACHINES = {
    "x86_64": Machine(
        mark=0xC000003E,
        clone3=435,
        clone=56,
        own=(62, 234, 302),
        refused=(
            *(41, 42, 49, 50, 53),  # sockets
            *(57, 58, 59, 322),  # processes and programs
            *(101, 310, 311, 312, 256, 279),  # tracing, and the memory of others
            *(129, 200, 297),  # signals to others
            *(141, 142, 144, 203, 251, 314),  # priorities of others
            *(90, 91, 92, 93, 94, 260, 268),  # modes and owners of files
            *(132, 235, 261, 280, 188, 189, 190, 197, 198, 199),  # their times and attributes
            *(155, 161, 165, 166, 272, 303, 304, 308),  # mounts, roots, namespaces, handles
            *(29, 30, 31, 64, 65, 66, 220, 68, 69, 70, 71, 240, 241),  # memory and queues shared
            *(248, 249, 250, 298, 321, 323),  # keys, counters, programs and faults in the kernel
            *_SHARED,
        ),
    ),
    "aarch64": Machine(
        mark=0xC00000B7,
        clone3=435,
        clone=220,
        own=(129, 131, 261),
        refused=(
            *(198, 199, 200, 201, 203),
            *(221, 281),
            *(117, 270, 271, 272, 238, 239),
            *(138, 130, 240),
            *(140, 118, 119, 122, 30, 274),
            *(52, 53, 54, 55),
            *(88, 5, 6, 7, 14, 15, 16),
            *(41, 51, 40, 39, 97, 264, 265, 268),
            *(194, 195, 196, 190, 191, 192, 193, 186, 187, 188, 189, 180, 181),
            *(217, 218, 219, 241, 280, 282),
            *_SHARED,
        ),
    ),
}

Step = tuple[int, str, str, int]  # code, where to go if it holds, where if not, operand


def code_for(machine: Machine) -> bytes:
    """Berkeley packet filter code over `struct seccomp_data` (number, machine, address, arguments).

    Where to go is the name of a later place; "" is the next step.
    """
    own_id = os.getpid()
    steps: list[tuple[str, Step]] = [
        ("", (_LOAD, "", "", _MACHINE_AT)),
        ("", (_EQUAL, "", "refuse", machine.mark)),
        ("", (_LOAD, "", "", _NUMBER_AT)),
        ("", (_AT_LEAST, "refuse", "", _OTHER_TABLE)),
        ("", (_EQUAL, "unknown", "", machine.clone3)),
        ("", (_EQUAL, "clone", "", machine.clone)),
        *(("", (_EQUAL, "own", "", number)) for number in machine.own),
        *(("", (_EQUAL, "refuse", "", number)) for number in machine.refused),
        ("", (_EQUAL, "allow", "allow", 0)),
        ("clone", (_LOAD, "", "", _FIRST_ARGUMENT_AT)),  # a thread may, a process may not
        ("", (_ANY_BIT, "allow", "refuse", _THREAD)),
        ("own", (_LOAD, "", "", _FIRST_ARGUMENT_AT)),
        ("", (_EQUAL, "allow", "", own_id)),
        # Nobody named: of limits that means this process, of signals its whole group.
        ("", (_EQUAL, "", "refuse", 0)),
        ("", (_LOAD, "", "", _NUMBER_AT)),
        ("", (_EQUAL, "allow", "refuse", machine.own[-1])),
        *((name, (_ANSWER, "", "", answer)) for name, answer in _ANSWERS.items()),
    ]
    return _packed(steps)


def _packed(steps: Sequence[tuple[str, Step]]) -> bytes:
    places = {name: at for at, (name, _) in enumerate(steps) if name}
    packed = []
    for at, (_, (code, yes, no, operand)) in enumerate(steps):
        jumps = [places[name] - at - 1 if name else 0 for name in (yes, no)]
        packed.append(struct.pack("=HBBI", code, *jumps, operand))
    return b"".join(packed)
