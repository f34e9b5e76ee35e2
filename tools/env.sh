#!/usr/bin/env bash
# Makes or mends .venv: the packages of requirements.lock, checked by hash, and Rapport itself, editable.
set -euo pipefail
cd "$(dirname "$0")/.."

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$name" >/dev/null && new_enough "$name"; then command -v "$name"; return; fi
    done
    cat >&2 <<'TEXT'
Rapport needs Python 3.11 or newer, and none was found.
Install it (Debian, Ubuntu: apt install python3 python3-venv; Fedora: dnf install python3; macOS: brew install python),
or name one: make env PYTHON=/path/to/python3
TEXT
    return 1
}

if ! { [ -x .venv/bin/python ] && new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        cat >&2 <<TEXT
$python has no venv module with pip (Debian and Ubuntu package it apart). Install it, then try again:
    apt install python$version-venv
TEXT
        exit 1
    fi
    echo "Making .venv with $python"
    "$python" -m venv --clear .venv
fi

echo "Installing the packages of requirements.lock"
pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet)
"${pip[@]}" install --require-hashes -r requirements.lock
"${pip[@]}" install --no-deps --no-build-isolation --editable .
touch .venv/.ready
