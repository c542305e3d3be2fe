"""Example calls of a function under labels: `Input: a = 1, b = [2]` and `Output: 3`, in any layout and language.

`problems.labelled` finds the texts; this module reads them. Arguments come with names or in order, on one
line or a line each, with or without the types that other languages want (`int A[] = {1, 3}`).

Not covered: strings without quotes whose parameter does not say that it is one; arguments that are expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from problems.labelled import LabelledExample
from problems.literals import Allowance, Literal, literal, literal_at
from problems.signatures import Signature
from problems.types import CallCase, ProblemError, Value

_TYPE = r"(?:[A-Za-z_][\w<>:]*(?:\[\])*[ \t]*[*&]?[ \t]+)?[*&]?"
_NAME = re.compile(rf"`?{_TYPE}(\w+)`?((?:[ \t]*\[\w*\])*)[ \t]*(?:=(?!=)|[:：])\s*`?")
_SEPARATOR = re.compile(r"[`\s]*(?:[,;，；、]|\band\b)?[`\s]*(?:[-*•]\s+)?")
_BARE_WORD = re.compile(r"[^\s,;\"'`()\[\]{}=]+")
_REMARK = re.compile(r"\s*(?:\(|//|#|--|—|because\b|since\b|as\b)", re.IGNORECASE)
_MOST_ARGUMENTS = 100
_SET = re.compile(r"\b(?:frozen)?set\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Argument:
    name: str
    """"" for one that comes in order."""
    value: Value


def labelled_calls(
    examples: Sequence[LabelledExample], signature: Signature, path: str, allowance: Allowance
) -> Iterator[CallCase]:
    """Every labelled example whose texts are values, in order.

    Raises:
        ProblemError: an input of values without an output, or with one that is no value, or with names that are
            not the function's.
    """
    for example in examples:
        # Without an output the text goes on to the next label or the end of the statement.
        text = example.input_text if example.output_text else example.input_text.partition("\n\n")[0]
        arguments = _arguments(text, signature, allowance)
        if arguments is None:
            if _means_values(example, allowance):
                message = f"expected values such as `a = 1, b = [2]`, found {example.input_text[:60]!r}"
                raise ProblemError(message, path=path, line=example.input_line)
        elif example.inline or signature.starter or all(argument.name for argument in arguments):
            yield _case(example, arguments, signature, path, allowance)


def has_assigned_inputs(examples: Sequence[LabelledExample]) -> bool:
    """Whether examples read `Input: nums = [2, 7], target = 9`, which only functions have."""
    return any(
        example.inline and (name := _NAME.match(example.input_text)) and name[0].rstrip(" \t`").endswith("=")
        for example in examples
    )


def _means_values(example: LabelledExample, allowance: Allowance) -> bool:
    """Whether a text that cannot be read is an example nevertheless, and not prose about the input."""
    text = example.input_text.lstrip("` \t\n")
    name = _NAME.match(text)
    begins = text[:1] in ("[", "{", '"', "'") or (name is not None and "=" in name[0])
    return example.inline and begins and literal(example.output_text.strip("` \t\n"), allowance) is not None


def _case(
    example: LabelledExample, arguments: list[_Argument], signature: Signature, path: str, allowance: Allowance
) -> CallCase:
    if not example.output_text:
        raise ProblemError("example input has no output after it", path=path, line=example.input_line)
    expected = _expected(example.output_text, signature, allowance)
    if expected is None:
        message = f"expected a Python or JSON value, found {example.output_text[:60]!r}"
        raise ProblemError(message, path=path, line=example.output_line)
    may_differ = not example.inline or len(signature.parameters or ()) == 1
    try:
        return CallCase(_in_order(arguments, signature, may_differ=may_differ), expected.value)
    except ValueError as error:
        raise ProblemError(str(error), path=path, line=example.input_line) from error


def _in_order(arguments: list[_Argument], signature: Signature, *, may_differ: bool) -> tuple[Value, ...]:
    """The values in the order of the parameters; with `may_differ` one of these may have another name.

    Raises:
        ValueError: other names, or another number of values, than the function has parameters.
    """
    parameters = signature.parameters
    values = {argument.name: argument.value for argument in arguments}
    if parameters is None or not all(values):
        if parameters is not None and len(arguments) > len(parameters) and not signature.flexible:
            raise ValueError(
                f"example gives {len(arguments)} values, but {signature.name} takes {len(parameters)}"
            )
        return tuple(argument.value for argument in arguments)
    others, missing = set(values) - set(parameters), set(parameters) - set(values)
    if may_differ and len(others) == len(missing) == 1:  # sites rename a parameter and leave its examples
        values[missing.pop()] = values.pop(others.pop())
    if set(values) != set(parameters):
        names = ", ".join(argument.name for argument in arguments)
        takes = ", ".join(parameters) or "none that the statement names; a function needs its signature"
        raise ValueError(f"example names {names}, but {signature.name} takes {takes}")
    return tuple(values[name] for name in parameters)


def _arguments(text: str, signature: Signature, allowance: Allowance) -> list[_Argument] | None:
    """`a = 1, b = 2` and its like; None for anything else in the text."""
    arguments: list[_Argument] = []
    at, commas = 0, True
    text = text.rstrip(" \t\n`.,;")
    while at < len(text):
        if len(arguments) == _MOST_ARGUMENTS:
            return None
        separator = _SEPARATOR.match(text, at)
        assert separator  # it matches nothing as well
        commas = commas and (at == 0 or separator[0].strip(" \t`") != "")
        name = _NAME.match(text, separator.end())
        at = name.end() if name else separator.end()
        read = _value(text, at, _annotation(name[1] if name else "", len(arguments), signature), allowance)
        if read is None or text[read.end : read.end + 1].isalnum():
            return None
        arguments.append(_Argument(name[1] if name else "", read.value))
        at = read.end
    with_names = [argument for argument in arguments if argument.name]
    if not arguments or (with_names and len(with_names) < len(arguments)):
        return None
    in_order_only_by_spaces = not commas and not with_names and len(arguments) > 1
    return None if in_order_only_by_spaces and len(arguments) != len(signature.parameters or ()) else arguments


def _value(text: str, at: int, annotation: str, allowance: Allowance) -> Literal | None:
    value = literal_at(text, at, allowance, c_arrays=not _SET.search(annotation))
    if value is None and annotation == "str" and (word := _BARE_WORD.match(text, at)):
        return Literal(word[0], word.end())
    return value


def _expected(text: str, signature: Signature, allowance: Allowance) -> Literal | None:
    """The value of an output, without the remark that may follow it."""
    text = text.strip("` \t\n")
    name = _NAME.match(text)
    start = name.end() if name and "=" in name[0] else 0
    whole = literal(text[start:].rstrip("."), allowance, c_arrays=not _SET.search(signature.result))
    if whole is not None:
        return whole
    value = _value(text, start, signature.result, allowance)
    if value is None or not text[value.end :].strip("` .\t\n"):
        return value
    rest = text[value.end :].lstrip("` \t")
    further_value = rest.startswith("\n") and literal_at(rest, 1, allowance) is not None
    return value if _REMARK.match(rest) or (rest.startswith("\n") and not further_value) else None


def _annotation(name: str, place: int, signature: Signature) -> str:
    """What the function's code says of a parameter; "" where it says nothing."""
    parameters = signature.parameters or ()
    parameter = name or (parameters[place] if place < len(parameters) else "")
    return signature.annotations.get(parameter, "")
