"""Limits in the words, units and layouts of contest sites; every value is what a reader of the line would say."""

from __future__ import annotations

import pytest

from problems import parse_problem
from problems.limits import memory_limit, time_limit

DEFAULT = (2.0, 256)
BOTH = [
    # English, each site's own way
    ("time limit per test2 seconds\nmemory limit per test512 megabytes", 2.0, 512),
    ("time limit per test\n4 seconds\nmemory limit per test\n64 megabytes", 4.0, 64),
    ("Time Limit: 4000/3000 MS (Java/Others)    Memory Limit: 65536/32768 K (Java/Others)", 3.0, 32),
    ("Time Limit: 1000MS\t\tMemory Limit: 65536K", 1.0, 64),
    ("Time limit: 3 Seconds      Memory limit: 131072 KB", 3.0, 128),
    ("Time Limit: 1 Sec  Memory Limit: 128 MB", 1.0, 128),
    ("Time Limit : 8 sec, Memory Limit : 131072 KB", 8.0, 128),
    ("Time Limit: 3 sec / Memory Limit: 1024 MB", 3.0, 1024),
    ("**Time Limit**: 5000 milliseconds\n\n**Memory Limit**: 512 megabytes", 5.0, 512),
    ("- **Time limit:** 1.00 s\n- **Memory limit:** 512 MB", 1.0, 512),
    ("**Time limit:** 1.4s\n**Memory limit:** 64M", 1.4, 64),
    ("CPU Time limit\n1 second\nMemory limit\n2048 MB", 1.0, 2048),
    ("CPU Time limit 3 seconds\nMemory limit 1 GB", 3.0, 1024),
    ("time limit: 0.5 secs; memory limit: 1 GiB", 0.5, 1024),
    ("Time limit is 1.5 seconds. Memory limit is 1024 MiB.", 1.5, 1024),
    ("Time limit (seconds): 7\nMemory limit (MB): 128", 7.0, 128),
    ("Time limit (ms): 1500\nMemory limit (KB): 65,536", 1.5, 64),
    ("Time limit: 1,5 seconds\nMemory limit: 33554432 bytes", 1.5, 32),
    ("Time limit: 1,000 ms\nMemory limit: 262,144 KB", 1.0, 256),
    ("Time Limit: 3.000 seconds", 3.0, 256),
    ("Timelimit: 1", 1.0, 256),
    ("Time limit: 1s Source limit: 50000B Memory limit: 1536MB", 1.0, 1536),
    ("TL: 1s, ML: 128MB", 1.0, 128),
    ("Time: 3s\nMemory: 64 MB", 3.0, 64),
    ("Limits: 1 sec., 128 MiB", 1.0, 128),
    ("| Time limit | Memory limit |\n|---|---|\n| 1 s | 64 MB |", 1.0, 64),
    ("| Time limit | 5 s |\n|---|---|\n| Memory limit | 512 MB |", 5.0, 512),
    ("| Points | Memory limit | Time limit |\n|:---|:---:|---:|\n| 100 | 64 MB | 6 s |", 6.0, 64),
    # Korean
    ("시간 제한\t메모리 제한\t제출\t정답\n1 초\t512 MB\t1000\t700", 1.0, 512),
    ("시간 제한\t메모리 제한\t제출\n0.5 초 (추가 시간 없음)\t128 MB\t31", 0.5, 128),
    ("| 시간 제한 | 메모리 제한 | 제출 |\n| --- | --- | --- |\n| 3 초 | 64 MB | 12 |", 3.0, 64),
    ("시간 제한\n메모리 제한\n1 초\n512 MB", 1.0, 512),
    ("제한 시간: 1.5초\n메모리 제한: 128MB", 1.5, 128),
    # Chinese
    ("时间限制 1.00s\n内存限制 128.00MB", 1.0, 128),
    ("1.00s|512.00MB", 1.0, 512),
    ("时间限制：1000 毫秒 内存限制：512 MiB", 1.0, 512),
    ("时间限制：C/C++ 1秒，其他语言3秒\n空间限制：C/C++ 262144K，其他语言524288K", 3.0, 512),
    ("時間限制: 1 秒\n記憶體限制: 128 MB", 1.0, 128),
    ("时间限制：１ 秒\n空间限制：６４ MB", 1.0, 64),
    # Japanese
    ("実行時間制限: 4 sec / メモリ制限: 1024 MB", 4.0, 1024),
    ("実行時間制限 : 1ケース 5.000秒 / メモリ制限 : 512 MB", 5.0, 512),
    ("時間制限 : 8 秒", 8.0, 256),
    # Russian and Ukrainian
    ("ограничение по времени на тест1 секунда\nограничение по памяти на тест512 мегабайт", 1.0, 512),
    ("Ограничение времени: 1.0 секунды\nОграничение памяти: 64 МБ", 1.0, 64),
    ("Лимит времени 0,5 секунды\nЛимит использования памяти 128 MiB", 0.5, 128),
    ("(Время: 1 сек. Память: 16 Мб Сложность: 20%)", 1.0, 16),
    ("Ліміт часу 1 секунда\nЛіміт використання пам'яті 128 МБ", 1.0, 128),
    ("Ограничение по времени: 500 мс", 0.5, 256),
    # other European languages, and more
    ("Límite de tiempo: 3 segundos\nLímite de memoria: 128 MB", 3.0, 128),
    ("límite de tiempo por test\n1 segundo\nlímite de memoria por test\n64 megabytes", 1.0, 64),
    ("Limite de tempo: 1 segundo\nLimite de memória: 512 MB", 1.0, 512),
    ("Limite de temps : 3 secondes\nLimite de mémoire : 64 Mo", 3.0, 64),
    ("Zeitlimit: 3 Sekunden\nSpeicherlimit: 512 MB", 3.0, 512),
    ("Limit czasu: 1s\nLimit pamięci: 32 MB", 1.0, 32),
    ("Giới hạn thời gian: 1.0s\nGiới hạn bộ nhớ: 512M", 1.0, 512),
]


