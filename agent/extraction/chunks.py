"""What the top-level pieces of a Python text do: names they bind and use, and whether they read, print or test.

Told from words and signs alone (`agent.extraction.scan`). A name that any function binds counts as
bound everywhere, so a name that is reported missing is missing; the price is that a helper with the name of some
local variable is not missed.

Not covered: scopes, attributes, names made at run time.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.extraction.scan import Scanner, Statement, Token

_DECLARES = frozenset(("def", "class"))
_GOES_ON = frozenset(("else", "elif", "except", "finally"))
_VALUES = frozenset(("True", "False", "None", "not"))
_READS = frozenset(("input", "raw_input", "stdin", "fileinput"))
_PRINTS = frozenset(("print", "stdout"))
_TESTING = frozenset(("unittest", "pytest", "doctest", "timeit", "subprocess"))
BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "self", "cls", "_"}
_LOOK = 40
"""Tokens that the targets of a loop, a lambda's parameters or a declaration of names may take."""
_BRACES = re.compile(r"\{([^{}]*)")
_WORD = re.compile(r"(?<![.\w])[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A top-level statement with all that is indented below it, its decorators and its `else`."""

    first: int
    """The line it begins in, from 0."""
    last: int
    """The line it ends in."""
    statements: tuple[Statement, ...]
    """In order, never empty."""
    fault: bool
    """One of them cannot be Python."""
    declares: frozenset[str]
    """The function or class that it is, if it is one."""
    imports: frozenset[str]
    """Names that it imports at the top; "*" among them for all of a module."""
    assigns: frozenset[str]
    """Names that it binds at the top in other ways."""
    locals: frozenset[str]
    """Names that are bound anywhere in it."""
    uses: frozenset[str]
    """Names that it uses, bound or not, without attributes."""
    reads: bool
    """It takes standard input."""
    prints: bool
    """It writes standard output."""
    tests: bool
    """It is an assertion, or imports what tests are written with."""

    @property
    def head(self) -> Statement:
        """Its own statement, after decorators."""
        return next((s for s in self.statements if s.head != "@"), self.statements[0])

    @property
    def methods(self) -> frozenset[str]:
        """Names of the functions inside a class."""
        inside = self.statements[1:] if self.head.head == "class" else ()
        return frozenset(name for s in inside if (name := _declaration(s)))

    @property
    def filled(self) -> bool:
        """Whether its functions do anything: more than words, `pass` and `...`."""
        inside = [s for s in self.statements if s.indent > self.head.indent and not _declaration(s)]
        inline = self.head.tokens if not self.head.opens else ()
        return any(not _empty(s) for s in inside) or (bool(inline) and inline[-1].text not in ("pass", "..."))

    @property
    def acts(self) -> bool:
        """Whether it does something when it is run: it is no declaration, import, or words alone."""
        return not (self.declares or self.imports or _empty(self.head))

    @property
    def value(self) -> bool:
        """Whether it only names a value, as a line of output does."""
        tokens = self.head.tokens
        words = any(token.kind == "name" and keyword.iskeyword(token.text) for token in tokens)
        signs = any(token.text in ("(", "=", "@", ":=") for token in tokens)
        return not (words and self.head.head not in _VALUES) and not signs


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its pieces."""

    lines: tuple[str, ...]
    """Tabs before statements made four blanks wide, and the blanks that all statements begin with taken away."""
    chunks: tuple[Chunk, ...]
    """In order."""
    is_broken: bool
    """It breaks off in the last one."""

    @property
    def source(self) -> str:
        """The lines as one."""
        return "\n".join(self.lines).strip("\n")

    def only(self, chunks: Sequence[Chunk]) -> Text:
        """What a run of its pieces is alone, with the comments between them."""
        lines = self.lines[chunks[0].first : chunks[-1].last + 1]
        return Text(lines, tuple(chunks), is_broken=False)


def read(lines: Sequence[str]) -> Text:
    """Cut a text into its top-level pieces."""
    scanner = Scanner()
    plain: list[str] = []
    for line in lines:
        plain.append(line if scanner.in_string else _without_tabs(line))
        scanner.feed(plain[-1])
    statements, is_broken = scanner.finish()
    margin = min((s.indent for s in statements), default=0)
    if margin:
        plain = [line[min(margin, len(line) - len(line.lstrip(" "))) :] for line in plain]
    return Text(tuple(plain), tuple(_chunks(statements, margin)), is_broken)


def _without_tabs(line: str) -> str:
    bare = line.lstrip(" \t\f\u00a0\u3000")
    return line[: len(line) - len(bare)].replace("\u00a0", " ").replace("\u3000", " ").expandtabs(4) + bare


def _chunks(statements: Sequence[Statement], base: int) -> list[Chunk]:
    groups: list[list[Statement]] = []
    for statement in statements:
        has_decorator = bool(groups) and all(s.head == "@" for s in groups[-1])
        goes_on = statement.indent > base or statement.head in _GOES_ON or has_decorator
        if groups and goes_on:
            groups[-1].append(statement)
        else:
            groups.append([statement])
    return [_chunk(group) for group in groups]


def _chunk(statements: list[Statement]) -> Chunk:
    tokens = [token for statement in statements for token in statement.tokens]
    words = {token.text for token in tokens if token.kind == "name"}
    head = next((s for s in statements if s.head != "@"), statements[0])
    imports = frozenset().union(*(_imports(s) for s in statements))
    declarations = frozenset(name for name in (_declaration(head),) if name)
    is_block = bool(declarations)
    bindings = frozenset().union(*(_bindings(s) for s in statements))
    return Chunk(
        first=statements[0].first,
        last=statements[-1].last,
        statements=tuple(statements),
        fault=any(s.fault for s in statements),
        declares=declarations,
        imports=frozenset() if is_block else imports,
        assigns=frozenset() if is_block else bindings - imports,
        locals=bindings | imports | declarations,
        uses=_uses(tokens),
        reads=_reads(tokens, words),
        prints=bool(words & _PRINTS) or _calls(tokens, "os", "write"),
        tests=head.head == "assert" or (head.head in ("import", "from") and bool(words & _TESTING)),
    )


def missing_names(chunks: Sequence[Chunk]) -> set[str]:
    """Names that are used and bound nowhere, builtins aside."""
    bindings: set[str] = set().union(*(chunk.locals for chunk in chunks))
    uses: set[str] = set().union(*(chunk.uses for chunk in chunks))
    return uses - bindings - BUILTINS


def _declaration(statement: Statement) -> str | None:
    """The function or class that a statement begins."""
    words = [token.text for token in statement.tokens[:3]]
    if words[0] == "async":
        words = words[1:]
    return words[1] if len(words) > 1 and words[0] in _DECLARES else None


def _imports(statement: Statement) -> frozenset[str]:
    """Names that an import binds: the last word of every item, the first one of a dotted path."""
    if statement.head not in ("import", "from"):
        return frozenset()
    names: set[str] = set()
    item: list[str] = []
    words = [token.text for token in statement.tokens]
    rest = words[words.index("import") + 1 :] if "import" in words else []
    for word in [*rest, ","]:
        if word in (",", ";"):
            names.update([item[-1] if "as" in item else item[0]] if item else [])
            item = []
        elif word not in "().":
            item.append(word)
    return frozenset(names)


def _bindings(statement: Statement) -> frozenset[str]:
    """Names that a statement binds: targets, parameters, loop and context variables."""
    tokens = statement.tokens
    names: set[str] = set()
    for place, token in enumerate(tokens):
        if token.text in ("for", "as", "global", "nonlocal", "lambda"):
            names |= _names_until(
                tokens, place + 1, ("in", ":", ";", "=") if token.text != "as" else (":", ",", ")")
            )
        elif token.text in ("=", ":=") or (token.text == ":" and place == 1):
            names |= _target(tokens, place)
    if _declaration(statement):
        names.update(token.text for token in tokens if token.kind == "name")
    if statement.head == "case":
        names.update(token.text for token in tokens[1:] if token.kind == "name")
    return frozenset(name for name in names if not keyword.iskeyword(name))


def _names_until(tokens: Sequence[Token], start: int, ends: tuple[str, ...]) -> set[str]:
    names: set[str] = set()
    for place in range(start, min(start + _LOOK, len(tokens))):
        if tokens[place].text in ends:
            break
        if tokens[place].kind == "name":
            names.add(tokens[place].text)
    return names


def _target(tokens: Sequence[Token], place: int) -> set[str]:
    """Names to the left of an assignment; not those whose item or attribute is assigned."""
    names: set[str] = set()
    for at in range(place - 1, -1, -1):
        token = tokens[at]
        if token.text in ("=", ";", ":", ":=") or (token.kind == "op" and token.text not in "()[],*."):
            break
        follower = tokens[at + 1].text
        if token.kind == "name" and follower not in (".", "[", "(") and (at == 0 or tokens[at - 1].text != "."):
            names.add(token.text)
    return names


def _uses(tokens: Sequence[Token]) -> frozenset[str]:
    names: set[str] = set()
    for place, token in enumerate(tokens):
        if token.kind == "name":
            attribute = place > 0 and tokens[place - 1].text == "."
            is_keyword = (
                place + 1 < len(tokens) and tokens[place + 1].text == "=" and tokens[place - 1].text in "(,"
            )
            if not attribute and not (is_keyword and place > 0):
                names.add(token.text)
        elif token.kind == "string" and token.text[:2].lower().strip("\"'") in ("f", "fr", "rf"):
            names.update(word for part in _BRACES.findall(token.text) for word in _WORD.findall(part))
    return frozenset(name for name in names if not keyword.iskeyword(name))


def _reads(tokens: Sequence[Token], words: set[str]) -> bool:
    if words & _READS:
        return True
    if _calls(tokens, "os", "read"):
        return True
    files = [tokens[n + 2 : n + 3] for n, token in enumerate(tokens) if token.text == "open"]
    return any(part and (part[0].text == "0" or "/dev/stdin" in part[0].text) for part in files)


def _calls(tokens: Sequence[Token], module: str, function: str) -> bool:
    return any(
        token.text == module and [t.text for t in tokens[n + 1 : n + 3]] == [".", function]
        for n, token in enumerate(tokens)
    )


def _empty(statement: Statement) -> bool:
    """Whether it does nothing: a string, `pass`, `...`, or `raise NotImplementedError`."""
    words = [token.text for token in statement.tokens]
    if all(token.kind == "string" for token in statement.tokens):
        return True
    return words in (["pass"], ["..."]) or words[:2] == ["raise", "NotImplementedError"]
