"""What a generated input is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from problems import Value

_NO_KWARGS: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class GeneratedInput:
    """An input to a function or a program."""

    args: tuple[Value, ...] = ()
    """Positional arguments of a call."""
    kwargs: Mapping[str, Value] = field(default_factory=lambda: _NO_KWARGS)
    """Keyword arguments of a call."""
    stdin: str = ""
    """Standard input of a program."""
    origin: str = "mutation"
    """How it was made."""
    reason: str = ""
    """Why it is believed to be valid."""
