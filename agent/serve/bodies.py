"""Bodies of requests as values of the types that a door expects.

Not covered: their size and content type (`agent.serve.guard`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from agent.characters import whole_characters
from agent.serve.errors import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

Kind = TypeVar("Kind", str, bool, int, float)
_WORDS = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


class Body:
    """A JSON object, field by field."""

    def __init__(self, fields: dict[str, Any]) -> None:
        """Read from `fields`."""
        self.fields = fields

    def one(self, name: str, kind: type[Kind], default: Kind | None = None) -> Kind:
        """The field `name`, which must be there unless there is a default; null counts as not there.

        Raises:
            Refusal: it is not there, or of another type.
        """
        value = self.fields.get(name)
        if value is None:
            if default is None:
                raise Refusal(400, f"{name} is missing", param=name)
            return default
        return _of_kind(name, value, kind)

    def maybe(self, name: str, kind: type[Kind]) -> Kind | None:
        """The same; None where it is not there."""
        return None if self.fields.get(name) is None else self.one(name, kind)

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """A number in a range.

        Raises:
            Refusal: it is none, or outside.
        """
        value = self.one(name, float, default)
        if not least <= value <= most:
            raise Refusal(400, f"{name} must be from {least:g} to {most:g}", param=name)
        return value

    def choice(self, name: str, values: tuple[str, ...], default: str | None = None) -> str:
        """One of a few words.

        Raises:
            Refusal: it is another.
        """
        value = self.one(name, str, default)
        if value not in values:
            raise Refusal(400, f"{name} must be one of {', '.join(values)}", param=name)
        return value


def _of_kind(name: str, value: object, kind: type[Kind]) -> Kind:
    """The value, checked: JSON's true is no number here, and a whole number is a number."""
    if kind is float and type(value) is int:
        try:
            value = float(value)
        except OverflowError:
            raise Refusal(400, f"{name} is too large", param=name) from None
    if type(value) is not kind:
        raise Refusal(400, f"{name} must be {_WORDS[kind]}", param=name)
    # Halves of characters cannot be written, hashed or sent on.
    return kind(whole_characters(value)) if isinstance(value, str) else value


async def body_of(request: Request) -> Body:
    """The request's body.

    Raises:
        Refusal: it is no JSON object.
    """
    try:
        fields = json.loads(await request.body(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"the body is not JSON: {error}", code="not_json") from None
    if not isinstance(fields, dict):
        raise Refusal(400, "the body must be a JSON object", code="not_an_object")
    return Body(fields)


def _no_number(word: str) -> float:
    """NaN and the infinities are no JSON.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{word} is no JSON")
