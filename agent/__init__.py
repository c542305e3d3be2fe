"""How to solve: sampling, judging, clustering, choosing, and the command line.

What is exported is imported when it is first asked for: `solve judge` and `solve --help` need little of it.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.models.local_sampler import LocalSampler
    from agent.models.openai_sampler import OpenAISampler
    from agent.solve import solve
    from agent.types import Sampler, SamplerError, Solution, SolveOptions

__all__ = ["LocalSampler", "OpenAISampler", "Sampler", "SamplerError", "Solution", "SolveOptions", "solve"]

_HOMES = {
    "LocalSampler": "agent.models.local_sampler",
    "OpenAISampler": "agent.models.openai_sampler",
    "Sampler": "agent.types",
    "SamplerError": "agent.types",
    "Solution": "agent.types",
    "SolveOptions": "agent.types",
    "solve": "agent.solve",
}


def __getattr__(name: str) -> object:
    """An export, from the module it lives in; Python asks once for each."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


class _Package(ModuleType):
    """This package: its `solve` is the function, though Python would put the module of that name in its place."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name == "solve" and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
