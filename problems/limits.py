"""Time and memory limits, as statements word them in the languages and layouts of contest sites.

A limit is a label and then a quantity: beside it, on a line below, or in the same column of the row below. Where a
site gives one limit for Java and one for others, or one for C++ and one for others, the one for others holds.

Not covered: limits of single subtasks or of one named language, and limits told in a sentence without a label.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from problems.types import Problem

_TIME_LABEL = re.compile(
    r"time[ -]?(?:limit(?:ation)?s?|out)"
    r"|[时時](?:间|間)限制|[时時]限|時間制限|制限時間|시간 ?제한|제한 ?시간"
    r"|(?:ограничение|лимит) (?:по )?времени|(?:обмеження|ліміт) (?:по |на )?час[уі]?"
    r"|l[íi]mite de (?:tiempo|tempo|temps)|limite di tempo|zeit(?:limit|begrenzung)|tijdslimiet|limit czasu"
    r"|batas waktu|giới hạn thời gian|zaman (?:limiti|sınırı)|tidsgräns",
    re.IGNORECASE,
)
_MEMORY_LABEL = re.compile(
    r"memory[ -]?(?:usage )?limit(?:ation)?s?"
    r"|内存限制|空[间間]限制|記憶體限制|メモリ(?:使用量)?制限|메모리 ?제한"
    r"|(?:ограничение|лимит) (?:по |использования )?памяти|(?:обмеження|ліміт) (?:використання |по |на )?пам.яті"
    r"|l[íi]mite de m[eé]m(?:[oó]ria|oire)|limite di memoria|speicher(?:limit|begrenzung)|geheugenlimiet"
    r"|limit pamięci|dostępna pamięć|batas memori|giới hạn bộ nhớ|bellek (?:limiti|sınırı)|minnesgräns",
    re.IGNORECASE,
)
_TIME_WORD = re.compile(r"(?<!\w)(?:time|tl|время|tiempo|tempo|temps|zeit)\s?[:=]", re.IGNORECASE)
_MEMORY_WORD = re.compile(r"(?<!\w)(?:mem(?:ory)?|ml|память|mem[oó]ria|mémoire|内存|空间)\s?[:=]", re.IGNORECASE)

_SECONDS = {
    r"ms(?:ecs?)?\b|mil+i\s?sec\w*|mil+isegundos?|mil+isekund\w*|м[иі]л+[иі]сек\w*|мс\b|毫秒|ミリ秒|밀리초": 0.001,
    r"s\b|secs?\b|second\w*|segundos?|segs?\b|sekund\w*|sek\b|с\b|сек\w*|秒|초|detik|giây|saniye": 1.0,
    r"min(?:ute)?s?\b|минут\w*|分|분": 60.0,
}
_MEBIBYTES = {
    r"k(?:i?[bo])?\b|ki(?:lo|bi)\s?(?:byte|octet)\w*|кило\s?ба[йи]т\w*|к(?:и?б)?\b": 1 / 1024,
    r"m(?:i?[bo])?\b|m(?:ega|ebi)\s?(?:byte|octet)\w*|мега\s?ба[йи]т\w*|м(?:и?б)?\b|兆": 1.0,
    r"g(?:i?[bo])?\b|gi(?:ga|bi)\s?(?:byte|octet)\w*|гига\s?ба[йи]т\w*|гі?га\s?байт\w*|г(?:и?б)?\b": 1024.0,
    r"b(?:ytes?)?\b|байт\w*|octets?": 1 / (1 << 20),
}
_NUMBER = r"\d{1,12}(?:[.,]\d{1,9}){0,3}"


def _quantity(units: dict[str, float]) -> str:
    """The pattern of a number, or several with slashes between, and a unit."""
    return rf"(?P<numbers>{_NUMBER}(?:\s?/\s?{_NUMBER}){{0,3}})\s{{0,3}}(?:{'|'.join(_units(units))})"


def _units(units: dict[str, float]) -> Iterator[str]:
    return (f"(?P<u{n}>{pattern})" for n, pattern in enumerate(units))


_PER = (
    r"(?:\b(?:is|are|was|of|per|for|on|each|every|all|single|the|por|para|par|pro|di|cada|на|один|одного|каждый)\b"
    r"|(?:testcase|test|case|input|file|program|prueba|caso|теста?|тест[аоу]?в?)s?"
    r"|1ケース|テスト|每个测试点|单点|c/c\+\+|其他语言)"
)
_FILLER = rf"(?:[\s:=|>()\[\]\-–—,]|{_PER}){{0,40}}+"
_ROW_OF_DASHES = re.compile(r"[\s|:+-]*")
_CELLS = re.compile(r"\t|\||\s{2,}")
_REST_OF_LABEL = re.compile(r"[\s:()]{0,3}\w{0,12}[\s:()]{0,3}")
_OTHERS = re.compile(r"[\s,;()/]{0,4}(?:others?|other languages|其他(?:语言)?)\s?:?\s?", re.IGNORECASE)
_WINDOW, _HEAD, _HEAD_LINES, _HEAD_WINDOW = 160, 4000, 15, 40
_MOST_SECONDS, _LEAST_MEMORY, _MOST_MEMORY = 120.0, 16, 2048


class _Kind:
    """One kind of limit: how it is labelled and what its units are worth."""

    def __init__(
        self,
        labels: tuple[re.Pattern[str], re.Pattern[str]],
        units: dict[str, float],
        without_unit: tuple[tuple[float, float], ...],
        other: tuple[re.Pattern[str], dict[str, float]],
    ) -> None:
        """What to look for.

        Args:
            labels: the label, and the word that is a label only at the head of a statement.
            units: patterns of units, and what each is worth.
            without_unit: the most that a bare number may be, and what a unit of it is worth, ascending.
            other: the other kind's label and units, which may stand between this label and its quantity.
        """
        self._label, self._word = labels
        self._worth = tuple(units.values())
        self._worth_without_unit = without_unit
        self._decimal_comma = 1.0 if units is _SECONDS else None
        quantity = _quantity(units)
        other_quantity = rf"{_NUMBER}\s?(?:{'|'.join(other[1])})"
        between = rf"(?:{_FILLER}(?:{other[0].pattern}|{other_quantity}))?"
        self._beside = re.compile(rf"{between}{_FILLER}{quantity}", re.IGNORECASE)
        self._alone = re.compile(quantity, re.IGNORECASE)
        self._unit_first = re.compile(
            rf"[\s,(\[]{{1,3}}(?:in\s)?(?:{'|'.join(_units(units))})\s?[)\]]?[\s:=|]{{1,9}}(?P<numbers>{_NUMBER})",
            re.IGNORECASE,
        )
        self._bare = re.compile(rf"[ \t]?[:=]\s{{0,3}}(?P<numbers>{_NUMBER})[ \t]{{0,3}}$", re.MULTILINE)

    def limit(self, text: str) -> float | None:
        """The limit in seconds or mebibytes; None where the text has none."""
        for label in self._label.finditer(text):
            if amount := self._after(text, label):
                return amount
        head = "\n".join([line for line in text[:_HEAD].split("\n") if line.strip()][:_HEAD_LINES])
        for word in self._word.finditer(head):
            if amount := self.amount(head[word.end() :][:_HEAD_WINDOW]):
                return amount
        return None

    def amount(self, text: str) -> float | None:
        """What the quantity at the beginning is, in seconds or mebibytes; None where none is there."""
        match = self._alone.match(text.lstrip())
        return self._value(match) if match else None

    def _after(self, text: str, label: re.Match[str]) -> float | None:
        window = text[label.end() : label.end() + _WINDOW]
        if match := self._beside.match(window) or self._unit_first.match(window):
            others = _OTHERS.match(window, match.end())
            return (self.amount(window[others.end() :]) if others else None) or self._value(match)
        if match := self._bare.match(window):
            number = _number(match["numbers"], decimal_comma=True)
            return next((number * worth for most, worth in self._worth_without_unit if number <= most), None)
        return self._below(text, label)

    def _value(self, match: re.Match[str]) -> float:
        worth = next(worth for n, worth in enumerate(self._worth) if match[f"u{n}"])
        number = match["numbers"].split("/")[-1].strip()
        return _number(number, decimal_comma=worth == self._decimal_comma) * worth

    def _below(self, text: str, label: re.Match[str]) -> float | None:
        """The quantity in the row under the label: in its column, or else the first of this kind."""
        start = text.rfind("\n", max(0, label.start() - 2 * _WINDOW), label.start()) + 1
        end = text.find("\n", label.end(), label.end() + 2 * _WINDOW)
        if end < 0 or not _REST_OF_LABEL.fullmatch(_CELLS.split(text[label.end() : end])[0]):
            return None
        column = len(_CELLS.split(text[start : label.start()].lstrip(" ")))
        rows = text[end + 1 : end + 4 * _WINDOW].split("\n")
        row = next((row for row in rows if not _ROW_OF_DASHES.fullmatch(row)), "")
        cells = _CELLS.split(row.lstrip(" "))
        for cell in cells[column - 1 : column] + cells:
            if amount := self.amount(cell):
                return amount
        return None


def _number(text: str, *, decimal_comma: bool) -> float:
    """`1,5` and `0,500` are below two; `65,536` is above sixty thousand, unless its comma must be decimal."""
    whole, *groups = text.split(",")
    if len(groups) == 1 and "." not in text and (len(groups[0]) != 3 or whole == "0" or decimal_comma):
        return float(f"{whole}.{groups[0]}")
    digits, *fraction = text.replace(",", "").split(".")
    return float(f"{digits}.{''.join(fraction)}")


_TIME = _Kind((_TIME_LABEL, _TIME_WORD), _SECONDS, ((60.0, 1.0), (120_000.0, 0.001)), (_MEMORY_LABEL, _MEBIBYTES))
_MEMORY = _Kind(
    (_MEMORY_LABEL, _MEMORY_WORD), _MEBIBYTES, ((4096.0, 1.0), (4_194_304.0, 1 / 1024)), (_TIME_LABEL, _SECONDS)
)
_WITHOUT_LABEL = re.compile(
    rf"^\W{{0,4}}(?:limits?:)?\s{{0,3}}(?P<time>{_NUMBER}\s?(?:{'|'.join(_SECONDS)}))[\s.,;/|]{{1,4}}"
    rf"(?P<memory>{_NUMBER}\s?(?:{'|'.join(_MEBIBYTES)}))\W{{0,4}}$",
    re.IGNORECASE | re.MULTILINE,
)


def time_limit(text: str) -> float:
    """CPU time per case in seconds; the default where the statement names none."""
    seconds = _limit(text, _TIME, "time")
    if seconds is None:
        return Problem("", "").time_limit_s
    return min(max(seconds, 0.1), _MOST_SECONDS)


def memory_limit(text: str) -> int:
    """Memory per case in MiB; the default where the statement names none."""
    mebibytes = _limit(text, _MEMORY, "memory")
    if mebibytes is None:
        return Problem("", "").memory_limit_mb
    return int(min(max(mebibytes, _LEAST_MEMORY), _MOST_MEMORY))


def _limit(text: str, kind: _Kind, group: str) -> float | None:
    bare = re.sub(r"[*_`]", "", unicodedata.normalize("NFKC", text))
    amount = kind.limit(bare)
    if amount is not None:
        return amount
    match = _WITHOUT_LABEL.search(bare)
    return kind.amount(match[group]) if match else None
