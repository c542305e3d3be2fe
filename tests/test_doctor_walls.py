"""Each wall of a slot is taken out alone, and `solve doctor` notices: its probe says "not held".

Walls are taken out of real slots: a rule of the filter, an option of the container or of bubblewrap, a step of the
supervisor. What a run does to itself can be left out for one run, so one slot serves for all of those.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from workshop import (
    BACKENDS,
    PROBES,
    RUN_SABOTAGE,
    Arguments,
    Options,
    Weakness,
    Workshop,
    look,
    missed,
    unnoticed,
)

from sandbox import (
    Job,
    RunResult,
    SandboxError,
    batch,
    bwrap_slot,
    cgroup,
    docker_slot,
    doors,
    pool,
    slot,
    syscalls,
)
from sandbox.doctor import Outcome
from sandbox.pool import SlotPool
from sandbox.slot import OuterView

pytestmark = pytest.mark.each_backend

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="slots of an ordinary user have no users to give up")


@pytest.fixture(scope="module")
def workshops() -> Iterator[dict[str, Workshop]]:
    yield (opened := {})
    for workshop in opened.values():
        workshop.backend.close()


@pytest.fixture
def workshop(backend: str, workshops: dict[str, Workshop], monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """The one of the backend that this turn is about."""
    for module in (bwrap_slot, docker_slot):
        whole = module.supervisor_program
        monkeypatch.setattr(
            module,
            "supervisor_program",
            lambda whole=whole, **options: workshops[backend].program(whole, **options),
        )
    monkeypatch.setattr(pool, "_TROUBLE_SECONDS", 0)
    monkeypatch.setattr(batch, "_ATTEMPTS", 1)
    if backend not in workshops:
        workshops[backend] = Workshop(backend)
        workshops[backend].backend = BACKENDS[backend](workshops[backend])
    return workshops[backend]


RULES = [
    (f"filter: {wall}", f"leave_out({entry.split()[1 if os.uname().machine == 'x86_64' else 2]})")
    for wall, entries in doors.FILTERED.items()
    for entry in entries.split(",")
    if entry.split()[1 if os.uname().machine == "x86_64" else 2] != "-"
]
FLAGS = [
    ("filter: namespaces", f"syscalls._NEW_NAMESPACES &= ~{flag:#x}; syscalls._filter.cache_clear()")
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
]
FOREIGN = [("filter: 32-bit calls", "let_in(2)"), ("filter: another number space", "let_in(5)")]
STEPS = [
    *(
        (wall, "syscalls.install_filter = nothing")
        for wall in ("filter: bpf", "filter: rare calls", "filter: sockets")
    ),
    *(
        ("a run has limits of its own", f"without_limit('{name}')")
        for name in ("CPU", "FSIZE", "AS", "NPROC", "CORE", "NOFILE", "MEMLOCK", "MSGQUEUE", "SIGPENDING")
    ),
    ("a run has no files but its own", "candidate.os = Changed(os, closerange=nothing)"),
]
STEPS_IN_A_CONTAINER = [("a run gives way to process 1", "candidate.os = Changed(os, setpriority=nothing)")]
STEPS_AS_ROOT = [
    ("a run has a user of its own", "candidate._drop_rights = nothing"),
    ("a run has no capabilities", "candidate._drop_rights = nothing"),
    ("a run has a user of its own", "candidate.os = Changed(os, setresgid=nothing)"),
    ("a run has no groups", "setgroups([0])"),
]


def test_every_rule_and_every_step_of_a_run_is_missed_when_it_is_gone(workshop: Workshop) -> None:
    sabotages = [*dict.fromkeys(RULES), *FLAGS, *STEPS, *(STEPS_AS_ROOT if os.geteuid() == 0 else [])]
    if os.uname().machine == "x86_64":
        sabotages += FOREIGN
    if workshop.backend.name == "docker":
        sabotages += STEPS_IN_A_CONTAINER
    weakness = Weakness(RUN_SABOTAGE, options=lambda options: {**options, "ulimits": []})
    with workshop.slots(weakness) as box:
        whole = [look(box, wall) for wall in {wall for wall, _ in sabotages}]
        assert [finding for finding in whole if finding.outcome is not Outcome.HELD] == []
        assert missed(box, sabotages) == []


def refusable(program: bytes) -> set[int]:
    """Numbers of calls for which the filter has a refusal on some way through it, whatever the arguments are."""
    steps = [struct.unpack_from("<HBBI", program, place) for place in range(0, len(program), 8)]
    return {number for number in range(600) if _is_refused(steps, number)}


def _is_refused(steps: list[tuple[int, int, int, int]], number: int) -> bool:
    machine = syscalls._MACHINES[os.uname().machine][1]
    ways: list[tuple[int, int | None]] = [
        (0, None)
    ]  # where it goes on, and with what it compares if that is known
    while ways:
        place, value = ways.pop()
        operation, then, otherwise, operand = steps[place]
        if operation == syscalls._RETURN:
            if operand != syscalls._ALLOW:
                return True
        elif operation == syscalls._LOAD:
            ways.append((place + 1, {syscalls._NUMBER: number, syscalls._ARCH: machine}.get(operand)))
        elif operation == syscalls._JUMP:
            ways.append((place + 1 + operand, value))
        else:
            holds = {
                syscalls._JUMP_EQUAL: value == operand,
                syscalls._JUMP_GREATER_EQUAL: value is not None and value >= operand,
                syscalls._JUMP_SET: value is not None and bool(value & operand),
            }[operation]
            branches = (then, otherwise) if value is None else (then if holds else otherwise,)
            ways += [(place + 1 + branch, value) for branch in branches]
    return False


def test_there_is_a_knock_at_every_rule() -> None:
    column = syscalls._MACHINES[os.uname().machine][0] + 1
    words = [entry.split() for entries in doors.FILTERED.values() for entry in entries.split(",")]
    program = syscalls._program(os.uname().machine)
    assert program is not None
    assert refusable(program) == {int(word[column]) for word in words if word[column] != "-"}
    numbers = {tuple(word[:3]) for word in words}
    for name, columns in syscalls._DENIALS.items():
        assert (name, *("-" if number is None else str(number) for number in columns)) in numbers


BLIND = """
def unseen(base, whole=watch._tree_usage):
    usage = whole(base)
    usage.cpu_s = usage.whole = usage.resident = 0
    return usage
