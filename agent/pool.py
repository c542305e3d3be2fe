"""The pool of one problem: its candidates, what each did, and the inputs they are compared on, kept in step.

Not covered: each of them (`agent.candidates`, `agent.trials`, `agent.standings`, `agent.probes`), what is
concluded from them (`agent.answer`).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from agent.answer import confidence_in
from agent.budget import overtaking
from agent.candidates import Candidates
from agent.inputs import generate_inputs
from agent.languages import language_for
from agent.probes import Probes
from agent.standings import Standings
from agent.trials import Trials
from agent.types import FAILED, Candidate, Completion, Events, Repair, Silent, SolveOptions

if TYPE_CHECKING:
    from agent.cost import Cost, Meter
    from agent.inputs import GeneratedInput
    from agent.tally import Tally
    from problems import Problem
    from sandbox import Sandbox

_CLEAR_SHARE = 0.9


class Pool:
    """Grown by completions; `filter` and `cluster` bring what is known about them up to date."""

    def __init__(
        self,
        problem: Problem,
        meter: Meter,
        options: SolveOptions,
        *,
        events: Events | None = None,
        runner: Sandbox | None = None,
    ) -> None:
        """Begin with no candidate, and with the generated inputs.

        Args:
            problem: what is solved.
            meter: where everything runs.
            options: how many inputs, which language, which method.
            events: told of progress.
            runner: what runs candidates on the meter, where there is one already.

        Raises:
            ProblemError: it asks for a function, and not in Python.
        """
        self.problem = problem
        self.language = language_for(problem, options.language)
        """What candidates are written in."""
        self._meter = meter
        self._events = events or Silent()
        inputs = generate_inputs(problem, count=options.inputs, seed=options.seed)
        self.probes = Probes(problem, meter, inputs)
        """What candidates are compared on."""
        self.candidates = Candidates(problem, self.language)
        """The distinct programs, and what each of them did."""
        runner = runner or self.language.runner(meter)
        self.trials = Trials(problem, runner, self.language, self.probes, self.candidates)
        """Where they run."""
        self.standings = Standings(self.candidates, self.probes, method=options.method)
        """How they are ordered."""
        self.repair = Repair()
        """What showing failures to the model cost and brought."""

    @property
    def solved(self) -> bool:
        """Whether any candidate passes every public case."""
        return any(standing.survives for standing in self.candidates.values())

    def cost(self) -> Cost:
        """What it took so far."""
        return self._meter.cost()

    def add(self, completions: Sequence[Completion]) -> None:
        """Take in new completions, whatever they were asked for.

        Raises:
            SandboxError: the sandbox failed.
        """
        for completion in completions:
            self.candidates.add(completion)
        self.probes.learn(completions)

    def pay(self, tally: Tally) -> None:
        """Count what was paid for something else than candidates."""
        self.candidates.tally += tally.cost

    def filter(self) -> None:
        """Judge the candidates that are new on the public cases.

        Raises:
            SandboxError: the sandbox failed.
        """
        self.trials.judge()
        self._events.judged(len(self.candidates), len(self.candidates.survivors()))

    def cluster(self) -> None:
        """Group the survivors by what they do on the inputs, running each on those it has not seen.

        Raises:
            SandboxError: the sandbox failed.
        """
        self.trials.observe()
        self.standings.rank()
        best = self.standings.best()
        if sizes := self.standings.ranking.sizes:
            assert best is not None
            self._events.clustered(len(sizes), sizes[0] / sum(sizes), confidence_in(self, best.candidate.source))
        if best is not None:
            self._events.leads(best.candidate.source, best.passed, len(self.problem.cases))

    def is_settled(self, options: SolveOptions) -> bool:
        """Whether the completions that are left are unlikely to change the answer: see `agent.budget`."""
        if not self.standings.ranking.clusters:
            return False
        lead, *rivals = self.standings.ranking.sizes
        remaining = max(options.n - self.candidates.samples, 0)
        return overtaking(lead, max(rivals, default=0), remaining) < options.stop_risk

    def add_repairs(self, repairs: Sequence[tuple[Candidate, Completion]]) -> None:
        """Take in a round of answers to "this program fails", judge them, and drop those that broke something.

        Raises:
            SandboxError: the sandbox failed.
        """
        old = set(self.candidates)
        for original, completion in repairs:
            self.candidates.add_repair(original, completion)
        self.filter()
        new = {key: standing for key, standing in self.candidates.items() if key not in old}
        worse = [key for key, one in new.items() if one.passed < self._passed(one.candidate.mends)]
        self.candidates.discard(worse)
        cost = self.repair
        self.repair = Repair(
            cost.rounds + 1,
            cost.completions + len(repairs),
            cost.tokens + sum(completion.tokens for _, completion in repairs),
            cost.distinct + len(new),
            cost.regressions + len(worse),
            cost.survivors + sum(one.survives for key, one in new.items() if key not in worse),
        )
        self.cluster()

    def _passed(self, source: str | None) -> int:
        """How many public cases a known program passed."""
        return 0 if source is None else self.candidates[self.candidates.key_of(source)].passed

    def rivals(self) -> tuple[str, str] | None:
        """The best programs of the two best clusters; None when one leads clearly.

        It does where it holds nearly all that pass, or where somebody called the other one wrong.
        """
        ranking = self.standings.ranking
        if len(ranking.clusters) < 2 or ranking.sizes[0] / sum(ranking.sizes) > _CLEAR_SHARE:
            return None
        wrong = ranking.matrix.wrong
        if wrong[ranking.clusters[0][0]] < wrong[ranking.clusters[1][0]]:
            return None
        first, second = self.standings.submissions(2)
        return first, second

    def differing(self, rivals: tuple[str, str]) -> list[GeneratedInput]:
        """The inputs on which both programs are known to answer, and differently."""
        one, other = (self.candidates[self.candidates.key_of(program)].behaviour for program in rivals)
        return [
            item
            for item, first, second in zip(self.probes.inputs, one, other, strict=True)
            if FAILED not in (first, second) and first != second
        ]

    def rule_out(self, item: GeneratedInput, answers: Sequence[Hashable]) -> None:
        """Put candidates that give one of these answers to this input behind all that do not.

        Raises:
            SandboxError: the sandbox failed.
        """
        self.probes.rule_out(item, answers)
        self.cluster()
