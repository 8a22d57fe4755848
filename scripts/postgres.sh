#!/usr/bin/env bash
# A private PostgreSQL for tests and trials: postgres.sh start|url|stop [folder]. 'start' prints the address; nothing of the system's own server is touched.
# The cluster lives in one folder (default: $CHEMWRIGHT_POSTGRES_DIR, else chemwright-postgres-<uid> under the temporary folder) and listens there and on
# a random port of the loopback address, behind a random password. Messages go to stderr.
set -euo pipefail

verb="${1:-}"
folder="${2:-${CHEMWRIGHT_POSTGRES_DIR:-${TMPDIR:-/tmp}/chemwright-postgres-$(id -u)}}"

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "$@"
    exit 1
}

# As root the server runs as somebody else: PostgreSQL refuses to be root.
owner="$(id -un)"
if [ "$(id -u)" -eq 0 ]; then
    owner=postgres
    id -u "$owner" >/dev/null 2>&1 || owner=nobody
fi
as_owner() { if [ "$(id -u)" -eq 0 ]; then runuser -u "$owner" -- "$@"; else "$@"; fi; }

programs() { # the newest folder that holds the server's programs
    local found
    found="$(find /usr/lib/postgresql /usr/local/pgsql -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1 || true)"
    [ -n "$found" ] || found="$(command -v initdb || true)"
    [ -n "$found" ] && dirname "$found"
}

install_server() {
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        fail "PostgreSQL is not installed. Install it and run this again: sudo apt-get install postgresql"
    fi
    say "Installing postgresql from the distribution ..."
    if [ ! -e /etc/postgresql-common ]; then # else the package would make and start a server of its own
        mkdir -p /etc/postgresql-common
        printf 'create_main_cluster = false\n' >/etc/postgresql-common/createcluster.conf
    fi
    export DEBIAN_FRONTEND=noninteractive
    local options=(-qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold)
    apt-get "${options[@]}" install postgresql >&2 </dev/null && return
    apt-get -qq update >&2 && apt-get "${options[@]}" install postgresql >&2 </dev/null && return
    fail "PostgreSQL could not be installed. Install it by hand and run this again: apt-get update && apt-get install postgresql"
}

running() { [ -n "${bin:-}" ] && [ -d "$folder/data" ] && as_owner "$bin/pg_ctl" status -D "$folder/data" >/dev/null 2>&1; }

mine() { [ ! -L "$folder" ] && { [ -O "$folder" ] || [ "$(stat -c %U "$folder")" = "$owner" ]; }; }

start() {
    bin="$(programs || true)"
    if [ -z "$bin" ]; then
        install_server
        bin="$(programs)"
        [ "$(id -u)" -ne 0 ] || ! id -u postgres >/dev/null 2>&1 || owner=postgres
    fi
    if running; then
        cat "$folder/url"
        return
    fi
    [ ! -e "$folder" ] || mine || fail "$folder belongs to somebody else. Give another folder: postgres.sh start FOLDER"
    [ ! -e "$folder" ] || [ -f "$folder/url" ] || [ -z "$(ls -A "$folder")" ] || fail "$folder holds something else. Give another folder: postgres.sh start FOLDER"
    rm -rf "$folder"
    mkdir -m 700 "$folder"
    [ "$(id -u)" -ne 0 ] || chown "$owner" "$folder"
    as_owner test -w "$folder" || fail "user $owner can't reach $folder. Give a folder that every user can reach: postgres.sh start FOLDER"

    local password port attempt
    password="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
    as_owner bash -c 'umask 077; printf %s "$1" >"$2/password"' _ "$password" "$folder"
    (cd "$folder" && as_owner "$bin/initdb" -D "$folder/data" -U chemwright -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --locale=C.UTF-8 --data-checksums --no-sync >"$folder.log" 2>&1) ||
        fail "initdb failed: $(tail -n 3 "$folder.log")"
    rm -f "$folder.log" "$folder/password"
    # a trial server: it may forget on a power cut, and is the faster for it
    as_owner bash -c 'printf "%s\n" "listen_addresses = '"'127.0.0.1'"'" "unix_socket_directories = '"'"'$1'"'"'" "fsync = off" "full_page_writes = off" "max_connections = 40" "shared_buffers = 64MB" >>"$1/data/postgresql.conf"' _ "$folder"
    for attempt in 1 2 3 4 5; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 40000))
        if (cd "$folder" && as_owner "$bin/pg_ctl" start -s -w -t 60 -D "$folder/data" -l "$folder/server.log" -o "-p $port" >/dev/null 2>&1 </dev/null); then
            as_owner bash -c 'umask 077; printf "%s\n" "$1" >"$2/url"' _ "postgresql://chemwright:$password@127.0.0.1:$port/postgres" "$folder"
            cat "$folder/url"
            return
        fi
        [ "$attempt" -lt 5 ] || fail "the server did not start: $(tail -n 3 "$folder/server.log")"
    done
}

case "$verb" in
start) start ;;
url)
    bin="$(programs || true)"
    running || fail "no server runs in $folder. Start one: postgres.sh start"
    cat "$folder/url"
    ;;
stop)
    bin="$(programs || true)"
    [ -e "$folder" ] || exit 0
    mine || fail "$folder belongs to somebody else"
    [ -f "$folder/data/PG_VERSION" ] || [ -f "$folder/url" ] || fail "$folder holds no server of this script"
    if running; then as_owner "$bin/pg_ctl" stop -s -w -m immediate -D "$folder/data" >&2; fi
    rm -rf "$folder"
    ;;
*) fail "usage: postgres.sh start|url|stop [folder]" ;;
esac
