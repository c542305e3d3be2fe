"""How a program is given its input and where its output goes: standard streams, named files, or a conversation.

Not covered: a conversation itself. An interactive problem needs the judge's other half, which no statement holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_INTERACTIVE = re.compile(
    r"\binteractive (?:problem|task|challenge|question|exercise|judge|grader)|\b(?:problem"
    r"|task)(?: \w+)? is interactive\b"
    r"|\binteract(?:s|ing|ion)? with (?:the |an? |our |this )?(?:judge|judging|grader|grading|jury"
    r"|interactor|checker)"
    r"|\binteractor\b|\binteraction protocol\b|交互(?:式)?(?:题|題)|(?:本题|此题|这是)[^。]{0,10}交互"
    r"|这是一个交互|インタラクティブ(?:な)?(?:問題|形式|ジャッジ)"
    r"|リアクティブ(?:な)?問題|対話(?:型|式|的な?)(?:の)?問題|(?:인터랙티브|인터렉티브|대화형"
    r"|상호작용) ?문제|интерактивн\w+ (?:задач|проблем)|задач\w+[^.]{0,20}интерактивн"
    r"|інтерактивн\w+ задач|problema (?:es |é )?(?:un problema )?interactiv|problema interativ"
    r"|problem[ae] interattiv|problème interactif"
    r"|interaktives? (?:Problem|Aufgabe)|interaktive Aufgabe|interaktivt problem|interaktywn\w+ zadani"
    r"|zadanie interaktywne",
    re.IGNORECASE,
)
_NOT_INTERACTIVE = re.compile(
    r"\bnot (?:an? )?interactive|n't (?:an? )?interactive|\bnon-?interactive|不是(?:一道|一个)?交互"
    r"|не (?:является )?интерактивн|non-interactive",
    re.IGNORECASE,
)
# A name as sites give it: short, without folders, with one of the usual endings.
_FILE = re.compile(
    r"(?<![\w./\\-])([A-Za-z0-9][\w-]{0,40}\.(?:in|inp|out|oup|ans|txt|dat|input|output))(?![\w/\\]|\.\w)",
    re.IGNORECASE,
)
_ABOUT_INPUT = re.compile(
    r"\binput|\bread|\bfreopen|\bstdin|入力|输入|輸入|입력|входн|ввод|вхідн|чита|считы|прочит|entrada"
    r"|\blee\b|\bler\b|\bleia|entrée|\blire\b|eingabe|\blies|ulaz|wejści",
    re.IGNORECASE,
)
_ABOUT_OUTPUT = re.compile(
    r"\boutput|\bwrit|\bprint|\bstdout|出力|输出|輸出|출력|выходн|вывод|вывед|вивед|вихідн|запис|salida"
    r"|escrib|saída|escrev|sortie|écri|ausgabe|schreib|izlaz|wyjści",
    re.IGNORECASE,
)
_INPUT_ENDINGS, _OUTPUT_ENDINGS = ("in", "inp", "input"), ("out", "oup", "ans", "output")
_FILE_WORDS = re.compile(
    r"\bfile|\bfreopen|файл|文件|檔案|ファイル|파일|archivo|fichero|arquivo|ficheiro|fichier|\bdatei"
    r"|\bplik|\bfil\b",
    re.IGNORECASE,
)
_REACH = 80


@dataclass(frozen=True, slots=True)
class Files:
    """The files that a statement names for input and output: names without folders, None where there is none."""

    input: str | None = None
    output: str | None = None


def is_interactive(sentences: Sequence[str]) -> bool:
    """Whether these sentences (`problems.sentences`) ask for a conversation with the judge."""
    return any(_INTERACTIVE.search(sentence) and not _NOT_INTERACTIVE.search(sentence) for sentence in sentences)


def files_of(sentences: Sequence[str]) -> Files:
    """The files that these sentences name for input and output; the first of each."""
    names: dict[bool, str] = {}
    for before, sentence in zip(["", *sentences[:-1]], sentences, strict=bool(sentences)):
        context = f"{before} {sentence}"
        if not _ABOUT_INPUT.search(context) and not _ABOUT_OUTPUT.search(context):
            continue
        speaks_of_files = bool(_FILE_WORDS.search(context))
        for name in _FILE.finditer(sentence):
            if speaks_of_files or name[1].lower() in ("input.txt", "output.txt"):
                is_input = _is_input(name, sentence, before)
                if is_input is not None:
                    names.setdefault(is_input, name[1])
    return Files(names.get(True), names.get(False))


def _is_input(name: re.Match[str], sentence: str, before: str) -> bool | None:
    """Whether a file is the input, or the output; None where the words before it say neither."""
    ending = name[1].rsplit(".", 1)[1].lower()
    if ending in _INPUT_ENDINGS or name[1].lower() == "input.txt":
        return True
    if ending in _OUTPUT_ENDINGS or name[1].lower() == "output.txt":
        return False
    # Any other name is what the nearest word before it says.
    words = sentence[max(0, name.start() - _REACH) : name.start()] or before[-_REACH:]
    last = {True: _last(_ABOUT_INPUT, words), False: _last(_ABOUT_OUTPUT, words)}
    return None if last[True] == last[False] else last[True] > last[False]


def _last(word: re.Pattern[str], text: str) -> int:
    return max((match.start() for match in word.finditer(text)), default=-1)