watch._tree_usage = unseen
"""
SUPERVISOR = [
    ("input cannot be changed", "candidate._seal = nothing"),
    ("process 1 cannot be looked into", "syscalls.set_dumpable = nothing"),
    ("process 1 ignores signals", "import signal\nsupervisor.signal = Changed(signal, signal=nothing)"),
    ("scratch is emptied in place", "scratch.clean = lambda uid: scratch._is_empty(scratch.FOLDER)"),
    ("nothing stays behind", "scratch.clean = lambda uid: True"),
    ("nothing stays behind", "watch.kill_everyone = nothing\nwatch._REAP_SECONDS = 0.1"),
    ("CPU time is limited", BLIND),
    ("memory is limited", BLIND),
    ("children's copies count", "watch._shares = lambda *usage: 0"),
    ("the kernel's memory counts", "watch._slot_memory = lambda: 0"),
    ("process numbers tell nothing", "syscalls.skip_numbers = nothing"),
]
SUPERVISOR_IN_BUBBLEWRAP = [("files are limited", "watch._scratch_files = lambda: 0")]


def test_what_a_supervisor_leaves_out_is_missed(workshop: Workshop) -> None:
    rows = [*SUPERVISOR, *(SUPERVISOR_IN_BUBBLEWRAP if workshop.name == "bwrap" else [])]
    applicable = [row for row in rows if workshop.name not in PROBES[row[0]].not_on]
    assert unnoticed(workshop, [(wall, Weakness(sabotage)) for wall, sabotage in applicable]) == []


def test_a_run_that_sleeps_on_is_missed(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (slot, batch):
        monkeypatch.setattr(module, "GRACE_SECONDS", 0.5)
    patient = Weakness("watch.Watch._waited_too_long = lambda self, began_at: False")
    assert unnoticed(workshop, [("sleepers are ended", patient)]) == []


@AS_ROOT
def test_users_one_after_the_other_are_found_out(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    users = count(20_000, 7)
    monkeypatch.setattr(slot.secrets, "choice", lambda numbers: next(users))
    with workshop.slots(Weakness()) as box:
        assert look(box, "users are taken at random").outcome is Outcome.BROKEN


@AS_ROOT
def test_one_user_for_all_runs_is_found_out(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot, "_UIDS", range(10_000, 10_001))
    with workshop.slots(Weakness()) as box:
        assert look(box, "a run has a user of its own").outcome is Outcome.BROKEN


def test_a_slot_that_is_kept_whatever_was_in_it_is_found_out(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = "a slot is thrown away when it must be"
    if workshop.name in PROBES[wall].not_on:
        pytest.skip(PROBES[wall].not_on[workshop.name])
    monkeypatch.setattr(SlotPool, "renew", SlotPool.give_back)
    with workshop.slots(Weakness()) as box:
        assert look(box, wall).outcome is Outcome.BROKEN


def test_trusted_jobs_beside_others_are_found_out(workshop: Workshop) -> None:
    with workshop.slots(Weakness()) as box:
        box._free[True] = box._free[False]
        assert look(box, "trusted jobs have slots apart").outcome is Outcome.BROKEN


def without(*words: str) -> Callable[[Arguments], Arguments]:
    """Bubblewrap's arguments less these, which stand there one after the other."""

    def edit(arguments: Arguments) -> Arguments:
        place = next(n for n in range(len(arguments)) if tuple(arguments[n : n + len(words)]) == words)
        return arguments[:place] + arguments[place + len(words) :]

    return edit


