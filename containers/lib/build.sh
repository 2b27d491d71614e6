# shellcheck shell=bash
# shellcheck disable=SC2154 # the names are those of common.sh
# What the hosts are made of: the machine's packages, the program, the bundle.

# ensure_packages LIST: installs what is missing of it.
ensure_packages() {
    local missing=() name list=$1 log=$run/packages.log status=0
    while read -r name; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || missing+=("$name")
    done < <(grep -vE '^(#|$)' "$list")
    [ ${#missing[@]} -gt 0 ] || return 0
    progress "packages: installing ${missing[*]}"
    forbid_starts
    # Somebody else may be installing something: wait for him (apt.conf(5)).
    { work apt-get update && work env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y \
        --no-install-recommends "${missing[@]}"; } \
        >"$log" 2>&1 || status=$?
    allow_starts
    [ "$status" = 0 ] || fail "could not install ${missing[*]}" "$(tail -n 5 "$log")" "The whole log is \"$log\"."
}

# A package that comes for its tools must not start its service on this machine: status 101 (invoke-rc.d(8)). A file of
# ours that a killed run has left is known by its mark.
start_policy=/usr/sbin/policy-rc.d
start_policy_mark='# made by containers/up, safe to remove'

forbid_starts() {
    [ ! -e "$start_policy" ] || return 0
    printf '#!/bin/sh\n%s\nexit 101\n' "$start_policy_mark" >"$start_policy"
    chmod 755 "$start_policy"
}

allow_starts() {
    if grep -qsxF "$start_policy_mark" "$start_policy"; then rm -f "$start_policy"; fi
}

# The user who called sudo: the build directory stays theirs.
builder() {
    if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then echo "$SUDO_USER"; else echo root; fi
}

# sudo resets PATH, so a toolchain outside the usual places is looked for where toolchains are put.
find_swift() {
    local candidate home
    home=$(getent passwd "$(builder)" | cut -d: -f6)
    for candidate in "$(command -v swift || true)" "$home/.local/share/swiftly/bin/swift" \
        /usr/local/swift*/usr/bin/swift /opt/*/usr/bin/swift; do
        if [ -n "$candidate" ] && [ -x "$candidate" ]; then
            echo "$candidate"
            return 0
        fi
    done
    fail "there is no Swift toolchain" "" "Install Swift 6.2 or newer and put \"swift\" in the PATH, or give --binary."
}

# Builds the release and sets "binary" to where the program is. PGHA_SWIFT_FLAGS adds flags.
build_binary() {
    local swift log=$run/build.log command
    swift=$(find_swift)
    # A build directory of its own: "swift test" keeps the other one locked while the tests on hosts run this.
    command=(runuser -u "$(builder)" -- env -C "$repo" "$swift" build --scratch-path .build-release
        -c release --static-swift-stdlib --product pgha-node)
    # Stripped: the symbols are half of the program, and it goes to every host.
    command+=(-Xlinker --strip-all)
    # shellcheck disable=SC2206 # one word a flag
    command+=(${PGHA_SWIFT_FLAGS:-})
    work "${command[@]}" >"$log" 2>&1 ||
        fail "could not build pgha-node" "$(grep -E 'error' "$log" | head -n 5)" "The whole log is \"$log\"."
    # shellcheck disable=SC2034 # up uses it
    binary=$("${command[@]}" --show-bin-path)/pgha-node
}

# Makes the bundle with the program; kept until the program would put something else into it.
ensure_bundle() {
    local binary=$1 log=$run/bundle.log inputs=$cache/bundle.inputs key
    "$binary" bundle --print-inputs >"$inputs.new" || fail "\"$binary bundle --print-inputs\" failed"
    key=$(sha256sum <"$inputs.new" | cut -c1-16)
    if [ "$(cat "$cache/bundle.key" 2>/dev/null)" = "$key" ] && [ -s "$cache/bundle/manifest.json" ]; then return 0; fi
    progress "bundle: downloading packages and Patroni"
    rm -rf "$cache/bundle.new" "$cache/bundle.key"
    work "$binary" bundle "$cache/bundle.new" >"$log" 2>&1 ||
        fail "could not make the bundle" "$(tail -n 5 "$log")" "The whole log is \"$log\"."
    # The directory itself stays: hosts that are up have it mounted.
    mkdir -p "$cache/bundle"
    find "$cache/bundle" -mindepth 1 -delete
    mv "$cache/bundle.new"/* "$cache/bundle/"
    rmdir "$cache/bundle.new"
    mv "$inputs.new" "$inputs"
    echo "$key" >"$cache/bundle.key"
}
