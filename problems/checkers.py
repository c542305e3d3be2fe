"""The checker in a statement: a fenced block with the info string `python checker`, or `python checker kattis`.

It is for judging only: it is cut out of the statement that a model sees.

Not covered: what a checker is asked and how it answers (`agent.judging.check`).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from problems.document import Code, Item
from problems.types import CONVENTIONS, Checker, ProblemError


def take_checker(items: Sequence[Item], text: str, path: str) -> tuple[list[Item], Checker | None, str]:
    """Split the checker off: the other items, the checker, and the text without it.

    Raises:
        ProblemError: it is not Python, its convention is unknown, or there are two.
    """
    blocks = [item for item in items if isinstance(item, Code) and item.language.split()[1:2] == ["checker"]]
    if not blocks:
        return list(items), None, text
    if len(blocks) > 1:
        raise ProblemError("a second checker; expected at most one", path=path, line=blocks[1].number)
    block = blocks[0]
    lines = text.split("\n")
    end = block.number + block.content.count("\n") + 1
    rest = "\n".join(lines[: block.number - 1] + lines[end:])
    return [item for item in items if item is not block], _checker(block, path), rest


def _checker(block: Code, path: str) -> Checker:
    language, _, *options = block.language.split()
    if language not in ("python", "python3", "py"):
        raise ProblemError(f"a checker in {language}; expected one in python", path=path, line=block.number)
    convention = options[0] if options else CONVENTIONS[0]
    if convention not in CONVENTIONS or len(options) > 1:
        raise ProblemError(
            f"unknown checker convention {' '.join(options)!r}; expected {' or '.join(CONVENTIONS)}",
            path=path,
            line=block.number,
        )
    try:
        # Not compile(): it folds constants, and `10**10**8` would cost the host minutes and memory.
        ast.parse(block.content, path)
    except (RecursionError, MemoryError):
        raise ProblemError("the checker is nested too deeply", path=path, line=block.number) from None
    except (SyntaxError, ValueError) as error:
        line = block.number + (getattr(error, "lineno", None) or 0)
        message = getattr(error, "msg", None) or str(error)
        raise ProblemError(f"the checker is not Python: {message}", path=path, line=line) from None
    return Checker(block.content, convention)
