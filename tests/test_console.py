"""What a person sees: live on a terminal, plain lines elsewhere, in words whatever the colours."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console as RichConsole

from agent.terminal.console import Console
from agent.terminal.live import Figures, table
from agent.types import SolveOptions


class Clock:
    """Says what it is told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def under_way() -> Figures:
    clock = Clock()
    figures = Figures(60.0, clock)
    clock.now += 10
    figures.count, figures.total, figures.tokens = 20, 80, 5000
    figures.distinct, figures.passed = 12, 6
    figures.clusters, figures.share, figures.confidence = 3, 0.5, 0.625
    return figures


def test_every_stage_has_one_line_with_its_figures() -> None:
    assert [f"{stage.name}: {stage.figures}" for stage in under_way().stages()] == [
        "sample: 20 of 80, 500 tokens/s, 2.0 samples/s, at most 0:30 left",
        "filter: 12 unique, 6 pass the examples (50%)",
        "cluster: 3 clusters, the leading one holds 50%",
        "choose: P(right) about 0.62 so far",
    ]


def test_the_deadline_bounds_the_time_left() -> None:
    figures = under_way()
    figures.max_seconds = 25.0
    assert figures.sampling().figures.endswith("at most 0:15 left")


def test_stages_that_have_not_begun_are_not_shown() -> None:
    figures = Figures(60.0)
    assert [stage.name for stage in figures.stages()] == ["sample"]


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colour_only_repeats_what_words_say(no_color: str) -> None:
    screen = io.StringIO()
    console = RichConsole(
        file=screen, force_terminal=True, width=120, _environ={"NO_COLOR": no_color, "TERM": "xterm"}
    )
    console.print(table(under_way()))
    coloured = re.search(r"\x1b\[[0-9;]*3[0-9]", screen.getvalue())
    assert bool(coloured) is not bool(no_color)
    words = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    for stage in under_way().stages():
        assert stage.figures in words


def test_the_block_fits_a_narrow_terminal() -> None:
    screen = io.StringIO()
    RichConsole(file=screen, width=80).print(table(under_way()))
    assert len(screen.getvalue().splitlines()) == 4
    assert "at most 0:30 left" in screen.getvalue()


def test_the_best_program_so_far_is_in_sight() -> None:
    figures = under_way()
    figures.best, figures.best_passed, figures.cases = "a = 1\n\nb = 2\nc\x1b = 3\nd = 4\ne = 5\n", 1, 2
    screen = io.StringIO()
    RichConsole(file=screen, width=80).print(table(figures))
    lines = [line.rstrip().split("  ")[-1].strip() for line in screen.getvalue().splitlines()[4:]]
    assert lines[-6:] == ["passes 1 of 2 examples:", "a = 1", "b = 2", "c\\x1b = 3", "d = 4", "..."]


def test_before_the_first_sample_the_wait_is_told() -> None:
    clock = Clock()
    figures = Figures(60.0, clock, total=32)
    clock.now += 75
    assert figures.sampling().figures == "0 of 32, the first is under way for 1:15"


def events(console: Console) -> None:
    with console:
        console.start(SolveOptions(n=2))
        console.sampled(1, 2, 10)
        console.sampled(2, 2, 10)
        console.judged(2, 1)
        console.clustered(1, 1.0, 0.75)


def test_without_a_terminal_there_are_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    events(Console())
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0] for line in err.splitlines()] == ["sample", "filter", "cluster", "choose"]
    assert "\x1b" not in err


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    events(Console(quiet=True))
    assert capsys.readouterr() == ("", "")


def waits(console: Console) -> None:
    """A model that is fetched, once before sampling and once, for a store, within it."""
    with console:
        with console.waiting("loading it"):
            console.transfer("weights", 1, 2)
            console.transfer("weights", 2, 2)
        console.start(SolveOptions(n=2))
        console.transfer("more weights", 1, 2)
        console.transfer("more weights", 2, 2)
        console.sampled(1, 2, 10)


def test_one_moving_thing_after_another() -> None:
    screen = on_a_terminal("waits")
    words = [b"loading it", b"weights", b"0 of 2", b"more weights", b"1 of 2"]
    assert sorted(words, key=screen.index) == words


def on_a_terminal(function: str, **env: str) -> bytes:
    """What a function of this module, given a console, writes to a real pseudo-terminal."""
    code = f"import test_console; test_console.{function}(test_console.Console())"
    master, slave = pty.openpty()
    here = Path(__file__).parent
    paths = {"TERM": "xterm-256color", "PYTHONPATH": f"{here}:{here.parent}"}
    process = subprocess.run(
        [sys.executable, "-c", code], stderr=slave, env={**os.environ, **paths, **env}, check=False
    )
    os.close(slave)
    screen = b""
    while chunk := _read(master):
        screen += chunk
    os.close(master)
    assert process.returncode == 0, screen
    return screen


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_terminal_gets_one_block_that_is_gone_at_the_end(no_color: str) -> None:
    """A real pseudo-terminal: the block is drawn, redrawn in place, and erased."""
    screen = on_a_terminal("events", NO_COLOR=no_color)
    assert b"2 of 2, " in screen
    assert screen.rstrip().endswith(b"\x1b[2K") or b"\x1b[1A\x1b[2K" in screen  # the last lines were erased
    assert (b"\x1b[34m" in screen) is not bool(no_color)


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # Linux says EIO when the other end is closed
        return b""
