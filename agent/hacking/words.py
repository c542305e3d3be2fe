"""Words put together of pieces that the samples and the statement have, some of them misspelt.

Not covered: words of which only some are allowed, and their lengths (`agent.hacking.writer`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from agent.inputs.form import Field

_LONGEST_PIECE = 6
_FROM_STATEMENT = 0.5


def spliced(field: Field, words: Sequence[str], length: int, draw: random.Random) -> str:
    """A word of `length` letters.

    Args:
        field: whose letters it has.
        words: of the statement.
        length: letters.
        draw: where choices come from.
    """
    letters = set(field.letters)
    known = [word for word in words if set(word) <= letters]
    text = ""
    while len(text) < length:
        if known and draw.random() < _FROM_STATEMENT:
            text += _misspelt(draw.choice(known), field.letters, draw)
        else:
            token = draw.choice(field.tokens) or field.letters[:1]
            start = draw.randrange(len(token))
            text += token[start : start + draw.randint(1, _LONGEST_PIECE)]
    return text[:length]


def _misspelt(word: str, letters: str, draw: random.Random) -> str:
    """The word with at most three letters changed, left out, put in or exchanged."""
    for _ in range(draw.choice((0, 0, 1, 1, 2, 3))):
        at = draw.randrange(len(word) + 1)
        change = draw.choice(("", draw.choice(letters), draw.choice(letters) + word[at : at + 1]))
        swapped = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
        word = (swapped if draw.random() < 0.25 else word[:at] + change + word[at + 1 :]) or word
    return word
