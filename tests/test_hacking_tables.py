"""Programs that are quick but for numbers that collide in their hash tables, broken by time in a sandbox."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from agent.hacking.calls import CallSource
from agent.hacking.collisions import COLLISIONS, table_of
from agent.hacking.referee import Referee
from agent.hacking.search import Search
from agent.hacking.sources import Source
from agent.hacking.types import Hacking, HackOptions, Program
from agent.types import Verdict
from problems import Problem, parse_problem
from sandbox import Sandbox

COMMONEST = """# Commonest

Time limit: 1 second

Print how often the commonest number occurs.

## Input

The first line has an integer n (2 <= n <= 100000). The second line has n integers a_i (1 <= a_i <= 10^9).

## Output

How often.

Input
```
4
1 5 5 2
```
Output
```
2
```

Input
```
3
7 3 1
```
Output
```
1
```
"""
SORTED = (
    "input()\na = sorted(map(int, input().split()))\nbest = run = 1\n"
    "for x, y in zip(a, a[1:]):\n    run = run + 1 if x == y else 1\n    best = max(best, run)\nprint(best)\n"
)
IN_DICT = (
    "input()\ncounts = {}\nfor x in map(int, input().split()):\n    counts[x] = counts.get(x, 0) + 1\n"
    "print(max(counts.values()))\n"
)
IN_BUCKETS = """#include <bits/stdc++.h>
int main() {
    std::unordered_map<int, int> counts;
    int n, x, best = 0;
    scanf("%d", &n);
    while (scanf("%d", &x) == 1) best = std::max(best, ++counts[x]);
    printf("%d\\n", best);
}
"""

FUNCTION = """# Commonest

Time limit: 1 second

Given a list of integers `nums`, return how often the commonest of them occurs.

```python
class Solution:
    def commonest(self, nums: List[int]) -> int:
```

**Example 1:**

Input: nums = [1,5,5,2]
Output: 2

**Example 2:**

Input: nums = [7,3,1]
Output: 1

**Constraints:**

- `1 <= nums.length <= {most}`
- `1 <= nums[i] <= {high}`
"""
METHOD = "class Solution:\n    def commonest(self, nums):\n"
SORTED_METHOD = METHOD + (
    "        nums = sorted(nums)\n        best = run = 1\n        for x, y in zip(nums, nums[1:]):\n"
    "            run = run + 1 if x == y else 1\n            best = max(best, run)\n        return best\n"
)
SET_METHOD = SORTED_METHOD.replace(METHOD, METHOD + "        known = set()\n        for x in nums:\n"
    "            known.add(x)\n")  # fmt: skip


def hacked(box: Sandbox, problem: Problem, program: Program, right: str) -> Hacking:
    """Without shrinking, each step of which takes the whole time limit; what ends it is the flaw, not the time."""
    referee = Referee(problem, box, program, Program(right))
    return Search(problem, referee, HackOptions(seconds=600.0, shrink=False)).run()


def test_a_program_in_python_is_broken_by_numbers_that_collide(box: Sandbox) -> None:
    hacking = hacked(box, parse_problem(COMMONEST), Program(IN_DICT), SORTED)
    assert hacking.flaw is not None
    assert hacking.flaw.verdict is Verdict.TLE
    assert table_of(hacking.flaw.item) == "dict"
    assert "chosen to collide in a dict of Python's" in hacking.flaw.item.reason


def test_a_program_in_cpp_is_broken_by_numbers_of_one_bucket(cpp_box: Sandbox) -> None:
    hacking = hacked(cpp_box, parse_problem(COMMONEST), Program(IN_BUCKETS, "cpp"), SORTED)
    assert hacking.flaw is not None
    assert hacking.flaw.verdict is Verdict.TLE
    assert table_of(hacking.flaw.item) == "buckets"


def test_a_function_is_broken_by_numbers_that_collide(box: Sandbox) -> None:
    problem = parse_problem(FUNCTION.format(most="10^5", high="10^9"))
    hacking = hacked(box, problem, Program(SET_METHOD), SORTED_METHOD)
    assert hacking.flaw is not None
    assert hacking.flaw.verdict is Verdict.TLE
    assert table_of(hacking.flaw.item) == "set"


def test_arguments_that_collide_keep_what_the_statement_says() -> None:
    source = Source(parse_problem(FUNCTION.format(most=5000, high="10^8")), 0)
    items = [item for batch in islice(source.rounds(), 16) for item in batch if table_of(item)]
    assert {table_of(item) for item in items} == set(COLLISIONS)
    for item in items:
        (numbers,) = item.args
        assert isinstance(numbers, list)
        assert len(numbers) == 5000
        assert all(isinstance(each, int) and 1 <= each <= 10**8 for each in numbers)


@pytest.mark.parametrize(("most", "high"), [(5000, 300), (20, "10^9")])
def test_a_narrow_range_or_a_short_list_has_none(most: int, high: object) -> None:
    source = CallSource(parse_problem(FUNCTION.format(most=most, high=high)))
    assert not [item for table in COLLISIONS for item in source.colliding(table, random.Random(1))]
