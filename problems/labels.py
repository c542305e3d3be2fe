"""The words that introduce sample inputs and outputs, in the languages that statements come in.

A label is a line of such words, numbers and decoration only: `Sample Input #1`, `-----Output-----`, `예제 입력 1`,
`Entrada de ejemplo:`. A line with any other word, such as `Input Format`, is not a label.

Not covered: labels that are pictures, and languages that are not in the table.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_INPUT = {
    "English": "input|inputs|in|stdin|input data|input.txt|input file",
    "Japanese": "入力",
    "Chinese": "输入|輸入|输入数据|輸入資料",
    "Korean": "입력",
    "Russian": "входные данные|исходные данные|входной файл|ввод|вход",
    "Ukrainian": "вхідні дані|вхідний файл",
    "Spanish, Portuguese": "entrada|entradas",
    "French": "entrée|entrées|entree",
    "German": "eingabe|eingaben|eingabedaten",
    "Italian": "dati di input",
    "Polish": "wejście|wejscie|dane wejściowe",
    "Swedish": "indata",
    "Vietnamese": "dữ liệu vào|đầu vào",
    "Indonesian": "masukan",
    "Turkish": "girdi|giriş",
    "Czech": "vstup",
    "Persian, Arabic": "ورودی|المدخلات|الإدخال",
}
_OUTPUT = {
    "English": "output|outputs|out|stdout|output data|output.txt|output file|expected output",
    "Japanese": "出力",
    "Chinese": "输出|輸出|输出数据|輸出資料",
    "Korean": "출력",
    "Russian": "выходные данные|результат|выходной файл|вывод|выход",
    "Ukrainian": "вихідні дані|вихідний файл",
    "Spanish, Portuguese": "salida|salidas|saída|saídas|saida",
    "French": "sortie|sorties",
    "German": "ausgabe|ausgaben|ausgabedaten",
    "Italian": "dati di output",
    "Polish": "wyjście|wyjscie|dane wyjściowe",
    "Swedish": "utdata",
    "Vietnamese": "dữ liệu ra|đầu ra",
    "Indonesian": "keluaran",
    "Turkish": "çıktı|çıkış",
    "Czech": "výstup",
    "Persian, Arabic": "خروجی|المخرجات|الإخراج",
}
_SAMPLE = {
    "English": "sample|samples|example|examples",
    "Japanese": "例|サンプル|入出力例",
    "Chinese": "样例|樣例|示例|范例|範例|例子|输入输出样例|測資範例",
    "Korean": "예제|예시|예|입출력 예|입출력 예제",
    "Russian": "пример|примеры|примера",
    "Ukrainian": "приклад|приклади",
    "Spanish, Portuguese": "ejemplo|ejemplos|exemplo|exemplos",
    "French": "exemple|exemples",
    "German": "beispiel|beispiele",
    "Italian": "esempio|esempi",
    "Polish": "przykład|przykłady|przykładowe|przykładowy",
    "Swedish": "exempel",
    "Vietnamese": "ví dụ|mẫu",
    "Indonesian": "contoh",
    "Turkish": "örnek|örnekler",
    "Czech": "příklad",
    "Persian, Arabic": "نمونه|مثال",
}
_JOINTS = {
    "beispieleingabe": "input", "beispielausgabe": "output",  # one word in German
    "exempelindata": "input", "exempelutdata": "output",  # and in Swedish
    "exampleinputcopy": "input", "examplesinputcopy": "samples",  # pasted without white space
}  # fmt: skip
_FILLERS = (
    "test|tests|case|cases|testcase|testcases|run|runs|data|no|number|standard|std|copy|for|of|the|and|a|"
    "コピー|复制|複製|복사|数据|測試|测试|第|组|組|一|二|三|и|к|тест|для|de|d'|do|da|del|di|du|des|para|pour|zum|zur|y|e|et|"
    "und|i|danych|ke|till|dla|prueba|teste|caso|casos"
)
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_DECORATION = " \t-=*#_~`[]<>()【】「」『』{}|:.№/"
_LONGEST = 60
_MARKS = re.compile(r"[\s\-=*#_~`\[\]<>()【】「」『』{}|:.№/]+|\d+(?:st|nd|rd|th|º|\.)?")

LANGUAGES = len(_INPUT) + 1
"""In how many languages labels are known; Spanish and Portuguese share a row, and so do Persian and Arabic."""


def _vocabulary() -> list[tuple[str, str]]:
    """(word, what it is), longest first, so that `输入数据` is not taken for `输入`."""
    words = [(word, "input") for row in _INPUT.values() for word in row.split("|")]
    words += [(word, "output") for row in _OUTPUT.values() for word in row.split("|")]
    words += [(word, "sample") for row in _SAMPLE.values() for word in row.split("|")]
    words += [(word, "filler") for word in _FILLERS.split("|")]
    words += list(_JOINTS.items())
    return sorted(words, key=lambda pair: -len(pair[0]))


def _pattern(word: str) -> str:
    # Scripts without spaces join words, as the button of `InputCopy` does; elsewhere `in` must not begin `inside`.
    return re.escape(word) + ("" if _NO_SPACES.search(word) or word.endswith("'") else r"(?:(?!\w)|(?=copy\b))")


_MEANINGS = dict(_vocabulary())
_WORD = re.compile("|".join(_pattern(word) for word, _ in _vocabulary()))

_NOTE_WORDS = (
    "notes?|explanations?|hints?|remarks?|constraints?|scoring|source|limits|explain|clarifications?|warnings?|"
    "пояснени[ея]|примечани[ея]|замечани[ея]|объяснение|подсказка|ограничения|пояснення|"
    "explicaci[óo]n|explica[çc][ãa]o|explications?|notas?|observaci[óo]n|observa[çc][ãa]o|remarques?|restricciones|"
    "erkl[äa]rung(?:en)?|hinweise?|bemerkung(?:en)?|anmerkung(?:en)?|spiegazione|wyja[śs]nienie|uwagi?|"
    "f[öo]rklaring|gi[ảa]i th[íi]ch|penjelasan|a[çc][ıi]klama"
)
_NOTE_CJK = (
    "説明|解説|注|制約|ヒント|样例解释|样例说明|樣例說明|样例[ \\d#]*(?:解释|说明)|解释|说明|說明|提示|数据范围|"
    "数据规模|限制|힌트|노트|제한|설명|풀이"
)
_NOTE = re.compile(rf"(?:{_NOTE_WORDS})\b|{_NOTE_CJK}", re.IGNORECASE)
_FOOTER = re.compile(
    r"(?:(?:problem\s+)?(?:author|credits?|setter|source|tags?|topics?|id)s?|recommend(?:ed)?|compan(?:y|ies)|"
    r"time\s*limit|memory\s*limit|sub-?tasks?|submit|statistics|difficulty|category|uploaded by|added by|"
    r"related(?: topics)?|follow[- ]?up|your task|expected (?:time|auxiliary|space)[^:]*|origin|contest|"
    r"languages?|"
    r"solution|editorial|cases? count|date|resource|accepted|submissions?|acceptance rate|автор|источник|"
    r"autor|fuente|fonte|auteur|quelle|出典|来源|出处|作者|標籤|标签|출처|알고리즘 분류|만든 사람)\s*(?::.*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a line introduces."""

    kind: str
    """"input", "output", "samples" (a section of them) or "both" (inputs and outputs side by side)."""
    sample: bool
    """Whether it says that it is of a sample, or has a number; a bare `Input` may head the format."""


