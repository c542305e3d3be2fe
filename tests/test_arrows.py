"""The shape of the program: who may import whom, and what `solve --help` may load."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = {"problems", "sandbox", "agent", "benchmarks", "tests"}
MAY_IMPORT = {
    "problems": {"problems"},
    "sandbox": {"sandbox"},
    "agent": {"agent", "problems", "sandbox"},
    "benchmarks": {"benchmarks", "agent", "problems", "sandbox"},
}


def imported(path: Path) -> set[str]:
    """Every module that an import of the file may mean, at any depth."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def files_importing(*tops: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for package in ("problems", "sandbox", "agent")
        for path in (ROOT / package).rglob("*.py")
        if any(name.split(".")[0] in tops for name in imported(path))
    }


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_nothing_imports_upwards(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        ours = {name.split(".")[0] for name in imported(path)} & OURS
        assert ours <= MAY_IMPORT[package], path


@pytest.mark.parametrize("package", sorted(OURS - {"benchmarks", "tests"}))
def test_what_solves_names_no_package_of_hidden_tests(package: str) -> None:
    """Not even as text, by which a module could be imported, or its source read, behind the back of an import."""
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / package).rglob("*.py")}
    assert [path for path, text in texts.items() if re.search(r"benchmarks[./]grading", text)] == []


def test_what_is_installed_imports_no_study() -> None:
    files = [path for top in MAY_IMPORT for path in (ROOT / top).rglob("*.py")]
    package_files = [path for path in files if path.parent.name != "studies"]
    assert package_files
    for path in package_files:
        assert not [name for name in imported(path) if name.startswith("benchmarks.studies")], path


def test_one_file_knows_docker() -> None:
    assert len(files_importing("docker")) == 1


def test_torch_stays_in_one_room() -> None:
    files = files_importing("torch", "transformers")
    assert {name.rsplit("/", 1)[0] for name in files} <= {"agent/engine"}, files


def loaded_by(*args: str) -> set[str]:
    """Every module that is loaded once the command has ended."""
    code = (
        "import sys; from agent.cli import run; code = run(sys.argv[1:]);"
        "sys.stderr.write('\\nloaded ' + ' '.join(sys.modules)); sys.exit(code)"
    )
    process = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert process.stdout
    return set(process.stderr.rpartition("\nloaded ")[2].split())


SLOW_TO_IMPORT = {
    "bs4", "datasets", "docker", "doctest", "hypothesis", "jinja2", "pygments", "torch",
    "transformers", "watchfiles",
}  # fmt: skip


def test_help_loads_neither_torch_nor_docker_nor_what_reads_statements() -> None:
    modules = loaded_by("--help")
    assert "click" in modules
    assert not modules & (SLOW_TO_IMPORT | {"rich", "problems.markdown", "agent.solve"})


@pytest.mark.each_backend
def test_a_verdict_loads_only_what_it_takes(backend: str, tmp_path: Path) -> None:
    """A second of waiting for a program that runs a millisecond would be imports."""
    program = tmp_path / "mine.py"
    program.write_text("print(0)")
    statement = tmp_path / "zero.md"
    statement.write_text("Print zero.\n\nInput\n```\n1\n```\nOutput\n```\n0\n```\n")
    modules = loaded_by("judge", str(statement), str(program), "--sandbox", backend)
    assert "problems.markdown" in modules
    needless = {"agent.solve", "agent.inputs", "agent.models.local_sampler", "importlib.metadata"}
    # The client of Docker imports the metadata of packages itself.
    libraries = {"docker", "importlib.metadata"} if backend == "docker" else set()
    assert not modules & (SLOW_TO_IMPORT | needless) - libraries


def test_the_function_is_exported_though_a_module_has_its_name() -> None:
    """Python binds a submodule to its package when it is imported, whichever of the two was asked for first."""
    for first in ("pass;", "import agent.solve;", "from agent.solve import gather;", "import agent; agent.solve;"):
        code = f"{first} from agent import solve; import agent; assert callable(solve) and agent.solve is solve"
        subprocess.run([sys.executable, "-c", code], check=True)


def test_every_package_is_packaged() -> None:
    """Packages are listed by hand; an editable install does not notice one that is missing."""
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    result = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for top in MAY_IMPORT
        for path in (ROOT / top).rglob("__init__.py")
    }
    run_from_a_clone = {"benchmarks.studies"}
    # Folders of data alone have no `__init__.py`; setuptools wants them named all the same.
    data_only = {"problems.examples"}
    assert set(setuptools["packages"]) == (result - run_from_a_clone) | data_only
    assert data_only <= set(setuptools["package-data"])
