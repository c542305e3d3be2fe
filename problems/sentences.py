"""A statement's sentences in one plain notation, whatever site, language or markup they were pasted from.

TeX, HTML and typographic signs become what one would type on a keyboard: `$10^{-6}$`, `10<sup>-6</sup>` and
`10⁻⁶` all become a ten, perhaps a caret or a brace, a minus and a six. Time is linear in the text.

Not covered: what the sentences mean; text after the first 128 KiB, because no statement has so many words; text in
fenced blocks that name no language, because it is data.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_LONGEST = 1 << 17
_FENCE = re.compile(r"[ >]{0,8}(`{3,}|~{3,})[ \t]*([^\s`]*)")
_DATA = frozenset(("", "text", "txt", "plain", "plaintext", "input", "output", "console", "none"))
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,9})\b[^<>]{0,200}>")
_BLOCK_TAGS = frozenset(("p", "br", "li", "ul", "ol", "div", "tr", "td", "table", "pre", "h1", "h2", "h3", "h4"))
_COMMAND = re.compile(r"\\([A-Za-z]{1,20}|[^A-Za-z])")
_COMMANDS = {
    **dict.fromkeys(("le", "leq", "leqslant", "leqq", "lt"), "<="),
    **dict.fromkeys(("ge", "geq", "geqslant", "geqq", "gt"), ">="),
    **dict.fromkeys(("cdot", "times", "ast"), "*"),
    **dict.fromkeys(("vert", "lvert", "rvert", "mid", "|"), "|"),
    **dict.fromkeys(("{", "}", "%", "$", "#", "&", "_"), ""),
    **dict.fromkeys(("left", "right", "displaystyle", "mathrm", "text", "textrm", "rm", "bigl", "bigr", "!"), ""),
    **dict.fromkeys(("textbf", "textit", "textsl", "emph", "mathbf", "bf", "it", "tt", "texttt", "t"), ""),
    "textsuperscript": "^",
    "n": " ",
    "%": "%",
    "minus": "-",
    "max": "max",
}
_SIGNS = {
    **dict.fromkeys("−–—‐‑‒﹣⁻", "-"),
    **dict.fromkeys("×·⋅∗∙", "*"),
    **dict.fromkeys("≤⩽≦", "<="),
    **dict.fromkeys("≥⩾≧", ">="),
    **dict.fromkeys("∣│", "|"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000~_", " "),
    **dict.fromkeys("\u200b\u2060\ufeff$", ""),
    **dict.fromkeys("“”„«»「」『』`", '"'),
    **dict.fromkeys("’‘", "'"),
    **{sign: str(digit) for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)},
}
_TABLE = str.maketrans(_SIGNS)
_HEADING = re.compile(r"[ \t>]{0,8}(?:#{1,6}[ \t]|\*\*[^*]{1,80}\*\*:?[ \t]*$)")
_NEW_PARAGRAPH = re.compile(r"[ \t>]{0,8}(?:[-*+•][ \t]|#{1,6}[ \t]|\d{1,3}[.)][ \t])")
# A full stop ends a sentence unless a small letter or a digit goes on; those of Chinese and Japanese always do.
_END = re.compile(r"(?<=[.!?])(?=[\s\"')\]*]{1,4}[^\sa-z0-9\"')\]*])|(?<=[。!?])(?!\s)")


def sentences(text: str) -> list[str]:
    """The sentences of a statement, each on one line, in order."""
    result: list[str] = []
    for paragraph in _paragraphs(_plain(_without_data(text)[:_LONGEST])):
        result += filter(None, (sentence.strip() for sentence in _END.split(paragraph)))
    return result


def _plain(text: str) -> str:
    text = _TAG.sub(_without_tag, text)
    if "&" in text:
        text = html.unescape(text)
    text = _COMMAND.sub(lambda command: _COMMANDS.get(command[1], " "), text)
    return text.translate(_TABLE)


def _without_tag(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    if name == "sup":
        return " " if tag[1] else "^"
    return "\n\n" if name in _BLOCK_TAGS else ""


def _without_data(text: str) -> str:
    """The text without the fenced blocks that hold examples."""
    if "```" not in text and "~~~" not in text:
        return text
    lines: list[str] = []
    fence, is_data = "", False
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence, is_data = mark[1], mark[2].lower() in _DATA
            lines.append("")
        elif mark and mark[1].startswith(fence) and not mark[2]:
            fence, is_data = "", False
            lines.append("")
        elif not is_data:
            lines.append(line)
    return "\n".join(lines)


def _paragraphs(text: str) -> Iterator[str]:
    """Lines joined up to the next blank line, list item or heading."""
    words: list[str] = []
    for line in text.split("\n"):
        if words and (not line.strip() or _NEW_PARAGRAPH.match(line)):
            yield " ".join(words)
            words = []
        words += line.split()
        if _HEADING.match(line) or (len(words) == 1 and words[0].strip(":=-").isalpha()):
            yield " ".join(words)
            words = []
    if words:
        yield " ".join(words)
