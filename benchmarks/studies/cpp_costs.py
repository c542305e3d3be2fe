"""What C++ costs in the sandbox: compiling with and without the header compiled ahead, and runs of small programs.

Run it as `python -m benchmarks.studies.cpp_costs [docker|bwrap]`. The peer of a linked program is the same one
blown up to the size that linking it statically gives: what is sent into the slot for every run.

Not covered: sampling, and how long honest solutions compute.
"""

from __future__ import annotations

import time

import click

from sandbox import BinaryJob, CallResult, RunJob, Sandbox, Value, open_sandbox, toolchain
from sandbox.cpp import COMPILE_LIMITS, gxx_source

_SUM = "int main() { int a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }\n"
_PROGRAMS = {
    "bits/stdc++.h, compiled ahead": "#include <bits/stdc++.h>\n" + _SUM,
    "bits/stdc++.h, behind a declaration": "extern int first;\n#include <bits/stdc++.h>\n" + _SUM,
    "iostream": "#include <iostream>\n" + _SUM,
}
_STATIC_BYTES = 1_760_000
_COMPILATIONS, _RUNS = 5, 300


def compiled(box: Sandbox, source: str) -> CallResult:
    """One compiler run."""
    flags: list[Value] = [*toolchain.FLAGS]
    return box.call(gxx_source(), "build", (source.encode(), toolchain.SEARCH_PATH, flags), limits=COMPILE_LIMITS)


def runs_per_second(box: Sandbox, job: RunJob | BinaryJob) -> float:
    """Over all slots, each run answered rightly."""
    began = time.monotonic()
    assert {result.stdout for result in box.run_many([job] * _RUNS)} == {"5\n"}
    return _RUNS / (time.monotonic() - began)


@click.command()
@click.argument("backend", default="auto", type=click.Choice(["auto", "docker", "bwrap"]))
def main(backend: str) -> None:
    """Measure what C++ costs on BACKEND, and print a line per figure."""
    began = time.monotonic()
    with open_sandbox(backend, cpp=True) as box:
        click.echo(f"{box.backend}, {box.slots} slots; opened in {time.monotonic() - began:.1f} s")
        program = b""
        for name, source in _PROGRAMS.items():
            results = [compiled(box, source) for _ in range(_COMPILATIONS)]
            program = results[-1].value if isinstance(results[-1].value, bytes) else b""
            cpu_s, peak = min(r.cpu_s for r in results), max(r.max_rss_mb for r in results)
            click.echo(f"compile, {name}: {cpu_s:.2f} s of CPU, {peak:.0f} MiB, {len(program)} bytes")
        large_program = program + bytes(_STATIC_BYTES - len(program))
        jobs: dict[str, RunJob | BinaryJob] = {
            "Python": RunJob("print(sum(map(int, input().split())))", "2 3\n"),
            "C++": BinaryJob(program, "2 3\n"),
            "C++, as large as a static program": BinaryJob(large_program, "2 3\n"),
        }
        for name, job in jobs.items():
            runs_per_second(box, job)
            click.echo(f"run, {name}: {max(runs_per_second(box, job) for _ in range(3)):.0f} per second")


if __name__ == "__main__":
    main()
