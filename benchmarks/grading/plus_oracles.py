"""Tests of EvalPlus that take more than one answer.

EvalPlus (Liu et al., 2023) judges a few tasks in its own loop by rules that the published test code lacks; here
they become part of the test code.

Not covered: tasks whose published test code says it all, such as those that compare as sets.
"""

from __future__ import annotations

import re

ROOT = "HumanEval/32"
"""Its published tests cannot pass: they call the polynomial with the wrong arguments."""
_OTHER_ANSWERS = {
    # Numbers of different lengths: digits paired from the left (as the reference does), or by their places.
    "Mbpp/558": """
def by_places(first, second):
    width = max(len(str(first)), len(str(second)))
    pairs = zip(str(first).zfill(width), str(second).zfill(width))
    return sum(abs(int(one) - int(other)) for one, other in pairs)
""",
    # The pyramid's second measure: the height of a side (as in the reference), or of the whole.
    "Mbpp/581": """
def of_the_whole(base, height):
    side = ((base / 2) ** 2 + height ** 2) ** 0.5
    return round(base ** 2 + 2 * (base * side))
""",
}
MANY_ANSWERS = frozenset({ROOT, *_OTHER_ANSWERS})
"""Tasks where the reference's is not the only right answer."""
_ASSERTION = re.compile(r"assertion\((\w+\(\*inp\)), exp, 0\)")


def with_evalplus_additions(task: str, code: str) -> str:
    """The test code of a task of HumanEval+ or MBPP+ with what EvalPlus itself adds to it.

    Raises:
        ValueError: the code of a task that needs it is of another form.
    """
    if task == ROOT:
        inputs = re.search(r"inputs = (.*)", code)
        if inputs is None:
            raise ValueError("the tests hold no inputs")
        return root_code(inputs[1])
    return _with_other_answers(code, _OTHER_ANSWERS[task]) if task in _OTHER_ANSWERS else code


def _with_other_answers(code: str, function: str) -> str:
    name = function.split("(")[0].split()[-1]
    result, count = _ASSERTION.subn(rf"assert \1 in (exp, {name}(*inp))", code)
    if count != 1:
        raise ValueError("the tests do not compare in the way that is known")
    return function + result


def root_code(inputs: str) -> str:
    """Tests of `ROOT`: any root is right, so the prompt's polynomial judges it, as in HumanEval's own test."""
    return (
        f"def check(candidate):\n    for given in {inputs}:\n"
        "        assert abs(poly(given[0], candidate(list(given[0])))) <= 1e-4\n"
    )