def instead(word: str, *others: str) -> Callable[[Arguments], Arguments]:
    """Bubblewrap's arguments with others in the place of one."""

    def edit(arguments: Arguments) -> Arguments:
        place = arguments.index(word)
        return [*arguments[:place], *others, *arguments[place + 1 :]]

    return edit


ARGUMENTS = [
    ("no network interfaces", without("--unshare-net")),
    ("namespaces of its own", without("--unshare-net")),
    ("namespaces of its own", without("--unshare-ipc")),
    (
        "namespaces of its own",
        lambda arguments: without("--unshare-uts")(without("--hostname", "slot")(arguments)),
    ),
    ("a cgroup namespace of its own", without("--unshare-cgroup-try")),
    ("the root is read-only", instead("--ro-bind", "--bind")),
    ("the root is not the host's", lambda arguments: host_root(arguments)),
    ("devices are few", without("--remount-ro", "/dev")),
    ("devices are few", instead("--remount-ro", "--dev-bind", "/dev/zero", "/dev/zero", "--remount-ro")),
    ("scratch is small", without("--size", str(64 << 20))),
    ("nothing counts over runs", without("--ro-bind", "/dev/null", "/proc/stat")),
    ("nothing counts over runs", without("--ro-bind", "/dev/null", "/proc/loadavg")),
    ("the host stays out of sight", without("--clearenv")),
]
ARGUMENTS_AS_ROOT = [("a run has no capabilities", without("--cap-drop", "ALL"))]


def host_root(arguments: Arguments) -> Arguments:
    """The host's root in the place of the slot's own."""
    place = arguments.index("--ro-bind")
    return [*arguments[: place + 1], "/", *arguments[place + 2 :]]


def in_other_processes(arguments: Arguments) -> Arguments:
    """Without a process namespace of its own, but inside of another that is empty: it might kill everyone."""
    slot_alone = without("--as-pid-1")(without("--unshare-pid")(arguments))
    return [arguments[0], "--unshare-pid", "--dev-bind", "/", "/", "--proc", "/proc", *slot_alone]


@AS_ROOT
def test_a_slot_among_the_hosts_processes_does_not_begin_or_is_found_out(workshop: Workshop) -> None:
    if workshop.name != "bwrap":
        pytest.skip("nothing would stand between a container of that kind and the host's processes")
    with pytest.raises(SandboxError), workshop.slots(Weakness(arguments=in_other_processes)):
        pass
    reckless = "import os\nsupervisor.os = Changed(os, getpid=lambda: 1)\nwatch.kill_everyone = nothing"
    with workshop.slots(Weakness(reckless, arguments=in_other_processes)) as box:
        assert look(box, "process 1 is the supervisor").outcome is Outcome.BROKEN


def profile_with(name: str) -> list[str]:
    """The container's security options, with one more call on the list."""
    profile = json.loads(resources.files("sandbox").joinpath("seccomp.json").read_text(encoding="utf-8"))
    profile["syscalls"][0]["names"].append(name)
    return ["no-new-privileges", f"seccomp={json.dumps(profile)}"]


