"""`problem.md` to `Problem`: what people paste from Codeforces, AtCoder, Kattis, LeetCode, or write themselves.

A statement asks for a function if it shows one to write or to call, otherwise for a program that reads standard
input. A statement without any example is fine; examples that cannot be understood are an error that names the
line.

Not covered: PDF, and problems that several outputs solve, unless the statement says by which rule or brings
a checker.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from problems.answer_rules import answer_rules
from problems.calls import find_calls
from problems.checkers import take_checker
from problems.conventions import convention_of, find_design, in_convention, site_comparator, with_first_items
from problems.document import Code, Item, Line, read_document, without_comments
from problems.labelled import LabelledExample, labelled_examples
from problems.labelled_calls import has_assigned_inputs
from problems.limits import memory_limit, time_limit
from problems.reading import decode, refuse_other_formats
from problems.samples import LOOKED_FOR, find_samples
from problems.signatures import Signature, find_signature
from problems.tags import is_page, small_tags
from problems.types import CallCase, Convention, Problem, ProblemError, TestCase
from problems.validator_flags import stated_flags

_LARGEST = 1 << 20
_LONGEST_TITLE = 80
_MOST_LINES = 20_000
_MOST_BARS = 50_000
_TITLE = re.compile(r"^(?:problem\s*)?(?:[A-Z]\d?|\d+)\s*[.):-]\s+", re.IGNORECASE)


_NAME = 'name the file that holds the statement, or "-" to read it from standard input'


def load_problem(path: str | Path) -> Problem:
    """Read a problem from a Markdown file.

    Raises:
        ProblemError: the file cannot be read as text, or the statement cannot be understood.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            return read_problem(file, path=name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if isinstance(error, IsADirectoryError):
            reason = "it is a folder"
        raise ProblemError(
            f"cannot be read: {reason}; expected a Markdown file", path=name, remedy=_NAME
        ) from None


def read_problem(file: BinaryIO, *, path: str) -> Problem:
    """Read a problem from an open file, such as standard input.

    Args:
        file: read to its end, or to the limit of 1 MiB.
        path: where it came from, for messages.

    Raises:
        ProblemError: it is not text, or the statement cannot be understood.
        OSError: it cannot be read.
    """
    data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ProblemError("longer than 1 MiB; expected a problem statement", path=path)
    text = decode(data, path)
    refuse_other_formats(text, path)
    return parse_problem(text, path=path)


def parse_problem(text: str, *, path: str = "<string>") -> Problem:
    """Understand a problem statement.

    Args:
        text: the statement, Markdown or plain text.
        path: where it came from, for messages.

    Raises:
        ProblemError: it is empty or not text, or an example in it cannot be understood.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > _MOST_LINES and text.strip():
        raise ProblemError(f"has over {_MOST_LINES} lines; expected a problem statement", path=path)
    if text.count("|") > _MOST_BARS:
        raise ProblemError(f"has over {_MOST_BARS} table bars; expected a problem statement", path=path)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ProblemError("contains NUL bytes; expected a Markdown file", path=path, line=line)
    if is_page(text):
        from problems.pages import page_to_markdown

        # Lines of the text are not those of the file, so that errors say which are meant.
        problem = _parse(page_to_markdown(text, path), path + " (as text)")
        return replace(problem, path=path)
    return _parse(small_tags(without_comments(text)), path)


def _parse(text: str, path: str) -> Problem:
    if not text.strip():
        raise ProblemError("is empty; expected a problem statement", path=path)
    body, first_items = with_first_items(text)
    items = read_document(body, path)
    items, checker, text = take_checker(items, text, path)
    title = _title(items)
    examples = tuple(labelled_examples(items))
    design = find_design(items, examples)
    signature = (
        Signature(design.name, None, design.starter) if design else _signature(items, examples, text, title, path)
    )
    if signature and not any(isinstance(item, Line) and item.text for item in items):
        title = signature.name
    if signature and checker:
        raise ProblemError("a checker judges programs that read standard input, not functions", path=path)
    flags = stated_flags(items, path)
    if flags and (signature or checker):
        other = "a checker" if checker else "a function"
        raise ProblemError(f"validator flags and {other}; expected one of them", path=path)
    rules = answer_rules(text, is_call=signature is not None, path=path)
    comparator, convention = flags or rules.comparator, None
    cases: tuple[CallCase, ...] | tuple[TestCase, ...]
    if signature is None:
        cases = tuple(find_samples(items, path))
    else:
        convention = Convention(design=True) if design else convention_of(signature, text, first_items=first_items)
        cases = in_convention(design.cases if design else find_calls(items, examples, signature, path), convention)
        comparator = site_comparator(comparator, signature.starter, examples)
    return Problem(
        title=title,
        statement=text.strip() + "\n",
        cases=cases,
        entry_point=signature.name if signature else None,
        starter_code=signature.starter if signature else "",
        time_limit_s=time_limit(text),
        memory_limit_mb=memory_limit(text),
        comparator=comparator,
        checker=checker,
        many_answers=rules.many_answers,
        notes=(() if cases else (LOOKED_FOR,)) + rules.notes(has_checker=checker is not None),
        convention=convention,
        path=path,
    )


def _signature(
    items: Sequence[Item], examples: Sequence[LabelledExample], text: str, title: str, path: str
) -> Signature | None:
    """The function to write, if the statement is about one."""
    has_assignments = has_assigned_inputs(examples)
    signature = find_signature(items, text)
    if signature is not None and (
        signature.starter
        or has_assignments
        or find_calls(items, examples, signature, path)
        or not _has_samples(items)
    ):
        return signature
    if has_assignments:
        return Signature(_camel_case(title), None)
    return None


def _has_samples(items: Sequence[Item]) -> bool:
    try:
        return bool(find_samples(items, ""))
    except ProblemError:
        return True


def _camel_case(title: str) -> str:
    """The name that LeetCode would give the method: Two Sum -> twoSum."""
    words = re.findall(r"[A-Za-z0-9]+", _TITLE.sub("", title))
    name = "".join(word if n == 0 else word[:1].upper() + word[1:] for n, word in enumerate(words))
    name = name[:1].lower() + name[1:]
    return name if name.isidentifier() else "solve"


def _short(text: str) -> str:
    """A text that fits a heading: as it is, or its first sentence, or its first words."""
    if len(text) <= _LONGEST_TITLE:
        return text
    sentence = re.match(r"(.+?)[.!?。！？](?=\s|$|[\u3000-\u9fff])", text)
    if sentence and len(sentence[1]) <= _LONGEST_TITLE:
        return sentence[1]
    words = text[: _LONGEST_TITLE - 1]
    return (words.rpartition(" ")[0] or words).rstrip(" ,;:-") + "…"


def _title(items: Sequence[Item]) -> str:
    """The first heading, or else the first words."""
    lines = [item for item in items if isinstance(item, Line) and item.text]
    for line in lines:
        if line.is_heading:
            return _short(line.text)
    if lines:
        return _short(lines[0].text)
    return (
        next((item.content.strip().split("\n")[0][:100] for item in items if isinstance(item, Code)), "")
        or "Problem"
    )
