"""Hidden tests made ready: what tells nothing is refused, and what was made ready once is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradings import DOUBLE, ROOT, Watched, verdict

from agent.types import Verdict
from benchmarks.grading import preparation
from benchmarks.grading.grade import grade
from benchmarks.grading.preparation import prepare
from benchmarks.grading.suites import CodeSuite, SuiteError, ValueSuite
from sandbox import Sandbox, codec

pytestmark = pytest.mark.usefixtures("suite_cache")


@pytest.mark.parametrize(
    ("code", "reference", "message"),
    [
        ("assert f(1) == 2", "def f(x): return 3", "fail their own reference"),
        ("assert f(1) + 1 == 2", "def f(x): return 3", "do not run: AssertionError"),
        ("x = 1", "def f(x): return 3", "test nothing"),
        ("def check(candidate):\n    assert f(1) == 3", "def f(x): return 3", "test nothing"),
        ("def check(candidate):\n    g = candidate", "def f(x): return 3", "test nothing"),
        ("assert f(1) == undefined", "def f(x): return 3", "do not run: NameError"),
        ("assert f(1) ==", "def f(x): return 3", "do not run: SyntaxError"),
        ("assert f(1) == object", "def f(x): return object", "not a plain value"),
    ],
)
def test_tests_that_cannot_tell_are_our_failure(box: Sandbox, code: str, reference: str, message: str) -> None:
    with pytest.raises(SuiteError, match=message):
        grade(box, CodeSuite("f", code, reference), ["def f(x): return 3"])


# More values in all than one call may return, where that is `FEW_ITEMS`; a container counts as four.
FEW_ITEMS = 4000


MANY = CodeSuite("f", "assert f(600) == [()] * 600\nassert f(601) == [()] * 601", "def f(n): return [()] * n")


@pytest.mark.parametrize("suite", [DOUBLE, ROOT, MANY], ids=["data", "code", "many values"])
def test_what_was_prepared_once_is_read_from_then_on(
    box: Sandbox, suite: CodeSuite, suite_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The limit itself is millions of items, which take half a minute.
    monkeypatch.setitem(codec.decode.__kwdefaults__, "max_items", FEW_ITEMS)
    monkeypatch.setattr(preparation, "_PAGE_BYTES", FEW_ITEMS)
    first = prepare(box, suite)
    recorder = Watched(box)
    assert prepare(recorder, suite) == first  # type: ignore[arg-type]
    assert not recorder.jobs
    assert len(list(suite_cache.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_entry_is_made_anew(box: Sandbox, suite_cache: Path, damage: bytes | None) -> None:
    first = prepare(box, DOUBLE)
    (entry,) = suite_cache.iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-5] if damage is None else damage)
    anew = prepare(box, DOUBLE)
    assert isinstance(first, ValueSuite)
    assert isinstance(anew, ValueSuite)
    assert anew.checks == first.checks
    assert entry.read_bytes()[:2] == whole[:2]


def test_other_tests_are_another_entry(box: Sandbox, suite_cache: Path) -> None:
    prepare(box, DOUBLE)
    prepare(box, CodeSuite("f", DOUBLE.code + "\nassert f([3]) == [6]", DOUBLE.reference))
    assert len(list(suite_cache.iterdir())) == 2


def test_a_cache_that_cannot_be_written_is_no_failure(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ALPHASOLVE_CACHE", str(tmp_path / "file"))
    assert verdict(box, DOUBLE, DOUBLE.reference) is Verdict.AC
