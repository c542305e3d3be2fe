"""Pages saved from a site, and fragments of HTML, as Markdown.

beautifulsoup4 and markdownify do the work. This module decides what is a page, and keeps what statements need:
samples in `<pre>` line by line, powers and indices, and line breaks in cells.

Not covered: text that a page's scripts insert, and formulas that a page holds only as pictures.
"""

from __future__ import annotations

import html
import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from markdownify import ATX, MarkdownConverter

from problems.types import ProblemError

_START = re.compile(r"\s*+(?:<\?xml[^>]{0,200}>\s*+)?<(?:!doctype\s+html|html\b)", re.IGNORECASE)
_BLOCK_TAG = re.compile(
    r"</?(?:h[1-6]|p|div|pre|ul|ol|li|table|tr|td|th|section|article|dl|dt|dd|blockquote|hr|form|center)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"^ {0,3}(?:#{1,6} |```|~~~|\|.*\||[-*+] |\d+[.)] )", re.MULTILINE)
_HIDDEN_PARTS = re.compile(
    r"<(script|style|svg|noscript|template)\b(?:(?!</\1)[^\0])*+(?:</\1[^>]{0,100}>)?", re.IGNORECASE
)
_COMMENT = re.compile(r"<!--(?:(?!-->)[^\0])*+(?:-->)?")
_NOT_STATEMENT = ("head", "nav", "footer", "button", "select", "textarea", "input", "iframe")
_BREAK = re.compile(r"<br\s{0,9}/?>", re.IGNORECASE)
_SMALL = re.compile(r"<(sup|sub)>([^<>\n]{1,80})</\1>", re.IGNORECASE)
_MOST_TAGS, _DEEPEST = 20_000, 150


def is_page(text: str) -> bool:
    """Whether a text is HTML: it begins as a page does, or begins with a tag and has more tags than Markdown."""
    if _START.match(text):
        return True
    bare = text.lstrip()
    if not _BLOCK_TAG.match(bare):
        return False
    blocks = len(_BLOCK_TAG.findall(text))
    return blocks >= 4 and blocks > 4 * len(_MARKDOWN.findall(text))


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


def small_tags(text: str) -> str:
    """Powers and indices of Markdown with a little HTML in it: `10<sup>-6</sup>` becomes `10^-6`."""
    if "<su" not in text.lower():
        return text
    return _SMALL.sub(lambda match: ("^" if match[1].lower() == "sup" else "_") + html.unescape(match[2]), text)


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
