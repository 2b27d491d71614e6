# shellcheck shell=bash
# shellcheck disable=SC2154 # the names are those of common.sh
# One network namespace around all hosts, with a bridge in it and no way out. Nothing of it exists outside.

# Fixed: otherwise it follows the ports that come and go, and the hosts' neighbour tables are wrong for a while.
bridge_address=02:00:c0:00:02:01

network_exists() { mountpoint -q "/run/netns/$netns"; }

make_network() {
    # A run that was killed may have left the file without the namespace mounted on it.
    network_exists || rm -f "/run/netns/$netns"
    network_exists || ip netns add "$netns"
    in_network ip link set lo up
    in_network ip link show "$bridge" >/dev/null 2>&1 || in_network ip link add "$bridge" address "$bridge_address" type bridge
    in_network ip address replace 192.0.2.1/24 dev "$bridge"
    in_network ip link set "$bridge" up
}

# Not "ip netns exec": that mounts another /sys, in which there are no control groups (ip-netns(8)).
in_network() { nsenter --net="/run/netns/$netns" "$@"; }

remove_network() {
    if network_exists; then ip netns delete "$netns"; fi
    rm -f "/run/netns/$netns"
}

# The bridge's end of a host's link; systemd-nspawn names it after the machine.
port_of() { echo "vb-$(machine_of "$1")"; }

# Taken off the bridge, a port drops everything silently, as a broken switch would: the host keeps carrier and address.
# Not the port state "disabled": tried, and "ip link set … type bridge_slave state 0" left the port forwarding.
close_port() { in_network ip link set dev "$(port_of "$1")" nomaster; }

open_port() { in_network ip link set dev "$(port_of "$1")" master "$bridge"; }

# What the kernel had not got rid of when the host was lost (unacknowledged data, the end of a connection) keeps the host's
# namespace and so its link for minutes.
remove_port() { in_network ip link delete dev "$(port_of "$1")" 2>/dev/null || true; }

# Whether the link is there, and on no bridge.
port_is_closed() {
    local link
    link=$(in_network ip -oneline link show dev "$(port_of "$1")" 2>/dev/null) || return 1
    [[ $link != *" master "* ]]
}
