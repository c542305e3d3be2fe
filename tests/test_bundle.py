"""Modules that travel as one program text, loaded by an interpreter that cannot see ours."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.grading.driven_tests import CODE
from sandbox.bundle import bundle


def run(program: str) -> str:
    """Isolated and without site-packages, so that only what travels can be imported."""
    command = [sys.executable, "-I", "-S", "-c", "import sys; exec(compile(sys.stdin.read(), 'sent', 'exec'))"]
    return subprocess.run(command, input=program, capture_output=True, text=True, check=True).stdout


def test_what_travels_works_where_nothing_of_ours_is_installed() -> None:
    arguments = "('def f(x): return x', 'assert f(1) == 2', 'f', as_text=False, start=0, most=100)"
    program = bundle("benchmarks.grading", *CODE) + f"print(load().checks.collect{arguments})"
    ((views, call, expected, *_),), last = eval(run(program))
    assert (views, call, expected, last) == ((), ((1,), {}), 2, True)


def test_what_stays_behind_cannot_be_imported() -> None:
    attempt = "import benchmarks.grading.suites"
    attempts = f"\nload()\ntry: {attempt}\nexcept ModuleNotFoundError as error: print(error.name)"
    assert run(bundle("benchmarks.grading", *CODE) + attempts) == "benchmarks.grading.suites\n"
