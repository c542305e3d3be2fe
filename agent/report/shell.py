"""What every page shares: its template engine, style and script, and the policy under which nothing else lives.

Not covered: what a page says.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from agent.report import markup
from agent.terminal.display import visible

_BESIDE = 40
"""Characters of a line up to which three texts stand beside each other."""


def rendered(template: str, **values: Any) -> str:
    """A page, all in one file; it encodes as UTF-8.

    Args:
        template: one of the `.j2` files beside this module; it has `visible`, `is_wide` and `markup` as well.
        values: what the template names.
    """
    style, script = _own("page.css"), _own("page.js")
    environment = Environment(
        loader=PackageLoader("agent", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(visible=visible, is_wide=_is_wide, markup=markup)
    page = environment.get_template(template).render(
        style=style, script=script, policy=_policy(style, script), **values
    )
    # What programs put out may hold bytes that are no text.
    return page.encode("utf-8", "replace").decode("utf-8")


def _is_wide(*texts: str) -> bool:
    """Whether texts of several lines are too wide to stand beside each other."""
    return any(len(line) > _BESIDE for text in texts for line in text.split("\n"))


def _own(name: str) -> str:
    return files("agent.report").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """A content security policy under which nothing is loaded and only our own two texts take effect."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
        " base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
