"""The door of verdicts: `POST /judge` is `solve judge --json` for a statement and a program in one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from agent.languages import LANGUAGES, language_for
from agent.serve.bodies import Body, body_of
from agent.serve.errors import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from agent.languages import Language
    from agent.serve.service import Service
    from problems import Problem

STATEMENT = "<request>"
"""The path of a statement that came in a request."""


def routes(service: Service) -> list[Route]:
    """The routes of this door."""

    async def judge(request: Request) -> Response:
        """Judge a program on a statement's examples; answers as `solve judge --json` does."""
        body = await body_of(request)
        return JSONResponse(await service.judging.run(_judge, service, body))

    return [Route("/judge", judge, methods=["POST"])]


def _judge(service: Service, body: Body) -> dict[str, Any]:
    from agent.judging.judgement import judged

    scale = body.number("time_scale", 1.0, 0.01, 100)
    problem = problem_of(body, scale)
    language = language_of(service, problem, body)
    if not problem.cases:
        raise Refusal(400, "the statement shows no example: nothing can be judged", param="statement")
    fail_fast = body.one("fail_fast", bool, default=False)
    return judged(service.sandbox, problem, language, body.one("program", str), fail_fast=fail_fast).record(scale)


def problem_of(body: Body, time_scale: float = 1.0) -> Problem:
    """The problem in the field "statement".

    Raises:
        ProblemError: it cannot be read.
        Refusal: there is none.
    """
    from dataclasses import replace

    from problems import parse_problem

    problem = parse_problem(body.one("statement", str), path=STATEMENT)
    return replace(problem, time_limit_s=problem.time_limit_s * time_scale)


def language_of(service: Service, problem: Problem, body: Body) -> Language:
    """The language in the field "language", Python by default.

    Raises:
        ProblemError: it cannot answer the problem.
        Refusal: there is no such language, or nothing here to compile it with.
    """
    language = language_for(problem, body.choice("language", tuple(LANGUAGES), "python"))
    if language.compiled and not service.has_cpp:
        raise Refusal(400, "there is no g++ here, so C++ cannot be judged", param="language")
    return language
