#!/usr/bin/env bash
# Instances of their own on a real engine. The first is installed by the commands of docs/install.md, word for word; then
# each container's process is killed, all are restarted as the engine does, one image is upgraded, the broker's password is
# changed, and all volumes are removed and restored from a backup by the commands of that page; HL7 comes in through MLLP
# meanwhile, and every message must become a row. A second instance reads the same messages in a validation run, analysts
# are switched to it, and both schemas must say the same. At last three cores share the work of the first instance.
#
# Everything is removed at the end, but for the images. What is packed are the debug programs; PROFILE=release packs
# those. EMAP_IMAGE_TARGET=built compiles in the engine instead, as a site does. Only one may run on a host at a time.
set -euo pipefail
cd "$(dirname "$0")/.."

PROFILE=${PROFILE:-debug}
BUILT=$(realpath "${CARGO_TARGET_DIR:-target}")/$PROFILE
PROGRAMS=(core ids-reader hoover connector emap)
checkout=$PWD
export EMAP_IMAGE_TARGET=${EMAP_IMAGE_TARGET:-packed} EMAP_IMAGE_PREFIX=emap-compose-test
if ! docker compose version >/dev/null 2>&1; then export EMAP_COMPOSE=docker-compose; fi

# The reason stands at the end too, after what the containers have said.
reason=
trap 'reason=${reason:-line $LINENO: $BASH_COMMAND}' ERR
fail() { reason=$*; echo "compose-test: $*" >&2; exit 1; }
note() { printf '%s %s\n' "$(date +%T)" "$*"; }
# until_true SECONDS WHAT COMMAND…
until_true() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || fail "waited in vain until $what"
        sleep 0.5
    done
}

