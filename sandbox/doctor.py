"""Does this host keep the sandbox's promises? Probes that try to break each, and look at each wall by itself.

A probe is a few programs and a judgement of how they ended. A promise holds when they could not do what they
tried; but walls stand behind one another, so for each there is a probe that fails when that one alone is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

from sandbox.probe import Finding, Outcome, Probe
from sandbox.promises import promises
from sandbox.slot import OuterView
from sandbox.types import Sandbox, SandboxError
from sandbox.walls import walls

__all__ = ["Finding", "Outcome", "Probe", "examine", "probes"]


@runtime_checkable
class _Visible(Protocol):
    """A sandbox whose slots can be looked at from outside."""

    def look(self) -> OuterView:
        """What is known of a slot."""


def examine(box: Sandbox, selection: Iterable[Probe] | None = None) -> Iterator[Finding]:
    """Try probes on `box`, which should have one slot; yields findings as they come.

    Args:
        box: the sandbox.
        selection: these probes only; None for all.
    """
    for probe in probes() if selection is None else selection:
        reason = probe.not_on.get(box.backend)
        if reason is not None:
            yield Finding(probe.promise, Outcome.NOT_APPLICABLE, reason, "use Docker where it matters")
            continue
        try:
            detail = probe.breach([*box.run_many(probe.jobs)]) or _outer_breach(probe, box)
        except SandboxError as error:
            detail = f"the sandbox failed: {error}"
        outcome = Outcome.BROKEN if detail else Outcome.HELD
        yield Finding(probe.promise, outcome, detail, probe.remedy if detail else "")


def _outer_breach(probe: Probe, box: Sandbox) -> str:
    if probe.outer_breach is None:
        return ""
    return probe.outer_breach(box.look()) if isinstance(box, _Visible) else "its slots show nothing to the host"


def probes() -> list[Probe]:
    """Every probe: the promises in the order of docs/security.md, then the walls behind them."""
    return [*promises(), *walls()]
