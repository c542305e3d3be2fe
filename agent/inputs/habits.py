"""What the samples show at one place, and whether that is a rule or chance.

A rule is believed where the statement has a word for it, or where chance would seldom show as much.

Not covered: the layout (`agent.inputs.grammar`), and ties between places (`agent.inputs.places`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from agent.inputs.constraints import Constraint

DISTINCT = re.compile(
    r"distinct|different|\bunique|no two|permutation|olika|inga två|same .{0,20} as each other", re.IGNORECASE
)
_ORDERED = re.compile(
    r"sorted|\bin [\w-]+ order|ascending|increasing|decreasing|stigande|sorterad|ordning", re.IGNORECASE
)
_LOWER, _UPPER = (
    re.compile(r"\b[`'\"]?a[`'\"]?\s?(?:-|–|to|\.\.\.)\s?[`'\"]?z\b|lower-?case|gemener"),
    re.compile(r"\bA[`'\"]?\s?(?:-|–|to|\.\.\.)\s?[`'\"]?Z\b|upper-?case|capital letters|versaler"),
)
_FOLLOWED = re.compile(r"\b([A-Za-z]\w{0,8})\b[^.]{0,80}(?:followed by|följt av) (?:the )?\1\b")
_CHANCE = 0.05


def bound_of(constraint: Constraint, name: str, side: str) -> int | None:
    """What a constraint says in numbers of a name: the most of it for side "<", the least for ">"."""
    left, right, sign = constraint.left, constraint.right, constraint.sign
    if left.name != name:
        left, right = right, left
        sign = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(sign, sign)
    value = right.value({}) if left.name == name and sign[0] == side else None
    if value is None or sign in ("<=", ">="):
        return value
    return value - 1 if sign == "<" else value + 1


def are_distinct(sequences: Sequence[Sequence[str]], span: int, is_said: bool) -> bool:
    """Whether no sequence repeats a token, and the statement or chance speak for a rule behind that."""
    several = [each for each in sequences if len(each) > 1]
    if not several or any(len(set(each)) < len(each) for each in several):
        return False
    pairs = sum(len(each) * (len(each) - 1) / 2 for each in several)
    return is_said or math.exp(-pairs / max(span, 1)) < _CHANCE


def are_ordered(rows: Sequence[Sequence[int]], text: str) -> bool:
    """Whether every row ascends, and the statement or chance speak for a rule behind that."""
    several = [row for row in rows if len(row) > 1]
    if not several or any(list(row) != sorted(row) for row in several):
        return False
    chance = math.prod(1 / math.factorial(min(len(set(row)), 10)) for row in several)
    return chance < (0.2 if _ORDERED.search(text) else _CHANCE / 5)


def is_counted(lines: Sequence[Sequence[str]]) -> bool:
    """Whether the first token of every line is the number of those after it, and lines differ in that."""
    lengths = {len(line) for line in lines}
    return len(lengths) > 1 and all(line and line[0] == str(len(line) - 1) for line in lines)


def fewest_counted(lines: Sequence[Sequence[str]], said: Sequence[Constraint], text: str) -> int:
    """How many tokens follow their count at least: as is said of it, or one where no sample shows none."""
    shown = min(len(line) for line in lines) - 1
    name = match[1] if (match := _FOLLOWED.search(text)) else None
    bounds = [bound_of(each, name, ">") for each in said if name in each.names] if name else []
    stated = max((low for low in bounds if low is not None), default=None)
    return stated if stated is not None and stated <= shown else min(1, shown)


def marked_lines(lines: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """All lines, where there are marks such as a comma or an arrow beside words; else none."""
    return tuple(dict.fromkeys(lines)) if _has_marks([token for line in lines for token in line]) else ()


def _has_marks(tokens: Sequence[str]) -> bool:
    return any(not token.isalnum() for token in tokens) and any(c.isalnum() for token in tokens for c in token)


def letters_of(tokens: Sequence[str], text: str) -> str:
    """Of what words are made: letters of the samples, and all that the statement names with them."""
    letters = {character for token in tokens for character in token}
    if _LOWER.search(text) and any(c.islower() for c in letters):
        letters |= set("abcdefghijklmnopqrstuvwxyz")
    if _UPPER.search(text) and any(c.isupper() for c in letters):
        letters |= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return "".join(sorted(letters))


def keywords_of(tokens: Sequence[str], text: str, *, is_tied: bool) -> tuple[str, ...]:
    """The words of the samples, where the statement quotes one or they repeat; with those quoted beside it."""
    kinds = list(dict.fromkeys(tokens))
    letters = set("".join(kinds))
    if any(c.isdigit() for c in letters) and not letters <= set("0123456789"):
        return tuple(kinds)  # dates, addresses and the like, which only a parser of theirs could vary
    if not is_tied and _has_marks(tokens):
        return tuple(kinds)  # a grid of marks and letters is tied to its width
    quoted = re.findall(r"[\"“”'`]{1,2}([^\s\"“”'`]{1,20})[\"”'`]{1,2}", text)
    if any(kind in quoted for kind in kinds) and all(len(kind) > 1 for kind in kinds):
        return tuple(dict.fromkeys([*kinds, *(word for word in quoted if len(word) > 1)]))
    if len(kinds) > 1 and 2 * len(kinds) <= len(tokens) and any(len(kind) > 1 for kind in kinds):
        return tuple(kinds)
    return ()
