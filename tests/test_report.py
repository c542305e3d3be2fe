"""The page about an answer, as text: what it says, that it is one file, and that nothing on it is alive."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_answers import Tried, made_answer
from scripted import ScriptedSampler

from agent.report import findings, matrix, render_report
from agent.report.markup import difference, program, statement
from agent.solve import solve
from agent.terminal.display import visible
from agent.types import Repair, Solution, SolveOptions, Verdict
from problems import CallCase, Problem, TestCase
from sandbox import Sandbox

DOUBLE = Problem(
    "Double",
    "# Double\n\nPrint *twice* the number.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    (TestCase("3\n", "6\n"), TestCase("0\n", "0\n")),
)
INPUTS = ["10 and some more words\n", "7\n"]
RIGHT = Tried("print(2 * int(input()))", ["6\n", "0\n", "20\n", "14\n"], 5)
ALSO_RIGHT = Tried("n = int(input())\nprint(n + n)", ["6\n", "0\n", "20\n", "14\n"], 2)
RIVAL = Tried("n = int(input())\nprint(n and n + 3)", ["6\n", "0\n", "13\n", "10\n"], 3)
WRONG = Tried("print(6)", ["6\n", "6\n"], 2)
CRASHING = Tried("print(1 / 0)", ["!RTEZeroDivisionError: division by zero"], 1)
SLOW = Tried("while True: pass", ["!TLE"], 1)

SOLUTION = made_answer(DOUBLE, INPUTS, [CRASHING, WRONG, RIVAL, RIGHT, ALSO_RIGHT, SLOW])
FAILURE = made_answer(DOUBLE, INPUTS, [CRASHING, WRONG, SLOW])
NOTHING = made_answer(DOUBLE, INPUTS, [])


def page_of(solution: Solution, *, problem: Problem = DOUBLE) -> str:
    return render_report(problem, solution, model="scripted", sandbox="bwrap", options=SolveOptions(n=16))


def test_a_real_answer_with_everything_switched_on(box: Sandbox) -> None:
    """Columns that were added on the way (tests, a search for an input that tells rivals apart) are shown too."""
    programs = [RIGHT.source, RIVAL.source, WRONG.source, "assert solve is not None"]
    problem = replace(DOUBLE, statement=f"{DOUBLE.statement}\n-100 <= n <= 100\n")
    options = SolveOptions(n=9, tests=2, submissions=2, stop_risk=0)
    solution = solve(problem, ScriptedSampler(programs), box, options=options)
    rows = matrix.rows(problem, solution)
    width = len(matrix.columns(problem, solution))
    assert {len(row.kinds) for row in rows} == {len(row.outputs) for row in rows} == {width}
    words = Words(page_of(solution, problem=problem)).text
    assert "Where the two leading ones part" in words
    assert "Submission 2" in words


class Words(HTMLParser):
    """The text a reader sees, and every element with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._silent = False
        self.feed(page)
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data


def test_a_solved_problem() -> None:
    words = Words(page_of(SOLUTION)).text
    for message in (
        "✓ Passes the examples",
        "0.80",
        "print(2 * int(input()))",
        "It passes 2 of 2 examples",
        "7 of the 10 samples that pass the examples behave like it on 2 generated inputs.",
        "1 other behaviour passed the examples too; it has 3 samples.",
        "What P(right) means",
        "Cluster 2: 3 samples (30 %), 1 program",
        "12.5 s, of which 3.2 s waiting for programs",
        "321, together 1.8 s of CPU",
        "Print twice the number.",
    ):
        assert message in words, message


def test_an_unsolved_problem() -> None:
    words = Words(page_of(FAILURE)).text
    for message in (
        "✗ Nothing passes the examples",
        "Why nothing passed",
        "The closest program",
        "No candidate passes both examples.",
        "The program below passes 1 of 2 examples.",
        'It fails example 2, wrong answer: line 1, token 1: expected "0", got "6".',
        "Given0 Came out6 Expected0",
        "RTE runtime error, 1 sample, candidate 1",
        "ZeroDivisionError: division by zero",
    ):
        assert message in words, message
    assert "What P(right) means" not in words
    assert "Solved" not in words
    order = ["Why nothing passed", "What came closest", "The closest program", "Candidates and cases"]
    assert sorted(order, key=words.index) == order
    assert "P(right)" not in words


