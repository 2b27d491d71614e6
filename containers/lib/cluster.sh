# shellcheck shell=bash
# shellcheck disable=SC2154 # the names are those of common.sh
# From booted hosts to a cluster that answers.

# Writes cluster.yml and the secrets once for these hosts, both or none. $1: the program, $2: lines to add, or empty.
write_config() {
    local binary=$1 extra=$2 arguments=() name address roles log=$run/init.log
    if [ -d "$run/config" ]; then
        cmp -s "${extra:-/dev/null}" "$run/config/extra.yml" ||
            fail "these hosts were configured with other lines" "They are in \"$run/config/extra.yml\"." "Run \"containers/down\" first."
        return 0
    fi
    while read -r name address roles; do
        if [ "$name" != "$roles" ]; then address=$address:$roles; fi
        arguments+=(--host "$name=$address")
    done < <(hosts_of "$(layout)")
    rm -rf "$run/config.new"
    "$binary" init --name demo --output-dir "$run/config.new" "${arguments[@]}" >"$log" 2>&1 ||
        fail "could not write cluster.yml" "$(cat "$log")"
    cat "${extra:-/dev/null}" >"$run/config.new/extra.yml"
    short_cluster "$run/config.new" "$extra"
    mv "$run/config.new" "$run/config"
}

# short_cluster DIRECTORY EXTRA: adds lines to the cluster.yml of "init". The template has each section already, and a key
# may stand only once: keep the name and the hosts.
short_cluster() {
    local directory=$1 extra=$2
    [ -n "$extra" ] || return 0
    grep -vE '^ *(#|$)' "$directory/cluster.yml" | grep -E '^(name|hosts):|^ ' | cat - "$extra" >"$directory/short.yml"
    mv "$directory/short.yml" "$directory/cluster.yml"
}

# Copies the program to all hosts.
copy_program() {
    local binary=$1 host root
    for host in $(host_names); do
        root=$(root_of "$host")
        cmp -s "$binary" "$root/usr/local/bin/pgha-node" || {
            install -m 755 "$binary" "$root/usr/local/bin/pgha-node.new"
            mv "$root/usr/local/bin/pgha-node.new" "$root/usr/local/bin/pgha-node"
        }
    done
}

# Copies the configuration to all hosts; what a host has already stays.
copy_config() {
    local host root
    for host in $(host_names); do
        root=$(root_of "$host")
        install -d -m 755 "$root/etc/pgha"
        install -d -m 700 "$root/etc/pgha/secrets"
        [ -s "$root/etc/pgha/cluster.yml" ] || install -m 644 "$run/config/cluster.yml" "$root/etc/pgha/cluster.yml"
        [ -s "$root/etc/pgha/secrets/secrets.yml" ] ||
            install -m 600 "$run/config/secrets.yml" "$root/etc/pgha/secrets/secrets.yml"
    done
}

# What an installed host was installed from. It lies beside the host's disk and goes with it.
install_key() { cat "$1" "$cache/bundle.key" "$run/config/cluster.yml" | sha256sum | cut -c1-16; }

# Runs the installer in all hosts at once. If this script is killed, so are the installers (setpriv).
install_hosts() {
    local host key options pids=() names=() bad='' index
    key=$(install_key "$1")
    for host in $(host_names); do
        if [ "$(cat "$(disk_of "$host")/installed" 2>/dev/null)" = "$key" ]; then
            progress "install: $host has it"
            continue
        fi
        mapfile -t options < <(hosts_of "$(layout)" | awk -v host="$host" '$1 == host { gsub(",", "\n--role\n", $3); print "--role\n" $3 }')
        setpriv --pdeathsig KILL "$here/exec" "$host" -- pgha-node install "${options[@]}" --bundle /var/cache/pgha/bundle \
            </dev/null >"$run/hosts/$host/install.log" 2>&1 9>&- &
        pids+=($!)
        names+=("$host")
    done
    for index in "${!pids[@]}"; do
        await_install "${names[$index]}" "${pids[$index]}" "$key" || bad="$bad ${names[$index]}"
    done
    [ -z "$bad" ] || fail "failed on$bad" "" "The whole logs are $run/hosts/HOST/install.log."
}

await_install() {
    local host=$1 pid=$2 key=$3 status=0 log=$run/hosts/$1/install.log
    wait "$pid" || status=$?
    if [ "$status" = 0 ]; then
        echo "$key" >"$(disk_of "$host")/installed"
        progress "install: $(tail -n 1 "$log")"
        return 0
    fi
    progress "install: $host failed with status $status; its output ends with:"
    tail -n 15 "$log" >&2
    tail_journal "$host"
    return 1
}

# One statement through the entry point of a host, as the superuser; the password goes through a pipe, never argv.
query() {
    local host=$1 statement=$2
    # shellcheck disable=SC2016 # for the shell in the host
    in_host "$host" bash -c \
        'PGCONNECT_TIMEOUT=2 PGSERVICEFILE=<(pgha-node dsn --format service) timeout 20 psql -XAtq service=pgha -c "$1"' \
        psql "$statement" </dev/null
}

# All layouts have three members: a leader, which takes the write, and two replicas, which stream. And every host must
# call itself healthy: a leader that stops before a replica is entered in ZooKeeper as synchronous leaves nobody behind.
wait_for_cluster() {
    local host answer='' unhealthy='' problem statement limit=$((SECONDS + 300))
    statement="create table if not exists pgha_first_write (at timestamptz); insert into pgha_first_write values (now());
        select count(*) from pg_stat_replication where state = 'streaming'"
    while [ "$SECONDS" -lt "$limit" ]; do
        # From a member's host: one for HAProxy alone has no psql. The connection string leads to HAProxy in any case.
        answer=$(query "$(host_names | head -n1)" "$statement" 2>&1 | tail -n1) || true
        if [ "$answer" = 2 ]; then
            unhealthy=$(for host in $(host_names); do in_host "$host" pgha-node ps >/dev/null 2>&1 || echo "$host"; done)
            [ -n "$unhealthy" ] || return 0
        fi
        sleep 0.3
    done
    # What is short comes first and last: who keeps a part of a log keeps one of the two.
    problem="The last answer was \"$answer\"; not healthy: ${unhealthy:-unknown}."
    printf '%s\n' "$problem" >&2
    for host in $(host_names); do
        in_host "$host" pgha-node ps >&2 || true
    done
    for host in $(host_names); do tail_journal "$host"; done
    fail "no write with two streaming replicas within 300 s" "$problem"
}

# The end of our units' journal, and of those of the units that failed.
tail_journal() {
    local host=$1
    echo "--- the journal of $host ends with:" >&2
    # shellcheck disable=SC2016 # for the shell in the host
    in_host "$host" sh -c 'set -- $(systemctl list-units --failed --plain --no-legend | sed "s/ .*//; s/^/--unit=/")
        journalctl --quiet -n 15 --no-pager -o short-precise --unit="pgha-*" "$@"' </dev/null >&2 || true
}
