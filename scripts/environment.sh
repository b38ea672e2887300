#!/bin/sh
# environment.sh PYTHON REQUIREMENTS: the virtual environment .venv with exactly the locked, hashed packages.
set -eu
python=$1 requirements=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Fairdue needs Python 3.11 or newer; $("$python" --version) was found. Name another: make PYTHON=python3.12 ..." >&2
  exit 1
}
if [ ! -x .venv/bin/pip ]; then
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      echo "Installing python3-venv ..."
      apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    else
      echo "Python's venv module is missing. On Debian: sudo apt-get install python3-venv" >&2
      exit 1
    fi
  fi
  rm -rf .venv
  "$python" -m venv .venv
fi
echo "Installing the packages of $requirements ..."
# The lock is complete: without --no-deps pip would look at newer releases for "package[extra]" and refuse them.
.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$requirements"
.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
