"""How inputs, answers and outputs look to a person: short, and as they would be written.

Not covered: escaping for HTML and JSON, which belongs to whoever prints.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from problems import CallCase, TestCase
from sandbox import CallResult, Opaque, RunResult, Status

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput

MOST_SHOWN = 300
"""Characters of an output that are kept for showing, unless told otherwise."""

_CONTROL_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def visible(text: str) -> str:
    """The text with control characters, directional marks and separators written out as escapes.

    A terminal would act on the first; the others make a program look different from what runs (Boucher and
    Anderson, "Trojan Source", 2021). Line ends and tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        repr(c)[1:-1] if c not in "\n\t" and unicodedata.category(c) in _CONTROL_CATEGORIES else c for c in text
    )


def excerpt(text: str, most: int = 80) -> str:
    """The first `most` characters of a text on one line, with all that cannot be seen written out."""
    line = visible(text[:most]).replace("\n", "\\n").replace("\t", "\\t")
    if not line.isascii():
        line = "".join(repr(c)[1:-1] if unicodedata.category(c) == "Zs" and c != " " else c for c in line)
    return line + "..." if len(text) > most else line


def cut(text: str, most: int = MOST_SHOWN) -> str:
    """The first `most` characters, and how many more there were."""
    return text if len(text) <= most else f"{text[:most]}\n[{len(text) - most} more characters]"


def cut_start(text: str, most: int) -> str:
    """The last `most` characters, and how many were left out before them."""
    return text if len(text) <= most else f"[{len(text) - most} characters before]\n{text[-most:]}"


def shown_value(value: object) -> str:
    """A value as it would be written in Python."""
    if isinstance(value, Opaque):
        return f"<{value.type_name} object>"
    try:
        return repr(value)
    except ValueError:  # an integer of more digits than Python turns into text
        return f"<a {type(value).__name__} too long to write>"


def shown_input(item: GeneratedInput | TestCase | CallCase, entry_point: str | None) -> str:
    """What a candidate is given: the call, or the whole standard input."""
    if entry_point is None:
        return "" if isinstance(item, CallCase) else item.stdin
    if isinstance(item, TestCase):
        return item.stdin
    words = [shown_value(value) for value in item.args]
    words += [f"{name}={shown_value(value)}" for name, value in item.kwargs.items()]
    return f"{entry_point}({', '.join(words)})"


def shown_expected(case: TestCase | CallCase) -> str:
    """The right answer of a case."""
    return case.stdout if isinstance(case, TestCase) else shown_value(case.expected)


def shown_result(result: RunResult) -> str:
    """What came out of a run: its value or standard output, or how it ended and the end of its complaint."""
    if result.status is Status.OK:
        return shown_value(result.value) if isinstance(result, CallResult) else result.stdout
    last = result.stderr.strip().rsplit("\n", 1)[-1]
    return f"[{result.status}] {last}" if last else f"[{result.status}]"
