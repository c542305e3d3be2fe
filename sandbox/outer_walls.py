"""Probes that look at a slot from outside, at walls that no program in it can see.

They read what the supervisor said of itself before any run, and what the daemon or the kernel has on record. What
they expect is written down here a second time, as in `walls`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import resources

from sandbox import cgroup
from sandbox.probe import Probe
from sandbox.slot import OuterView

NO_PROFILE = {"bwrap": "no allow-list stands in front of the filter"}
"""Why nothing is asked about a container's list of system calls."""
_NO_DAEMON = {"bwrap": "no daemon keeps the slot, so there is nothing on record"}
_MOST_MEMORY, _MOST_PROCESSES = 2560 << 20, 256


def outer_walls() -> list[Probe]:
    """A probe of each wall that is seen from outside only."""
    no_group = {} if cgroup.find_parents() else {"bwrap": "no control group can be made here"}
    return [
        Probe("process 1 cannot be looked into", outer_breach=_dumpable_breach),
        Probe("profile: its list is ours", outer_breach=_profile_breach, not_on=NO_PROFILE),
        Probe("group: processes", outer_breach=_setting("PidsLimit", 1, _MOST_PROCESSES), not_on=no_group),
        Probe("group: memory", outer_breach=_setting("Memory", 1, _MOST_MEMORY), not_on=no_group),
        Probe("group: swap", outer_breach=_setting("MemorySwap", 1, _MOST_MEMORY), not_on=no_group,
              remedy="have the kernel count swap (boot with swapaccount=1), or turn swap off"),
        Probe("container: no new privileges", outer_breach=_privileges_breach, not_on=_NO_DAEMON),
        Probe("container: read-only", outer_breach=_settings(ReadonlyRootfs=True), not_on=_NO_DAEMON),
        Probe("container: no network", outer_breach=_settings(NetworkMode="none"), not_on=_NO_DAEMON),
        Probe("container: no shared memory", outer_breach=_settings(IpcMode="none"), not_on=_NO_DAEMON),
        Probe("container: no log", outer_breach=_log_breach, not_on=_NO_DAEMON),
        Probe("container: nothing of the host", outer_breach=_settings(**_NOTHING_OF_THE_HOST), not_on=_NO_DAEMON),
        Probe("container: gone when it ends", outer_breach=_settings(AutoRemove=True), not_on=_NO_DAEMON),
    ]  # fmt: skip


def _dumpable_breach(view: OuterView) -> str:
    return "processes of its user may look into it" if view.dumpable else ""


def _settings(**expected: object) -> Callable[[OuterView], str]:
    """The daemon's record says this; None stands for anything empty."""

    def breach(view: OuterView) -> str:
        wrong = {name: view.settings.get(name) for name in expected if not _agrees(view.settings, name, expected)}
        return ", ".join(f"{name} is {value!r}" for name, value in wrong.items())

    return breach


def _agrees(settings: Mapping[str, object], name: str, expected: Mapping[str, object]) -> bool:
    value = settings.get(name)
    return not value if expected[name] is None else value == expected[name]


_NOTHING_OF_THE_HOST = dict.fromkeys(("Privileged", "Binds", "Mounts", "Devices", "DeviceRequests", "VolumesFrom"))
_NOTHING_OF_THE_HOST |= dict.fromkeys(("PidMode", "UTSMode", "UsernsMode", "Links", "PortBindings"))


def _setting(name: str, least: int, most: int) -> Callable[[OuterView], str]:
    """The daemon's record says a number in these bounds."""

    def breach(view: OuterView) -> str:
        value = view.settings.get(name)
        return "" if isinstance(value, int) and least <= value <= most else f"{name} is {value}"

    return breach


def _options(view: OuterView) -> list[str]:
    return [str(option) for option in view.settings.get("SecurityOpt") or ()]


def _privileges_breach(view: OuterView) -> str:
    spellings = {"no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"}
    return "" if spellings & {*_options(view)} else "no-new-privileges is not set"


def _profile_breach(view: OuterView) -> str:
    own = json.loads(resources.files("sandbox").joinpath("seccomp.json").read_text(encoding="utf-8"))
    profiles = [option.partition("=")[2] for option in _options(view) if option.startswith("seccomp=")]
    if not profiles:
        return "the container has no profile of ours"
    return "" if profiles[0][:1] == "{" and json.loads(profiles[0]) == own else "the container has another profile"


def _log_breach(view: OuterView) -> str:
    kind = (view.settings.get("LogConfig") or {}).get("Type")
    return "" if kind == "none" else f"LogConfig is {kind}"
