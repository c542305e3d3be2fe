"""Text into safe HTML: statements, programs, and how two programs differ.

Characters that are obeyed rather than shown are written out. Programs are only coloured, by Pygments' patterns,
and only while they are short enough for patterns to be quick; nothing here parses or runs them.
"""

from __future__ import annotations

import difflib
from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from agent.terminal.display import visible

_MOST_COLOUR = 20_000
_DIFF_LINES = 400


def statement(text: str) -> Markup:
    """A statement rendered: raw HTML stays text, and pictures become links, since the page loads nothing."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    return Markup(markdown.render(text))  # noqa: S704 - raw HTML is off, and the renderer escapes the rest


def program(source: str, language: str) -> Markup:
    """A program in `language`, highlighted."""
    source = visible(source)
    if len(source) > _MOST_COLOUR:
        return escape(source)
    lexer = get_lexer_by_name(language, stripnl=False)
    return Markup(highlight(source, lexer, _formatter()))  # noqa: S704 - escaped by Pygments


def difference(old: str, new: str) -> Markup:
    """What changes from `old` to `new`, line by line, each marked by its first character and its class."""
    before, after = visible(old).split("\n"), visible(new).split("\n")
    lines = list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]
    classes = {"+": "added", "-": "removed", "@": "place"}
    marks = [
        Markup('<span class="{}">{}</span>').format(classes.get(line[:1], "kept"), line)
        for line in lines[:_DIFF_LINES]
    ]
    return Markup("\n").join(marks)


@cache
def _formatter() -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True)
