# shellcheck shell=bash
# The root images: "pristine" has systemd, dbus and networking and none of our components; "prepared" has the packages of
# the bundle in addition, so that tests which are not about installing packages start sooner. Both are cached.

# What a pristine host has. Nothing of PostgreSQL, Patroni, ZooKeeper or HAProxy.
image_packages=systemd,systemd-sysv,dbus,iproute2,procps,ca-certificates

# The machine's own mirror and suite, out of its apt configuration: "URI SUITE".
machine_mirror() {
    apt-get indextargets --format '$(SITE) $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        awk '$3 ~ /^[a-z]+$/ && $4 == "main" && $2 ~ /debian\/?$/ { print $2, $3; exit }'
}

ensure_pristine_image() {
    local image=$cache/image/pristine key
    key=$(printf '%s\n' "$image_packages" "$(sed -n '/^settle_image/,/^}/p' "${BASH_SOURCE[0]}")" | sha256sum | cut -c1-16)
    [ "$(cat "$image.key" 2>/dev/null)" = "$key" ] && return 0
    local mirror suite
    read -r mirror suite < <(machine_mirror) || true
    [ -n "${suite:-}" ] || fail "could not read the machine's Debian mirror" "" "Run \"apt-get update\" and look at /etc/apt."
    remove_host_disks
    rm -rf "$image" "$image.key" "$cache/image/prepared" "$cache/image/prepared.key"
    mkdir -p "$cache/image"
    debootstrap --variant=minbase --include="$image_packages" "$suite" "$image" "$mirror" >"$run/image.log" 2>&1 ||
        fail "could not make the root image" "$(tail -n 5 "$run/image.log")" "The whole log is \"$run/image.log\"."
    settle_image "$image"
    echo "$key" >"$image.key"
}

# Makes a minimal Debian boot quietly as a host: networkd, a journal that survives the loss of the host, no console logins.
settle_image() {
    local image=$1
    rm -f "$image/etc/machine-id" "$image/etc/hostname" "$image"/var/cache/apt/archives/*.deb
    : >"$image/etc/machine-id"
    mkdir -p "$image/var/log/journal" "$image/etc/systemd/journald.conf.d"
    printf '[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\n' >"$image/etc/systemd/journald.conf.d/pgha.conf"
    chroot "$image" systemctl --quiet enable systemd-networkd.service
    chroot "$image" systemctl --quiet mask getty.target console-getty.service systemd-resolved.service \
        systemd-networkd-wait-online.service systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer \
        systemd-pcrphase.service systemd-pcrphase-sysinit.service
}

# The pristine image and the packages of the bundle, installed the way pgha-node does it, and nothing started.
ensure_prepared_image() {
    local image=$cache/image/prepared key
    key=$(cat "$cache/image/pristine.key" "$cache/bundle.key" | sha256sum | cut -c1-16)
    [ "$(cat "$image.key" 2>/dev/null)" = "$key" ] && return 0
    remove_host_disks
    rm -rf "$image" "$image.key"
    cp -a "$cache/image/pristine" "$image"
    mkdir -p "$image/var/cache/pgha/bundle" "$image/etc/postgresql-common/createcluster.d" "$image/tmp/lists/partial"
    echo 'create_main_cluster = false' >"$image/etc/postgresql-common/createcluster.d/pgha.conf"
    echo 'deb [trusted=yes] file:/var/cache/pgha/bundle/packages ./' >"$image/tmp/bundle.list"
    # policy-rc.d with status 101 keeps package scripts from starting services (invoke-rc.d(8)).
    printf '#!/bin/sh\nexit 101\n' >"$image/usr/sbin/policy-rc.d"
    chmod 755 "$image/usr/sbin/policy-rc.d"
    mount --bind "$cache/bundle" "$image/var/cache/pgha/bundle"
    local apt=(chroot "$image" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends
        -o Dir::Etc::SourceList=/tmp/bundle.list -o Dir::Etc::SourceParts=- -o Dir::State::Lists=/tmp/lists
        -o APT::Sandbox::User=root)
    local names status=0
    names=$(sed -n '/^packages:/,/^patroni:/p' "$cache/bundle.inputs" | grep -v ':$')
    # shellcheck disable=SC2086 # one word a package
    { "${apt[@]}" update && "${apt[@]}" install $names; } >"$run/prepared.log" 2>&1 || status=$?
    umount "$image/var/cache/pgha/bundle"
    [ "$status" = 0 ] || fail "could not make the prepared image" "$(tail -n 5 "$run/prepared.log")"
    rm -rf "$image/usr/sbin/policy-rc.d" "$image/tmp/bundle.list" "$image/tmp/lists" \
        "$image/etc/postgresql-common/createcluster.d/pgha.conf"
    chroot "$image" systemctl --quiet disable haproxy.service postgresql.service patroni.service 2>/dev/null || true
    echo "$key" >"$image.key"
}

# The hosts' disks lie over an image; they are worth nothing without it.
remove_host_disks() {
    local host
    [ -d "$cache/hosts" ] || return 0
    for host in "$cache/hosts"/*/; do
        [ -d "$host" ] && end_host "$(basename "$host")"
    done
    rm -rf "$cache/hosts"
}
