"""`--packages`: what candidates may import besides the standard library, and that nothing else comes with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import docker
import pytest
from conftest import _shared
from doubling import PROBLEM

from agent.cli import run
from sandbox import Limits, PackageError, Sandbox, Status, open_sandbox
from sandbox.docker_image import _check, own_image
from sandbox.packages import find_packages, install

pytestmark = pytest.mark.each_backend
ROOMY = Limits(cpu_s=10, memory_mb=256)


def distribution(folder: Path, name: str, files: dict[str, str], *, requires: tuple[str, ...] = ()) -> None:
    """Install a distribution as an installer does: files, notes about them, and the list of both."""
    notes = f"{name.replace('-', '_')}-1.0.dist-info"
    requirements = "".join(f"Requires-Dist: {line}\n" for line in requires)
    everything = {
        **files,
        f"{notes}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requirements}",
        f"{notes}/direct_url.json": '{"url": "file:///home/somebody/secret"}',
    }
    for path, text in everything.items():
        whole = folder / path
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_text(text, encoding="utf-8")
    lines = [
        f"{path},sha256={hashlib.sha256(text.encode()).hexdigest()},{len(text)}"
        for path, text in everything.items()
    ]
    (folder / notes / "RECORD").write_text("\n".join([*lines, f"{notes}/RECORD,,"]), encoding="utf-8")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, beside those of this Python."""
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


# Which files they are -----------------------------------------------------------------------------------------


def copied(tmp_path: Path, *names: str) -> set[str]:
    install(find_packages(names), tmp_path / "copy")
    return {str(path.relative_to(tmp_path / "copy")) for path in (tmp_path / "copy").rglob("*") if path.is_file()}


def test_a_package_and_what_it_requires_is_copied_and_its_neighbours_are_not(place: Path, tmp_path: Path) -> None:
    requires = ("second>=1", "third; extra == 'more'", "fourth; python_version < '3'")
    distribution(place, "first", {"first.py": "", "first/data.txt": "1"}, requires=requires)
    distribution(place, "second", {"second/__init__.py": ""}, requires=("first",))
    distribution(place, "third", {"third.py": ""})
    (place / "neighbour.py").write_text("", encoding="utf-8")
    notes = {f"{name}-1.0.dist-info/METADATA" for name in ("first", "second")}
    assert copied(tmp_path, "first") == {"first.py", "first/data.txt", "second/__init__.py", *notes}


def test_an_extra_that_a_package_asks_of_another_is_followed(place: Path, tmp_path: Path) -> None:
    distribution(place, "asking", {"asking.py": ""}, requires=("asked[more]", "asked"))
    distribution(place, "asked", {"asked.py": ""}, requires=("besides; extra == 'more'",))
    distribution(place, "besides", {"besides.py": ""})
    assert {"asking.py", "asked.py", "besides.py"} <= copied(tmp_path, "asking")


@pytest.mark.parametrize(
    "entry", ["../outside.py", "../../etc/passwd", "/etc/passwd", "shady/../../outside.py", "shady/nowhere.py"]
)
def test_a_record_cannot_lead_out_of_its_folder(place: Path, tmp_path: Path, entry: str) -> None:
    (tmp_path / "outside.py").write_text("secret", encoding="utf-8")
    distribution(place, "shady", {"shady/__init__.py": ""})
    with (place / "shady-1.0.dist-info/RECORD").open("a", encoding="utf-8") as record:
        record.write(f"\n{entry},,")
    assert copied(tmp_path, "shady") == {"shady/__init__.py", "shady-1.0.dist-info/METADATA"}
    assert {path.name for path in tmp_path.iterdir()} == {"outside.py", "place", "copy"}


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside.py", "/etc"])
def test_links_are_not_followed(place: Path, tmp_path: Path, target: str) -> None:
    (tmp_path / "outside.py").write_text("secret", encoding="utf-8")
    distribution(place, "shady", {"shady/__init__.py": "", "shady/link": "", "shady/passwd": ""})
    (place / "shady/link").unlink()
    (place / "shady/link").symlink_to(target)
    with (place / "shady-1.0.dist-info/RECORD").open("a", encoding="utf-8") as record:
        record.write("\nshady/link/passwd,,")
    assert "shady/link" not in copied(tmp_path, "shady")
    assert not (tmp_path / "copy/shady/link").exists()


