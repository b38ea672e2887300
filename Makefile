# Two commands are enough: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: help install demo test lint format types imports bench clean browser messages lock

help: ## This list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: .venv/app.stamp ## Virtual environment .venv with the `fairdue` command

.venv/app.stamp: requirements/app.txt pyproject.toml scripts/environment.sh
	@sh scripts/environment.sh $(PYTHON) requirements/app.txt
	@touch $@

.venv/test.stamp: requirements/test.txt .venv/app.stamp
	@sh scripts/environment.sh $(PYTHON) requirements/test.txt
	@touch $@

demo: .venv/app.stamp ## Everything at http://127.0.0.1:$(PORT): database, data, one night, web, worker
	@exec $(BIN)/fairdue demo --port $(PORT)

browser: ## Chromium and Chinese fonts for the browser tests (Debian, as root; else says what to install)
	@sh scripts/browser.sh

test: .venv/test.stamp browser ## Lint, types, import contracts, every test
	@sh scripts/test.sh

lint: .venv/test.stamp ## Ruff, types, import contracts
	@$(BIN)/ruff check src tests && $(BIN)/ruff format --check src tests && $(BIN)/mypy && $(BIN)/lint-imports

format: .venv/test.stamp ## Put the code in its usual form
	@$(BIN)/ruff check --fix src tests; $(BIN)/ruff format src tests

bench: .venv/test.stamp ## Measure the budgets; writes bench/RESULTS.md
	@$(BIN)/fairdue bench

messages: .venv/test.stamp ## Collect and compile translations (needs gettext)
	@$(BIN)/fairdue messages

lock: .venv/test.stamp ## Lock the dependencies anew, with hashes and without addresses
	@for set in app test; do \
	  files=requirements/app.in; [ $$set = test ] && files="requirements/app.in requirements/test.in"; \
	  $(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    --python-version 3.11 $$files -o requirements/$$set.txt; done

clean: ## Remove the environment, the private databases and caches
	@[ ! -x $(BIN)/fairdue ] || $(BIN)/fairdue stop || true
	@rm -rf .venv .fairdue build dist .coverage htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache src/*.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
