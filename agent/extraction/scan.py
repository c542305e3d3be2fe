"""Python text cut into statements without parsing it: strings, brackets and indentation, line by line.

Answers of a model are hostile, so no parser of Python's own sees them on the host. This scanner takes every
character a bounded number of times, nests nothing, and says of each statement whether it can be Python at all:
prose, output and shell commands almost never can.

Not covered: grammar beyond what neighbouring tokens tell; a statement without a fault may still not compile.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

_PREFIX = r"(?:[rRbBuUfFtT]{1,2}(?=[\"']))?"
_TOKEN = re.compile(
    r"(?P<blank>[ \t\f]+)"
    r"|(?P<comment>\#.*)"
    rf"|(?P<triple>{_PREFIX}(?:\"\"\"|'''))"
    rf"|(?P<string>{_PREFIX}(?:\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?))"
    r"|(?P<number>(?:0[xXoObB][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?[jJ]?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<op>:=|->|!=|\.\.\.|[-+*/%&|^~<>=.,:;@()\[\]{}])"
    r"|(?P<continued>\\$)"
    r"|(?P<odd>.)"
)
# Possessive: what was looked at is taken, so that an unclosed quote is read once.
_TO_QUOTE = {
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*+'),
    "'''": re.compile(r"(?:[^'\\]|\\.|'(?!''))*+"),
    '"': re.compile(r'(?:[^"\\]|\\.)*+'),
    "'": re.compile(r"(?:[^'\\]|\\.)*+"),
}
# No bracket reaches over a line that begins so: where one seems to, it was prose, or never closed.
_RESTART = re.compile(r"(?:async def|def|class|import|from|return|while|with|try|if __name__)\b|@\w")
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_BLOCKS = frozenset(
    ("if", "elif", "else", "for", "while", "def", "class", "try", "except", "finally", "with", "async")
)
_OPERANDS = frozenset(("True", "False", "None"))
_SOFT = frozenset(("match", "case", "type"))
_GOES_ON = frozenset("+-*/%&|^~<>=.@") | {":=", "->", "!=", "and", "or", "not", "in", "is", "lambda", "import"}


class Token(NamedTuple):
    """A word, number, string or sign of a statement."""

    kind: str
    """"name", "number", "string" or "op"; an f-string over several lines is one token a line."""
    text: str
    """As written; a plain string over several lines has only its first."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One logical line, without comments."""

    first: int
    """The line it begins in, from 0."""
    last: int
    """The line it ends in."""
    indent: int
    """Blanks before it, a tab up to the next multiple of 8."""
    tokens: tuple[Token, ...]
    """In order, never empty."""
    fault: bool
    """It cannot be Python, alone or where it stands."""

    @property
    def head(self) -> str:
        """Its first word or sign."""
        return self.tokens[0].text

    @property
    def opens(self) -> bool:
        """Whether indented statements must follow."""
        return self.tokens[-1].text == ":"


