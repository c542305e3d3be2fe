"""Examples found in real statements laid out as sites do.

    python -m benchmarks.studies.statement_layouts FILES...

The prose and the samples of each problem of the files (JSON Lines as `solve bench` reads contests) are rendered in
several layouts, and read back. A layout counts as right when every input and output comes out as it went in, up to
blanks at line ends.

Not covered: statements as a browser saves them (`tests/test_pages.py` has such pages), prose in other languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.rows import file_rows
from problems import ProblemError, TestCase, parse_problem

Samples = Sequence[tuple[str, str]]
_SAMPLE_PART = re.compile(
    r"^\W*(?:(?:sample|example)s?\b|input\s*$|output\s*$|exempel|sample input|indata\s*$)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read back of one problem in one layout."""

    problem: str
    layout: str
    outcome: str
    """Either "right", "missing" (fewer examples, or a message) or "wrong" (an example that was not there)."""
    message: str = ""
    """The message, where it was refused."""


def codeforces(title: str, prose: str, samples: Samples) -> str:
    """Pasted from the page: no marks at all."""
    cases = "".join(f"InputCopy\n{stdin}OutputCopy\n{expected}" for stdin, expected in samples)
    return (
        f"A. {title}\ntime limit per test2 seconds\nmemory limit per test256 megabytes\n{prose}\n\n"
        f"Input\nAs described.\n\nOutput\nAs described.\n\nExamples\n{cases}Note\nThe first example is easy.\n"
    )


def atcoder(title: str, prose: str, samples: Samples) -> str:
    """Pasted, with a remark after each output."""
    cases = "".join(
        f"Sample Input {n} \nCopy\n{stdin}Sample Output {n} \nCopy\n{expected}\nThis follows from the rules.\n\n"
        for n, (stdin, expected) in enumerate(samples, 1)
    )
    return f"A - {title}\nTime Limit: 2 sec / Memory Limit: 1024 MB\n\nProblem Statement\n{prose}\n\n{cases}"


def luogu(title: str, prose: str, samples: Samples) -> str:
    """Markdown with Chinese headings and fences."""
    cases = "".join(
        f"## 样例 #{n}\n\n### 样例输入 #{n}\n\n```\n{stdin}```\n\n### 样例输出 #{n}\n\n```\n{expected}```\n\n"
        for n, (stdin, expected) in enumerate(samples, 1)
    )
    return (
        f"# {title}\n\n## 题目描述\n\n{prose}\n\n## 输入格式\n\n见上。\n\n## 输出格式\n\n见上。\n\n"
        f"{cases}## 提示\n\n无。\n"
    )


def baekjoon(title: str, prose: str, samples: Samples) -> str:
    """Pasted, with Korean labels and limits in a table."""
    cases = "".join(
        f"예제 입력 {n} 복사\n{stdin}예제 출력 {n} 복사\n{expected}"
        for n, (stdin, expected) in enumerate(samples, 1)
    )
    return (
        f"{title}\n시간 제한\t메모리 제한\n1 초\t512 MB\n문제\n{prose}\n\n"
        f"입력\n위와 같다.\n\n출력\n위와 같다.\n\n{cases}\n힌트\n쉽다.\n"
    )


def apps(title: str, prose: str, samples: Samples) -> str:
    """Headings between dashes, as in the APPS and TACO sets."""
    cases = "\n".join(f"Input\n{stdin}\nOutput\n{expected}" for stdin, expected in samples)
    return (
        f"{title}\n\n{prose}\n\n\n-----Input-----\n\nAs above.\n\n\n-----Output-----\n\nAs above.\n\n\n"
        f"-----Examples-----\n{cases}\n-----Note-----\n\nEasy.\n"
    )


LAYOUTS: dict[str, Callable[[str, str, Samples], str]] = {
    "codeforces": codeforces,
    "atcoder": atcoder,
    "luogu": luogu,
    "baekjoon": baekjoon,
    "apps": apps,
}


def prose_of(statement: str) -> str:
    """The statement up to its own samples, if it has any, without code."""
    at = _SAMPLE_PART.search(statement)
    text = statement[: at.start()] if at else statement
    return "\n".join(
        line for line in text.split("\n") if not line.lstrip().startswith(("```", "~~~", "#"))
    ).strip()


def read_back(problem: str, layout: str, statement: str, samples: Samples) -> Reading:
    """Parse a rendered statement and compare."""
    try:
        cases = parse_problem(statement).cases
    except ProblemError as error:
        return Reading(problem, layout, "missing", str(error))
    originals = [(_plain(stdin), _plain(expected)) for stdin, expected in samples]
    pairs = [(_plain(case.stdin), _plain(case.stdout)) for case in cases if isinstance(case, TestCase)]
    if pairs == originals and len(pairs) == len(cases):
        return Reading(problem, layout, "right")
    is_wrong = len(pairs) < len(cases) or any(pair not in originals for pair in pairs)
    return Reading(problem, layout, "wrong" if is_wrong else "missing")


def _plain(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().split("\n"))


def readings(files: Sequence[Path], limit: int) -> Iterator[Reading]:
    """Every problem of the files, up to `limit`, in every layout."""
    count = 0
    for path in files:
        for _, row in file_rows(path):
            samples = [(_with_newline(case["input"]), _with_newline(case["output"])) for case in row["samples"]]
            if not samples or count == limit:
                continue
            count += 1
            prose = prose_of(row["statement"])
            for name, render in LAYOUTS.items():
                yield read_back(str(row["id"]), name, render(str(row["title"]), prose, samples), samples)


def _with_newline(text: str) -> str:
    return text.rstrip("\n") + "\n"


def table(rows: Sequence[Reading]) -> list[str]:
    """A line per layout."""
    lines = [f"{'layout':12} {'problems':>8} {'right':>7} {'missing':>8} {'wrong':>6}"]
    for name in LAYOUTS:
        outcomes = [row.outcome for row in rows if row.layout == name]
        right, missing, wrong = (outcomes.count(kind) for kind in ("right", "missing", "wrong"))
        share = f"{right / len(outcomes):.1%}" if outcomes else "-"
        lines.append(f"{name:12} {len(outcomes):8} {share:>7} {missing:8} {wrong:6}")
    return lines


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", default=300, show_default=True, help="Problems, at most.")
@click.option("--show", is_flag=True, help="Name every reading that is not right.")
def main(files: tuple[Path, ...], limit: int, *, show: bool) -> None:
    """Render statements in several layouts and read their examples back."""
    rows = list(readings(files, limit))
    for line in table(rows):
        click.echo(line)
    for row in rows if show else ():
        if row.outcome != "right":
            click.echo(f"{row.layout} {row.problem}: {row.outcome} {row.message}")


if __name__ == "__main__":
    main()
