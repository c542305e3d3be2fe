r"""What a statement says of its input in symbols: `1 <= N <= 10^5`, `0 <= l_i <= r_i <= K - 1`, `u != v`.

A chain of comparisons is cut out of the prose around it, its terms are parsed into sums and products of numbers
and names, and every pair of neighbours is one `Constraint`. Constraints of single subtasks, which stand after the
description of the output, are not of the whole problem and are left out.

Not covered: what only words say ("no two cities have the same name"); `doubts` quotes such sentences.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

_OPERATORS = {
    "<=": ("<=", r"<=|≤|⩽|≦|\\leq?slant|\\leq?|&le;"),
    ">=": (">=", r">=|≥|⩾|≧|\\geq?slant|\\geq?|&ge;"),
    "!=": ("!=", r"!=|≠|\\neq?|\\not\s?="),
    "<": ("<", r"<|&lt;"),
    ">": (">", r">|&gt;"),
    "==": ("==", r"(?<![=:])=(?!=)"),
}
_TESTS = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "==": operator.eq,
}
_OPERATOR = re.compile("|".join(f"(?P<o{n}>{pattern})" for n, (_, pattern) in enumerate(_OPERATORS.values())))
_SYMBOLS = tuple(symbol for symbol, _ in _OPERATORS.values())
_NUMBER = r"(?>\d{1,3}(?:[ ,_]\d{3}){1,6}(?!\d)|\d{1,400})"
_NAME = r"(?>\|[A-Za-z]\w{0,9}\||[A-Za-z]\w{0,14}(?!\w)(?:_?\{[\w, ]{1,9}\}|\[\w{1,9}\]){0,2}(?:\.length)?)"
_ATOM = rf"(?:{_NUMBER}|{_NAME})(?:\s?\^\s?(?:\{{[\d ^{{}}]{{1,12}}\}}|\d+))?"
_GROUP = rf"(?:{_ATOM}|\({_ATOM}(?:\s?[-+*/]\s?{_ATOM}){{0,2}}\))"
_TIMES = r"\s?(?:[-+*/]|×|⋅|·|(?<=\s)x(?=\s)|\\cdot|\\times)\s?"
_TERM = rf"-?\s?{_GROUP}(?:(?:{_TIMES}|(?<=\d)(?=[A-Za-z(])|(?<=\w)(?=\()){_GROUP}){{0,4}}"
_LIST = rf"{_TERM}(?:\s?(?:,\s?and\b|,|\band\b|\boch\b)\s?{_TERM}){{0,5}}"
_WHOLE, _START = re.compile(rf"\s*(?:for all\s)?({_LIST})\s*"), re.compile(rf"\s*({_TERM})")
_BETWEEN = re.compile(
    rf"\b(?:between|from|mellan|från)\s+(-?\s?{_ATOM})\s+(?:and|to|och|till)\s+(-?\s?{_ATOM})(?![\w.]*\w)",
    re.IGNORECASE,
)
_UNITS = r"(?:[\w-]+\s){0,2}(?:letters|characters|chars|tecken|bokstäver)\b"
_AT_MOST = re.compile(
    rf"(?:at most|no more than|högst|maximalt|som mest)\s+({_ATOM})\s+(?:and at least \w+ )?{_UNITS}"
    rf"|(?:length|längd)\b[^.\n]{{0,40}}?(?:at most|högst)\s+({_ATOM})",
    re.IGNORECASE,
)
_SUBTASKS = re.compile(
    r"^\W{0,6}(?:points?|scoring|subtasks?|poängsättning|poäng|delpoäng|grading|output|utdata|utmatning)\b\W{0,4}"
    r"(?:format\W{0,4})?$",
    re.IGNORECASE | re.MULTILINE,
)
_INPUT = re.compile(
    r"^\W{0,6}(?:input|indata|inmatning|constraints)\b\W{0,4}(?:format\W{0,4})?$", re.IGNORECASE | re.MULTILINE
)
_EXAMPLE = re.compile(r"\s*(?:```|~~~|[-+\d.]+\s*$)", re.MULTILINE)  # what stands under a label, not a heading
_DOUBT = re.compile(
    r"guarantee|garanter|\bnever\b|aldrig|\bno two\b|\bnone of\b|inga två|distinct|different|\bunique|olika"
    r"|overlap|connect|sammanhäng|\btree\b|\bträd\b|permutation|\bvalid\b|always|alltid|will (?:not|have|be)\b"
    r"|exactly one|exakt|at least one|minst e|\bsum of\b|summan|sorted|sorterad|ascending|increasing|stigande"
    r"|\bodd\b|\beven\b|\bsame\b|samma|\bof some\b"
    r"|prime|cycle|\bin (?:[\w-]+ )?order\b(?! of| to)|possible to|\bunless\b|must\b|at most one"
    r"|no \w+ (?:is|are|will)\b|neither",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[ \t]{0,8}[-*](?=[ \t]+\S)", re.MULTILINE)  # of a list: no sign
_FRACTION = re.compile(r"\\frac\{([^{}]{1,20})\}\{([^{}]{1,20})\}")
_LARGEST_POWER = 2000
_LONGEST = 80  # characters of a term or a list of them

Names = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Term:
    """A sum or product of numbers and names."""

    text: str
    """As the statement has it."""
    tree: ast.expr

    @property
    def name(self) -> str | None:
        """The name, where it is nothing else."""
        return self.tree.id if isinstance(self.tree, ast.Name) else None

    @property
    def names(self) -> frozenset[str]:
        """All names in it."""
        return frozenset(node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name))

    def value(self, names: Names) -> int | None:
        """What it is worth; None while a name has no value."""
        return _value(self.tree, names)


@dataclass(frozen=True, slots=True)
class Constraint:
    """One comparison."""

    left: Term
    sign: str
    """One of <=, >=, <, >, !=, ==."""
    right: Term
    place: int
    """Where in the statement, characters."""
    names: frozenset[str] = frozenset()
    """All names on both sides."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", self.left.names | self.right.names)

    def holds(self, names: Names) -> bool:
        """Whether it does, or a name has no value yet."""
        left, right = self.left.value(names), self.right.value(names)
        return left is None or right is None or bool(_TESTS[self.sign](left, right))

    def __str__(self) -> str:
        return f"{self.left.text} {self.sign} {self.right.text}"


