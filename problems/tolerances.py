"""The tolerance that a statement allows, in whatever words and notation: "10^-6", "1e-6", "0.000001", 误差, 오차.

A sentence gives a tolerance if it speaks of the error of an answer (in one of some fifteen languages) and names an
amount. Three rules where statements leave room:

- Absolute or relative, either, or only one of them named: both hold, as in testlib's `doubleCompare`, whatever the
  statement calls it. Two different amounts, one for each, stay apart.
- Digits ("accurate to 6 decimal places", "at least 6 digits after the decimal point"): half a unit of the last
  digit, absolute. Digits to round or to print to ("rounded to two decimals") are a form of the output, not a
  tolerance: it is compared exactly.
- What is said of the input ("given with at most 6 digits", "guaranteed") gives none.

Not covered: tolerances as pictures, and those that vary from number to number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

_SMALLEST = 18
_LOOSEST, _LOOSEST_WEAK = 1.0, 0.1  # beyond this it is hardly a tolerance
_REACH = 160

# Amounts --------------------------------------------------------------------------------------------------

_MANTISSA = r"(?P<mantissa{0}>\d{{1,9}}(?:[.,]\d{{1,9}})?)"
_AMOUNT = re.compile(
    r"(?<![\w.^,])(?:"
    rf"(?:{_MANTISSA.format(1)} ?[*x] ?)?\{{?10\}}? ?(?:\^|\*\*) ?[{{(]{{0,2}} ?- ?[{{(]? ?(?P<power>\d+)"
    rf"|(?:{_MANTISSA.format(2)} ?[*x] ?)?10 ?[{{(]? ?- ?(?P<bare>1[0-2]|[1-9])(?!\.?\d)"
    rf"|{_MANTISSA.format(3)} ?e ?\{{?-\}}? ?(?P<exponent>\d+)"
    r"|1 ?/ ?10 ?\^ ?[{(]?(?P<root>\d+)"
    r"|1 ?/ ?(?P<part>10+)(?!\d)"
    r"|(?P<percent>\d{1,3}(?:[.,]\d{1,9})?) ?(?:%|percent)"
    r"|(?P<decimal>0[.,]\d+)(?![.,]?\d)"
    r")"
    r"|(?<![\w.])(?P<short>\.\d+)"
    r"|\bone (?:part )?(?:in (?:a |one )?)?(?P<word>tenth|hundredth|thousandth|ten-?thousandth|millionth"
    r"|billionth"
    r"|thousand|million|billion)\b",
    re.IGNORECASE,
)
_WORDS = {"tenth": 1, "hundredth": 2, "thousandth": 3, "tenthousandth": 4, "millionth": 6, "billionth": 9}
_WORDS |= {"thousand": 3, "million": 6, "billion": 9}


@dataclass(frozen=True, slots=True)
class _Amount:
    start: int
    end: int
    value: float


def _amounts(sentence: str) -> list[_Amount]:
    amounts = ((amount.start(), amount.end(), _value(amount)) for amount in _AMOUNT.finditer(sentence))
    return [_Amount(start, end, value) for start, end, value in amounts if 0 < value < _LOOSEST]


def _value(amount: re.Match[str]) -> float:
    groups = amount.groupdict()
    mantissa = groups["mantissa1"] or groups["mantissa2"] or groups["mantissa3"] or "1"
    for name in ("power", "bare", "exponent", "root"):
        if groups[name]:
            return _decimal(mantissa) * _tenth_to(groups[name])
    if groups["word"]:
        return _tenth_to(str(_WORDS[groups["word"].lower().replace("-", "")]))
    if groups["part"]:
        return _tenth_to(str(len(groups["part"]) - 1))
    if groups["percent"]:
        return _decimal(groups["percent"]) / 100
    value = _decimal(groups["decimal"] or groups["short"])
    return value or _tenth_to(str(_SMALLEST))


def _tenth_to(digits: str) -> float:
    """Ten to minus that power, no less than a double can hold beside one; digits may be thousands."""
    digits = digits.lstrip("0")[:4] or "0"
    return float(f"1e-{min(int(digits), _SMALLEST)}")


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))


# Words ----------------------------------------------------------------------------------------------------

_KIND = re.compile(
    r"absol[uú]|relativ|\babs\b|\brel\b|абсолютн|относительн|відносн|절대|상대|绝对|絕對|相对|相對|絶対|assolut"
    r"|bezwzgl|względn|mutlak|göreli|bağıl|tuyệt đối|tương đối|mutlak|relatif",
    re.IGNORECASE,
)
# Nouns that say "error" and little else. Those of English and its neighbours may also tell a story, so that
# they need a kind ("absolute") or an answer beside them.
_SURE = re.compile(
    r"誤差|误差|誤り率|오차|погрешност|похибк|sai số|inaccurac|ошибк[аиу] (?:не|по)|marge d'erreur"
    r"|margen de error"
    r"|margem de erro|felmarginal|hata pay|Abweichung",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\berrors?\b|inaccura|toleran[czt]|\bprecis|\baccura|deviat|\bdiffers?\b|\bdifference|\bdiffering"
    r"|\bwithin\b"
    r"|\bepsilon\b|\bcorrect (?:up )?to\b|\boff by\b|\bto within\b|\bcloser? than\b"
    r"|精度|精确|精確|误差|誤差|오차|정확|정밀|точност|точніст|ошибк|погрешн|похибк|отлича|расходи"
    r"|\berrore?s?\b|\berreurs?\b|\berros?\b|precisi[oó]n|precis[aã]o|précision|precisione|tolér"
    r"|tolleranza|difier|difer|diffèr|diffère"
    r"|diverg|écart|\bprès\b|\bFehler|Genauigkeit|\bgenau|Abweich|abweich|weicht|Toleranz|\bfel\b|felet"
    r"|avvik|noggrann"
    r"|tolerans|błąd|błęd|dokładno|\bhata|hassasiyet|doğruluk|sai số|độ chính xác|galat|kesalahan|\bfout"
    r"|nauwkeurig"
    r"|\bskilj|\bskill",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"\|[^|]{1,60}-[^|]{1,60}\|")
_LABEL = re.compile(
    r"\W{0,4}(?:(?:allowed|permitted|checker|output) )?(?:toleranc|precision|accuracy|error)\w{0,3}\W{0,3}[:=]",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\banswers?\b|\boutput|\bprint|\bresults?\b|\bsolutions?\b|\baccept|\bcorrect|\bconsidered\b"
    r"|\bjud?ge?|\bjury"
    r"|\bchecker|\bdisplay|\byour\b|\breturn|\bignored\b|\breference\b|\bexact value|\btrue value|\bactual value"
    r"|\ballowed\b|\btolerated\b|\bpermitted\b"
    r"|出力|正解|解答|答え|正答|許容|許され|答案|输出|輸出|结果|結果|标准|標準|允许|允許|출력|정답|답|허용|결과"
    r"|ответ|вывод|выве|результат|жюри|правильн|допуска|відповід|вивед|виве"
    r"|respuesta|salida|imprim|resultado|acepta|resposta|saída|aceit|réponse|sortie|affich|résultat"
    r"|accepté|tolér"
    r"|Antwort|Ausgabe|Ergebnis|ausge|Lösung|akzept|\bsvar|utdata|skriv|tillåt|godtas|godkän|risposta|stampa"
    r"|odpowied|wypisz|wynik|cevap|çıktı|yazdır|đáp án|kết quả|jawaban|antwoord|uitvoer",
    re.IGNORECASE,
)
_INPUT = re.compile(
    r"\bgiven\b|\binput|\bcontains?\b|\bconstraints?\b|\bspecified\b|\bmeasure[sd]?\b|\bsensors?\b|入力"
    r"|与えられ|输入|輸入"
    r"|给定|給定|입력|주어|ввод|входн|задан|\bдан[аоы]?\b|entrada|\bdad[oa]s?\b|\bdados?\b|entrée|donné"
    r"|Eingabe|gegeben"
    r"|\bindata\b|\bges\b|wejści|girdi",
    re.IGNORECASE,
)
_GUARANTEE = re.compile(r"guarant|保证|保證|保証|보장|гарант|garant|promis", re.IGNORECASE)
_ACCEPTED = re.compile(
    r"accept|consider|\byour\b|allowed|tolerat|permit|correct if|允许|允許|許容|正解|허용|정답|допуск"
    r"|acept|aceit|accept",
    re.IGNORECASE,
)
_APART = re.compile(r"\bdiffer|\bwithin|отлича|difier|difer|diffèr", re.IGNORECASE)
_AT_LEAST = re.compile(
    r"at least|\bmore than|greater than|larger than|exceeds|>=|не менее|no menos|不少于|以上|이상", re.IGNORECASE
)
_NO_MORE = re.compile(
    r"(?:\bno|\bnot|n't|\bnever) (?:be )?(?:more|greater|larger|bigger) than|не более|no más", re.I
)

# Digits ---------------------------------------------------------------------------------------------------

_NUMBER_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_COUNT = rf"(?P<count{{0}}>\d{{{{1,3}}}}|{'|'.join(_NUMBER_WORDS)})"
_DIGITS = re.compile(
    rf"\b{_COUNT.format(1)} ?(?:or more |correct |exact |significant )*(?:-? ?decimals?\b"
    rf"|decimal (?:places?|digits?|points?)"
    r"|(?:digits?|places?|numbers?|figures?) (?:after|past|behind|to the right of|following) (?:the "
    r"|a )?(?:decimal|point|dot"
    r"|floating|comma)|fractional digits?|significant (?:digits?|figures?)"
    r"|знак|цифр|casas decima|cifras decima|dígitos decima|decimales|décimales|chiffres après|chữ số"
    r"|Nachkomma|Dezimal|Stellen|decimaler|miejsc po)"
    rf"|小数点(?:以下|后|後|下)? ?(?:第|至少|的)? ?{_COUNT.format(2)} ?[位桁]"
    rf"|소수점? ?(?:아래|이하|뒤)? ?(?:최소 ?)?{_COUNT.format(3)} ?(?:번째 ?)?자리",
    re.IGNORECASE,
)
_ROUNDING = re.compile(
    r"round|truncat|\bexactly\b|format|保留|四舍五入|四捨五入|반올림|округл|redonde|arredond|arrond|rund"
    r"|avrund|arroton|zaokr",
    re.IGNORECASE,
)
_ACCURATE = re.compile(
    r"accura|precis|\bcorrect (?:up )?to\b|\berrors?\b|toleran|at least|no (?:fewer|less) than|or more"
    r"|精度|精确|精確|误差|誤差"
    r"|至少|以上|오차|정확|최소|이상|точност|погрешн|не менее|precisi|précis|al menos|pelo menos|au moins|exact"
    r"|genau|mindestens|noggrann|minst|dokładn|almeno",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far numbers may be off; 0 means not at all."""

    absolute: float = 0.0
    relative: float = 0.0


