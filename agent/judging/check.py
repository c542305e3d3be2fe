"""Asking a checker program whether an output is right.

It runs in a slot that no candidate ever enters, and only there does the expected output go. It is called as its
convention has it:

- testlib (Codeforces): arguments are the files of input, output and expected output; exit code 0 is right, 1 is
  wrong, 2 is wrong in form, 3 is a failure of the checker.
- Kattis: arguments are the files of input and expected output and a folder for feedback; the output is on standard
  input; exit code 42 is right, 43 wrong.

Any other ending (an exception, a limit, another exit code) is our failure and no verdict.

Not covered: points, and checkers in other languages than Python.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.types import Verdict
from problems import ProblemError
from sandbox import Limits, RunJob, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from problems import Checker, TestCase
    from sandbox import RunResult, Sandbox

_INPUT, _OUTPUT, _EXPECTED, _FEEDBACK = "input.txt", "output.txt", "answer.txt", "feedback"
_CRASH_CODE = 90
# A checker that dies of an exception would leave with code 1, which means "wrong" to testlib.
_LAUNCHER = f"""
def launch():
    import json, os, sys
    given = json.load(sys.stdin)
    os.mkdir({_FEEDBACK!r})
    for name, text in given["files"].items():
        with open(name, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
    os.dup2(os.open(given["stdin"] or os.devnull, os.O_RDONLY), 0)
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)
    sys.argv[:] = ["checker.py", *given["arguments"]]
    return compile(given["source"], "checker.py", "exec", dont_inherit=True)
try:
    exec(launch())
except Exception:
    import os, sys, traceback
    traceback.print_exc()
    sys.stderr.flush()
    os._exit({_CRASH_CODE})
"""
_SECONDS = 20.0
_MEMORY_MB = 1024
_LEAST_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class _Convention:
    arguments: tuple[str, ...]
    stdin: str | None
    verdicts: Mapping[int, Verdict]


_CONVENTIONS = {
    "testlib": _Convention((_INPUT, _OUTPUT, _EXPECTED), None, {0: Verdict.AC, 1: Verdict.WA, 2: Verdict.WA}),
    "kattis": _Convention((_INPUT, _EXPECTED, f"{_FEEDBACK}/"), _OUTPUT, {42: Verdict.AC, 43: Verdict.WA}),
}


class CheckerError(ProblemError):
    """A checker gave no verdict: the problem is at fault, not the program that was judged."""


def run_checker(box: Sandbox, checker: Checker, case: TestCase, output: str, *, path: str) -> Verdict:
    """Whether the checker finds `output` right.

    Raises:
        CheckerError: it crashed, ran into a limit, or ended in a way that its convention does not know.
        SandboxError: the sandbox failed.
    """
    convention = _CONVENTIONS[checker.convention]
    (result,) = box.run_many([_job(checker, convention, case, output)])
    verdict = convention.verdicts.get(-1 if result.exit_code is None else result.exit_code)
    if result.status not in (Status.OK, Status.RTE) or verdict is None:
        raise CheckerError(f"the checker gave no verdict: {_ending(result)}", path=path)
    return verdict


def _job(checker: Checker, convention: _Convention, case: TestCase, output: str) -> RunJob:
    fields = {
        "source": checker.source,
        "arguments": convention.arguments,
        "stdin": convention.stdin,
        "files": {_INPUT: case.stdin, _OUTPUT: output, _EXPECTED: case.stdout},
    }
    text = json.dumps(fields)
    # What a run may print is also what it may write to a file.
    limits = Limits(_SECONDS, _MEMORY_MB, max(_LEAST_FILE_BYTES, len(text)), wall_s=10 * _SECONDS)
    return RunJob(_LAUNCHER, text, limits, trusted=True)


def _ending(result: RunResult) -> str:
    lines = (result.stderr.strip() or result.stdout.strip()).splitlines()[-1:]
    how = f"exit code {result.exit_code}" if result.status in (Status.OK, Status.RTE) else result.status.value
    return f"{how}, {lines[0][:200]}" if lines else how
