"""The pages of this repository as tests read them: their snippets, and the commands in those."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "benchmarks/README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]


@dataclass(frozen=True)
class Snippet:
    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def snippets(page: Path, language: str) -> list[Snippet]:
    tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    return [
        Snippet(page, token.map[0] + 1, language, token.content)
        for token in tokens
        if token.type == "fence" and token.map and token.info.strip() == language
    ]


def every(language: str) -> list[Snippet]:
    return [snippet for page in PAGES for snippet in snippets(page, language)]


def commands(first: str) -> list[tuple[Snippet, str]]:
    """The lines of shell snippets whose program is `first`, comments and variables cut off."""
    result = []
    for snippet in every("sh"):
        for line in snippet.text.splitlines():
            words = shlex.split(line, comments=True)
            while words and re.fullmatch(r"\w+=\S*", words[0]):
                words = words[1:]
            if first in words[:1] or ("|" in words and words[words.index("|") + 1] == first):
                result.append((snippet, shlex.join(words).replace("'|'", "|")))
    return result
