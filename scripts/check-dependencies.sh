#!/bin/sh
# Licences, sources and bans of all dependencies, by deny.toml.
# With cargo-deny installed it decides, security advisories included (if their list can be fetched). Without it, a
# smaller check reads the same deny.toml; it says that it has not looked at advisories.
set -eu
cd "$(dirname "$0")/.."

if cargo deny --version >/dev/null 2>&1; then
    cargo deny --all-features check bans licenses sources
    cargo deny fetch >/dev/null 2>&1 && exec cargo deny --all-features check advisories
    echo 'dependencies: the list of security advisories could not be fetched, so they were NOT checked'
else
    exec python3 scripts/check_dependencies.py
fi
