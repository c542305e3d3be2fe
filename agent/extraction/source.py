"""From a model's words to a program: which part of the text is code.

Candidate text is hostile and may be huge: it is cut (`agent.extraction.blocks`) and read
(`agent.extraction.chunks`) line by line, in linear time, and never parsed on the host. Which block is the
program is told by what the problem needs: that it defines the function, or that it reads, prints and does
something when it is run. What it uses and another block defines comes along.

Not covered: other languages (`agent.extraction.cpp`); whether the program is any good.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from agent.extraction.blocks import LONGEST, Block, blocks_of
from agent.extraction.chunks import BUILTINS, Chunk, Text, missing_names, read
from agent.extraction.missing_names import complete
from agent.extraction.scan import Scanner
from agent.extraction.thoughts import without_marks, without_thoughts

if TYPE_CHECKING:
    from problems import Problem

__all__ = ["LONGEST", "extract_source", "normalise"]


class _Rank(NamedTuple):
    """What makes one block the program rather than another, the weightiest first."""

    fits: int
    """How much of what the problem needs it does, 0 to 4."""
    plain: bool
    """It does not test programs."""
    whole: int
    """2: no fault in it; 1: cut out from between faults; 0: faulty."""
    python: bool
    """Nothing says that it is another language, output or a shell's."""
    in_fence: bool
    place: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """A block that may be the program, or hold something that the program uses."""

    text: Text
    block: Block
    rank: _Rank


def extract_source(problem: Problem, text: str, *, prefill: str = "") -> str | None:
    """The program in a completion, complete enough to run; None when there is none.

    Args:
        problem: tells what the program must define, and what the statement already gives.
        text: the completion, without the prompt.
        prefill: the words that the completion was made to go on from.
    """
    answer = without_marks(without_thoughts(prefill + text))
    blocks = [reading for block in blocks_of(answer, Scanner) for reading in _readings(problem, block)]
    best = max(
        (reading for reading in blocks if _may_be_program(reading)), key=lambda reading: reading.rank, default=None
    )
    if best is None or not best.text.source.strip():
        return None
    return complete(problem, _with_other_blocks(problem, best, blocks))


def _readings(problem: Problem, block: Block) -> Iterator[_Reading]:
    """A block as it is, and what is left of it between lines that cannot be Python."""
    text = read(block.lines)
    sound = [chunk for chunk in text.chunks if not chunk.fault]
    whole = 2 if len(sound) == len(text.chunks) and not text.is_broken else 0
    # What is not in a fence is prose unless it reads as code from end to end.
    if text.chunks and (block.in_fence or whole):
        yield _Reading(text, block, _rank(problem, text, block, whole))
    if whole or (text.is_broken and len(sound) == len(text.chunks) - 1 and block.in_fence and not problem.is_call):
        return  # a program that breaks off does not become another one
    runs = list(_runs(text.chunks))
    for run in runs:
        part = text.only(run)
        yield _Reading(part, block, _rank(problem, part, block, 2 if len(runs) == 1 else 1))


def _runs(chunks: Sequence[Chunk]) -> Iterator[list[Chunk]]:
    """Longest stretches without a fault, without words alone at their ends."""
    run: list[Chunk] = []
    for chunk in [*chunks, None]:
        if chunk is not None and not chunk.fault:
            run.append(chunk)
            continue
        while run and run[0].value:
            run.pop(0)
        while run and run[-1].value:
            run.pop()
        if run:
            yield run
        run = []


def _rank(problem: Problem, text: Text, block: Block, whole: int) -> _Rank:
    fits = _fits_call(problem, text) if problem.is_call else _fits_run(text)
    plain = not any(chunk.tests for chunk in text.chunks) if not problem.is_call else fits > 0
    return _Rank(fits, plain, whole, block.language in ("python", ""), block.in_fence, block.place)


def _fits_call(problem: Problem, text: Text) -> int:
    """3: defines what is to be called; 2: is the body of it; 1: only its signature."""
    name = problem.entry_point
    own = [c for c in text.chunks if name in c.declares or name in c.assigns or name in c.methods]
    if own:
        return 3 if any(chunk.filled or name in chunk.assigns for chunk in own) else 1
    returns = any(chunk.head.head in ("return", "yield") for chunk in text.chunks)
    return 2 if returns else 0


def _fits_run(text: Text) -> int:
    """Reads, prints, both, both and does so by itself: 1, 2, 3, 4."""
    reads, prints = any(c.reads for c in text.chunks), any(c.prints for c in text.chunks)
    acts = any(chunk.acts and not chunk.value for chunk in text.chunks)
    return reads + 2 * prints + (reads and prints and acts)


def _may_be_program(reading: _Reading) -> bool:
    """Whether it can be handed over at all: output, a shell's lines and other languages cannot."""
    rank = reading.rank
    if reading.block.language not in ("python", ""):
        return rank.whole == 2 and rank.fits >= 3
    if reading.block.language == "python" and reading.block.in_fence:
        return True
    return rank.fits > 0 or (rank.in_fence and not all(chunk.value for chunk in reading.text.chunks))


