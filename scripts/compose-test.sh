#!/usr/bin/env bash
# An instance of its own on a real engine: images from what is built here, `emap setup -g`, `emap docker up -d`, HL7
# through the connector's MLLP port, rows in the star database, each container killed and started again, nothing lost.
# Everything is removed at the end, but for the images. PROFILE=release packs the release build.
set -euo pipefail
cd "$(dirname "$0")/.."

PROFILE=${PROFILE:-debug}
BUILT=${CARGO_TARGET_DIR:-target}/$PROFILE
DAEMONS=(core ids-reader hoover connector)
export EMAP_HOME=$PWD EMAP_IMAGE_TARGET=packed EMAP_IMAGE_PREFIX=emap-compose-test
if ! docker compose version >/dev/null 2>&1; then export EMAP_COMPOSE=docker-compose; fi
emap=$(realpath "$BUILT/emap")

fail() { echo "compose-test: $*" >&2; exit 1; }
note() { printf '%s %s\n' "$(date +%T)" "$*"; }

scripts/base-images.sh debian postgres rabbitmq
mkdir -p docker/binaries
for daemon in "${DAEMONS[@]}"; do strip -o "docker/binaries/$daemon" "$BUILT/$daemon"; done

project=$(mktemp -d)
instance() { (cd "$project" && "$emap" "$@" 2>>emap.log); }
cleanup() {
    local status=$?
    if ((status)); then
        tail -n 20 "$project/emap.log" >&2 || true
        instance docker ps || true
        instance docker logs --tail 20 core hl7-reader connector || true
    fi
    instance docker down -v --remove-orphans >/dev/null 2>&1 || true
    rm -rf "$project" docker/binaries
}
trap cleanup EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])'; }
mllp_port=$(free_port)
cat >"$project/global-configuration.yaml" <<YAML
EMAP_PROJECT_NAME: emap-compose-test
repositories:
  emap:
rabbitmq:
  SPRING_RABBITMQ_HOST: rabbitmq
  SPRING_RABBITMQ_PORT: 5672
  SPRING_RABBITMQ_USERNAME: invented
  SPRING_RABBITMQ_PASSWORD: "p=w&%x"
  RABBITMQ_DEFAULT_USER: invented
  RABBITMQ_DEFAULT_PASS: "p=w&%x"
global:
  RABBITMQ_PORT: $(free_port)
  RABBITMQ_ADMIN_PORT: $(free_port)
  HL7_READER_PORT: $(free_port)
  CONNECTOR_HTTP_PORT: $(free_port)
  CONNECTOR_MLLP_HOST_PORT: $mllp_port
  ACTUATOR_ALLOWED_ORIGINS: ""
ids:
  IDS_JDBC_URL: jdbc:postgresql://fakeuds:5432/ids
  IDS_SCHEMA: public
  IDS_USERNAME: inform_user
  IDS_PASSWORD: inform
dates:
  start: 2020-01-01T00:00:00Z
  end:
uds:
  UDS_JDBC_URL: jdbc:postgresql://fakeuds:5432/fakeuds
  UDS_SCHEMA: star_test
  UDS_USERNAME: inform_user
  UDS_PASSWORD: inform
connector:
  enable_connector: true
  DATABASE_HOST: fakeuds
  DATABASE_USER: inform_user
  DATABASE_PASSWORD: inform
  HS_KEY: invented
  EPR_SERVICE_ADAPTER_HS_KEY: invented
fake_uds:
  enable_fake_uds: true
  FAKEUDS_PORT: $(free_port)
  POSTGRES_DB: fakeuds
  POSTGRES_USER: inform_user
  POSTGRES_PASSWORD: inform
YAML

