#!/usr/bin/env bash
# Writes requirements.lock anew from pyproject.toml: every platform, every extra, with hashes, without index hosts.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .venv/bin/uv)
[ -x "$uv" ] || { echo "make lock needs uv: .venv/bin/pip install uv" >&2; exit 1; }
"$uv" pip compile pyproject.toml --group dev --all-extras --universal --generate-hashes --no-header --no-annotate \
    --quiet --output-file requirements.lock "$@"
if grep -nE '://|^--' requirements.lock; then
    echo "requirements.lock names an address (lines above); it must hold names, versions and hashes only." >&2
    exit 1
fi
