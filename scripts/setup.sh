#!/bin/sh
# Installs what building and testing need and this machine lacks (Debian and its relatives).
# Quiet when nothing is missing. Servers that the packages start are neither needed nor touched.
set -eu

say() { printf '%s\n' "$*" >&2; }

if ! command -v cargo >/dev/null 2>&1; then
    say 'Rust is missing: install it from https://rustup.rs (or your distribution), then try again.'
    exit 1
fi

missing=
need() { missing="$missing $1"; }

has_postgres_server() {
    for dir in $(printf '%s' "$PATH" | tr ':' ' ') /usr/lib/postgresql/*/bin; do
        [ -x "$dir/initdb" ] && return 0
    done
    return 1
}

has_libpq() {
    for library in /usr/lib/*/libpq.so /usr/lib/libpq.so /usr/lib64/libpq.so /usr/local/lib/libpq.so; do
        [ -e "$library" ] && return 0
    done
    command -v pkg-config >/dev/null 2>&1 && pkg-config --exists libpq
}

command -v cc >/dev/null 2>&1 || need gcc
command -v cc >/dev/null 2>&1 || need libc6-dev
command -v pkg-config >/dev/null 2>&1 || need pkg-config
command -v python3 >/dev/null 2>&1 || need python3
has_libpq || need libpq-dev
has_postgres_server || need postgresql
command -v psql >/dev/null 2>&1 || need postgresql-client
[ -e /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null 2>&1 || need rabbitmq-server
# A foreign client for the test of the stand-in for SQL Server.
command -v tsql >/dev/null 2>&1 || need freetds-bin

[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    say "Missing:$missing (Debian package names). Install them with your system's package manager, then try again."
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
else
    say "Missing:$missing. Neither root nor sudo is at hand; as root run:"
    say "    apt-get update && apt-get install -y --no-install-recommends$missing"
    exit 1
fi

say "Installing:$missing"
$as_root apt-get update -q
# shellcheck disable=SC2086 # a list of words is meant
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
