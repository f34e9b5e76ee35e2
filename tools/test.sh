#!/usr/bin/env bash
# Linters, then every test on SQLite, then on PostgreSQL where one answers. Ends with pytest's own closing line.
# RAPPORT_TEST_POSTGRES names the server (default: postgres on this machine); RAPPORT_REQUIRE (browser,postgres,node)
# makes a missing one a failure instead of a skip.
set -uo pipefail
cd "$(dirname "$0")/.."
export RAPPORT_TEST_POSTGRES=${RAPPORT_TEST_POSTGRES:-postgresql://postgres@127.0.0.1:5432/postgres}
require=",${RAPPORT_REQUIRE:-},"
processes=${RAPPORT_TEST_PROCESSES:-2}
selection="not long"
[ "${1:-}" = --long ] && selection=long
status=0

# tests TITLE DATABASE_URL MARKERS
tests() {
    echo "== tests on $1"
    RAPPORT_DATABASE_URL=$2 .venv/bin/python -m pytest -q -n "$processes" -m "$3" ${PYTEST_ARGS:-}
    local code=$?
    # 5: nothing was selected, which is right only for a part of the tests.
    if [ $code -ne 0 ] && ! { [ $code -eq 5 ] && [ -n "${PYTEST_ARGS:-}" ]; }; then status=1; fi
}

tools/lint.sh || status=1

postgres_answers() {
    .venv/bin/python - <<'PYTHON'
import os, psycopg, sys
try:
    psycopg.connect(os.environ["RAPPORT_TEST_POSTGRES"], connect_timeout=3).close()
except psycopg.Error as error:
    sys.exit(str(error).strip())
PYTHON
}

if postgres_answers 2>/tmp/rapport-postgres.$$; then
    postgres=yes
else
    postgres=no
    echo "No PostgreSQL at RAPPORT_TEST_POSTGRES: $(head -1 /tmp/rapport-postgres.$$)"
    if [[ $require == *,postgres,* ]]; then
        echo "PostgreSQL is required here (RAPPORT_REQUIRE)." >&2
        status=1
    else
        echo "The tests on PostgreSQL are skipped."
    fi
fi
rm -f /tmp/rapport-postgres.$$

tests SQLite "" "$selection"
# Tests marked `once` bring databases of their own, or need none.
[ $postgres = yes ] && tests PostgreSQL "$RAPPORT_TEST_POSTGRES" "$selection and not once"
exit $status
