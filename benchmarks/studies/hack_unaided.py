"""How many wrong programs are broken without a right one: `python -m benchmarks.studies.hack_unaided JURY ...`.

What is right is said by a model's programs (`agent.hacking.council`), from a file of samples, on the easiest
problems of the set. Wrong programs that pass the examples are to be broken; accepted ones are controls. A search
reports its surest flaw, however little sure (`--least 0`); whether the accused really fails on that input is told
by an accepted program. So one run shows what any least probability would report, and how well the probability
(`agent.hacking.belief`) is calibrated, which was not fitted on it.

Problems are halved as in `benchmarks.studies.hack_submissions`: one half to choose the least probability by, the
other to report.

Not covered: programs that fail an example, which need no search; problems of which no program of the model passes
the examples, which are counted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.hacking.belief import Features, belief
from agent.hacking.council import Council, gather_council
from agent.hacking.inquiry import failing_example, hack_by_council
from agent.hacking.measure import tokens_of
from agent.hacking.referee import Referee
from agent.hacking.types import HackOptions, Program
from agent.journal import Journal, read_journal
from agent.models import fingerprint, open_sampler
from agent.models.profiles import choose
from agent.models.store import StoredSampler
from agent.options import CouncilOptions
from agent.profile import Wishes
from benchmarks.metrics import estimate, expected_calibration_error
from benchmarks.studies.hack_submissions import Accused, accused_programs, half_of
from sandbox import open_sandbox

if TYPE_CHECKING:
    from typing import Any

    from agent.hacking.types import Flaw
    from sandbox import Sandbox

_MODEL = "qwen2.5-coder-1.5b"
_GENERATORS = 4


@dataclass(frozen=True, slots=True)
class Attempt:
    """One program that was hacked."""

    key: str
    problem: str
    half: str
    is_wrong: bool
    """Whether it fails a test of the jury's."""
    by_example: bool
    """Whether it fails an example; then nothing was searched."""
    members: int
    """Completions that pass the examples."""
    seconds: float = 0.0
    inputs: int = 0
    verdict: str = ""
    """What it was found to do; "" where nothing was found."""
    tokens: int = 0
    """Of the shrunk input."""
    is_flaw: bool | None = None
    """Whether an accepted program says so, too; None where that one gives no answer."""
    votes: dict[str, Any] | None = None
    """See `agent.hacking.belief.Features`."""
    text: str = ""
    """The input, cut."""
    reason: str = ""
    """Sentences that were not checked, cut."""

    @property
    def belief(self) -> float:
        """How sure the flaw is; 0 where there is none."""
        return 0.0 if self.votes is None else belief(self.features)

    @property
    def features(self) -> Features:
        """What is known of the flaw."""
        assert self.votes is not None
        return Features(**self.votes)

    @property
    def is_confirmed(self) -> bool:
        """Whether the accused fails there; where nobody answers, whether it is a wrong program."""
        return self.is_wrong if self.is_flaw is None else self.is_flaw


def attempt(box: Sandbox, accused: Accused, council: Council, options: HackOptions) -> Attempt:
    """Hack one program."""
    submission, problem = accused.submission, accused.problem
    program = Program(submission.source, submission.language)
    result = Attempt(
        submission.key,
        submission.problem,
        half_of(submission.problem),
        accused.is_wrong,
        failing_example(problem, box, program) is not None,
        council.voices,
    )
    if result.by_example or not council.members:
        return result
    hacking = hack_by_council(problem, box, program, council, options)
    result = replace(result, seconds=round(hacking.attempts.seconds, 1), inputs=hacking.attempts.inputs)
    flaw = hacking.flaw
    if flaw is None:
        return result
    return replace(
        result,
        verdict=str(flaw.verdict),
        tokens=tokens_of(flaw.item),
        is_flaw=_is_flaw(box, accused, program, flaw),
        votes=None if flaw.votes is None else asdict(flaw.votes),
        text=flaw.item.stdin[:300],
        reason=" / ".join(hacking.unread)[:300],
    )


def _is_flaw(box: Sandbox, accused: Accused, program: Program, flaw: Flaw) -> bool | None:
    right = Program(accused.right.source, accused.right.language)
    (finding,) = Referee(accused.problem, box, program, right).findings([flaw.item])
    return finding.flaw is not None if finding.is_answered else None


