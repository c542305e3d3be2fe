"""The worst inputs that a statement allows: numbers that collide in hash tables, deep recursion, overflow."""

from __future__ import annotations

import random
import sys
from itertools import islice

import pytest
from test_hacking import STATEMENT

from agent.hacking.collisions import CHAINS, COLLISIONS, colliding, probes, table_of, tables
from agent.hacking.referee import Finding
from agent.hacking.search import Search
from agent.hacking.sources import Source
from agent.hacking.types import Flaw, HackOptions
from agent.inputs import GeneratedInput
from agent.types import Verdict
from problems import parse_problem
from sandbox import RunJob, RunResult, Sandbox, Status

FIRST_ROUNDS = 12

TREE = """# Depth

A tree is given. Print how far node 1 is from the farthest one.

## Input

The first line has an integer n (2 <= n <= 3000). Each of the next n - 1 lines has two integers u and v
(1 <= u, v <= n), an edge.

## Output

The distance.

Input
```
4
1 2
2 3
2 4
```
Output
```
2
```

Input
```
3
1 2
1 3
```
Output
```
1
```
"""


def growth(make: type, kind: str) -> list[tuple[int, int]]:
    """What `sys.getsizeof` shows of a table of this Python: keys at which it grew."""
    table = make()
    sizes = [sys.getsizeof(table)]
    grew = []
    for key in range(40_000):
        if kind == "dict":
            table[key] = None
        else:
            table.add(key)
        if sys.getsizeof(table) != sizes[-1]:
            sizes.append(sys.getsizeof(table))
            grew.append(key + 1)
    return grew


@pytest.mark.parametrize(("make", "kind"), [(dict, "dict"), (set, "set")])
def test_tables_grow_as_those_of_this_python_do(make: type, kind: str) -> None:
    least = [table.least for table in tables(kind) if table.slots > 8 and table.least <= 40_000]
    # An empty dict has no table of its own, so that the first key makes one; a set has one from the start.
    assert [each for each in growth(make, kind) if each > 1] == least


def test_the_probes_of_a_set_end_where_this_python_puts_the_key() -> None:
    """Iteration goes through the slots in order, so that it shows where a key is."""
    slots = 2048
    draw = random.Random(3)
    for _ in range(50):
        key = draw.randrange(slots, 10**9)
        others = list(dict.fromkeys(islice(probes("set", key, slots), 400)))[:350]
        table: set[int] = set()
        for each in (*others, key):
            table.add(each)
        free = next(slot for slot in probes("set", key, slots) if slot not in others)
        order = sorted([*others, free])
        assert list(table).index(key) == order.index(free)


def steps_of(kind: str, keys: list[int]) -> int:
    """Slots that a table looks at as all keys are put in, one by one, by the algorithm of CPython."""
    sizes = list(tables(kind))
    table: dict[int, int] = {}
    inside: dict[str, None] = {}
    steps = 0
    for key in keys:
        if str(key) not in inside and len(inside) == sizes[0].most:
            sizes.pop(0)
            table = {}
            for old in map(int, inside):
                table[next(slot for slot in probes(kind, old, sizes[0].slots) if slot not in table)] = old
        for slot in probes(kind, key, sizes[0].slots):
            steps += 1
            if table.get(slot, key) == key:
                table[slot] = key
                break
        inside[str(key)] = None
    return steps


