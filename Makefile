# Everything runs in .venv, made on first use from any Python 3.11+ (PYTHON=python3.12 picks another).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
TOOLS  := $(VENV)/.tools
# The model's own default, so that `make solve` and `solve` do the same.
ARGS   ?=

.PHONY: help setup solve test check format clean
help:             ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup: $(TOOLS)   ## make .venv with everything in it
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "alphasolve needs Python 3.11 or newer (make PYTHON=...)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "cannot make $(VENV): install your system's python3-venv package" >&2; exit 1; }
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt -e .
	@touch $@
# Development and measurements want more than solving does.
$(TOOLS): $(STAMP)
	$(BIN)/pip install --quiet -c constraints.txt -e . --group dev
	@touch $@

solve: $(STAMP)   ## solve PROBLEM=path/to/problem.md (more flags in ARGS="...")
	@test -n "$(PROBLEM)" || { echo 'say which: make solve PROBLEM=problems/examples/running_gap.md' >&2; exit 2; }
	@$(BIN)/solve $(PROBLEM) $(ARGS)

# A file is one worker's: what its tests share is made once. Two, because many a test waits rather than computes.
test: $(TOOLS)    ## run the tests (ARGS="-k name" for some of them)
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(TOOLS)   ## lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(TOOLS)  ## apply the formatter and the safe fixes; write docs/map.md
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python tests/room_map.py

clean:            ## remove what make made
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