work=$(mktemp -d)
trial=$work/emap-trial next=$work/star_b
# What emap itself prints is kept for the case of a failure.
trial() { (cd "$trial" && emap "$@" 2>>"$work/emap.log"); }
next() { (cd "$next" && emap "$@" 2>>"$work/emap.log"); }
cleanup() {
    local status=$?
    if ((status)); then
        tail -n 30 "$work/emap.log" >&2 || true
        trial docker ps || true
        trial docker logs --tail 20 || true
        tail -n 15 "$next"/validation_logs/* 2>/dev/null || true
        echo "compose-test: $reason (at $(date +%T), after $SECONDS s)" >&2
    fi
    [[ ! -d $next/config ]] || next docker down -v --remove-orphans >/dev/null 2>&1 || true
    [[ ! -d $trial/config ]] || trial docker down -v --remove-orphans >/dev/null 2>&1 || true
    (cd "$checkout" && rm -rf "$work" "${PROGRAMS[@]/#/docker/binaries/}")
}
trap cleanup EXIT

scripts/base-images.sh debian postgres rabbitmq
if [[ $EMAP_IMAGE_TARGET == packed ]]; then
    for program in "${PROGRAMS[@]}"; do strip -o "docker/binaries/$program" "$BUILT/$program"; done
else
    scripts/base-images.sh rust
fi

# page PART NUMBER: runs the commands of the page that stand between the marks of this part, in a shell of their own, with a
# home directory of their own.
page() {
    local commands=$work/page-$1 count
    sed -n "/compose-test: $1 -->/,/compose-test: end -->/p" "$checkout/docs/install.md" | sed '/^<!--/d; /^```/d' >"$commands"
    count=$(grep -c . "$commands" || true)
    ((count == $2)) || fail "docs/install.md ($1) has $count commands instead of $2"
    HOME=$work timeout 3600 bash -euo pipefail -x "$commands" >"$commands.log" 2>&1 || { tail -n 40 "$commands.log" >&2; fail "a command of docs/install.md ($1) failed"; }
}
begin=$SECONDS
note "the ten commands of docs/install.md"
page begin 10
grep -q 'MSA|AA|trial-1' "$work/page-begin.log" || fail "the first message was not acknowledged"
note "from nothing to rows: $((SECONDS - begin)) s"
export EMAP_HOME=$checkout PATH=$checkout/bin:$PATH

# --- Each compose that is here holds every file against the specification's schema, with all that can be switched on.
mkdir "$work/every"
sed -e 's/^#\(features:\)/\1/; s/^#\(  [a-z_]*: true\)/\1/; s/^#\(  hoover:\)/\1/' \
    docker/global-configuration-EXAMPLE.yaml >"$work/every/global-configuration.yaml"
(cd "$work/every" && emap setup -g 2>>"$work/emap.log")
composes=()
for compose in 'docker compose' docker-compose; do
    # The words are what is called.
    # shellcheck disable=SC2086
    $compose version >/dev/null 2>&1 || continue
    (cd "$work/every" && EMAP_COMPOSE=$compose emap docker config >"$work/every/files" 2>>"$work/emap.log") || fail "$compose refuses the files"
    for service in core rabbitmq-init hl7-reader hoover connector fakeuds fakeids fakesources; do
        grep -q "^  $service:" "$work/every/files" || fail "the files have no $service although all is switched on"
    done
    composes+=("$compose $($compose version --short)")
done
note "all compose files are as the specification says: ${composes[*]}"

id_of() { docker ps -aq --no-trunc --filter "label=com.docker.compose.project=emap-trial" --filter "label=com.docker.compose.service=$1"; }
state() { docker inspect -f "$2" "$(id_of "$1")"; }
healthy() { [[ $(state "$1" '{{.State.Health.Status}}') == healthy ]]; }
LASTING=(rabbitmq core hl7-reader connector fakeuds fakeids)
all_healthy() { local service; for service in "${LASTING[@]}"; do healthy "$service" || return 1; done; }
sql() { docker exec -i "$(id_of fakeuds)" psql -qAtX -v ON_ERROR_STOP=1 -U emap -d uds -c "$1"; }
# Not by the effect log: a message that is applied twice, as a container was killed, is there twice.
count_persons() { sql "SELECT count(*) FROM ${1:-star_a}.mrn"; }
all_persons() { [[ $(count_persons) == "$sent" ]]; }
password=$(sed -n 's/.*UDS_PASSWORD: *//p' "$trial/global-configuration.yaml")
port_of() { sed -n "s/^ *$1: *//p" "$trial/global-configuration.yaml"; }
# url_of PORT DATABASE: as this host reaches it.
url_of() { printf 'postgresql://emap:%s@localhost:%s/%s' "$password" "$(port_of "$1")" "$2"; }

# --- What emap doctor says of an instance that works, and of one that does not.
until_true 120 "all are healthy" all_healthy
doctor() { trial "$@" doctor >"$work/doctor"; }
# finds WORDS ARGUMENTS…: with these arguments, doctor fails and has a line that begins so.
finds() {
    ! doctor "${@:2}" || fail "emap doctor finds nothing wrong instead of: $1"
    grep -q "^FAIL $1" "$work/doctor" || { cat "$work/doctor" >&2; fail "emap doctor does not find: $1"; }
}
doctor || { cat "$work/doctor" >&2; fail "emap doctor finds something wrong with an instance that works"; }
sed 's/UDS_PASSWORD: .*/UDS_PASSWORD: wrong/' "$trial/global-configuration.yaml" >"$trial/wrong.yaml"
finds "star database: .*password authentication failed" -f wrong.yaml
rm "$trial/wrong.yaml"
trial docker stop fakeuds
finds "star database: service fakeuds of this instance does not run"
trial docker start fakeuds
note "emap doctor: well, a wrong password, a database that is stopped"

# --- What the containers are.
until_true 120 "all are healthy" all_healthy
for name in core hl7-reader connector; do
    size=$(docker image inspect -f '{{.Size}}' "$EMAP_IMAGE_PREFIX-$name:latest")
    note "image of $name: $((size >> 20)) MiB"
    # Debug programs are larger.
    [[ $EMAP_IMAGE_TARGET == packed && $PROFILE == debug ]] || ((size <= 120 << 20)) || fail "the image of $name is larger than 120 MiB"
done
hardened() {
    local service users
    for service in "${LASTING[@]}"; do
        [[ $(state "$service" '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}') == "true [ALL]" ]] || fail "$service may do too much"
        # The engine's view: inside there may be no shell to ask.
        users=$(docker top "$(id_of "$service")" -o pid,uid | awk 'NR > 1 { print $2 }')
        [[ -n $users ]] && ! grep -qx 0 <<<"$users" || fail "$service runs as root"
    done
    docker ps -aq --filter label=com.docker.compose.project=emap-trial | xargs docker inspect >"$work/inspected"
    for secret in "$password" ${rotated:-}; do
        ! grep -qF -- "$secret" "$work/inspected" || fail "docker inspect shows a password"
    done
}
hardened
[[ $(trial docker exec -T rabbitmq rabbitmqctl -q list_bindings source_name destination_name) == *$'waveform\twaveform_emap'* ]] || fail "rabbitmq-init did not declare the exchange of waveforms"
note "no root, nothing writable, no password in docker inspect"

# --- Messages, whatever happens to the containers.
sent=1
mkdir "$work/messages"
# send NUMBER: registrations of as many further patients; each must be acknowledged.
send() {
    local last=$((sent + $1)) files=()
    while ((sent < last)); do
        sent=$((sent + 1))
        sed "s/trial-1/trial-$sent/; s/90000001/$((90000000 + sent))/; s/900000001/$((900000000 + sent))/" docker/trial/registration.hl7 >"$work/messages/$sent"
        files+=("$work/messages/$sent")
    done
    scripts/send-hl7.sh localhost "$(port_of CONNECTOR_MLLP_HOST_PORT)" "${files[@]}" >/dev/null || fail "a message was not accepted"
}
arrived() { until_true "${2:-90}" "all $sent messages are rows after $1" all_persons; note "$1: $sent messages are rows"; }

send 20
arrived "nothing happened"
restarts() { (($(state "$1" '{{.RestartCount}}') > $2)); }
for name in core hl7-reader connector rabbitmq fakeuds fakeids; do
    before=$(state "$name" '{{.RestartCount}}')
    kill -9 "$(state "$name" '{{.State.Pid}}')"
    until_true 30 "the engine starts $name again" restarts "$name" "$before"
    send 5
    arrived "$name killed"
done

note "all containers restarted by the engine"
for name in "${LASTING[@]}"; do id_of "$name"; done | xargs docker restart -t 30 >/dev/null
send 5
arrived "all restarted"

# --- One image is upgraded in place; the others stay.
docker build -q -f docker/Dockerfile --target "$EMAP_IMAGE_TARGET" --build-arg BINARY=core --build-arg VERSION=next -t "$EMAP_IMAGE_PREFIX-core:latest" . >/dev/null 2>&1
reader=$(id_of hl7-reader)
trial docker up -d
[[ $(docker inspect -f '{{index .Config.Labels "org.opencontainers.image.version"}}' "$(id_of core)") == next ]] || fail "core was not replaced by the new image"
[[ $(id_of hl7-reader) == "$reader" ]] || fail "the reader was replaced although nothing of it changed"
send 5
arrived "core upgraded"

# --- A new password of the broker, as the page says.
rotated="n3w=p&%$RANDOM\$x"
sed -i -E "s/(SPRING_RABBITMQ_PASSWORD|RABBITMQ_DEFAULT_PASS): .*/\1: \"${rotated//&/\\&}\"/" "$trial/global-configuration.yaml"
trial setup -g
grep -qF "=$rotated" "$trial/config/core-config-envs" || fail "the new password is not in config/"
trial docker up -d
send 5
arrived "the broker's password changed"
# Not by compose: the standalone one does not always pass the exit code on.
! docker exec "$(id_of rabbitmq)" rabbitmqctl -q authenticate_user emap "$password" >/dev/null 2>&1 || fail "the former password still works"
until_true 120 "all are healthy" all_healthy
hardened

# --- A backup, the loss of all volumes, and the way back, as the page says. Some messages are in the broker alone.
trial docker stop core
send 5
queued() { (($(trial docker exec -T rabbitmq rabbitmqctl -q list_queues name messages | awk '$1 == "hl7Queue" { print $2 }') + 0 >= 5)); }
until_true 60 "the broker has what core did not take" queued
[[ $(count_persons) == $((sent - 5)) ]] || fail "messages are rows although core is stopped"
export SCHEMA=star_a PROJECT=emap-trial
STAR_URL=$(url_of FAKEUDS_PORT uds) IDS_URL=$(url_of FAKEIDS_PORT ids)
export STAR_URL IDS_URL
cd "$trial"
page backup 6
trial docker down -v
[[ -z $(docker volume ls -q --filter label=com.docker.compose.project=emap-trial) ]] || fail "volumes are left"
trial docker up -d fakeuds fakeids
databases_healthy() { healthy fakeuds && healthy fakeids; }
until_true 120 "the empty databases are healthy" databases_healthy
page restore 6
cd "$checkout"
unset STAR_URL IDS_URL SCHEMA PROJECT
until_true 120 "all $sent persons are there again, with those that were in the broker alone" all_persons
until_true 120 "all are healthy" all_healthy
send 5
until_true 90 "messages become rows after the restore" all_persons
note "restored from a backup: $sent persons"

persons=$(count_persons)
[[ $persons == "$sent" ]] || fail "$sent persons were sent, $persons are there"
[[ $(sql 'SELECT count(*) FROM star_a.etl_message_reject') == 0 ]] || fail "messages were rejected"

# --- A second instance on this host: its own broker and schema, the same message store; a validation run fills it.
# An address of this host that it and containers have in common.
host=$(hostname -I | awk '{ print $1 }')
mkdir "$next"
sed -e 's/EMAP_PROJECT_NAME: .*/EMAP_PROJECT_NAME: emap-trial-next/; s/star_a/star_b/; s/enable_fake_uds: true/enable_fake_uds: false/; /^features:/,/^[a-z]*:$/{/connector: true/d; s/fake_ids: true/fake_ids: false/}' \
    -e "s|fakeids:5432|$host:$(port_of FAKEIDS_PORT)|; s|fakeuds:5432|$host:$(port_of FAKEUDS_PORT)|" \
    -e 's/RABBITMQ_PORT: 2/RABBITMQ_PORT: 3/; s/RABBITMQ_ADMIN_PORT: 2/RABBITMQ_ADMIN_PORT: 3/; s/HL7_READER_PORT: 2/HL7_READER_PORT: 3/' \
    "$trial/global-configuration.yaml" >"$next/global-configuration.yaml"
next setup -g
# A window is one of the times at which messages were stored: as if all had been on that day.
docker exec "$(id_of fakeids)" psql -qX -U emap -d ids -c "UPDATE tbl_ids_master SET persistdatetime = '2021-01-01 12:00:00'"
begin=$SECONDS
EMAP_VALIDATION_POLL_SECONDS=1 EMAP_VALIDATION_SETTLE_SECONDS=2 next validation --yes --no-use-hoover -s 2021-01-01 -e 2021-01-02 >"$work/validation.log" 2>&1 || { tail -n 30 "$work/validation.log" >&2; fail "the validation run failed"; }
note "validation run: $((SECONDS - begin)) s"
[[ $(count_persons star_b) == "$sent" ]] || fail "the validation run did not process all $sent messages"
[[ $(ls "$next/validation_logs" | wc -l) == 3 ]] || fail "logs of the validation run are missing"
grep -q 'IDS_CFG_END_DATETIME= $' "$next/config/hl7-reader-config-envs" || fail "the configuration was not restored"

# --- Analysts are switched to it.
url=$(url_of FAKEUDS_PORT uds)
star() { UDS_JDBC_URL=$url UDS_SCHEMA=star_a emap "$@" 2>>"$work/emap.log"; }
star switch star_a >/dev/null
star switch star_b >/dev/null
[[ $(star switch --status) == "star: star_b" ]] || fail "the views do not lead to star_b"
[[ $(sql 'SELECT count(*) FROM star.mrn') == "$sent" ]] || fail "analysts do not see all patients"
star compare --a "$url" --schema-a star_a --b "$url" --schema-b star_b >"$work/compared" || { cat "$work/compared"; fail "the two schemas differ"; }
star check >"$work/checked" || { cat "$work/checked"; fail "emap check found something"; }

# --- Three cores share the patients, and two go on when one is killed.
printf 'core:\n  CORE_PARTITIONS: 6\n' >>"$trial/global-configuration.yaml"
trial setup -g
trial docker up -d --scale core=3
consumed() { trial docker exec -T rabbitmq rabbitmqctl -q list_queues name consumers | awk '/^core\.partition\./ && $2 == 1 { n++ } END { exit n != 6 }'; }
until_true 120 "each partition has a core" consumed
[[ $(id_of core | wc -l) == 3 ]] || fail "there are not three cores"
send 20
until_true 90 "three cores have processed all messages" all_persons
kill -9 "$(docker inspect -f '{{.State.Pid}}' "$(id_of core | head -n 1)")"
send 20
until_true 120 "messages become rows although a core was killed" all_persons
note "three cores: $sent persons"

trial docker down
[[ -z $(docker ps -q --filter label=com.docker.compose.project=emap-trial) ]] || fail "containers are left"
note "compose-test: all well"
