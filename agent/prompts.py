"""What a model is asked. The wording matters more than any algorithm for a small model.

The shape follows what Qwen report for their own evaluation of Qwen2.5-Coder (technical report, 2024): one
instruction, the problem, and an assistant turn that already opened its code fence. A model that has to begin its
answer itself, because it thinks first or takes no answer that is begun, is asked for a block of code instead
(`agent.profile`).

Not covered: chat templates and special tokens, which belong to the engine.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

from agent.languages import PYTHON
from agent.profile import NEUTRAL
from agent.sampling import Prompt

if TYPE_CHECKING:
    from agent.languages import Language
    from agent.profile import Profile
    from problems import Problem

_FENCE = "```python\n"
_CLASS_LINE = re.compile(r"^class Solution\b[^\n]*:", re.MULTILINE)
CHECKER_FUNCTION = "is_valid"
"""What a checker is called."""
_MOST_CHARACTERS = 1500
_TESTS = 5


class AnswerForm(enum.StrEnum):
    """How far an answer is begun for the model; `benchmarks.studies.answer_forms` measures them."""

    FENCE = "fence"
    """Only the code fence is opened."""
    APPROACH = "approach"
    """The fence, and a comment that is to say how, so that a snap answer has a plan."""
    CLASS = "class"
    """Down to the line `class Solution:`, so that helpers may come before the method; for such classes only."""
    SIGNATURE = "signature"
    """The whole starter code, so that the answer goes on inside the function's body."""


def usual_form(problem: Problem) -> AnswerForm:
    """The form that is right most often for this kind of problem."""
    if problem.entry_point is None or (problem.convention is not None and problem.convention.design):
        return AnswerForm.FENCE
    return AnswerForm.SIGNATURE


def build_prompt(
    problem: Problem,
    language: Language = PYTHON,
    form: AnswerForm | None = None,
    *,
    profile: Profile = NEUTRAL,
) -> Prompt:
    """The chat turn that asks for a program for `problem`; where answers are begun, in `form` or the usual one."""
    opening = opening_of(problem, language, form or usual_form(problem))
    return asked(profile, task_words(problem, language), f"```{language.name}\n", opening)


def build_brute_prompt(problem: Problem, language: Language = PYTHON, *, profile: Profile = NEUTRAL) -> Prompt:
    """The chat turn that asks for a program that is right on tiny inputs and may be slow."""
    user = (
        f"{task_words(problem, language)}\n\nAll inputs will be tiny, so speed does not matter. Write the simplest"
        " program that is certainly right: follow the statement word for word, try every possibility, and use no"
        " clever formula."
    )
    return asked(profile, user, f"```{language.name}\n", opening_of(problem, language, usual_form(problem)))


def asked(profile: Profile, user: str, fence: str, opening: str, what: str = "the whole program") -> Prompt:
    """A chat turn whose answer is begun with `fence` and `opening`, or that asks for such a block of `what`."""
    if profile.is_begun:
        return Prompt(profile.system, user, fence + opening)
    words = f"{user.rstrip()}\n\nPut {what} into one {fence.strip()} code block, and nothing else into a block."
    return Prompt(profile.system, words, opening=fence)


def asked_plainly(profile: Profile, user: str, opening: str) -> Prompt:
    """A chat turn whose answer is words, begun with `opening` where answers are."""
    if profile.is_begun:
        return Prompt(profile.system, user, opening)
    return Prompt(profile.system, user, opening=opening)


def task_words(problem: Problem, language: Language) -> str:
    """What is to be written, in words."""
    if problem.entry_point is None:
        return (
            f"Write a {language.title} program that solves the following problem. It reads from standard input and"
            " writes to standard output, exactly in the format described.\n\n" + problem.statement
        )
    if problem.convention is not None and problem.convention.design:
        return (
            f"Solve the following problem by writing the class `{problem.entry_point}` in Python 3, with every"
            " method that it describes. Include the imports you need.\n\n" + problem.statement
        )
    if "class Solution" in problem.starter_code:
        return (
            "Solve the following problem by completing the class `Solution` in Python 3; its method is"
            f" `{problem.entry_point}`. Include the imports you need.\n\n" + problem.statement
        )
    if problem.starter_code:
        return (
            "Please provide a self-contained Python script that solves the following problem in a markdown code"
            f" block:\n```python\n{problem.starter_code.strip()}\n```\n" + _words_beside(problem)
        )
    return (
        "Please provide a self-contained Python script that solves the following problem in a markdown code"
        f" block. The function is called `{problem.entry_point}`.\n\n" + problem.statement
    )


def opening_of(problem: Problem, language: Language, form: AnswerForm) -> str:
    """What an answer can go on from: starter code, or what programs of the language begin with."""
    code = problem.starter_code.rstrip()
    if form is AnswerForm.APPROACH:
        return f"{language.opening}{language.comment} Approach:"
    if problem.entry_point is None:
        return language.opening
    if problem.convention is not None and problem.convention.design:
        return f"class {problem.entry_point}:\n" if form is AnswerForm.CLASS else ""
    if form is AnswerForm.CLASS and (line := _CLASS_LINE.search(code)):
        return code[: line.end()] + "\n"
    if form is AnswerForm.SIGNATURE and re.search(r'(?::|"""|\'\'\')$', code):
        return code + "\n"
    return ""


