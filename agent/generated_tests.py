"""Tests that the model writes, asked for before it has seen any candidate.

A small model's expected values are often wrong, so tests never filter: they are votes that `agent.select` weighs.
Two tests that disagree about one input are both kept. Text of functions' tests is parsed in a slot; examples of
programs are plain text, cut at their labels.

Not covered: how far tests are to be trusted (`agent.select`).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from agent.inputs import GeneratedInput
from agent.judging.judge import text_key, value_key
from agent.prompts import build_tests_prompt
from agent.types import SampleRequest, SolveOptions
from sandbox import CallJob, CallResult, Limits, Opaque, Status

if TYPE_CHECKING:
    from problems import Comparator, Problem
    from sandbox import Sandbox

_MOST_TESTS = 5  # of one completion, as CodeT counts them; later ones repeat and drift
_MAX_TOKENS = 320
_LIMITS = Limits(cpu_s=2.0, memory_mb=256)
_REASON = "written by the model from the statement alone"
_LONGEST_INPUT = 4000
_LONGEST_LABEL = 40
_MOST_BITS = 10_000  # Python refuses to write out longer integers
_LABEL = re.compile(r"^\W*(?:(?:sample|example)\s*)?(?:\d+\s*)?(input|output)\s*\d*\W*$", re.IGNORECASE)
_HEADING = re.compile(r"^\W*(?:sample|example|test)\s*(?:case\s*)?\d*\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GeneratedTest:
    """An input, and what the model says must come out."""

    input: GeneratedInput
    answer: Hashable
    """The behaviour key of a program that puts this out (`agent.judging.judge.behaviour_key`)."""


def requests_for_tests(problem: Problem, options: SolveOptions) -> list[SampleRequest]:
    """What asks for `options.tests` completions of tests; nothing if that is 0, or for a class of call lists."""
    if options.tests == 0 or (problem.convention is not None and problem.convention.design):
        return []
    stop = ("\n```", "\ndef ", "\nclass ", "\nif __name__") if problem.is_call else ()
    params = options.sampling(options.tests, stop=stop, max_tokens=_MAX_TOKENS)
    return [SampleRequest(build_tests_prompt(problem, options.asking), params)]


def read_tests(problem: Problem, texts: Sequence[str], box: Sandbox) -> list[GeneratedTest]:
    """The tests in whole answers to `requests_for_tests`; a test that is written twice is returned twice.

    Raises:
        SandboxError: the sandbox failed.
    """
    if not texts:
        return []
    if problem.entry_point is not None:
        return list(_read_asserts(problem.entry_point, problem.comparator, texts, box))
    return [test for text in texts for test in _read_examples(problem, text)]


def _read_asserts(
    name: str, comparator: Comparator, texts: Sequence[str], box: Sandbox
) -> Iterator[GeneratedTest]:
    source = resources.files("problems").joinpath("asserts.py").read_text(encoding="utf-8")
    jobs = [CallJob(source, "read_asserts", (text, name, _MOST_TESTS), limits=_LIMITS) for text in texts]
    for result in box.run_many(jobs):
        value = result.value if isinstance(result, CallResult) and result.status is Status.OK else None
        for item in value if isinstance(value, list) else ():
            test = _test(item, comparator)
            if test is not None:
                yield test


def _test(item: Any, comparator: Comparator) -> GeneratedTest | None:
    """The test that a slot returned, if it is a well-formed one: hostile text was read there."""
    if not isinstance(item, tuple) or len(item) != 3 or not _is_plain(item):
        return None
    args, kwargs, expected = item
    if not isinstance(args, tuple) or not isinstance(kwargs, dict) or not all(isinstance(k, str) for k in kwargs):
        return None
    test_input = GeneratedInput(args, kwargs, origin="written", reason=_REASON)
    return GeneratedTest(test_input, value_key(expected, comparator))


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, value)) and all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, value))
    return not isinstance(value, Opaque) and not (isinstance(value, int) and value.bit_length() > _MOST_BITS)


def _read_examples(problem: Problem, text: str) -> Iterator[GeneratedTest]:
    """Pairs of a block under "Input" and the block under the "Output" after it."""
    blocks = [block for block in _blocks(text) if block[0]]
    count = 0
    for (kind, stdin), (after, expected) in pairwise(blocks):
        if (kind, after) != ("input", "output") or not stdin.strip() or len(stdin) > _LONGEST_INPUT:
            continue
        if count == _MOST_TESTS:
            return
        count += 1
        test_input = GeneratedInput(stdin=stdin, origin="written", reason=_REASON)
        yield GeneratedTest(test_input, text_key(expected, problem.comparator))


def _blocks(text: str) -> list[tuple[str, str]]:
    """Labels, "input" or "output" or "" for another heading, each with the lines below it.

    What comes after a closed fence is under "" too.
    """
    blocks: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        short = line if len(line) < _LONGEST_LABEL else ""
        label = _LABEL.match(short)
        if label or _HEADING.match(short):
            blocks.append((label[1].lower() if label else "", []))
        elif blocks and line.startswith("```"):
            if any(text.strip() for text in blocks[-1][1]):
                blocks.append(("", []))  # the fence is closed: explanations may follow
        elif blocks:
            blocks[-1][1].append(line)
    return [(kind, "\n".join(lines).strip("\n") + "\n") for kind, lines in blocks]
