"""Pages saved from sites, each in that site's structure with a small problem of our own."""

from __future__ import annotations

import pytest

from problems import CallCase, ProblemError, TestCase, parse_problem
from problems.tags import is_page, small_tags

HEAD = "<!DOCTYPE html>\n<html><head><script>var a = '<p>';</script></head><body><style>p{}</style>"
NAV = "<nav><ul><li><a href='/'>Home</a></li><li>Input</li></ul></nav>"
END = "<footer><p>About</p></footer><script>f()</script></body></html>"

PROGRAMS = {
    "codeforces": (
        (
            '<div class="problem-statement"><div class="header"><div class="title">A. Twice</div>'
            '<div class="time-limit"><div class="property-title">time limit per test</div>3 seconds</div></div>'
            "<div><p>Given $$$n$$$, print $$$2n$$$.</p></div>"
            '<div class="sample-tests"><div class="section-title">Examples</div><div class="sample-test">'
            '<div class="input"><div class="title">Input</div><pre><div class="test-example-line">2</div>'
            '<div class="test-example-line">5 6</div></pre></div>'
            '<div class="output"><div class="title">Output</div><pre>\n10\n12\n</pre></div></div></div></div>'
        ),
        [("2\n5 6\n", "10\n12\n")],
    ),
    "old codeforces": (
        (
            '<div class="sample-test"><h3>Examples</h3><div class="input"><div class="title">Input</div>'
            "<pre>1<br/>2<br/></pre></div>"
            '<div class="output"><div class="title">Output</div><pre>2<br/>4<br/></pre></div></div>'
        ),
        [("1\n2\n", "2\n4\n")],
    ),
    "atcoder": (
        (
            "<h2>A - Twice</h2><p>Time Limit: 3 sec / Memory Limit: 1024 MB</p><section><h3>Constraints</h3><ul>"
            "<li>1 &le; <var>N</var> &le; 10<sup>9</sup></li></ul></section><section><h3>Sample Input 1</h3>"
            "<pre>4\n</pre></section><section><h3>Sample Output 1</h3><pre>8\n</pre></section>"
        ),
        [("4\n", "8\n")],
    ),
    "atcoder japanese": (
        (
            "<h2>A - 二倍</h2><section><h3>入力例 1</h3><pre>4\n</pre></section>"
            "<section><h3>出力例 1</h3><pre>8\n</pre></section>"
        ),
        [("4\n", "8\n")],
    ),
    "kattis": (
        (
            "<h1>Twice</h1><p>Double it.</p><table><tr><th>Sample Input 1</th>"
            "<th>Sample Output 1</th></tr><tr><td><pre>2\n4 7\n</pre></td><td><pre>8\n14\n</pre></td></tr></table>"
        ),
        [("2\n4 7\n", "8\n14\n")],
    ),
    "baekjoon": (
        (
            "<h2>둘</h2><table><thead><tr><th>시간 제한</th><th>메모리 제한</th></tr></thead><tr><td>3 초</td>"
            '<td>128 MB</td></tr></tbody></table><section><h2>Sample Input 1</h2><pre class="sampledata">4\n</pre>'
            '</section><section><h2>Sample Output 1</h2><pre class="sampledata">8\n</pre></section>'
        ),
        [("4\n", "8\n")],
    ),
    "luogu": (
        (
            "<h1>P1 Twice</h1><h2>Samples</h2><h3>Input #1</h3><pre><code>4\n</code></pre>"
            "<h3>Output #1</h3><pre><code>8\n</code></pre>"
        ),
        [("4\n", "8\n")],
    ),
    "poj": (
        (
            '<form><center><font size="5">Twice</font></center><p class="pst">Description</p>'
            '<div class="ptx">Double it.</div><p class="pst">Sample Input</p><pre class="sio">4 &lt; 5\n</pre>'
            '<p class="pst">Sample Output</p><pre class="sio">8 &amp; 9\n</pre></form>'
        ),
        [("4 < 5\n", "8 & 9\n")],
    ),
    "cses": (
        (
            "<h1>Twice</h1><ul><li><b>Time limit:</b> 1.00 s</li></ul><div><h1>Example</h1><p>Input:</p>"
            "<pre>4\n</pre><p>Output:</p><pre>8\n</pre></div>"
        ),
        [("4\n", "8\n")],
    ),
    "dmoj": (
        (
            "<h2>Twice</h2><h4>Sample Input</h4><pre><code>a | b\n* c *\n</code></pre>"
            "<h4>Sample Output</h4><pre><code>_x_\n</code></pre>"
        ),
        [("a | b\n* c *\n", "_x_\n")],
    ),
    "aizu": (
        (
            "<h1>Twice</h1><div><h2>Sample Input 1</h2><pre>\n#.#\n...\n</pre></div>"
            "<div><h2>Sample Output 1</h2><pre>\n3\n</pre></div>"
        ),
        [("#.#\n...\n", "3\n")],
    ),
}


