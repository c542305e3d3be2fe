"""What runs in the candidate's own process: execute a program, or call one function of it.

Stdlib-only; its source is sent into the slot. Everything here shares a process with the candidate, so nothing
here can be trusted, and nothing relies on it: the host knows only the bytes that came out and what the
supervisor saw from outside. Expected answers are never here.

Not covered: limits, identity and confinement, which the supervisor sets before this code begins.
"""

from __future__ import annotations

import atexit
import builtins
import os
import sys
import threading
import types
from typing import Any, NoReturn

from sandbox import codec

VALUE_FD = 3
"""Where a call's value goes; the supervisor puts a memfd there."""
NO_VALUE_EXIT = 97
"""Exit code of a call whose value does not fit the codec."""
OUT_OF_MEMORY_EXIT = 98
"""Exit code of a program that ended by an uncaught MemoryError."""
_FILE = "solution.py"
_PRELUDE_FILE = "prelude.py"
_LONGEST_LINE = 4000


def run_program(source: bytes) -> NoReturn:
    """Execute `source` as `__main__` and leave as the interpreter would."""
    _leave(_guard(lambda: _execute(source, "__main__", b"")))


def call_function(source: bytes, function: str, arguments: bytes, max_bytes: int, prelude: bytes) -> NoReturn:
    """Execute `prelude` and `source`, call `function` with encoded (args, kwargs), write the encoded value."""

    def call() -> None:
        namespace = _execute(source, "solution", prelude)
        args, kwargs = codec.decode(arguments, opaque=str, max_items=4 * len(arguments))
        value = _resolve(namespace, function)(*args, **kwargs)
        try:
            data = codec.encode(value, max_bytes=max_bytes)
        except codec.CodecError as error:
            print(f"the returned value cannot leave: {error}", file=sys.stderr)
            raise SystemExit(NO_VALUE_EXIT) from None
        os.write(VALUE_FD, len(data).to_bytes(8, "big"))
        for start in range(0, len(data), 1 << 20):
            os.write(VALUE_FD, data[start : start + (1 << 20)])

    code = _guard(call)
    _flush()
    os._exit(code)  # no exit hooks: the value is out, and nothing may follow it


def _execute(source: bytes, name: str, prelude: bytes) -> dict[str, Any]:
    """Run the program's top level in a module of its own, after `prelude`."""
    module = types.ModuleType(name)
    module.__dict__.update(__file__=_FILE, __builtins__=builtins, __annotations__={})
    sys.modules[name] = module
    sys.argv[:] = [_FILE]
    if prelude:
        exec(compile(prelude, _PRELUDE_FILE, "exec", dont_inherit=True), module.__dict__)
    exec(compile(source, _FILE, "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


def _resolve(namespace: dict[str, Any], function: str) -> Any:
    """The function of that name, or that method of a new `Solution()`."""
    if function in namespace:
        return namespace[function]
    solution = namespace.get("Solution")
    if solution is None:
        raise NameError(f"the program defines neither {function} nor a class Solution")
    return getattr(solution(), function)


def _guard(action: Any) -> int:
    """Do `action`; returns the exit code that the interpreter would give for how it ended."""
    try:
        action()
    except SystemExit as leaving:
        return _exit_code(leaving.code)
    except MemoryError:
        return OUT_OF_MEMORY_EXIT
    except BaseException as error:
        _report(error)
        return 1
    return 0


def _exit_code(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def _report(error: BaseException) -> None:
    """Print the traceback as the interpreter would, without our own frames on top."""
    import traceback

    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != _FILE:
        trace = trace.tb_next
    try:
        # A syntax error quotes its line, which may be a megabyte of brackets.
        text = "".join(line[:_LONGEST_LINE] for line in traceback.format_exception(type(error), error, trace))
        sys.stderr.write(text)
    except BaseException:
        os.write(2, b"(an exception that cannot be printed)\n")


def _leave(code: int) -> NoReturn:
    """Wait for threads and run exit hooks, as at a normal end, then leave without tearing the heap down."""

    def finish() -> None:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()

    late = _guard(finish)
    os._exit(_flush() or code or late)


def _flush() -> int:
    """Push out what is buffered; a full or closed output is an error, as it is for the interpreter."""
    code = 0
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            code = 120
    return code
