"""What a model writes around its answer and does not mean as part of it: reasoning, and marks of its chat format.

Not covered: reasoning without any mark; fields of its own for it, which servers keep apart.
"""

from __future__ import annotations

import re

_NAMES = "think|thinking|thoughts?|reasoning|analysis|reflection|scratchpad|chain_of_thought|cot"
# A quoted one is spoken about, or data of a program; a fence before it is no quote.
_TAG = re.compile(
    rf"(?<![\"'])(?<!(?<!``)`)(?:[<\[◁](?P<end>/?)(?:seed:)?(?:{_NAMES})[>\]▷]"
    r"|<\|(?P<word>begin|end)_of_thought\|>|<\|/?(?P<bar>think|thinking)\|>)(?![\"'`])",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"(?:<\|start\|>\w{0,20})?<\|channel\|>[ \t]*(\w*)[^<\n]{0,80}(?:<\|constrain\|>\w{0,20})?<\|message\|>"
)
_START = re.compile(
    r"\s*+(?:(?:<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>)\s?(?:assistant|model)?(?:<\|end_header_id\|>)?"
    r"|<s>|<\|begin_of_text\|>|<bos>|<\|assistant\|>|<\uff5cAssistant\uff5c>|<\|begin_of_solution\|>)[ \t]*+\n*+"
)
_END = re.compile(
    r"<\|(?:im_end|im_start|endoftext|eot_id|EOT|eom_id|end_of_text|end|return|end_of_turn|endofprompt|eos|user|system|"
    r"start_header_id|end_of_solution|fim_pad|file_sep|repo_name|call)\|>"
    r"|<[\uff5c|](?:end▁of▁sentence|User)[\uff5c|]>|<end_of_turn>|<eos>|<EOS>|</s>|<EOT>|<file_sep>|\[EOS\]|\[/?INST\]|<0x00>"
)
_ENDS_LINE = re.compile(r"[ \t]*+(?:$|\n|<|\[)")

_LOOK = 500
"""Characters of a line that are looked at to tell whether a place in it is in quotes."""


def without_thoughts(text: str) -> str:
    """The text without reasoning: see `thoughts_apart`."""
    return thoughts_apart(text)[1]


def thoughts_apart(text: str) -> tuple[str, str]:
    """The reasoning in a text, and the rest of it.

    Reasoning that is closed and was never opened starts at the beginning; reasoning that is never closed leaves no
    answer.
    """
    thoughts, text = _channels_apart(text)
    pieces: list[str] = []
    depth, since = 0, 0
    for tag in _TAG.finditer(text):
        closes = bool(tag["end"]) or tag["word"] == "end" or tag[0].startswith("<|/")
        between = text[since : tag.start()]
        if depth > 0:
            thoughts.append(between)
        elif closes:
            thoughts += [*pieces, between]
            pieces.clear()
        else:
            pieces.append(between)
        depth = max(depth - 1, 0) if closes else depth + 1
        since = tag.end()
    (thoughts if depth > 0 else pieces).append(text[since:])
    return "".join(thoughts).strip(), "".join(pieces)


def without_marks(text: str) -> str:
    """The text up to where the model ended its turn, without the marks before and after."""
    start = 0
    while begin := _START.match(text, start):
        start = begin.end()
    struck_out = text.find("<s>", start)
    for end in _END.finditer(text, start):
        if not text[start : end.start()].strip():
            start = end.end()
        elif end[0] == "</s>" and 0 <= struck_out < end.start():
            continue  # of a page that the program writes
        elif _ENDS_LINE.match(text, end.end()) or not _in_quotes(text, end.start()):
            return text[start : end.start()]
    return text[start:]


def _channels_apart(text: str) -> tuple[list[str], str]:
    """The other channels of an answer, and its final message; nothing of one that never comes to it."""
    channels = list(_CHANNEL.finditer(text))
    if not channels:
        return [], text
    first, last = channels[0], channels[-1]
    if last[1].lower() in ("analysis", "commentary"):
        return [text[first.end() :]], text[: first.start()]
    return [text[first.end() : last.start()]], text[: first.start()] + text[last.end() :]


def _in_quotes(text: str, place: int) -> bool:
    """Whether a quotation mark is open at a place of a line."""
    since = max(place - _LOOK, 0)
    line = text[text.rfind("\n", since, place) + 1 : place] if "\n" in text[since:place] else text[since:place]
    return line.count('"') % 2 == 1 or line.count("'") % 2 == 1