def test_an_abstained_problem() -> None:
    options = SolveOptions(n=16, min_confidence=0.9)
    solution = replace(SOLUTION, abstained=True)
    page = render_report(DOUBLE, solution, model="scripted", sandbox="bwrap", options=options)
    words = Words(page).text
    assert "– Passes the examples P(right) is less than the 0.9 that was asked for, so this is no answer." in words
    assert "The withheld program" in words
    assert "✓" not in words.partition("samples")[0]


def test_no_program_at_all() -> None:
    assert "the model wrote no program" in Words(page_of(NOTHING)).text


def test_what_else_had_a_part_in_it_is_told() -> None:
    repair = Repair(rounds=2, completions=8, tokens=900, survivors=3)
    repaired_solution = replace(
        SOLUTION,
        submissions=(RIGHT.source, RIVAL.source),
        evidence=replace(SOLUTION.evidence, tests=5, repair=repair),
        standings=tuple(
            replace(s, candidate=replace(s.candidate, mends="x" if s.candidate.source == RIGHT.source else None))
            for s in SOLUTION.standings
        ),
    )
    words = Words(page_of(repaired_solution)).text
    assert "The model wrote 5 tests" in words
    assert "2 rounds: 8 answers (900 tokens), 3 passing the examples." in words
    assert "it mends one that failed" in words
    assert f"Submission 2 {' '.join(RIVAL.source.split())}" in words
    quiet = Words(page_of(SOLUTION)).text
    assert not any(message in quiet for message in ("tests before", "shown failures", "mends", "Submission"))


def test_a_problem_without_examples() -> None:
    problem = Problem("Free", "Print 42.")
    solution = made_answer(problem, [], [Tried("print(42)", [])])
    words = Words(page_of(solution, problem=problem)).text
    assert "? Compiles; there are no examples" in words
    assert "no example, so all that could be checked" in words
    assert "pass the examples" not in words
    assert "passed the examples" not in words


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    problem = replace(DOUBLE, cases=DOUBLE.cases[:1])
    pair_of_tries = [Tried("a", ["6\n", "1\n"]), Tried("b", ["6\n", "2\n"])]
    words = Words(page_of(made_answer(problem, INPUTS[:1], pair_of_tries), problem=problem)).text
    assert "It passes 1 of 1 example, and" in words
    assert "1 of the 2 samples that pass the examples behaves like it on 1 generated input." in words
    assert "1 other behaviour passed the examples too; it has 1 sample." in words
    failing = made_answer(problem, [], [Tried("a", ["7\n"])])
    assert "No candidate passes the example." in Words(page_of(failing, problem=problem)).text


def test_a_program_in_cpp_has_no_hash_seed() -> None:
    options = SolveOptions(n=16, language="cpp")
    page = render_report(DOUBLE, SOLUTION, model="scripted", sandbox="bwrap", options=options)
    assert "and did so again when it was run anew." in Words(page).text


def test_a_strip_is_told_in_words() -> None:
    words = matrix.summary(["AC", "AC", "same", "differs", "same", "same"])
    assert words == "accepted: 2; answers like the chosen program: 3; answers otherwise: 1"


def test_every_header_says_what_it_heads() -> None:
    headers = [attributes for tag, attributes in Words(page_of(SOLUTION)).elements if tag == "th"]
    assert {attributes.get("scope") for attributes in headers} == {"row", "col"}


def test_headings_of_a_statement_go_below_those_of_the_page() -> None:
    html = statement("# A\n\n###### B\n\nשלום\n")
    assert re.findall(r"<(h\d)", html) == ["h3", "h6"]
    assert '<p dir="auto">שלום</p>' in html


