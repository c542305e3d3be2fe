"""Modules of ours as one program text, for interpreters where nothing of ours is installed.

Only modules that need the standard library and each other can travel so.
"""

from __future__ import annotations

import functools
from importlib import resources

_LOADER = '''
import sys, types
def load():
    """Make the package and its modules, each with those before it at hand."""
    package = sys.modules[PACKAGE] = types.ModuleType(PACKAGE)
    package.__path__ = []
    for name, text in SOURCES:
        module = sys.modules[PACKAGE + "." + name] = types.ModuleType(PACKAGE + "." + name)
        setattr(package, name, module)
        exec(compile(text, PACKAGE + "/" + name + ".py", "exec"), module.__dict__)
    return package
'''


@functools.cache
def bundle(package: str, *names: str) -> str:
    """A program text whose `load()` makes `package` of these modules and returns it.

    The sources are read once in a process, or an edit would mix two versions.

    Args:
        package: an installed package; its own `__init__` stays behind.
        names: its modules, each after those that it imports.
    """
    folder = resources.files(package)
    sources = tuple((name, folder.joinpath(f"{name}.py").read_text(encoding="utf-8")) for name in names)
    return f"PACKAGE = {package!r}\nSOURCES = {sources!r}\n{_LOADER}"
