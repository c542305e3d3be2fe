"""A file as people name it: a path, or the address that a browser or a file manager copies, `file:///a%20b.html`.

Not covered: fetching a page; nothing of `solve` opens an address of the web.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from problems.types import ProblemError

_ADDRESS = re.compile(r"(?:file:|[a-z][a-z0-9+.-]+://)", re.IGNORECASE)
_HERE = ("", "localhost")


def local_path(name: str) -> str:
    """The path of the file called `name`; a path is its own.

    Raises:
        ProblemError: it is an address of the web, or of another machine; one line, with what to do.
    """
    if not _ADDRESS.match(name) or Path(name).exists():
        return name
    try:
        address = urlsplit(name)
    except ValueError as error:
        raise ProblemError(f"is no address ({error})", path=name, remedy="give the path of the file") from None
    if address.scheme != "file":
        raise ProblemError(
            "is an address on the web, and solve reads files",
            path=name,
            remedy="save the page and give the .html file, or copy the statement and paste it into `solve -`",
        )
    if address.netloc.lower() not in _HERE:
        raise ProblemError(
            f"is a file of {address.netloc}, another machine", path=name, remedy="copy it here, and give its path"
        )
    return unquote(address.path, errors="surrogateescape")
