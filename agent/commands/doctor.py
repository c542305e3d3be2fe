"""`solve doctor`: what works on this machine, and which of the sandbox's promises hold."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from agent.commands import EXIT_SOLVED, EXIT_UNAVAILABLE, EXIT_UNSOLVED
from agent.commands.options import SandboxOptions, collect, print_json, sandbox_options

if TYPE_CHECKING:
    from agent.doctor import BackendReport, Machine
    from sandbox.doctor import Finding

EXAMPLES = """\b
Examples:
  solve doctor                     this machine, and every sandbox that it has
  solve doctor --sandbox docker    containers only
  solve doctor --json              the same as one object

\b
Every promise is tested by programs that try to break it, in a slot of its own. "not applicable" is what a
kind of sandbox does not promise.
Exit codes: 0 everything held, 1 something did not, 3 no sandbox can be started.
"""


@click.command("doctor", epilog=EXAMPLES)
@sandbox_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
@collect(sandbox=SandboxOptions)
def doctor_command(sandbox: SandboxOptions, as_json: bool) -> int:
    """Check this machine, and try to break out of the sandbox."""
    from agent.doctor import BACKENDS, look_at_backend, look_at_machine

    names = BACKENDS if sandbox.backend == "auto" else (sandbox.backend,)
    machine = look_at_machine()
    if not as_json:
        _show_machine(machine)
    reports = []
    for name in names:
        if not as_json:
            click.echo(f"\n{name}")
        report = look_at_backend(
            name,
            image=sandbox.image if name == "docker" else None,
            packages=sandbox.packages,
            listener=None if as_json else _show_finding,
        )
        if not as_json:
            _show_end(report)
        reports.append(report)
    if as_json:
        print_json(_record(machine, reports))
    return _exit_code(reports)


def _exit_code(reports: list[BackendReport]) -> int:
    """By the sandboxes that could be started: one is enough."""
    usable = [report for report in reports if report.available]
    if not usable:
        return EXIT_UNAVAILABLE
    return EXIT_SOLVED if all(report.sound for report in usable) else EXIT_UNSOLVED


def _show_machine(machine: Machine) -> None:
    click.echo(f"Python {machine.python} on {machine.system}, {machine.cores} cores")
    click.echo(f"memory: {machine.free_bytes / 1e9:.1f} of {machine.memory_bytes / 1e9:.1f} GB free")
    for row in machine.models:
        state = f"{row.cached_bytes / 1e9:.2f} GB here" if row.cached_bytes else "not fetched (solve models fetch)"
        click.echo(f"model {row.name}: {state}")
    missing = "no g++ here: install your system's g++ package, or name an image that has it by --image"
    click.echo(f"C++: {f'compiled by {machine.compiler}' if machine.compiler else missing}")

    for gpu in machine.gpus:
        click.echo(f"GPU: {gpu.name}, {gpu.memory_mb / 1024:.0f} GiB")
    for advice in machine.serving:
        click.echo(f"  {advice.purpose}: {advice.command}")


def _show_finding(finding: Finding) -> None:
    click.echo(f"  {finding.outcome:15} {finding.promise}")
    if finding.detail:
        click.echo(f"  {'':15} {finding.detail}")
    if finding.remedy:
        click.echo(f"  {'':15} -> {finding.remedy}")


def _show_end(report: BackendReport) -> None:
    if not report.available:
        click.echo(f"  not available: {report.problem}")
        if report.remedy:
            click.echo(f"  -> {report.remedy}")


def _record(machine: Machine, reports: list[BackendReport]) -> dict[str, Any]:
    return {
        "ok": _exit_code(reports) == EXIT_SOLVED,
        "machine": asdict(machine),
        "sandboxes": [
            asdict(report) | {"available": report.available, "sound": report.sound} for report in reports
        ],
    }