instance setup -g
note "building images"
instance docker build >"$project/build.log" || { tail "$project/build.log" >&2; fail "no images"; }
for name in core hl7-reader connector; do
    size=$(docker image inspect -f '{{.Size}}' "$EMAP_IMAGE_PREFIX-$name:latest")
    note "image of $name: $((size >> 20)) MiB"
    # Debug builds are large.
    [[ $PROFILE == debug ]] || ((size <= 120 << 20)) || fail "the image of $name is larger than 120 MiB"
done

psql_in() { docker exec -i "$(instance docker ps -q fakeuds)" psql -qAtX -v ON_ERROR_STOP=1 -U inform_user "$@"; }
# until_true SECONDS WHAT COMMAND…
until_true() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || fail "waited in vain until $what"
        sleep 1
    done
}
healthy() { [[ $(docker inspect -f '{{.State.Health.Status}}' "$(instance docker ps -q "$1")") == healthy ]]; }
all_healthy() {
    local service
    for service in rabbitmq core hl7-reader connector; do healthy "$service" || return 1; done
}
logged() { [[ $(psql_in -d fakeuds -c 'SELECT count(*) FROM star_test.etl_per_message_logging') -ge $1 ]]; }

begin=$SECONDS
instance docker up -d fakeuds
until_true 60 "the star database is up" psql_in -d fakeuds -c 'SELECT 1'
for database in ids connector; do psql_in -d fakeuds -c "CREATE DATABASE $database"; done
instance docker up -d
until_true 120 "all are healthy" all_healthy
note "from up to healthy: $((SECONDS - begin)) s"

# send FROM TO: registrations over MLLP, each acknowledged.
send() {
    python3 - "$mllp_port" "$1" "$2" <<'PYTHON'
import socket, sys
port, first, last = map(int, sys.argv[1:])
peer = socket.create_connection(("127.0.0.1", port), timeout=30)
for n in range(first, last):
    lines = [
        f"MSH|^~\\&|EPIC|INVENTED|||20210101100000||ADT^A04|c{n}|P|2.5",
        "EVN|A04|20210101100000|||||20210101100000",
        f"PID|1||9{n:07}^^^HOSP^MRN||QUILL^PAT||19700101|F",
        f"PV1|1|O|WARD^ROOM^BED|||||||||||||||{n:09}|||||||||||||||||||||||||20210101100000",
    ]
    peer.sendall(b"\x0b" + "\r".join(lines).encode() + b"\r\x1c\r")
    answer = b""
    while not answer.endswith(b"\x1c\r"):
        more = peer.recv(65536)
        if not more:
            sys.exit("the connector closed the connection")
        answer += more
    if b"MSA|AA|" not in answer:
        sys.exit(f"not accepted: {answer!r}")
PYTHON
}

send 0 50
until_true 60 "the first messages are rows" logged 50
note "50 messages are rows"

sent=50
for name in core hl7-reader rabbitmq connector fakeuds; do
    docker kill "$(instance docker ps -q "$name")" >/dev/null
    [[ $name == connector || $name == fakeuds ]] || { send $sent $((sent + 10)); sent=$((sent + 10)); }
    instance docker up -d >/dev/null
    until_true 180 "all are healthy after $name was killed" all_healthy
    send $sent $((sent + 10)); sent=$((sent + 10))
    until_true 60 "all $sent messages are rows after $name was killed" logged $sent
    note "$name killed and started again: $sent messages are rows"
done
persons=$(psql_in -d fakeuds -c 'SELECT count(*) FROM star_test.mrn')
[[ $persons == "$sent" ]] || fail "$sent persons were sent, $persons are there"

for name in core hl7-reader connector; do
    id=$(instance docker ps -q "$name")
    [[ $(docker inspect -f '{{.HostConfig.ReadonlyRootfs}}' "$id") == true ]] || fail "$name can write to its root"
    # The engine's view: inside there is no shell to ask.
    users=$(docker top "$id" -o pid,uid | awk 'NR > 1 { print $2 }')
    [[ -n $users && ! " $users " =~ [[:space:]]0[[:space:]] ]] || fail "$name runs as root"
done
note "compose-test: all well"
