"""Smaller versions of the arguments of a call: shorter lists and texts, smaller numbers.

Not covered: numbers that are lengths of other arguments, which are set right afterwards by whoever knows of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from agent.hacking.measure import simpler_numbers
from agent.inputs import GeneratedInput

_MOST = 200  # items that are looked at one by one


def call_edits(item: GeneratedInput) -> Iterator[GeneratedInput]:
    """One argument smaller; those that leave out most first."""
    for place, value in enumerate(item.args):
        for smaller in smaller_values(value):
            yield replace(item, args=(*item.args[:place], smaller, *item.args[place + 1 :]))
    for number in [number for number, count in Counter(_numbers(item.args)).items() if count > 1][:_MOST]:
        for smaller in _smaller_numbers(number):
            yield replace(item, args=_replaced(item.args, number, smaller))


def _numbers(value: Any) -> Iterator[int]:
    if type(value) is int:
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _numbers(each)


def _replaced(value: Any, old: int, new: int) -> Any:
    """The value with every number that is `old` made `new`: what is equal stays so."""
    if isinstance(value, list | tuple):
        return type(value)([_replaced(each, old, new) for each in value])
    return new if type(value) is int and value == old else value


def smaller_values(value: Any) -> Iterator[Any]:
    """Smaller values of the same type."""
    if isinstance(value, bool):
        if value:
            yield False
    elif isinstance(value, int):
        yield from _smaller_numbers(value)
    elif isinstance(value, float):
        yield from (float(number) for number in dict.fromkeys((0, 1, int(value))) if float(number) != value)
    elif isinstance(value, str | list | tuple):
        yield from _shorter(value)
        yield from _simpler_items(value)
    elif isinstance(value, set | frozenset | dict):
        yield from _fewer(value)


def _smaller_numbers(value: int) -> Iterator[int]:
    if value < 0:
        yield -value
    yield from simpler_numbers(value, 0)


def _shorter(value: Any) -> Iterator[Any]:
    length = len(value)
    long = length
    while long:
        for start in range(length - length % long - long if length > _MOST * long else length - long, -1, -long):
            yield value[:start] + value[start + long :]
        long //= 2


def _simpler_items(value: Any) -> Iterator[Any]:
    if isinstance(value, str):
        for at, letter in enumerate(value[:_MOST]):
            if letter > "a":
                yield value[:at] + "a" + value[at + 1 :]
        return
    for at, each in enumerate(value[:_MOST]):
        for smaller in smaller_values(each):
            yield type(value)([*value[:at], smaller, *value[at + 1 :]])


def _fewer(value: Any) -> Iterator[Any]:
    for key in list(value)[:_MOST]:
        if isinstance(value, dict):
            yield {other: value[other] for other in value if other != key}
        else:
            yield value - {key}
