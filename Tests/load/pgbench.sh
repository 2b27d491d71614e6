# shellcheck shell=bash
# pgbench on a host, through its entry point. To be sourced after containers/lib/all.sh.

# The password goes through a file in memory that is root's alone: each of pgbench's connections reads it. The second one is
# libpq's PGOPTIONS, e.g. "-c synchronous_commit=local".
pgbench_on() {
    local host=$1 session=$2
    shift 2
    # shellcheck disable=SC2016 # for the shell in the host
    in_host "$host" bash -c 'umask 077 && export PGSERVICEFILE=/dev/shm/pgha-load && pgha-node dsn --format service >"$PGSERVICEFILE" &&
        export PGOPTIONS=$1 && shift && "$(echo /usr/lib/postgresql/*/bin/pgbench)" "$@" service=pgha' pgbench "$session" "$@"
}
