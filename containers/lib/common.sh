# shellcheck shell=bash
# shellcheck disable=SC2034 # the other files use the names
# Names and paths that all scripts here share, and how they speak.

# Another name makes a second, separate set of hosts on the same machine, e.g. to try a change of these scripts.
lab=${PGHA_CONTAINERS:-pgha}
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=/var/lib/$lab-containers        # images, bundle, the hosts' disks: kept by "down", removed by "down --purge"
run=/run/$lab-containers              # what is up now
netns=$lab
bridge=pgha0
lock=/run/lock/$lab-containers
export LC_ALL=C.UTF-8

started=${EPOCHREALTIME/./}
phase=''
failed=''

# One line for a phase that has ended, with the time since the script began. stderr: stdout is for results.
progress() {
    local now=${EPOCHREALTIME/./}
    printf '[%6.1fs] %s\n' "$(((now - started) / 100000))e-1" "$*" >&2
}

# fail MESSAGE [DETAIL [HINT]]
fail() {
    failed=1
    printf 'error: %s%s\n' "${phase:+$phase: }" "$1" >&2
    if [ -n "${2:-}" ]; then printf 'detail: %s\n' "$2" >&2; fi
    if [ -n "${3:-}" ]; then printf 'hint: %s\n' "$3" >&2; fi
    exit 1
}

# The name becomes part of paths that are removed, and of interface names, which have 15 characters (if.h, IFNAMSIZ).
case $lab in
    '' | *[!a-z0-9]*) fail "PGHA_CONTAINERS=\"$lab\" is not a name" "" "Use lower-case letters and digits." ;;
esac
if [ "$lab" != pgha ] && [ ${#lab} -gt 2 ]; then fail "PGHA_CONTAINERS=\"$lab\" is too long" "" "Use one or two characters."; fi

require_root() {
    [ "$(id -u)" = 0 ] || fail "only root can do this" "" "Run the same command with sudo."
}

# The hosts of a layout, one "NAME ADDRESS ROLES" a line. 192.0.2.0/24 is for documentation (RFC 5737): it exists nowhere else.
hosts_of() {
    case $1 in
        three) printf '%s\n' 'pg1 192.0.2.11 pg1' 'pg2 192.0.2.12 pg2' 'pg3 192.0.2.13 pg3' ;;
        five)
            hosts_of three
            printf '%s\n' 'zookeeper 192.0.2.14 zookeeper' 'haproxy 192.0.2.15 haproxy'
            ;;
        one) printf '%s\n' 'solo 192.0.2.11 pg1,pg2,pg3,zookeeper,haproxy' ;;
        *) fail "there is no layout \"$1\"" "" "Layouts are three, five and one." ;;
    esac
}

# The layout that is up; empty if none is.
layout() { cat "$run/layout" 2>/dev/null || true; }

host_names() {
    local layout
    layout=$(layout)
    [ -z "$layout" ] || hosts_of "$layout" | cut -d' ' -f1
}

address_of() { hosts_of "$(layout)" | awk -v name="$1" '$1 == name { print $2 }'; }

require_host() {
    [ -n "$(layout)" ] || fail "no hosts are up" "" "Run \"containers/up\" first."
    host_names | grep -qxF -- "$1" ||
        fail "there is no host \"$1\"" "" "The hosts are: $(host_names | paste -sd' ')."
}

# Only one script changes the hosts at a time; what it starts must not keep descriptor 9, or the lock would outlive it.
# take_lock SECONDS: how long to wait for another script. One that was killed may leave a short command that still holds
# the lock ("sleep", "mount"), which is waited for in any case; and it may itself be a while in ending, since SIGKILL is
# acted upon only when a system call lets it (signal(7)), so that even an impatient caller waits two seconds.
take_lock() {
    local limit=$(($1 * 10)) tries holder
    [ "$limit" -ge 20 ] || limit=20
    mkdir -p "${lock%/*}"
    exec 9>>"$lock"
    for ((tries = 0; ; tries++)); do
        flock --nonblock 9 && break
        holder=$(cat "$lock")
        if [ "$tries" -ge "$limit" ] && { [ -d "/proc/$(cut -d' ' -f2 <<<"${holder%,*}")" ] || [ "$tries" -ge 100 ]; }; then
            fail "another command is changing the hosts" "It is: $holder." "Wait until it has ended."
        fi
        sleep 0.1 9>&-
    done
    printf 'process %s, %s\n' "$$" "${0##*/}" >"$lock"
}