def input_part(statement: str) -> str:
    """The description of the input, where a heading says which it is; else all of the statement."""
    text = _plain(statement)
    start = next((each for each in _INPUT.finditer(text) if not _EXAMPLE.match(text, each.end())), None)
    if start is None:
        return text
    end = _SUBTASKS.search(text, start.end())
    part = text[start.end() : end.start() if end else len(text)]
    return part if part.strip() else text


def constraints_of(text: str) -> list[Constraint]:
    """All comparisons in a text, in its order; places are those in an `input_part`."""
    plain = _plain(text)
    found: list[Constraint] = []
    for sentence in re.finditer(r"[^\n;]+(?:\n(?!\s*\n)[^\n;]+)*", plain):
        found += _in_sentence(sentence[0], sentence.start())
    for match in _BETWEEN.finditer(plain):
        low, high = _term(match[1]), _term(match[2])
        if low and high and not low.names | high.names:
            here = Term("", ast.Name(f"between{match.start()}"))
            found += [Constraint(low, "<=", here, match.start()), Constraint(here, "<=", high, match.start())]
    for match in _AT_MOST.finditer(plain):
        high = _term(match[1] or match[2])
        if high and not high.names:
            length = Term("", ast.Name(f"length_of_{match.start()}"))
            found.append(Constraint(length, "<=", high, match.start()))
    return sorted(found, key=lambda each: each.place)


def doubts(statement: str) -> tuple[str, ...]:
    """Sentences about the input that may demand more than symbols say."""
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ])|\n\s*\n", input_part(statement))
    return tuple(" ".join(each.split()) for each in sentences if _DOUBT.search(each))


def _plain(text: str) -> str:
    for old, new in (("$", ""), ("−", "-"), ("{,}", ""), ("\\,", ""), ("\\ldots", "..."), ("\\dots", "...")):
        text = text.replace(old, new)
    text = _BULLET.sub(lambda match: " " * len(match[0]), text)
    return _FRACTION.sub(r"(\1)/(\2)", text)


def _in_sentence(sentence: str, offset: int) -> Iterator[Constraint]:
    """Chains: what stands between two operators belongs to both where it is a term, or the list of a chain."""
    signs = list(_OPERATOR.finditer(sentence))
    left: list[Term] = []
    is_listed = False
    for number, match in enumerate(signs):
        sign = next(symbol for n, symbol in enumerate(_SYMBOLS) if match[f"o{n}"])
        before = sentence[signs[number - 1].end() if number else 0 : match.start()]
        after = sentence[match.end() : signs[number + 1].start() if number + 1 < len(signs) else len(sentence)]
        if not left:
            left, is_listed = _ending(before, is_after_chain=number > 0), False
        right = _middle(after, left, is_listed=is_listed) if number + 1 < len(signs) else []
        goes_on = bool(right)
        is_listed = is_listed or len(right) > 1 or len(left) > 1
        right = right or _beginning(after)
        for one in left:
            yield from (Constraint(one, sign, other, offset + match.start()) for other in right)
        left = right if goes_on else []


