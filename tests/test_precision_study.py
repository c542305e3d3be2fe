"""What the study of precisions says of two sets of distributions."""

from __future__ import annotations

import math

import pytest
import torch

from benchmarks.studies.precision import Drift, drift, row_of


def test_the_divergence_is_that_of_kullback_and_leibler_per_token() -> None:
    reference = torch.tensor([[0.5, 0.25, 0.25], [0.8, 0.1, 0.1]]).log()
    other = torch.tensor([[0.25, 0.5, 0.25], [0.8, 0.1, 0.1]]).log()
    measured = drift(reference, other)
    # 0.5 ln 2 - 0.25 ln 2 for the first token, nothing for the second.
    assert measured.divergence == pytest.approx(0.25 * math.log(2) / 2)
    assert (measured.others, measured.tokens) == (1, 2)


def test_a_precision_passes_below_the_limit_and_not_at_it() -> None:
    assert row_of("grouped", [Drift(0.0004, 1, 100)] * 3, 2.0).endswith("| 1.00% | 300 | 2.0 | passes |")
    assert row_of("int8", [Drift(0.0005, 2, 100)] * 3, 2.0).endswith("| 2.00% | 300 | 2.0 | does not pass |")
