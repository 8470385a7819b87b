# shellcheck shell=bash
# Installs the official Swift toolchain of .swift-version into the user's cache folder. Sourced by toolchain.sh.
#
#   SWIFT_DOWNLOAD_URL   a mirror of https://download.swift.org
#   SWIFT_KEYS_URL       where Swift's public keys are (default https://www.swift.org/keys/all-keys.asc)
#   SWIFT_SIGNING_KEY    fingerprint of the key that must have signed (default: that of Swift 6)
#   SWIFT_SHA256         the archive's SHA-256, where it is known

# "Swift 6.x Release Signing Key", as the official images check it.
SWIFT_6_SIGNING_KEY=52BB7E3DE28A71BE22EC05FFEF80A866B47A981F
SWIFT_WORK=""

toolchain_cache() { printf '%s/dashscope-gateway' "${XDG_CACHE_HOME:-${HOME:-/root}/.cache}"; }

swift_version() { head -n 1 "$(dirname -- "${BASH_SOURCE[0]}")/../.swift-version"; }

# The word of the download site for this distribution; fails where there is no toolchain. OS_RELEASE names another file.
swift_platform() {
    local ID="" VERSION_ID="" suffix=""
    # shellcheck disable=SC1090
    source "${OS_RELEASE:-/etc/os-release}" 2>/dev/null || return 1
    case $(uname -m) in
        x86_64) ;;
        aarch64 | arm64) suffix=-aarch64 ;;
        *) return 1 ;;
    esac
    case $ID:$VERSION_ID in
        debian:12 | ubuntu:22.04 | ubuntu:24.04 | amzn:2 | amzn:2023) ;;
        fedora:39 | fedora:4?) VERSION_ID=39 ;;
        rhel:9* | rocky:9* | almalinux:9* | centos:9) ID=ubi VERSION_ID=9 ;;
        *) return 1 ;;
    esac
    if [[ $ID == amzn ]]; then ID=amazonlinux; fi
    printf '%s%s%s' "$ID" "$VERSION_ID" "$suffix"
}

# Where the toolchain of this project is, or would be.
cached_swift() {
    local platform
    platform=$(swift_platform) || return 1
    printf '%s/swift-%s-%s' "$(toolchain_cache)" "$(swift_version)" "$platform"
}

say_other_ways() {
    say "Without a toolchain there are two ways:"
    say "  the container:           docker compose up --build        (it compiles inside)"
    say "  a ready-made program:    scripts/package.sh makes an archive and a Python wheel on a machine that has Swift"
    say "A toolchain can also be unpacked by hand, from https://www.swift.org/install/linux/ to /opt/swift."
}

