"""The frames that host and supervisor exchange, byte by byte.

Stdlib-only and self-contained: the same source runs on both sides. The host sends jobs, each a header and its
payload (source, stdin, function, arguments, prelude); the supervisor answers every job with a header that it wrote
itself and capped bytes (stdout, stderr, value). It says nothing on its own but one greeting.
"""

from __future__ import annotations

import struct

JOB = struct.Struct(">4sBBddQQIQQQQQ")
"""Magic, kind, fresh?, CPU s, wall s, memory and output bytes, uid, and the payload's five lengths."""
REPLY = struct.Struct(">4sBBiiddQQQQ")
"""Magic, status, dirty?, exit code, signal, CPU s, wall s, peak bytes, and the three outputs' lengths."""
HELLO = struct.Struct(">4sI?")
"""Magic, process id, may others look into it?: said once the interpreter is warm."""
JOB_MAGIC, REPLY_MAGIC, HELLO_MAGIC = b"aJ01", b"aR01", b"aH01"

RUN, CALL, BINARY = range(3)
"""Kinds of job: a Python program, a call into one, a program in machine code."""

OK, RTE, TLE, IDLE, MLE, OLE, BAD, FAILED = range(8)
"""Statuses in the order of `sandbox.types.Status`; FAILED means that the program never began."""

MAX_VALUE = 16 << 20
"""Longest encoded value that a call may return, bytes."""
MAX_PAYLOAD = 256 << 20
"""Longest source or input that a job may carry, bytes."""
MAX_STARVED_SECONDS = 15.0
"""By how much a run may outlast its wall limit because it did not get a core; less than a host waits for."""
VALUE_HEADER = 8
"""The value's own length comes before it, so that a cut or doubled value shows."""
