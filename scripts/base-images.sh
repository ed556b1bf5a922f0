#!/usr/bin/env bash
# Makes the images that docker/Dockerfile and the compose files build on, under the same names, from Debian's packages:
# for hosts that can pull no image. An image that is there already is left as it is; FORCE=1 makes it anew.
#
# They stand in for the published images where those cannot be had: the broker is Debian's version, whatever the tag
# says, and only the variables that our files use are understood. Needs root, debootstrap, Docker and, for rust:…, a Rust
# toolchain on this host, which is copied.
set -euo pipefail

DEBIAN=debian:bookworm-slim
RUST=rust:1-bookworm
POSTGRES=postgres:15
RABBITMQ=rabbitmq:4.2.0-management
MIRROR=${MIRROR:-http://deb.debian.org/debian}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

missing() { [[ -n ${FORCE:-} ]] || ! docker image inspect "$1" >/dev/null 2>&1; }

debian() {
    command -v debootstrap >/dev/null || apt-get install -q -y --no-install-recommends debootstrap >/dev/null
    debootstrap --variant=minbase bookworm "$work/debian" "$MIRROR" >"$work/debootstrap.log" ||
        { tail "$work/debootstrap.log" >&2; return 1; }
    # As in the published image: packages leave neither archives nor documents behind, and apt no index (90 MB of it).
    cat >"$work/debian/etc/apt/apt.conf.d/docker-clean" <<-'APT'
		DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
		APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
	APT
    printf 'path-exclude /usr/share/%s/*\n' doc info locale man >"$work/debian/etc/dpkg/dpkg.cfg.d/docker"
    rm -rf "$work"/debian/var/{cache/{apt,debconf,ldconfig},lib/apt/lists,log}/* "$work"/debian/usr/share/{doc,info,locale,man}/*
    tar -C "$work/debian" -c . | docker import --change 'CMD ["bash"]' - "$DEBIAN" >/dev/null
}

# image NAME DIRECTORY: builds DIRECTORY, where the Dockerfile of the image was written.
image() { docker build --quiet --network host -t "$1" "$2" >/dev/null; }

rust() {
    mkdir -p "$work/rust"
    cp -a "$(rustc --print sysroot)" "$work/rust/toolchain"
    rm -rf "$work"/rust/toolchain/share/doc
    # Crates are downloaded by whom this host trusts: there may be a proxy with an authority of its own.
    cp /etc/ssl/certs/ca-certificates.crt "$work/rust/host-certificates.crt"
    cat >"$work/rust/Dockerfile" <<-DOCKERFILE
		FROM $DEBIAN
		RUN apt-get update \
		    && apt-get install -y --no-install-recommends ca-certificates gcc libc6-dev \
		    && rm -rf /var/lib/apt/lists/*
		COPY toolchain /usr/local/rust
		COPY host-certificates.crt /usr/local/share/host-certificates.crt
		ENV PATH=/usr/local/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin CARGO_HOME=/usr/local/cargo CARGO_HTTP_CAINFO=/usr/local/share/host-certificates.crt
	DOCKERFILE
    image "$RUST" "$work/rust"
}

postgres() {
    mkdir -p "$work/postgres"
    cat >"$work/postgres/docker-entrypoint.sh" <<-'SCRIPT'
		#!/bin/bash
		# Creates the database on the first start, then runs the command.
		set -euo pipefail
		user=${POSTGRES_USER:-postgres} database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}
		if [[ ! -s $PGDATA/PG_VERSION ]]; then
		    initdb --username="$user" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:?}") --auth-host=scram-sha-256 --auth-local=trust >/dev/null
		    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
		    pg_ctl -w start -o "-c listen_addresses=''" >/dev/null
		    [[ $database == postgres ]] || createdb --username="$user" "$database"
		    for script in /docker-entrypoint-initdb.d/*.sql; do
		        [[ -e $script ]] && psql -v ON_ERROR_STOP=1 --username="$user" --dbname="$database" -f "$script"
		    done
		    pg_ctl -w stop >/dev/null
		fi
		exec "$@" -c listen_addresses='*'
	SCRIPT
    chmod 755 "$work/postgres/docker-entrypoint.sh"
    cat >"$work/postgres/Dockerfile" <<-DOCKERFILE
		FROM $DEBIAN
		RUN apt-get update \
		    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends locales postgresql-15 \
		    && rm -rf /var/lib/apt/lists/* /var/lib/postgresql/15 \
		    && mkdir -p /var/lib/postgresql/data /docker-entrypoint-initdb.d \
		    && chown postgres: /var/lib/postgresql/data /var/run/postgresql \
		    && chmod 1777 /var/lib/postgresql/data && chmod 3777 /var/run/postgresql
		ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 PGDATA=/var/lib/postgresql/data
		COPY docker-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
		USER postgres
		VOLUME /var/lib/postgresql/data
		EXPOSE 5432
		STOPSIGNAL SIGINT
		ENTRYPOINT ["docker-entrypoint.sh"]
		CMD ["postgres"]
	DOCKERFILE
    image "$POSTGRES" "$work/postgres"
}

rabbitmq() {
    mkdir -p "$work/rabbitmq"
    # The broker itself takes RABBITMQ_DEFAULT_USER and RABBITMQ_DEFAULT_PASS.
    cat >"$work/rabbitmq/docker-entrypoint.sh" <<-'SCRIPT'
		#!/bin/bash
		exec "$@"
	SCRIPT
    chmod 755 "$work/rabbitmq/docker-entrypoint.sh"
    cat >"$work/rabbitmq/Dockerfile" <<-DOCKERFILE
		FROM $DEBIAN
		RUN apt-get update \
		    && apt-get install -y --no-install-recommends rabbitmq-server \
		    && rm -rf /var/lib/apt/lists/* /var/lib/rabbitmq/.erlang.cookie \
		    && echo '[rabbitmq_management].' >/etc/rabbitmq/enabled_plugins \
		    && mkdir -p /etc/rabbitmq/conf.d \
		    && printf 'log.console = true\nloopback_users = none\n' >/etc/rabbitmq/conf.d/10-defaults.conf \
		    && chown -R rabbitmq: /etc/rabbitmq /var/lib/rabbitmq /var/log/rabbitmq \
		    && chmod 777 /var/lib/rabbitmq /var/log/rabbitmq
		ENV LANG=C.UTF-8 RABBITMQ_LOGS=- PATH=/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib/rabbitmq
		COPY docker-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
		USER rabbitmq
		VOLUME /var/lib/rabbitmq
		EXPOSE 5671 5672 15672
		ENTRYPOINT ["docker-entrypoint.sh"]
		CMD ["rabbitmq-server"]
	DOCKERFILE
    image "$RABBITMQ" "$work/rabbitmq"
}

# Which are wanted: all, or those that are named (debian, rust, postgres, rabbitmq).
for wanted in "${@:-debian rust postgres rabbitmq}"; do
    for name in $wanted; do
        case $name in
        debian) tag=$DEBIAN ;;
        rust) tag=$RUST ;;
        postgres) tag=$POSTGRES ;;
        rabbitmq) tag=$RABBITMQ ;;
        *) echo "base-images.sh: $name is none of debian, rust, postgres, rabbitmq" >&2; exit 2 ;;
        esac
        if missing "$tag"; then
            "$name"
            echo "made $tag"
        else
            echo "$tag is there"
        fi
    done
done
