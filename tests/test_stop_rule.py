"""The stop rule, replayed."""

from __future__ import annotations

from benchmarks.studies.pipeline_matrices import PipelineRecord
from benchmarks.studies.stop_rule import Round, rounds, stop, table

CLEAR = PipelineRecord("t/clear", (64,), (True,), (True,), ((1,),), 1)
HOPELESS = PipelineRecord("t/lost", (64,), (False,), (False,), ((),), 1)


def test_a_clear_lead_ends_after_the_first_round() -> None:
    counts = rounds(CLEAR, 64, 0)
    assert [item.samples for item in counts] == [16, 32, 64]
    assert stop(counts, 0.05) == Round(16, True, 16, 0)
    assert stop(counts, 0.0).samples == 64


def test_without_survivors_all_are_drawn() -> None:
    assert stop(rounds(HOPELESS, 64, 0), 0.9) == Round(64, False, 0, 0)


def test_a_close_race_goes_on() -> None:
    close = [Round(16, True, 6, 5), Round(32, False, 12, 3)]
    assert stop(close, 0.05).samples == 32


def test_the_table_by_hand() -> None:
    lines = table([CLEAR, HOPELESS], 32)
    assert lines[1] == "risk  0.0: 50.0 % right after 32.0 completions"
    assert lines[3] == "risk 0.05: 50.0 % right after 24.0 completions"
