# shellcheck shell=bash
# A control group for each host, made before the host boots. Without it all hosts would share one tree, and freezing a
# unit in one of them would freeze it in all.

# Where cgroup v2 is: beside the v1 controllers (systemd's "hybrid" layout), or alone.
unified_root() {
    if [ "$(stat -fc %T /sys/fs/cgroup/unified 2>/dev/null)" = cgroup2fs ]; then
        echo /sys/fs/cgroup/unified
    elif [ "$(stat -fc %T /sys/fs/cgroup 2>/dev/null)" = cgroup2fs ]; then
        echo /sys/fs/cgroup
    else
        fail "this machine has no cgroup v2" "Neither /sys/fs/cgroup/unified nor /sys/fs/cgroup is one." \
            "Mount it: mkdir /sys/fs/cgroup/unified; mount -t cgroup2 none /sys/fs/cgroup/unified"
    fi
}

# The v1 hierarchy that systemd keeps for itself where v1 and v2 are mounted side by side; empty elsewhere.
named_root() {
    if [ -d /sys/fs/cgroup/systemd ] && [ "$(unified_root)" != /sys/fs/cgroup ]; then echo /sys/fs/cgroup/systemd; fi
}

host_cgroup() { echo "$(unified_root)/pgha/$1"; }

make_cgroup() {
    local root
    for root in $(unified_root) $(named_root); do mkdir -p "$root/pgha/$1"; done
}

# Puts the calling process into the host's groups; what it starts stays there.
enter_cgroup() {
    local root
    for root in $(unified_root) $(named_root); do echo "$BASHPID" >"$root/pgha/$1/cgroup.procs"; done
}

# Kills all processes of a host at once (cgroup v2, "cgroup.kill") and waits until none is left.
kill_cgroup() {
    local group tries
    group=$(host_cgroup "$1")
    [ -d "$group" ] || return 0
    echo 1 >"$group/cgroup.kill"
    for ((tries = 0; tries < 300; tries++)); do
        grep -q 'populated 0' "$group/cgroup.events" && return 0
        sleep 0.05
    done
    fail "processes of host \"$1\" do not die" "They are: $(cat "$group/cgroup.procs" "$group"/*/cgroup.procs 2>/dev/null | paste -sd' ')"
}

remove_cgroup() {
    local root tries
    for root in $(unified_root) $(named_root); do
        [ -d "$root/pgha/$1" ] || continue
        # A group whose last process has just died can be busy for a moment.
        for ((tries = 0; tries < 50; tries++)); do
            find "$root/pgha/$1" -depth -type d -exec rmdir {} + 2>/dev/null || true
            [ -d "$root/pgha/$1" ] || break
            sleep 0.1
        done
        rmdir "$root/pgha" 2>/dev/null || true
    done
}
