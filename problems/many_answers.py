"""Whether a statement accepts more than one answer: "print any of them", 任意一个, выведите любой.

A comparison with the shown output then says little: only a checker can tell.

Not covered: statements that accept several answers without saying so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_GIVE = (
    r"(?:print|output|return|display|give|provide|write|report|show|construct|produce|submit|answer with|accept)"
    r"(?:s|ed|ing)?"
)
_THINGS = (
    r"(?:answers?|solutions?|outputs?|ways?|options?|results?|sequences?|permutations?|arrays?|strings?"
    r"|pairs?|triples?"
    r"|sets?|subsets?|subsequences?|substrings?|paths?|routes?|orders?|orderings?|arrangements?"
    r"|assignments?|colou?rings?"
    r"|configurations?|plans?|strateg(?:y|ies)|schedules?|partitions?|matri(?:x|ces)|grids?|trees?"
    r"|graphs?|words?|numbers?"
    r"|moves?|values?|integers?|points?|choices?|possibilit(?:y|ies)|combinations?|representations?"
    r"|constructions?"
    r"|matchings?|cycles?|roots?|names?|lists?|tables?|lines?|vertices|nodes?|candidates?|distributions?"
    r"|sortings?|squares?)"
)
_GOOD = (
    r"(?:valid|possible|correct|suitable|such|feasible|optimal|acceptable|winning|satisfying|appropriate"
    r"|legal|good|best"
    r"|single|right|minimal|maximal|shortest|longest|admissible|beautiful|matching|lexicographically)"
)
_MANY = r"(?:multiple|several|many|more than one|more than 1|various|a number of|different|two or more|numerous)"
# "print any", unless what follows says that it is not an answer: "print any number of spaces".
_ANY = re.compile(
    rf"\b{_GIVE} (?:(?:out |just |exactly |only |them |the answer |it )?)(?:any|either|an arbitrary"
    rf"|arbitrary|whichever|anyone)\b"
    rf"(?: (?:one|{_GOOD}|of|{_THINGS}))?",
    re.IGNORECASE,
)
_NO_ANSWER = re.compile(
    r" ?(?:other|extra|additional|more|further|thing|blank|spaces?|whitespace|amount|number of|text|debug"
    r"|prompt|message"
    r"|order|letter|case|time|register|character in|explanation|leading|trailing|unnecessary|information"
    r"|output\b(?! that))",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|n't|never|without|avoid|no need to|cannot|can't)\b|n't\b", re.IGNORECASE)
_OF_THEM = re.compile(
    rf"\bany (?:one )?(?:of )?(?:them|these|those|the {_GOOD}|the {_THINGS}|{_GOOD}|{_THINGS}|one)\b[^.]{{0,60}}"
    r"(?:accept|acceptable|\bfine\b|\bok(?:ay)?\b|allowed|\bwill do\b|suffic|permitted|considered correct"
    r"|\bis correct"
    r"|\bis valid|be printed|be output|be given|be returned|counted as correct|\bcounts\b)"
    rf"|\b(?:print|output)\b[^.]{{0,100}}(?:and|-|,|:|\() ?(?:then )?any (?:{_GOOD} {_THINGS}|positive|integer)"
    rf"|\bfind any (?:one|{_GOOD}) (?:of|{_THINGS})"
    rf"|\b(?:print|output|return|give)\b[^.]{{0,40}}\bany (?:one )?of (?:them|these|those|the {_GOOD})\b"
    r"|\bany (?:one )?of (?:them|these|those)[.,;)]?$"
    rf"|\b{_MANY} (?:{_GOOD} )?(?:answers|solutions|outputs)[^.]{{0,60}}(?:\bare accepted|be accepted"
    rf"|are all accepted|all accepted"
    r"|are (?:all )?(?:correct|valid|acceptable)|accept(?:s|ed) any)"
    rf"|\b(?:any|every|all) (?:{_GOOD} )(?:answers?|solutions?|outputs?|{_THINGS})[^.]{{0,30}}(?:accepted"
    rf"|acceptable|get full|receives?"
    r"|is ok|is fine|will do|is allowed)"
    r"|\bif there (?:is|are) (?:more than one|multiple|several|many)[^.]{0,120}\b(?:any|either|arbitrary"
    r"|whichever)\b(?! order| case)"
    r"|\bin case of (?:multiple|several|many|a tie|ties)[^.]{0,80}\b(?:any|either|arbitrary|whichever"
    r"|arbitrarily)\b"
    r"|\b(?:answer|solution)s? (?:is|are) not (?:necessarily )?unique|\bspecial (?:judge|checker)|\bspj\b"
    r"|\bties? (?:can|may) be broken arbitrarily"
    r"|\bdoes(?: not|n't) matter which (?:one|of them|answer|solution)"
    r"|\bchecker (?:program )?(?:will )?accepts? (?:any|every|all)",
    re.IGNORECASE,
)
_OTHER_LANGUAGES = re.compile(
    r"(?:複数|ふたつ以上|2 ?つ以上|二つ以上)[^。]{0,40}(?:どれ|いずれ|任意|どの|1 ?つ|一つ|ひとつ)"
    r"|(?:どれ|いずれ)(?:か|を|の|でも|か一つ|か 1 ?つ)[^。]{0,24}(?:出力|よい|良い|構わない|かまわない"
    r"|正解|答え)"
    r"|任意の(?:もの|解|1 ?つ|一つ|答え)[^。]{0,12}出力|条件を満たすもの[^。]{0,20}(?:1 ?つ|一つ|どれ"
    r"|いずれ)[^。]{0,12}出力"
    r"|(?:输出|輸出|给出|打印|找出|返回|回傳|構造|构造)[^。]{0,16}(?:任意|任一|其中(?:一|任)|任何一|随便)"
    r"|任意(?:一|1|的)?(?:种|個|个|组|組|条|解|方案|答案|输出|輸出)[^。]{0,24}(?:即可|均可|都可|可以|正确"
    r"|皆可|接受|就行|都行)"
    r"|(?:多解|多组解|多組解|多种(?:方案|答案|解)|多个(?:解|答案|方案)|多組答案|多组答案"
    r"|不唯一)[^。]{0,40}(?:任意|任一|任何|均可|都可|皆可|一种|一组|一个|即可)"
    r"|特殊(?:评测|判题)|特判|スペシャルジャッジ|스페셜 ?저지"
    r"|(?:여러|둘 이상|가지)[^.]{0,40}(?:아무|하나만|하나를|어느|임의|어떤)|아무 ?(?:거나|것이나|것|하나"
    r"|답)[^.]{0,16}(?:출력|좋|된다|정답)|임의의 (?:하나|것|답)[^.]{0,12}출력"
    r"|(?:несколько|много|более одного|не единствен)[^.]{0,80}(?:люб|одно из|один из|одну из|произвольн)"
    r"|(?:вывед|выводит|напечат|найд|укаж|распечат|верн)\w*[^.]{0,16} (?:любо|любу|любы"
    r"|произвольн)(?![^.]{0,12}(?:порядк|регистр))"
    r"|(?:виведіть|вивести)[^.]{0,16} (?:будь-як|довільн)"
    r"|(?:varias|múltiples|más de una?|muchas)[^.]{0,80}(?:cualquier)|(?:imprim|escrib|muestr"
    r"|devuelv)\w*[^.]{0,16} cualquier(?!\w* orden)"
    r"|(?:várias|múltiplas|mais de uma?|diversas)[^.]{0,80}(?:qualquer)|(?:imprim|escrev"
    r"|mostr)\w*[^.]{0,16} qualquer"
    r"|(?:plusieurs)[^.]{0,80}(?:n'importe|l'une|une seule|laquelle|quelconque)|affich\w*[^.]{0,16} n'importe"
    r"|(?:mehrere|mehr als eine)[^.]{0,80}(?:beliebig|irgendein|eine davon|jede)|(?:gib|geben sie"
    r"|ausgabe)[^.]{0,16} (?:eine )?(?:beliebige|irgendeine)"
    r"|(?:flera|fler än ett)[^.]{0,80}(?:vilken som helst|vilket som helst|valfri|något av|någon av)"
    r"|skriv[^.]{0,16} (?:valfri|vilken som helst)"
    r"|(?:più|molteplici)[^.]{0,60}(?:una qualsiasi|qualunque|qualsiasi)|(?:wiele|kilka"
    r"|więcej niż)[^.]{0,60}(?:dowoln|którekolwiek)"
    r"|(?:birden (?:fazla|çok))[^.]{0,60}(?:herhangi)|(?:nhiều)[^.]{0,60}(?:bất kỳ|bất kì|tùy ý)",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"\W{0,3}In (?:the|this) (?:\w{1,12} )?(?:sample|example|case|test)\b", re.IGNORECASE)
_PRINTED_ORDER = re.compile(
    r"\b(?:print|output|list|display|write|report|print(?:ed)?|outputs?)\b[^.]{0,80}\bin (?:any"
    r"|arbitrary) order\b"
    r"|\b(?:order of (?:the )?(?:output|lines|answers|printed)|output order)[^.]{0,30}(?:does not|doesn't"
    r"|is not|isn't) (?:matter|important)"
    r"|(?:输出|輸出)[^。]{0,20}(?:任意顺序|任意順序|顺序任意|順序不限|顺序不限)"
    r"|(?:出力)[^。]{0,20}順(?:番|序)は?(?:問わない|任意)|順不同[^。]{0,10}出力"
    r"|(?:вывед|вывод)\w*[^.]{0,60}в (?:любом|произвольном) порядке|순서(?:는|에)? ?(?:상관 ?없"
    r"|아무)[^.]{0,20}출력"
    r"|imprim\w*[^.]{0,60}(?:cualquier orden|qualquer ordem)",
    re.IGNORECASE,
)


def has_many_answers(sentences: Sequence[str], *, is_call: bool) -> bool:
    """Whether these sentences (`problems.sentences`) accept several answers.

    Args:
        sentences: the sentences.
        is_call: whether a function is asked for; its list may come in any order without that being several
            answers, because the comparator knows it.
    """
    return any(
        _accepts_any(sentence) or (not is_call and bool(_PRINTED_ORDER.search(sentence))) for sentence in sentences
    )


def _accepts_any(sentence: str) -> bool:
    if _EXAMPLE.match(sentence):
        return False
    if _OF_THEM.search(sentence) or _OTHER_LANGUAGES.search(sentence):
        return True
    for match in _ANY.finditer(sentence):
        before, after = sentence[max(0, match.start() - 20) : match.start()], sentence[match.end() :]
        if not _NOT.search(before) and not _NO_ANSWER.match(after):
            return True
    return False
