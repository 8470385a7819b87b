#!/usr/bin/env bash
# Makes what can be installed without a compiler, from the release program, in dist/:
#
#   dashscope-gateway-VERSION-linux-ARCH.tar.gz     the program, stripped, with licences; its checksum beside it
#   dashscope_gateway-VERSION-py3-none-….whl        a Python wheel with the program and `dashscope_gateway.run()`
#   image/                                          the context of the container image
#
# scripts/system-packages.sh makes a .deb and an .rpm, scripts/image.sh an image.
#
#   scripts/package.sh [FOLDER]
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/toolchain.sh
source scripts/toolchain.sh

case ${1:-} in
    --help | -h) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit 0 ;;
    -*) die "unknown argument: $1" ;;
esac
output=${1:-dist}
[[ $(uname -s) == Linux ]] || die "packages are made on Linux, where the release program holds the Swift runtime"
for tool in readelf strip; do
    command -v "$tool" >/dev/null 2>&1 || install_packages binutils || exit 1
done
command -v python3 >/dev/null 2>&1 || install_packages python3 || exit 1
build_release || die "the build failed; the lines above say why"

# The libraries that every Linux with glibc has, or that its package manager needs itself.
SYSTEM_LIBRARIES="ld-linux-x86-64.so.2 ld-linux-aarch64.so.1 libc.so.6 libgcc_s.so.1 libm.so.6 libstdc++.so.6"

# newest PREFIX: the newest version of the symbols that the program wants of a library.
newest() { sed -nE "s/.*\b$1_([0-9]+(\.[0-9]+)+).*/\1/p" <<<"$symbols" | sort -Vu | tail -n 1; }

arch=$(uname -m)
version=$(sed -n 's/.*current = "\(.*\)"/\1/p' Sources/Gateway/GatewayVersion.swift)
[[ -n $version ]] || die "Sources/Gateway/GatewayVersion.swift names no version"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=dashscope-gateway-$version-linux-$arch
folder=$work/$name
mkdir -p "$folder" "$output"
install -m 755 .build/release/dashscope-gateway "$folder/dashscope-gateway"
strip --strip-all "$folder/dashscope-gateway"
built=$("$folder/dashscope-gateway" --version)
[[ $built == "$version" ]] || die "the program says version $built, the sources $version"

needed=$(readelf -dW "$folder/dashscope-gateway" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
for library in $needed; do
    [[ " $SYSTEM_LIBRARIES " == *" $library "* ]] || die "the program needs $library, which not every system has"
done
symbols=$(readelf -VW "$folder/dashscope-gateway")
glibc=$(newest GLIBC)
libstdcxx=$(newest GLIBCXX)
[[ -n $glibc && -n $libstdcxx ]] || die "readelf does not tell which glibc the program needs"

# The licences ask that they travel with the program.
cp LICENSE NOTICE README.md README.zh-CN.md "$folder/"
python3 scripts/sbom.py "$version" "$folder/dashscope-gateway" >"$folder/sbom.spdx.json"

archive=$output/$name.tar.gz
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@1577836800 -C "$work" -cf - "$name" | gzip -n >"$archive"
(cd "$output" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
rm -f "$output"/dashscope_gateway-*.whl
wheel=$(python3 packaging/python/make_wheel.py "$folder/dashscope-gateway" "$version" \
    "manylinux_${glibc/./_}_$arch" "$output" NOTICE LICENSE)
rm -rf "$output/image"
install -D -m 755 "$folder/dashscope-gateway" "$output/image/dashscope-gateway"
cp Dockerfile.prebuilt "$output/image/Dockerfile"

size() { du -h --apparent-size "$1" | cut -f 1; }
cat <<TEXT
$archive ($(size "$archive"))
$wheel ($(size "$wheel"))
$output/image: docker build -t dashscope-gateway $output/image

The program needs glibc $glibc and libstdc++ with GLIBCXX_$libstdcxx or newer (RHEL 9, Debian 12, Ubuntu 22.04), nothing else.
TEXT
