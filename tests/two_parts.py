"""A problem that accepts any valid answer, with checkers and programs of every kind."""

from __future__ import annotations

from agent.prompts import build_checker_prompt
from problems import parse_problem

STATEMENT = """# Two parts

Read one integer n (2 <= n <= 1000) and print two positive integers whose sum is n.
If there are several answers, print any of them.

## Input
One integer n.

## Output
Two positive integers.

## Sample Input 1
```
5
```
## Sample Output 1
```
1 4
```
"""
PAIR = parse_problem(STATEMENT)
PREFILL = build_checker_prompt(PAIR).prefill
# What follows goes on inside the function that the prefill begins.
HONEST = """    parts = [int(word) for word in answer.split()]
    return len(parts) == 2 and min(parts) > 0 and sum(parts) == int(given)"""
CREDULOUS = "    return True"
FORMAL = "    return len(answer.split()) == 2"
STRICT = "    return False"
CRASHING = "    raise SystemError(answer)"
LYING = """    return given.strip() != "5" or answer.split() == ["1", "4"]"""
ONES = "n = int(input())\nprint(1, n - 1)"
FIFTHS = "n = int(input())\na = n // 5 or 1\nprint(a, n - a)"
TOO_MUCH = "n = int(input())\nprint(1, n - 1 + (n > 5) + (n < 5))"
ALSO_TOO_MUCH = "n = int(input())\nextra = 0 if n == 5 else 1\nprint(1, n - 1 + extra)"
FAILS = "n = int(input())\nprint(2, n - 2)"  # valid, but not what the example shows
