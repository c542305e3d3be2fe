"""What is installed: the console script beside strangers of the same names, the wheel's contents, public names."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import alphasolve_main

ROOT = Path(__file__).parent.parent
SCRIPT = "from alphasolve_main import main; main()"
PACKAGES = ("agent", "benchmarks", "problems", "sandbox")


def solve(*args: str, cwd: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run `solve` as the console script does: its own folder, not the current one, leads the path."""
    env = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-c", f"import sys; sys.path.append({str(ROOT)!r}); {SCRIPT}", *args]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", PACKAGES)
@pytest.mark.parametrize("kind", ["package", "module", "folder"])
def test_a_stranger_on_the_path_is_named_and_not_run(tmp_path: Path, name: str, kind: str) -> None:
    trap = "open('trap', 'w').close()\n"
    if kind == "module":
        (tmp_path / f"{name}.py").write_text(trap, encoding="utf-8")
    else:
        (tmp_path / name).mkdir()
        (tmp_path / name / ("__init__.py" if kind == "package" else "types.py")).write_text(trap, encoding="utf-8")
    done = solve("--help", cwd=tmp_path, path=str(tmp_path))
    if kind == "folder":  # without __init__.py it hides nothing: Python takes a whole package before it
        assert done.returncode == 0
    else:
        assert done.returncode == 3
        assert re.fullmatch(rf"solve: the package '{name}' at \S+ hides .*\n", done.stderr)
    assert not (tmp_path / "trap").exists()


def test_folders_of_our_names_in_the_current_folder_do_no_harm(tmp_path: Path) -> None:
    for name in (*PACKAGES, "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit(99)\n", encoding="utf-8")
    assert solve("--help", cwd=tmp_path).returncode == 0


def test_a_missing_package_is_named() -> None:
    assert alphasolve_main.hidden_package(Path("/nowhere")) == ("agent", str(ROOT / "agent"))
    assert alphasolve_main.hidden_package(ROOT) is None


def test_exit_code_is_the_one_of_the_commands() -> None:
    from agent.commands import EXIT_UNAVAILABLE

    assert alphasolve_main.EXIT_UNAVAILABLE == EXIT_UNAVAILABLE


@pytest.mark.parametrize("name", ["agent", "problems", "sandbox"])
def test_public_names_are_there_and_sorted(name: str) -> None:
    package = importlib.import_module(name)
    names = package.__all__
    assert names == sorted(names)
    assert all(hasattr(package, public) for public in names)
    source = (ROOT / name / "__init__.py").read_text(encoding="utf-8")
    imported = set(re.findall(r"^    (\w+),$|import ([\w, ]+)$", source, re.MULTILINE))
    flat = {part.strip() for pair in imported for text in pair for part in text.split(",") if part.strip()}
    assert flat - {"annotations"} == set(names), "what __init__ imports is what it offers"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in a wheel built from this tree, as setuptools builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "source"
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    build = "from setuptools.build_meta import build_wheel; build_wheel('..')"
    subprocess.run([sys.executable, "-c", build], cwd=copy, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return archive.namelist()


def test_the_wheel_holds_the_product_and_nothing_else(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {*PACKAGES, "alphasolve_main.py"}
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(wheel)
    assert not [name for name in wheel if "test_" in name or "/studies/" in name or name.startswith("tests/")]
    assert "problems/examples/running_gap.md" in wheel
    assert "sandbox/seccomp.json" in wheel
