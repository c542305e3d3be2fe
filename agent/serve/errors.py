"""What a request is refused with: one form for all doors, that of the OpenAI protocol.

`{"error": {"message": ..., "type": ..., "param": ..., "code": ...}}`, as the OpenAI API reference has it; clients
of other protocols read the status and the message.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from agent.characters import whole_characters

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class Refusal(Exception):
    """A request is answered with an error; `str(error)` is one line for a person."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Refuse.

        Args:
            status: HTTP's, 400 or more.
            message: what is wrong, in a line.
            param: the field of the request that is wrong.
            code: a word for programs.
            headers: of the answer.
        """
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code
        self.headers = headers

    def response(self) -> Response:
        """The answer that says so."""
        kind = _TYPES.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")
        error = {"message": whole_characters(str(self)), "type": kind, "param": self.param, "code": self.code}
        return JSONResponse({"error": error}, self.status, headers=self.headers)


class Busy(Refusal):
    """Too much is asked at once; the client may come again."""

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        """Refuse for `retry_after_s` seconds."""
        super().__init__(429, message, code="busy", headers={"Retry-After": str(retry_after_s)})


def refusal_for(error: Exception) -> Refusal:
    """What a failure of solving or judging is answered with: 4xx where the request is at fault, else 5xx."""
    from agent.commands import EXIT_INTERNAL, EXIT_USAGE
    from agent.terminal.failures import explanation

    if isinstance(error, Refusal):
        return error
    code, message, todo = explanation(error)
    status = {EXIT_USAGE: 400, EXIT_INTERNAL: 500}.get(code, 503)
    return Refusal(status, f"{message}; {todo}" if todo else message)


async def answer_refusal(_request: Request, error: Exception) -> Response:
    """Starlette's handler of a `Refusal`."""
    assert isinstance(error, Refusal)
    return error.response()


async def answer_http(_request: Request, error: Exception) -> Response:
    """Starlette's handler of what its router refuses: no such path, or no such method on it."""
    assert isinstance(error, HTTPException)
    words = error.detail or HTTPStatus(error.status_code).phrase
    return Refusal(error.status_code, words, headers=error.headers).response()


async def answer_failure(_request: Request, error: Exception) -> Response:
    """Starlette's handler of failures that are known: a statement that cannot be read, no model, no slot."""
    return refusal_for(error).response()


async def answer_mistake(_request: Request, error: Exception) -> Response:
    """Starlette's handler of everything else; it prints the traceback itself."""
    return refusal_for(error).response()
