#!/usr/bin/env bash
# Generated requests to the API along the links of its document, on SQLite, then on PostgreSQL where one answers.
set -uo pipefail
cd "$(dirname "$0")/.."
export RAPPORT_TEST_POSTGRES=${RAPPORT_TEST_POSTGRES:-postgresql://postgres@127.0.0.1:5432/postgres}
status=0

walk() {
    echo "== API on $1"
    RAPPORT_DATABASE_URL=$2 .venv/bin/python -m pytest -q -m long tests/surfaces/api/test_fuzz.py || status=1
}

walk SQLite ""
if .venv/bin/python -c "import os, psycopg; psycopg.connect(os.environ['RAPPORT_TEST_POSTGRES'], connect_timeout=3)"
then walk PostgreSQL "$RAPPORT_TEST_POSTGRES"
else echo "No PostgreSQL at RAPPORT_TEST_POSTGRES: left out."
fi
exit $status
