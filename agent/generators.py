"""Programs that the model writes about inputs: generators that print one, validators that judge one.

Both run in slots, as everything of a model's does. A validator is trusted if it accepts every sample input and
rejects an empty one and one cut in half. An input counts if every trusted validator accepts it; where there is
none to trust, the layout inferred from the samples must read it. Whether it tells candidates apart, and whether
most answer at all, is seen when they run.

Not covered: functions, whose arguments need no program (`agent.inputs`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agent.extraction.source import extract_source
from agent.inputs import GeneratedInput
from agent.inputs.grammar import infer, read
from agent.judging.judge import run_all
from agent.prompts import build_generator_prompt, build_validator_prompt
from agent.types import Purpose, SampleRequest, SolveOptions
from problems import TestCase
from sandbox import Limits, RunJob, Status

if TYPE_CHECKING:
    from problems import Problem
    from sandbox import Sandbox

_MAX_TOKENS = 400
_LIMITS = Limits(cpu_s=1.0, memory_mb=256)
_LONGEST_INPUT = 4000
_STRIKES = 2
_SEEDING = "import random\nrandom.seed({})\n"


def generator_requests(problem: Problem, options: SolveOptions) -> list[tuple[SampleRequest, Purpose]]:
    """What asks for `options.generators` generators and as many validators; nothing for functions."""
    if options.generators == 0 or problem.is_call:
        return []
    params = options.sampling(options.generators, stop=("\n```",), max_tokens=_MAX_TOKENS)
    return [
        (SampleRequest(build_generator_prompt(problem, options.asking), params), Purpose.GENERATOR),
        (SampleRequest(build_validator_prompt(problem, options.asking), params), Purpose.VALIDATOR),
    ]


def inputs_of_generators(
    problem: Problem, generators: Sequence[str], validators: Sequence[str], box: Sandbox, *, count: int, seed: int
) -> list[GeneratedInput]:
    """Inputs that the generators print and that are believed valid.

    Args:
        problem: its samples tell which validators to trust.
        generators: whole answers to the request for them.
        validators: likewise.
        box: where they run.
        count: how many inputs each generator is asked for.
        seed: of the first input.

    Raises:
        SandboxError: the sandbox failed.
    """
    samples = [case.stdin for case in problem.cases if isinstance(case, TestCase)]
    sources = _sources(problem, generators)
    outputs = _printed(sources, box, range(seed, seed + count))
    texts = [text for text in dict.fromkeys(outputs) if text.strip() and len(text) <= _LONGEST_INPUT]
    trusted = _trusted(_sources(problem, validators), samples, box)
    if trusted:
        verdicts = _verdicts(trusted, texts, box)
        valid = [text for text, row in zip(texts, verdicts, strict=True) if all(row)]
        reason = f"accepted by {len(trusted)} validators of the model's that judge the samples rightly"
    else:
        layout = infer(samples, problem.statement) if samples else None
        valid = [text for text in texts if layout and read(layout, text) is not None]
        reason = "printed by a generator of the model's; read by the layout inferred from all samples"
    return [GeneratedInput(stdin=text, origin="generator", reason=reason) for text in valid]


def _printed(generators: Sequence[str], box: Sandbox, seeds: Sequence[int]) -> list[str]:
    """What they print; one that fails twice, often after all of its time, is asked no more."""
    failures = Counter[str]()

    def trials() -> Iterator[tuple[int, str]]:
        for seed in seeds:
            yield from ((seed, source) for source in generators if failures[source] < _STRIKES)

    def to_job(trial: tuple[int, str]) -> RunJob:
        return RunJob(_SEEDING.format(trial[0]) + trial[1], "", _LIMITS)

    outputs = []
    for (_, source), result in run_all(box, trials(), to_job):
        if result.status is Status.OK:
            outputs.append(result.stdout)
        else:
            failures[source] += 1
    return outputs


def _sources(problem: Problem, answers: Sequence[str]) -> list[str]:
    sources = (extract_source(problem, answer) for answer in answers)
    return list(dict.fromkeys(source for source in sources if source is not None))


def _trusted(validators: Sequence[str], samples: Sequence[str], box: Sandbox) -> list[str]:
    """Those that accept all samples, and neither nothing nor half of one."""
    if not samples:
        return []
    longest = max(samples, key=len)
    wrong = ["", longest[: len(longest) // 2]] if len(longest.split()) > 1 else [""]
    rows = _verdicts(validators, [*samples, *wrong], box)
    columns = list(zip(*rows, strict=True)) if validators else []
    return [
        source
        for source, column in zip(validators, columns, strict=True)
        if all(column[: len(samples)]) and not any(column[len(samples) :])
    ]


def _verdicts(validators: Sequence[str], texts: Sequence[str], box: Sandbox) -> list[tuple[bool, ...]]:
    """For each text, whether each validator accepts it."""
    jobs = [RunJob(source, text, _LIMITS) for text in texts for source in validators]
    answers = [result.status is Status.OK and result.stdout.split() == ["VALID"] for result in box.run_many(jobs)]
    width = len(validators)
    return [tuple(answers[row * width : (row + 1) * width]) for row in range(len(texts))]
