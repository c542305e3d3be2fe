"""Control groups of bubblewrap's slots: made, entered, removed, and what holds where none can be had."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Limits, Sandbox, SandboxUnavailable, Status, bwrap_slot, cgroup
from sandbox.pool import SlotPool

TIGHT = Limits(cpu_s=3, memory_mb=64, output_bytes=1 << 16)
PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="module")
def folders() -> list[Path]:
    """Where groups can be made."""
    parents = cgroup.find_parents()
    if not parents:
        pytest.skip("no control group can be made here")
    return parents


@pytest.fixture(scope="module")
def ungrouped() -> Iterator[Sandbox]:
    """Bubblewrap as it works where no group can be made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bwrap_slot, "find_parents", list)
        try:
            backend = bwrap_slot.BwrapBackend()
        except SandboxUnavailable as error:
            pytest.skip(str(error))
        assert not backend.counts_memory
        with SlotPool(backend, [None]) as sandbox:
            yield sandbox


def groups(folders: list[Path], pid: int) -> list[Path]:
    """The groups that a process made."""
    return [path for folder in folders for path in folder.glob(f"alphasolve-{pid}-*")]


def test_a_slot_is_in_a_group_that_goes_with_it(folders: list[Path]) -> None:
    before = groups(folders, os.getpid())
    with SlotPool(bwrap_slot.BwrapBackend(), [None]) as sandbox:
        assert sandbox.run("print(1)").stdout == "1\n"
        there = [path for path in groups(folders, os.getpid()) if path not in before]
        assert len(there) == len(folders)
        # The launcher and process 1 of the slot, at least.
        assert all(len((path / "cgroup.procs").read_text(encoding="utf-8").split()) >= 2 for path in there)
    assert groups(folders, os.getpid()) == before


def test_a_program_that_was_killed_leaves_no_group_for_the_next(folders: list[Path]) -> None:
    code = (
        "import os, signal\nfrom sandbox import cgroup\n"
        "group = cgroup.Group(cgroup.find_parents(), 1 << 30, 64)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    process.wait()
    assert groups(folders, process.pid)
    assert cgroup.find_parents() == folders
    assert not groups(folders, process.pid)


def test_the_kernel_counts_what_a_group_holds(folders: list[Path]) -> None:
    group = cgroup.Group(folders, 64 << 20, 64)
    try:
        hold = "data = bytearray(32 << 20); print(1, flush=True); input()"
        command = group.command([sys.executable, "-c", hold])
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"1\n"
            assert int(os.pread(group.charge, 32, 0)) > 32 << 20
            process.communicate(b"\n")
        greedy = group.command([sys.executable, "-c", "data = bytearray(b'x') * (256 << 20)"])
        assert subprocess.run(greedy, check=False).returncode == -9
    finally:
        group.close()


def test_a_group_that_cannot_be_made_leaves_nothing(folders: list[Path], tmp_path: Path) -> None:
    before = groups(folders, os.getpid())
    with pytest.raises(OSError, match="No such file"):
        cgroup.Group([*folders, tmp_path / "missing"], 1 << 30, 64)
    assert groups(folders, os.getpid()) == before


@pytest.mark.parametrize("name", ["copied_pages", "many_children", "long_names", "long_links", "growth"])
def test_memory_is_limited_without_a_group(name: str, ungrouped: Sandbox) -> None:
    source = (PROGRAMS / "mle" / f"{name}.py").read_text(encoding="utf-8")
    assert ungrouped.run(source, limits=TIGHT).status is Status.MLE


def test_children_that_only_share_are_not_charged_for_it(ungrouped: Sandbox) -> None:
    source = (
        "import os, time\nfor _ in range(40):\n"
        "    if os.fork() == 0:\n        time.sleep(0.2)\n        os._exit(0)\n"
        "for _ in range(40): os.wait()\nprint('done')"
    )
    result = ungrouped.run(source, limits=TIGHT)
    assert (result.status, result.stdout) == (Status.OK, "done\n"), result


MEMORY = "30 1 0:1 {} {{root}}/memory rw - cgroup cgroup rw,memory\n"
PIDS = "31 1 0:2 {} {{root}}/pids rw - cgroup cgroup rw,pids\n"
BOTH = "30 1 0:1 / {root}/two rw - cgroup2 cgroup2 rw\n"
TREES = {
    "version 1": (
        "4:memory:/jobs/a\n8:pids:/\n0::/\n",
        (MEMORY + PIDS).format("/", "/"),
        {"memory/jobs/a": "", "pids": ""},
        ["memory/jobs/a", "pids"],
    ),
    "version 2, beside us": (
        "0::/user/app/terminal\n",
        BOTH,
        {"two/user/app/terminal": "", "two/user/app": "cpu memory pids"},
        ["two/user/app"],
    ),
    "version 2, nothing handed over": (
        "0::/user/app/terminal\n",
        BOTH,
        {"two/user/app/terminal": "", "two/user/app": "cpu"},
        [],
    ),
    "part of a tree": (
        "4:memory:/outer/inner\n8:pids:/outer\n",
        (MEMORY + PIDS).format("/outer", "/outer"),
        {"memory/inner": "", "pids": ""},
        ["memory/inner", "pids"],
    ),
}


@pytest.mark.parametrize(("own", "mounts", "tree", "expected"), TREES.values(), ids=TREES)
def test_where_groups_are_made(
    own: str,
    mounts: str,
    tree: dict[str, str],
    expected: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, controllers in tree.items():
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "cgroup.subtree_control").write_text(controllers, encoding="utf-8")
    monkeypatch.setattr(cgroup, "_own_groups", lambda: own)
    monkeypatch.setattr(cgroup, "_mounts", lambda: mounts.format(root=tmp_path))
    parents = [cgroup._parent("memory"), cgroup._parent("pids")]
    assert [*dict.fromkeys(parent for parent in parents if parent)] == [tmp_path / name for name in expected]
