"""C++ programs keep the sandbox's contract, and a compiler run on hostile text is a run like any other.

`tests/programs_cpp/<status>/` holds programs filed by the status they must get with the input "21"; those of
`ok` print 42, those of `no_compile` fail as a compile error does. Dropping a file in adds a test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import (
    CallJob,
    CppSandbox,
    Limits,
    RunJob,
    Sandbox,
    SandboxUnavailable,
    Status,
    open_sandbox,
    toolchain,
)
from sandbox.cpp import COMPILE_LIMITS

pytestmark = pytest.mark.each_backend

PROGRAMS = sorted((Path(__file__).parent / "programs_cpp").glob("*/*.cpp"))
LIMITS = {
    "idle": Limits(cpu_s=0.5, wall_s=2),
    "mle": Limits(cpu_s=3, memory_mb=64, wall_s=60),  # fresh pages are slow on some machines
}
USUAL = Limits(cpu_s=0.5, output_bytes=1 << 16, wall_s=60)
COMPILING = {"no_compile": Limits(cpu_s=2, memory_mb=1024, wall_s=60)}
DOUBLE = '#include <cstdio>\nint main() { int n; if (scanf("%d", &n) == 1) printf("%d\\n", 2 * n); }\n'


LOOK = """
import os
print(sorted(p for p in os.listdir("/proc") if p.isdigit() and int(p) not in (1, os.getpid())), os.listdir("/tmp"))
print(int(input()) * 2)
"""


@pytest.fixture(scope="session")
def doubling(cpp_box: Sandbox) -> Iterator[CppSandbox]:
    """Has compiled the honest program when it was first asked for it."""
    with CppSandbox(cpp_box) as compiling:
        yield compiling


def honest_run_is_right(box: Sandbox, doubling: CppSandbox) -> None:
    """Both slots still work, with nobody else in them and nothing left behind, whatever runs in them next."""
    for result in box.run_many([RunJob(LOOK, "21\n")] * 2):
        assert (result.status, result.stdout) == (Status.OK, "[] []\n42\n"), result
    assert doubling.run(DOUBLE, "21\n").stdout == "42\n"


class Counting:
    """Passes jobs on to a real sandbox and remembers of which kind they were."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box
        self.kinds: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._box, name)

    def run_many(self, jobs: object) -> object:
        def noted() -> object:
            for job in jobs:  # type: ignore[attr-defined]
                self.kinds.append(type(job).__name__)
                yield job

        return self._box.run_many(noted())  # type: ignore[arg-type]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_program_gets_the_status_it_is_filed_under(path: Path, cpp_box: Sandbox, doubling: CppSandbox) -> None:
    source = path.read_bytes().decode("utf-8", "surrogateescape")
    kind = path.parent.name
    with CppSandbox(cpp_box, compile_limits=COMPILING.get(kind, COMPILE_LIMITS)) as box:
        result = box.run(source, "21\n", limits=LIMITS.get(kind, USUAL))
        (build,) = box.build([source])
    assert result.status.lower() == ("rte" if kind == "no_compile" else kind), result
    assert (build.failure is not None) == (kind == "no_compile"), build
    if kind == "ok":
        assert result.stdout == "42\n"
    if build.failure:
        assert "compil" in result.stderr
        assert result.max_rss_mb < 1024 + 300  # what grows within a tick on top of the limit
        with CppSandbox(cpp_box) as anew:  # after a hostile compiler run, an honest one
            honest_run_is_right(cpp_box, anew)
    else:
        honest_run_is_right(cpp_box, doubling)


def test_a_fork_bomb_is_contained(cpp_box: Sandbox, doubling: CppSandbox) -> None:
    with CppSandbox(cpp_box) as box:
        bomb = box.run("#include <unistd.h>\nint main() { for (;;) fork(); }", limits=Limits(cpu_s=0.5, wall_s=10))
    assert bomb.status in (Status.TLE, Status.MLE, Status.IDLE)
    assert bomb.cpu_s < 2  # sixty of them that spin must not keep the supervisor from the core
    honest_run_is_right(cpp_box, doubling)


def test_one_compiler_run_serves_all_cases(cpp_box: Sandbox) -> None:
    counting = Counting(cpp_box)
    jobs = [RunJob(source, f"{n}\n") for n in range(40) for source in (DOUBLE, DOUBLE + "// other")]
    with CppSandbox(counting) as box:  # type: ignore[arg-type]
        assert [r.stdout for r in box.run_many(jobs)] == [f"{2 * n}\n" for n in range(40) for _ in range(2)]
    assert counting.kinds.count("CallJob") == 2
    assert counting.kinds.count("BinaryJob") == 80


