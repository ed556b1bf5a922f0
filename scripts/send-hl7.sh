#!/usr/bin/env bash
# send-hl7.sh HOST PORT FILE…: sends HL7 v2 messages over MLLP, one a file, and prints their acknowledgements. Until the
# receiver answers, a message is sent again, for a minute. Exit code 1: one was not accepted, or not answered.
set -uo pipefail

(($# >= 3)) || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
host=$1 port=$2
shift 2

# once FILE: the acknowledgement, or nothing.
once() {
    local answer
    exec 3<>"/dev/tcp/$host/$port" || return
    { printf '\v'; tr '\n' '\r' <"$1"; printf '\034\r'; } >&3
    IFS= read -r -d $'\034' -t 10 answer <&3
    exec 3>&-
    tr '\r' '\n' <<<"${answer#$'\v'}"
}

for file; do
    deadline=$((SECONDS + 60))
    until answer=$(once "$file" 2>/dev/null) && [[ $answer == *MSA* ]]; do
        ((SECONDS < deadline)) || { echo "send-hl7.sh: no answer from $host:$port" >&2; exit 1; }
        sleep 1
    done
    echo "$answer"
    [[ $answer == *MSA?AA* ]] || exit 1
done
