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
from agent.extraction.missing_names import completed
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
    fenced: bool
    place: int


@dataclass(frozen=True, slots=True)
class _Found:
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
    blocks = [found for block in blocks_of(answer, Scanner) for found in _readings(problem, block)]
    chosen = max((found for found in blocks if _may_be_program(found)), key=lambda found: found.rank, default=None)
    if chosen is None or not chosen.text.source.strip():
        return None
    return completed(problem, _with_other_blocks(problem, chosen, blocks))


def _readings(problem: Problem, block: Block) -> Iterator[_Found]:
    """A block as it is, and what is left of it between lines that cannot be Python."""
    text = read(block.lines)
    sound = [chunk for chunk in text.chunks if not chunk.fault]
    whole = 2 if len(sound) == len(text.chunks) and not text.broken else 0
    # What is not in a fence is prose unless it reads as code from end to end.
    if text.chunks and (block.fenced or whole):
        yield _Found(text, block, _rank(problem, text, block, whole))
    if whole or (text.broken and len(sound) == len(text.chunks) - 1 and block.fenced and not problem.is_call):
        return  # a program that breaks off does not become another one
    runs = list(_runs(text.chunks))
    for run in runs:
        part = text.only(run)
        yield _Found(part, block, _rank(problem, part, block, 2 if len(runs) == 1 else 1))


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
    return _Rank(fits, plain, whole, block.language in ("python", ""), block.fenced, block.place)


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


def _may_be_program(found: _Found) -> bool:
    """Whether it can be handed over at all: output, a shell's lines and other languages cannot."""
    rank = found.rank
    if found.block.language not in ("python", ""):
        return rank.whole == 2 and rank.fits >= 3
    if found.block.language == "python" and found.block.fenced:
        return True
    return rank.fits > 0 or (rank.fenced and not all(chunk.value for chunk in found.text.chunks))


def _with_other_blocks(problem: Problem, chosen: _Found, blocks: Sequence[_Found]) -> str:
    """The chosen block's code, after what it uses of others, and before what starts it."""
    others = [f for f in blocks if f is not chosen and f.rank.whole and f.rank.python and f.block != chosen.block]
    before = [found.source for found in _Helpers(problem, chosen, others).collect()]
    code = [*before, chosen.text.source, *_start(problem, chosen, others)]
    return _future_first("\n\n\n".join(code)) if before else "\n\n\n".join(code)


def _start(problem: Problem, chosen: _Found, others: Sequence[_Found]) -> list[str]:
    """The block that calls what the chosen one only defines."""
    if problem.is_call or any(chunk.acts for chunk in chosen.text.chunks):
        return []
    names: set[str] = set().union(*(chunk.declares for chunk in chosen.text.chunks))
    for other in reversed(others):
        calls = any(chunk.acts and chunk.uses & names for chunk in other.text.chunks)
        if calls and other.rank.plain and other.block.fenced and not missing_names(other.text.chunks) - names:
            return [other.text.source]
    return []


class _Helpers:
    """Looks for what the chosen block uses and does not have, in other blocks: each name once."""

    def __init__(self, problem: Problem, chosen: _Found, others: Sequence[_Found]) -> None:
        self._chosen = chosen
        self._is_call = problem.is_call
        self._reads = any(chunk.reads for chunk in chosen.text.chunks)
        self._bound: set[str] = set(BUILTINS).union(*(chunk.locals for chunk in chosen.text.chunks))
        self._wanted = deque(sorted(missing_names(chosen.text.chunks)))
        self._taken: dict[tuple[int, int], Text] = {}
        self._providers: dict[str, list[tuple[_Found, Chunk]]] = {}
        for found in others:
            for chunk in found.text.chunks:
                for name in chunk.declares | chunk.imports | chunk.assigns:
                    self._providers.setdefault(name, []).append((found, chunk))

    def collect(self) -> list[Text]:
        """What is needed, in the answer's order."""
        self._take_stars()
        while self._wanted:
            name = self._wanted.popleft()
            if name not in self._bound:
                self._bound.add(name)
                self._provide(name)
        return [self._taken[place] for place in sorted(self._taken)]

    def _provide(self, name: str) -> None:
        """Take the last piece before the chosen block that binds the name, else the first one after it."""
        known = self._providers.get(name, [])
        before = [pair for pair in known if pair[0].rank.place < self._chosen.rank.place]
        if not known:
            return
        found, chunk = before[-1] if before else known[0]
        if name in chunk.declares or name in chunk.imports:
            self._take(found, [chunk])
        elif not self._is_call and not self._reads and found.rank.plain:
            self._take(found, found.text.chunks)  # a program told step by step
        elif not (chunk.reads or chunk.prints):
            self._take(found, [chunk])

    def _take_stars(self) -> None:
        """Where names are missing, everything of a module may be what has them."""
        if self._wanted:
            for found, chunk in self._providers.get("*", []):
                self._take(found, [chunk])

    def _take(self, found: _Found, chunks: Sequence[Chunk]) -> None:
        place = (found.rank.place, chunks[0].first)
        if place not in self._taken:
            self._taken[place] = found.text.only(chunks)
            self._wanted.extend(sorted(missing_names(chunks) - self._bound))


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
    kept: list[str] = []
    quote, continued = "", False
    for line in source.split("\n"):
        if quote or continued:
            kept.append(line)
        elif bare := _uncommented(line):
            kept.append(bare)
        quote = _open_quote(line, quote)
        continued = line.endswith("\\")
    return "\n".join(kept)


def _open_quote(line: str, quote: str) -> str:
    """The triple quote that is open after `line`, given the one that was open before it."""
    at = 0
    while at < len(line):
        if quote:
            end = line.find(quote, at)
            escaped = end > 0 and line[end - 1] == "\\"
            if end < 0:
                return quote
            at = end + (1 if escaped else 3)
            quote = quote if escaped else ""
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


def _uncommented(line: str) -> str:
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
