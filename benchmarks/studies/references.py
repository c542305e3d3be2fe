"""Every set's own solutions on its own tests.

    python -m benchmarks.studies.references humaneval mbpp mbpp-sanitized

Says how many pass, on which level their tests ran, and how long it took; a second run finds the tests prepared.

Not covered: whether the tests are any good.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from agent.types import Verdict
from benchmarks.grading.grade import grade
from benchmarks.grading.suites import SuiteError
from benchmarks.grading.types import Grade
from benchmarks.tasks import load_tasks
from benchmarks.types import Task
from sandbox import Sandbox, open_sandbox


def grade_references(box: Sandbox, tasks: Sequence[Task]) -> list[Grade | SuiteError]:
    """What becomes of each task's reference, as many at once as there are slots.

    Raises:
        SandboxError: the sandbox failed.
    """

    def one(task: Task) -> Grade | SuiteError:
        assert task.reference is not None
        try:
            return grade(box, task.suite, [task.reference])[0]
        except SuiteError as error:
            return error

    with ThreadPoolExecutor(box.slots) as threads:
        return list(threads.map(one, tasks))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line per set, and one per reference that fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies.references", description=__doc__)
    parser.add_argument("sets", nargs="+", help="names or files, as for solve bench")
    options = parser.parse_args(arguments)
    failures = 0
    with open_sandbox("auto") as box:
        for name in options.sets:
            tasks = [task for task in load_tasks(name) if task.reference is not None]
            began, host = time.monotonic(), time.process_time()
            results = grade_references(box, tasks)
            wall, host = time.monotonic() - began, time.process_time() - host
            right = [result for result in results if isinstance(result, Grade) and result.verdict is Verdict.AC]
            levels = sorted(Counter(result.level for result in right).items())
            cpu = sum(result.cpu_s for result in right)
            by_level = ", ".join(f"{count} on Level {level}" for level, count in levels)
            sys.stdout.write(
                f"{name}: {len(right)}/{len(tasks)} pass; {by_level}; "
                f"{wall:.1f} s ({cpu:.1f} s of CPU time in slots, {host:.1f} s outside)\n"
            )
            for task, result in zip(tasks, results, strict=True):
                if result not in right:
                    sys.stdout.write(f"  {task.id}: {result}\n")
            failures += len(tasks) - len(right)
            sys.stdout.flush()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