def label_of(text: str) -> Label | None:
    """The label that a line is, None for any other line.

    Args:
        text: the line without heading marks and emphasis.
    """
    if not text or len(text) > _LONGEST:
        return None
    text = _fold(text)
    kinds: list[str] = []
    has_number = has_value = False
    at = 0
    while at < len(text):
        if mark := _MARKS.match(text, at):
            if mark[0][0].isdigit():
                if has_value:
                    return None  # `Input: 5` holds a value
                has_number = True
            has_value = has_value or (":" in mark[0] and kinds[-1:] in (["input"], ["output"]))
            at = mark.end()
        elif word := _WORD.match(text, at):
            kinds.append(_MEANINGS[word[0]])
            at = word.end()
        else:
            return None
    return _label(kinds, has_number=has_number, fillers_lead=kinds[:1] == ["filler"])


def _label(kinds: list[str], *, has_number: bool, fillers_lead: bool) -> Label | None:
    sides = [kind for kind in kinds if kind in ("input", "output")]
    sample = "sample" in kinds or "samples" in kinds
    if not sides:
        return Label("samples", sample=True) if sample else None
    if len(set(sides)) == 1:
        return Label(sides[0], sample=sample or has_number or fillers_lead)
    if sides[0] == "output" and "filler" in kinds[kinds.index("output") : kinds.index("input")]:
        return Label("output", sample=True)  # `Output for Sample Input 1`
    return Label("both", sample=sample or has_number)


def inline_label(text: str) -> tuple[Label, str] | None:
    """The label before a colon and the words after it, as in `Input: 5`."""
    head, colon, rest = _narrow_colon(text[:_LONGEST]).partition(":")
    label = label_of(head) if colon else None
    if label is None or label.kind not in ("input", "output"):
        return None
    rest = text[len(head) + 1 :].strip()
    return (label, rest) if rest.strip("`* ") else None


def begins_note(text: str) -> bool:
    """Whether a line begins an explanation, in whatever language: it is no output."""
    return bool(_NOTE.match(text.lstrip(_DECORATION)))


def is_footer(text: str) -> bool:
    """Whether a line is one of those that sites put under a statement, such as `Author` or `Time Limit: 1 s`."""
    return len(text) < 2 * _LONGEST and bool(_FOOTER.fullmatch(text.strip(_DECORATION)))


def _fold(text: str) -> str:
    """In lower case, with plain signs in place of full-width ones."""
    return unicodedata.normalize("NFKC", text).lower().strip()


def _narrow_colon(text: str) -> str:
    return text.replace("：", ":")