def _with_other_blocks(problem: Problem, main: _Reading, blocks: Sequence[_Reading]) -> str:
    """The chosen block's code, after what it uses of others, and before what starts it."""
    others = [f for f in blocks if f is not main and f.rank.whole and f.rank.python and f.block != main.block]
    before = [reading.source for reading in _Helpers(problem, main, others).collect()]
    code = [*before, main.text.source, *_start(problem, main, others)]
    return _future_first("\n\n\n".join(code)) if before else "\n\n\n".join(code)


def _start(problem: Problem, main: _Reading, others: Sequence[_Reading]) -> list[str]:
    """The block that calls what the chosen one only defines."""
    if problem.is_call or any(chunk.acts for chunk in main.text.chunks):
        return []
    names: set[str] = set().union(*(chunk.declares for chunk in main.text.chunks))
    for other in reversed(others):
        calls = any(chunk.acts and chunk.uses & names for chunk in other.text.chunks)
        if calls and other.rank.plain and other.block.in_fence and not missing_names(other.text.chunks) - names:
            return [other.text.source]
    return []


class _Helpers:
    """Looks for what the chosen block uses and does not have, in other blocks: each name once."""

    def __init__(self, problem: Problem, main: _Reading, others: Sequence[_Reading]) -> None:
        self._main = main
        self._is_call = problem.is_call
        self._reads = any(chunk.reads for chunk in main.text.chunks)
        self._bindings: set[str] = set(BUILTINS).union(*(chunk.locals for chunk in main.text.chunks))
        self._missing = deque(sorted(missing_names(main.text.chunks)))
        self._pieces: dict[tuple[int, int], Text] = {}
        self._providers: dict[str, list[tuple[_Reading, Chunk]]] = {}
        for reading in others:
            for chunk in reading.text.chunks:
                for name in chunk.declares | chunk.imports | chunk.assigns:
                    self._providers.setdefault(name, []).append((reading, chunk))

    def collect(self) -> list[Text]:
        """What is needed, in the answer's order."""
        self._take_stars()
        while self._missing:
            name = self._missing.popleft()
            if name not in self._bindings:
                self._bindings.add(name)
                self._provide(name)
        return [self._pieces[place] for place in sorted(self._pieces)]

    def _provide(self, name: str) -> None:
        """Take the last piece before the chosen block that binds the name, else the first one after it."""
        providers = self._providers.get(name, [])
        before = [pair for pair in providers if pair[0].rank.place < self._main.rank.place]
        if not providers:
            return
        reading, chunk = before[-1] if before else providers[0]
        if name in chunk.declares or name in chunk.imports:
            self._take(reading, [chunk])
        elif not self._is_call and not self._reads and reading.rank.plain:
            self._take(reading, reading.text.chunks)  # a program told step by step
        elif not (chunk.reads or chunk.prints):
            self._take(reading, [chunk])

    def _take_stars(self) -> None:
        """Where names are missing, everything of a module may be what has them."""
        if self._missing:
            for reading, chunk in self._providers.get("*", []):
                self._take(reading, [chunk])

    def _take(self, reading: _Reading, chunks: Sequence[Chunk]) -> None:
        place = (reading.rank.place, chunks[0].first)
        if place not in self._pieces:
            self._pieces[place] = reading.text.only(chunks)
            self._missing.extend(sorted(missing_names(chunks) - self._bindings))


def _future_first(code: str) -> str:
    """The program with its imports from `__future__` at the top, where alone they may stand."""
    lines = code.split("\n")
    future = [line for line in lines if line.startswith("from __future__")]
    return "\n".join([*future, *(line for line in lines if not line.startswith("from __future__"))])


def normalise(source: str) -> str:
    """A key that programs share when they differ only in comments, blank lines and trailing blanks.

    Inside triple quotes, and after a backslash at a line's end, lines stay as they are: there a `#` or an empty
    line may be data.
    """
    lines: list[str] = []
    quote, goes_on = "", False
    for line in source.split("\n"):
        if quote or goes_on:
            lines.append(line)
        elif bare := _without_comment(line):
            lines.append(bare)
        quote = _open_quote(line, quote)
        goes_on = line.endswith("\\")
    return "\n".join(lines)


def _open_quote(line: str, quote: str) -> str:
    """The triple quote that is open after `line`, given the one that was open before it."""
    at = 0
    while at < len(line):
        if quote:
            end = line.find(quote, at)
            has_backslash = end > 0 and line[end - 1] == "\\"
            if end < 0:
                return quote
            at = end + (1 if has_backslash else 3)
            quote = quote if has_backslash else ""
            continue
        character = line[at]
        if character == "#":
            return ""
        if character in "\"'":
            if line.startswith(character * 3, at):
                quote = character * 3
                at += 3
                continue
            at = _end_of_string(line, at)
        at += 1
    return quote


def _end_of_string(line: str, start: int) -> int:
    """Where the one-line string that begins at `start` ends; the line's end if it does not."""
    at = start + 1
    while at < len(line) and line[at] != line[start]:
        at += 2 if line[at] == "\\" else 1
    return min(at, len(line))


def _without_comment(line: str) -> str:
    """The line without the comment and the blanks at its end; one with a triple quote is left as it is."""
    if '"""' in line or "'''" in line:
        return line
    if "#" not in line:
        return line if line.endswith("\\") else line.rstrip()
    at = 0
    while at < len(line):
        if line[at] == "#":
            return line[:at].rstrip()
        if line[at] in "\"'":
            at = _end_of_string(line, at)
        at += 1
    return line if line.endswith("\\") else line.rstrip()
