# shellcheck shell=bash
# shellcheck disable=SC2154 # the names are those of common.sh
# One host: its disk (an overlay over the root image), its boot, a way in, its end.

root_of() { echo "$run/hosts/$1/root"; }

disk_of() { echo "$cache/hosts/$1"; }

machine_of() { if [ "$lab" = pgha ]; then echo "$1"; else echo "$1-$lab"; fi; }

# Process 1 of the host as this machine numbers it; empty if it is not up.
init_of() {
    local pid status
    while read -r pid; do
        # Helpers of process 1 can be in the same group; the last number is the one in its own namespace (proc(5)).
        status=$(grep '^NSpid:' "/proc/$pid/status" 2>/dev/null) || continue
        if [ "${status##*[[:space:]]}" = 1 ]; then
            echo "$pid"
            return 0
        fi
    done < <(cat "$(host_cgroup "$1")/payload/init.scope/cgroup.procs" 2>/dev/null)
}

is_up() { [ -n "$(init_of "$1")" ]; }

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
# UNIFIED_CGROUP_HIERARCHY: cgroup v2 inside, whatever this machine has (systemd-nspawn(1), "Environment"). The lock
# files that SYSTEMD_NSPAWN_LOCK=0 turns off would stay behind when the host is lost; we have a lock of our own.
boot() {
    local host=$1
    kill_cgroup "$host"
    # What was frozen when the host was lost is still frozen, and would freeze what boots into it.
    remove_cgroup "$host"
    remove_port "$host"
    mkdir -p "$cache/bundle"
    (
        exec_in_group "$host" setsid nsenter --net="/run/netns/$netns" \
            env UNIFIED_CGROUP_HIERARCHY=1 SYSTEMD_NSPAWN_LOCK=0 \
            systemd-nspawn --boot --quiet --register=no --keep-unit --machine="$(machine_of "$host")" --hostname="$host" \
            --directory="$(root_of "$host")" --network-bridge="$bridge" --capability=all --resolv-conf=off \
            --timezone=off --link-journal=no --bind-ro="$cache/bundle:/var/cache/pgha/bundle" \
            --console=pipe
    ) </dev/null >"$run/hosts/$host/console.log" 2>&1 &
    disown
}

# Booted: every job of the boot has ended but those of our own units, which may have to wait for other hosts.
has_booted() {
    local host=$1 state
    is_up "$host" || return 1
    state=$(in_host "$host" systemctl is-system-running 2>/dev/null) || true
    case $state in
        running | degraded) return 0 ;;
        starting) in_host "$host" sh -c 'systemctl --quiet is-active basic.target dbus.socket && ip -4 -o address show dev host0 |
            grep -q inet && ! systemctl list-jobs --no-legend | grep " running" | grep -qv " pgha"' 2>/dev/null ;;
        *) return 1 ;;
    esac
}

wait_until_booted() {
    local host=$1 tries group
    group=$(host_cgroup "$host")
    for ((tries = 0; tries < 600; tries++)); do
        has_booted "$host" && return 0
        # After a second without a process there will be none.
        if [ "$tries" -gt 10 ] && ! grep -q 'populated 1' "$group/cgroup.events" 2>/dev/null; then break; fi
        sleep 0.1
    done
    fail "host \"$host\" has not booted" "$(why_not_booted "$host")" "Its console is \"$run/hosts/$host/console.log\"."
}

why_not_booted() {
    local host=$1
    if is_up "$host"; then
        echo "It is \"$(in_host "$host" systemctl is-system-running 2>&1 || true)\" after 60 s. Failed units:"
        in_host "$host" systemctl list-units --failed --plain --no-legend 2>&1 || true
        echo "Jobs:"
        in_host "$host" systemctl list-jobs --no-legend 2>&1 || true
    else
        echo "Its process 1 is not there."
    fi
    echo "The end of its console:"
    tail -n 8 "$run/hosts/$host/console.log"
    echo "The end of its journal:"
    journalctl --quiet --no-pager -D "$(root_of "$host")/var/log/journal" -n 8 2>/dev/null || true
}

# exec_in_host HOST COMMAND…: replaces the calling (sub)shell by a command in the host, with a clean environment. It is in
# a group of the host, so losing the host ends it as well; a leaf, since inner groups hold no processes (cgroup v2). If
# nsenter is killed, the command is told (setpriv): nsenter itself hands no signals on.
exec_in_host() {
    local host=$1 pid path=payload/pgha-exec root
    shift
    pid=$(init_of "$host")
    [ -n "$pid" ] || fail "host \"$host\" is not up" "" "Run \"containers/fault back $host\" or \"containers/up\"."
    exec 9>&-
    for root in $(unified_root) $(named_root); do
        mkdir -p "$root/$(group_path "$host")/$path"
        echo "$BASHPID" >"$root/$(group_path "$host")/$path/cgroup.procs"
    done
    exec nsenter --target "$pid" --mount --uts --ipc --net --pid --cgroup --root --wd -- \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        TERM="${TERM:-dumb}" setpriv --pdeathsig TERM "$@"
}

in_host() { (exec_in_host "$@"); }

end_host() {
    local host=$1 root
    root=$(root_of "$host")
    kill_cgroup "$host"
    remove_cgroup "$host"
    while mountpoint -q "$root"; do umount "$root" || umount -l "$root"; done
    # systemd-nspawn makes it for mounts at run time and, killed, leaves it.
    rmdir "/run/systemd/nspawn/propagate/$(machine_of "$host")" 2>/dev/null || true
}
