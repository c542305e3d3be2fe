"""Candidates in C++ are asked for, found, counted, judged and chosen as those in Python are.

`tests/solutions_cpp/<problem>/<verdict>_<why>.cpp` holds programs for our example problems, filed by the verdict
that their first failing case, public or hidden, must get: dropping one in adds a test.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import ScriptedSampler, scripted_model

from agent import SolveOptions, solve
from agent.cli import run
from agent.commands.options import language_option
from agent.extraction.cpp import extract_cpp, normalise_cpp
from agent.judging.judge import judge
from agent.languages import CPP, LANGUAGES, language_of
from agent.prompts import build_prompt, build_repair_prompt
from agent.types import Verdict
from benchmarks.grading.grade import grade
from benchmarks.grading.suites import OutputSuite
from problems import Checker, Problem, ProblemError, TestCase, load_problem
from sandbox import CppSandbox, Sandbox

ROOT = Path(__file__).parent.parent
PROGRAMS = sorted((ROOT / "tests" / "solutions_cpp").glob("*/*.cpp"))
DOUBLE = Problem("Double", "Print twice the number.", (TestCase("3\n", "6\n"), TestCase("-4\n", "-8\n")))
STATEMENT = """# Double

Print twice the number.

| Sample Input 1 | Sample Output 1 |
|---|---|
| `3` | `6` |