# Installs the toolchain and puts it on PATH.
install_swift() {
    local folder platform version site archive
    if ! platform=$(swift_platform); then
        say "There is no official Swift toolchain for this system."
        say_other_ways
        return 1
    fi
    version=$(swift_version)
    folder=$(cached_swift)
    if [[ ${GATEWAY_INSTALL:-yes} == no ]]; then
        say "Swift $version would be installed into $folder; --no-install forbids it."
        say_other_ways
        return 1
    fi
    install_packages ca-certificates curl gpgv gpg tar gzip || return 1
    site=${SWIFT_DOWNLOAD_URL:-https://download.swift.org}/swift-$version-release/${platform//./}
    archive=$site/swift-$version-RELEASE/swift-$version-RELEASE-$platform.tar.gz
    SWIFT_WORK=$(toolchain_cache)/download
    mkdir -p "$SWIFT_WORK" || return 1
    local file=$SWIFT_WORK/${archive##*/}
    if ! fetch_swift "$archive" "$file" "$folder" || ! unpack_swift "$file" "$folder"; then
        say_other_ways
        return 1
    fi
    PATH=$folder/usr/bin:$PATH
    export PATH
}

# fetch_swift ADDRESS FILE FOLDER: says what it does, goes on with a download that was cut, checks size, checksum, signature.
fetch_swift() {
    local address=$1 file=$2 size="" have attempt options=(--fail --location --retry 2 --connect-timeout 20)
    if curl "${options[@]}" --silent --show-error --head "$address" >"$SWIFT_WORK/head" 2>"$SWIFT_WORK/curl.log"; then
        size=$(tr -d '\r' <"$SWIFT_WORK/head" | sed -nE 's/^content-length: *([0-9]+)$/\1/Ip' | tail -n 1)
    fi
    if [[ -z $size ]]; then
        say "The toolchain is not at $address: $(tail -n 1 "$SWIFT_WORK/curl.log")"
        return 1
    fi
    have=$(stat -c %s "$file.part" 2>/dev/null || echo 0)
    if ((have > size)); then
        rm -f "$file.part"
        have=0
    fi
    say "No Swift toolchain is here. Swift $(swift_version) comes from"
    say "  $address"
    say "  $(megabytes $((size - have))) to fetch$( ((have == 0)) || echo " ($(megabytes "$have") are here)"), about four times as much on disk, into"
    say "  $3"
    local free
    free=$(df -Pk "$SWIFT_WORK" | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')
    if ((free < size * 5)); then
        say "That disk has only $(megabytes "$free") free."
        return 1
    fi
    if [[ -t 2 ]]; then options+=(--progress-bar); else options+=(--silent --show-error); fi
    for attempt in 1 2 3; do
        have=$(stat -c %s "$file.part" 2>/dev/null || echo 0)
        if ((have == size)); then break; fi
        curl "${options[@]}" --continue-at - --output "$file.part" "$address" || true
    done
    have=$(stat -c %s "$file.part" 2>/dev/null || echo 0)
    if ((have != size)); then
        say "The download ended after $(megabytes "$have") of $(megabytes "$size") ($attempt attempts). The same command goes on from there."
        return 1
    fi
    if [[ -n ${SWIFT_SHA256:-} ]] && ! sha256sum --status --check - <<<"$SWIFT_SHA256  $file.part"; then
        rm -f "$file.part"
        say "The download does not have the checksum $SWIFT_SHA256 and was deleted: it is damaged, or another file."
        return 1
    fi
    if ! is_signed "$address" "$file.part"; then
        rm -f "$file.part"
        say "The download was deleted. The same command fetches it again."
        return 1
    fi
    mv "$file.part" "$file"
}

megabytes() { printf '%d MB' $((($1 + 999999) / 1000000)); }

# is_signed ADDRESS FILE: whether Swift's key signed it.
is_signed() {
    local address=$1 file=$2 key=${SWIFT_SIGNING_KEY:-$SWIFT_6_SIGNING_KEY}
    local keys=${SWIFT_KEYS_URL:-https://www.swift.org/keys/all-keys.asc}
    if ! curl --fail --location --silent --show-error --retry 2 --output "$SWIFT_WORK/keys.asc" "$keys" ||
        ! curl --fail --location --silent --show-error --retry 2 --output "$SWIFT_WORK/archive.sig" "$address.sig"; then
        say "Its signature could not be fetched."
        return 1
    fi
    rm -f "$SWIFT_WORK/keys.gpg"
    gpg --batch --quiet --yes --dearmor --output "$SWIFT_WORK/keys.gpg" "$SWIFT_WORK/keys.asc" || return 1
    # The last word of VALIDSIG is the primary key; a key that expired after it signed is as good as before.
    gpgv --keyring "$SWIFT_WORK/keys.gpg" --status-fd 1 "$SWIFT_WORK/archive.sig" "$file" 2>"$SWIFT_WORK/gpgv.log" |
        grep -qE "^\[GNUPG:\] VALIDSIG .* $key\$" && return 0
    say "It is not signed by Swift's key $key: $(grep -v 'Signature made' "$SWIFT_WORK/gpgv.log" | tail -n 1)"
    return 1
}

# unpack_swift FILE FOLDER: beside it first, so that a folder that is there is complete.
unpack_swift() {
    local file=$1 folder=$2
    say "Signature is good. Unpacking …"
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    if ! tar -xzf "$file" -C "$folder.new" --strip-components=1 --no-same-owner || ! is_swift "$folder.new/usr/bin/swift"; then
        rm -rf "$folder.new"
        say "The toolchain does not run on this system."
        return 1
    fi
    rm -rf "$folder"
    mv "$folder.new" "$folder"
    rm -rf "$SWIFT_WORK"
}
