"""A sandbox that comes up on a thread of its own, while the model loads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from sandbox import Sandbox


class Opening:
    """A sandbox under way. Use it as a context manager: whatever came of it is closed at the end."""

    def __init__(self, start: Callable[[], Sandbox]) -> None:
        """Begin at once with `start`."""
        self._start = start
        self._box: Sandbox | None = None
        self._error: BaseException | None = None
        # Not waited for when the interpreter ends: slots end when their host's side of the stream does.
        self._thread = threading.Thread(target=self._run, name="sandbox-opening", daemon=True)
        self._thread.start()

    def result(self) -> Sandbox:
        """The sandbox, once it is up.

        Raises:
            SandboxError: it did not come up.
        """
        self._thread.join()
        if self._box is None:
            assert self._error is not None
            raise self._error
        return self._box

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.join()
        if self._box is not None:
            self._box.close()

    def _run(self) -> None:
        try:
            self._box = self._start()
        except BaseException as error:  # noqa: BLE001 - raised again where the sandbox is asked for
            self._error = error
