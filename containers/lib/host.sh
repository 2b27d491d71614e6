# shellcheck shell=bash
# One host: its disk (an overlay over the root image), its boot, a way in, its end.

root_of() { echo "$run/hosts/$1/root"; }

disk_of() { echo "$cache/hosts/$1"; }

# Process 1 of the host as this machine numbers it; empty if it is not up.
init_of() {
    local group
    group=$(host_cgroup "$1")
    head -n1 "$group/payload/init.scope/cgroup.procs" 2>/dev/null || true
}

is_up() {
    local pid
    pid=$(init_of "$1")
    [ -n "$pid" ] && [ -d "/proc/$pid" ]
}

mount_disk() {
    local host=$1 image=$2 disk root
    disk=$(disk_of "$host") root=$(root_of "$host")
    mountpoint -q "$root" && return 0
    mkdir -p "$disk/upper" "$disk/work" "$root"
    mount -t overlay overlay -o "lowerdir=$image,upperdir=$disk/upper,workdir=$disk/work" "$root"
}

# What differs from host to host. The network file must sort before systemd's own 80-container-host0.network.
write_identity() {
    local host=$1 address=$2 root
    root=$(root_of "$host")
    echo "$host" >"$root/etc/hostname"
    [ -s "$root/etc/machine-id" ] || tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
    cat >"$root/etc/systemd/network/10-host0.network" <<END
[Match]
Name=host0
[Network]
Address=$address/24
LinkLocalAddressing=no
IPv6AcceptRA=no
END
    {
        echo '127.0.0.1 localhost'
        hosts_of "$(layout)" | awk '{ print $2, $1 }'
    } >"$root/etc/hosts"
}

# Boots the host in its own control group inside the network namespace, and leaves it running.
boot() {
    local host=$1 log
    log=$run/hosts/$host/console.log
    kill_cgroup "$host"
    make_cgroup "$host"
    mkdir -p "$cache/bundle"
    (
        exec 9>&-
        enter_cgroup "$host"
        # UNIFIED_CGROUP_HIERARCHY: cgroup v2 inside, whatever this machine has (systemd-nspawn(1), Environment).
        exec setsid nsenter --net="/run/netns/$netns" env UNIFIED_CGROUP_HIERARCHY=1 \
            systemd-nspawn --boot --quiet --register=no --keep-unit --machine="$host" --hostname="$host" \
            --directory="$(root_of "$host")" --network-bridge="$bridge" --capability=all --resolv-conf=off \
            --timezone=off --link-journal=no --bind-ro="$cache/bundle:/var/cache/pgha/bundle" \
            --console=pipe
    ) </dev/null >"$log" 2>&1 &
    disown
}

wait_until_booted() {
    local host=$1 tries state=
    for ((tries = 0; tries < 600; tries++)); do
        if is_up "$host"; then
            state=$(in_host "$host" systemctl is-system-running 2>/dev/null || true)
            case $state in running | degraded) return 0 ;; esac
        fi
        sleep 0.1
    done
    fail "host \"$host\" has not booted within 60 s" "Its state is \"$state\"; its console ends with: $(tail -n 5 "$run/hosts/$host/console.log")"
}

# Runs a command in the host, with a clean environment, in a group of the host so that losing it ends the command as well.
in_host() {
    local host=$1 pid group
    shift
    pid=$(init_of "$host")
    [ -n "$pid" ] || fail "host \"$host\" is not up" "" "Run \"containers/fault back $host\" or \"containers/up\"."
    group=$(host_cgroup "$host")/exec
    mkdir -p "$group"
    (
        exec 9>&-
        echo "$BASHPID" >"$group/cgroup.procs"
        exec nsenter --target "$pid" --mount --uts --ipc --net --pid --cgroup --root --wd=/ -- \
            env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
            TERM="${TERM:-dumb}" "$@"
    )
}

end_host() {
    local host=$1 root
    root=$(root_of "$host")
    kill_cgroup "$host"
    remove_cgroup "$host"
    while mountpoint -q "$root"; do umount "$root" || umount -l "$root"; done
}
