#!/usr/bin/env bash
# Runs one of fuzz/fuzz_targets for a while, starting with the project's test files: scripts/fuzz.sh TARGET SECONDS
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1 seconds=$2

if [[ ! -f fuzz/fuzz_targets/$target.rs ]]; then
    echo "there is no target $target; there are: $(cd fuzz/fuzz_targets && echo *.rs | sed 's/\.rs//g')" >&2
    exit 1
fi

missing=()
cargo +nightly --version &>/dev/null || missing+=("rustup toolchain install nightly --profile minimal")
cargo fuzz --version &>/dev/null || missing+=("cargo install cargo-fuzz --locked")
command -v c++ >/dev/null || missing+=("sudo apt-get install g++")
if ((${#missing[@]})); then
    echo "fuzzing needs more than building does; install it once with" >&2
    printf '    %s\n' "${missing[@]}" >&2
    exit 1
fi

cargo run --quiet -p emap-ids-reader --example fuzz_corpus -- "$target" "fuzz/corpus/$target"
# The dependencies in the versions that the project is built with.
cp Cargo.lock fuzz/Cargo.lock
exec cargo +nightly fuzz run --fuzz-dir fuzz "$target" -- -max_total_time="$seconds" -timeout=10
