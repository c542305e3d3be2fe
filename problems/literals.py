"""Values as statements write them, read from a place in a text.

Covered: Python's literals, JSON's `true`, `false` and `null`, C arrays in braces, and the minus sign and quotes of
word processors. A value is first delimited, one step a token, and then evaluated once, so that its cost is linear
in its length.

Not covered: expressions (`2**10`), ranges with dots (`[1, ..., 9]`), strings without quotes.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from problems.types import Value

LONGEST_VALUE = 100_000

_EVALUATION = 30
"""What evaluating one value costs beside its length."""
_OPENING, _CLOSING = "([{", ")]}"
_STRING = (
    r"[bBrRuU]{0,2}(?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|\"(?:[^\"\\\n]|\\.)*\"(?!\")|'(?:[^'\\\n]|\\.)*'(?!'))"
    r"|“[^“”\n]*”|‘[^‘’\n]*’"
)
_TOKEN = re.compile(
    rf"(?P<string>{_STRING})|(?P<bracket>[()\[\]{{}}])|(?P<word>\w+)|(?P<dots>\.\.\.)|(?P<other>[^\w()])"
)
_WHOLE_STRING = re.compile(rf"(?:{_STRING})(?!\w)")
_NUMBER = re.compile(
    r"[-+−]?\s?(?:0[xob][\da-f]+|(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?)(?:\s?[-+]\s?\d+(?:\.\d+)?j|j)?(?!\w)(?!\.\d)",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?:[Tt]rue|[Ff]alse|None|null|set\(\))(?![\w(])")
_END = re.compile(r"\s*\Z")
_COMMA = re.compile(r"\s*,\s*")
_SPELLINGS = {"true": "True", "false": "False", "null": "None", "−": "-"}
_BRACES_AS_BRACKETS = {"{": "[", "}": "]"}


class Allowance:
    """How many characters may still be looked at, over all tries of one statement.

    Without it, a statement in which every word might begin a value costs the square of its length.
    """

    def __init__(self, characters: int) -> None:
        self._left = characters

    def spend(self, characters: int) -> bool:
        """Take so many characters; False once they are used up."""
        self._left -= characters
        return self._left >= 0


@dataclass(frozen=True, slots=True)
class Literal:
    """A value, and where its text ends."""

    value: Value
    end: int


def literal_at(text: str, at: int, allowance: Allowance, *, c_arrays: bool = False) -> Literal | None:
    """The value that begins at `at`; None where none does.

    Args:
        text: any text; what follows the value is not looked at.
        at: where the value begins, white space before it aside.
        allowance: pays for what is looked at.
        c_arrays: `{1, 2}` is a list.
    """
    while at < len(text) and text[at].isspace():
        at += 1
    spelling = _spelling(text, at, allowance, c_arrays=c_arrays)
    if spelling is None or not allowance.spend(_EVALUATION):
        return None
    source, end = spelling
    try:
        return Literal(ast.literal_eval(source), end)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def literal(text: str, allowance: Allowance, *, c_arrays: bool = False) -> Literal | None:
    """The one value that the whole of `text` spells, values with commas between them being a tuple."""
    values: list[Value] = []
    at = 0
    while item := literal_at(text, at, allowance, c_arrays=c_arrays):
        values.append(item.value)
        at = item.end
        comma = _COMMA.match(text, at)
        if _END.match(text, at) or (comma and comma.end() == len(text)):
            return Literal(values[0] if len(values) == 1 and not comma else tuple(values), len(text))
        if comma is None:
            return None
        at = comma.end()
    return None


def _spelling(text: str, at: int, allowance: Allowance, *, c_arrays: bool) -> tuple[str, int] | None:
    """The value at `at` as Python spells it, and where it ends."""
    if at >= len(text):
        return None
    if text[at] in _OPENING:
        return _brackets(text, at, allowance, _BRACES_AS_BRACKETS if c_arrays else {})
    if match := _NUMBER.match(text, at) or _WORD.match(text, at):
        return _SPELLINGS.get(match[0], match[0].replace("−", "-")), match.end()
    match = _WHOLE_STRING.match(text, at, at + LONGEST_VALUE)
    allowance.spend(match.end() - at if match else _unclosed_cost(text, at))
    return (_quote(match[0]), match.end()) if match else None


def _unclosed_cost(text: str, at: int) -> int:
    """What looking for a closing quote may have cost."""
    return min(len(text) - at, LONGEST_VALUE) if text[at] in "\"'“‘bBrRuU" else 1


def _brackets(text: str, at: int, allowance: Allowance, spellings: dict[str, str]) -> tuple[str, int] | None:
    """From an opening bracket to its closing one; None where brackets do not match."""
    pieces: list[str] = []
    open_brackets: list[str] = []
    stop = min(len(text), at + LONGEST_VALUE)
    while at < stop:
        token = _TOKEN.match(text, at, stop)
        assert token  # any character is one
        if token.lastgroup == "dots" or not allowance.spend(token.end() - at):
            return None
        at = token.end()
        sign = token[0]
        if token.lastgroup == "string":
            sign = _quote(sign)
        elif sign in _OPENING:
            open_brackets.append(sign)
        elif sign in _CLOSING and _OPENING.index(open_brackets.pop()) != _CLOSING.index(sign):
            return None
        elif sign in "\"'":
            allowance.spend(stop - at)  # its closing quote was looked for up to there
        pieces.append(spellings.get(sign, _SPELLINGS.get(sign, sign)))
        if not open_brackets:
            return "".join(pieces), at
    return None


def _quote(string: str) -> str:
    return repr(string[1:-1]) if string[0] in "“‘" else string
