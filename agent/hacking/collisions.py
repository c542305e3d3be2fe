"""Integers that collide in hash tables: libstdc++'s `unordered_map`, and the dictionaries and sets of CPython.

Both take an integer for its own hash. libstdc++ puts it into bucket `key mod p`, where p grows along a fixed chain
of primes, so that multiples of p share a bucket. CPython probes slots of a table of 2^k: first the lowest bits,
then `5 i + 1 + perturb` where `perturb` soon is 0 (Objects/dictobject.c and Objects/setobject.c, since 3.7). Keys
in all slots which one other key would visit make each look at that one as slow as a search through a list.

Not covered: tables with other hashes or growth (`reserve`, Java, PyPy); strings, whose hashes are seeded.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.inputs import GeneratedInput

COLLISIONS = ("dict", "buckets", "set")
"""Tables in which numbers can be made to collide; `buckets` is libstdc++'s."""

_TABLES = {
    "dict": "a dict of Python's",
    "set": "a set of Python's",
    "buckets": "an unordered_map or unordered_set of libstdc++",
}
_COLLIDING = "collisions"
CHAINS = (
    (541, 1109, 2357, 5087, 10273, 20753, 42043, 85229, 172933, 351061, 712697),
    (337, 709, 1493, 3209, 6427, 12983, 26267, 53201, 107897, 218971, 444487),
    (409, 823, 1741, 3739, 7517, 15173, 30727, 62233, 126271, 256279, 520241),
)
"""Numbers of buckets of a growing table. The first was measured with GCC 12; the others are the same growth, to
the next prime of the library's table above the double, from 7 and from 11, where older versions begin."""
_LEAST = 200
"""Steps for each number on average, below which a table is not slow."""
_PERTURB_SHIFT, _LINEAR = 5, 9
_LARGEST = 1 << 20
_MOST_KEY = 1 << 60  # above, an integer is not its own hash in CPython


def colliding(
    table: str, count: int, low: int, high: int, draw: random.Random, *, is_distinct: bool = False
) -> list[int] | None:
    """Numbers that make a table slow; None where the range or their number is too small for that.

    Args:
        table: one of `COLLISIONS`.
        count: how many.
        low: the least that one may be.
        high: the most.
        draw: where choices come from.
        is_distinct: whether none may come twice, which only leaves collisions as keys are put in.
    """
    if table == "buckets":
        chain = CHAINS[0] if draw.random() < 0.6 else draw.choice(CHAINS[1:])
        return _in_one_bucket(chain, count, low, high, draw, is_distinct=is_distinct)
    return None if is_distinct else _in_the_way(table, count, low, high, draw)


def collision_labels(table: str, reason: str) -> tuple[str, str]:
    """The origin of an input whose numbers collide in a table, and why it is believed valid."""
    return f"{table} {_COLLIDING}", f"{reason}; its numbers are chosen to collide in {_TABLES[table]}"


def table_of(item: GeneratedInput) -> str | None:
    """The table in which the numbers of an input collide, one of `COLLISIONS`; None where none was meant."""
    table, _, suffix = item.origin.partition(" ")
    return table if suffix == _COLLIDING else None


def _in_one_bucket(
    chain: tuple[int, ...], count: int, low: int, high: int, draw: random.Random, *, is_distinct: bool
) -> list[int] | None:
    """Multiples of a prime, what makes the table grow to it, and the multiples again."""
    best = (_LEAST * count, 0, 0)
    for before, prime in pairwise(chain):
        alike = min(high // prime - -(-low // prime) + 1, prime, count)
        keys = max(alike, before + 1)  # that many different ones make a table of this size
        if alike < 1 or keys > min(count, high - low + 1):
            continue
        repeats = 0 if is_distinct else count - keys
        steps = alike * repeats // 2 + max(0, alike**2 - before**2) // 2
        best = max(best, (steps, prime, alike))
    steps, prime, alike = best
    if not prime:
        return None
    first = -(-low // prime)
    multiples = [prime * (first + number) for number in range(alike)]
    before = max(size for size in chain if size < prime)
    missing = (count if is_distinct else max(alike, before + 1)) - alike
    others = list(islice((key for key in range(low, high + 1) if key % prime), missing))
    if len(others) < missing:
        return None
    return [*multiples, *others, *draw.choices(multiples, k=count - alike - missing)]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of CPython's at one size."""

    slots: int
    least: int
    """Keys from which on a table that grew has this size."""
    most: int
    """Keys that it holds before it grows."""


def tables(kind: str) -> Iterator[Table]:
    """The sizes that a `dict` or a `set` has as it grows key by key, smallest first."""
    slots, least = 8, 1
    while slots <= _LARGEST:
        if kind == "dict":
            most = 2 * slots // 3
            wanted = 3 * most
        else:
            most = (3 * (slots - 1) - 1) // 5
            grown = most + 1
            wanted = (2 if grown > 50_000 else 4) * grown + 1
        yield Table(slots, least, most)
        least = most + 1
        slots = 1 << (wanted - 1).bit_length()


def probes(kind: str, key: int, slots: int) -> Iterator[int]:
    """The slots at which a table looks for a key of at least 0, without end; a set looks at neighbours, too."""
    mask, perturb, slot = slots - 1, key, key & (slots - 1)
    while True:
        yield slot
        if kind == "set" and slot + _LINEAR <= mask:
            yield from range(slot + 1, slot + 1 + _LINEAR)
        perturb >>= _PERTURB_SHIFT
        slot = (slot * 5 + 1 + perturb) & mask


def _in_the_way(kind: str, count: int, low: int, high: int, draw: random.Random) -> list[int] | None:
    """Keys in the slots that one other key visits, and that one again and again."""
    low, high = max(low, 0), min(high, _MOST_KEY)
    best = (_LEAST * count, 0, 0)
    for table in tables(kind):
        base = -(-low // table.slots) * table.slots
        keys = min(table.most - 1, count // 2)
        if keys + 1 >= table.least and base + table.slots <= high:
            best = max(best, (keys * (count - keys), table.slots, keys))
    _, slots, keys = best
    if not slots:
        return None
    base = -(-low // slots) * slots
    key = draw.randint(base + slots, min(high, base + 64 * slots))
    visited: dict[int, None] = {}
    for slot in probes(kind, key, slots):
        visited[slot] = None
        if len(visited) == keys:
            break
    return [*(base + slot for slot in visited), *[key] * (count - keys)]
