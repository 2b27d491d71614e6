# shellcheck shell=bash
# One network namespace around all hosts, with a bridge in it and no way out. Nothing of it exists outside.

make_network() {
    ip netns list | grep -qE "^$netns( |\$)" || ip netns add "$netns"
    in_network ip link set lo up
    if ! in_network ip link show "$bridge" >/dev/null 2>&1; then
        in_network ip link add "$bridge" type bridge
    fi
    in_network ip address replace 192.0.2.1/24 dev "$bridge"
    in_network ip link set "$bridge" up
}

in_network() { ip netns exec "$netns" "$@"; }

remove_network() {
    ip netns list | grep -qE "^$netns( |\$)" || return 0
    ip netns delete "$netns"
}
