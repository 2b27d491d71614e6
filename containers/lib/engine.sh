# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the names are those of common.sh; the other files use ours
# A Docker engine of our own: in one control group, in network, mount and IPC namespaces of its own, with all its files below
# "cache" and "run". Nothing of it is left when the group is killed and the two directories are removed.

engine_run=$run/engine
engine_cache=$cache/engine
engine_netns=$netns-engine
engine_socket=$engine_run/docker.sock
base_image=pgha-base

# The distribution's client: another one on the PATH may be older than the engine.
docker() { env -u DOCKER_CONTEXT DOCKER_HOST="unix://$engine_socket" DOCKER_CONFIG="$engine_run/client" /usr/bin/docker "$@"; }

engine_answers() { [ -S "$engine_socket" ] && timeout 5 env DOCKER_HOST="unix://$engine_socket" /usr/bin/docker version >/dev/null 2>&1; }

engine_network_exists() { mountpoint -q "/run/netns/$engine_netns"; }

# In the engine's network, where its published ports are; of the outside world there is nothing in it.
in_engine_network() { nsenter --net="/run/netns/$engine_netns" "$@"; }

# Replaces the calling (sub)shell by the engine. The mounts are for its own mount namespace only:
# - cgroup v2 at /sys/fs/cgroup, even where this machine has v1 beside it: runc looks there for which of the two to use, and
#   only v2 has a freezer of which each container has its own part;
# - an empty /run, or the shims' sockets (/run/containerd/s) would stay on this machine, and one over /etc for the key that
#   dockerd puts into /etc/docker.
# The group is divided, because inner groups hold no processes (cgroup v2, "no internal process constraint").
# shellcheck disable=SC2016 # for the inner shell
exec_engine() {
    local script
    script='
        set -e
        group=/sys/fs/cgroup/$1 own=$2 shared=$3
        mount --make-rprivate /
        mount -t cgroup2 none /sys/fs/cgroup
        mkdir -p "$group/daemon" "$own/run/${shared##*/}" "$own/etc" "$own/etc.work"
        echo $$ >"$group/daemon/cgroup.procs"
        mount -t overlay overlay -o "lowerdir=/etc,upperdir=$own/etc,workdir=$own/etc.work" /etc
        mount --bind "$shared" "$own/run/${shared##*/}"
        mount --rbind "$own/run" /run
        shift 3
        exec "$@"'
    exec_in_group engine setsid nsenter --net="/run/netns/$engine_netns" unshare --mount --ipc --propagation private \
        sh -c "$script" engine "$(group_path engine)" "$engine_cache/private" "$run" \
        env -u DOCKER_HOST dockerd --host "unix://$engine_socket" --data-root "$engine_cache/data" \
        --exec-root "$engine_run/exec" --pidfile "$engine_run/dockerd.pid" --exec-opt native.cgroupdriver=cgroupfs \
        --cgroup-parent "/$(group_path engine)/containers" --log-level warn --storage-driver "$1"
}

# overlay2 needs a file system below it that takes an overlay; vfs copies whole images, and goes everywhere.
storage_driver() {
    local probe=$engine_cache/probe driver=vfs
    mkdir -p "$probe"/{lower,upper,work,merged}
    if mount -t overlay overlay -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/merged" 2>/dev/null; then
        umount "$probe/merged"
        driver=overlay2
    fi
    rm -rf "$probe"
    echo "$driver"
}

start_engine() {
    local driver tries log=$engine_run/dockerd.log
    engine_answers && return 0
    stop_engine
    mkdir -p "$engine_run/client" "$engine_cache/data"
    ip netns add "$engine_netns"
    in_engine_network ip link set lo up
    driver=$(storage_driver)
    (exec_engine "$driver") </dev/null >"$log" 2>&1 &
    disown
    for ((tries = 0; tries < 300; tries++)); do
        engine_answers && return 0
        if [ "$tries" -gt 10 ] && ! grep -q 'populated 1' "$(host_cgroup engine)/cgroup.events" 2>/dev/null; then break; fi
        sleep 0.1
    done
    fail "the engine does not answer" "$(tail -n 5 "$log")" "The whole log is \"$log\"."
}

# The containers go with the engine's group, all at once; their volumes and the images stay in the cache.
stop_engine() {
    kill_cgroup engine
    remove_cgroup engine
    if engine_network_exists; then ip netns delete "$engine_netns"; fi
    rm -f "/run/netns/$engine_netns"
    rm -rf "$engine_run" "$engine_cache/private"
}

# The prepared root image as it is. There is no registry to have one from.
import_base_image() {
    local key
    key=$(cat "$cache/image/prepared.key")
    [ "$(docker image inspect --format '{{ index .Config.Labels "pgha.key" }}' "$base_image" 2>/dev/null || true)" != "$key" ] ||
        return 0
    tar -C "$cache/image/prepared" -c --one-file-system --exclude=./var/lib/apt/lists --exclude=./var/log/journal . |
        docker import --change "LABEL pgha.key=$key" - "$base_image" >"$engine_run/import.log" ||
        fail "could not import the root image" "" "Its log is \"$engine_run/import.log\"."
}

# Ends the engine and what it ran. Images stay for the next one; an engine that cannot be asked to clear up loses them too.
end_engine() {
    local list
    [ -d "$engine_cache" ] || [ -d "$engine_run" ] || engine_network_exists || return 0
    if engine_answers; then
        list=$(docker ps --all --quiet)
        # shellcheck disable=SC2086 # one word a container
        [ -z "$list" ] || docker rm --force --volumes $list >/dev/null || true
        docker volume prune --force >/dev/null || true
        docker network prune --force >/dev/null || true
        docker image prune --force >/dev/null || true
    elif [ -d "$(host_cgroup engine)" ] || [ -d "$engine_run" ]; then
        stop_engine
        rm -rf "$engine_cache"
    fi
    stop_engine
}
