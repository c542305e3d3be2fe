"""Modules that programs import and slots lack: how to make them available, where that is possible.

Not covered: modules of a program's own (a program is one file) and misspelt ones: nothing brings those.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from agent.judging.explain import last_line
from sandbox import PackageError
from sandbox.packages import distribution_of, find_packages, pip_install, provider

if TYPE_CHECKING:
    from agent.types import Standing
    from sandbox import RunResult

# Python names the first part of a dotted name that it did not find: with a dot, the package itself is there.
_MISSING = re.compile(r"ModuleNotFoundError: No module named '(\w+)'")
_OF_JUDGES = {
    "PIL", "atcoder", "bitarray", "bs4", "cv2", "cvxopt", "cvxpy", "dateutil", "gmpy2", "igraph",
    "lightgbm", "llvmlite", "more_itertools", "mpmath", "networkx", "numba", "numpy", "optuna",
    "ortools", "pandas", "polars", "pulp", "regex", "requests", "scipy", "shapely", "skimage", "sklearn",
    "sortedcontainers", "statsmodels", "sympy", "torch", "xgboost", "yaml", "z3",
}  # fmt: skip
"""Modules that contest sites have, or that answers of models import: worth installing for a program."""
_GENERIC = {
    "common", "example", "examples", "helper", "helpers", "lib", "main", "solution", "src", "test",
    "tests", "tools", "util", "utils",
}  # fmt: skip
"""Names that people give to files of their own, and that some packages carelessly take."""
_OURS = "alphasolve"


def missing_module(result: RunResult) -> str | None:
    """The top-level module that a program ended for not finding, if that is how it ended."""
    match = _MISSING.match(last_line(result.stderr))
    return match and match[1]


def remedy(module: str) -> str | None:
    """How programs get a module, in a few words; None where nothing is known to bring it."""
    if module in _GENERIC:
        return None
    distribution = provider(module)
    if distribution is None:
        is_known = module in _OF_JUDGES
        return f"`{pip_install(module)}`, then --packages {distribution_of(module)}" if is_known else None
    if distribution == _OURS:
        return None
    try:
        find_packages([distribution])
    except PackageError as error:
        return f"{error.remedy}, then --packages {distribution}"
    return f"--packages {distribution}"


def advice(results: Iterable[RunResult]) -> list[str]:
    """A sentence for each module that is missing and can be had, the one that most runs asked for first."""
    counts = Counter(filter(None, map(missing_module, results)))
    remedies = [(module, remedy(module)) for module, _ in counts.most_common()]
    return [f"the module {module} is not in the sandbox; try: {words}" for module, words in remedies if words]


def advice_for(standings: Iterable[Standing]) -> list[str]:
    """The same for candidates: by the run that each of them failed in."""
    return advice(standing.executions[-1].result for standing in standings if standing.executions)
