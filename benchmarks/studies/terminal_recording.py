"""A command's terminal as an SVG that plays once: `python -m benchmarks.studies.terminal_recording`.

    python -m benchmarks.studies.terminal_recording --out docs/session.svg solve problems/examples/running_gap.md

The command runs in a pseudo-terminal. Of the different states of its screen, up to `--frames` are kept, evenly
spread, and each is shown equally long; the first line says how long the command took. Where pictures do not move,
the last frame is shown.

Covered: what `solve` writes, that is colours, new lines, and lines that are erased and written again.
Not covered: any other cursor movement; it is refused.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from pathlib import Path

import click
from rich.color import ColorType
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

_CONTROL = re.compile(r"(\r|\n|\x1b\[[0-9;?]*[A-Za-z])")
_WIDTH, _HEIGHT = 8.4, 18
"""Pixels of a character cell at 14 px."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the terminal showed from one moment on."""

    at_s: float
    lines: tuple[str, ...]
    """With the escape sequences of colours."""


@dataclass(slots=True)
class Screen:
    """The lines of a terminal that is never too small."""

    lines: list[str] = field(default_factory=lambda: [""])
    row: int = 0

    def feed(self, text: str) -> None:
        """Take what a program wrote.

        Raises:
            ValueError: the cursor is moved in a way that is not understood.
        """
        for part in _CONTROL.split(text):
            self._take(part)

    def _take(self, part: str) -> None:
        is_code = part.startswith("\x1b[")
        if part == "\n":
            self.row += 1
            self.lines += [""] * (self.row == len(self.lines))
        elif part == "\x1b[2K":
            self.lines[self.row] = ""
        elif is_code and part.endswith("A"):
            self.row = max(self.row - int(part[2:-1] or 1), 0)
        elif not is_code or part.endswith("m"):
            self.lines[self.row] += part.replace("\r", "")
        elif not part.endswith(("h", "l")):
            raise ValueError(f"cursor movement {part!r}")


def record(command: Sequence[str], *, columns: int) -> Iterator[tuple[float, str]]:
    """Run `command` in a pseudo-terminal: seconds since its start, and what it wrote then."""
    terminal, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)}
    start = time.monotonic()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        while data := _read(terminal):
            yield time.monotonic() - start, data.decode("utf-8", "replace")
    os.close(terminal)


def _read(terminal: int) -> bytes:
    """What is there, or nothing at the end, which Linux reports as an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def frames(events: Iterator[tuple[float, str]], *, most: int) -> list[Frame]:
    """At most `most` frames, the last one among them, spread evenly over those that differ."""
    screen, every = Screen(), [Frame(0.0, ())]
    for at_s, text in events:
        screen.feed(text)
        if tuple(screen.lines) != every[-1].lines:
            every.append(Frame(at_s, tuple(screen.lines)))
    last, count = len(every) - 1, min(most, len(every))
    return [every[last - round(back * last / max(count - 1, 1))] for back in reversed(range(count))]


def svg(recording: Sequence[Frame], *, title: str, columns: int, seconds: float) -> str:
    """All frames in one picture, which plays for `seconds` and stays at the last."""
    screens = [_wrap(frame.lines, columns) for frame in recording]
    height = (max(map(len, screens)) + 2) * _HEIGHT
    width = columns * _WIDTH + 24
    rules, groups = [], []
    for number, rows in enumerate(screens):
        last = number == len(screens) - 1
        rules.append(_rule(number, 100 * number / len(screens), 100 * (number + 1) / len(screens)))
        groups.append(f'<g class="f" style="animation-name:f{number};opacity:{int(last)}">{_rows(rows)}</g>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img">'
        f"<title>{escape(title)}</title><style>text{{font:14px ui-monospace,Menlo,Consolas,monospace;"
        f"fill:#ddd;white-space:pre}}.f{{animation:{seconds:g}s step-end 1 both}}"
        f"@media(prefers-reduced-motion:reduce){{.f{{animation:none}}}}{''.join(rules)}</style>"
        f'<rect width="100%" height="100%" rx="8" fill="#1b1b1f"/>'
        f'<text x="12" y="{_HEIGHT + 4}" style="fill:#9cf">$ {escape(title)}</text>{"".join(groups)}</svg>\n'
    )


def _rule(number: int, begin: float, end: float) -> str:
    """Keyframes in which a frame can be seen from `begin` to `end`, per cent of the time."""
    before = "0%{opacity:0}" if begin > 0 else ""
    after = f"{end:.2f}%,100%{{opacity:0}}" if end < 100 else "100%{opacity:1}"
    return f"@keyframes f{number}{{{before}{begin:.2f}%{{opacity:1}}{after}}}"


def _wrap(lines: Sequence[str], columns: int) -> list[Text]:
    """The rows of the terminal: a line that is too long goes on below."""
    texts = [Text.from_ansi(line) for line in lines]
    return [row for text in texts for row in text.divide(range(columns, len(text), columns))]


def _rows(rows: Sequence[Text]) -> str:
    return "".join(
        f'<text x="12" y="{(number + 2) * _HEIGHT + 4}">{_spans(row)}</text>'
        for number, row in enumerate(rows)
        if row
    )


def _spans(text: Text) -> str:
    """A row with its colours."""
    cuts = sorted({0, len(text), *(span.start for span in text.spans), *(span.end for span in text.spans)})
    parts = []
    for begin, end in pairwise(cuts):
        styles = [span.style for span in text.spans if span.start <= begin and end <= span.end]
        look = _look(Style.combine([Style.null(), *(style for style in styles if isinstance(style, Style))]))
        words = escape(text.plain[begin:end], quote=False)
        parts.append(f'<tspan style="{look}">{words}</tspan>' if look else words)
    return "".join(parts)


def _look(style: Style) -> str:
    bold = "font-weight:bold;" if style.bold else ""
    if style.color is None or style.color.type is ColorType.DEFAULT:
        return bold
    return f"{bold}fill:{style.color.get_truecolor(SVG_EXPORT_THEME).hex}"


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--columns", default=96, show_default=True)
@click.option("--frames", "most", default=24, show_default=True, help="At most so many.")
@click.option("--seconds", default=12.0, show_default=True, help="How long the picture plays.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
def main(out: Path, columns: int, most: int, seconds: float, command: tuple[str, ...]) -> None:
    """Run COMMAND and write what its terminal showed as an SVG."""
    recording = frames(record(command, columns=columns), most=most)
    title = f"{shlex.join(command)}    # {recording[-1].at_s:.0f} s"
    out.write_text(svg(recording, title=title, columns=columns, seconds=seconds), encoding="utf-8")
    click.echo(f"{out}: {len(recording)} frames, {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