@pytest.mark.parametrize(("words", "seconds", "mebibytes"), BOTH)
def test_forms_of_sites(words: str, seconds: float, mebibytes: int) -> None:
    problem = parse_problem(f"# Title\n\n{words}\n\nPrint the answer.\n")
    assert (problem.time_limit_s, problem.memory_limit_mb) == (seconds, mebibytes)


def test_there_are_many_forms() -> None:
    assert len({words for words, *_ in BOTH}) >= 40


@pytest.mark.parametrize(
    "words",
    [
        "There are no time limits.\n\n3 seconds is what a snail needs.",
        "The robot must answer within 5 seconds of time.",
        "Source limit: 50000B\nOutput limit: 64 MB",
        "Bob exceeded the time limit\n7 sheep later.",
        "In 5 seconds a memory of 64 MB is read.",
        "The time limit is strict. Each of the 9 seconds counts.",
        "Write a clock.\n" * 20 + "\nTime: 5 s\nMemory: 64 MB",
        "One unit of time is 1 s and the limit is the sky.",
        "The time limits of all 3 subtasks differ.",
    ],
)
def test_sentences_are_no_limits(words: str) -> None:
    problem = parse_problem(f"# Title\n\n{words}\n")
    assert (problem.time_limit_s, problem.memory_limit_mb) == DEFAULT


def test_the_first_limit_counts() -> None:
    text = "Time limit: 1 s\nMemory limit: 64 MB\n\nIn Python: time limit: 9 s, memory limit: 512 MB"
    assert (time_limit(text), memory_limit(text)) == (1.0, 64)


@pytest.mark.parametrize(
    ("words", "seconds", "mebibytes"),
    [
        ("Time limit: 5 minutes\nMemory limit: 64 GB", 120.0, 2048),
        ("Time limit: 1 ms\nMemory limit: 4 KB", 0.1, 16),
        ("Time limit: 99999999999999999999999999 s\nMemory limit: 999999999999 GB", 2.0, 2048),
    ],
)
def test_limits_stay_within_what_a_sandbox_can_give(words: str, seconds: float, mebibytes: int) -> None:
    assert (time_limit(words), memory_limit(words)) == (seconds, mebibytes)
