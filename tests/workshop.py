"""Slots with one wall taken out, and what doctor finds in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox import (
    Sandbox,
    docker_slot,
)
from sandbox.bwrap_slot import BwrapBackend
from sandbox.docker_slot import DockerBackend
from sandbox.doctor import Finding, Outcome, examine, probes
from sandbox.pool import SlotPool
from sandbox.slot import Slot

PROBES = {probe.promise: probe for probe in probes()}
Arguments = list[str]
Options = dict[str, Any]

SABOTAGE = """
class Changed:
    # A module with other functions in the place of some.
    def __init__(self, module, **changes):
        vars(self).update(vars(module), **changes)

def nothing(*arguments):
    return None

def serve(program):
    package = load()
    package.candidate.SOURCES = program
    space = {**vars(package), "Changed": Changed, "nothing": nothing}
    exec(SLOT_SABOTAGE, space)
    take_payload = package.candidate._take_payload
    def taken(job):
        parts = take_payload(job)
        line = parts[1].partition(b"\\n")[0]
        if line[:2] == b"#!":
            exec(line[2:], space)
        return parts
    package.candidate._take_payload = taken
    package.supervisor.main(**OPTIONS)
"""
"""A supervisor that changes itself before it begins, and in each run what the first line of the program says."""

RUN_SABOTAGE = """
import os, struct
from os import setgroups

def steps(edit):
    # Change the filter, step by step: the function takes and returns (operation, then, otherwise, operand).
    whole = syscalls._program
    def program(machine):
        code = whole(machine)
        parts = [struct.unpack_from("<HBBI", code, place) for place in range(0, len(code), 8)]
        return b"".join(struct.pack("<HBBI", *edit(place, part)) for place, part in enumerate(parts))
    syscalls._program = program
    syscalls._filter.cache_clear()

def leave_out(number):
    # A rule compares the number of the call: with one that no call has, it is gone.
    steps(lambda place, part: (*part[:3], 0x7fff) if part[0] == 0x15 and part[3] == number else part)

def let_in(place_of_refusal):
    steps(lambda place, part: (6, 0, 0, 0x7fff0000) if place == place_of_refusal else part)

# Limits that the supervisor sets are set by each run instead, so that one can be left out.
lower, of_slot, left_out = candidate.lower, [], set()
def limits(wanted):
    lower([limit for limit in wanted if limit[0] not in left_out])
def limits_of_slot(wanted):
    of_slot.extend(wanted)
    candidate.lower = lambda wanted: limits([*of_slot, *wanted])
candidate.lower = limits_of_slot

def without_limit(name):
    import resource
    left_out.add(getattr(resource, "RLIMIT_" + name))
"""


@dataclass
class Weakness:
    """What is taken out of the slots that start from now on."""

    sabotage: str = ""
    """Python source, run in the supervisor before it begins."""
    arguments: Callable[[Arguments], Arguments] = list
    options: Callable[[Options], Options] = dict


@dataclass
class Workshop:
    """A backend whose slots can be weakened."""

    name: str
    weakness: Weakness = field(default_factory=Weakness)
    backend: Any = None

    @contextmanager
    def slots(self, weakness: Weakness) -> Iterator[SlotPool]:
        """A pool of one slot that is weakened so."""
        self.weakness = weakness
        with SlotPool(self, [None]) as box:
            yield box

    def start(self, *place: Any) -> Slot:
        """A weakened slot."""
        return self.backend.start(*place)

    def close(self) -> None:
        """The backend serves other pools, too."""

    def program(self, whole: Callable[..., bytes], **options: Any) -> bytes:
        """The supervisor's program, and what changes it."""
        text = whole(**options)[8:].decode()
        text += f"\nSLOT_SABOTAGE = {self.weakness.sabotage!r}\n{SABOTAGE}"
        return len(text.encode()).to_bytes(8, "big") + text.encode()


def bwrap_workshop(workshop: Workshop) -> BwrapBackend:
    class Weak(BwrapBackend):
        def _command(self) -> list[str]:
            return workshop.weakness.arguments(super()._command())

    return Weak()


def docker_workshop(workshop: Workshop) -> DockerBackend:
    made = DockerBackend(image=docker_slot.default_image(), runtime=None, notice=print)
    whole = made._api.create_host_config
    made._api.create_host_config = lambda **options: whole(**workshop.weakness.options(options))
    return made


BACKENDS = {"bwrap": bwrap_workshop, "docker": docker_workshop}


def look(box: Sandbox, wall: str, line: str = "") -> Finding:
    """What the probe of that wall finds, with runs that do to themselves what the line says."""
    probe = PROBES[wall]
    if line:
        jobs = tuple(replace(job, source=f"#!{line}\n{job.source}") for job in probe.jobs)  # type: ignore[union-attr]
        probe = replace(probe, jobs=jobs)
    (finding,) = examine(box, [probe])
    return finding


def missed(box: Sandbox, sabotages: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Walls that were taken out by that line of a run and not noticed: (wall, line, outcome)."""
    looks = ((wall, line, look(box, wall, line)) for wall, line in sabotages)
    return [
        (wall, line, finding.outcome) for wall, line, finding in looks if finding.outcome is not Outcome.BROKEN
    ]


def unnoticed(workshop: Workshop, rows: Sequence[tuple[str, Weakness]]) -> list[tuple[int, str, Finding]]:
    """Walls that were taken out of a whole slot and not noticed: (which row, wall, finding)."""
    result = []
    for number, (wall, weakness) in enumerate(rows):
        with workshop.slots(weakness) as box:
            finding = look(box, wall)
        if finding.outcome is not Outcome.BROKEN:
            result.append((number, wall, finding))
    return result