def tolerance_of(sentences: Sequence[str]) -> Tolerance:
    """The tolerance that these sentences (`problems.sentences`) allow; that of the first that allows any."""
    for rule in (_by_amount, _by_digits):
        for sentence in sentences:
            tolerance = rule(sentence)
            if tolerance is not None:
                return tolerance
    return Tolerance()


def _by_amount(sentence: str) -> Tolerance | None:
    amounts = _amounts(sentence)
    if not amounts or _is_about_input(sentence):
        return None
    is_sure = _is_surely_error(sentence)
    if not is_sure and not _ANSWER.search(sentence):
        return None
    if not is_sure:
        amounts = [amount for amount in amounts if amount.value <= _LOOSEST_WEAK]
    for noun in [*_ERROR.finditer(sentence), *_FORMULA.finditer(sentence)]:
        near = _near(sentence, noun, amounts)
        if near is not None:
            return _by_kind(sentence, amounts, near)
    return None


def _is_surely_error(sentence: str) -> bool:
    """Whether it speaks of an answer's error even if it names no answer."""
    if _SURE.search(sentence) or _LABEL.match(sentence):
        return True
    return bool(_KIND.search(sentence) and _ERROR.search(sentence))


def _is_about_input(sentence: str) -> bool:
    if _GUARANTEE.search(sentence):
        return not _ACCEPTED.search(sentence)
    return bool(_INPUT.search(sentence)) and not _ANSWER.search(sentence)


