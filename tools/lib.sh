# SPDX-License-Identifier: GPL-3.0-or-later
# What the scripts of this folder share. Source it; it runs nothing by itself.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$project" || exit 1

say() { printf '\n== %s\n' "$*"; }

# step NAME COMMAND…: runs a step and prints what it took.
step() {
    local name=$1 start=$SECONDS
    shift
    say "$name"
    if "$@"; then
        printf '== %s: done in %d s\n' "$name" $((SECONDS - start))
    else
        local status=$?
        printf '== %s: FAILED (exit %d) after %d s\n' "$name" "$status" $((SECONDS - start)) >&2
        return "$status"
    fi
}

need_swift() {
    if ! command -v swift >/dev/null; then
        cat >&2 <<'END'
nattro is written in Swift 6.2 or later, and no `swift` is on the PATH.
Install it for Debian 12 from https://www.swift.org/install/linux/ (the swiftly tool does it in one line), then run this again.
END
        return 1
    fi
    swift --version 2>&1 | head -n 1
}

# need_packages PACKAGE…: installs the Debian packages that are missing.
need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        echo "Debian packages: all there ($*)"
        return 0
    fi
    echo "Debian packages to install: ${missing[*]}"
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Run as root: apt-get install ${missing[*]}" >&2
            return 1
        fi
        root=(sudo)
    fi
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

build_packages=(libfftw3-dev libgsl-dev libisal-dev libsqlite3-dev libusb-1.0-0-dev libzip-dev pkg-config)
test_packages=(python3 python3-numpy udev umockdev)
virtual_usb_packages=(libumockdev-dev umockdev libusb-1.0-0-dev pkg-config gcc libc6-dev make python3 python3-numpy)
oracle_packages=(gcc libc6-dev libedf-dev python3 python3-venv default-jre-headless)
browser_packages=(chromium python3 python3-venv)
