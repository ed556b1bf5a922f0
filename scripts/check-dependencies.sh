#!/bin/sh
# Licences, sources, bans and security advisories of all dependencies of the workspace and of fuzz/.
#
# cargo-deny decides by deny.toml where it is installed. Without it scripts/check_dependencies.py checks licences,
# sources and bans by the same file, and cargo-audit, where installed, checks advisories. Advisories come from a list on
# the internet: if it cannot be read, nothing fails, but a WARNING goes to stderr.
set -eu
cd "$(dirname "$0")/.."

warn() { printf 'WARNING: dependencies: %s\n' "$*" >&2; }

# fuzz/ is a workspace of its own, built with the versions of the project's lock file.
manifests='Cargo.toml'
cp Cargo.lock fuzz/Cargo.lock
if cargo metadata --manifest-path fuzz/Cargo.toml --format-version 1 >/dev/null 2>&1; then
    manifests='Cargo.toml fuzz/Cargo.toml'
else
    warn 'the dependencies of fuzz/ could not be resolved (no network?): they were NOT checked'
fi

deny() {
    manifest=$1
    shift
    cargo deny --manifest-path "$manifest" --all-features check --config deny.toml "$@"
}

# Exit status 0 also when the list of advisories is not at hand; any other failure of cargo-audit counts.
audit() {
    log=$(mktemp)
    status=0
    cargo audit --file "$1" >"$log" 2>&1 || status=$?
    cat "$log"
    if [ "$status" != 0 ] && grep -q 'fetch advisory database\|open advisory database' "$log"; then
        status=0
        warn "the list of security advisories could not be fetched: $1 was NOT checked for them"
    fi
    rm -f "$log"
    return "$status"
}

if cargo deny --version >/dev/null 2>&1; then
    for manifest in $manifests; do
        deny "$manifest" bans licenses sources
    done
    if cargo deny fetch --config deny.toml >/dev/null 2>&1 || cargo deny fetch >/dev/null 2>&1; then
        for manifest in $manifests; do
            deny "$manifest" advisories
        done
    else
        warn 'the list of security advisories could not be fetched: advisories were NOT checked'
    fi
else
    # shellcheck disable=SC2086 # a list of words is meant
    python3 scripts/check_dependencies.py $manifests
    if cargo audit --version >/dev/null 2>&1; then
        for manifest in $manifests; do
            audit "${manifest%toml}lock"
        done
    else
        warn 'neither cargo-deny nor cargo-audit is installed: security advisories were NOT checked'
    fi
fi
