"""Whether the output may be in any case, by a statement's words: "in either case", 大小写不敏感, в любом регистре.

A sentence permits it if it speaks of letter case and of what is printed, or follows one that does. Words about the
input, or about how the input's words compare ("case-insensitive order"), permit nothing.

Not covered: outputs of which only some tokens may be in any case.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_UPPER_OR_LOWER = (
    r"(?:upper|lower|small|capital)(?: ?-? ?case)?(?: letters?)? ?(?:or|and|/|,) ?(?:upper|lower|small|capital)"
)
# Each of these is a permission wherever it is said of the output.
_FREE = re.compile(
    r"(?:any|either|arbitrary|whichever|whatever|different|mixed|random) ?(?:letter "
    r"|character )?(?:-?case)\b(?! of\b)"
    r"|\bcase ?-? ?insensitiv|\bnot case ?-? ?sensitiv|insensitive to (?:letter )?case|n't case ?-? ?sensitiv"
    r"|\bcase (?:of (?:the |each |every |all )?(?:letters?|characters?|output|answer|words?)[a-z ]{0,30} )?"
    r"(?:does not|doesn't|do not|is not|isn't|won't|will not|can be|may be|will be|is|are|should not|shouldn't)"
    r"(?: be)? ?(?:matter|important|significant|relevant|considered|checked|ignored|arbitrary|any\b"
    r"|irrelevant|unimportant"
    r"|distinguished|taken into account)"
    r"|ignor(?:e|es|ing) (?:the )?(?:letter )?case|(?:regardless|irrespective"
    r"|independent) of (?:the )?(?:letter )?case"
    r"|without regard (?:to|for) (?:letter )?case|in any (?:letter )?register|any register"
    r"|register (?:does not|doesn't)"
    r"|大小[写寫](?:不敏感|无关|無關|均可|都可|皆可|任意|不限|随意|不作区分)|不区分(?:字母)?的?大小写"
    r"|不區分大小寫|任意大小[写寫]"
    r"|(?:忽略|无视|不考虑|不管|无论)(?:字母)?大小写|大小写[^。]{0,8}(?:均可|都可以|不影响|不敏感)"
    r"|大文字[とやか・、/もでの]{0,3}小文字[^。]{0,12}(?:区別しない|区別されない|区別は?しません"
    r"|どちらでも|問わない|問いません|構わない|無視)"
    r"|大小文字[^。]{0,8}(?:区別しない|区別されない|区別しません|問わない)"
    r"|대소문자[^.]{0,12}(?:구분하지|구별하지|구분 ?없|구별 ?없|상관 ?없|상관하지|무관|가리지|무시)"
    r"|люб(?:ом|ой|ому) регистр|произвольн\w+ регистр|регистр\w*[^.]{0,20}(?:не ?важ|не имеет|не учит"
    r"|не игра|произвол|любо)"
    r"|независимо от регистра|без уч[её]та регистра|регистронезавис|будь-якому регістрі"
    r"|sin distinguir (?:entre )?mayúsculas|no distingue[n]? (?:entre )?mayúsculas|(?:mayúsculas"
    r"|minúsculas) o (?:en )?(?:mayúsculas|minúsculas)"
    r"|sem distin\w+ (?:entre )?maiúsculas|(?:maiúsculas|minúsculas) ou (?:em )?(?:maiúsculas|minúsculas)"
    r"|(?:majuscules?|minuscules?) ou (?:en )?(?:majuscules?|minuscules?)|la casse (?:n'est pas|n'a pas"
    r"|ne compte)|insensible à la casse"
    r"|groß-? ?(?:und|/|oder) ?-? ?kleinschreibung[^.]{0,30}(?:egal|keine rolle|nicht|beliebig|ignoriert)"
    r"|skiftläge[^.]{0,30}(?:spelar ingen|ignoreras|oviktig)|maiuscol\w o minuscol\w"
    r"|wielkość liter[^.]{0,20}nie ma znaczenia",
    re.IGNORECASE,
)
_EITHER = re.compile(
    rf"\b(?:in|using|use|with|either|both|any of) (?:any |either |both )?(?:case ?\(?)?{_UPPER_OR_LOWER}"
    rf"|\(?{_UPPER_OR_LOWER}(?: ?-? ?case)?\)? (?:is|are|does|do|both|will|letters? (?:is|are|will))",
    re.IGNORECASE,
)
_MAY = re.compile(
    r"\bcan\b|\bmay\b|\bcould\b|\ballowed|\bpermitted|\bfree\b|\baccept|\brecogni[sz]|\beither\b|matter"
    r"|fine\b|\bok(?:ay)?\b",
    re.IGNORECASE,
)
_OUTPUT = re.compile(
    r"\bprint|\boutput|\banswers?\b|\bdisplay|\bwrit(?:e|ten|ing)\b|\brespon|\bchecker|\bjudge|\bgrader"
    r"|\baccept|\brecogni[sz]"
    r"|\bverdict|\byour\b|\bresult|\bYES\b|\byes\b"
    r"|输出|輸出|答案|打印|出力|答え|解答|출력|정답|вывод|выв[её]|ответ|напечат|виве|відпов|imprim"
    r"|respuesta|salida|escrib|resposta|saída"
    r"|affich|réponse|sortie|écri|ausgabe|ausgeb|ausgegeben|antwort|skriv|svar|stampa|risposta|wypisz|odpowied",
    re.IGNORECASE,
)
_INPUT = re.compile(
    r"\binput\b|\bis given\b|\bare given\b|\bgiven (?:a|an|the|two|in)\b|\bconsist|\bcontain|\bcomparison"
    r"|\bcompar(?:e|es|ed|ing)\b"
    r"|\bsort|\border\b|\bdistinct|\bpalindrom|\banagram|\bconvert|\bsearch|\bmatch|\bcount|\bnumber of\b"
    r"|\bdictionary|\bduplicates?"
    r"|\btreat|\bregard(?:ed|s)?\b(?! to| of| for)|\bequal\b|\bsame\b|\bguarantee|\bassume"
    r"|输入|輸入|给定|比较|排序|字符串由|入力|与えられ|比較|입력|주어|비교|정렬|ввод(?!и)|входн|дана"
    r"|сравн|сортир|entrada|compar|orden|entrée|eingabe"
    r"|vergleich|sortier|consiste|comporte|besteh",
    re.IGNORECASE,
)
_YOURS = re.compile(
    r"\byour (?:output|answer|program)|\bchecker|\bgrader|\bthe output is\b|\boutput (?:is|will be|are"
    r"|may|can)\b"
    r"|\banswers? (?:is|are|will be|can be|may be)\b|\byou (?:can|may|could) (?:print|output|write"
    r"|display|answer)|的答案|的输出",
    re.IGNORECASE,
)
_IDIOM = re.compile(
    r"\bin (?:any|either) case(?:,|;| (?:where|when|if|that|in which|you|we|he|she|it)\b)", re.IGNORECASE
)
_LETTERS = re.compile(r"letter|character|upper|lower|capital|\bword|\bstring|\"", re.IGNORECASE)
_PLAIN_CASE = re.compile(r"\b(?:any|either) case\b", re.IGNORECASE)
_QUOTE = re.compile(r"[\"'*]{1,2}([A-Za-z]{2,20})[\"'*]{1,2}")
_WORD = re.compile(r"\b[A-Za-z]{2,20}\b")
_ALL_OF = re.compile(
    r"accept|recogni[sz]|allowed|valid|equivalent|treated|fine\b|считаются|принимаются", re.IGNORECASE
)


def is_case_free(sentences: Sequence[str]) -> bool:
    """Whether these sentences (`problems.sentences`) let the output be in any case."""
    return any(
        _permits(sentence, before)
        for before, sentence in zip(["", *sentences[:-1]], sentences, strict=bool(sentences))
    )


def _permits(sentence: str, before: str) -> bool:
    if _has_spellings(sentence):
        return True
    if not _speaks_of_any_case(sentence):
        return False
    if _YOURS.search(sentence):
        return True
    if _INPUT.search(sentence):
        return False
    if _OUTPUT.search(sentence):
        return True
    return bool(_OUTPUT.search(before)) and not _INPUT.search(before)


def _speaks_of_any_case(sentence: str) -> bool:
    if _IDIOM.search(sentence) and not _LETTERS.search(sentence):
        return False
    free = _FREE.search(sentence)
    if free and _PLAIN_CASE.fullmatch(free[0]):
        return bool(_MAY.search(sentence) or _LETTERS.search(sentence))
    return bool(free) or bool(_EITHER.search(sentence) and _MAY.search(sentence))


def _has_spellings(sentence: str) -> bool:
    """Whether one word is accepted in several spellings: "yEs", "yes", "Yes" and "YES"."""
    if not _ALL_OF.search(sentence):
        return False
    words = _WORD.findall(sentence)
    # Of bare words, a capital at the start of a sentence is no spelling of its own.
    spellings = {
        *_QUOTE.findall(sentence),
        *(word for word in words if not (word[1:].islower() or word.isupper())),
    }
    return _most_spellings(spellings) > 1 or _most_spellings(set(words)) > 2


def _most_spellings(words: set[str]) -> int:
    return max(Counter(word.lower() for word in words).values(), default=0)
