"""Whether a text is HTML, and the few tags that Markdown has in it.

Not covered: pages as Markdown (`problems.pages`), which takes libraries that most statements never need.
"""

from __future__ import annotations

import html
import re

_START = re.compile(r"\s*+(?:<\?xml[^>]{0,200}>\s*+)?<(?:!doctype\s+html|html\b)", re.IGNORECASE)
_BLOCK_TAG = re.compile(
    r"</?(?:h[1-6]|p|div|pre|ul|ol|li|table|tr|td|th|section|article|dl|dt|dd|blockquote|hr|form|center)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"^ {0,3}(?:#{1,6} |```|~~~|\|.*\||[-*+] |\d+[.)] )", re.MULTILINE)
_SMALL = re.compile(r"<(sup|sub)>([^<>\n]{1,80})</\1>", re.IGNORECASE)


def is_page(text: str) -> bool:
    """Whether a text is HTML: it begins as a page does, or begins with a tag and has more tags than Markdown."""
    if _START.match(text):
        return True
    bare = text.lstrip()
    if not _BLOCK_TAG.match(bare):
        return False
    blocks = len(_BLOCK_TAG.findall(text))
    return blocks >= 4 and blocks > 4 * len(_MARKDOWN.findall(text))


def small_tags(text: str) -> str:
    """Powers and indices of Markdown with a little HTML in it: `10<sup>-6</sup>` becomes `10^-6`."""
    if "<su" not in text.lower():
        return text
    return _SMALL.sub(lambda match: ("^" if match[1].lower() == "sup" else "_") + html.unescape(match[2]), text)
