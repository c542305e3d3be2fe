"""Pages saved from a site, and fragments of HTML, as Markdown.

beautifulsoup4 and markdownify do the work; few statements need them, so this module is imported where one is a
page. It keeps what statements need: samples in `<pre>` line by line, powers and indices, line breaks in cells.

Not covered: what is a page (`problems.tags`), text that a page's scripts insert, and formulas that a page holds
only as pictures.
"""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from markdownify import ATX, MarkdownConverter

from problems.types import ProblemError

_HIDDEN_PARTS = re.compile(
    r"<(script|style|svg|noscript|template)\b(?:(?!</\1)[^\0])*+(?:</\1[^>]{0,100}>)?", re.IGNORECASE
)
_COMMENT = re.compile(r"<!--(?:(?!-->)[^\0])*+(?:-->)?")
_NOT_STATEMENT = ("head", "nav", "footer", "button", "select", "textarea", "input", "iframe")
_BREAK = re.compile(r"<br\s{0,9}/?>", re.IGNORECASE)
_MOST_TAGS, _DEEPEST = 20_000, 150


def page_to_markdown(text: str, path: str) -> str:
    """The statement on a page.

    Raises:
        ProblemError: it has more tags, or tags deeper in each other, than pages of statements have.
    """
    bare = _COMMENT.sub("", _HIDDEN_PARTS.sub("", text))
    if bare.count("<") > _MOST_TAGS:
        raise ProblemError(f"is HTML with over {_MOST_TAGS} tags; expected one problem's page", path=path)
    soup = BeautifulSoup(bare, "html.parser")
    if _depth(soup) > _DEEPEST:
        raise ProblemError(f"is HTML nested over {_DEEPEST} deep; expected one problem's page", path=path)
    for tag in soup.find_all(_NOT_STATEMENT):
        tag.decompose()
    for line in soup.select("pre div"):
        line.append("\n")
        line.unwrap()
    converter = _Statement(
        heading_style=ATX, sup_symbol="^", sub_symbol="_", escape_asterisks=False, escape_underscores=False,
        bullets="-", strip=["a", "img"],
    )  # fmt: skip
    return str(converter.convert_soup(soup)).replace("\xa0", " ").replace("$$$", "$")


def _depth(soup: BeautifulSoup) -> int:
    deepest, level = 0, [(soup.contents, 1)]
    while level:
        contents, depth = level.pop()
        deepest = max(deepest, depth)
        level += [(node.contents, depth + 1) for node in contents if isinstance(node, Tag)]
    return deepest


class _Statement(MarkdownConverter):
    """markdownify, but a power keeps its sign alone, and a cell keeps its lines."""

    def convert_sup(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """`10<sup>9</sup>` as `10^9`: the library would close it as emphasis, `10^9^`."""
        del el, parent_tags
        return f"^{text.strip()}" if text.strip() else ""

    def convert_sub(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """`a<sub>i</sub>` as `a_i`."""
        del el, parent_tags
        return f"_{text.strip()}" if text.strip() else ""

    def convert_br(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """A new line, also in `<pre>`; in a cell the tag, which tables of Markdown understand."""
        del el
        return text + ("<br>" if parent_tags & {"td", "th"} else "\n")

    def convert_pre(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """A fence; in a cell its lines with tags between them."""
        del el
        if parent_tags & {"td", "th"}:
            return text.strip("\n").replace("\n", "<br>")
        fence = "````" if "```" in text else "```"
        lines = text.strip("\n")
        return f"\n\n{fence}\n{lines}\n{fence}\n\n" if lines else ""

    def convert_td(self, el: Any, text: str, parent_tags: set[str]) -> str:
        """A cell, in which a bar is no border."""
        del el, parent_tags
        bare = text.strip().replace("|", "\\|").replace("\n", " ")
        return f" {bare} |"
