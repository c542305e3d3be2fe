"""Hidden tests made ready: test code turned into data once, and kept on disk for the next time.

Every suite is tried on its own reference, which shows that it runs and that it can be passed, and says how much
time a right program takes.

Not covered: grading (`benchmarks.grading.grade`); the cache is never emptied, deleting it costs only time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from agent.types import Verdict
from benchmarks.grading.driven_tests import CODE, Driver, call_checks, grade_driven, holds_opaque, run_driver
from benchmarks.grading.suites import CodeSuite, SuiteError, ValueCheck, ValueSuite, admitting_objects
from benchmarks.grading.value_tests import CALL_SECONDS, grade_values
from problems import Comparator
from sandbox import Status
from sandbox.bundle import bundle
from sandbox.codec import CodecError, decode, encode

if TYPE_CHECKING:
    from benchmarks.grading.types import Grade
    from benchmarks.grading.value_tests import Runs
    from sandbox import CallResult, Job, RunResult

_FORMAT = 4
_PAGE_BYTES = 4 << 20  # of the smallest values there are, empty lists, these are as many as one call may return
_LONGEST_ENTRY = 1 << 30
_MOST_ITEMS = 1 << 28  # of a suite; what a single call may return is bounded by the codec
_REFERENCE_SECONDS = 300.0
_SLACK = 4.0
"""How many times the reference's time a program may take; EvalPlus (Liu et al., 2023) allows the same."""


def prepare(box: Runs, suite: ValueSuite | CodeSuite) -> ValueSuite | Driver:
    """The suite as data, or, where that cannot be, as a driver.

    Raises:
        SandboxError: the sandbox failed.
        SuiteError: the tests do not run, test nothing, or fail their own reference.
    """
    if isinstance(suite, ValueSuite):
        return suite
    entry = cache_folder() / f"{_key(suite)}.z"
    plan = _load(entry, suite)
    if plan is None:
        plan = _measure(box, suite, _compiled(box, suite))
        _store(entry, plan)
    return plan


def cache_folder() -> Path:
    """Where prepared suites are kept: `suites` in ALPHASOLVE_CACHE, or in the user's cache folder."""
    import platformdirs

    own = os.environ.get("ALPHASOLVE_CACHE")
    return (Path(own) if own else platformdirs.user_cache_path("alphasolve")) / "suites"


def _compiled(box: Runs, suite: CodeSuite) -> ValueSuite | Driver:
    checks = _checks(box, suite, as_text=False)
    if checks is not None and any(holds_opaque([check.args, dict(check.kwargs)]) for check in checks):
        checks = _checks(box, suite, as_text=True)
    if checks is None:
        return Driver(suite, _calls(box, suite))
    if not checks:
        raise SuiteError("its tests test nothing", path=suite.entry_point)
    if any(holds_opaque([check.expected, *check.others]) for check in checks):
        raise SuiteError("its tests compare with what is not a plain value", path=suite.entry_point)
    return ValueSuite(suite.entry_point, checks, suite.setup, suite.time_limit_s, suite.memory_limit_mb)


def _checks(box: Runs, suite: CodeSuite, *, as_text: bool) -> tuple[ValueCheck, ...] | None:
    pages = list(_pages(box, suite, as_text))
    if None in pages:
        return None
    return tuple(_check(record) for page in pages if page is not None for record in page)


def _pages(box: Runs, suite: CodeSuite, as_text: bool) -> Iterator[list[tuple[Any, ...]] | None]:
    """What the test code compares, as much at a time as a call may return."""
    start, last = 0, False
    arguments = (suite.reference + "\n" + suite.setup, suite.code, suite.entry_point)
    while not last:
        answer = call_checks(box, "collect", arguments, as_text=as_text, start=start, most=_PAGE_BYTES)
        value = _value(answer, suite)
        if value is None:
            yield None
            return
        page, last = value
        yield page
        start += len(page)


def _check(record: tuple[Any, ...]) -> ValueCheck:
    views, call, expected, abs_tol, rel_tol, others, size = record
    comparator = Comparator("value", abs_tol=abs_tol, rel_tol=rel_tol)
    check = ValueCheck(expected, views=views, comparator=comparator, others=tuple(others), size=size)
    if isinstance(call, str):
        return replace(check, expression=call)
    return replace(check, args=call[0], kwargs=call[1])


def _calls(box: Runs, suite: CodeSuite) -> tuple[tuple[Any, Any], ...]:
    """What the test code asks for when the reference answers."""
    _, calls = _value(run_driver(box, suite, None), suite)
    if not calls:
        raise SuiteError("its tests test nothing", path=suite.entry_point)
    return tuple(calls)


def _value(result: CallResult, suite: CodeSuite) -> Any:
    if result.status is not Status.OK:
        message = result.stderr.strip().splitlines()[-1:] or [result.status.value]
        raise SuiteError(f"its tests do not run: {message[0][:200]}", path=suite.entry_point)
    return result.value


