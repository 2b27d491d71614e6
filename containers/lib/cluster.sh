# shellcheck shell=bash
# From booted hosts to a cluster that answers.

# Writes cluster.yml and the secrets once for these hosts, and copies them with the program to each.
copy_program() {
    local binary=$1 extra=$2 arguments=() name address roles host root
    if [ ! -s "$run/config/cluster.yml" ]; then
        rm -rf "$run/config"
        while read -r name address roles; do
            if [ "$name" = "$roles" ]; then arguments+=(--host "$name=$address"); else arguments+=(--host "$name=$address:$roles"); fi
        done < <(hosts_of "$(layout)")
        "$binary" init --name demo --output-dir "$run/config" "${arguments[@]}" >/dev/null 2>&1
        [ -z "$extra" ] || cat "$extra" >>"$run/config/cluster.yml"
    fi
    for host in $(host_names); do
        root=$(root_of "$host")
        cmp -s "$binary" "$root/usr/local/bin/pgha-node" || {
            install -m 755 "$binary" "$root/usr/local/bin/pgha-node.new"
            mv "$root/usr/local/bin/pgha-node.new" "$root/usr/local/bin/pgha-node"
        }
        mkdir -p "$root/etc/pgha"
        install -d -m 700 "$root/etc/pgha/secrets"
        [ -e "$root/etc/pgha/cluster.yml" ] || install -m 644 "$run/config/cluster.yml" "$root/etc/pgha/cluster.yml"
        [ -e "$root/etc/pgha/secrets/secrets.yml" ] ||
            install -m 600 "$run/config/secrets.yml" "$root/etc/pgha/secrets/secrets.yml"
    done
}

# Runs the installer in all hosts at once.
install_hosts() {
    local host role pids=() names=() options index status failed=
    for host in $(host_names); do
        options=()
        while read -r role; do options+=(--role "$role"); done \
            < <(hosts_of "$(layout)" | awk -v host="$host" '$1 == host { gsub(",", "\n", $3); print $3 }')
        (in_host "$host" pgha-node install "${options[@]}" --bundle /var/cache/pgha/bundle) \
            </dev/null >"$run/hosts/$host/install.log" 2>&1 9>&- &
        pids+=($!)
        names+=("$host")
    done
    for index in "${!pids[@]}"; do
        status=0
        wait "${pids[$index]}" || status=$?
        host=${names[$index]}
        if [ "$status" = 0 ]; then
            progress "install: $host: $(tail -n 1 "$run/hosts/$host/install.log")"
        else
            progress "install: $host failed with status $status"
            tail -n 15 "$run/hosts/$host/install.log" >&2
            failed="$failed $host"
        fi
    done
    [ -z "$failed" ] || fail "could not install:$failed" "" "The whole logs are \"$run/hosts/HOST/install.log\"."
}

# One statement through the entry point of a host, as the superuser; the password goes through a pipe, never argv.
query() {
    local host=$1 statement=$2
    in_host "$host" bash -c \
        'PGCONNECT_TIMEOUT=2 PGSERVICEFILE=<(pgha-node dsn --format service) psql -XAtq service=pgha -c "$1"' psql "$statement"
}

wait_for_cluster() {
    local entry replicas tries answer=
    entry=$(hosts_of "$(layout)" | awk '$1 == "haproxy" { print $1 } ' | head -n1)
    entry=${entry:-$(host_names | head -n1)}
    replicas=$(($(hosts_of "$(layout)" | tr ', ' '\n\n' | grep -cE '^pg[1-9]$') - 1))
    [ "$(layout)" = one ] || replicas=2
    local statement="create table if not exists pgha_first_write (at timestamptz); insert into pgha_first_write values (now());
        select count(*) from pg_stat_replication where state = 'streaming'"
    for ((tries = 0; tries < 300; tries++)); do
        answer=$(query "$entry" "$statement" 2>&1 | tail -n1) || true
        [ "$answer" = "$replicas" ] && return 0
        sleep 0.3
    done
    tail_journals
    fail "the cluster does not take a write with $replicas streaming replicas" "The last answer was: $answer"
}

tail_journals() {
    local host
    for host in $(host_names); do
        echo "--- the journal of $host ends with:" >&2
        in_host "$host" journalctl -n 15 --no-pager -o short-precise -u 'pgha-*' >&2 || true
    done
}
