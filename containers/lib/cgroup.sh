# shellcheck shell=bash
# shellcheck disable=SC2154 # the names are those of common.sh
# A control group for each host, made before the host boots. Without it all hosts would share one tree, and freezing a
# unit in one of them would freeze it in all. One more, "work", holds what builds images, so that it can be ended.

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
    if [ "$(unified_root)" != /sys/fs/cgroup ] && [ -d /sys/fs/cgroup/systemd ]; then echo /sys/fs/cgroup/systemd; fi
}

# Whether systemd is process 1 of this machine (sd_booted(3)). It then owns the tree, and groups are to be asked of it.
systemd_rules() { [ -d /run/systemd/system ]; }

# The path of a group below a hierarchy's root; without a name, that of the group around all of ours.
group_path() {
    if systemd_rules; then echo "$lab.slice${1:+/$lab-$1.scope}"; else echo "$lab${1:+/$1}"; fi
}

host_cgroup() { echo "$(unified_root)/$(group_path "$1")"; }

# exec_in_group NAME COMMAND…: replaces the calling (sub)shell by a command in a group; what it starts stays there.
exec_in_group() {
    local name=$1 path root
    shift
    exec 9>&-
    if systemd_rules; then
        exec systemd-run --quiet --scope --collect --unit="$lab-$name" --slice="$lab" -p Delegate=yes -- "$@"
    fi
    path=$(group_path "$name")
    for root in $(unified_root) $(named_root); do
        mkdir -p "$root/$path"
        echo "$BASHPID" >"$root/$path/cgroup.procs"
    done
    exec "$@"
}

# Kills all processes of a group at once (cgroup v2, "cgroup.kill") and waits until none is left.
kill_cgroup() {
    local group tries
    group=$(host_cgroup "$1")
    [ -d "$group" ] || return 0
    echo 1 2>/dev/null >"$group/cgroup.kill" || [ ! -d "$group" ]
    for ((tries = 0; tries < 300; tries++)); do
        [ -d "$group" ] && grep -q 'populated 1' "$group/cgroup.events" 2>/dev/null || return 0
        sleep 0.05
    done
    fail "processes of \"$1\" do not die" "They are: $(find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null | paste -sd' ')"
}

remove_cgroup() {
    local root path tries
    path=$(group_path "$1")
    if systemd_rules; then systemctl --quiet stop "$lab-$1.scope" 2>/dev/null || true; fi
    for root in $(unified_root) $(named_root); do
        # A group whose last process has just died can be busy for a moment.
        for ((tries = 0; tries < 50; tries++)); do
            [ -d "$root/$path" ] || break
            find "$root/$path" -depth -type d -exec rmdir {} + 2>/dev/null || true
            [ ! -d "$root/$path" ] || sleep 0.1
        done
    done
}

remove_outer_cgroup() {
    local root
    if systemd_rules; then systemctl --quiet stop "$lab.slice" 2>/dev/null || true; fi
    for root in $(unified_root) $(named_root); do rmdir "$root/$(group_path)" 2>/dev/null || true; done
}

# work COMMAND…: a long step, in a group of its own. If this script is killed, the step goes on; the next one ends it.
work() {
    local name=work
    # systemd may still know the scope of the step before.
    if systemd_rules; then name=work${EPOCHREALTIME#*.}; fi
    (exec_in_group "$name" "$@") </dev/null
}

end_work() {
    local group name
    for group in "$(unified_root)/$(group_path)"/*work*; do
        [ -d "$group" ] || continue
        name=${group##*/}
        if systemd_rules; then name=${name#"$lab-"} name=${name%.scope}; fi
        kill_cgroup "$name"
        remove_cgroup "$name"
    done
}