@pytest.mark.parametrize("site", PROGRAMS)
@pytest.mark.parametrize("from_disk", [True, False])
def test_programs(site: str, from_disk: bool) -> None:
    body, cases = PROGRAMS[site]
    if not from_disk and not is_page(body):
        pytest.fail("the fragment is not seen as HTML")
    problem = parse_problem(HEAD + NAV + body + END if from_disk else body)
    assert problem.cases == tuple(TestCase(*case) for case in cases)
    assert "<p>" not in problem.statement
    assert "About" not in problem.statement


def test_limits_and_powers_of_pages() -> None:
    codeforces, atcoder, baekjoon = (
        parse_problem(PROGRAMS[name][0]) for name in ("codeforces", "atcoder", "baekjoon")
    )
    assert codeforces.time_limit_s == atcoder.time_limit_s == baekjoon.time_limit_s == 3.0
    assert (atcoder.memory_limit_mb, baekjoon.memory_limit_mb) == (1024, 128)
    assert "10^9" in atcoder.statement
    assert "≤" in atcoder.statement


FUNCTIONS = [
    (
        '<h2><a href="https://example.org/a">12. Half It</a></h2><hr><div><p>Halve <code>n</code>.</p>\n'
        "<p>Example:</p>\n\n<pre><strong>Input:</strong> n = 8\n<strong>Output:</strong> 4\n"
        "<strong>Explanation:</strong> 8 / 2.\n</pre>\n</div>"
    ),
    (
        '<div class="d"><h1>12. Half It</h1><p>Halve.</p><div class="example-block"><p><strong>Input:</strong> '
        "<span>n = 8</span></p><p><strong>Output:</strong> <span>4</span></p></div></div>"
    ),
]


@pytest.mark.parametrize("page", FUNCTIONS)
def test_functions(page: str) -> None:
    problem = parse_problem(page)
    assert (problem.title, problem.entry_point) == ("12. Half It", "halfIt")
    assert problem.cases == (CallCase((8,), 4),)


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n1 <= n <= 10<sup>9</sup><br>and <details><summary>Hint</summary>x</details>\n",
        "#include <vector>\n\nint main() { return a < b; }\n",
        "<img src='x.png'>\n\n# T\n\nPrint 1.\n",
        '<p align="center"><b>T</b></p>\n\n## Input\n\n- one\n- two\n',
        "<stdin> holds a number; a<b and c>d.\n",
        "Remove every `<p>` and `<div>` and `<li>` and `<td>` from the input.\n",
    ],
)
def test_markdown_stays_markdown(text: str) -> None:
    assert not is_page(text)
    assert parse_problem(text).entry_point is None


def test_powers_in_markdown() -> None:
    assert small_tags("10<sup>-6</sup>, a<sub>i</sub>, 2<SUP>n</SUP>") == "10^-6, a_i, 2^n"
    assert "10^-6" in parse_problem("# T\n\nAt most 10<sup>-6</sup>.\n").statement


@pytest.mark.parametrize("page", ["<p>" * 30_000, "<html>" + "<div>" * 500, "<html><body></body></html>"])
def test_pages_without_a_statement_are_refused(page: str) -> None:
    with pytest.raises(ProblemError, match=r"^x\.md") as error:
        parse_problem(page, path="x.md")
    assert "\n" not in str(error.value)


def test_errors_say_that_lines_are_of_the_text() -> None:
    with pytest.raises(ProblemError, match=r"x\.md \(as text\):\d+: .*no sample output"):
        parse_problem("<html><h1>T</h1><h2>Sample Input 1</h2><pre>3</pre></html>", path="x.md")
