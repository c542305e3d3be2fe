"""What `benchmarks.studies.terminal_recording` keeps of a terminal."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.studies.terminal_recording import Frame, Screen, frames, main, svg

SVG = "{http://www.w3.org/2000/svg}"


def test_a_line_that_is_erased_is_written_anew() -> None:
    screen = Screen()
    screen.feed("one\r\ntwo\r\x1b[2K\x1b[1A\x1b[2K\x1b[?25lthree\r\n")
    assert screen.lines == ["three", ""]


def test_other_movements_are_refused() -> None:
    with pytest.raises(ValueError, match="cursor movement"):
        Screen().feed("\x1b[3C")


@pytest.mark.parametrize("most", [1, 2, 3, 7, 10, 99])
def test_the_last_state_is_kept_and_no_more_frames_than_asked(most: int) -> None:
    pictures = frames(((float(n), f"{n}\n") for n in range(1, 10)), most=most)
    assert pictures[-1] == Frame(9.0, (*map(str, range(1, 10)), ""))
    assert len(pictures) <= most
    assert [frame.at_s for frame in pictures] == sorted({frame.at_s for frame in pictures})


def test_text_is_escaped_and_keeps_its_colour() -> None:
    picture = svg([Frame(1.0, ("\x1b[1;34mbold\x1b[0m <&",))], title="a <b>", columns=20, seconds=1)
    root = ET.fromstring(picture)
    assert root.findtext(f"{SVG}title") == "a <b>"
    (bold,) = root.iter(f"{SVG}tspan")
    assert bold.text == "bold"
    assert "font-weight:bold;fill:#" in bold.attrib["style"]
    assert bold.tail == " <&"


def test_a_long_line_goes_on_below() -> None:
    root = ET.fromstring(svg([Frame(1.0, ("\x1b[1mabcdefg\x1b[0m",))], title="t", columns=3, seconds=1))
    assert ["".join(text.itertext()) for text in root.iter(f"{SVG}text")][1:] == ["abc", "def", "g"]


def test_a_command_is_recorded_in_a_terminal(tmp_path: Path) -> None:
    out = tmp_path / "a.svg"
    program = "import sys; print(sys.stderr.isatty())"
    result = CliRunner().invoke(main, ["--out", str(out), sys.executable, "-c", program], catch_exceptions=False)
    assert result.exit_code == 0
    texts = ["".join(text.itertext()) for text in ET.parse(out).iter(f"{SVG}text")]
    assert texts[0].startswith("$ ")
    assert texts[-1] == "True"