def summary(attempts: Sequence[Attempt], least: float) -> str:
    """What would be reported from a least probability on, and how well that is calibrated."""
    lines = []
    for half in ("tuning", "held-out", "both"):
        mine = [each for each in attempts if half in ("both", each.half)]
        problems = {each.problem: each.members for each in mine}
        searched = [each for each in mine if not each.by_example and each.members]
        wrong = [each for each in mine if each.is_wrong]
        hard = [each for each in searched if each.is_wrong]
        controls = [each for each in mine if not each.is_wrong]
        heard = [each for each in controls if each.members]
        broken = [each for each in hard if each.belief >= least]
        really = [each for each in broken if each.is_confirmed]
        alarms = [each for each in heard if each.belief >= least]
        by_example = sum(each.by_example for each in wrong)
        flaws = [each for each in searched if each.votes is not None]
        lines.append(
            f"{half}: {len(problems)} problems, {sum(map(bool, problems.values()))} with a council;"
            f" wrong {len(wrong)}, {by_example} fail an example, {len(hard)} were searched: broken"
            f" {_share(broken, hard)}, on inputs where they fail {_share(really, hard)};"
            f" all broken {_share([*broken, *range(by_example)], wrong)};"
            f" accepted {len(controls)}, of them with a council {len(heard)}: accused {_share(alarms, heard)}"
        )
        if flaws:
            error = expected_calibration_error(
                [each.belief for each in flaws], [each.is_confirmed for each in flaws]
            )
            stated = estimate([each.belief for each in flaws]).value
            true = estimate([float(each.is_confirmed) for each in flaws]).value
            lines.append(f"  {len(flaws)} surest flaws, {true:.1%} true, stated {stated:.1%}, ECE {error:.3f}")
    return "\n".join(lines)


def _share(part: Sequence[object], whole: Sequence[object]) -> str:
    return f"{len(part)} of {len(whole)} ({len(part) / len(whole):.0%})" if whole else "0 of 0"


def councils(box: Sandbox, store: Path, accused: Sequence[Accused]) -> dict[str, Council]:
    """One per problem; what the file lacks is sampled."""
    profile = choose(_MODEL, Wishes()).profile
    solving = replace(CouncilOptions(generators=_GENERATORS).solving().asked_by(profile), max_seconds=3600.0)
    with StoredSampler(store, fingerprint(_MODEL), lambda: open_sampler(_MODEL), name=_MODEL) as sampler:
        return {
            name: gather_council(problem, sampler, box, options=solving)
            for name, problem in {each.submission.problem: each.problem for each in accused}.items()
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Hack what is left to hack, and print the summary."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies.hack_unaided", description=__doc__)
    parser.add_argument("jury", type=Path, help="results of benchmarks.studies.jury_submissions")
    parser.add_argument("problems", type=Path, help="JSON Lines of problems, easiest first")
    parser.add_argument("submissions", type=Path, help="JSON Lines: problem_id, language, expected, code")
    parser.add_argument("--store", type=Path, required=True, help="samples of the model")
    parser.add_argument("--out", type=Path, required=True, help="append results here; what it has is not repeated")
    parser.add_argument("--easiest", type=int, default=40, help="problems")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each program")
    parser.add_argument("--least", type=float, default=0.0, help="probability of a flaw that ends a search")
    parser.add_argument("--report-from", type=float, default=CouncilOptions().min_confidence)
    options = parser.parse_args(arguments)
    every = list(accused_programs(options.jury, options.problems, options.submissions))
    easiest = list(dict.fromkeys(each.submission.problem for each in every))[: options.easiest]
    accused = [each for each in every if each.submission.problem in easiest]
    asked = HackOptions(options.seconds, min_confidence=options.least)
    with open_sandbox("auto", cpp=True) as box, Journal(options.out, lambda row: Attempt(**row)) as journal:
        known = {each.key for _, each in journal.entries()}
        left = [each for each in accused if each.submission.key not in known]
        by_problem = councils(box, options.store, left)
        for each in left:
            result = attempt(box, each, by_problem[each.submission.problem], asked)
            journal.append(asdict(result))
            sys.stderr.write(
                f"{result.key} {'wrong' if result.is_wrong else 'accepted'} -> {result.verdict or '-'}"
                f" {result.belief:.2f} {result.is_flaw}, {result.seconds:.0f} s, {result.inputs} inputs\n"
            )
    attempts = read_journal(options.out, lambda row: Attempt(**row))
    sys.stdout.write(summary(attempts, options.report_from) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