@pytest.mark.parametrize(
    "name", ["start.pth", "sitecustomize.py", "usercustomize.py", "__editable___x_finder.py", "__pycache__/x.pyc"]
)
def test_nothing_that_runs_in_process_1_is_copied(place: Path, tmp_path: Path, name: str) -> None:
    distribution(place, "starts", {"starts.py": "", name: "import os"})
    assert copied(tmp_path, "starts") == {"starts.py", "starts-1.0.dist-info/METADATA"}


@pytest.mark.parametrize("name", ["sortedcontainers", "Sorted_Containers".replace("_C", "c"), "SORTEDCONTAINERS"])
def test_names_are_compared_as_installers_do(name: str) -> None:
    assert [package.name for package in find_packages([name])] == ["sortedcontainers"]


def test_a_module_that_is_named_otherwise_than_its_package_will_do(place: Path) -> None:
    distribution(place, "python-something", {"somemodule/__init__.py": ""})
    (place / "python_something-1.0.dist-info/top_level.txt").write_text("somemodule\n", encoding="utf-8")
    assert [package.name for package in find_packages(["somemodule"])] == ["python-something"]


# What cannot be had -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "versions"),
    [
        ("no-such-package-anywhere", "no-such-package-anywhere"),
        ("sortedcontainers,nupmy", "nupmy"),
        ("skimage", "scikit-image"),
        ("needy", "no-such-dependency"),
    ],
)
def test_a_missing_package_is_a_usage_error_with_the_line_that_installs_it(
    names: str, versions: str, place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    distribution(place, "needy", {"needy.py": ""}, requires=("no-such-dependency",))
    assert run(["judge", "problem.md", "mine.py", "--packages", names]) == 2
    message, remedy = capsys.readouterr().err.splitlines()
    assert "is not installed" in message
    assert remedy.startswith("try: ")
    assert remedy.endswith(f" -m pip install {versions}`")


@pytest.mark.parametrize("name", ["../numpy", "a b", "numpy==2.0", "-r", "/etc"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(PackageError, match="is not a package's name"):
        find_packages([name])


def test_an_editable_install_is_refused_with_what_to_do(place: Path) -> None:
    distribution(place, "mine", {"__editable__.mine.pth": "/home/somebody/mine"})
    with pytest.raises(PackageError, match="editable") as error:
        find_packages(["mine"])
    assert "--force-reinstall" in error.value.remedy


def test_the_variable_sets_the_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALPHASOLVE_PACKAGES", "no-such-package-anywhere")
    for command in (["problem.md"], ["judge", "problem.md", "mine.py"], ["bench", "humaneval"]):
        assert run(command) == 2
        assert "no-such-package-anywhere" in capsys.readouterr().err


# In the slot --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def library_box(box: Sandbox) -> Iterator[Sandbox]:
    """A sandbox like `box` with numpy, a package with extension modules, and a pure one."""
    for name in ("numpy", "sortedcontainers"):
        pytest.importorskip(name)
    packages = ["numpy", "sortedcontainers"]
    with (
        open_sandbox(box.backend, slots=1, packages=packages, notice=lambda _: None) as other_box,
        _shared(other_box),
    ):
        yield other_box


@pytest.mark.parametrize("fresh", [False, True])
def test_extension_modules_work(library_box: Sandbox, fresh: bool) -> None:
    source = """
import numpy as np
from sortedcontainers import SortedList
a = np.array([[2.0, 1.0], [1.0, 3.0]])
print(np.allclose(a @ np.linalg.inv(a), np.eye(2)), np.random.default_rng(1).integers(3, size=2).shape)
print(list(SortedList([3, 1, 2])), np.fft.fft([1, 0]).real)
"""
    result = library_box.run(source, limits=ROOMY, fresh=fresh)
    assert (result.stdout, result.stderr) == ("True (2,)\n[1, 2, 3] [1. 1.]\n", "")


def test_a_product_of_matrices_takes_one_thread(library_box: Sandbox) -> None:
    source = """
import os, numpy as np
np.ones((500, 500)) @ np.ones((500, 500))
print(len(os.listdir("/proc/self/task")))
"""
    assert library_box.run(source, limits=ROOMY).stdout == "1\n"


def test_limits_hold_for_machine_code(library_box: Sandbox) -> None:
    large = library_box.run("import numpy as np\nprint(np.ones(10**8).sum())", limits=ROOMY)
    assert large.status is Status.MLE
    source = "import numpy as np\na = np.ones((500, 500))\nwhile True: a @ a"
    assert library_box.run(source, limits=Limits(cpu_s=1)).status is Status.TLE


def test_calls_have_them_too(library_box: Sandbox) -> None:
    source = "import numpy as np\ndef f(n):\n    return np.arange(n).tolist()"
    assert library_box.call(source, "f", (3,), limits=ROOMY).value == [0, 1, 2]


def test_only_what_was_asked_for_is_there(library_box: Sandbox) -> None:
    source = """
import os, site
names = {name.partition("-")[0].removesuffix(".libs") for f in site.getsitepackages() for name in os.listdir(f)}
print(sorted(names - {"__pycache__", "alphasolve.pth"}))
for name in ("click", "pytest", "docker", "pip", "torch", "agent", "problems", "benchmarks"):
    try:
        __import__(name)
        print("found", name)
    except ModuleNotFoundError:
        pass
for folder, _, names in os.walk(site.getsitepackages()[0]):
    for name in names:
        path = os.path.join(folder, name)
        if os.path.islink(path) or os.access(path, os.W_OK) or name in ("RECORD", "direct_url.json", "INSTALLER"):
            print(path)
"""
    assert library_box.run(source, limits=ROOMY).stdout == "['numpy', 'sortedcontainers']\n"


def test_no_place_of_this_machine_is_named(library_box: Sandbox) -> None:
    """Neither by the packages nor by what the interpreter says of how it was built."""
    here = {str(Path(__file__).parent.parent), str(Path.home()), str(Path(docker.__file__).parents[1])} - {"/"}
    source = f"""
import os, site, sysconfig
here = {[place.encode() for place in sorted(here)]!r}
print(any(place in repr(sysconfig.get_config_vars()).encode() for place in here))
for folder, _, names in os.walk(site.getsitepackages()[0]):
    for name in names:
        text = open(os.path.join(folder, name), "rb").read()
        if any(place in text for place in here if len(place) > 8):
            print(folder, name)
"""
    assert library_box.run(source, limits=ROOMY).stdout == "False\n"


def test_without_the_option_there_is_nothing(box: Sandbox) -> None:
    for name in ("numpy", "sortedcontainers", "click"):
        assert f"No module named '{name}'" in box.run(f"import {name}").stderr


def test_judge_gives_them_to_a_program(
    tmp_path: Path, library_box: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, program = tmp_path / "double.md", tmp_path / "mine.py"
    problem.write_text(PROBLEM, encoding="utf-8")
    program.write_text("import numpy\nprint(int(2 * numpy.int64(input())))", encoding="utf-8")
    command = ["judge", str(problem), str(program), "--json", "--sandbox", library_box.backend]
    assert run([*command, "--packages", " numpy , sortedcontainers,"]) == 0
    assert json.loads(capsys.readouterr().out)["accepted"] is True


# In an image that somebody named ------------------------------------------------------------------------------


@pytest.mark.docker
def test_a_named_image_gets_a_copy_with_them(backend: str) -> None:
    if backend != "docker":
        pytest.skip("bubblewrap has no images")
    client = docker.from_env()
    try:
        image = own_image(client.api, lambda _: None, cpp=False, packages=())
        notices: list[str] = []
        before = client.api.inspect_image(image)["Id"]
        for _ in range(2):
            with open_sandbox(
                "docker", slots=1, image=image, packages=["sortedcontainers"], notice=notices.append
            ) as box:
                source = "import sortedcontainers as s\nprint(s.SortedList([2, 1])[0], s.__file__)\nimport click"
                result = box.run(source)
            assert result.stdout == "1 /alphasolve-packages/sortedcontainers/__init__.py\n"
            assert "No module named 'click'" in result.stderr
        assert len(notices) <= 1
        assert client.api.inspect_image(image)["Id"] == before
    finally:
        client.close()


@pytest.mark.parametrize("suffix", [".cpython-39-x86_64-linux-gnu.so", ".cpython-314-darwin.so", ".abi3.so"])
def test_an_image_of_another_python_is_refused(suffix: str) -> None:
    _check("their/image:1", EXTENSION_SUFFIXES[0])
    with pytest.raises(PackageError, match="do not fit that of the image their/image:1"):
        _check("their/image:1", suffix)
