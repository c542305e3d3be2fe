"""The languages that candidates are written in; all that differs between them is said here.

A problem has no language; the language of its answer is an option of solving. A language says how it is called
in a prompt, how a program is found in an answer, which programs count as one, and what runs them: a `Sandbox` like
any other, so that cases, limits and verdicts are the same for all.

Not covered: programs about inputs (`agent.generators`), which are in Python whatever the candidates are in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from agent.extraction.cpp import extract_cpp, normalise_cpp
from agent.extraction.source import extract_source, normalise
from agent.judging.judge import compiles
from problems import ProblemError
from sandbox import CppSandbox

if TYPE_CHECKING:
    from problems import Problem
    from sandbox import Sandbox

_SHEBANG = re.compile(r"#![^\n]{0,200}\bpython(?:3[\d.]*)?\b")
_ADVICE = {
    ".c": "C is compiled as C++ by --language cpp",
    ".ipynb": "save the notebook as a script first (`jupyter nbconvert --to script`)",
    ".pyc": "name the source file",
    ".py2": "programs run as Python 3; if it is that too, say so by --language python",
}


@dataclass(frozen=True, slots=True)
class Language:
    """One of them."""

    name: str
    """For `--language` and for the fence around code."""
    title: str
    """As a prompt and a person call it."""
    suffixes: tuple[str, ...]
    """Of files; the first one is the usual one."""
    comment: str
    """What begins a comment line."""
    opening: str
    """Lines that every program for standard input may begin with."""
    functions: bool
    """Whether it answers problems that ask for a function; else only those that read standard input."""
    compiled: bool
    """Whether slots need g++ (`open_sandbox(cpp=True)`)."""
    extract: Callable[[Problem, str], str | None]
    """The program in an answer, prefill included; None when there is none."""
    normalise: Callable[[str], str]
    """A key that programs share which differ only in comments and blank space."""
    runner: Callable[[Sandbox], Sandbox]
    """What runs candidates on a sandbox's slots."""
    compiles: Callable[[Sandbox, Problem, Sequence[str]], list[bool]]
    """Whether each program is well-formed, asked of a `runner`."""


def language_for(problem: Problem, name: str) -> Language:
    """The language called `name`, if it can answer the problem.

    Raises:
        ProblemError: the problem asks for a function, and the language does not do that.
        KeyError: there is no such language.
    """
    language = LANGUAGES[name]
    if problem.is_call and not language.functions:
        raise ProblemError(
            f"asks for the Python function {problem.entry_point}; {language.title} answers problems that read"
            " standard input",
            remedy="answer it in Python",
            path=problem.path,
        )
    return language


def language_of(path: PurePath, source: str = "") -> str:
    """The name of the language that a file's suffix tells, or its first line ("#!/usr/bin/env python3").

    Raises:
        ValueError: neither tells one of ours; the message names what there is.
    """
    # By the custom of compilers ".C" is C++, and ".c" is C, which is another language.
    suffix = path.suffix if path.suffix in (".C", ".H") else path.suffix.lower()
    own = next((name for name, language in LANGUAGES.items() if suffix in language.suffixes), None)
    if own is None and not suffix and _SHEBANG.match(source):
        own = PYTHON.name
    if own is not None:
        return own
    ours = "; ".join(f"{name}: {' '.join(language.suffixes)}" for name, language in LANGUAGES.items())
    reason = f"{path.suffix} is no language of ours" if suffix else "no suffix tells what it is written in"
    advice = _ADVICE.get(suffix, "say which by --language if it is one of them")
    raise ValueError(f"{path}: {reason} ({ours}): {advice}")


def _cpp_compiles(runner: Sandbox, problem: Problem, sources: Sequence[str]) -> list[bool]:  # noqa: ARG001
    assert isinstance(runner, CppSandbox)
    return [build.failure is None for build in runner.build(sources)]


PYTHON = Language(
    name="python",
    title="Python 3",
    suffixes=(".py", ".py3", ".pyw"),
    comment="#",
    opening="",
    functions=True,
    compiled=False,
    extract=extract_source,
    normalise=normalise,
    runner=lambda box: box,
    compiles=compiles,
)
CPP = Language(
    name="cpp",
    title="C++20",
    suffixes=(".cpp", ".cc", ".cxx", ".c++", ".C"),
    comment="//",
    # Small models forget headers; this one holds them all, and is compiled ahead (`sandbox.toolchain`).
    opening="#include <bits/stdc++.h>\n",
    functions=False,
    compiled=True,
    extract=extract_cpp,
    normalise=normalise_cpp,
    runner=CppSandbox,
    compiles=_cpp_compiles,
)
LANGUAGES: Mapping[str, Language] = {language.name: language for language in (PYTHON, CPP)}
"""All of them, by name."""
