"""The bytes of a file as text: which encoding it is in, and whether it is a statement at all.

A byte order mark names UTF-8, UTF-16 or UTF-32; without one it must be UTF-8. Older encodings are refused rather
than guessed, because a wrong guess silently changes the words that examples are found by. Notebooks, JSON and
other formats are refused too: only the author knows which cells of a notebook are the statement.

Not covered: HTML, which is text (`problems.pages`).
"""

from __future__ import annotations

import codecs
import json
import re

from problems.types import ProblemError

_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_BINARY = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
    (b"\x7fELF", "a program"),
)
_LATEX = re.compile(r"\\(?:documentclass|begin\{(?:document|problem)\})")
_LEADING_COMMENTS = re.compile(r"(?:%[^\n]*\n|\s)*+")
_YAML_LINE = re.compile(r"[A-Za-z_][\w-]{0,40}:(?:\s|$)|\s+\S|- |#|\.\.\.|$")
_YAML_KEY = re.compile(r"[A-Za-z_][\w-]{0,40}:(?:\s|$)")
_EXPECTED = "expected a statement as Markdown or plain text"
_INSTEAD = "paste the problem's text into a .md file"


def decode(data: bytes, path: str) -> str:
    """The text of a file, without its byte order mark.

    Raises:
        ProblemError: it is another format, or in an encoding that cannot be told.
    """
    for magic, name in _BINARY:
        if data.startswith(magic):
            raise ProblemError(f"is {name}; {_EXPECTED}", path=path, remedy=_INSTEAD)
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding.startswith("utf-8"):
            line = data.count(b"\n", 0, error.start) + 1
            raise ProblemError("is not UTF-8 text", path=path, line=line, remedy=_how_to_save(data)) from None
        raise ProblemError(f"not whole {encoding.upper()} text", path=path, remedy="save it as UTF-8") from None


def _how_to_save(data: bytes) -> str:
    half = data[: 1 << 12]
    if half[1::2].count(0) * 2 > len(half) // 2 or half[::2].count(0) * 2 > len(half) // 2:
        return "it looks like UTF-16 without a mark: save it as UTF-8"
    return "in an editor choose Save with Encoding, UTF-8, or run `iconv -f ENCODING -t UTF-8`"


def refuse_other_formats(text: str, path: str) -> None:
    """Raise for text that is data and not a statement.

    Raises:
        ProblemError: it is a notebook, JSON, JSON Lines, YAML or LaTeX.
    """
    if name := _format(text):
        raise ProblemError(f"is {name}; {_EXPECTED}", path=path, remedy=_INSTEAD)


def _format(text: str) -> str | None:
    bare = text.strip()
    if bare.startswith(("{", "[")):
        return _json_kind(bare)
    start = _LEADING_COMMENTS.match(text)
    if start and _LATEX.match(text, start.end()):
        return "a LaTeX document"
    return "YAML" if _is_yaml(bare) else None


def _json_kind(text: str) -> str | None:
    """Which kind of JSON a text is; a sentence that begins with a bracket is none, and neither is `[1, 2]`."""
    value = _json(text)
    if isinstance(value, dict):
        return "a Jupyter notebook" if "cells" in value and "nbformat" in value else "JSON"
    if isinstance(value, list):
        return "JSON" if any(isinstance(item, dict) for item in value) else None
    first, _, rest = text.partition("\n")
    if isinstance(_json(first.strip()), dict) and isinstance(_json(rest.strip().partition("\n")[0]), dict):
        return "JSON Lines"
    return None


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_yaml(text: str) -> bool:
    """Whether every line is YAML's, with three keys or more: front matter has Markdown after it."""
    if not (text.startswith("---") or _YAML_KEY.match(text)):
        return False
    lines = text.removeprefix("---").split("\n")
    keys = sum(1 for line in lines if _YAML_KEY.match(line))
    return keys >= 3 and text.startswith("---") and all(_YAML_LINE.match(line) for line in lines)
