#!/usr/bin/env bash
# Finds the chromium that browser tests use; as root on Debian or Ubuntu it is installed when missing.
set -euo pipefail
for name in "${RAPPORT_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing chromium for the browser tests"
    log=$(mktemp)
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >"$log" 2>&1; then
        rm "$log"
        exit 0
    fi
    tail -5 "$log" >&2
    rm "$log"
fi
echo "No chromium: browser tests will be skipped by name (install it: apt install chromium)." >&2
