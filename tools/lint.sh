#!/usr/bin/env bash
# Every linter; all of them run even when one complains, so that one run shows everything.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=()

check() {
    local name=$1
    shift
    echo "== $name"
    "$@" || failed+=("$name")
}

# The types take as long as all others together, on one core: they are looked at meanwhile.
types=$(mktemp)
$bin/mypy >"$types" 2>&1 &
checking=$!

check "ruff check" $bin/ruff check --quiet
check "ruff format" $bin/ruff format --check --quiet
check "own rules" $bin/python -m tools.lint
check "translations" $bin/python -m tools.translations --check
check "imports" $bin/lint-imports --no-cache
check "mypy" wait $checking
cat "$types"
rm -f "$types"

if [ ${#failed[@]} -gt 0 ]; then
    printf 'Linters that failed:'
    printf ' %s;' "${failed[@]}"
    echo
    exit 1
fi