def test_the_two_leading_behaviours_are_told_apart_by_the_shortest_input() -> None:
    rows, columns = matrix.rows(DOUBLE, SOLUTION), matrix.columns(DOUBLE, SOLUTION)
    result = findings.difference(findings.clusters(SOLUTION, rows), columns)
    assert result is not None
    assert (result.column.input_text, result.ours, result.theirs, result.their_place) == ("7\n", "14\n", "10\n", 2)


def test_failed_examples_show_expected_and_actual() -> None:
    rows, columns = matrix.rows(DOUBLE, SOLUTION), matrix.columns(DOUBLE, SOLUTION)
    first, second = findings.failures(rows, columns)
    assert first.column.label == "example 1"
    assert {answer.verdict for answer in first.answers} == {Verdict.RTE, Verdict.TLE}
    assert second.column.expected == "0\n"
    (wrong,) = second.answers
    assert (wrong.verdict, wrong.output, wrong.samples) == (Verdict.WA, "6\n", 2)


def test_every_cell_of_the_picture() -> None:
    kinds = {row.standing.candidate.source: row.kinds for row in matrix.rows(DOUBLE, SOLUTION)}
    assert kinds[RIGHT.source] == ("AC", "AC", "same", "same")
    assert kinds[RIVAL.source] == ("AC", "AC", "differs", "differs")
    assert kinds[WRONG.source] == ("AC", "WA", "none", "none")
    assert kinds[CRASHING.source] == ("RTE", "none", "none", "none")


def test_each_kind_of_cell_has_a_shape_of_its_own() -> None:
    """Colour is not what tells outcomes apart."""
    kinds = [*Verdict, "same", "differs", "fails", "none"]
    shapes = [path for kind in kinds for _, path in matrix.paths([kind])]
    assert len(set(shapes)) == len(kinds)


def test_functions_are_shown_as_calls() -> None:
    problem = Problem("Add", "Add.", (CallCase(([1], "a"), 10**5000),), entry_point="add")
    (column,) = matrix.columns(problem, made_answer(Problem("Add", "Add."), [], []))
    assert column.input_text == "add([1], 'a')"
    assert column.expected == "<a int too long to write>"


HOSTILE = [
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 1</script>",
    '"><img src=x onerror="window.pwned = 1">',
    "<svg onload=window.pwned=1>",
    "{{ 7 * 7 }}{% for x in y %}{{ cycler.__init__.__globals__ }}",
    "<!--<script>",
    "\udc80\x00\x1b[31m",
    "javascript:window.pwned=1",
]


def hostile_answer() -> tuple[Problem, Solution]:
    """Every place that others write is hostile at once."""
    text = "\n".join(HOSTILE)
    link = "[click](javascript:window.pwned=1) ![picture](http://192.0.2.1/x.png)"
    problem = Problem(text, f"{text}\n\n{link}\n", (TestCase(text, "1\n"),))
    attempts = [Tried(f"# {text}\nprint(1)", ["1\n", text]), Tried(f"print({text!r})", ["1\n", "2\n"])]
    attempts += [Tried(f"# {n}\n{message}", [message]) for n, message in enumerate(HOSTILE)]
    return problem, made_answer(problem, [text], attempts)


def test_nothing_hostile_is_alive() -> None:
    problem, solution = hostile_answer()
    words = Words(page_of(solution, problem=problem))
    harmless = {tag for tag, _ in Words(page_of(SOLUTION)).elements} | {"hr", "br", "a", "em", "strong"}
    assert {tag for tag, _ in words.elements} <= harmless
    for tag, attributes in words.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        assert not (attributes.get("href") or "").startswith("javascript"), attributes
    assert sum(tag == "script" for tag, _ in words.elements) == 2
    assert "{{ 7 * 7 }}" in words.text


