"""The shape of the code: `python -m benchmarks.studies.code_shape [FOLDER]`, a row per package.

Lines count as the file has them. A function's length is from its `def` to its last line. A name is a bare
participle when it is one word in the form of a past participle (`found`, `given`, `sorted_` is not); every place
that binds a name counts: parameters, assignments, loops, fields.

Not covered: whether the code is good.
"""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

PACKAGES = ("agent", "sandbox", "problems", "benchmarks", "tests")
_IRREGULAR = {
    "found", "given", "told", "made", "known", "shown", "written", "drawn", "seen", "taken", "held",
    "kept", "left", "sent", "spent", "said", "done", "built", "cut", "begun", "chosen", "hidden",
    "broken", "grown", "gone", "lost", "meant", "met", "paid", "put", "sold", "shut", "split",
    "thought", "understood", "won",
}  # fmt: skip
# Nouns and adjectives of the field that end like participles.
_NOUNS = {"seed", "need", "speed", "feed", "embed", "bed", "shed", "red", "id", "breed", "weed", "indeed", "word"}


@dataclass(slots=True)
class Shape:
    """What was counted in one package."""

    files: int = 0
    lines: int = 0
    longest_file: tuple[int, str] = (0, "")
    functions: list[tuple[int, str]] = field(default_factory=list)
    """Length in lines, and where."""
    methods: tuple[int, str] = (0, "")
    parameters: tuple[int, str] = (0, "")
    names: Counter[str] = field(default_factory=Counter)
    """Every bound name, with how often it is bound."""

    def row(self, package: str) -> str:
        """One line of the table."""
        lengths = [length for length, _ in self.functions]
        participles = sum(count for name, count in self.names.items() if is_participle(name))
        return (
            f"| {package} | {self.files} | {self.lines} | {self.longest_file[1]} {self.longest_file[0]} |"
            f" {statistics.median(lengths):.0f} | {_place(max(self.functions))} | {_place(self.methods)} |"
            f" {_place(self.parameters)} | {100 * participles / max(self.names.total(), 1):.1f} % |"
        )


HEADER = (
    "| package | files | lines | longest file | median function | longest function | most methods |"
    " most parameters | bare participles |\n|---|---|---|---|---|---|---|---|---|"
)


def is_participle(name: str) -> bool:
    """Whether a name is one past participle and nothing else."""
    word = name.strip("_").lower()
    return word in _IRREGULAR or (word.endswith("ed") and "_" not in word and word not in _NOUNS)


def shape_of(folder: Path) -> Shape:
    """Count all Python files under a folder."""
    shape = Shape()
    for path in sorted(folder.rglob("*.py")):
        if "programs" in path.parts:
            continue  # what tests feed to the sandbox, broken on purpose
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        shape.files += 1
        shape.lines += lines
        shape.longest_file = max(shape.longest_file, (lines, path.name))
        _count(shape, ast.parse(text), path.stem)
    return shape


def _count(shape: Shape, tree: ast.Module, stem: str) -> None:
    for node in ast.walk(tree):
        shape.names.update(_bindings(node))
        if isinstance(node, ast.ClassDef):
            methods = sum(isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) for inner in node.body)
            shape.methods = max(shape.methods, (methods, f"{stem}.{node.name}"))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            where = f"{stem}.{node.name}"
            shape.functions.append(((node.end_lineno or node.lineno) - node.lineno + 1, where))
            arguments = node.args
            count = len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs)
            shape.parameters = max(shape.parameters, (count, where))


def _bindings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.arg):
        yield node.arg
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id


def _place(figure: tuple[int, str]) -> str:
    return f"{figure[0]} `{figure[1]}`"


@click.command()
@click.argument("root", type=click.Path(path_type=Path, exists=True), default=Path(__file__).parents[2])
def main(root: Path) -> None:
    """Print the table of the clone in the folder ROOT, or of this one."""
    click.echo(HEADER)
    for package in PACKAGES:
        click.echo(shape_of(root / package).row(package))


if __name__ == "__main__":
    main()