def stops(problem: Problem) -> tuple[str, ...]:
    """Strings at which an answer is over: the fence's end, and for functions what only tries them out."""
    if problem.entry_point is None:
        return ("\n```",)
    return ("\n```", "\nif __name__", "\ndef main(", "\nprint(", "\nassert ", "\n# Test", "\n# Example")


def build_repair_prompt(
    problem: Problem,
    source: str,
    stdin: str,
    expected: str,
    actual: str,
    language: Language = PYTHON,
    *,
    profile: Profile = NEUTRAL,
) -> Prompt:
    """The chat turn that shows a program with one example it fails, and asks for a right one."""
    user = (
        f"{task_words(problem, language)}\n\nThis attempt is wrong:\n```{language.name}\n{source.strip()}\n```\n"
        f"For the input\n```\n{_excerpt(stdin)}\n```\nit should give\n```\n{_excerpt(expected)}\n```\n"
        f"but gives\n```\n{_excerpt(actual)}\n```\nWrite the corrected program."
    )
    opening = opening_of(problem, language, usual_form(problem))
    return asked(profile, user, f"```{language.name}\n", opening, "the whole corrected program")


def build_tests_prompt(problem: Problem, profile: Profile = NEUTRAL) -> Prompt:
    """The chat turn that asks for tests of a program nobody has written yet; the first one is begun."""
    if problem.entry_point is None:
        user = (
            f"Here is a programming problem.\n\n{problem.statement}\n\nDo not solve it. Write {_TESTS} more"
            " examples to test a program with: small ones and special cases. Follow the input format exactly, and"
            " work out each output with care. Write each as\nInput:\n<the input>\nOutput:\n<the output>"
        )
        return asked_plainly(profile, user, "Input:\n")
    code = f"```python\n{problem.starter_code.strip()}\n```\n" if problem.starter_code else ""
    user = (
        f"Here is a programming problem.\n\n{code}{_words_beside(problem)}\nDo not solve it. Write {_TESTS} assert"
        f" statements that test the function `{problem.entry_point}`: ordinary and special cases. Work out each"
        " expected value with care."
    )
    return asked(profile, user, _FENCE, f"assert {problem.entry_point}(", "these statements")


def build_generator_prompt(problem: Problem, profile: Profile = NEUTRAL) -> Prompt:
    """The chat turn that asks for a program that prints one random valid input; its first lines are given.

    These lines read no input: a small model that sees input being read writes a solution instead.
    """
    user = (
        f"Here is a programming problem.\n\n{problem.statement}\n\nDo not solve it. Write a Python program that"
        " prints one random valid input for it, in exactly the input format and within all limits. Keep it small,"
        " and make special cases likely. The program reads nothing."
    )
    return asked(profile, user, _FENCE, "import random\n\n# Print one random valid input.\n")


def build_validator_prompt(problem: Problem, profile: Profile = NEUTRAL) -> Prompt:
    """The chat turn that asks for a program that judges an input; its first lines are given."""
    user = (
        f"Here is a programming problem.\n\n{problem.statement}\n\nDo not solve it. Write a Python program that"
        " reads an input for it from standard input and prints VALID if it keeps the input format and every limit,"
        " and INVALID if it does not."
    )
    return asked(profile, user, _FENCE, "import sys\n")


def build_checker_prompt(problem: Problem, profile: Profile = NEUTRAL) -> Prompt:
    """The chat turn that asks for a function that judges an output; it is begun.

    Asked for a program that reads both from standard input, a small model solves the problem instead.
    """
    user = (
        f"Here is a programming problem.\n\n{problem.statement}\n\nDo not solve it: several answers may be right,"
        f" so that a checker is needed. Write a Python function `{CHECKER_FUNCTION}(given, answer)`: `given` is"
        " the text of an input of this problem and `answer` the text that a contestant's program printed for it."
        " It returns True if the answer is right and complete: in the output format and keeping every condition of"
        " the statement; and False if it is not. There is no expected output to compare with."
    )
    opening = (
        f"def {CHECKER_FUNCTION}(given: str, answer: str) -> bool:\n"
        '    """Whether `answer` is a right output for the input `given`."""\n'
    )
    return asked(profile, user, _FENCE, opening, "the function and its imports")


def build_comparison_prompt(
    problem: Problem, stdin: str, first: str, second: str, profile: Profile = NEUTRAL
) -> Prompt:
    """The chat turn that asks which of two outputs is right; the answer begins with its letter, A or B."""
    words = problem.statement if problem.starter_code in ("", problem.statement) else ""
    code = f"```python\n{problem.starter_code.strip()}\n```\n" if problem.starter_code else ""
    user = (
        f"Here is a programming problem.\n\n{code}{words or _words_beside(problem)}\n\nTwo programs were given\n"
        f"```\n{_excerpt(stdin)}\n```\nA answered\n```\n{_excerpt(first)}\n```\nB answered\n```\n"
        f"{_excerpt(second)}\n```\nExactly one is right. Which one? Say only A or B."
    )
    return asked_plainly(profile, user, "The right answer is ")


def _words_beside(problem: Problem) -> str:
    """What the statement says beyond the starter code itself."""
    rest = problem.statement.replace(problem.starter_code.strip(), "").replace("```python", "").replace("```", "")
    return rest.strip() + "\n" if rest.strip() else ""


def _excerpt(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "\n[cut]"
