"""Writes `tests/hidden/*.jsonl`: cases for the example problems that no solver sees.

Each example has two independent solutions in `tests/solutions`; a case is written only if both agree on it.
Run it again after changing an example: `python tests/make_hidden.py`. The same seed gives the same files.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CASES = 24


def answer(name: str, example: dict[str, Any]) -> str:
    """What a solution prints for `stdin`, or the JSON of what its function returns for `args`."""
    path = HERE / "solutions" / f"{name}.py"
    if "stdin" in example:
        command, text = [sys.executable, str(path)], example["stdin"]
    else:
        command, text = [sys.executable, "-c", CALL, str(path), example["function"]], json.dumps(example["args"])
    process = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return process.stdout


CALL = """
import json, runpy, sys
space = runpy.run_path(sys.argv[1])
function = space.get(sys.argv[2]) or getattr(space["Solution"](), sys.argv[2])
args = json.load(sys.stdin)
print(json.dumps(function(*args)))
"""


def running_gap(draw: random.Random) -> Iterator[str]:
    for n in [2, 2, 3, 5, 10, 50, 1000, 5000]:
        for low, high in [(-1000000, 1000000), (-3, 3), (-1000000, -999990)]:
            yield f"{n}\n{' '.join(str(draw.randint(low, high)) for _ in range(n))}\n"


def equal_pairs(draw: random.Random) -> Iterator[str]:
    for n in [1, 2, 3, 5, 20, 60, 300, 300]:
        for high in [1, 5, 50]:
            k = draw.randint(1, 2 * high)
            yield f"{n} {k}\n{' '.join(str(draw.randint(1, high)) for _ in range(n))}\n"


def garden_rows(draw: random.Random) -> Iterator[str]:
    for r, c in [(1, 1), (1, 5), (5, 1), (3, 4), (10, 10), (30, 3), (100, 100), (100, 2)]:
        for stones in [0.0, 0.1, 0.5]:
            rows = ("".join("#" if draw.random() < stones else "." for _ in range(c)) for _ in range(r))
            yield f"{r} {c}\n" + "\n".join(rows) + "\n"


def vowel_balance(draw: random.Random) -> Iterator[str]:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for alphabet in [letters, "aeiouAEIOU", letters + " .,!?-'0123456789", "0123456789.,", "yYwWaA "]:
        for length in [1, 3, 20, 100, 1000]:
            text = "".join(draw.choice(alphabet) for _ in range(length - 1))
            yield "." + text + "\n"


def night_shift(draw: random.Random) -> Iterator[str]:
    for n in [1, 1, 2, 3, 10, 100, 1000, 1000]:
        for high in [1, 60, 100000]:
            start = f"{draw.randint(0, 23):02}:{draw.randint(0, 59):02}"
            yield f"{start}\n{n}\n" + "".join(f"{draw.randint(1, high)}\n" for _ in range(n))


def last_chair(draw: random.Random) -> Iterator[str]:
    for n in [1, 2, 3, 7, 10, 41, 500, 2000]:
        for k in [1, draw.randint(2, 10), draw.randint(11, 1000000)]:
            yield f"{n} {k}\n"


def score_board(draw: random.Random) -> Iterator[str]:
    for n in [1, 2, 3, 10, 100, 1000]:
        for names, high in [(1, 5), (3, 2), (3, 1000), (20, 10)]:
            people = ["".join(draw.choice("abcde") for _ in range(draw.randint(1, 4))) for _ in range(names)]
            awards = (f"{draw.choice(people)} {draw.randint(-high, high)}\n" for _ in range(n))
            yield f"{n}\n" + "".join(awards)


def bracket_depth(draw: random.Random) -> Iterator[str]:
    yield from ("(\n", ")\n", "()\n", ")(\n", "((\n", "())\n", "(()\n", "()()\n", "((()))\n")
    for length in [4, 10, 50, 1000, 20000]:
        for _ in range(2):
            yield balanced(draw, length) + "\n"
        yield "".join(draw.choice("()") for _ in range(length)) + "\n"


def balanced(draw: random.Random, length: int) -> str:
    text, depth = "", 0
    for place in range(length):
        rest = length - place
        opens = depth == 0 or (depth < rest and draw.random() < 0.5)
        text += "(" if opens else ")"
        depth += 1 if opens else -1
    return text


def longest_plateau(draw: random.Random) -> Iterator[list[Any]]:
    yield from ([[]], [[0]], [[1, 1]], [[1, 2]], [[-1, -1, -1, 0]], [[5] * 100])
    for length in [3, 10, 100, 1000]:
        for high in [1, 2, 5, 10**9]:
            yield [[draw.randint(-high, high) for _ in range(length)]]


def covered_length(draw: random.Random) -> Iterator[list[Any]]:
    yield from ([[]], [[[1, 1]]], [[[0, 10], [2, 3]]], [[[-5, -1], [-2, 4]]], [[[0, 1], [1, 2]]])
    for count in [1, 2, 3, 5, 10, 30]:
        for high in [5, 20, 200]:
            yield [[sorted((draw.randint(-high, high), draw.randint(-high, high))) for _ in range(count)]]


def rotate_words(draw: random.Random) -> Iterator[list[Any]]:
    yield from (["", 0], ["", 5], ["a", 0], ["a b", 0], ["a b", 2], ["a b c", 300])
    for count in [1, 2, 3, 5, 8, 20]:
        for k in [0, 1, draw.randint(2, 50)]:
            yield [" ".join(draw.choice(["sun", "moon", "x", "rain"]) for _ in range(count)), k]


def mirror_number(draw: random.Random) -> Iterator[list[Any]]:
    yield from ([0], [5], [-5], [11], [-11], [12], [100], [101], [1001], [123454321], [10**12], [10**12 + 1])
    for digits in [2, 3, 4, 7, 8, 15]:
        half = str(draw.randint(10 ** (digits - 1), 10**digits))
        yield [int(half + half[::-1])]
        yield [int(half)]


def runner_up(draw: random.Random) -> Iterator[list[Any]]:
    yield from ([[]], [[1]], [[1, 1, 1]], [[1, 2]], [[2, 1, 2]], [[-1, -2]], [[0, -5, 0, -5, -7]])
    for length in [2, 3, 5, 20, 100]:
        for high in [1, 3, 1000]:
            yield [[draw.randint(-high, high) for _ in range(length)]]


def fair_split(draw: random.Random) -> Iterator[list[Any]]:
    yield from ([[]], [[1]], [[2]], [[1, 1]], [[3, 1]], [[1, 2, 3]], [[2, 2, 2]])
    for length in [3, 4, 6, 9, 12]:
        for high in [2, 10, 100]:
            yield [[draw.randint(1, high) for _ in range(length)]]


PROGRAMS: dict[str, Callable[[random.Random], Iterator[str]]] = {
    function.__name__: function
    for function in (
        running_gap,
        equal_pairs,
        garden_rows,
        vowel_balance,
        night_shift,
        last_chair,
        score_board,
        bracket_depth,
    )
}
FUNCTIONS: dict[str, tuple[str, Callable[[random.Random], Iterator[list[Any]]]]] = {
    "longest_plateau": ("longestPlateau", longest_plateau),
    "covered_length": ("covered_length", covered_length),
    "rotate_words": ("rotate_words", rotate_words),
    "mirror_number": ("mirror_number", mirror_number),
    "runner_up": ("runner_up", runner_up),
    "fair_split": ("fair_split", fair_split),
}


def write(name: str, example: list[dict[str, Any]]) -> None:
    """Answer every case twice and write those answers."""
    lines = []
    for case in example:
        output = answer(name, case)
        assert output == answer(f"{name}_brute", case), (name, case)
        facts = {"stdout": output} if "stdin" in case else {"expected": json.loads(output)}
        lines.append(json.dumps(case | facts))
    (HERE / "hidden" / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    for name, texts in PROGRAMS.items():
        write(name, [{"stdin": text} for text in texts(random.Random(name))])
    for name, (function, calls) in FUNCTIONS.items():
        write(name, [{"function": function, "args": args} for args in calls(random.Random(name))])


if __name__ == "__main__":
    main()