OPTIONS: list[tuple[str, Options]] = [
    ("no network interfaces", {"network_mode": "host", "dns": None}),
    ("no name servers", {"dns": None, "dns_search": None}),
    ("the root is read-only", {"read_only": False}),
    ("a run has no capabilities", {"cap_drop": None}),
    ("capabilities have a bound", {"cap_drop": None}),
    ("profile: calls outside its list", {"security_opt": ["no-new-privileges", "seccomp=unconfined"]}),
    ("profile: calls outside its list", {"security_opt": ["no-new-privileges"]}),
    ("profile: calls outside its list", {"security_opt": profile_with("io_setup")}),
    ("scratch is small", {"tmpfs": {"/tmp": "nr_inodes=16k,mode=1777,nosuid,nodev"}}),
    ("scratch is small", {"tmpfs": {"/tmp": "size=64m,nr_inodes=16k,mode=1777,nodev,suid"}}),
    ("scratch holds few files", {"tmpfs": {"/tmp": "size=64m,mode=1777,nosuid,nodev"}}),
    ("namespaces of its own", {"ipc_mode": "host"}),
]
ON_RECORD: list[tuple[str, Options]] = [
    ("group: processes", {"pids_limit": None}),
    ("group: memory", {"mem_limit": None, "memswap_limit": None}),
    ("group: swap", {"memswap_limit": -1}),
    ("container: no new privileges", {"security_opt": ["seccomp=unconfined"]}),
    ("profile: its list is ours", {"security_opt": ["no-new-privileges", "seccomp=unconfined"]}),
    ("profile: its list is ours", {"security_opt": ["no-new-privileges"]}),
    ("profile: its list is ours", {"security_opt": profile_with("ptrace")}),
    ("container: read-only", {"read_only": False}),
    ("container: no network", {"network_mode": "bridge"}),
    ("container: no shared memory", {"ipc_mode": None}),
    ("container: no log", {"log_config": None}),
    ("container: nothing of the host", {"binds": ["/etc:/mnt:ro"]}),
    ("container: nothing of the host", {"privileged": True}),
    ("container: nothing of the host", {"pid_mode": "host"}),
    ("container: nothing of the host", {"devices": ["/dev/null:/dev/other:rwm"]}),
    ("container: gone when it ends", {"auto_remove": False}),
]


def with_options(changes: Options) -> Weakness:
    """Containers with these options in the place of ours."""
    return Weakness(options=lambda options: {**options, **changes})


def test_an_option_that_a_slot_is_not_given_is_missed(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "of the host")
    arguments = [*ARGUMENTS, *(ARGUMENTS_AS_ROOT if os.geteuid() == 0 else [])]
    rows = {
        "bwrap": [(wall, Weakness(arguments=edit)) for wall, edit in arguments],
        "docker": [(wall, with_options(changes)) for wall, changes in OPTIONS],
    }
    assert unnoticed(workshop, rows[workshop.name]) == []


def test_a_group_without_a_limit_is_missed(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    if workshop.name != "bwrap" or not workshop.backend.counts_memory:
        pytest.skip("about the control groups that are made for bubblewrap")
    whole = cgroup._write
    for wall, name in (("group: processes", "pids.max"), ("group: memory", "memory."), ("group: swap", "memory.")):
        monkeypatch.setattr(
            cgroup, "_write", lambda path, value, name=name: path.name.startswith(name) or whole(path, value)
        )
        assert unnoticed(workshop, [(wall, Weakness())]) == []
    monkeypatch.setattr(cgroup, "_write", whole)
    monkeypatch.setattr(cgroup.Group, "command", lambda self, program: program)  # the slot is not in it
    assert unnoticed(workshop, [("group: memory", Weakness())]) == []


@pytest.mark.parametrize("name", ["_MASKED", "_open_numbers"])
def test_counters_in_sight_of_a_container_are_missed(
    name: str, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    if workshop.name != "docker" or (name == "_open_numbers" and not Path("/sys/fs/cgroup/memory").is_dir()):
        pytest.skip("about containers; with control groups of version 2 the daemon masks all of them")
    if name == "_MASKED":
        monkeypatch.setattr(docker_slot, name, ())
    sabotage = "supervisor._open_numbers = nothing" if name == "_open_numbers" else ""
    assert unnoticed(workshop, [("nothing counts over runs", Weakness(sabotage))]) == []


@dataclass
class Unstarted:
    """A container that never runs: all that is known of it is the daemon's record."""

    settings: Mapping[str, Any]
    backend = "docker"

    def look(self) -> OuterView:
        return OuterView(first_process=1, dumpable=False, settings=self.settings)

    def run_many(self, jobs: Sequence[Job]) -> Iterator[RunResult]:
        assert not jobs
        return iter(())


def test_what_the_daemon_was_not_told_is_missed(workshop: Workshop) -> None:
    if workshop.name != "docker":
        pytest.skip("no daemon keeps these slots")
    assert [wall for wall, _ in ON_RECORD if judge(workshop, wall, {}) is not Outcome.HELD] == []
    assert [
        (wall, changes) for wall, changes in ON_RECORD if judge(workshop, wall, changes) is not Outcome.BROKEN
    ] == []


def judge(workshop: Workshop, wall: str, changes: Options) -> Outcome:
    """What the probe finds on the record of a container with these options."""
    workshop.weakness = with_options(changes)
    container = workshop.backend._create(None)
    try:
        return look(Unstarted(workshop.backend._settings(container)), wall).outcome  # type: ignore[arg-type]
    finally:
        workshop.backend._remove(container)
