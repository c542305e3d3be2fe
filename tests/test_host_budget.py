"""What the host spends on values that a candidate returned is bounded by their size."""

from __future__ import annotations

import pytest

from benchmarks.grading.suites import viewed


def test_ordinary_numbers_are_added_up() -> None:
    assert viewed((("sum",),), [1, 2.5, True]) == 4.5
    assert viewed((("sum",),), [2**70] * 3) == 3 * 2**70
    assert viewed((("sum",),), []) == 0


@pytest.mark.parametrize("value", [[1 << 20_000_000] + [1] * 100, (-(1 << 20_000_000),) * 60])
def test_a_sum_that_would_copy_long_numbers_again_and_again_is_no_value(value: object) -> None:
    with pytest.raises(ValueError, match="too long to add"):
        viewed((("sum",),), value)