def _middle(text: str, left: Sequence[Term], *, is_listed: bool) -> list[Term]:
    """The terms that a text between two operators is; none where it is the end of a chain and a beginning."""
    match = _WHOLE.fullmatch(text) if len(text) <= _LONGEST else None
    terms = _terms(match[1]) if match else []
    if len(terms) > 1 and (is_listed or any(term.names for term in left) or not all(t.names for t in terms)):
        return []
    return terms if all(map(_is_symbolic, terms)) else []


def _beginning(text: str) -> list[Term]:
    match = _START.match(text[:_LONGEST])
    while match:
        term = _term(match[1])
        if term is not None and _is_symbolic(term):
            return [term]
        shorter = match[1].rstrip().rpartition(" ")[0]
        match = _START.fullmatch(shorter) if shorter else None
    return []


def _ending(text: str, *, is_after_chain: bool) -> list[Term]:
    """The longest list of terms at the end of a text that holds no word of prose; numbers and names do not mix.

    Args:
        text: what stands before an operator.
        is_after_chain: whether it begins with the last term of the chain before.
    """
    for word in list(re.finditer(r"\S+", text[-_LONGEST:]))[-12:]:
        match = _WHOLE.fullmatch(text[-_LONGEST:][word.start() :].lstrip("([`"))
        terms = _terms(match[1]) if match else []
        if terms and all(map(_is_symbolic, terms)):
            terms = terms[is_after_chain and len(terms) > 1 and word.start() <= 1 :]
            named = list(takewhile(lambda term: bool(term.names), reversed(terms)))
            return named[::-1] or terms[-1:]
    return []


def _is_symbolic(term: Term) -> bool:
    """Whether its names are letters with or without an index, not words of prose."""
    return all(len(name) <= 2 or not name.isalpha() or name.isupper() for name in term.names)


def _terms(text: str) -> list[Term]:
    parts = re.split(r"\s?(?:,\s?and|,(?!\d{3}\b)|\band\b|\boch\b)\s?", text)
    terms = [_term(part) for part in parts]
    return [term for term in terms if term is not None] if None not in terms else []


def _term(text: str) -> Term | None:
    source = re.sub(r"(?<=\d)[ ,_](?=\d{3}(?!\d))", "", text.strip())
    source = re.sub(r"\s?(?:×|⋅|·|\\cdot|\\times|(?<=\s)x(?=\s))\s?", "*", source)
    source = re.sub(r"\^\s?\{([\d ]+)\}", r"**\1", source).replace("^", "**").replace("/", "//")
    source = re.sub(_NAME, lambda match: name_of(match[0]), source)
    source = re.sub(r"(?<![\w_])(\d+)\s?(?=[A-Za-z(])", r"\1*", source)
    source = re.sub(r"([A-Za-z]\w*)\s?\(", r"\1*(", source)
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return Term(text.strip(), tree) if _is_sum(tree) else None


def name_of(text: str) -> str:
    """A name as it is spelt everywhere: `A_{i}` and `A[i]` are `A_i`; `|S|` and `s.length` are lengths."""
    if text.startswith("|"):
        return f"length_of_{text.strip('|')}"
    if text.endswith(".length"):
        text = f"length_of_{text.removesuffix('.length')}"
    return re.sub(r"[^\w]", "", text.replace("[", "_"))


def _is_sum(tree: ast.expr) -> bool:
    if isinstance(tree, ast.BinOp):
        return isinstance(tree.op, ast.Add | ast.Sub | ast.Mult | ast.Pow | ast.FloorDiv) and all(
            map(_is_sum, (tree.left, tree.right))
        )
    if isinstance(tree, ast.UnaryOp):
        return isinstance(tree.op, ast.USub) and _is_sum(tree.operand)
    return isinstance(tree, ast.Name) or (isinstance(tree, ast.Constant) and type(tree.value) is int)


def _value(tree: ast.expr, names: Names) -> int | None:
    if isinstance(tree, ast.Constant):
        return int(tree.value) if isinstance(tree.value, int) else None
    if isinstance(tree, ast.Name):
        return names.get(tree.id)
    if isinstance(tree, ast.UnaryOp):
        inner = _value(tree.operand, names)
        return None if inner is None else -inner
    assert isinstance(tree, ast.BinOp)
    left, right = _value(tree.left, names), _value(tree.right, names)
    return None if left is None or right is None else _combined(tree.op, left, right)


def _combined(sign: ast.operator, left: int, right: int) -> int | None:
    match sign:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.FloorDiv():
            return left // right if right else None
    return left**right if 0 <= right <= _LARGEST_POWER and abs(left) <= _LARGEST_POWER else None
