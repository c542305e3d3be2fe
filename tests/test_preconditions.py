"""Preconditions inferred from what candidates reject."""

from __future__ import annotations

from scripted import ScriptedSampler

from agent.inputs.preconditions import infer_precondition
from agent.solve import solve
from agent.types import SolveOptions
from problems import CallCase, Problem
from sandbox import Sandbox


def test_what_all_accepted_share_and_rejected_lack() -> None:
    result = infer_precondition([([1], 0), ([4, 5], 1)], [([1], 1), ([2, 3], 5), ([], 0)])
    assert result is not None
    assert result.words == ("argument 2 is an index of argument 1",)
    assert result.holds(([1, 2, 3], 2))
    assert not result.holds(([1, 2, 3], 3))


def test_the_weakest_that_explains_is_chosen() -> None:
    result = infer_precondition([(5,), (7,)], [(-1,), (-3,)])
    assert result is not None
    assert result.words == ("argument 1 is not below 0",)


def test_two_reasons_are_both_found() -> None:
    result = infer_precondition([([2], 3)], [([], 3), ([1], -1)])
    assert result is not None
    assert set(result.words) == {"argument 1 is not empty", "argument 2 is not below 0"}


def test_what_an_accepted_input_breaks_is_no_precondition() -> None:
    assert infer_precondition([(0,), (-4,)], [(-1,)]) is None


def test_nothing_rejected_says_nothing() -> None:
    assert infer_precondition([(1,)], []) is None
    assert infer_precondition([], [(1,)]) is None


def test_rejected_inputs_are_replaced_by_such_as_are_accepted(box: Sandbox) -> None:
    pick = Problem("Pick", "Give a[i].", (CallCase(([1, 2, 3], 1), 2), CallCase(([4], 0), 4)), entry_point="f")
    programs = [
        f"def f(a, i):\n    assert 0 <= i < len(a)\n    return a[i] + {n} * (len(a) > 3)" for n in range(3)
    ]
    solution = solve(pick, ScriptedSampler(programs), box, options=SolveOptions(n=3, inputs=12, stop_risk=0))
    more = [item for item in solution.inputs[12:] if "is an index of argument 1" in item.reason]
    assert more
    assert all(0 <= index < len(items) for items, index in (item.args for item in more))  # type: ignore[misc, operator, arg-type]
