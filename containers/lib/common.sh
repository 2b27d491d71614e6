# shellcheck shell=bash
# Names and paths that all scripts here share, and how they speak.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=/var/lib/pgha-containers        # images, bundle, the hosts' disks: kept by "down", removed by "down --purge"
run=/run/pgha-containers              # what is up now
netns=pgha
bridge=pgha0
export LC_ALL=C.UTF-8

started=${EPOCHREALTIME/./}

# One line for a phase that has ended, with the time since the script began. stderr: stdout is for results.
progress() {
    local now=${EPOCHREALTIME/./}
    printf '[%6.1fs] %s\n' "$(((now - started) / 100000))e-1" "$*" >&2
}

# fail MESSAGE [DETAIL [HINT]]
fail() {
    printf 'error: %s\n' "$1" >&2
    if [ -n "${2:-}" ]; then printf 'detail: %s\n' "$2" >&2; fi
    if [ -n "${3:-}" ]; then printf 'hint: %s\n' "$3" >&2; fi
    exit 1
}

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

layout() { cat "$run/layout" 2>/dev/null || true; }

host_names() { hosts_of "$(layout)" | cut -d' ' -f1; }

address_of() { hosts_of "$(layout)" | awk -v name="$1" '$1 == name { print $2 }'; }

require_host() {
    [ -n "$(layout)" ] || fail "no hosts are up" "" "Run \"containers/up\" first."
    host_names | grep -qxF -- "$1" ||
        fail "there is no host \"$1\"" "" "The hosts are: $(host_names | paste -sd' ')."
}

# Only one script changes the hosts at a time. The lock is on descriptor 9, which children must not keep.
take_lock() {
    mkdir -p /run/lock
    exec 9>>/run/lock/pgha-containers
    if ! flock -n 9; then
        fail "another command is changing the hosts" "It is: $(cat /run/lock/pgha-containers)." "Wait until it has ended."
    fi
    printf 'process %s, %s\n' "$$" "${0##*/}" >/run/lock/pgha-containers
}