def _measure(box: Runs, suite: CodeSuite, plan: ValueSuite | Driver) -> ValueSuite | Driver:
    """The plan, with time enough for a program a few times slower than the reference, which must pass.

    Each call has a limit by what the same call takes the reference, as in EvalPlus; what its limits would come to
    together is cut at the suite's own limit beside the reference's whole time.
    """
    grade = _grade_reference(box, _with_limit(plan, _REFERENCE_SECONDS), suite.reference)
    if grade.verdict is Verdict.WA and isinstance(plan, ValueSuite):
        # A match object is as good as True only where the reference itself answers with one.
        plan = admitting_objects(plan)
        grade = _grade_reference(box, _with_limit(plan, _REFERENCE_SECONDS), suite.reference)
    if grade.verdict is not Verdict.AC:
        how = f"{grade.verdict} after {grade.passed} of {grade.total}"
        raise SuiteError(f"its tests fail their own reference ({how})", path=suite.entry_point)
    plan = _with_limit(plan, suite.time_limit_s + _SLACK * grade.cpu_s)
    return plan if isinstance(plan, Driver) else _with_call_limits(plan, grade.calls_s)


def _grade_reference(box: Runs, plan: ValueSuite | Driver, source: str) -> Grade:
    apart = _Trusted(box)
    if isinstance(plan, Driver):
        return grade_driven(apart, plan, source)
    return grade_values(apart, plan, [source])[0]


class _Trusted:
    """Runs everything where no candidate ever comes: a reference knows the answers."""

    def __init__(self, box: Runs) -> None:
        self._box = box

    def run_many(self, jobs: Iterable[Job]) -> Iterator[RunResult]:
        """See `Sandbox.run_many`."""
        return self._box.run_many(replace(job, trusted=True) for job in jobs)


def _with_call_limits(plan: ValueSuite, calls_s: Sequence[float]) -> ValueSuite:
    """`calls_s`: how long each call takes the reference."""
    limits = (max(CALL_SECONDS, _SLACK * seconds) for seconds in calls_s)
    checks = (replace(check, limit_s=limit) for check, limit in zip(plan.checks, limits, strict=True))
    return replace(plan, checks=tuple(checks))


def _with_limit(plan: ValueSuite | Driver, seconds: float) -> ValueSuite | Driver:
    if isinstance(plan, Driver):
        return replace(plan, suite=replace(plan.suite, time_limit_s=seconds))
    return replace(plan, time_limit_s=seconds)


# On disk --------------------------------------------------------------------------------------------------


def _key(suite: CodeSuite) -> str:
    """Named by all that a plan depends on."""
    parts = [str(_FORMAT), bundle("benchmarks.grading", *CODE, "suites"), bundle("problems", "values")]
    parts += [suite.entry_point, suite.code, suite.reference, suite.setup]
    parts += [str(suite.time_limit_s), str(suite.memory_limit_mb)]
    return hashlib.sha256(encode(parts, max_bytes=_LONGEST_ENTRY)).hexdigest()[:32]


def _store(entry: Path, plan: ValueSuite | Driver) -> None:
    """A cache that cannot be written costs time, nothing else."""
    data = zlib.compress(encode(_pack(plan), max_bytes=_LONGEST_ENTRY), 1)
    beside = entry.with_suffix(f".{os.getpid()}.{os.urandom(4).hex()}")
    with contextlib.suppress(OSError):
        entry.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(entry)


def _load(entry: Path, suite: CodeSuite) -> ValueSuite | Driver | None:
    """What `_store` kept; None where there is nothing, or nothing readable."""
    try:
        data = decode(zlib.decompress(entry.read_bytes()), opaque=str, max_items=_MOST_ITEMS)
        return _unpack(cast("list[Any]", data), suite)
    except (OSError, zlib.error, CodecError, ValueError, TypeError):
        return None


def _pack(plan: ValueSuite | Driver) -> list[Any]:
    if isinstance(plan, Driver):
        return [plan.suite.time_limit_s, [], [], list(plan.calls)]
    limits = [check.limit_s for check in plan.checks]
    return [plan.time_limit_s, limits, list(map(_record, plan.checks)), []]


def _record(check: ValueCheck) -> tuple[Any, ...]:
    """What `_check` makes a check of."""
    call = check.expression or (check.args, dict(check.kwargs))
    tolerances = (check.comparator.abs_tol, check.comparator.rel_tol)
    return (check.views, call, check.expected, *tolerances, list(check.others), check.size)


def _unpack(data: list[Any], suite: CodeSuite) -> ValueSuite | Driver:
    seconds, limits, records, calls = data
    if calls:
        return Driver(replace(suite, time_limit_s=seconds), tuple(calls))
    checks = tuple(replace(_check(record), limit_s=limit) for record, limit in zip(records, limits, strict=True))
    return ValueSuite(suite.entry_point, checks, suite.setup, seconds, suite.memory_limit_mb)
