"""Text into safe HTML: statements, programs, and how two programs differ.

Characters that are obeyed rather than shown are written out. Programs are only coloured, by Pygments' patterns,
and only while they are short enough for patterns to be quick; nothing here parses or runs them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from agent.terminal.display import visible

_MOST_COLOUR = 20_000
_DIFF_LINES = 400
_CODE = Markup('<pre class="text" tabindex="0" role="group" aria-label="Code"><code>{}</code></pre>')
_WITH_TEXT = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "th", "td"}


def statement(text: str) -> Markup:
    """A statement rendered: raw HTML stays text, and pictures become links, since the page loads nothing.

    Its headings go below the page's own, every piece of text takes the direction of its script, and what is wider
    than the page scrolls in a box of its own.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = list(_made_to_fit(markdown.parse(text)))
    rendered = markdown.renderer.render(tokens, markdown.options, {})
    return Markup(rendered)  # noqa: S704 - raw HTML is off, and the renderer escapes the rest


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


def _made_to_fit(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens of a statement, fit to stand in the page."""
    for token in tokens:
        if token.tag in _WITH_TEXT and token.nesting == 1:
            token.attrSet("dir", "auto")
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + 2, 6)}"
        if token.type == "table_open":
            yield _ours(Markup('<div class="scroll" tabindex="0" role="group" aria-label="Table">'))
        if token.type in ("fence", "code_block"):
            yield _ours(_CODE.format(token.content))
        else:
            yield token
        if token.type == "table_close":
            yield _ours(Markup("</div>"))


def _ours(html: Markup) -> Token:
    return Token("html_block", "", 0, content=html)


@cache
def _formatter() -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True)
