# shellcheck shell=bash
# What building and testing need: the Swift toolchain, Debian packages, a Python environment.
# Sourced by start.sh and test.sh; changes nothing until one of its functions is called.

# Stable package names: each pulls the library version of its own Debian or Ubuntu release.
# `curl` stands for the library the package manager is linked with.
BUILD_PACKAGES=(binutils ca-certificates curl g++ git libc6-dev libncurses6 libsqlite3-dev libxml2 pkg-config tzdata
    zlib1g-dev)

say() { printf '%s\n' "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

# shellcheck source=scripts/install-swift.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/install-swift.sh"
# shellcheck source=scripts/progress.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/progress.sh"

# Puts the toolchain on PATH; where there is none it is installed, or the reason told.
find_swift() {
    local folder
    for folder in "" "${SWIFT_HOME:+$SWIFT_HOME/usr/bin}" /opt/swift/usr/bin "${HOME:-/root}/.local/share/swiftly/bin" \
        "${HOME:-/root}/.swiftly/bin" /usr/local/swift/usr/bin /usr/share/swift/usr/bin /usr/libexec/swift/bin \
        /opt/swift-*/usr/bin "${HOME:-/root}"/swift-*/usr/bin "$(cached_swift || true)/usr/bin"; do
        if [[ -n $folder ]]; then
            [[ -x $folder/swift ]] || continue
            is_swift "$folder/swift" || continue
            PATH="$folder:$PATH"
            export PATH
            return 0
        elif command -v swift >/dev/null 2>&1 && is_swift swift; then
            return 0
        fi
    done
    install_swift
}

# Whether a program is Swift's compiler (OpenStack has a `swift`, too), and new enough.
is_swift() {
    local version
    version=$("$1" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
    [[ -n $version ]] || return 1
    local major=${version% *} minor=${version#* }
    ((major > 6 || (major == 6 && minor >= 2)))
}

# Runs a command as root, or fails where that cannot be had without a question.
as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
        sudo "$@"
    else
        return 1
    fi
}

# Prints those of the given Debian packages that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        # A transitional name (`g++` for `g++-12`) counts only when installed itself; apt then does little.
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
    done
}

# Installs Debian packages that are missing; on other systems, or without root, says what is needed.
install_packages() {
    if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then return 0; fi
    local missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} > 0)) || return 0
    if [[ ${GATEWAY_INSTALL:-yes} == no ]]; then
        say "These packages are missing, and --no-install forbids to install them: ${missing[*]}"
        return 1
    fi
    say "Installing Debian packages: ${missing[*]}"
    # Hundreds of lines that nobody reads, unless it fails.
    local log options=(-qq -o DPkg::Lock::Timeout=300)
    log=$(mktemp) || return 1
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" update >"$log" 2>&1 &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install -y --no-install-recommends \
            "${missing[@]}" >"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    tail -n 15 "$log" >&2
    rm -f "$log"
    say "These packages could not be installed. Run, as root:  apt-get install ${missing[*]}"
    return 1
}

# What the next boot starts.
enabled_units() { find /etc/systemd/system -type l -path '*.wants/*' 2>/dev/null | LC_ALL=C sort; }

# Installs packages of which only the programs are wanted: their services are not started, neither now nor at the next boot.
install_programs() {
    [[ -n $(missing_packages "$@") ]] || return 0
    local policy=/usr/sbin/policy-rc.d made="" status=0 before link
    before=$(enabled_units)
    if [[ ! -e $policy && ${GATEWAY_INSTALL:-yes} != no ]] &&
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"; then made=yes; fi
    install_packages "$@" || status=$?
    if [[ -n $made ]]; then as_root rm -f "$policy"; fi
    while read -r link; do
        say "${link##*/} is not started at boot."
        as_root rm -f "$link"
    done < <(LC_ALL=C comm -13 <(printf '%s\n' "$before") <(enabled_units))
    return "$status"
}

# Makes the virtual environment in which the test clients live.
prepare_python() {
    local folder=$1
    shift
    if [[ ! -x $folder/bin/pip ]]; then
        command -v python3 >/dev/null 2>&1 || install_packages python3 || return 1
        # Debian keeps ensurepip apart from python3.
        python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv || return 1
        say "Making a Python environment in $folder"
        python3 -m venv "$folder" || return 1
    fi
    # A file of requirements that has changed is installed again.
    local stamp argument requirements=(/dev/null)
    for argument in "$@"; do
        if [[ -f $argument ]]; then requirements+=("$argument"); fi
    done
    stamp="$folder/.installed-$({ printf '%s' "$*" && cat "${requirements[@]}"; } | cksum | cut -d ' ' -f 1)"
    if [[ ! -e $stamp ]]; then
        say "Installing Python packages: $*"
        "$folder/bin/pip" install --quiet --disable-pip-version-check --no-input "$@" >&2 || return 1
        : >"$stamp"
    fi
}

# Builds the release binary when sources are newer than the last build.
build_release() {
    local binary=.build/release/dashscope-gateway stamp=.build/release.stamp
    if [[ -x $binary && -e $stamp ]] && [[ -z $(find Package.swift Sources -newer "$stamp" -print -quit) ]]; then
        return 0
    fi
    install_packages "${BUILD_PACKAGES[@]}" || say "Going on without them; the build may tell what it misses."
    find_swift || return 1
    local started=$SECONDS
    if [[ -x $binary ]]; then
        say "The sources have changed: building again, what changed and what depends on it."
    else
        say "First build: packages are fetched and everything is compiled (README says how long that takes)."
    fi
    mkdir -p .build
    # The time before the build, so that an edit during the build makes the next start build again.
    : >"$stamp.new"
    run_build .build/release-build.log swift build -c release --product dashscope-gateway || return 1
    mv "$stamp.new" "$stamp"
    say "Built in $(clock $((SECONDS - started)))."
}