class Scanner:
    """Takes lines one by one; afterwards `finish` gives the statements."""

    def __init__(self) -> None:
        self.inside: list[bool] = []
        """For each line so far: it began inside a string or a bracket, or after a backslash."""
        self._statements: list[Statement] = []
        self._quote = ""
        self._formatted = False
        self._brackets: list[str] = []
        self._tokens: list[Token] = []
        self._continued = False
        self._fault = False
        self._first = 0
        self._indent = 0

    @property
    def in_string(self) -> bool:
        """Whether the next line begins inside a string of several lines."""
        return bool(self._quote)

    def feed(self, line: str) -> None:
        """Take the next line, without its end."""
        number = len(self.inside)
        if self._brackets and not self._quote and _RESTART.match(line):
            self._fault = True
            self._end(number - 1)
        self.inside.append(bool(self._quote or self._brackets or self._continued))
        if not self.inside[-1]:
            self._first = number
            self._indent = len(line[: len(line) - len(line.lstrip(" \t\f"))].expandtabs(8))
        self._continued = False
        self._read(line, self._string(line, 0) if self._quote else 0)
        if not (self._quote or self._brackets or self._continued):
            self._end(number)

    def finish(self) -> tuple[list[Statement], bool]:
        """The statements, and whether the text breaks off: in a string, a bracket or before an indented block."""
        breaks_off = bool(self._quote or self._brackets or self._continued)
        self._fault |= breaks_off
        self._end(len(self.inside) - 1)
        statements = _with_indent_faults(self._statements)
        return statements, breaks_off or bool(statements and statements[-1].opens)

    def _read(self, line: str, at: int) -> None:
        while at < len(line):
            token = _TOKEN.match(line, at)
            assert token is not None  # the last alternative takes any character but a line's end
            kind, text = str(token.lastgroup), token[0]
            at = token.end()
            if kind == "triple":
                self._quote = text[-3:]
                at = self._string(line, at, text)
            elif kind == "string":
                at = self._short(line, text, at)
            elif kind == "continued":
                self._continued = True
            elif kind == "odd":
                self._fault = True
            elif kind in ("name", "number", "op"):
                self._tokens.append(Token(kind, text))
                self._bracket(text)

    def _bracket(self, text: str) -> None:
        if text in ("(", "[", "{"):
            self._brackets.append(text)
        elif text in _CLOSERS:
            if not self._brackets or self._brackets.pop() != _CLOSERS[text]:
                self._fault = True
                self._brackets.clear()

    def _short(self, line: str, text: str, at: int) -> int:
        """A string of one line, which a backslash may carry on to the next."""
        bare = text.lstrip("rRbBuUfFtT")
        self._tokens.append(Token("string", text))
        if len(bare) > 1 and bare[-1] == bare[0] and _TO_QUOTE[bare[0]].match(bare, 1).end() == len(bare) - 1:  # type: ignore[union-attr]
            return at
        if line[at:] == "\\":
            self._quote = bare[0]
            self._formatted = False
        else:
            self._fault = True
        return len(line)

    def _string(self, line: str, at: int, opening: str = "") -> int:
        """Go on inside a string; where it ends in this line, or the line's end."""
        quote = self._quote
        stop = _TO_QUOTE[quote].match(line, at)
        assert stop is not None  # it may match nothing
        end = stop.end()
        closes = line.startswith(quote, end)
        if opening:
            self._formatted = "f" in opening.lower()
        if opening or self._formatted:
            self._tokens.append(Token("string", (opening or 'f"') + line[at:end]))
        if closes:
            self._quote = ""
            return end + len(quote)
        if len(quote) == 1 and not line.endswith("\\"):
            self._quote = ""
            self._fault = True
        return len(line)

    def _end(self, last: int) -> None:
        """Put the statement down that ends with this line."""
        tokens = tuple(self._tokens)
        if tokens or self._fault:
            tokens = tokens or (Token("op", "?"),)
            fault = self._fault or _faulty(tokens, self._indent)
            self._statements.append(Statement(self._first, last, self._indent, tokens, fault))
        self._tokens.clear()
        self._brackets.clear()
        self._quote = ""
        self._fault = self._continued = False


def _with_indent_faults(statements: list[Statement]) -> list[Statement]:
    """The same, with a fault where the indentation fits nothing before."""
    levels = [statements[0].indent] if statements else [0]
    deeper = False
    result: list[Statement] = []
    for statement in statements:
        fault = deeper != (statement.indent > levels[-1])
        if statement.indent > levels[-1]:
            levels.append(statement.indent)
        while len(levels) > 1 and statement.indent < levels[-1]:
            levels.pop()
        fault |= statement.indent != levels[-1]
        if fault and deeper and result:
            result[-1] = replace(result[-1], fault=True)  # what lacks its body is at fault, not what follows
            fault = False
        deeper = statement.opens
        result.append(replace(statement, fault=statement.fault or fault) if fault else statement)
    return result


def _faulty(tokens: tuple[Token, ...], indent: int) -> bool:
    """Whether no Python statement looks like this."""
    first, last = tokens[0], tokens[-1]
    if first.kind == "op" and (first.text not in "([{-+~@*..." or [t.text for t in tokens[:2]] == ["*", "*"]):
        return True
    if last.text in _GOES_ON and last.kind != "string" and not (first.text == "from" and last.text == "*"):
        return True
    return _colon_fault(tokens, indent) or _neighbours_fault(tokens)


def _colon_fault(tokens: tuple[Token, ...], indent: int) -> bool:
    """A block without its colon, or a colon without its block."""
    depth = 0
    colon = equals = False
    for token in tokens:
        if token.kind == "op":
            depth += (token.text in "([{") - (token.text in ")]}")
            colon |= token.text == ":" and depth == 0
            equals |= token.text == "=" and depth == 0
    head = tokens[0].text
    if head in _BLOCKS:
        return not colon
    if not colon or head in _SOFT or "lambda" in (token.text for token in tokens):
        return False
    # "Output: 8" could be an annotation, but not one that anybody writes at the top of a program.
    return tokens[-1].text == ":" or (indent == 0 and not equals)


def _neighbours_fault(tokens: tuple[Token, ...]) -> bool:
    """Two operands side by side with nothing between them."""
    has_fields = any(
        token.kind == "string" and token.text[:1] in "fFrRtT" and "{" in token.text for token in tokens
    )
    for place, (left, right) in enumerate(pairwise(tokens)):
        if place == 0 and left.text in _SOFT:
            continue
        strings = (left.kind == "string") + (right.kind == "string")
        if strings == 2 or (strings and has_fields):
            continue  # joined strings; quotes inside the braces of an f-string
        if _ends_operand(left) and _begins_operand(right):
            return True
    return False


def _ends_operand(token: Token) -> bool:
    return token.text in _CLOSERS or _begins_operand(token)


def _begins_operand(token: Token) -> bool:
    if token.kind == "name":
        return token.text in _OPERANDS or not keyword.iskeyword(token.text)
    return token.kind in ("number", "string")