| Sample Input 2 | Sample Output 2 |
|---|---|
| `-4` | `-8` |
"""
RIGHT = "int main() {\n    long long n;\n    std::cin >> n;\n    std::cout << 2 * n;\n}"
WRONG = RIGHT.replace("2 * n", "n + 3")
NO_DECLARATION = RIGHT.replace("long long n;", "")


def example(name: str) -> tuple[Problem, tuple[TestCase, ...]]:
    """One of our problems, and all its cases, public ones first."""
    problem = load_problem(ROOT / "problems" / "examples" / f"{name}.md")
    lines = (ROOT / "tests" / "hidden" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    jury_cases = [TestCase(row["stdin"], row["stdout"]) for row in map(json.loads, lines)]
    return problem, tuple(case for case in (*problem.cases, *jury_cases) if isinstance(case, TestCase))


def test_there_are_right_and_wrong_programs_for_six_problems() -> None:
    result = {path.parent.name: {p.stem.split("_")[0] for p in path.parent.iterdir()} for path in PROGRAMS}
    assert len(result) >= 6
    assert all({"ac", "wa"} < verdicts for verdicts in result.values())
    assert set.union(*result.values()) == {verdict.lower() for verdict in Verdict}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_program_gets_the_verdict_it_is_filed_under(path: Path, cpp_box: Sandbox) -> None:
    problem, cases = example(path.parent.name)
    verdict_name = path.stem.split("_")[0]
    # One that never ends needs no more time to show it.
    seconds = 0.3 if verdict_name == "tle" else problem.time_limit_s
    suite = OutputSuite(cases, problem.comparator, seconds, problem.memory_limit_mb)
    with CppSandbox(cpp_box) as box:
        (result,) = grade(box, suite, [path.read_text(encoding="utf-8")])
    assert result.verdict.lower() == verdict_name, result


# The command line ----------------------------------------------------------------------------------------


def test_judge_knows_the_language_by_the_suffix_and_shows_what_the_compiler_said(
    cpp_box: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = str(ROOT / "problems" / "examples" / "garden_rows.md")
    folder = ROOT / "tests" / "solutions_cpp" / "garden_rows"
    assert run(["judge", problem, str(folder / "ac.cpp"), "--sandbox", cpp_box.backend]) == 0
    assert capsys.readouterr().out.count("AC") == 2
    text = tmp_path / "program.txt"
    text.write_bytes((folder / "rte_does_not_compile.cpp").read_bytes() + b"// \x1b[2J\n")
    assert run(["judge", problem, str(text), "--language", "cpp", "--sandbox", cpp_box.backend]) == 1
    out, err = capsys.readouterr()
    assert out.count("RTE") == 2
    assert err.count("does not compile: solution.cpp:7:") == 1
    assert "\x1b" not in err


def test_solve_answers_in_cpp(cpp_box: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = scripted_model(tmp_path, NO_DECLARATION, WRONG, RIGHT, RIGHT + "  // the same")
    problem = tmp_path / "double.md"
    problem.write_text(STATEMENT, encoding="utf-8")
    report = tmp_path / "report.html"
    store = tmp_path / "samples.jsonl"
    command = [str(problem), "--language", "cpp", "-m", model, "-n", "8", "--sandbox", cpp_box.backend]
    assert run([*command, "--json", "-q", "--report", str(report), "--store", str(store)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["program"].strip() == f"#include <bits/stdc++.h>\n{RIGHT}"
    assert record["evidence"]["candidates"] == 3
    assert record["evidence"]["verdicts"] == {"AC": 1, "RTE": 1, "WA": 1} | record["evidence"]["verdicts"]
    assert "was not declared" in report.read_text(encoding="utf-8")
    assert all(json.loads(row)["params"]["stop"] == ["\n```"] for row in store.read_text().splitlines())
    assert run([*command, "--json", "--show-prompt"]) == 0
    prompt = json.loads(capsys.readouterr().out)
    assert "C++20" in prompt["user"]
    assert prompt["prefill"].startswith("```cpp\n")


def test_a_checker_judges_programs_of_any_language(cpp_box: Sandbox) -> None:
    checker = Checker("import sys\nsys.exit(0 if open(sys.argv[2]).read().split() in (['6'], ['-8']) else 1)")
    with CppSandbox(cpp_box) as box:
        sources = [f"{CPP.opening}{source}" for source in (RIGHT, WRONG)]
        rows = judge(box, replace(DOUBLE, checker=checker), sources)
    assert [[e.verdict for e in row] for row in rows] == [["AC", "AC"], ["AC", "WA"]]


def test_a_problem_without_examples_keeps_what_compiles(cpp_box: Sandbox) -> None:
    solution = solve(
        replace(DOUBLE, cases=()),
        ScriptedSampler([NO_DECLARATION, RIGHT]),
        cpp_box,
        options=SolveOptions(n=4, language="cpp"),
    )
    assert [standing.survives for standing in solution.standings] == [True, False]


def test_what_fails_to_compile_is_shown_to_the_model_for_repair(cpp_box: Sandbox) -> None:
    sampler = ScriptedSampler([NO_DECLARATION, NO_DECLARATION, RIGHT])
    options = SolveOptions(n=2, language="cpp", repair_rounds=1)
    assert solve(DOUBLE, sampler, cpp_box, options=options).solved
    repair_prompt = sampler.requests[-1].prompt
    assert "```cpp\n#include" in repair_prompt.user
    assert "C++20" in repair_prompt.user


def test_functions_are_for_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem = str(ROOT / "problems" / "examples" / "fair_split.md")
    program = tmp_path / "program.cc"
    program.write_text(RIGHT)
    for command in (
        [problem, "--language", "cpp"],
        [problem, "--language", "cpp", "--show-prompt"],
        ["judge", problem, str(program)],
    ):
        assert run(command) == 2
        assert "fair_split; C++20 answers problems that read standard input" in capsys.readouterr().err
    with pytest.raises(ProblemError):
        solve(load_problem(problem), ScriptedSampler([RIGHT]), None, options=SolveOptions(language="cpp"))  # type: ignore[arg-type]


def test_the_command_line_offers_every_language() -> None:
    @language_option("python", "")
    def command() -> None:
        """Nothing."""

    (option,) = command.__click_params__  # type: ignore[attr-defined]
    assert list(option.type.choices) == list(LANGUAGES)


def test_files_tell_their_language() -> None:
    names = ("a.py", "b.cpp", "c.CC", "d.cxx", "e.pyw", "f.C")
    assert [language_of(Path(name)) for name in names] == ["python", "cpp", "cpp", "cpp", "python", "cpp"]
    assert language_of(Path("script"), "#!/usr/bin/env python3\n") == "python"


@pytest.mark.parametrize("name", ["Main.java", "a.c", "b.txt", "c.ipynb", "d"])
def test_a_file_of_no_language_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"--language|nbconvert"):
        language_of(Path(name))


def test_prompts_name_the_language_and_leave_python_as_it_was() -> None:
    assert build_prompt(DOUBLE).user.startswith("Write a Python 3 program that solves")
    assert build_prompt(DOUBLE).prefill == "```python\n"
    prompt = build_repair_prompt(DOUBLE, RIGHT, "1", "2", "3", CPP)
    assert "C++20" in prompt.user
    assert "```cpp\nint main" in prompt.user


# Programs in answers -------------------------------------------------------------------------------------

ANSWERS = {
    "goes on from the prefill": ("```cpp\n#include <bits/stdc++.h>\n", f"{RIGHT}\n"),
    "a fence of its own": ("", f"Here it is:\n```cpp\n#include <bits/stdc++.h>\n{RIGHT}\n```\nIt prints 2n."),
    "a fence after the prefill": (
        "```cpp\n#include <bits/stdc++.h>\n",
        f"```c++\n#include <bits/stdc++.h>\n{RIGHT}\n```\nDone.",
    ),
    "a helper shown after it": ("", f"```cpp\n#include <bits/stdc++.h>\n{RIGHT}\n```\n```\n3\n```\n"),
    "no fence": ("", f"Sure:\n#include <bits/stdc++.h>\n{RIGHT}\nThis doubles n."),
    "thoughts before": ("", f"<think>\nint main() {{}}\n</think>\n#include <bits/stdc++.h>\n{RIGHT}"),
}


@pytest.mark.parametrize(("prefill", "text"), ANSWERS.values(), ids=ANSWERS)
def test_the_program_is_found(prefill: str, text: str) -> None:
    assert extract_cpp(DOUBLE, prefill + text) == f"#include <bits/stdc++.h>\n{RIGHT}\n"


def test_forgotten_headers_are_put_in_front() -> None:
    assert (
        extract_cpp(DOUBLE, f"```\n{RIGHT}\n```") == f"#include <bits/stdc++.h>\nusing namespace std;\n{RIGHT}\n"
    )


@pytest.mark.parametrize("text", ["", "I cannot help.", "```cpp\n#include <bits/stdc++.h>\n", "```\n\n```"])
def test_no_program_is_none(text: str) -> None:
    assert extract_cpp(DOUBLE, text) is None


SAME = {
    "line comments": ("int a; // one\n", "int a; // two"),
    "block comments": ("int /* one */ a;", "int /* two\nlines */ a;"),
    "blank lines and indentation": ("int a;\n\n  int b;\n", "int a;\nint b;"),
}
DIFFERENT = {
    "in a string": ('puts("// one");', 'puts("// two");'),
    "after an escaped quote": (r'puts("\"// one");', r'puts("\"// two");'),
    "in a character": ("put('\"'); x = 1; // '\"", "put('\"'); x = 2; // '\"'"),
    "after digit separators": ("n = 1'000'000; puts(\"'//1\");", "n = 1'000'000; puts(\"'//2\");"),
    "in a raw string": ('puts(R"x(// one)x");', 'puts(R"x(// two)x");'),
    "blank space in a raw string": ('puts(R"( a\n  b)");', 'puts(R"( a\nb)");'),
    "a directive's end": ("#define A 1\n+2", "#define A 1 +2"),
    "after a comment that looks open": ("/* // */ int a;", "/* // */ int b;"),
}


@pytest.mark.parametrize(("one", "two"), SAME.values(), ids=SAME)
def test_programs_that_differ_in_nothing_that_runs_count_as_one(one: str, two: str) -> None:
    assert normalise_cpp(one) == normalise_cpp(two)


@pytest.mark.parametrize(("one", "two"), DIFFERENT.values(), ids=DIFFERENT)
def test_programs_that_differ_stay_apart(one: str, two: str) -> None:
    assert normalise_cpp(one) != normalise_cpp(two)


PIECES = ["int a;", "\n", "  ", "/* said */", "// said\n", "b(1);", '"/* kept"', "'\"'", 'R"(// kept)"', "1'000"]


@given(st.lists(st.sampled_from(PIECES)))
def test_what_a_comment_says_never_matters(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert normalise_cpp(text) == normalise_cpp(text.replace("said", "said otherwise"))
    assert normalise_cpp(text).count("kept") == text.count("kept")


@pytest.mark.parametrize("piece", ["/*", 'R"(', '"', "'", "//\\\n", 'R"x(', "1'"])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    # Quadratic time would be hours, and the suite would hang here.
    normalise_cpp(text)
    extract_cpp(DOUBLE, text)


def test_public_cases_are_judged_to_the_first_failure(cpp_box: Sandbox) -> None:
    with CppSandbox(cpp_box) as box:
        rows = judge(box, DOUBLE, [f"{CPP.opening}{source}" for source in (NO_DECLARATION, WRONG, RIGHT)])
    assert [[e.verdict for e in row] for row in rows] == [["RTE"], ["AC", "WA"], ["AC", "AC"]]
