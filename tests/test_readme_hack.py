"""The programs that README breaks: one by three tokens, which it shows, and one only by a large input."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snippets import ROOT, snippets

from agent.cli import run
from agent.hacking.measure import tokens_of
from agent.hacking.referee import Finding, Referee
from agent.hacking.search import Search
from agent.hacking.types import HackOptions, Program
from agent.inputs import GeneratedInput
from agent.types import Verdict
from problems import TestCase, load_problem

if TYPE_CHECKING:
    import pytest

    from sandbox import Sandbox


@dataclass(frozen=True)
class Session:
    """A command that breaks a program, and what README shows of its output."""

    words: list[str]
    output: str

    def said(self, pattern: str) -> tuple[str, ...]:
        match = re.search(pattern, self.output, re.MULTILINE)
        assert match, pattern
        return match.groups()

    def referee(self, box: Sandbox) -> Referee:
        problem, program, right = (ROOT / word for word in self.words if word.endswith((".md", ".py")))
        sources = [Program(each.read_text(encoding="utf-8")) for each in (program, right)]
        return Referee(load_problem(str(problem)), box, *sources)

    def finding(self, box: Sandbox, text: str) -> Finding:
        (finding,) = self.referee(box).findings([GeneratedInput(stdin=text)])
        return finding


def sessions() -> list[Session]:
    texts = [each.text for each in snippets(ROOT / "README.md", "text") if each.text.startswith("$ solve hack ")]
    return [Session(shlex.split(text.partition("\n")[0])[2:], text.partition("\n")[2]) for text in texts]


def test_three_tokens_are_shown_as_they_are(box: Sandbox) -> None:
    session = sessions()[0]
    (shown, output, expected) = session.said(r"^input:\n([^:]*?)\n\noutput of .*:\n(.*)\n\nexpected.*:\n(.*)$")
    assert session.said(r"^broken: (\w+) on an input of (\d+) tokens") == ("WA", str(len(shown.split())))
    assert len(shown.split()) == 3
    flaw = session.finding(box, f"{shown}\n").flaw
    assert flaw is not None
    assert (flaw.verdict, flaw.result.stdout) == (Verdict.WA, f"{output}\n")
    assert flaw.case == TestCase(f"{shown}\n", f"{expected}\n")


def test_the_command_says_the_same(
    backend: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for numbers, of which there are several that are as small, and for what depends on time."""
    monkeypatch.chdir(ROOT)
    session = sessions()[0]
    assert run([*session.words, "--sandbox", backend, "-q"]) == 1
    here, there = (
        [re.sub(r"-?\d[\d.]*", "#", part) for part in re.split(r"^tried", text, flags=re.MULTILINE)[0].split()]
        for text in (capsys.readouterr().out, session.output)
    )
    assert here == there


def test_the_other_one_needs_a_large_input(box: Sandbox) -> None:
    """Not shrunk here, which takes minutes where every run takes its whole time."""
    session = sessions()[1]
    verdict, tokens, before = session.said(r"^broken: (\w+) on an input of (\d+) tokens, shrunk from (\d+)$")
    assert int(tokens) > 10_000
    problem = load_problem(str(ROOT / session.words[1]))
    hacking = Search(problem, session.referee(box), HackOptions(120.0, shrink=False)).run()
    assert hacking.flaw is not None
    assert hacking.flaw.verdict is Verdict(verdict)
    assert tokens_of(hacking.flaw.item) == int(before)
    assert session.finding(box, "3\n1 5 2\n").flaw is None
