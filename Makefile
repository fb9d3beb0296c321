# `make dev` and `make test` set up everything they need; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ASSETS := web/vendor/.installed
RUNTIMES := $(VENV)/share/filestore-emulator/.installed

.DEFAULT_GOAL := help
.PHONY: help install dev test check format bench lock browser clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) $(ASSETS) $(RUNTIMES) ## virtual environment, locked dependencies, assets

$(STAMP): requirements.lock pyproject.toml
	@echo "==> virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name one with make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "==> locked dependencies (a minute or two the first time)"
	@$(BIN)/python scripts/install_requirements.py
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(ASSETS): web/package.json web/package-lock.json scripts/install_assets.py $(STAMP)
	@echo "==> assets of the page"
	@$(BIN)/python scripts/install_assets.py
	@touch $@

$(RUNTIMES): scripts/node_runtime/package-lock.json scripts/install_runtimes.py requirements.lock $(STAMP)
	@echo "==> what functions of Node.js and of other Pythons need"
	@$(BIN)/python scripts/install_runtimes.py $@

dev: install ## run Filestore: the page, the API, everything; Ctrl-C stops it
	@$(BIN)/emulator up --template filestore/template.yaml --web web $(ARGS)

test: install browser ## all tests and scenarios, exactly as CI runs them
	@$(BIN)/python -m pytest --numprocesses auto $(ARGS)

browser:
	@scripts/install_chromium.sh

check: install ## formatting, lint, types, import order, template
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint filestore/template.yaml

format: install ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install ## measure; prints figures
	$(BIN)/python -m benchmarks

lock: ## resolve the dependencies anew
	uv pip compile --quiet --universal --generate-hashes --no-strip-extras --group dev --upgrade \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean: ## remove everything that was made here, data included
	rm -rf $(VENV) web/vendor web/node_modules .emulator build *.egg-info
