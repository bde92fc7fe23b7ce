# Every target does its own set-up: a fresh machine needs Python 3.11 or 3.12 and nothing else.
PYTHON ?= $(shell command -v python3.12 >/dev/null 2>&1 && python3.12 -V >/dev/null 2>&1 && echo python3.12 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# Newer than pyproject.toml and constraints.txt where .venv holds what running needs, and what working on it needs besides.
RUN := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench crash judge clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(RUN) ## Only set up .venv with what running needs

# torch comes first and from pip: where a CPU build of the pinned version is at hand, pip takes it.
$(RUN): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v in {(3, 11), (3, 12)} else f"threadreel needs Python 3.11 or 3.12, found {v[0]}.{v[1]}; set PYTHON=…")'
	@echo "Setting up $(VENV): some minutes the first time, and pip is quiet meanwhile."
	@echo "1 of 3: a virtual environment of $(PYTHON)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "2 of 3: torch, which runs the model: the longest step (200 MB for a CPU; the build for NVIDIA cards has several GB)"
	@$(PIP) torch==2.13.0
	@echo "3 of 3: threadreel and its other libraries"
	@$(PIP) -e '.[bot,inference]'
	@touch $@

$(DEV): $(RUN)
	@echo "Adding the tools for working on threadreel: a minute or so"
	@$(PIP) -e '.[bot,inference,dev]'
	@touch $@

run: $(RUN) ## Start everything: the playground's page, the API and a worker
	$(BIN)/threadreel up

# Much of their time is waiting; workers take over each other's files, so that none is idle at the end.
test: $(DEV) ## Run the tests
	$(BIN)/python -m pytest -m 'not slow and not page and not gpu' -n auto --maxprocesses 4 --dist worksteal

check: $(DEV) ## Format, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV) ## Measure: admission, overhead over the bare pipeline, memory
	$(BIN)/python -m tests.bench

crash: $(DEV) ## Kill a thousand processes and check the books after each death (minutes)
	THREADREEL_KILLS=500 $(BIN)/python -m pytest -m slow tests/crash/test_many_kills.py

judge: $(DEV) ## Measure what share of 600 prompts, of remixes and of joints the built-in model gets right (an hour or so; ARGS='--prompts 40' for less)
	$(BIN)/python -m inference.pocket.judge $(ARGS)

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
