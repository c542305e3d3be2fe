"""The page about a search for a flaw, as text: what it says, and that nothing on it is alive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hacking_states import FLAW, FOUND, NAMES, State, hacking_states
from made_answers import run_of
from test_hacking import files  # noqa: F401 - a fixture
from test_report import HOSTILE, Words

from agent.cli import run
from agent.hacking.council import Council, Member
from agent.hacking.types import Attempts, Hacking, Program
from agent.report.marks import excerpts
from agent.types import Verdict
from problems import CallCase, Comparator, Problem, TestCase
from sandbox import CallResult, RunResult, Status

PLAIN = Problem("P", "P")


def words_of(name: str) -> str:
    return Words(hacking_states()[name].page()).text


def test_a_wrong_answer() -> None:
    words = words_of("hack_wrong")
    for message in (
        "Broken: wrong answer mine.py",
        "given2 1 0",
        "output of mine.py-1 expected, by brute.py1",
        'WA, wrong answer: line 1, token 1: expected "1", got "-1"',
        "The input keeps the layout and the properties that all examples share",
        "as brute.py is right, if the input keeps the sentences above",
        "Not checked",
        "It is guaranteed that no two posts are alike.",
        "shrunkfrom 6 to 3 tokens",
        "26, the largest of 76 characters",
        "3, on which brute.py gave no answer",
        "1.2 s, 7",
        "before5 9 8 7 6 5",
        "print(max(b - a for a, b in zip(h, h[1:])))",
        "A training track has",
    ):
        assert message in words, message
    assert "What it said as it died" not in words


def test_nothing_found() -> None:
    words = words_of("hack_nothing")
    for message in (
        "Nothing found mine.py: no input that was tried shows a flaw. That is no proof that there is none.",
        "What was tried",
        "4012, the largest of 238000 characters",
        "TLE on 2 large inputs",
        "The programs mine.py",
    ):
        assert message in words, message
    for message in ("Broken", "given", "output of", "shrunk", "Why this counts"):
        assert message not in words, message


def test_a_council_that_says_nothing_and_one_that_disagrees() -> None:
    council = Council((), samples=24, model="m")
    words = Words(State(Hacking(None, council=council)).page()).text
    assert "Nothing can be said mine.py: none of 24 programs of m passes the examples." in words
    split = replace(council, members=(Member("print(1)", 2),))
    hacking = Hacking(None, Attempts(inputs=300, differing=14, contested=14), council=split)
    words = Words(State(hacking).page()).text
    assert "Nothing found mine.py: no input that was tried shows a flaw." in words
    assert "contested on 14 of 300 inputs: the programs of m disagree there, or are too few" in words


def test_a_crash_shows_what_it_said_as_it_died() -> None:
    words = words_of("hack_crash")
    assert "Broken: runtime error" in words
    assert "What it said as it diedstandard errorTraceback ... ValueError: max() arg is an empty sequence" in words


def test_a_limit_that_nobody_vouches_for() -> None:
    words = words_of("hack_memory")
    assert "Broken: memory limit" in words
    assert "expected, by" not in words
    assert "brute.py does not answer this input either" in words


def test_an_input_that_was_not_shrunk_is_not_said_to_be() -> None:
    words = words_of("hack_slow")
    assert "no smaller one was found" in words
    assert "The input before it was shrunk" not in words


def test_of_two_programs_the_second_may_be_the_one_that_fails() -> None:
    words = words_of("stress")
    assert "They differ: output limit brute.py" in words
    assert "output of brute.py[OLE] output of mine.py1" in words
    assert "neither is held to be right" in words


def test_a_long_input_is_cut_and_a_far_difference_is_in_sight() -> None:
    page = hacking_states()["hack_wide"].page()
    assert "<mark>16000001</mark>" in page
    assert "<mark>16000000</mark>" in page
    assert "more characters]" in page
    assert "<code>-o</code> writes it to a file as it is" in page
    assert len(page) < 60_000


def marked(problem: Problem, expected: str, said: str) -> tuple[str, str]:
    """Both texts, with what is marked in brackets."""
    output, other = excerpts(problem, TestCase("", expected), run_of(said))
    assert other is not None
    return tuple(  # type: ignore[return-value]
        f"{each.before}[{'...' if each.is_missing else each.marked}]{each.after}" for each in (output, other)
    )


@pytest.mark.parametrize(
    ("kind", "expected", "said", "result"),
    [
        ("tokens", "1 2\n3 4\n", "1 2\n3 5\n", ("1 2\n3 [5]\n", "1 2\n3 [4]\n")),
        ("tokens", "1 2 3\n", "1\n2\n4\n", ("1\n2\n[4]\n", "1 2 [3]\n")),
        ("tokens", "7\n8\n", "7\n", ("7 [...]\n", "7\n[8]\n")),
        ("tokens", "7\n", "7 8\n", ("7 [8]\n", "7 [...]\n")),
        ("tokens", "7\n", "", ("[...]", "[7]\n")),
        ("unordered-lines", "a\nb\n", "b\n", ("b [...]\n", "[a]\nb\n")),
        ("unordered-lines", "a\nb\n", "b\nc\n", ("b\n[c]\n", "[a]\nb\n")),
    ],
)
def test_the_first_difference_is_marked_on_both_sides(
    kind: str, expected: str, said: str, result: tuple[str, str]
) -> None:
    assert marked(replace(PLAIN, comparator=Comparator(kind)), expected, said) == result  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expected", "value", "result"),
    [
        ([[1, 1], [2, 2]], [[1, 1], [2, 1]], ("[[1, 1], [2, ", "1", "]]")),
        ((10, "a"), (10, "b"), ("(10, ", "'b'", ")")),
        ([1], [1, 2], ("", "[1, 2]", "")),
        (1, 10**5000, ("<a int too long to write>", "", "")),
    ],
    ids=["nested", "tuple", "lengths", "too long to write"],
)
def test_the_item_of_a_value_that_differs_is_marked(
    expected: object, value: object, result: tuple[str, str, str]
) -> None:
    problem = replace(PLAIN, entry_point="f")
    call = CallResult(Status.OK, 0, None, "", "", 0.01, 0.02, 8.0, value)  # type: ignore[arg-type]
    output, _ = excerpts(problem, CallCase((), expected), call)  # type: ignore[arg-type]
    assert (output.before.rstrip(), output.marked, output.after) == (result[0].rstrip(), *result[1:])


def hostile_state(result: RunResult) -> State:
    """Every place that others write is hostile at once."""
    text = "\n".join(HOSTILE)
    problem = Problem(text, f"{text}\n\n[click](javascript:window.pwned=1)\n", (TestCase(text, "1\n"),))
    item = replace(FLAW.item, stdin=text, reason=text)
    flaw = replace(FLAW, item=item, case=TestCase(text, f"{text}\n1\n"), result=result, verdict=_verdict(result))
    hacking = replace(
        FOUND, flaw=flaw, unread=(text,), suspicions=(text,), original=replace(item, stdin=f"{text} x")
    )
    programs = tuple(Program(f"# {text}", language, text) for language in ("python", "cpp"))
    return State(hacking, problem, replace(NAMES, program=text, right=text), programs)


def _verdict(result: RunResult) -> Verdict:
    return Verdict.WA if result.status is Status.OK else Verdict.RTE


HOSTILE_RESULTS = [
    run_of("\n".join(HOSTILE) + "\n2\n"),
    run_of("!RTE" + "\n".join(HOSTILE)),
    *map(run_of, HOSTILE),
]


@pytest.mark.parametrize("result", HOSTILE_RESULTS)
def test_nothing_hostile_is_alive(result: RunResult) -> None:
    words = Words(hostile_state(result).page())
    harmless = {tag for state in hacking_states().values() for tag, _ in Words(state.page()).elements}
    assert {tag for tag, _ in words.elements} <= harmless | {"hr", "br", "a", "em", "strong"}
    for tag, attributes in words.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        assert not (attributes.get("href") or "").startswith("javascript"), attributes
    assert sum(tag == "script" for tag, _ in words.elements) == 1
    assert "{{ 7 * 7 }}" in words.text


def test_it_is_one_file_that_loads_nothing() -> None:
    for state in hacking_states().values():
        words = Words(state.page())
        assert not any("src" in a or tag in ("link", "img", "iframe") for tag, a in words.elements)
        (policy,) = (a["content"] for _, a in words.elements if a.get("http-equiv") == "Content-Security-Policy")
        assert policy is not None
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy


def test_a_program_that_is_not_shown_as_it_is_cannot_be_copied() -> None:
    harmless, hostile = (Words(state.page()) for state in (State(FOUND), hostile_state(run_of("1\n"))))
    assert any(tag == "button" for tag, _ in harmless.elements)
    assert not any(tag == "button" for tag, _ in hostile.elements)


@pytest.mark.parametrize(("command", "code"), [("hack", 1), ("stress", 1), ("nothing", 0)])
def test_the_commands_write_it(
    files: Path,  # noqa: F811
    backend: str,
    command: str,
    code: int,
) -> None:
    page = files / "page.html"
    mine, brute = (str(files / name) for name in ("mine.py", "brute.py"))
    programs = {"hack": [mine, "--against", brute], "stress": [mine, brute], "nothing": [brute, brute]}[command]
    words = ["stress" if command == "nothing" else command, str(files / "p.md"), *programs]
    words += ["-q", "--sandbox", backend, "--seconds", "20" if code else "0.5", "--report", str(page)]
    assert run(words) == code
    text = Words(page.read_text(encoding="utf-8")).text
    headline = {
        "hack": "Broken: wrong answer mine.py",
        "stress": "They differ: wrong answer",
        "nothing": "Nothing found",
    }
    assert headline[command] in text
    assert "Two largest" in text


def test_a_page_that_cannot_be_written_is_said_to_be(
    files: Path,  # noqa: F811
    backend: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    brute = str(files / "brute.py")
    command = ["stress", str(files / "p.md"), brute, brute, "--seconds", "0.1", "-q", "--sandbox", backend]
    assert run([*command, "--report", str(files / "no folder" / "page.html")]) == 2
    assert "cannot write" in capsys.readouterr().err
