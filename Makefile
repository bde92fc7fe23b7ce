# Every target does its own set-up: a fresh machine needs Python 3.11 or 3.12 and nothing else.
PYTHON ?= $(shell command -v python3.12 >/dev/null 2>&1 && python3.12 -V >/dev/null 2>&1 && echo python3.12 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench judge clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## Only set up .venv

# torch comes first and from pip: where a CPU build of the pinned version is at hand, pip takes it.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v in {(3, 11), (3, 12)} else f"threadreel needs Python 3.11 or 3.12, found {v[0]}.{v[1]}; set PYTHON=…")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bot,inference,dev]'
	@touch $(STAMP)

run: setup ## Start everything: the playground's page, the API and a worker
	$(BIN)/threadreel up

test: setup ## Run the tests
	$(BIN)/python -m pytest -m 'not slow and not page and not gpu'

check: setup ## Format, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## Measure: admission, overhead over the bare pipeline, memory
	$(BIN)/python -m tests.bench

judge: setup ## Measure what share of prompts and remixes the built-in model gets right (minutes)
	$(BIN)/python -m inference.pocket.judge

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
