"""The application: every door's routes behind one guard, and errors in one form.

Not covered: listening (`agent.commands.serve`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from agent.serve import judging
from agent.serve.errors import Refusal, answer_failure, answer_http, answer_mistake, answer_refusal
from agent.serve.guard import Access, Guard
from agent.terminal.failures import Failure
from agent.types import SamplerError
from problems import ProblemError
from sandbox import SandboxError

if TYPE_CHECKING:
    from starlette.routing import Route

    from agent.serve.service import Service

DOORS: Sequence[Callable[[Service], list[Route]]] = (judging.routes,)
"""A function for each door, which makes its routes."""


def make_app(service: Service, access: Access) -> Starlette:
    """The ASGI application.

    Args:
        service: what the doors share; who makes it closes it.
        access: who may ask.
    """
    routes = [route for door in DOORS for route in door(service)]
    failures = (Failure, ProblemError, SamplerError, SandboxError)
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, access=access)],
        exception_handlers={
            Refusal: answer_refusal,
            HTTPException: answer_http,
            Exception: answer_mistake,
            **dict.fromkeys(failures, answer_failure),
        },
    )
