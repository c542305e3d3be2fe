"""Whether what a function returns may come in any order, and also what is in it, by a statement's words.

"Return the answer in any order" is about the outermost list. That the lists in it may be in any order as well is
said by a statement, or by what they are: a group of anagrams, a subset, a triplet has no order, as a path has.

Not covered: order of what a program prints, which only a checker can tell from other freedom
(`problems.many_answers`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ANY_ORDER = re.compile(
    r"\b(?:in|using) (?:any|an arbitrary|arbitrary|whatever|no particular) order\b"
    r"|\bany order (?:is|will be|would be) (?:accepted|acceptable|fine|ok|okay|allowed|valid)"
    r"|\border\b[^.]{0,60}\b(?:does not|doesn't|do not|don't|is not|isn't) (?:matter|important|relevant)"
    r"|\border\b[^.]{0,40}\b(?:is|are) irrelevant|\b(?:regardless of|ignoring) (?:the )?order\b"
    r"|任意(?:的)?(?:顺序|順序|次序)|任何(?:顺序|順序)|(?:顺序|順序)[^。]{0,8}(?:不限|无关|無關|不重要|任意|没有要求)"
    r"|不(?:用|需)?考[虑慮][^。]{0,12}(?:顺序|順序)"
    r"|(?:順序|順番)は問|任意の順|どのような順|順不同"
    r"|순서[는에와]?\s*(?:상관|관계)\s*없|순서는 중요하지|(?:아무|어떤|임의의) 순서"
    r"|в (?:любом|произвольном) порядке|порядок[^.]{0,40}не (?:важен|имеет значения)"
    r"|en cualquier orden|orden[^.]{0,40}no importa|em qualquer ordem|ordem[^.]{0,40}não importa"
    r"|dans n'importe quel ordre|ordre[^.]{0,40}(?:n'importe pas|n'a pas d'importance|indifférent)"
    r"|in beliebiger reihenfolge|reihenfolge[^.]{0,40}(?:keine rolle|egal|beliebig)",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:return(?:s|ed|ing)?|answers?|outputs?|results?|report(?:ed)?|list them|found|solution)\b"
    r"|返回|输出|輸出|答案|结果|結果"
    r""
    r"|返す|返し|出力|答え|반환|출력|정답|답|верн|вывед|вывод|ответ|результат|devu[eé]l|respuesta|salida|retorn|resposta"
    r"|saída|devolv|renvo|retourn|réponse|sortie|résultat|zurück|ausgabe|antwort|ergebnis",
    re.IGNORECASE,
)
_OF_THE_INPUT = re.compile(
    r"\b(?:perform|apply|applied|applying|visit|process|execut|operat|remov|delet|swap|choos|select|pick|tak(?:e|ing)"
    r"|eat|buy|combin(?:e|ing)|merg|place)\w*\b[^.]{0,60}$|\b(?:is|are|be|comes?) (?:given|provided)\b[^.]{0,40}$"
    r"|\binput\b[^.]{0,40}$",
    re.IGNORECASE,
)
"""Before the words about order: what may be done, or come, in any order is not the answer."""
_INSIDE = re.compile(
    r"\border of (?:the )?[\w ]{1,40}(?:,|\band\b|\bnor\b)[^.]{0,30}order of (?:the )?\w"
    r"|\b(?:within|inside|in) (?:each|every|the|a)? ?(?:inner |sub-?)?"
    r"(?:list|array|group|subset|set|triplet|pair|row|element)s?\b",
    re.IGNORECASE,
)
_GROUPS = re.compile(
    r"\b(?:return|find|group|list|output|give|generate|get)\b[^.]{0,80}"
    r"\b(?:anagrams|triplets|triples|quadruplets|combinations|subsets|groups|power set)\b",
    re.IGNORECASE,
)
_WITH_ORDER = re.compile(
    r"\b(?:permutations?|paths?|routes?|sequences?|subsequences?|orderings?|arrangements?|itinerar\w+|intervals?|pairs?"
    r"|coordinates?|cells|edges|schedules?|boards?|rotations?|partitions?)\b",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"[*_`\"]")


@dataclass(frozen=True, slots=True)
class Freedom:
    """Where order does not count."""

    outermost: bool = False
    """In the list that is returned."""
    inside: bool = False
    """In the lists of that list as well."""


def order_of(sentences: Sequence[str]) -> Freedom:
    """Where a statement leaves the order of the answer open.

    Args:
        sentences: of the statement (`problems.sentences`).
    """
    plain = [_EMPHASIS.sub("", sentence) for sentence in sentences]
    free = [sentence for sentence in plain if _is_free(sentence)]
    if not free:
        return Freedom()
    inside = any(map(_INSIDE.search, free)) or any(
        _GROUPS.search(sentence) and not _WITH_ORDER.search(sentence) for sentence in plain
    )
    return Freedom(outermost=True, inside=inside)


def _is_free(sentence: str) -> bool:
    words = _ANY_ORDER.search(sentence)
    return (
        words is not None
        and _RESULT.search(sentence) is not None
        and _OF_THE_INPUT.search(sentence, 0, words.start()) is None
    )
