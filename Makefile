# The commands of the project. `make demo` and `make test` install what they need into .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := heliograph probes scheduler storage analysis

.PHONY: demo test unit lint check bars lock clean
.DEFAULT_GOAL := check

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info < (3, 14)))' || { \
	  echo "Heliograph needs Python 3.11 to 3.13; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv is missing; on Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (once; about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY)  ## a small censored internet on this host; prints a table and a report's path
	@$(BIN)/heliograph demo --out build/demo $(ARGS)

test unit: export PYTHONDONTWRITEBYTECODE :=  # what one worker compiled, all the others read

test: $(READY)  ## every test; no packet leaves this host
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

unit: $(READY)  ## the fast ones: no sockets
	@$(BIN)/python -m pytest -n 2 tests/unit $(ARGS)

lint: $(READY)  ## format, ruff, types, layers
	@$(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache --verbose > .lint-imports.log 2>&1 || { cat .lint-imports.log; exit 1; }

check: lint test  ## what CI runs

bars: $(READY)  ## the bars of the issues, measured; as long as it takes
	@$(BIN)/python -m benchmarks.bars

lock:  ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --no-emit-index-url --generate-hashes --quiet \
	  --group dev --extra archive --extra collector --extra places pyproject.toml --custom-compile-command "make lock" --output-file requirements.lock

clean:
	rm -rf $(VENV) build
