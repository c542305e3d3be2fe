"""docs/map.md, made from the first sentence of every module: `make format` writes it again."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "map.md"
PACKAGES = ("problems", "sandbox", "agent", "benchmarks")
_HEAD = """# The rooms

Every module and what it is for, from its own first sentence. Imports go from lower to higher in this order:
`problems`, `sandbox`, `agent`, `benchmarks`; never back. `make format` writes this page again, and
a test fails while it differs.
"""


def first_sentence(module: Path) -> str:
    """The first sentence of a module's docstring; "" if it has none."""
    text = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(text.split("\n\n")[0].split())
    return paragraph.split(". ")[0].rstrip(".")


def rooms() -> dict[str, list[Path]]:
    """The modules of each folder that is a package, packages in the order of their imports."""
    folders = [
        folder for top in PACKAGES for folder in sorted({path.parent for path in (ROOT / top).rglob("*.py")})
    ]
    return {
        folder.relative_to(ROOT).as_posix(): sorted(folder.glob("*.py"))
        for folder in folders
        if (folder / "__init__.py").is_file()
    }


def page() -> str:
    """What docs/map.md holds."""
    parts = [_HEAD]
    for folder, modules in rooms().items():
        lines = [f"| `{path.name}` | {first_sentence(path)} |" for path in modules if path.name != "__init__.py"]
        table = ["| module | what it is for |", "|---|---|", *(line.replace(" | |", " |") for line in lines)]
        parts.append(
            f"## {folder}/\n\n{first_sentence(ROOT / folder / '__init__.py')}.\n\n" + "\n".join(table) + "\n"
        )
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
