# Two commands for people: `make demo` runs the main job end to end, `make test` passes the tests.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE_READY := tests/node/node_modules/.ready
CODE := audit cli demo detectors inspector ledger proxy reports wire

.PHONY: help setup lock demo test check audit bench soak accuracy bench-detect fuzz attacks properties clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make .venv with the pinned, hashed packages

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 13))' 2>/dev/null || { \
	  echo "Douane needs Python 3.13 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo missing)."; \
	  echo "Install it, or name it: make PYTHON=/path/to/python3.13 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up .venv with the pinned packages (once, about a minute)…"
	@if command -v uv >/dev/null 2>&1; then \
	  { test -x $(BIN)/python || uv venv --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV); } && \
	  uv pip sync --compile-bytecode --python $(BIN)/python --require-hashes requirements.txt && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  { test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV); } && \
	  $(BIN)/pip install --disable-pip-version-check --progress-bar on --require-hashes -r requirements.txt \
	    | grep -v --line-buffered -E '^ *(Requirement already|Collecting|Using|Downloading|Looking in|Ignoring|Processing|Installing collected|Attempting uninstall|Found existing|Uninstalling|Successfully uninstalled)' ; \
	  test $${PIPESTATUS[0]} -eq 0 && \
	  $(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@

lock: ## pin the packages of pyproject.toml anew, for development and for the image (needs uv)
	uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --group dev pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-header -c requirements.txt pyproject.toml deploy/build.in -o deploy/requirements.txt

$(NODE_READY): tests/node/package.json tests/node/package-lock.json | $(READY)
	@echo "Fetching the MCP conformance suite and the peer servers (npm, once)…"
	@cd tests/node && PATH="$(abspath $(BIN)):$$PATH" npm ci --no-audit --no-fund --loglevel=error
	@touch $@

demo: $(READY) ## four sample apps, a client that speaks like ChatGPT, live rows and a report
	@$(BIN)/python -m douane.demo

test: $(READY) $(NODE_READY) ## the tests, in two processes (under a quarter of an hour)
	@# Without bytecode each of the hundreds of processes that they start would compile the program again.
	@PYTHONDONTWRITEBYTECODE= PATH="$(abspath $(BIN)):$$PATH" $(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder

check: $(READY) ## style, types, import direction, docs and the wheel
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_docs.py tests/test_wheel.py

audit: $(READY) ## known vulnerabilities of the pinned packages (pip-audit; needs internet access, and says so)
	@$(BIN)/python tools/vulnerabilities.py $(AUDIT)

soak: $(READY) ## half an hour at 100 messages a second, the inspector killed in between; written to docs/reliability.md
	@$(BIN)/python -m bench.soak --write

bench: $(READY) ## forwarding, inspection, burst and SSE, each beside its peer in the same run
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m bench

accuracy: $(READY) ## how well detection finds, beside stock Presidio; DOUANE_CORPORA=/folder adds the public sets
	@$(BIN)/python -m bench.detection

bench-detect: $(READY) ## how long detection takes, beside stock Presidio in the same run
	@$(BIN)/python -m bench.detection.speed

fuzz: $(READY) ## any bytes to every decoder and reader; TARGET=sse for one of them, RUNS=1000000 for how many
	@$(BIN)/python tests/fuzz $(TARGET) --runs $(or $(RUNS),1000000)

attacks: $(READY) ## change a ledger's file in 20,000 ways, or RUNS of them, and hold both verifiers to one word
	@DOUANE_MUTATIONS=$(or $(RUNS),20000) $(BIN)/pytest -q --timeout=0 tests/ledger/test_attacks.py

properties: $(READY) ## the property tests of every parser, with far more examples (hours)
	@HYPOTHESIS_PROFILE=long $(BIN)/pytest -q --timeout=0 tests/audit tests/wire tests/cli tests/ledger

clean: ## remove what the other commands made
	rm -rf $(VENV) .demo .bench .fuzz build dist *.egg-info tests/node/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