def test_it_is_one_file_that_loads_nothing() -> None:
    words = Words(page_of(SOLUTION))
    assert not any("src" in attributes or tag in ("link", "img", "iframe") for tag, attributes in words.elements)
    (policy,) = (a["content"] for tag, a in words.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_the_data_of_the_script_is_whole() -> None:
    page = page_of(SOLUTION)
    result = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert result
    data = json.loads(result[1])
    assert data["columns"][0] == ["example 1", "3\n", "6\n"]
    assert data["columns"][3] == ["generated input 2", "7\n", None]
    place = data["sources"].index(RIVAL.source)
    assert data["outputs"][3][data["rows"][place]["said"][3]] == "10\n"


def large_answer() -> tuple[Problem, Solution]:
    """100 candidates x 100 cases, all of a usual length, every output different."""
    problem = Problem("Large", "# Large\n", tuple(TestCase(f"{n}\n" * 20, f"{n}\n") for n in range(20)))
    inputs = [f"{n} {n + 1} {n + 2}\n" * 10 for n in range(80)]
    body = "".join(f"    total = total + step * {k}  # one more line\n" for k in range(40))
    right = [f"{n}\n" for n in range(20)]
    attempts = [
        Tried(f"def main(step={c}):\n    total = 0\n{body}", right + [f"{c} {n}\n" for n in range(80)])
        for c in range(70)
    ]
    attempts += [
        Tried(f"# {c}\nprint({c})\n{body}", [f"{n}\n" for n in range(c % 20)] + ["x\n"]) for c in range(30)
    ]
    return problem, made_answer(problem, inputs, attempts)


def test_a_large_page_stays_small_enough() -> None:
    problem, solution = large_answer()
    page = page_of(solution, problem=problem)
    assert page.count("<tr data-row=") == 100
    assert len(page.encode()) < 1_500_000


def test_very_many_candidates_are_cut_and_said_to_be() -> None:
    attempts = [Tried(f"print({n})", ["!RTE"]) for n in range(matrix.MOST_ROWS + 7)]
    page = page_of(made_answer(DOUBLE, INPUTS, attempts))
    assert page.count("<tr data-row=") == matrix.MOST_ROWS
    assert "7 more candidates are left out" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_programs_statements_and_diffs_keep_their_text(text: str) -> None:
    for html_text, expected in (
        (program(text, "python"), visible(text)),
        (program(text, "cpp"), visible(text)),
        (difference("", text), visible(text)),
        (statement(f"    {text}"), text),
    ):
        plain = unescape(re.sub(r"<[^>]*>", "", html_text)).replace("\ufffd", "\x00")
        assert expected in plain, html_text


def test_a_program_reads_as_it_runs() -> None:
    """Directions and separators that would show another program than the one that runs are written out."""
    source = "admin = False  # \u202e } \u2066if admin\nprint(1)\u2028print(2)"
    page = page_of(made_answer(DOUBLE, INPUTS, [Tried(source, ["!RTE"]), Tried(f"{source} ", ["!RTE"])]))
    assert not any(c in page for c in "\u202e\u2066\u2028")
    assert "\\u202e } \\u2066if admin" in Words(page).text
    assert "obeyed rather than shown" in Words(page).text
    assert 'id="copy"' not in page
    assert 'id="copy"' in page_of(SOLUTION)


def test_colours_are_readable_on_both_papers() -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 for text; 1.4.11: 3 for the shapes of the picture."""
    sheet = Path(matrix.__file__).with_name("page.css").read_text(encoding="utf-8")
    schemes = re.findall(r":root \{([^}]*)\}", sheet)
    assert len(schemes) == 2
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", scheme))
        for name in ("ink", "soft", "link", "good", "bad", "warn", "crash", "kw", "str", "num"):
            for ground in ("paper", "card"):
                assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
        for name in ("time", "mem", "idle"):
            for ground in ("paper", "card"):
                assert contrast(colours[name], colours[ground]) >= 3, (name, ground)
        for ground in ("add", "del"):
            assert contrast(colours["ink"], colours[ground]) >= 4.5


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