def test_results_keep_their_order_beside_programs_that_do_not_compile(cpp_box: Sandbox) -> None:
    bad = "int main() { return x; }"
    jobs = [RunJob(bad if n % 3 == 0 else f"{DOUBLE}// {n // 20}", f"{n}\n") for n in range(50)]
    with CppSandbox(cpp_box) as box:
        results = list(box.run_many(jobs))
    assert [r.stdout for r in results] == ["" if n % 3 == 0 else f"{2 * n}\n" for n in range(50)]
    assert all("'x' was not declared" in results[n].stderr for n in range(0, 50, 3))


def test_the_graders_own_programs_are_in_python_here_too(cpp_box: Sandbox) -> None:
    own = RunJob("print(int(input()) + 1)", "1\n", trusted=True)
    trusted_call = CallJob("def f(): return 5", "f", trusted=True)
    with CppSandbox(cpp_box) as box:
        first, second, third = box.run_many([RunJob(DOUBLE, "4\n"), own, trusted_call])
    assert (first.stdout, second.stdout, third.value) == ("8\n", "2\n", 5)  # type: ignore[attr-defined]


def test_no_state_passes_between_runs_or_into_the_host(cpp_box: Sandbox) -> None:
    look = (Path(__file__).parent / "programs_cpp" / "rte" / "looks_for_others.cpp").read_text()
    leave = (Path(__file__).parent / "programs_cpp" / "ok" / "leaves_things_behind.cpp").read_text()
    with CppSandbox(cpp_box) as box:
        for _ in range(3):
            assert box.run(leave).status is Status.OK
            assert box.run(look).exit_code == 1


def test_a_compiler_run_finds_nothing_of_the_host_to_include(cpp_box: Sandbox) -> None:
    with CppSandbox(cpp_box) as box:
        for path in ("/etc/passwd", "/etc/shadow", "/root/.bashrc", __file__, "/proc/1/maps"):
            message = box.run(f'#include "{path}"\nint main() {{}}').stderr
            assert "No such file" in message or "denied" in message, message


OLD_HEADERS = ("memory.h", "malloc.h", "strings.h", "values.h", "getopt.h", "bits/stdc++.h", "ext/rope")


def test_headers_that_old_programs_include_are_there(cpp_box: Sandbox) -> None:
    lines = "".join(f"#include <{header}>\n" for header in (*OLD_HEADERS, "cstdio"))
    with CppSandbox(cpp_box) as box:
        result = box.run(f'{lines}int main() {{ puts("yes"); }}\n')
    assert result.stdout == "yes\n", result.stderr  # the compiler names what is missing


def test_functions_of_a_program_cannot_be_called(cpp_box: Sandbox) -> None:
    with CppSandbox(cpp_box) as box, pytest.raises(TypeError, match="cannot be called"):
        box.call(DOUBLE, "main")
    with CppSandbox(cpp_box) as box, pytest.raises(TypeError, match="cannot be called"):
        list(box.run_many([CallJob(DOUBLE, "main")]))


def test_slots_without_a_compiler_say_so(box: Sandbox) -> None:
    with CppSandbox(box) as compiling, pytest.raises(SandboxUnavailable, match=r"no g\+\+"):
        compiling.run(DOUBLE)


def test_a_host_without_a_compiler_says_what_to_install(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "SEARCH_PATH", "/nowhere")
    for backend_name in (backend, "auto"):
        with pytest.raises(SandboxUnavailable) as refusal:
            open_sandbox(backend_name, slots=1, cpp=True, notice=lambda line: None)
        assert str(refusal.value).count("install your system's g++ package") == 1


def test_an_image_without_a_compiler_says_so(box: Sandbox) -> None:
    if box.backend != "docker":
        pytest.skip("only Docker takes an image")
    from sandbox.docker_slot import DockerBackend

    maker = DockerBackend(image=None, runtime=None, notice=lambda line: None)
    maker.close()
    with pytest.raises(SandboxUnavailable, match=r"no g\+\+ in the sandbox.*--image"):
        open_sandbox("docker", slots=1, image=maker._image, cpp=True, notice=lambda line: None)
