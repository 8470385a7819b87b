#!/usr/bin/env bash
# Installs the toolchain from a server that plays Swift's download site with a toolchain of this machine, well and badly.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh
# shellcheck source=scripts/servers.sh
source scripts/servers.sh
install_packages curl gpg gpg-agent gpgv python3
find_swift

platform=$(swift_platform) || die "there is no toolchain for this system to play with"
version=$(swift_version)
name=swift-$version-RELEASE-$platform
work=$(mktemp -d)
trap 'stop_servers; gpgconf --homedir "$work/gnupg" --kill all 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# A toolchain of a few bytes, which runs this machine's, signed by a key of its own.
folder=$work/site/swift-$version-release/${platform//./}/swift-$version-RELEASE
mkdir -p "$folder" "$work/$name/usr/bin" "$work/gnupg" "$work/site/keys"
chmod 700 "$work/gnupg"
printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v swift)" >"$work/$name/usr/bin/swift"
chmod 755 "$work/$name/usr/bin/swift"
head -c 200000 /dev/urandom >"$work/$name/usr/filler"
tar -czf "$folder/$name.tar.gz" -C "$work" "$name"
gpg=(gpg --homedir "$work/gnupg" --batch --quiet --pinentry-mode loopback --passphrase "")
"${gpg[@]}" --quick-generate-key "Test of the installation <test@example.org>" ed25519 sign never
"${gpg[@]}" --armor --export >"$work/site/keys/all-keys.asc"
"${gpg[@]}" --detach-sign --output "$folder/$name.tar.gz.sig" "$folder/$name.tar.gz"
fingerprint=$("${gpg[@]}" --with-colons --list-keys | awk -F: '$1 == "fpr" { print $10; exit }')

start_server site python3 Tests/Install/download_site.py "$work/site"

# install MODE [VARIABLE=VALUE…]: in a home of its own.
install() {
    local mode=$1
    shift
    env HOME="$work/home" XDG_CACHE_HOME= SWIFT_DOWNLOAD_URL="$SERVER_URL/$mode" SWIFT_SIGNING_KEY="$fingerprint" \
        SWIFT_KEYS_URL="$SERVER_URL/good/keys/all-keys.asc" "$@" \
        bash -euo pipefail -c 'source scripts/toolchain.sh; install_swift && swift --version' >"$work/output" 2>&1
}

failed=0 passed=0
# expect NAME STATUS REGEX: what the last installation said.
expect() {
    local installed=no
    if [[ -x $work/home/.cache/dashscope-gateway/swift-$version-$platform/usr/bin/swift ]]; then installed=yes; fi
    if [[ $status == "$2" ]] && grep -qE "$3" "$work/output" && [[ $installed == "$4" ]]; then
        passed=$((passed + 1))
        printf 'ok   %s\n' "$1"
    else
        failed=$((failed + 1))
        printf 'FAIL %s: status %s, installed %s; it said:\n' "$1" "$status" "$installed"
        cat "$work/output"
    fi
}
# try MODE VARIABLES…
try() {
    status=0
    install "$@" || status=$?
}

try good GATEWAY_INSTALL=no
expect "--no-install refuses, and names the other ways" 1 "no-install forbids it" no
printf 'ID=plan9\nVERSION_ID=4\n' >"$work/os-release"
try good OS_RELEASE="$work/os-release"
expect "a system without an official toolchain" 1 "no official Swift toolchain for this system" no
try missing
expect "a toolchain that is not there" 1 "is not at $SERVER_URL/missing" no
try damaged
expect "a damaged download" 1 "is not signed by Swift's key" no
try unsigned
expect "a download without a signature" 1 "signature could not be fetched" no
try good SWIFT_SIGNING_KEY=0000000000000000000000000000000000000000
expect "a signature of another key" 1 "is not signed by Swift's key 0000" no
try good SWIFT_SHA256=00
expect "another checksum than the known one" 1 "does not have the checksum" no
try short
expect "a download that is cut every time" 1 "goes on from there" no
try short
expect "the same again goes on where it stopped" 0 "Swift version" yes
grep -q "GET .*bytes=" .build/site.log || {
    failed=$((failed + 1))
    echo "FAIL no request asked for the rest of a file"
}
rm -rf "${work:?}/home"
try good SWIFT_SHA256="$(sha256sum "$folder/$name.tar.gz" | cut -d ' ' -f 1)"
expect "a good download" 0 "Swift version" yes
[[ ! -e $work/home/.cache/dashscope-gateway/download ]] || {
    failed=$((failed + 1))
    echo "FAIL the archive is left behind"
}

# What start.sh hands on, and what it says of a port.
run() { "$@" >"$work/output" 2>&1; }
start() {
    status=0
    run ./start.sh "$@" || status=$?
}
say_result() { # NAME STATUS REGEX
    if [[ $status == "$2" ]] && grep -qE "$3" "$work/output"; then
        passed=$((passed + 1))
        printf 'ok   %s\n' "$1"
    else
        failed=$((failed + 1))
        printf 'FAIL %s: status %s; it said:\n' "$1" "$status"
        head -n 20 "$work/output"
    fi
}
port=$(free_port)
start_server taken .build/release/dashscope-gateway emulate --host 127.0.0.1 --port
port=${SERVER_URL##*:}
start --help
say_result "start.sh --help is its own" 0 "no-install"
start serve --help
say_result "start.sh serve --help is the program's" 0 "Use the built-in emulator of DashScope"
start check-config --set server.port="$port"
say_result "check-config looks at no port" 0 "^server.port: $port"
start healthcheck --port "$port"
say_result "healthcheck asks the port that is in use" 1 "."
start --demo --port "$port"
say_result "serve says who has the port" 69 "port $port is in use"
start emulate --port "$port"
say_result "emulate, too" 69 "port $port is in use"
status=0
run .build/release/dashscope-gateway emulate --port "$port" || status=$?
say_result "the program itself ends with 69" 69 "$port"
status=0
run .build/release/dashscope-gateway emulate --port 0 --tls-key /dev/null || status=$?
say_result "emulate refuses half of a TLS pair" 78 "both"
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
