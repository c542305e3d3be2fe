"""Halves of characters, which JSON and programs may hold and no file does."""

from __future__ import annotations


def whole_characters(text: str) -> str:
    """The text without halves of characters: lone surrogates, which no file and no tokenizer takes, become U+FFFD.

    A server's JSON may hold them, and so may a program's output. What a model is asked and what it says go through
    here, whichever sampler it is.
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