def _near(sentence: str, noun: re.Match[str], amounts: Sequence[_Amount]) -> _Amount | None:
    """The amount that a word for error goes with: the next one, or else the one before it."""
    after = next((amount for amount in amounts if noun.end() <= amount.start <= noun.end() + _REACH), None)
    if after is None:
        before = [a for a in amounts if noun.start() - _REACH // 2 <= a.start and a.end <= noun.start()]
        return before[-1] if before else None
    between = sentence[noun.end() : after.start]
    is_bound_below = _APART.match(noun[0]) and _AT_LEAST.search(between) and not _NO_MORE.search(between)
    return None if is_bound_below else after


def _by_kind(sentence: str, amounts: Sequence[_Amount], near: _Amount) -> Tolerance:
    """Both tolerances: the same, unless each kind is followed by an amount of its own."""
    kinds = list(_KIND.finditer(sentence))
    ends = [kind.start() for kind in kinds[1:]] + [len(sentence)]
    own: dict[bool, float] = {}
    for kind, end in zip(kinds, ends, strict=bool(kinds)):
        value = next((a.value for a in amounts if kind.end() <= a.start < end), None)
        if value is not None:
            own.setdefault(_is_relative(kind[0]), value)
    if len(own) == 2:
        return Tolerance(own[False], own[True])
    return Tolerance(near.value, near.value)


def _is_relative(kind: str) -> bool:
    return kind.lower().startswith(("rel", "относ", "відн", "상대", "相", "wzgl", "gör", "bağ", "tương"))


def _by_digits(sentence: str) -> Tolerance | None:
    digits = _DIGITS.search(sentence)
    if not digits or _ROUNDING.search(sentence) or not _ACCURATE.search(sentence):
        return None
    is_answer = any(not word[0].lower().startswith("correct") for word in _ANSWER.finditer(sentence))
    if not is_answer or _GUARANTEE.search(sentence):
        return None
    word = next(group for group in digits.groups() if group).lower()
    count = _NUMBER_WORDS.index(word) + 1 if word in _NUMBER_WORDS else int(word)
    unit = _tenth_to(str(count))
    if "significant" in digits[0].lower():
        return Tolerance(relative=math.nextafter(5 * unit, 1.0))
    return Tolerance(absolute=unit / 2)