@pytest.mark.parametrize("kind", ["dict", "set"])
def test_each_look_at_a_number_goes_through_half_of_them(kind: str) -> None:
    draw = random.Random(1)
    count = 1000
    numbers = colliding(kind, count, 1, 10**9, draw)
    assert numbers is not None
    assert len(numbers) == count
    assert all(1 <= number <= 10**9 for number in numbers)
    assert steps_of(kind, numbers) > 0.9 * (count // 2) ** 2
    assert steps_of(kind, draw.choices(range(1, 10**9), k=count)) < 20 * count


@pytest.mark.parametrize("chain", CHAINS)
def test_numbers_share_a_bucket_of_a_table_of_their_size(chain: tuple[int, ...]) -> None:
    class Chosen(random.Random):
        def random(self) -> float:
            return 0.0 if chain is CHAINS[0] else 1.0 - 2**-53

        def choice(self, seq: object) -> object:  # type: ignore[override]
            assert seq == CHAINS[1:]
            return chain

    numbers = colliding("buckets", 5000, -(10**9), 10**9, Chosen(5))
    assert numbers is not None
    assert min(numbers) >= -(10**9)
    assert max(numbers) <= 10**9
    (prime,) = (size for size in chain if sum(number % size == 0 for number in numbers) > 4000)
    keys = sorted(map(str, dict.fromkeys(map(str, numbers))))
    assert chain[chain.index(prime) - 1] < len(keys) <= prime
    assert sum(int(key) % prime == 0 for key in keys) > 1000


COUNT_BUCKETS = """#include <bits/stdc++.h>
int main() {
    std::unordered_map<long long, int> table;
    long long n, key, first;
    std::cin >> n >> first;
    table[first];
    while (std::cin >> key) table[key]++;
    std::cout << table.size() << " " << table.bucket_count() << " " << table.bucket_size(table.bucket(first));
}
"""


def test_the_first_chain_is_that_of_the_library_here(cpp_box: Sandbox) -> None:
    from agent.languages import LANGUAGES

    class Newest(random.Random):
        def random(self) -> float:
            return 0.0

    numbers = colliding("buckets", 6000, 1, 10**8, Newest(5))
    assert numbers is not None
    job = RunJob(COUNT_BUCKETS, f"{len(numbers)} {' '.join(map(str, numbers))}\n")
    (result,) = LANGUAGES["cpp"].runner(cpp_box).run_many([job])
    assert result.status is Status.OK, result.stderr
    keys, buckets, alike = map(int, result.stdout.split())
    assert buckets in CHAINS[0]
    assert alike > 0.9 * keys


@pytest.mark.parametrize("table", COLLISIONS)
def test_a_narrow_range_or_few_numbers_have_no_collisions(table: str) -> None:
    assert colliding(table, 100_000, 1, 300, random.Random(1)) is None
    assert colliding(table, 20, 1, 10**9, random.Random(1)) is None
    assert colliding(table, 100_000, -500, -1, random.Random(1)) is None


def test_distinct_numbers_stay_distinct() -> None:
    numbers = colliding("buckets", 5000, 1, 10**9, random.Random(2), is_distinct=True)
    assert numbers is not None
    assert len({str(number) for number in numbers}) == 5000
    assert colliding("dict", 5000, 1, 10**9, random.Random(2), is_distinct=True) is None


def inputs(statement: str, rounds: int = FIRST_ROUNDS) -> list[GeneratedInput]:
    source = Source(parse_problem(statement), 0)
    return [item for batch in islice(source.rounds(), rounds) for item in batch]


def numbers_of(item: GeneratedInput) -> list[int]:
    return list(map(int, item.stdin.split()[1:]))


def test_colliding_numbers_are_among_the_inputs_and_said_to_be() -> None:
    items = [item for item in inputs(STATEMENT.format(most=5000), 32) if table_of(item)]
    assert {table_of(item) for item in items} == set(COLLISIONS)
    for item in items:
        assert len(numbers_of(item)) == int(item.stdin.split()[0])
        assert all(abs(number) <= 10**9 for number in numbers_of(item))
        assert "chosen to collide in" in item.reason


@pytest.mark.parametrize(("high", "bits"), [("10^9", 31), ("10^18", 63)])
def test_a_sum_that_overflows_is_among_the_first(high: str, bits: int) -> None:
    statement = STATEMENT.format(most=100).replace("10^9", high)
    assert any(sum(numbers_of(item)) >= 2**bits for item in inputs(statement))


def test_a_chain_as_deep_as_allowed_is_among_the_first() -> None:
    def depth(item: GeneratedInput) -> int:
        pairs = numbers_of(item)
        near: dict[int, list[int]] = {}
        for u, v in zip(pairs[::2], pairs[1::2], strict=True):
            near.setdefault(u, []).append(v)
            near.setdefault(v, []).append(u)
        seen, level, deep = {1}, [1], 0
        while level := [v for u in level for v in near.get(u, []) if not (v in seen or seen.add(v))]:  # type: ignore[func-returns-value]
            deep += 1
        return deep

    assert max(map(depth, inputs(TREE, 5))) >= 1500


class Slow:
    """A referee whose right program and other one are both too slow where numbers collide."""

    def findings(self, items: list[GeneratedInput]) -> list[Finding]:
        result = RunResult(Status.TLE, None, 9, "", "", 9.0, 9.0, 8.0)
        return [
            Finding(item, Flaw(item, Verdict.TLE, None, result), is_answered=False, is_too_large=True)
            if table_of(item)
            else Finding(item, None, is_answered=True)
            for item in items
        ]


def test_what_is_slow_for_the_right_program_too_accuses_nobody_and_is_not_tried_again() -> None:
    problem = parse_problem(STATEMENT.format(most=3000))
    search = Search(problem, Slow(), HackOptions(4.0))  # type: ignore[arg-type]
    hacking = search.run()
    assert hacking.flaw is None
    assert 0 < hacking.attempts.unanswered <= len(COLLISIONS)
    assert hacking.attempts.largest > 20_000
