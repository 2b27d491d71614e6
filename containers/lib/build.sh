# shellcheck shell=bash
# What the hosts are made of: the machine's packages, the program, the bundle.

wanted_packages() { grep -vE '^(#|$)' "$repo/containers/packages.txt"; }

ensure_packages() {
    local missing=() name
    for name in $(wanted_packages); do
        dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    mkdir -p "$run"
    # A package that comes for its tools must not start its service on this machine.
    local policy=/usr/sbin/policy-rc.d ours=
    if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && ours=1; fi
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } \
        >"$run/packages.log" 2>&1 || {
        [ -z "$ours" ] || rm -f "$policy"
        fail "could not install ${missing[*]}" "$(tail -n 5 "$run/packages.log")"
    }
    [ -z "$ours" ] || rm -f "$policy"
}

# sudo resets PATH, so a toolchain outside the usual places is looked for where toolchains are put.
find_swift() {
    local candidate
    for candidate in "$(command -v swift || true)" /usr/local/swift/usr/bin/swift /opt/swift*/usr/bin/swift \
        "${SUDO_USER:+/home/$SUDO_USER/.local/share/swiftly/bin/swift}"; do
        if [ -n "$candidate" ] && [ -x "$candidate" ]; then
            echo "$candidate"
            return 0
        fi
    done
    fail "there is no Swift toolchain" "" "Install Swift 6.2 or newer and put \"swift\" in the PATH."
}

# Builds the release and prints where the program is.
build_binary() {
    local swift flags=(-c release --static-swift-stdlib --product pgha-node)
    swift=$(find_swift)
    mkdir -p "$run"
    (cd "$repo" && "$swift" build "${flags[@]}") >"$run/build.log" 2>&1 ||
        fail "could not build pgha-node" "$(grep -E 'error' "$run/build.log" | head -n 5)" "The whole log is \"$run/build.log\"."
    echo "$(cd "$repo" && "$swift" build "${flags[@]}" --show-bin-path)/pgha-node"
}

# Makes the bundle with the program; kept until the program would put something else into it.
ensure_bundle() {
    local binary=$1 key
    "$binary" bundle --print-inputs >"$cache/bundle.inputs.new"
    key=$(sha256sum <"$cache/bundle.inputs.new" | cut -c1-16)
    if [ "$(cat "$cache/bundle.key" 2>/dev/null)" = "$key" ] && [ -s "$cache/bundle/manifest.json" ]; then return 0; fi
    rm -rf "$cache/bundle.new" "$cache/bundle.key"
    "$binary" bundle "$cache/bundle.new" >"$run/bundle.log" 2>&1 ||
        fail "could not make the bundle" "$(tail -n 5 "$run/bundle.log")"
    # The directory itself stays: hosts that are up have it mounted.
    mkdir -p "$cache/bundle"
    find "$cache/bundle" -mindepth 1 -delete
    mv "$cache/bundle.new"/* "$cache/bundle/"
    rmdir "$cache/bundle.new"
    mv "$cache/bundle.inputs.new" "$cache/bundle.inputs"
    echo "$key" >"$cache/bundle.key"
}
