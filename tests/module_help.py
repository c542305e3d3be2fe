"""What `python -m MODULE --help` prints, as JSON: `python tests/module_help.py MODULE...`, all in one Python."""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import sys


def help_of(module: str) -> str:
    sys.argv = [module, "--help"]
    shown = io.StringIO()
    try:
        with contextlib.redirect_stdout(shown):
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            sys.exit(f"python -m {module} --help: {end.code}")
    return shown.getvalue()


if __name__ == "__main__":
    sys.path[0] = os.getcwd()  # noqa: PTH109
    texts = {module: help_of(module) for module in sys.argv[1:]}
    print(json.dumps(texts))  # noqa: T201
