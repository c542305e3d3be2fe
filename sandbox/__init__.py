"""Where untrusted programs run: a contract, slots that keep it, and `open_sandbox`.

Covered: running a program or calling one function of it under limits on CPU time, memory, wall time and output,
with no network, no files but its scratch, no other process in sight, and a result that the program cannot forge,
because its status comes from outside of it. Not covered: kernel exploits, timing side channels, right answers
(the sandbox never sees an expected output).
"""

from sandbox.batched import Batched
from sandbox.cpp import CppSandbox
from sandbox.open import find_sandbox, open_sandbox
from sandbox.packages import PackageError
from sandbox.types import (
    BinaryJob,
    CallJob,
    CallResult,
    Job,
    Limits,
    Opaque,
    RunJob,
    RunResult,
    Sandbox,
    SandboxError,
    SandboxUnavailable,
    Status,
    Value,
)

__all__ = [
    "Batched",
    "BinaryJob",
    "CallJob",
    "CallResult",
    "CppSandbox",
    "Job",
    "Limits",
    "Opaque",
    "PackageError",
    "RunJob",
    "RunResult",
    "Sandbox",
    "SandboxError",
    "SandboxUnavailable",
    "Status",
    "Value",
    "find_sandbox",
    "open_sandbox",
]
