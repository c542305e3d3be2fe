"""Hidden tests as data: what counts as the expected value, whoever answers."""

from __future__ import annotations

import time
from typing import Any

import pytest

from benchmarks.grading.suites import ValueCheck, ValueSuite, accepts, admitting_objects, view_of
from problems.types import Value


class Liar:
    """Equal to everything, of every length, and true."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return 2

    def __str__(self) -> str:
        return "5"


def checked(expected: Value, answer: object, *views: tuple[Any, ...]) -> bool:
    return accepts(ValueCheck(expected, views=views), answer)


@pytest.mark.parametrize("view", ["bool", "len", "str", "repr", "typed", "set", "sorted", "abs"])
@pytest.mark.parametrize("answer", [Liar(), [Liar(), Liar()], {1: Liar()}], ids=["bare", "in a list", "in a dict"])
def test_what_is_no_plain_value_does_not_become_one_by_a_view(view: str, answer: object) -> None:
    for expected in (True, 2, "5", [Liar(), Liar()]):
        assert not checked(expected, answer, (view,))  # type: ignore[arg-type]


def test_presence_is_all_that_an_object_can_show() -> None:
    assert checked(True, Liar(), ("found",))
    assert checked(True, Liar(), ("truth",))
    assert not checked(False, Liar(), ("found",))
    assert not checked(True, [], ("truth",))
    assert not checked(True, None, ("found",))


def test_only_bare_asserts_admit_objects() -> None:
    checks = (ValueCheck(True, views=(("bool",),)), ValueCheck(2, views=(("len",),)), ValueCheck(3))
    admitting = admitting_objects(ValueSuite("f", checks)).checks
    assert [accepts(check, Liar()) for check in admitting] == [True, False, False]
    assert not any(accepts(check, Liar()) for check in checks)


def test_views_apply_from_the_inside() -> None:
    assert view_of([("len",), ("set",)], [1, 1, 2]) == 2
    assert view_of([("round", 1), ("sum",)], [1.04, 1.0]) == 2.0


@pytest.mark.parametrize(
    ("view", "answer"),
    [
        ("len", 5),
        ("sorted", [1, "a"]),
        ("set", [[1]]),
        ("set", 5),
        ("int", "x"),
        ("float", 10**400),
        ("round", "x"),
    ],
)
def test_a_view_that_does_not_fit_is_a_wrong_answer(view: str, answer: object) -> None:
    assert not checked(None, answer, (view,))


def test_items_made_to_collide_do_not_hold_up_the_host() -> None:
    modulus = (1 << 61) - 1  # integers with the same remainder have the same hash
    colliding = [n * modulus for n in range(1, 200_000)]
    began = time.process_time()
    assert not checked({1}, colliding, ("set",))
    assert time.process_time() - began < 2  # a set of them would take minutes
    assert checked({1}, [1] * 200_000, ("set",))
