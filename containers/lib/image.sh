# shellcheck shell=bash
# shellcheck disable=SC2154 # the names are those of common.sh
# The root images: "pristine" has systemd, dbus and networking and none of our components; "prepared" has the packages of
# the bundle in addition, so that tests which are not about installing packages start sooner. Both are cached.

# What a pristine host has: what Debian itself installs, as far as it matters (nftables is of priority "important"). Nothing of
# PostgreSQL, Patroni, ZooKeeper or HAProxy.
image_packages=systemd,systemd-sysv,dbus,iproute2,iputils-ping,procps,ca-certificates,nftables

# The machine's own mirror and suite, out of its apt configuration: "URI SUITE".
machine_mirror() {
    # shellcheck disable=SC2016 # apt-get replaces these
    apt-get indextargets --format '$(SITE) $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        awk '$3 ~ /^[a-z]+$/ && $4 == "main" && $2 ~ /debian\/?$/ && !found { print $2, $3; found = 1 }'
}

# image_is_current IMAGE KEY: whether it is there and made from the same inputs. While hosts are up on it, it stays.
image_is_current() {
    local image=$1 key=$2 made
    made=$(cat "$image.key" 2>/dev/null) || return 1
    [ "$made" = "$key" ] && return 0
    [ -n "$(layout)" ] || return 1
    progress "image: what ${image##*/} is made of has changed; it is made anew after \"containers/down\""
}

ensure_pristine_image() {
    local image=$cache/image/pristine log=$run/image.log key mirror suite
    key=$(printf '%s\n' "$image_packages" "$(declare -f settle_image)" | sha256sum | cut -c1-16)
    image_is_current "$image" "$key" && return 0
    read -r mirror suite < <(machine_mirror) || true
    [ -n "${suite:-}" ] || fail "could not read the machine's Debian mirror" "" "Run \"apt-get update\" and look at /etc/apt."
    remove_host_disks
    remove_image "$image"
    remove_image "$cache/image/prepared"
    mkdir -p "$cache/image"
    progress "image: making $image, which takes a minute"
    work debootstrap --variant=minbase --include="$image_packages" "$suite" "$image" "$mirror" >"$log" 2>&1 ||
        fail "could not make the root image" "$(tail -n 5 "$log")" "The whole log is \"$log\"."
    settle_image "$image" >>"$log" 2>&1
    echo "$key" >"$image.key"
}

# The key goes first: without it the image counts as not made. debootstrap may have left mounts if it was killed.
remove_image() {
    rm -f "$1.key"
    unmount_below "$1"
    rm -rf "$1"
}

unmount_below() {
    awk -v root="$1/" 'index($2, root) == 1 { print $2 }' /proc/mounts | sort -r |
        while read -r mount; do umount "$mount" || umount -l "$mount"; done
}

# Makes a minimal Debian boot quietly as a host: networkd, a journal that survives the loss of the host, no console logins.
settle_image() {
    local image=$1
    rm -f "$image/etc/machine-id" "$image/etc/hostname" "$image"/var/cache/apt/archives/*.deb
    : >"$image/etc/machine-id"
    echo 'LANG=C.UTF-8' >"$image/etc/locale.conf"
    mkdir -p "$image/var/log/journal" "$image/etc/systemd/journald.conf.d"
    printf '[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\n' >"$image/etc/systemd/journald.conf.d/pgha.conf"
    chroot "$image" systemctl --quiet enable systemd-networkd.service
    chroot "$image" systemctl --quiet mask getty.target console-getty.service systemd-resolved.service \
        systemd-networkd-wait-online.service systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer \
        systemd-pcrphase.service systemd-pcrphase-sysinit.service
}

# The pristine image and the packages of the bundle, and nothing started.
ensure_prepared_image() {
    local image=$cache/image/prepared log=$run/prepared.log key status=0
    key=$(cat "$cache/image/pristine.key" "$cache/bundle.key" <(declare -f install_bundle) | sha256sum | cut -c1-16)
    image_is_current "$image" "$key" && return 0
    remove_host_disks
    remove_image "$image"
    work cp -a "$cache/image/pristine" "$image"
    mkdir -p "$image/var/cache/pgha/bundle"
    mount --bind "$cache/bundle" "$image/var/cache/pgha/bundle"
    mount -t proc proc "$image/proc" # Java's package script looks for it
    install_bundle "$image" >"$log" 2>&1 || status=$?
    unmount_below "$image"
    [ "$status" = 0 ] || fail "could not make the prepared image" "$(tail -n 5 "$log")" "The whole log is \"$log\"."
    echo "$key" >"$image.key"
}

# Installs the bundle's packages into an image as "pgha-node install" would. "|| return": the caller looks at the status,
# and then "set -e" does not hold here.
install_bundle() {
    local image=$1 names apt
    echo 'create_main_cluster = false' >"$image/tmp/createcluster.conf"
    install -D -m 644 "$image/tmp/createcluster.conf" "$image/etc/postgresql-common/createcluster.d/pgha.conf" || return
    mkdir -p "$image/tmp/lists/partial"
    echo 'deb [trusted=yes] file:/var/cache/pgha/bundle/packages ./' >"$image/tmp/bundle.list"
    # Status 101 keeps package scripts from starting services (invoke-rc.d(8)).
    printf '#!/bin/sh\nexit 101\n' >"$image/usr/sbin/policy-rc.d"
    chmod 755 "$image/usr/sbin/policy-rc.d"
    apt=(chroot "$image" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends
        -o Dir::Etc::SourceList=/tmp/bundle.list -o Dir::Etc::SourceParts=- -o Dir::State::Lists=/tmp/lists
        -o APT::Sandbox::User=root)
    mapfile -t names < <(sed -n '/^packages:/,/^patroni:/p' "$cache/bundle.inputs" | grep -v ':$')
    work "${apt[@]}" update || return
    work "${apt[@]}" install "${names[@]}" || return
    rm -rf "$image/usr/sbin/policy-rc.d" "$image"/tmp/{bundle.list,createcluster.conf,lists}
    chroot "$image" systemctl --quiet disable haproxy.service postgresql.service patroni.service || true
}

# The hosts' disks lie over an image; they are worth nothing without it, nor is the configuration they share.
remove_host_disks() {
    local host
    for host in "$cache/hosts"/*/; do
        if [ -d "$host" ]; then end_host "$(basename "$host")"; fi
    done
    rm -rf "$cache/hosts" "$run/config"
}
