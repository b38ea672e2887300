#!/bin/sh
# Lint, types, import contracts, then every test on two processes with coverage shown.
set -eu
bin=.venv/bin
step() { printf '\n== %s\n' "$1"; }
step "ruff"; $bin/ruff check src tests;
step "mypy"; $bin/mypy
step "import contracts"; $bin/lint-imports --no-cache
step "pytest"; exec $bin/python -m pytest -n 2 --dist loadgroup --cov --cov-report=term "$@"
